"""One contract battery over all landscapes."""

from dataclasses import fields

import jax
import numpy as np
import pytest

from adaptsim.part import is_structure
from adaptsim.testing import check_landscape

from .specimens import APART, classes, facts, specimens

SPECIMENS = specimens()
NOT_SMOOTH = {"Ackley"}
VALLEYS = {"DeepLinear", "LennardJones", "MatrixFactorisation", "ScalarFactorisation"}
FLAT_SADDLES = {"MonkeySaddle"}
NO_MINIMA = {
    "DeepNetwork",
    "Digits",
    "ElasticBar",
    "ElasticPlate",
    "MonkeySaddle",
    "Perceptron",
}
WRAPPED = {"Noisy", "from_function"}
FLAT = 1e-8

every = pytest.mark.parametrize("name", SPECIMENS)
every_class = pytest.mark.parametrize("name", classes())


def test_every_landscape_is_tried() -> None:
    """A landscape that is exported cannot escape."""
    assert SPECIMENS.keys() - WRAPPED == classes().keys() - APART.keys()


@every
def test_keeps_the_contract(name: str) -> None:
    """That of `check_landscape`: forms, purity, slopes, and what is known beforehand."""
    check_landscape(SPECIMENS[name])


@every
def test_double_precision(name: str) -> None:
    """Loss, slope, start and domain have 64 bits, compiled or not."""
    landscape = SPECIMENS[name]
    numbers = [landscape.start(), *landscape.domain(), landscape.loss(landscape.start())]
    assert {one.dtype for one in numbers} == {np.dtype("float64")}
    assert {one.dtype for one in facts(name)[:3]} == {np.dtype("float64")}


@every
def test_hessian_is_that_of_central_differences(name: str) -> None:
    """It is symmetric, finite, and agrees with differences of the slope."""
    found = facts(name)
    d = SPECIMENS[name].dimension
    assert found.hessian.shape == (d, d)
    assert np.isfinite(found.hessian).all()
    np.testing.assert_allclose(found.hessian, found.hessian.T, rtol=1e-12, atol=1e-12)
    scale = np.abs(found.hessian).max() + 1e-3
    np.testing.assert_allclose(found.bends, found.hessian, rtol=0, atol=1e-6 * scale)


@every
def test_minima_are_minima(name: str) -> None:
    """At each all curvatures are above 0; or, in valleys, none is below; or there are none."""
    for curvatures in facts(name).curvatures_at_minima:
        if name in NOT_SMOOTH:
            assert np.isnan(curvatures).all()
        elif name in VALLEYS:
            assert abs(curvatures[0]) < FLAT < curvatures[-1]
        else:
            assert curvatures[0] > FLAT
    assert (not facts(name).curvatures_at_minima) == (name in NO_MINIMA)


@every
def test_slope_vanishes_at_minima_and_saddles(name: str) -> None:
    """To the last digits; at a cusp there is none."""
    found = facts(name)
    for slope in found.slopes_at_rest:
        if name in NOT_SMOOTH:
            assert np.isnan(slope).all()
        else:
            assert np.abs(slope).max() < 1e-11 * (1 + np.abs(found.hessian).max())


@every
def test_nothing_is_below_the_lowest_minimum(name: str) -> None:
    """No random point of the domain is lower."""
    landscape = SPECIMENS[name]
    for lowest in landscape.minima()[:1]:
        assert facts(name).losses.min() >= lowest.loss - 1e-12


@every
def test_saddles_are_saddles(name: str) -> None:
    """At each it goes up one way, down another."""
    for curvatures in facts(name).curvatures_at_saddles:
        if name in FLAT_SADDLES:
            assert not curvatures.any()
        else:
            assert curvatures[0] < -FLAT < FLAT < curvatures[-1]


@every
def test_can_be_taken_apart_and_put_together(name: str) -> None:
    """A landscape is a pytree: its leaves are its numbers, and it is made again from them."""
    leaves, form = jax.tree.flatten(SPECIMENS[name])
    again = jax.tree.unflatten(form, leaves)
    theta = again.start()
    assert float(again.loss(theta)) == float(SPECIMENS[name].loss(theta))
    assert hash(form) is not None


@every
def test_arrays_belong_to_the_landscape(name: str) -> None:
    """Never one entry to an individual, nor in what wraps it."""
    assert SPECIMENS[name].shared


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
