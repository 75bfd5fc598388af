"""Science A, check 1: lag, gain and error behind one frequency."""

import math

import pytest

from adaptsim import measures, theory

from .claims import exactly, printed, ran, row, value

RATES = [0.05, 0.1, 0.3, 1.5]
AMPLITUDE = 2.0
CASES = [  # rate, period, gain, lag, squared error over squared amplitude
    (0.1, 50, "0.642910", "7.456342", "0.325926"),
    (0.3, 20, "0.753491", "2.828242", "0.308751"),
    (1.5, 20, "1.011057", "0.667895", None),
    (0.05, 200, "0.852798", "17.996764", None),
]


@pytest.fixture(scope="module")
def runs():
    environments = {
        period: {"kind": "Sinusoid", "amplitude": AMPLITUDE, "period": float(period), "mean": 3.0}
        for period in (20, 50, 200)
    }
    return {
        period: ran(environment, {"kind": "Tracker"}, RATES, steps=2000)
        for period, environment in environments.items()
    }


@pytest.mark.parametrize(("rate", "period", "gain", "lag", "error"), CASES)
def test_a_tone_is_followed_as_the_closed_form_says(runs, rate, period, gain, lag, error):
    result, omega = runs[period], 2 * math.pi / period
    assert value(result, "gain", rate) == printed(gain)
    assert value(result, "phase_lag", rate) == printed(lag)
    assert value(result, "gain", rate) == exactly(theory.tracker.gain(rate, omega))
    assert value(result, "phase_lag", rate) == exactly(theory.tracker.phase_lag(rate, omega))
    mse = value(result, "tracking_mse", rate)
    assert mse == exactly(theory.tracker.tone_mse(rate, omega, amplitude=AMPLITUDE))
    if error:
        assert mse / AMPLITUDE**2 == printed(error)


@pytest.mark.parametrize(("rate", "period", "gain", "lag", "error"), CASES)
def test_the_jacobian_alone_says_the_same(runs, rate, period, gain, lag, error):
    assert value(runs[period], "linear_gain", rate) == printed(gain)
    assert value(runs[period], "linear_phase_lag", rate) == printed(lag)


def test_a_learner_that_has_seen_the_present_lags_one_step_less(runs):
    followed = runs[20].trajectory.of("trait", RATES.index(0.3))
    lag = measures.phase_lag(
        followed.output[1001:],
        followed.drive[1000:-1],
        20.0,
        convention="post-update",
        deterministic=True,
    )
    assert lag.value == printed("1.828242")


def test_every_lag_names_its_convention(runs):
    assert row(runs[20], "phase_lag", 0.3)["convention"] == "pre-update"
