"""Comparisons: what a page shows, from and to a link, whatever a browser says."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
import tomli_w

from adaptsim import scenarios
from adaptsim.dashboard.controls import shown_fields
from adaptsim.dashboard.limits import MOST_INDIVIDUALS
from adaptsim.dashboard.slider_range import slider_range
from adaptsim.dashboard.track.comparison import begin, from_query
from adaptsim.part import Part, WrongField
from adaptsim.schema import WrongRequest, catalogue

SCENARIOS = ("tracker_tone", "thermostat_delay", "predator_two_prey", "synapse_bcm")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_link_brings_everything_back(name):
    shown = begin(name).changed(None, "seed", 7).changed(0, "rule.learning_rate", 0.015)
    shown = shown.changed(None, "agent.observation_noise", 0.25).changed(None, "speed", 100)
    again, problems = from_query(shown.query(), "thermostat_story")
    assert not problems
    assert again.query() == shown.query()
    assert again.runs[0].rule.learning_rate == 0.015
    assert {one.agent.observation_noise for one in again.runs} == {0.25}


def test_groups_of_a_scenario_become_runs_side_by_side():
    runs = begin("thermostat_rates").runs
    assert [one.rule.learning_rate for one in runs] == [0.1, 0.3, 1.5, 2.2]
    assert {one.size for one in runs} == {1}
    assert len({id(one.environment) for one in runs}) == 1


def test_another_kind_keeps_what_both_have():
    shown = begin("tracker_noise").changed(0, "rule.kind", "Momentum")
    rule = shown.runs[0].rule
    assert type(rule).__name__ == "Momentum"
    assert rule.learning_rate == begin("tracker_noise").runs[0].rule.learning_rate
    again, problems = from_query(shown.query(), "tracker_tone")
    assert (type(again.runs[0].rule).__name__, problems) == ("Momentum", [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rule.learning_rate", "nan"),
        ("rule.learning_rate", "__import__('os')"),
        ("rule.learning_rate", None),
        ("rule.learning_rate", [1.0]),
        ("rule.kind", "os:system"),
        ("rule.kind", "../own.py:Rule"),
        ("rule.__class__", "1"),
        ("rule", "1"),
        ("environment.path", "/etc/passwd"),
        ("agent.curvature", 0.0),
        ("size", "many"),
        ("speed", "inf"),
        ("shown", "<script>"),
        ("name", "x"),
        ("", ""),
    ],
)
def test_nothing_else_gets_in(name, value):
    shown = begin("tracker_noise")
    with pytest.raises(WrongRequest):
        shown.changed(None, name, value)


def test_numbers_beyond_limits_are_brought_back():
    shown = begin("tracker_noise")
    assert shown.changed(None, "size", 1e99).runs[0].size == MOST_INDIVIDUALS
    assert shown.changed(None, "size", -3).runs[0].size == 1
    assert shown.changed(0, "agent.observation_noise", -5).runs[0].agent.observation_noise == 0
    assert shown.changed(0, "rule.learning_rate", -1).runs[0].rule.learning_rate == 0
    assert shown.changed(0, "agent.feedback_delay", 1e30).runs[0].agent.feedback_delay == 1000
    assert shown.changed(None, "speed", 37).speed == 25


@pytest.mark.parametrize(
    "query",
    [
        "scenario=../../etc/passwd",
        "scenario=nonsense&runs=9",
        "scenario=evolving_rate",
        "%%%&&&=",
        "a" * 10_000,
        "&".join(f"x{i}=1" for i in range(1000)),
        "runs=nan&e.rule.x=1",
        "runs=1e9",
        None,
    ],
)
def test_any_query_shows_something(query):
    shown, _ = from_query(query, "thermostat_story")
    assert 1 <= len(shown.runs) <= 4


def test_what_is_on_screen_is_a_scenario():
    shown, _ = from_query("scenario=tracker_tone&runs=3&size=2&b.rule.learning_rate=0.5", "x")
    told = tomllib.loads(tomli_w.dumps(shown.table()))
    read = scenarios.from_table(told)
    assert read.size == 6
    assert read.rule.learning_rate[2:4].tolist() == [0.5, 0.5]
    assert shown.changed(1, "rule.kind", "Momentum").table() is None


def own_limits(part, declared, end):
    """Return the field that refuses an end of its slider, beyond what its declaration says."""
    try:
        part.replace(**{declared.name: end})
    except WrongField as error:
        return {f"{type(part).__name__}.{error.field}"}
    return set()


@pytest.mark.parametrize("family", ["rule", "agent", "environment", "schedule"])
def test_every_slider_of_every_part_keeps_the_limits_of_its_field(family):
    refused = set()
    for kind in catalogue(family).values():
        if any(one.default is dataclasses.MISSING for one in dataclasses.fields(kind) if one.init):
            continue
        try:
            part = kind()
        except (TypeError, ValueError):
            continue
        for declared in shown_fields(part):
            value = getattr(part, declared.name)
            if isinstance(value, Part | bool | str):
                continue
            offered = slider_range(declared, float(value))
            for end in (offered.low, offered.high):
                refused |= own_limits(part, declared, int(end) if offered.whole else end)
    assert refused <= {"AutoRegressive.correlation"}
