"""Noise as temperature in quadratic valleys: closed forms against Lyapunov equations."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adaptsim.theory import temperature

QUADRATICS = [
    (0.1, 1.0, 1.0, 0.0, 0.0526315789),
    (0.5, 1.0, 1.0, 0.0, 1 / 3),
    (1.5, 1.0, 1.0, 0.0, 3.0),
    (0.1, 1.0, 1.0, 0.9, 0.5135135135),
    (0.5, 2.0, 1.0, 0.5, 0.375),
    (0.05, 10.0, 1.0, 0.95, 0.0573529412),
]
numbers = st.floats(-2, 2, allow_subnormal=False)


@pytest.mark.parametrize(("eta", "curvature", "noise", "momentum", "variance"), QUADRATICS)
def test_variance_of_the_table(
    eta: float, curvature: float, noise: float, momentum: float, variance: float
) -> None:
    found = temperature.stationary_variance(
        eta, curvature=curvature, noise=noise, momentum=momentum
    )
    assert found == pytest.approx(variance, abs=1e-10)


@given(reach=st.floats(0.01, 0.99), curvature=st.floats(0.1, 10), momentum=st.floats(-0.9, 0.95))
def test_variance_solves_the_lyapunov_equation(
    reach: float, curvature: float, momentum: float
) -> None:
    """One coordinate of the matrix solution, at any share of the speed limit."""
    eta = reach * 2 * (1 + momentum) / curvature
    joint = temperature.stationary_covariance([[curvature]], [[0.49]], eta, momentum)
    found = temperature.stationary_variance(eta, curvature=curvature, noise=0.7, momentum=momentum)
    assert found == pytest.approx(joint[0, 0], rel=1e-6)


def random_valley(seed: int, d: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    root, mixing = rng.normal(size=(2, d, d))
    return root @ root.T + 0.3 * np.eye(d), mixing @ mixing.T


@pytest.mark.parametrize("seed", range(5))
def test_covariance_of_random_valleys_solves_its_equation(seed: int) -> None:
    """H C + C H - eta H C H = eta S, put back in."""
    bend, shocks = random_valley(seed)
    eta = 1.5 / np.linalg.eigvalsh(bend).max()
    c = temperature.stationary_covariance(bend, shocks, eta)
    np.testing.assert_allclose(
        bend @ c + c @ bend - eta * bend @ c @ bend, eta * shocks, atol=1e-10
    )
    np.testing.assert_allclose(c, c.T, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_small_steps_tend_to_the_continuous_covariance(seed: int) -> None:
    """Both covariances agree in the limit, and differ in proportion to the learning rate."""
    bend, shocks = random_valley(seed)

    def difference(eta: float) -> float:
        exact = temperature.stationary_covariance(bend, shocks, eta)
        small = temperature.small_step_covariance(bend, shocks, eta)
        return float(np.abs(exact - small).max() / np.abs(small).max())

    assert difference(1e-4) < 1e-3
    assert difference(1e-4) / difference(5e-5) == pytest.approx(2.0, rel=1e-2)


@given(entries=arrays(float, (3, 3), elements=numbers), eta=st.floats(0.01, 0.2))
def test_noise_like_the_curvature_is_isotropic_at_small_steps(
    entries: np.ndarray, eta: float
) -> None:
    """If S is proportional to H the continuous covariance is a multiple of the identity."""
    bend = entries @ entries.T + 0.5 * np.eye(3)
    covariance = temperature.small_step_covariance(bend, 3.0 * bend, eta)
    np.testing.assert_allclose(covariance, 1.5 * eta * np.eye(3), atol=1e-9)


def test_momentum_matrix_is_the_scalar_formula_along_each_axis() -> None:
    curvatures = np.array([0.5, 2.0, 7.0])
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    bend = turn @ np.diag(curvatures) @ turn.T
    found = turn.T @ temperature.stationary_covariance(bend, np.eye(3), 0.3, 0.8) @ turn
    expected = temperature.stationary_variance(0.3, curvature=curvatures, noise=1.0, momentum=0.8)
    np.testing.assert_allclose(found, np.diag(np.asarray(expected)), atol=1e-12)


def test_temperature_and_noise_are_inverses() -> None:
    noise = temperature.noise_of(0.3, learning_rate=0.02)
    assert temperature.effective_temperature(0.02, noise=noise) == pytest.approx(0.3)
    small = temperature.small_step_variance(0.02, curvature=4.0, noise=noise)
    assert small == pytest.approx(0.3 / 4)
    assert temperature.step_factor(1.5, curvature=1.0) == 4.0
    warm = temperature.effective_temperature(0.02, noise=noise, momentum=0.9)
    assert warm == pytest.approx(3.0)


@pytest.mark.parametrize(
    "impossible",
    [
        {"learning_rate": 2.0, "curvature": 1.0, "noise": 1.0},
        {"learning_rate": 0.0, "curvature": 1.0, "noise": 1.0},
        {"learning_rate": 0.1, "curvature": -1.0, "noise": 1.0},
        {"learning_rate": 0.1, "curvature": 1.0, "noise": 1.0, "momentum": 1.0},
    ],
)
def test_no_rest_no_variance(impossible: dict[str, Any]) -> None:
    assert np.isnan(temperature.stationary_variance(**impossible))
    given = [[impossible["curvature"]]], [[1.0]], impossible["learning_rate"]
    matrix = temperature.stationary_covariance(*given, impossible.get("momentum", 0.0))
    assert np.isnan(matrix).all()


def test_no_valley_no_small_step_covariance() -> None:
    assert np.isnan(temperature.small_step_covariance([[-1.0]], [[1.0]], 0.1)).all()


def test_matrices_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"both be \(d, d\); got \(2, 2\) and \(3, 3\)"):
        temperature.stationary_covariance(np.eye(2), np.eye(3), 0.1)
