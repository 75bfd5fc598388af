"""Units of measures and parameters are those that runs and parts declare."""

from __future__ import annotations

import pytest

import adaptsim
from adaptsim.documents.units import MEASURES, units_of

SHORT = {
    "tracker_tone": {"population.size": 2},
    "tracker_step": {},
    "tracker_ramp": {},
    "tracker_noise": {"steps": 400},
    "tracker_autoregressive": {"steps": 400, "replicates": 3},
    "evolving_rate": {"evolution.generations": 3, "replicates": 2},
    "predator_community": {"steps": 50},
    "predator_voles": {"steps": 60, "replicates": 1},
    "recommender_users": {"steps": 200, "replicates": 2},
    "synapse_delta": {"steps": 60},
    "thermostat_delay": {},
}
SCENARIO = {
    "environment": {"kind": "Sinusoid"},
    "rule": {"kind": "Methylated", "rule": {"kind": "Momentum"}},
    "agent": {"kind": "no such kind"},
}


def test_units_of_parameters_are_those_of_the_parts():
    names = ["environment.period", "rule.rule.momentum", "agent.x", "steps", "nothing.at.all"]
    found = units_of(names, [], SCENARIO)
    assert found == {"environment.period": "steps", "rule.rule.momentum": "1", "steps": "steps"}


def test_units_of_measures_name_the_second_variable():
    found = units_of([], ["tracking_mse", "preference.tracking_mse[0.1]", "own"], None)
    assert found == {"tracking_mse": "trait^2", "preference.tracking_mse[0.1]": "preference^2"}


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SHORT)
def test_units_of_measures_are_those_of_runs(scenario):
    found = {
        row.measure: row.unit.replace(row.variable, "trait") if row.variable else row.unit
        for row in adaptsim.run(scenario, SHORT[scenario]).table.itertuples()
    }
    assert {name: MEASURES.get(name) for name in found} == found
