"""Closed forms of tracking an AR(1) optimum."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov  # type: ignore[import-untyped, unused-ignore]
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import autoregressive
from adaptsim.theory._closed_form import Convention

from .checks import CONVENTIONS, Array, printed

gains = st.floats(0.01, 1.95)
correlations = st.floats(-0.95, 0.995)
variances = st.floats(0.05, 5)


def joint_step(g: float, phi: float, variance: float, noise: float) -> tuple[Array, Array]:
    """Return the matrix and the noise covariance of one step of (optimum, trait)."""
    step = np.array([[phi, 0.0], [g, 1 - g]])
    return step, np.diag([variance * (1 - phi**2), g**2 * noise])


@pytest.mark.parametrize(
    ("g", "correlation", "noise", "convention", "expected"),
    [
        (0.2, 0.95, 0.5, "pre-update", "0.287037"),
        (0.2, 0.95, 0.5, "post-update", "0.203704"),
        (0.5, 0.8, 0.1, "pre-update", "0.477778"),
    ],
)
def test_error_numbers(
    g: float, correlation: float, noise: float, convention: Convention, expected: str
) -> None:
    """Errors come to the numbers of the science sheet."""
    mse = autoregressive.tracking_mse(
        g,
        variance=1.0,
        correlation=correlation,
        observation_variance=noise,
        convention=convention,
    )
    assert mse == printed(expected)


@pytest.mark.parametrize(
    ("correlation", "noise", "gain", "least"),
    [
        (0.95, 0.5, "0.318704", "0.263382"),
        (0.99, 1.0, "0.122648", "0.146392"),
        (0.8, 0.1, "0.696012", None),
    ],
)
def test_best_gain_numbers(correlation: float, noise: float, gain: str, least: str | None) -> None:
    """Best gains and least errors come to the numbers of the science sheet."""
    world: dict[str, Any] = {
        "variance": 1.0,
        "correlation": correlation,
        "observation_variance": noise,
    }
    best = autoregressive.best_gain(**world)
    assert best == printed(gain)
    if least:
        assert autoregressive.tracking_mse(best, **world) == printed(least)


def test_learning_pays_above_a_critical_correlation() -> None:
    """The threshold is 1/3 without noise and 1/2 at R = V."""
    assert autoregressive.critical_correlation(variance=1.0) == pytest.approx(1 / 3)
    equal = autoregressive.critical_correlation(variance=2.0, observation_variance=2.0)
    assert equal == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("n_steps", "expected"),
    [
        (5, "0.363057"),
        (10, "0.276622"),
        (20, "0.212601"),
        (50, "0.162830"),
        (100, "0.143547"),
        (500, "0.126941"),
    ],
)
def test_life_limited_numbers(n_steps: int, expected: str) -> None:
    """Shorter lives want larger gains, by the numbers of the science sheet."""
    best = autoregressive.life_limited_best_gain(
        n_steps, variance=1.0, correlation=0.99, observation_variance=1.0
    )
    assert best == printed(expected)


@given(g=gains, phi=correlations, variance=variances, noise=variances)
def test_error_solves_the_lyapunov_equation(
    g: float, phi: float, variance: float, noise: float
) -> None:
    """The error agrees with the joint stationary covariance of optimum and trait."""
    step, shocks = joint_step(g, phi, variance, noise)
    joint = solve_discrete_lyapunov(step, shocks)
    world: dict[str, Any] = {
        "variance": variance,
        "correlation": phi,
        "observation_variance": noise,
    }
    error = joint[0, 0] - 2 * joint[0, 1] + joint[1, 1]
    assert autoregressive.tracking_mse(g, **world) == pytest.approx(error, rel=1e-6)
    mix = np.array([1 - g, -(1 - g)])
    after = mix @ joint @ mix + g**2 * noise
    found = autoregressive.tracking_mse(g, **world, convention="post-update")
    assert found == pytest.approx(after, rel=1e-6)


@given(phi=correlations, variance=variances, noise=st.floats(0, 5), other=st.floats(0, 1.99))
def test_no_gain_does_better_than_the_best(
    phi: float, variance: float, noise: float, other: float
) -> None:
    """The best gain is between 0 and 1 and no other gain has a smaller error."""
    world: dict[str, Any] = {
        "variance": variance,
        "correlation": phi,
        "observation_variance": noise,
    }
    best = autoregressive.best_gain(**world)
    assert 0 <= best <= 1
    least = autoregressive.tracking_mse(best, **world)
    assert least <= autoregressive.tracking_mse(other, **world) * (1 + 1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.2, 3.0])
@pytest.mark.parametrize("phi", [0.6, 0.9, 0.999])
def test_best_gain_by_direct_minimisation(phi: float, noise: float) -> None:
    """A numerical minimiser finds the same gain."""
    world: dict[str, Any] = {"variance": 1.5, "correlation": phi, "observation_variance": noise}
    found = minimize_scalar(
        lambda g: autoregressive.tracking_mse(g, **world), bounds=(0, 1.99), method="bounded"
    )
    assert autoregressive.best_gain(**world) == pytest.approx(found.x, abs=2e-5)


@given(phi=st.floats(0.34, 0.999))
def test_best_gain_without_noise(phi: float) -> None:
    """Without noise the best gain is (3 phi - 1) / (2 phi)."""
    best = autoregressive.best_gain(variance=2.0, correlation=phi)
    assert best == pytest.approx((3 * phi - 1) / (2 * phi), rel=1e-9)


@given(variance=variances, noise=st.floats(0, 5))
def test_critical_correlation_is_where_the_slope_changes_sign(
    variance: float, noise: float
) -> None:
    """A small gain helps just above the threshold and harms just below it."""
    threshold = autoregressive.critical_correlation(variance=variance, observation_variance=noise)
    for shift, pays in ((0.01, True), (-0.01, False)):
        world: dict[str, Any] = {
            "variance": variance,
            "correlation": threshold + shift,
            "observation_variance": noise,
        }
        small, none = (autoregressive.tracking_mse(g, **world) for g in (1e-5, 0.0))
        assert (small < none) is pays
        assert (autoregressive.best_gain(**world) > 0) is pays


@given(g=gains, phi=correlations, n_steps=st.integers(1, 30))
def test_life_limited_error_by_matrix_iteration(g: float, phi: float, n_steps: int) -> None:
    """The average error agrees with iterating the joint covariance from birth at the mean."""
    step, shocks = joint_step(g, phi, 1.5, 0.4)
    joint = np.diag([1.5, 0.0])
    errors = []
    for _ in range(n_steps):
        errors.append(joint[0, 0] - 2 * joint[0, 1] + joint[1, 1])
        joint = step @ joint @ step.T + shocks
    found = autoregressive.life_limited_mse(
        g, n_steps, variance=1.5, correlation=phi, observation_variance=0.4
    )
    assert found == pytest.approx(np.mean(errors), rel=1e-9)


def test_long_lives_approach_the_stationary_results() -> None:
    """Error and best gain of a long life are nearly those of an endless one."""
    world: dict[str, Any] = {"variance": 1.0, "correlation": 0.9, "observation_variance": 0.5}
    long = autoregressive.life_limited_mse(0.3, 20_000, **world)
    assert long == pytest.approx(autoregressive.tracking_mse(0.3, **world), rel=1e-3)
    best = autoregressive.life_limited_best_gain(5000, **world)
    assert best == pytest.approx(autoregressive.best_gain(**world), abs=1e-3)


@pytest.mark.parametrize(("phi", "n_steps"), [(0.95, 3), (0.7, 8), (0.2, 40)])
def test_life_limited_best_gain_on_a_fine_grid(phi: float, n_steps: int) -> None:
    """No gain on a fine grid does better."""
    world: dict[str, Any] = {"variance": 1.0, "correlation": phi, "observation_variance": 0.3}
    best = autoregressive.life_limited_best_gain(n_steps, **world)
    grid = np.linspace(0, 2, 4001)
    errors = np.asarray(autoregressive.life_limited_mse(grid, n_steps, **world))
    assert autoregressive.life_limited_mse(best, n_steps, **world) <= errors.min()
    assert best == pytest.approx(grid[errors.argmin()], abs=1e-3)


def test_a_life_of_one_step_has_no_best_gain() -> None:
    """The only error of such a life is that at birth."""
    assert np.isnan(autoregressive.life_limited_best_gain(1, variance=1.0, correlation=0.9))


@pytest.mark.parametrize(("g", "phi"), [(-0.1, 0.9), (2.0, 0.9), (0.5, 1.0), (0.5, -1.5)])
def test_no_stationary_error(g: float, phi: float) -> None:
    """Outside the stability region and for a walking optimum the error is nan."""
    assert np.isnan(autoregressive.tracking_mse(g, variance=1.0, correlation=phi))


def test_resting_leaves_the_variance_of_the_optimum() -> None:
    """With gain 0 the error is V in both conventions."""
    for convention in CONVENTIONS:
        mse = autoregressive.tracking_mse(0.0, variance=1.7, correlation=0.6, convention=convention)
        assert mse == pytest.approx(1.7)
