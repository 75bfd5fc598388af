"""Science B.2, check 1: a predator whose log preference follows two prey out of phase."""

import math

import numpy as np
import pytest

from adaptsim import theory

from .claims import exactly, printed, ran, row, to_zero, value

STEPS_PER_TIME = [4, 8, 16, 32]
CASES = [  # rate, period, amplitude, matching, lag, amplitude of the logit
    (0.2, 50.0, 1.0, 1.0, "4.464154", "0.846733"),
    (0.05, 100.0, 1.2, 2.0, "14.302254", "1.494425"),
    (1.0, 24.0, 0.8, 1.0, "0.978050", None),
]


def hunted(rate, period, amplitude, matching, per_time, periods=16):
    environment = {"kind": "PreyCycle", "period": period * per_time, "amplitude": amplitude}
    gain = -math.expm1(-rate / per_time)
    agent = {"kind": "Forager", "matching": matching}
    return ran(environment, agent, gain, steps=round(periods * period * per_time))


@pytest.fixture(scope="module")
def hunts():
    return {case: [hunted(*case[:4], n) for n in STEPS_PER_TIME] for case in CASES[:2]} | {
        CASES[2]: [hunted(*CASES[2][:4], n) for n in STEPS_PER_TIME]
    }


@pytest.mark.parametrize("case", CASES)
def test_lag_and_amplitude_are_the_limit_of_short_steps(hunts, case):
    rate, period, amplitude, matching, lag, size = case
    found = hunts[case]
    lags = [
        value(one, "phase_lag", variable="logit") / n
        for one, n in zip(found, STEPS_PER_TIME, strict=True)
    ]
    sizes = [matching * amplitude * value(one, "gain", variable="logit") for one in found]
    assert to_zero(lags) == printed(lag)
    if size:
        assert to_zero(sizes) == printed(size)
    omega = 2 * math.pi / period
    assert to_zero(lags) == exactly(theory.forager.preference_lag(rate, omega))
    expected = theory.forager.logit_amplitude(rate, omega, amplitude=amplitude, exponent=matching)
    assert to_zero(sizes) == exactly(expected)


@pytest.mark.parametrize("case", CASES)
def test_every_run_has_the_closed_form_of_its_own_steps(hunts, case):
    for result in hunts[case]:
        for measure in ("phase_lag", "gain", "tracking_mse"):
            found = row(result, measure, variable="logit")
            assert found["value"] == exactly(found["theory"])


def test_the_mean_square_mismatch(hunts):
    errors = [value(one, "tracking_mse", variable="logit") for one in hunts[CASES[0]]]
    assert to_zero(errors) == printed("0.141522")


def test_the_range_of_the_preference(hunts):
    def extremes(case):
        finest = hunts[case][-1]
        preference = finest.trajectory.followed["preference"].output[:, 0, 0]
        return preference[len(preference) // 2 :]

    sizes = [value(one, "gain", variable="logit") for one in hunts[CASES[0]]]
    largest = 1 / (1 + math.exp(-to_zero(sizes)))
    assert largest == printed("0.699881")
    assert 1 - largest == pytest.approx(0.300119, abs=1e-6)
    sizes = [2.4 * value(one, "gain", variable="logit") for one in hunts[CASES[1]]]
    assert 1 / (1 + math.exp(-to_zero(sizes))) == printed("0.816741")
    # What was simulated swings as far as the logit it came from.
    own = 1 / (1 + math.exp(-value(hunts[CASES[0]][-1], "gain", variable="logit")))
    assert extremes(CASES[0]).max() == pytest.approx(own, abs=1e-5)
    assert extremes(CASES[0]).max() <= own + 1e-9


def test_the_preference_crosses_one_half_as_late_as_the_logit(hunts):
    finest = hunts[CASES[0]][-1]
    lag = value(finest, "phase_lag", variable="logit")
    one = finest.trajectory.followed["preference"]
    late = len(one.output) // 2

    def upward(share):
        away = np.asarray(share)[late:, 0, 0] - 0.5
        before = np.flatnonzero((away[:-1] < 0) & (away[1:] >= 0))
        return before + away[before] / (away[before] - away[before + 1])

    best, own = upward(one.target), upward(one.output)
    own = own[own > best[0]][: len(best)]
    assert own - best[: len(own)] == pytest.approx(lag, abs=1e-3)


def test_saturation_skews_the_phase_of_a_learner_of_the_preference_itself():
    environment = {"kind": "PreyCycle", "period": 100.0, "amplitude": 6.0}
    logit = ran(environment, {"kind": "Forager"}, 0.1, steps=2000)
    linear = ran(environment, {"kind": "Forager", "mode": "preference"}, 0.1, steps=2000)
    lag = row(logit, "phase_lag", variable="logit")
    assert lag["value"] == exactly(lag["theory"])
    skewed = row(linear, "phase_lag", variable="preference")
    assert math.isnan(skewed["theory"])
    small = {"kind": "PreyCycle", "period": 100.0, "amplitude": 1e-4}
    gentle = ran(small, {"kind": "Forager", "mode": "preference"}, 0.1, steps=2000)
    assert value(gentle, "phase_lag", variable="preference") == exactly(lag["value"])


def test_the_local_speed_of_climbing_the_intake():
    rate = theory.forager.intake_gradient_rate(0.4, 1.0, 1.0, effort_exponent=0.5)
    assert rate == printed("0.141421")
    agent = {"kind": "Forager", "mode": "intake", "matching": 2.0, "start_at": 0.5001}
    result = ran({"kind": "PreyCycle", "amplitude": 0.0}, agent, 0.4, steps=40)
    logit = result.trajectory.followed["logit"].output[:, 0, 0]
    assert 1 - logit[1] / logit[0] == exactly(rate)
    assert value(result, "spectral_radius") == exactly(1 - rate)
    assert value(result, "speed_limit") == exactly(0.4 * 2 / rate)
