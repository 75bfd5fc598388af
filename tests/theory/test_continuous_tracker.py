"""Closed forms of the continuous linear tracker."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp  # type: ignore[import-untyped, unused-ignore]
from scipy.linalg import (  # type: ignore[import-untyped, unused-ignore]
    solve_continuous_lyapunov,
)
from scipy.signal import cont2discrete, freqs  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import continuous_tracker, tracker

from .checks import printed

rates = st.floats(0.01, 10)


def test_numbers() -> None:
    """One tracker in slow noise, four lags: mean 10, 63 % time 10, tone 7.15."""
    assert continuous_tracker.mean_lag(0.1) == pytest.approx(10)
    assert continuous_tracker.rise_time_63(0.1) == pytest.approx(10)
    assert continuous_tracker.phase_lag(0.1, 2 * math.pi / 50) == printed("7.15")
    assert continuous_tracker.settling_time(1.0) == printed("3.912")


def test_gradient_noise_number() -> None:
    """The small-step variance is 0.0375, half the exact 0.075."""
    small = continuous_tracker.gradient_noise_variance(0.5, curvature=2.0, gradient_variance=0.3)
    assert small == printed("0.0375")


@given(rate=rates, omega=st.floats(0.001, 50))
def test_frequency_response_is_that_of_the_filter(rate: float, omega: float) -> None:
    """The response equals scipy's for ``rate / (s + rate)``."""
    _, response = freqs([rate], [1, rate], worN=[omega])
    assert continuous_tracker.transfer(rate, omega) == pytest.approx(response[0], rel=1e-9)
    assert continuous_tracker.gain(rate, omega) == pytest.approx(abs(response[0]), rel=1e-9)
    lag = continuous_tracker.phase_lag(rate, omega)
    assert lag == pytest.approx(-np.angle(response[0]) / omega, rel=1e-9)
    error = continuous_tracker.tone_mse(rate, omega, amplitude=2.0)
    assert error == pytest.approx(2 * abs(1 - response[0]) ** 2, rel=1e-7)


@given(rate=rates, dt=st.floats(0.01, 5))
def test_exact_sampling_turns_it_into_the_discrete_tracker(rate: float, dt: float) -> None:
    """Step, recovery, rates and autocorrelation agree with the discrete tracker."""
    g = float(continuous_tracker.step_gain(rate, dt))
    a, b, *_ = cont2discrete([np.array([[value]]) for value in (-rate, rate, 1.0, 0.0)], dt)
    assert (1 - a[0, 0], b[0, 0]) == pytest.approx((g, g), rel=1e-6, abs=1e-9)
    assert continuous_tracker.euler_step_gain(rate, dt) >= g
    steps = np.arange(6)
    response = continuous_tracker.step_response(rate, dt * steps)
    assert response == pytest.approx(tracker.step_response(g, steps), rel=1e-9)
    left = continuous_tracker.recovery(rate, dt * steps)
    assert left == pytest.approx(tracker.recovery(g, steps), rel=1e-6, abs=1e-12)
    if rate * dt < 10:
        exponent = float(continuous_tracker.lyapunov_exponent(rate)) * dt
        assert exponent == pytest.approx(tracker.lyapunov_exponent(g), rel=1e-6)
        returning = float(continuous_tracker.return_rate(rate)) * dt
        assert returning == pytest.approx(tracker.return_rate(g), rel=1e-6)
        correlation = continuous_tracker.autocorrelation_1(rate, dt)
        assert correlation == pytest.approx(tracker.autocorrelation_1(g), rel=1e-6)


def test_euler_gain_is_the_short_step_limit() -> None:
    """For short steps Euler's gain and the exact gain agree."""
    exact = continuous_tracker.step_gain(0.5, 1e-7)
    assert continuous_tracker.euler_step_gain(0.5, 1e-7) == pytest.approx(exact, rel=1e-6)


