"""Closed forms of continuous tracking of a mean-reverting optimum."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import (  # type: ignore[import-untyped, unused-ignore]
    solve_continuous_lyapunov,
)
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import autoregressive, continuous_tracker, ornstein_uhlenbeck

rates = st.floats(0.01, 10)


@given(rate=rates, gamma=rates, variance=rates, intensity=st.floats(0, 5))
def test_error_solves_the_lyapunov_equation(
    rate: float, gamma: float, variance: float, intensity: float
) -> None:
    """The error agrees with the joint stationary covariance of optimum and trait."""
    drift = np.array([[-gamma, 0.0], [rate, -rate]])
    shocks = np.diag([2 * gamma * variance, rate**2 * intensity])
    joint = solve_continuous_lyapunov(drift, -shocks)
    error = joint[0, 0] - 2 * joint[0, 1] + joint[1, 1]
    found = ornstein_uhlenbeck.tracking_mse(
        rate, reversion_rate=gamma, variance=variance, noise_intensity=intensity
    )
    assert found == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize("gamma", [0.01, 0.3, 1.5])
def test_best_rate_by_direct_minimisation(gamma: float) -> None:
    """A numerical minimiser finds the same rate."""
    world: dict[str, Any] = {"reversion_rate": gamma, "variance": 1.0, "noise_intensity": 0.8}
    found = minimize_scalar(
        lambda rate: ornstein_uhlenbeck.tracking_mse(rate, **world),
        bounds=(0, 10),
        method="bounded",
        options={"xatol": 1e-8},
    )
    assert ornstein_uhlenbeck.best_rate(**world) == pytest.approx(found.x, abs=1e-5)


@given(variance=rates, intensity=rates)
def test_learning_is_lost_at_the_critical_reversion_rate(variance: float, intensity: float) -> None:
    """The best rate peaks at a quarter of the critical reversion rate and is 0 beyond it."""
    world: dict[str, Any] = {"variance": variance, "noise_intensity": intensity}
    critical = float(ornstein_uhlenbeck.critical_reversion_rate(**world))
    assert ornstein_uhlenbeck.best_rate(reversion_rate=1.01 * critical, **world) == 0
    assert ornstein_uhlenbeck.best_rate(reversion_rate=0.99 * critical, **world) > 0
    gammas = np.linspace(0.01, 1, 100) * critical
    rates_found = np.asarray(ornstein_uhlenbeck.best_rate(reversion_rate=gammas, **world))
    assert gammas[rates_found.argmax()] == pytest.approx(critical / 4)
    assert rates_found.max() == pytest.approx(critical / 4)


def test_short_steps_of_the_discrete_tracker_agree() -> None:
    """Sampled very often, the AR(1) formula gives the continuous one."""
    rate, gamma, intensity, dt = 0.3, 0.1, 0.5, 1e-5
    discrete = autoregressive.tracking_mse(
        continuous_tracker.step_gain(rate, dt),
        variance=1.2,
        correlation=math.exp(-gamma * dt),
        observation_variance=intensity / dt,
    )
    continuous = ornstein_uhlenbeck.tracking_mse(
        rate, reversion_rate=gamma, variance=1.2, noise_intensity=intensity
    )
    assert discrete == pytest.approx(continuous, rel=1e-4)


def test_edges() -> None:
    """Resting leaves V; a negative rate has no error; no noise wants infinite speed."""
    world: dict[str, Any] = {"reversion_rate": 0.1, "variance": 1.3}
    assert ornstein_uhlenbeck.tracking_mse(0.0, **world) == pytest.approx(1.3)
    assert np.isnan(ornstein_uhlenbeck.tracking_mse(-0.1, **world))
    assert ornstein_uhlenbeck.best_rate(**world, noise_intensity=0.0) == math.inf
