"""Each rule of the contract of a landscape, broken once: the check must say so."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import Himmelblau, Landscape, Point
from adaptsim.part import Part, field
from adaptsim.testing import (
    ContractError,
    Undocumented,
    check_landscape,
    problems_of_landscape,
)

COUNT = itertools.count()


class Right(Landscape):
    dimension = 2
    minima_at = (0.0,)

    def loss(self, theta):
        return jnp.sum(theta**2) / 2


class NoLoss(Landscape):
    dimension = 2


class NoDimension(Landscape):
    def loss(self, theta):
        return jnp.sum(theta**2)


class HalfADimension(Right):
    dimension = 2.5


class BoxOfOneNumber(Right):
    box = 5.0


class MinimumNotInATuple(Right):
    minima_at = 0.0


class StartOfOtherDimension(Right):
    starts_at = (1.0, 1.0, 1.0)


class StartOfOtherShape(Right):
    def start(self):
        return jnp.zeros(3)


class WholeStart(Right):
    def start(self):
        return jnp.array([1, 2])


class NoStart(Right):
    starts_at = jnp.nan


class BoxUpsideDown(Right):
    box = (5.0, -5.0)


class DomainOfOtherShape(Right):
    def domain(self):
        return jnp.zeros(3), jnp.ones(3)


class StartOutside(Right):
    box = (-0.5, 0.5)


class RandomStart(Right):
    def start(self):
        return jnp.asarray(np.random.default_rng().standard_normal(2))


class LossOfManyNumbers(Right):
    def loss(self, theta):
        return theta**2


class WholeLoss(Right):
    def loss(self, theta):
        return jnp.sum(theta > 1)


class LossOfThree(Right):
    def loss(self, theta):
        x, y, z = theta
        return x**2 + y**2 + z**2


class LossWithIf(Right):
    def loss(self, theta):
        return jnp.sum(theta**2) if theta[0] > 0 else jnp.sum(theta**4)


class FieldWithFloat(Right):
    stiffness: float = field(1.0, help="curvature")

    def loss(self, theta):
        return float(self.stiffness) * jnp.sum(theta**2)


class LossWithNumPy(Right):
    def loss(self, theta):
        return np.sum(np.asarray(theta) ** 2)


class InfiniteAtTheStart(Right):
    def loss(self, theta):
        return super().loss(theta) / (theta[0] - 1) ** 2


class InfiniteInTheDomain(Right):
    minima_at = ()

    def loss(self, theta):
        return jnp.sum(theta - jnp.log(theta))


class RandomLoss(Right):
    def loss(self, theta):
        return super().loss(theta) + next(COUNT)


class FlatForJax(Right):
    minima_at = ()

    def loss(self, theta):
        return super().loss(jax.lax.stop_gradient(theta))


class GradientOfOtherShape(Right):
    def gradient(self, theta):
        return jnp.sum(theta)


class WrongGradient(Right):
    def gradient(self, theta):
        return 2 * theta


class FeltInOtherShape(Right):
    def perceived_gradient(self, theta, key):
        return jax.random.normal(key, (3,))


class FeltByOtherChance(Right):
    def perceived_gradient(self, theta, key):
        return self.gradient(theta) + next(COUNT)


class TermsWithoutNumber(Right):
    def term(self, theta, index):
        return theta[index] ** 2


class TermsThatAddUp(Right):
    n_terms = 2

    def term(self, theta, index):
        return theta[index] ** 2 / 2


class MinimumBeside(Right):
    minima_at = (1e-5,)


class SaddleForMinimum(Right):
    def loss(self, theta):
        return theta[0] ** 2 - theta[1] ** 2


class MinimumOutside(Right):
    box = (0.5, 2.0)


class HighestFirst(Right):
    """Wells at 1 and 2, the second lower by 1."""

    minima_at = (1.0, 2.0)

    def loss(self, theta):
        wells = jnp.stack([jnp.sum((theta - 1) ** 2), jnp.sum((theta - 2) ** 2) - 1])
        return jnp.min(jnp.where(jnp.sum(theta) < 2.5, wells[0], wells[1]))


class PlaceForPlaces(Right):
    """Means the one place (1, 1), and says twice the place that 1 stands for."""

    minima_at = (1.0, 1.0)

    def loss(self, theta):
        return jnp.sum((theta - 1) ** 2)


class MinimaWithoutLoss(Right):
    def minima(self):
        return (jnp.zeros(2),)


class MinimaOfOtherShape(Right):
    def minima(self):
        return (Point(jnp.zeros(3), 0.0),)


class MinimumWithOtherLoss(Right):
    def minima(self):
        return (Point(jnp.zeros(2), -1.0),)


class SaddleOnASlope(Right):
    saddles_at = (0.5,)


BROKEN = {
    NoLoss: "NoLoss.loss is missing",
    NoDimension: "NoDimension.dimension is missing",
    HalfADimension: "dimension must be a whole number from 1; got 2.5; write dimension = 2",
    BoxOfOneNumber: r"box must be a pair \(low, high\); got 5.0; write box = \(-5.0, 5.0\)",
    MinimumNotInATuple: r"minima_at must be a tuple of places; got 0.0; write \(0.0,\)",
    StartOfOtherDimension: r"starts_at must have places of one number or 2, .* got \(1.0, 1.0, 1.",
    StartOfOtherShape: r"start must have the shape \(2,\), the dimension; got \(3,\)",
    WholeStart: "start must hold real numbers; got int64",
    NoStart: r"start must be finite; got \[nan nan\]",
    BoxUpsideDown: r"domain must have its low below its high; got \[5. 5.\] and \[-5. -5.\]",
    DomainOfOtherShape: r"domain must return two arrays of shape \(2,\), .* got \(3,\), \(3,\)",
    StartOutside: r"start lies outside the domain: \[1. 1.\], not from \[-0.5 -0.5\]",
    RandomStart: "start called twice with the same gives .* draw from a seed that is a field",
    LossOfManyNumbers: r"loss must return one number, shape \(\); got shape \(2,\); write jnp.sum",
    WholeLoss: "loss must return a real number; got int64",
    LossOfThree: r"loss raises ValueError: not enough values to unpack \(expected 3, got 2\)",
    LossWithIf: "loss decides in Python .* write jnp.where",
    FieldWithFloat: r"loss makes a Python number \(float\(\)",
    LossWithNumPy: r"loss hands a number that JAX compiles to NumPy; write jnp\.",
    InfiniteAtTheStart: r"loss must be finite at the start; got inf at \[1. 1.\]",
    InfiniteInTheDomain: "loss must be finite in the domain; got nan at .* write a narrower box",
    RandomLoss: "loss called twice with the same gives .* noise belongs to Noisy",
    FlatForJax: "loss changes by .* per unit along a line, but its gradient says 0",
    GradientOfOtherShape: r"gradient must have the shape \(2,\); got \(\)",
    WrongGradient: "loss changes by .* but its gradient says",
    FeltInOtherShape: r"perceived_gradient must have the shape \(2,\); got \(3,\)",
    FeltByOtherChance: "perceived_gradient gives .* for the same key; draw with jax.random",
    TermsWithoutNumber: r"has a term\(theta, index\), but no n_terms",
    TermsThatAddUp: "term: the mean of its 2 terms is 0.5, but the loss is 1.0",
    MinimumBeside: r"minima has \[1.e-05 1.e-05\], where the slope is not 0 .* stationary_point",
    SaddleForMinimum: r"minima has \[0. 0.\], which is none: the loss is 0, but it is -",
    MinimumOutside: r"minima lies outside the domain: \[0. 0.\]; write a wider box",
    HighestFirst: r"minima must come lowest first; got \[ 0. -1.\]",
    PlaceForPlaces: r"minima has a place more than once; .* minima_at = \(\(1.0, 2.0\),\)",
    MinimaWithoutLoss: r"minima must return a tuple of points; .* write \(self.point\(theta\),\)",
    MinimaOfOtherShape: r"minima must have places of shape \(2,\), the dimension; got \(3,\)",
    MinimumWithOtherLoss: r"minima has the loss -1.0 where it is 0.0, .* write self.point",
    SaddleOnASlope: r"saddles has \[0.5 0.5\], where the slope is not 0 but \[0.5 0.5\]",
}


@pytest.mark.parametrize(
    ("landscape", "words"), BROKEN.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_says_what_is_wrong(landscape, words):
    with pytest.raises(ContractError, match=words) as caught:
        check_landscape(landscape)
    assert len(caught.value.problems) == 1, "one mistake must be told once"


class WrongInTwoWays(WrongGradient):
    saddles_at = (0.5,)


def test_tells_all_that_is_wrong_at_once():
    assert [problem.split()[0] for problem in problems_of_landscape(WrongInTwoWays)] == [
        "WrongInTwoWays.loss",
        "WrongInTwoWays.saddles",
    ]


def test_says_in_which_line_of_a_file_it_went_wrong():
    (problem,) = problems_of_landscape(LossWithIf)
    assert "test_broken_landscapes.py)" in problem


class Corner(Right):
    """Least at a corner of its domain, where the slope does not vanish."""

    box = (1.0, 3.0)
    starts_at = 2.0
    minima_at = (1.0,)


class Kink(Right):
    """Least where it has no slope, but JAX takes one of two for it."""

    def loss(self, theta):
        return jnp.sum(jnp.where(theta >= 0, theta, -2 * theta))


class Shelf(Right):
    """Least all along a line."""

    def loss(self, theta):
        return theta[0] ** 4


@pytest.mark.parametrize("landscape", [Right, Corner, Kink, Shelf, Himmelblau])
def test_minima_at_corners_kinks_and_in_valleys_are_minima(landscape):
    check_landscape(landscape)


def test_landscape_of_a_function_is_checked():
    check_landscape(Landscape.from_function(lambda x: jnp.sum(x**4), 3, minima=[0.0]))
    falls = Landscape.from_function(lambda x: x[0] ** 2 - x[1], minima=[0.0])
    (problem,) = problems_of_landscape(falls)
    assert problem.startswith("FromFunction.minima has [0. 0.], which is none")


class Silent(Right):
    stiffness: float = 1.0


def test_field_without_help_is_a_warning():
    with pytest.warns(Undocumented, match=r"Silent.stiffness has no help; write field\(1.0, unit="):
        check_landscape(Silent)


class Needy(Right):
    stiffness: float = field(help="curvature")


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (Needy, r"needs fields; give an object to check: Needy\(stiffness=...\)"),
        (Part, r"must be a subclass of Landscape; write class Part\(Landscape\):"),
        (7, "must be a subclass of Landscape"),
    ],
)
def test_refuses_what_is_no_landscape(thing, words):
    with pytest.raises(ContractError, match=words):
        check_landscape(thing)


def test_object_with_required_fields_is_checked():
    check_landscape(Needy(stiffness=2.0))
