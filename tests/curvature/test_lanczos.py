"""Extreme curvatures, against whole Hessians (NumPy) and ARPACK (SciPy)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator, eigsh

from adaptsim.curvature.lanczos import (
    SMALL,
    extremes,
    lanczos,
    largest_curvature,
    smallest_curvature,
    spectrum,
)
from adaptsim.landscapes import Ackley, Bowl, Himmelblau, Rosenbrock

from .network import chebyshev_network, hessian_of, wide_network


class Quadratic:
    """x.A x / 2 of a given symmetric matrix; equal matrices share what was compiled."""

    def __init__(self, matrix: np.ndarray) -> None:
        self.matrix = jnp.asarray(matrix)

    def loss(self) -> jax.tree_util.Partial:
        return jax.tree_util.Partial(_quadratic, self.matrix)


def _quadratic(matrix: jax.Array, theta: jax.Array) -> jax.Array:
    return theta @ matrix @ theta / 2


def symmetric(seed: int, values: np.ndarray) -> np.ndarray:
    """Return a symmetric matrix with given eigenvalues and random axes."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((values.size, values.size)))[0]
    return (axes * values) @ axes.T


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_in_as_many_steps_as_dimensions_it_is_all_of_the_spectrum(seed: int) -> None:
    values = np.sort(np.random.default_rng(seed).normal(size=12))
    matrix = symmetric(seed, values)
    found = lanczos(Quadratic(matrix).loss(), jnp.ones(12))
    assert found.complete
    assert np.allclose(found.values, np.linalg.eigvalsh(matrix), atol=1e-13)
    assert np.max(found.bounds) < 1e-12


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), spread=st.floats(0, 3))
def test_an_eigenvalue_lies_within_every_bound(seed: int, spread: float) -> None:
    values = np.exp(spread * np.random.default_rng(seed).normal(size=60)) - 1
    found = lanczos(Quadratic(symmetric(seed, values)).loss(), jnp.zeros(60), steps=20)
    nearest = np.abs(np.asarray(found.values)[:, None] - values).min(axis=1)
    assert (nearest <= np.asarray(found.bounds) + 1e-12 * np.abs(values).max()).all()
    assert not found.complete


@pytest.mark.parametrize("values", [np.zeros(12), np.ones(12), np.repeat([-2.0, 0.0, 3.0], 4)])
def test_repeated_eigenvalues_are_found_as_often_as_they_are_there(values: np.ndarray) -> None:
    found = lanczos(Quadratic(symmetric(1, values)).loss(), jnp.ones(12))
    assert np.allclose(found.values, values, atol=1e-13)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_extremes_stop_by_their_bound_and_keep_it(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=90)
    loss = Quadratic(symmetric(seed, values)).loss()
    for extreme, search in ((values.max(), largest_curvature), (values.min(), smallest_curvature)):
        found = search(loss, jnp.zeros(90), tolerance=1e-5)
        assert float(found.bound) <= 1e-5 * np.abs(values).max()
        assert float(found.value) == pytest.approx(extreme, abs=float(found.bound) + 1e-13)
        image = jax.grad(loss)(found.direction)
        assert np.allclose(image, extreme * found.direction, atol=1e-4)


def test_largest_is_not_the_largest_in_size() -> None:
    loss = Quadratic(symmetric(2, -0.5 - np.arange(90.0))).loss()
    assert float(largest_curvature(loss, jnp.zeros(90)).value) == pytest.approx(-0.5, abs=1e-12)


def test_landscapes_of_the_literature() -> None:
    ten = Rosenbrock(dimension=10)
    found = spectrum(ten.loss, ten.minima()[0].theta)
    assert float(found.values[0]) == pytest.approx(0.498752, abs=5e-7)
    assert float(found.values[-1]) == pytest.approx(1762.840881, abs=5e-7)
    top = largest_curvature(Himmelblau().loss, jnp.array([3.0, 2.0]))
    assert float(top.value) == pytest.approx(82.28427125, abs=5e-9)


def test_network_of_481_parameters_against_the_whole_hessian() -> None:
    loss, theta = chebyshev_network()
    assert theta.size > SMALL
    exact = np.linalg.eigvalsh(np.asarray(hessian_of(loss)(theta)))
    for wanted, search in ((exact[-1], largest_curvature), (exact[0], smallest_curvature)):
        found = search(loss, theta)
        assert float(found.value) == pytest.approx(wanted, abs=1e-12)
    sketch = spectrum(loss, theta)
    assert not sketch.complete
    assert float(sketch.values[-1]) == pytest.approx(exact[-1], abs=1e-10)


def test_extremes_are_the_same_both_ways() -> None:
    loss, at = (
        Quadratic(symmetric(5, np.random.default_rng(5).normal(size=90))).loss(),
        jnp.zeros(90),
    )
    searches = (smallest_curvature, largest_curvature)
    for whole, search in zip(extremes(loss, at), searches, strict=True):
        by_products = search(loss, at)
        assert float(whole.value) == pytest.approx(float(by_products.value), abs=1e-12)
        assert abs(float(whole.direction @ by_products.direction)) == pytest.approx(1, abs=1e-9)


