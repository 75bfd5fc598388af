"""Closed forms of the discrete linear tracker."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov  # type: ignore[import-untyped, unused-ignore]
from scipy.signal import freqz  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import tracker

from .checks import CONVENTIONS, agrees, printed, track

gains = st.floats(0.01, 1.99)
slow_gains = st.floats(0.01, 0.99)
omegas = st.floats(0.001, math.pi - 0.001)


@pytest.mark.parametrize(
    ("g", "period", "gain", "lag"),
    [
        (0.1, 50, "0.642910", "7.456342"),
        (0.3, 20, "0.753491", "2.828242"),
        (1.5, 20, "1.011057", "0.667895"),
        (0.05, 200, "0.852798", "17.996764"),
    ],
)
def test_tone_numbers(g: float, period: float, gain: str, lag: str) -> None:
    """Gain and lag of a sinusoid come to the numbers of the science sheet."""
    omega = 2 * math.pi / period
    assert tracker.gain(g, omega) == printed(gain)
    assert tracker.phase_lag(g, omega) == printed(lag)


def test_tone_error_numbers() -> None:
    """Error of a sinusoid and post-update lag come to the numbers of the science sheet."""
    assert tracker.tone_mse(0.1, 2 * math.pi / 50) == printed("0.325926")
    assert tracker.tone_mse(0.3, 2 * math.pi / 20) == printed("0.308751")
    lag = tracker.phase_lag(0.3, 2 * math.pi / 20, convention="post-update")
    assert lag == printed("1.828242")


@pytest.mark.parametrize(
    ("g", "rise", "whole_rise", "settle", "whole_settle"),
    [(0.1, "9.491222", 10, "37.129877", 38), (0.3, "2.803673", 3, "10.968034", 11)],
)
def test_step_numbers(g: float, rise: str, whole_rise: int, settle: str, whole_settle: int) -> None:
    """Times of a step response come to the numbers of the science sheet."""
    assert tracker.rise_time_63(g) == printed(rise)
    assert tracker.rise_time_63(g, whole_steps=True) == whole_rise
    assert tracker.settling_time(g) == printed(settle)
    assert tracker.settling_time(g, whole_steps=True) == whole_settle


def test_fast_gains() -> None:
    """Overshoot at 1.5, a two-cycle at 2, divergence at 2.2, all done in one step at 1."""
    assert tracker.overshoot(1.5) == 0.5
    assert list(np.asarray(tracker.step_response(2.0, np.arange(4)))) == [0, 2, 0, 2]
    assert abs(float(tracker.recovery(2.2, 50))) > 1000
    assert tracker.rise_time_63(1.0) == 0
    assert tracker.settling_time(1.0) == 0
    assert tracker.rise_time_63(1.0, whole_steps=True) == 1
    assert tracker.settling_time(1.0, whole_steps=True) == 1
    assert tracker.lyapunov_exponent(1.0) == -math.inf
    assert tracker.return_rate(1.0) == math.inf


def test_gradient_noise_number() -> None:
    """The variance of noisy descent is 0.075, twice the small-step value."""
    variance = tracker.gradient_noise_variance(0.5, curvature=2.0, gradient_variance=0.3)
    assert variance == printed("0.075000")


@given(g=gains, omega=omegas)
def test_frequency_response_is_that_of_the_filter(g: float, omega: float) -> None:
    """The response equals scipy's for the filter ``g z**-1 / (1 - (1-g) z**-1)``."""
    _, response = freqz([0, g], [1, -(1 - g)], worN=[omega])
    assert tracker.transfer(g, omega) == pytest.approx(response[0], rel=1e-9)
    assert tracker.gain(g, omega) == pytest.approx(abs(response[0]), rel=1e-9)
    expected = (-np.angle(response[0]) % (2 * math.pi)) / omega
    assert tracker.phase_lag(g, omega) == pytest.approx(expected, rel=1e-9)
    after = tracker.transfer(g, omega, convention="post-update")
    assert tracker.tone_mse(g, omega, amplitude=3.0) == pytest.approx(
        4.5 * abs(1 - response[0]) ** 2, rel=1e-9
    )
    assert tracker.tone_mse(g, omega, convention="post-update") == pytest.approx(
        0.5 * np.abs(1 - after) ** 2, rel=1e-7, abs=1e-15
    )


@pytest.mark.parametrize("g", [0.1, 0.6, 1.0, 1.5])
def test_tone_by_iteration(g: float) -> None:
    """A tracked sinusoid has the stated gain, lag and error, before and after the update."""
    period, n_periods = 40, 40
    omega = 2 * math.pi / period
    time = np.arange(period * n_periods)
    theta = np.sin(omega * time)
    traits = track(theta, g)
    late = slice(period * (n_periods - 5), period * n_periods)
    for convention, trait in zip(CONVENTIONS, (traits[:-1], traits[1:]), strict=True):
        tone = 2 * np.mean(trait[late] * np.exp(-1j * omega * time[late])) * 1j
        lag = tracker.phase_lag(g, omega, convention=convention)
        assert -np.angle(tone) / omega == pytest.approx(lag, rel=1e-6, abs=1e-9)
        assert abs(tone) == pytest.approx(tracker.gain(g, omega), rel=1e-6)
        mse = np.mean((trait[late] - theta[late]) ** 2)
        expected = tracker.tone_mse(g, omega, convention=convention)
        assert mse == pytest.approx(expected, rel=1e-6, abs=1e-20)


