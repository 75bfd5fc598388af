"""One contract battery over all landscapes."""

from dataclasses import fields

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.part import is_structure

from .specimens import APART, classes, facts, specimens

SPECIMENS = specimens()
NOT_SMOOTH = {"Ackley"}
VALLEYS = {"ScalarFactorisation", "MatrixFactorisation"}
FLAT_SADDLES = {"MonkeySaddle"}
NO_BOUND_BELOW = {"MonkeySaddle"}
WRAPPED = {"Noisy", "from_function"}

every = pytest.mark.parametrize("name", SPECIMENS)
every_class = pytest.mark.parametrize("name", classes())


def test_every_landscape_is_tried() -> None:
    """A landscape that is exported cannot escape."""
    assert SPECIMENS.keys() - WRAPPED == classes().keys() - APART.keys()


@every
def test_shapes_and_double_precision(name: str) -> None:
    """Loss a scalar, slope (d,), Hessian (d, d) and symmetric; all of 64 bits."""
    landscape, found = SPECIMENS[name], facts(name)
    d = landscape.dimension
    assert found.losses.shape == (len(found.points),)
    assert found.gradients.shape == found.points.shape == (len(found.points), d)
    assert found.hessian.shape == (d, d)
    assert {one.dtype for one in found} == {np.dtype("float64")}
    np.testing.assert_allclose(found.hessian, found.hessian.T, rtol=1e-12, atol=1e-12)
    assert all(np.isfinite(one).all() for one in found[:-1])


@every
def test_domain_holds_start_minima_and_saddles(name: str) -> None:
    """The domain is two corners, the lower below the upper, with all that is known inside."""
    landscape = SPECIMENS[name]
    low, high = landscape.domain()
    assert low.shape == high.shape == landscape.start().shape == (landscape.dimension,)
    assert low.dtype == high.dtype == landscape.start().dtype == jnp.float64
    assert bool(jnp.all(low < high))
    known = [one.theta for one in (*landscape.minima(), *landscape.saddles())]
    assert all(theta.shape == (landscape.dimension,) for theta in known)
    assert all(bool(landscape.contains(theta)) for theta in (landscape.start(), *known))


@every
def test_compiled_is_the_same(name: str) -> None:
    """Compiled with the landscape as an argument, and not compiled, the loss is the same."""
    landscape = SPECIMENS[name]
    np.testing.assert_allclose(
        landscape.loss(landscape.start()), facts(name).start_loss, rtol=1e-13, atol=1e-13
    )


@every
def test_gradient_is_that_of_central_differences(name: str) -> None:
    """The slope agrees with differences of the loss, the Hessian with those of the slope."""
    found = facts(name)
    size = np.abs(found.gradients).max(axis=1, keepdims=True)
    off = np.abs(found.gradients - found.differences)
    assert np.all(off <= 1e-6 * size + 2e-9 * (1 + np.abs(found.losses[:, None])))
    scale = np.abs(found.hessian).max() + 1e-3
    np.testing.assert_allclose(found.bends, found.hessian, rtol=0, atol=1e-6 * scale)


@every
def test_minima_are_minima(name: str) -> None:
    """At each the slope vanishes (where there is one), no curvature is negative; lowest first."""
    landscape = SPECIMENS[name]
    wanted = "degenerate" if name in VALLEYS else "not smooth" if name in NOT_SMOOTH else "minimum"
    assert {landscape.kind_of_point(one.theta) for one in landscape.minima()} <= {wanted}
    # Equal minima may differ in the last digit.
    assert np.all(np.diff([one.loss for one in landscape.minima()]) > -1e-12)


@every
def test_slope_vanishes_at_minima_and_saddles(name: str) -> None:
    """To the last digits; at a cusp there is none."""
    found = facts(name)
    if name in NOT_SMOOTH:
        assert np.isnan(found.slopes_at_rest).all()
        return
    assert np.abs(found.slopes_at_rest).max() < 1e-11 * (1 + np.abs(found.hessian).max())


@every
def test_nothing_is_below_the_lowest_minimum(name: str) -> None:
    """No random point of the domain is lower."""
    landscape = SPECIMENS[name]
    if name in NO_BOUND_BELOW:
        assert landscape.minima() == ()
        return
    assert facts(name).losses.min() >= landscape.minima()[0].loss - 1e-12


@every
def test_saddles_are_saddles(name: str) -> None:
    """At each the slope vanishes and it goes up one way, down another; no rate holds it."""
    landscape = SPECIMENS[name]
    flat = name in FLAT_SADDLES
    for theta, _ in landscape.saddles():
        assert landscape.kind_of_point(theta) == ("degenerate" if flat else "saddle")
        assert flat or np.isnan(landscape.speed_limit(theta))


@every
def test_can_be_taken_apart_and_put_together(name: str) -> None:
    """A landscape is a pytree: its leaves are its numbers, and it is made again from them."""
    leaves, form = jax.tree.flatten(SPECIMENS[name])
    again = jax.tree.unflatten(form, leaves)
    theta = again.start()
    assert float(again.loss(theta)) == float(SPECIMENS[name].loss(theta))
    assert hash(form) is not None


@every_class
def test_says_what_it_is(name: str) -> None:
    """The docstring has a formula, a source and an example; each field its meaning."""
    told = classes()[name].__doc__ or ""
    assert "``f(" in told or "``g(" in told
    assert "References" in told
    assert "Examples" in told or name in APART
    if name not in APART:
        assert classes()[name]().source.strip()
    for declared in fields(classes()[name]):
        assert declared.metadata["help"], declared.name
        assert declared.metadata["unit"], declared.name


@every_class
def test_dimension_is_structure(name: str) -> None:
    """Whole numbers are never traced, so that they may shape arrays."""
    whole = [one for one in fields(classes()[name]) if one.name in ("dimension", "rank", "batch")]
    assert all(is_structure(one) for one in whole)
