"""Trajectory: what is kept of a run, individually or in groups."""

import numpy as np
import pytest

from adaptsim import Constant, GradientDescent, Sinusoid, Tracker, simulate

RATES = np.repeat([0.1, 0.4], 50)


@pytest.fixture(scope="module")
def both():
    told = {"size": 100, "steps": 30, "seed": 3, "replicates": 2}
    parts = Tracker(observation_noise=0.3), GradientDescent(learning_rate=RATES), Sinusoid()
    return [simulate(*parts, **told, record=how) for how in ("individuals", "statistics")]


def test_statistics_are_those_of_the_individuals(both):
    single, grouped = both
    for group in (0, 1):
        each, mean = single.of("trait", group), grouped.of("trait", group)
        error = (each.output - each.target) ** 2
        assert mean.output[..., 0] == pytest.approx(each.output.mean(axis=-1), abs=1e-12)
        assert mean.spread[..., 0] == pytest.approx(each.output.var(axis=-1), abs=1e-12)
        assert mean.squared_error[..., 0] == pytest.approx(error.mean(axis=-1), abs=1e-12)
    assert not grouped.individually


def test_the_table_has_one_row_per_replicate_step_and_individual_or_group(both):
    single, grouped = (run.table().to_pandas() for run in both)
    assert len(single) == 2 * 30 * 100
    assert len(grouped) == 2 * 30 * 2
    row = single.query("replicate == 1 and step == 7 and individual == 60").iloc[0]
    assert row["trait"] == both[0].followed["trait"].output[7, 1, 60]
    assert row["group"] == "0.4"
    assert {"trait_spread", "trait_squared_error"} <= set(grouped.columns)


def test_large_runs_keep_statistics_by_themselves():
    run = simulate(Tracker(), GradientDescent(), Constant(), size=200_000, steps=30)
    assert run.rows is None
    assert run.excess.shape == (30, 1, 1)


def test_what_is_tracked_keeps_the_order_of_the_kind():
    from adaptsim import Thermostat

    run = simulate(Thermostat(room=True), GradientDescent(), Constant(value=20.0), steps=5)
    assert list(run.followed) == ["setpoint", "room"]