def test_tone_and_ramp_by_integration() -> None:
    """A finely integrated trait has the stated errors on a tone and a ramp."""
    rate, omega = 0.4, 0.7
    late = np.linspace(100, 100 + 2 * math.pi / omega, 2001)
    tone = solve_ivp(
        lambda t, x: rate * (np.sin(omega * t) - x), (0, 120), [0.0], t_eval=late, rtol=1e-10
    )
    error = np.mean((tone.y[0, :-1] - np.sin(omega * late[:-1])) ** 2)
    assert error == pytest.approx(continuous_tracker.tone_mse(rate, omega), rel=1e-5)
    ramp = solve_ivp(lambda t, x: rate * (0.3 * t - x), (0, 100), [0.0], rtol=1e-10)
    trailing = 30 - ramp.y[0, -1]
    assert trailing == pytest.approx(continuous_tracker.ramp_error(rate, slope=0.3), rel=1e-6)


@given(rate=rates, band=st.floats(0.001, 0.5))
def test_step_times_meet_their_levels(rate: float, band: float) -> None:
    """At the stated times the step response is at the stated levels, and never above 1."""
    rise = continuous_tracker.rise_time_63(rate)
    assert continuous_tracker.step_response(rate, rise) == pytest.approx(1 - 1 / math.e)
    settled = continuous_tracker.settling_time(rate, band=band)
    assert continuous_tracker.step_response(rate, settled) == pytest.approx(1 - band)
    response = np.asarray(continuous_tracker.step_response(rate, np.linspace(0, 100, 50)))
    assert response.max() - 1 <= continuous_tracker.overshoot(rate) == 0


@given(rate=rates, intensity=st.floats(0.01, 10))
def test_noise_variance_solves_the_lyapunov_equation(rate: float, intensity: float) -> None:
    """The stationary variance obeys the continuous Lyapunov equation; lag times it is R_c/2."""
    expected = solve_continuous_lyapunov([[-rate]], [[-(rate**2) * intensity]])[0, 0]
    variance = continuous_tracker.noise_variance(rate, noise_intensity=intensity)
    assert variance == pytest.approx(expected)
    product = continuous_tracker.responsiveness_stability(rate, noise_intensity=intensity)
    assert product == pytest.approx(continuous_tracker.mean_lag(rate) * variance)


@given(learning_rate=st.floats(1e-3, 1e-1), curvature=st.floats(0.1, 10))
def test_gradient_noise_misses_a_known_factor(learning_rate: float, curvature: float) -> None:
    """The exact variance is larger by the factor 2 / (2 - eta lambda)."""
    exact = tracker.gradient_noise_variance(
        learning_rate, curvature=curvature, gradient_variance=0.7
    )
    small = continuous_tracker.gradient_noise_variance(
        learning_rate, curvature=curvature, gradient_variance=0.7
    )
    assert exact / small == pytest.approx(2 / (2 - learning_rate * curvature))


def test_slow_limit_of_the_lag() -> None:
    """At angular frequency 0 the lag is the mean lag, without a warning."""
    assert continuous_tracker.phase_lag(0.25, 0.0) == 4.0
    assert continuous_tracker.phase_lag(0.25, 1e-6) == pytest.approx(4.0)


@pytest.mark.parametrize("rate", [-1.0, 0.0])
def test_nothing_is_stationary_without_learning(rate: float) -> None:
    """Without a positive rate the answers are nan."""
    answers: list[Any] = [
        continuous_tracker.transfer(rate, 0.1),
        continuous_tracker.gain(rate, 0.1),
        continuous_tracker.phase_lag(rate, 0.1),
        continuous_tracker.tone_mse(rate, 0.1),
        continuous_tracker.rise_time_63(rate),
        continuous_tracker.settling_time(rate),
        continuous_tracker.overshoot(rate),
        continuous_tracker.ramp_error(rate, slope=1.0),
        continuous_tracker.mean_lag(rate),
        continuous_tracker.autocorrelation_1(rate, 1.0),
        continuous_tracker.noise_variance(rate, noise_intensity=1.0),
        continuous_tracker.responsiveness_stability(rate, noise_intensity=1.0),
    ]
    assert np.all(np.isnan(answers))
    assert continuous_tracker.is_stable(rate) is False
    assert continuous_tracker.is_stable(-rate + 1) is True
