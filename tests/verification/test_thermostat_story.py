"""Science C, checks 1 and 2: the dial that is learnt, told always, or rarely and inexactly."""

import numpy as np
import pytest

from .claims import agree, printed, ran, row

RATES = [0.3, 1.5, 2.0, 2.2]
STORY = {
    0.3: [5, 6.5, 7.55, 8.285, 8.7995, 9.15965],
    1.5: [5, 12.5, 8.75, 10.625],
    2.0: [5, 15, 5, 15],
    2.2: [5, 16, 2.8, 18.64, -0.368],
}


@pytest.fixture(scope="module")
def story():
    return ran(
        {"kind": "Constant", "value": 10.0},
        {"kind": "Thermostat", "start_at": 5.0},
        RATES,
        steps=60,
    )


@pytest.mark.parametrize("rate", RATES)
def test_the_story_degree_by_degree(story, rate):
    setpoint = story.trajectory.of("setpoint", RATES.index(rate)).output[:, 0, 0]
    assert setpoint[: len(STORY[rate])] == pytest.approx(STORY[rate], rel=1e-12)
    time = np.arange(60)
    assert setpoint == pytest.approx(10 - 5 * (1 - rate) ** time, rel=1e-9)


def test_only_the_boldest_diverges(story):
    diverged = story.table[story.table["measure"] == "diverged_at"]
    assert diverged["group"].tolist() == ["2.2"]
    unstable = story.table[story.table["flag"] == "unstable"]
    assert unstable["group"].unique().tolist() == ["2.2"]


RARE = {
    "kind": "Thermostat",
    "start_at": 5.0,
    "observation_probability": 0.2,
    "observation_noise": 0.5**0.5,
}


@pytest.fixture(scope="module")
def told_rarely():
    constant = {"kind": "Constant", "value": 10.0}
    return ran(constant, RARE, 0.4, size=2000, steps=500, seed=5, burn_in=260)


def test_the_mean_of_rare_overrides(told_rarely):
    setpoint = told_rarely.trajectory.of("setpoint", 0).output[:, 0]
    assert agree(setpoint[30], 9.590169)
    assert 10 - 5 * (1 - 0.2 * 0.4) ** 30 == printed("9.590169")


def test_the_spread_of_rare_overrides(told_rarely):
    found = row(told_rarely, "stationary_variance", variable="setpoint")
    assert found["theory"] == printed("0.125")
    setpoint = told_rarely.trajectory.of("setpoint", 0).output[260:, 0]
    assert agree(((setpoint - 10) ** 2).mean(axis=0), found["theory"])


def test_the_rise_of_rare_overrides(told_rarely):
    found = row(told_rarely, "rise_time_63", variable="setpoint")
    assert found["theory"] == printed("11.9931")
    setpoint = told_rarely.trajectory.of("setpoint", 0).output[:, 0]
    for step in (11, 12):  # the mean crosses between these two whole steps
        assert agree((setpoint[step] - 5) / 5, 1 - np.exp(-step / found["theory"]))


def test_rare_overrides_of_a_drifting_preference():
    walk = {"kind": "RandomWalk", "drift_variance": 0.01, "start_at": 10.0}
    result = ran(walk, RARE, 0.4, size=4, steps=3000, replicates=40, seed=6, burn_in=300)
    found = row(result, "tracking_mse", variable="setpoint")
    assert found["theory"] == printed("0.203125")
    one = result.trajectory.of("setpoint", 0)
    error = ((one.output - one.target)[300:] ** 2).mean(axis=(0, 2))
    assert agree(error, found["theory"])
