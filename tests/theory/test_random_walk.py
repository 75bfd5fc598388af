"""Closed forms of tracking a random walk."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import (  # type: ignore[import-untyped, unused-ignore]
    solve_discrete_are,
    solve_discrete_lyapunov,
)
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import random_walk
from adaptsim.theory._closed_form import Convention

from .checks import CONVENTIONS, printed

variances = st.floats(0.001, 10)


@pytest.mark.parametrize(
    ("drift", "gain", "mse"),
    [
        (0.01, "0.095125", "0.105125"),
        (0.04, "0.180998", "0.220998"),
        (1.0, "0.618034", "1.618034"),
    ],
)
def test_numbers(drift: float, gain: str, mse: str) -> None:
    """Kalman gains and errors come to the numbers of the science sheet."""
    world: dict[str, Any] = {"drift_variance": drift, "observation_variance": 1.0}
    best = random_walk.kalman_gain(**world)
    assert best == printed(gain)
    assert random_walk.kalman_mse(**world) == printed(mse)
    assert random_walk.tracking_mse(best, **world) == printed(mse)


@given(g=st.floats(0.01, 1.99), drift=variances, noise=variances)
def test_error_solves_the_lyapunov_equation(g: float, drift: float, noise: float) -> None:
    """The error obeys its own discrete Lyapunov equation; an update removes exactly Q."""
    world: dict[str, Any] = {"drift_variance": drift, "observation_variance": noise}
    expected = solve_discrete_lyapunov([[1 - g]], [[drift + g**2 * noise]])[0, 0]
    before = random_walk.tracking_mse(g, **world)
    assert before == pytest.approx(expected, rel=1e-6)
    after = random_walk.tracking_mse(g, **world, convention="post-update")
    assert before - after == pytest.approx(drift, rel=1e-9, abs=1e-12)


@given(drift=variances, noise=variances)
def test_kalman_solves_the_riccati_equation(drift: float, noise: float) -> None:
    """Gain and error agree with the iterated and the algebraic Riccati equation."""
    world: dict[str, Any] = {"drift_variance": drift, "observation_variance": noise}
    error = 1.0
    for _ in range(2000):
        gain = error / (error + noise)
        after = (1 - gain) * error
        error = after + drift
    assert random_walk.kalman_gain(**world) == pytest.approx(gain, rel=1e-6)
    assert random_walk.kalman_mse(**world) == pytest.approx(error, rel=1e-6)
    assert random_walk.kalman_mse(**world, convention="post-update") == pytest.approx(after)
    algebraic = solve_discrete_are([[1.0]], [[1.0]], [[drift]], [[noise]])[0, 0]
    assert random_walk.kalman_mse(**world) == pytest.approx(algebraic, rel=1e-6)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(("drift", "noise"), [(0.01, 1.0), (1.0, 1.0), (3.0, 0.2)])
def test_kalman_gain_by_direct_minimisation(
    drift: float, noise: float, convention: Convention
) -> None:
    """A numerical minimiser finds the same gain and error in both conventions."""
    world: dict[str, Any] = {"drift_variance": drift, "observation_variance": noise}
    found = minimize_scalar(
        lambda g: random_walk.tracking_mse(g, **world, convention=convention),
        bounds=(1e-6, 1.99),
        method="bounded",
    )
    assert random_walk.kalman_gain(**world) == pytest.approx(found.x, abs=2e-5)
    least = random_walk.kalman_mse(**world, convention=convention)
    assert least == pytest.approx(found.fun, rel=1e-8)


@given(g=st.floats(0.01, 1.99), drift=variances, noise=variances)
def test_no_gain_does_better(g: float, drift: float, noise: float) -> None:
    """The Kalman gain is between 0 and 1 and no gain has a smaller error."""
    world: dict[str, Any] = {"drift_variance": drift, "observation_variance": noise}
    assert 0 < random_walk.kalman_gain(**world) < 1
    least = random_walk.kalman_mse(**world)
    assert least <= random_walk.tracking_mse(g, **world) * (1 + 1e-12)


def test_limits() -> None:
    """Slow drift: sqrt(Q / R). No noise: copy. No drift: rest."""
    slow = random_walk.kalman_gain(drift_variance=1e-8, observation_variance=1.0)
    assert slow == pytest.approx(1e-4, rel=1e-4)
    assert random_walk.kalman_gain(drift_variance=1.0, observation_variance=0.0) == 1
    assert random_walk.kalman_gain(drift_variance=0.0, observation_variance=1.0) == 0
    assert random_walk.kalman_mse(drift_variance=0.0, observation_variance=1.0) == 0
    assert np.isnan(random_walk.kalman_gain(drift_variance=0.0, observation_variance=0.0))


@pytest.mark.parametrize("g", [-0.1, 0.0, 2.0, 3.0])
def test_no_stationary_error(g: float) -> None:
    """Outside ``0 < g < 2`` the error is nan."""
    assert np.isnan(random_walk.tracking_mse(g, drift_variance=1.0))