def test_directions_are_eigenvectors() -> None:
    matrix = symmetric(6, np.arange(12.0))
    found = spectrum(Quadratic(matrix).loss(), jnp.zeros(12))
    assert np.allclose(found.directions @ matrix, found.values[:, None] * found.directions)
    same = lanczos(Quadratic(matrix).loss(), jnp.zeros(12))
    assert np.allclose(np.abs(same.directions @ found.directions.T), np.eye(12), atol=1e-12)


def test_preconditioned_network_against_the_whole_hessian() -> None:
    loss, theta = chebyshev_network()
    diagonal = np.random.default_rng(3).uniform(0.01, 2.0, theta.size)
    scale = diagonal**-0.5
    exact = np.linalg.eigvalsh(scale[:, None] * np.asarray(hessian_of(loss)(theta)) * scale)
    assert float(largest_curvature(loss, theta, preconditioner=diagonal).value) == pytest.approx(
        exact[-1], abs=1e-11
    )
    one = lanczos(loss, theta, preconditioner=diagonal)
    assert float(one.values[-1]) == pytest.approx(exact[-1], rel=1e-8)
    assert not np.allclose(lanczos(loss, theta).values[-1], exact[-1], rtol=0.01)


def test_network_of_10314_parameters_against_arpack_and_the_record() -> None:
    loss, theta = wide_network()
    assert theta.size == 10_314
    product = jax.jit(lambda v: jax.jvp(jax.grad(loss), (theta,), (v,))[1])
    operator = LinearOperator(
        (theta.size, theta.size),
        matvec=lambda v: np.asarray(product(jnp.asarray(v.ravel()))),
        dtype=np.float64,
    )
    for which, search, recorded in (
        ("LA", largest_curvature, 1.2570682519),
        ("SA", smallest_curvature, -0.478574),
    ):
        found = search(loss, theta)
        assert float(found.value) == pytest.approx(recorded, abs=5e-7)
        assert float(found.value) == pytest.approx(
            eigsh(operator, k=1, which=which, tol=1e-12)[0][0], abs=1e-10
        )
        assert int(found.products) <= 150


def test_a_warm_start_needs_less_and_finds_the_same() -> None:
    loss, theta = chebyshev_network()
    cold = largest_curvature(loss, theta, tolerance=1e-6)
    warm = largest_curvature(loss, theta + 1e-6, start=cold.direction, tolerance=1e-6)
    assert int(warm.products) <= int(cold.products)
    trapped = Quadratic(np.diag([1.0, *np.zeros(88), 2.0])).loss()
    found = largest_curvature(trapped, jnp.zeros(90), start=jnp.eye(90)[0])
    assert float(found.value) == pytest.approx(2.0, abs=1e-12)


def test_batches_by_vmap() -> None:
    places = jnp.array([[1.0, 1.0], [3.0, 0.0], [0.0, 0.0]])
    rosenbrock = Rosenbrock()
    together = jax.vmap(lambda theta: largest_curvature(rosenbrock.loss, theta).value)(places)
    exact = [np.linalg.eigvalsh(rosenbrock.hessian(one))[-1] for one in places]
    assert np.allclose(together, exact, rtol=1e-12)


def test_no_hessian_is_not_a_number() -> None:
    assert np.isnan(largest_curvature(Ackley().loss, jnp.zeros(2)).value)
    assert np.isnan(spectrum(lambda theta: jnp.sqrt(theta[0]), -jnp.ones(1)).values).all()


def test_whole_landscapes_share_what_was_compiled() -> None:
    calls = []

    class Counted(Bowl):
        def loss(self, theta: jax.Array) -> jax.Array:
            calls.append(theta)
            return super().loss(theta)

    for curvature in (1.0, 2.0, 3.0):
        found = largest_curvature(Counted(dimension=2, curvature=curvature).loss, jnp.zeros(2))
        assert float(found.value) == pytest.approx(curvature, abs=1e-13)
        calls.append(len(calls))
    assert calls[-1] == calls[-2] + 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (dict(theta=jnp.zeros((2, 2))), r"theta must be one point.*\(2, 2\)"),
        (dict(steps=0), "steps must be at least 1; got 0"),
        (dict(preconditioner=jnp.ones(3)), "preconditioner must have shape"),
        (dict(preconditioner=jnp.array([1.0, -2.0])), "preconditioner must be above 0; got -2"),
        (dict(loss=lambda theta: theta), r"loss must return one number.*\(2,\)"),
        (dict(loss=3.0), "loss must be a function of one point; got 3.0"),
    ],
)
def test_bad_input_is_told(wrong: dict, told: str) -> None:
    asked = {"loss": Rosenbrock().loss, "theta": jnp.zeros(2), **wrong}
    with pytest.raises(ValueError, match=told):
        lanczos(**asked)