@given(g=st.floats(-0.5, 2.5))
def test_step_response_by_iteration(g: float) -> None:
    """The iterated step response and recovery follow the powers of ``1 - g``."""
    time = np.arange(20)
    traits = track(np.ones(20), g)
    assert traits[:-1] == pytest.approx(tracker.step_response(g, time), rel=1e-9, abs=1e-9)
    after = tracker.step_response(g, time, convention="post-update")
    assert traits[1:] == pytest.approx(after, rel=1e-9, abs=1e-9)
    pulse = track(np.zeros(20), g, start=1.0)
    assert pulse[:-1] == pytest.approx(tracker.recovery(g, time), rel=1e-9, abs=1e-9)
    if abs(1 - g) > 0.1:
        growth = math.log(abs(pulse[20] / pulse[10])) / 10
        assert growth == pytest.approx(tracker.lyapunov_exponent(g), rel=1e-6, abs=1e-9)
        assert -growth == pytest.approx(tracker.return_rate(g), rel=1e-6, abs=1e-9)


@given(g=gains)
def test_step_times_bracket_the_iterated_response(g: float) -> None:
    """The envelope is outside its band just before the whole-step time and inside at it."""
    for band, time in (
        (1 / math.e, tracker.rise_time_63(g, whole_steps=True)),
        (0.02, tracker.settling_time(g, whole_steps=True)),
    ):
        left = np.abs(1 - track(np.ones(int(time)), g))
        assert left[-1] <= band * (1 + 1e-9)
        assert left[-2] > band * (1 - 1e-9)


@given(g=gains)
def test_overshoot_is_the_largest_excess(g: float) -> None:
    """No later step exceeds the overshoot of the first."""
    assert np.max(track(np.ones(400), g)[1:] - 1) == pytest.approx(tracker.overshoot(g), abs=0.02)
    assert tracker.is_monotone(g) == bool(np.all(track(np.ones(50), g) <= 1))


@pytest.mark.parametrize("g", [0.1, 0.5, 1.0, 1.7])
def test_ramp_by_iteration(g: float) -> None:
    """A ramp is trailed by slope / g, one step less after the update."""
    theta = 0.3 * np.arange(500.0)
    traits = track(theta, g)
    assert theta[-1] - traits[-2] == pytest.approx(tracker.ramp_error(g, slope=0.3), rel=1e-9)
    after = tracker.ramp_error(g, slope=0.3, convention="post-update")
    assert theta[-1] - traits[-1] == pytest.approx(after, rel=1e-9, abs=1e-9)


@given(g=st.floats(0.05, 1.95))
def test_mean_lag_is_the_mean_of_the_impulse_response(g: float) -> None:
    """The impulse response sums to 1 and has mean 1 / g."""
    response = track(np.eye(1, 2000).ravel(), g)
    ages = np.arange(len(response))
    assert response.sum() == pytest.approx(1)
    assert ages @ response == pytest.approx(tracker.mean_lag(g), rel=1e-6)
    assert tracker.mean_lag(g) == pytest.approx(tracker.phase_lag(g, 0.0))
    assert tracker.phase_lag(g, 1e-7) == pytest.approx(1 / g, rel=1e-6)


@given(g=gains, variance=st.floats(0.01, 10))
def test_noise_variance_solves_the_lyapunov_equation(g: float, variance: float) -> None:
    """The stationary variance obeys the discrete Lyapunov equation."""
    expected = solve_discrete_lyapunov([[1 - g]], [[g**2 * variance]])[0, 0]
    found = tracker.noise_variance(g, observation_variance=variance)
    assert found == pytest.approx(expected, rel=1e-6)
    curvature, learning_rate = 2.5, g / 2.5
    step_noise = [[learning_rate**2 * variance]]
    descent = tracker.gradient_noise_variance(
        learning_rate, curvature=curvature, gradient_variance=variance
    )
    assert descent == pytest.approx(solve_discrete_lyapunov([[1 - g]], step_noise)[0, 0], rel=1e-6)


@given(g=gains, variance=st.floats(0.01, 10))
def test_responsiveness_times_stability(g: float, variance: float) -> None:
    """Mean lag times noise variance is R / (2-g), never below R / 2."""
    noise = tracker.noise_variance(g, observation_variance=variance)
    product = tracker.responsiveness_stability(g, observation_variance=variance)
    assert product == pytest.approx(tracker.mean_lag(g) * noise, rel=1e-12)
    assert product >= variance / 2


