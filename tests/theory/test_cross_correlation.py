"""Closed forms of the cross-correlation lag."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad  # type: ignore[import-untyped, unused-ignore]
from scipy.linalg import solve_discrete_lyapunov  # type: ignore[import-untyped, unused-ignore]
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import cross_correlation

from .checks import agrees, printed, track

gains = st.floats(0.02, 1.95)
correlations = st.floats(-0.95, 0.995)


@pytest.mark.parametrize(
    ("g", "correlation", "lag", "refined"),
    [(0.1, 0.99, 7, "6.83"), (0.2, 0.95, 3, "3.34"), (0.3, 0.9, 2, "2.26")],
)
def test_discrete_numbers(g: float, correlation: float, lag: int, refined: str) -> None:
    """Whole and refined lags come to the numbers of the science sheet."""
    assert cross_correlation.lag(g, correlation=correlation) == lag
    assert cross_correlation.refined_lag(g, correlation=correlation) == printed(refined)


@pytest.mark.parametrize(
    ("rate", "gamma", "expected"),
    [(0.2, 0.05, "3.133358"), (0.1, 0.001, "6.900978"), (0.1, 0.5, "2.746531")],
)
def test_continuous_numbers(rate: float, gamma: float, expected: str) -> None:
    """Continuous lags come to the numbers of the science sheet."""
    assert cross_correlation.continuous_lag(rate, reversion_rate=gamma) == printed(expected)


def test_continuous_limits() -> None:
    """A slow optimum gives ln 2 / rate, equal rates 1 / (2 rate)."""
    slow = cross_correlation.continuous_lag(0.1, reversion_rate=0.0)
    assert slow == pytest.approx(10 * math.log(2))
    assert cross_correlation.continuous_lag(0.1, reversion_rate=0.1) == pytest.approx(5)
    near = cross_correlation.continuous_lag(0.1, reversion_rate=0.1 + 1e-12)
    assert near == pytest.approx(5, rel=1e-9)


@given(g=gains, phi=correlations)
def test_cross_covariance_solves_the_lyapunov_equation(g: float, phi: float) -> None:
    """Covariances at all lags agree with powers of the joint step from its stationary state."""
    step = np.array([[phi, 0.0], [g, 1 - g]])
    joint = solve_discrete_lyapunov(step, np.diag([2.0 * (1 - phi**2), 0.0]))
    lags = np.arange(-8, 9)
    expected = [
        (np.linalg.matrix_power(step, abs(k)) @ joint)[(1, 0) if k >= 0 else (0, 1)] for k in lags
    ]
    found = cross_correlation.cross_covariance(lags, g, correlation=phi, variance=2.0)
    assert found == pytest.approx(np.array(expected), rel=1e-6, abs=1e-9)
    after = cross_correlation.cross_covariance(
        lags - 1, g, correlation=phi, variance=2.0, convention="post-update"
    )
    assert after == pytest.approx(found)


@pytest.mark.parametrize("shift", [0.0, 1e-14, 1e-10, 1e-6])
def test_cross_covariance_where_both_memories_agree(shift: float) -> None:
    """The difference of nearly equal powers loses no accuracy."""
    phi, g, total = 0.9, 0.1 + shift, 0.0
    for j in range(50):
        total += (1 - g) ** j * phi ** (49 - j)
    expected = g * (total + (1 - g) ** 50 * phi / (1 - (1 - g) * phi))
    found = cross_correlation.cross_covariance(50, g, correlation=phi)
    assert found == pytest.approx(expected, rel=1e-11)


@given(g=gains, phi=correlations)
def test_lag_is_the_best_of_all_lags(g: float, phi: float) -> None:
    """No lag in a wide range has a larger covariance, and the update shortens it by one."""
    lag = cross_correlation.lag(g, correlation=phi)
    wide = np.asarray(cross_correlation.cross_covariance(np.arange(-50, 400), g, correlation=phi))
    peak = cross_correlation.cross_covariance(lag, g, correlation=phi)
    assert peak >= wide.max() * (1 - 1e-12)
    assert cross_correlation.lag(g, correlation=phi, convention="post-update") == lag - 1


@given(g=gains, phi=st.floats(0.1, 0.995))
def test_refined_lag_is_the_vertex_of_a_parabola(g: float, phi: float) -> None:
    """A fitted parabola through peak and neighbours has its vertex at the refined lag."""
    lag = float(cross_correlation.lag(g, correlation=phi))
    shifts = np.array([-1.0, 0.0, 1.0])
    heights = cross_correlation.cross_covariance(lag + shifts, g, correlation=phi)
    bend, slope, _ = np.polyfit(shifts, heights, 2)
    refined = float(cross_correlation.refined_lag(g, correlation=phi))
    assert refined == pytest.approx(lag - slope / (2 * bend), abs=1e-6)
    assert abs(refined - lag) <= 0.5 + 1e-9
    after = cross_correlation.refined_lag(g, correlation=phi, convention="post-update")
    assert after == pytest.approx(refined - 1)


def test_lag_by_simulation() -> None:
    """Simulated covariances around the peak are the stated ones."""
    rng = np.random.default_rng(2)
    phi, g, n_steps = 0.9, 0.3, 2000
    optimum = np.empty((n_steps, 300))
    optimum[0] = rng.normal(size=300)
    for t in range(1, n_steps):
        optimum[t] = phi * optimum[t - 1] + rng.normal(0, math.sqrt(1 - phi**2), 300)
    traits = track(optimum, g)
    for lag in (0, 1, 2, 3, 6):
        product = np.mean(traits[200 + lag : n_steps] * optimum[200 : n_steps - lag], axis=0)
        assert agrees(product, cross_correlation.cross_covariance(lag, g, correlation=phi))


@pytest.mark.parametrize("gamma", [0.05, 0.2, 1.0])
@pytest.mark.parametrize("lag", [-3.0, 0.0, 2.5, 10.0])
def test_continuous_covariance_by_integration(lag: float, gamma: float) -> None:
    """The covariance is the impulse response folded with the autocovariance."""
    rate = 0.2
    expected, _ = quad(
        lambda s: rate * math.exp(-rate * s) * 1.5 * math.exp(-gamma * abs(lag - s)),
        0,
        200,
        points=[max(lag, 0)],
        limit=200,
    )
    found = cross_correlation.continuous_cross_covariance(
        lag, rate, reversion_rate=gamma, variance=1.5
    )
    assert found == pytest.approx(expected, rel=1e-6)


@given(rate=st.floats(0.05, 5), gamma=st.floats(0.05, 5))
def test_continuous_lag_is_the_peak(rate: float, gamma: float) -> None:
    """A numerical search finds the peak of the covariance at the stated lag."""
    found = minimize_scalar(
        lambda s: -cross_correlation.continuous_cross_covariance(s, rate, reversion_rate=gamma),
        bounds=(0, 2 / rate),
        method="bounded",
        options={"xatol": 1e-9},
    )
    lag = cross_correlation.continuous_lag(rate, reversion_rate=gamma)
    assert lag == pytest.approx(found.x, rel=1e-4)


def test_nothing_is_stationary_outside_the_stability_region() -> None:
    """Outside ``0 < g < 2`` and without a stationary optimum the lag is nan."""
    lags = np.asarray(
        cross_correlation.lag(np.array([0.0, 2.0, 0.5]), correlation=np.array([0.9, 0.9, 1.0]))
    )
    assert np.all(np.isnan(lags))
    assert np.isnan(cross_correlation.refined_lag(2.0, correlation=0.9))
    assert np.isnan(cross_correlation.continuous_lag(0.0, reversion_rate=0.1))