def test_other_filters_pass_the_trade_off() -> None:
    """A triangular window has lag times variance near 4 R / 9; signed weights can have 0."""
    weights = np.arange(1000.0, 0, -1)
    weights /= weights.sum()
    product = (weights @ np.arange(1, 1001)) * (weights @ weights)
    assert product == pytest.approx(4 / 9, rel=2e-3)
    assert product < tracker.responsiveness_stability(0.001, observation_variance=1.0)
    extrapolation = np.array([2.0, -1.0])
    assert extrapolation.sum() == 1
    assert extrapolation @ np.arange(1, 3) == 0


@pytest.mark.parametrize("g", [0.2, 1.4])
def test_autocorrelation_by_simulation(g: float) -> None:
    """White noise leaves the trait with autocorrelation 1 - g and variance g R / (2-g)."""
    noise = np.random.default_rng(7).normal(size=(2000, 200))
    traits = track(noise, g)[200:]
    variance = np.mean(traits**2, axis=0)
    assert agrees(variance, tracker.noise_variance(g, observation_variance=1.0))
    product = np.mean(traits[1:] * traits[:-1], axis=0)
    expected = tracker.autocorrelation_1(g) * tracker.noise_variance(g, observation_variance=1.0)
    assert agrees(product, expected)


@given(curvature=st.floats(0.01, 100))
def test_speed_limit_separates_convergence_from_divergence(curvature: float) -> None:
    """Descent shrinks deviations just below the limit and grows them just above."""
    limit = float(tracker.speed_limit(curvature))
    for factor, converges in ((0.999, True), (1.001, False)):
        g = tracker.gain_per_step(factor * limit, curvature=curvature)
        assert tracker.is_stable(g) is converges
        left = abs(track(np.zeros(100), float(g), start=1.0)[-1])
        assert bool(left < 1) is converges


@given(g=gains, omega=omegas)
def test_post_update_lag_is_one_step_shorter(g: float, omega: float) -> None:
    """Every lag is shorter by exactly one step after the update."""
    for lag in (tracker.phase_lag(g, omega), tracker.mean_lag(g)):
        assert math.isfinite(lag)
    after = tracker.phase_lag(g, omega, convention="post-update")
    assert tracker.phase_lag(g, omega) - after == pytest.approx(1)
    assert tracker.mean_lag(g) - tracker.mean_lag(g, convention="post-update") == pytest.approx(1)


@given(g=slow_gains, omega=omegas)
def test_slow_trackers_damp_and_trail(g: float, omega: float) -> None:
    """Below g = 1 the gain is below 1 and no lag exceeds the mean lag."""
    assert tracker.gain(g, omega) < 1
    assert 0 < tracker.phase_lag(g, omega) <= tracker.mean_lag(g) * (1 + 1e-9)


@pytest.mark.parametrize("g", [-0.1, 0.0, 2.0, 2.5])
def test_nothing_is_stationary_outside_the_stability_region(g: float) -> None:
    """Outside ``0 < g < 2`` the answer is nan, and no warning is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers: list[Any] = [
            tracker.transfer(g, 0.1),
            tracker.gain(g, 0.1),
            tracker.phase_lag(g, 0.1),
            tracker.tone_mse(g, 0.1),
            tracker.rise_time_63(g),
            tracker.settling_time(g, whole_steps=True),
            tracker.overshoot(g),
            tracker.ramp_error(g, slope=1.0),
            tracker.mean_lag(g),
            tracker.autocorrelation_1(g),
            tracker.noise_variance(g, observation_variance=1.0),
            tracker.gradient_noise_variance(g, curvature=1.0, gradient_variance=1.0),
            tracker.responsiveness_stability(g, observation_variance=1.0),
        ]
    assert np.all(np.isnan(answers))
    assert tracker.is_stable(g) is False
    assert tracker.is_monotone(g) is False


def test_numbers_give_numbers_and_arrays_give_arrays() -> None:
    """Scalars come back as Python scalars; arrays broadcast."""
    assert type(tracker.gain(0.1, 0.2)) is float
    assert type(tracker.transfer(0.1, 0.2)) is complex
    assert type(tracker.is_stable(0.1)) is bool
    grid = np.asarray(tracker.gain(np.linspace(0.1, 0.9, 5)[:, None], np.linspace(0.1, 3, 4)))
    assert grid.shape == (5, 4)
    assert grid[2, 1] == tracker.gain(0.5, np.linspace(0.1, 3, 4)[1])


def test_unknown_convention_is_rejected() -> None:
    """The error names the allowed words and the one it got."""
    with pytest.raises(ValueError, match=r"'pre-update' or 'post-update'; got 'before'"):
        tracker.mean_lag(0.1, convention="before")  # type: ignore[arg-type]


def test_post_update_mse_by_iteration() -> None:
    """One update turns the error into (1-g)**2 of it plus g**2 R."""
    rng = np.random.default_rng(3)
    error, noise = rng.normal(0, 2, 100_000), rng.normal(0, 0.5, 100_000)
    after = (error + 0.3 * (noise - error)) ** 2
    assert agrees(after, tracker.post_update_mse(4.0, 0.3, observation_variance=0.25))
