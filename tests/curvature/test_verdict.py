"""Verdicts on points, in numbers and in words."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import landscapes
from adaptsim.curvature import verdict
from adaptsim.curvature.lanczos import SMALL
from adaptsim.landscapes import (
    Ackley,
    Canyon,
    DoubleWell,
    Landscape,
    MonkeySaddle,
    Rosenbrock,
    ScalarFactorisation,
    StrictSaddle,
)
from adaptsim.rules import Adam, Momentum

SMOOTH = ["Booth", "DoubleWell", "Himmelblau", "MonkeySaddle", "Ackley"]


@pytest.mark.parametrize("name", SMOOTH)
def test_kinds_are_those_of_the_landscapes(name: str) -> None:
    landscape: Landscape = getattr(landscapes, name)()
    for place in (*landscape.minima(), *landscape.saddles(), landscape.point(landscape.start())):
        found = verdict(landscape.loss, place.theta)
        assert found.kind == landscape.kind_of_point(place.theta)
        expected = float(landscape.speed_limit(place.theta))
        if found.kind != "not smooth":
            assert found.limit == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_saddle_is_held_at_no_rate_and_left_in_time() -> None:
    found = verdict(StrictSaddle().loss, jnp.zeros(2))
    assert found.kind == "saddle"
    assert math.isnan(found.limit)
    assert found.flip is None
    assert "no rate stabilises this point: curvature -1 along (0, 1)" in str(found)
    theta, steps = jnp.array([0.0, 1e-9]), 0
    slope = jax.jit(jax.grad(StrictSaddle().loss))
    while float(theta[1]) < 1e-3:
        theta, steps = theta - 0.1 * slope(theta), steps + 1
    assert steps == math.ceil(found.escape_steps(0.1, 1e-9, 1e-3))


def test_minimum_says_its_limit_and_what_is_past_it() -> None:
    found = verdict(DoubleWell().loss, jnp.ones(1))
    assert (found.kind, found.limit) == ("minimum", pytest.approx(1.0))
    assert found.flip is not None
    assert found.flip.coefficient == pytest.approx(8)
    assert "stable oscillation" in str(found)
    assert found.escape_steps(0.1, 1e-6, 1.0) == math.inf


def test_other_rules_have_their_own_limit_and_no_certificate() -> None:
    found = verdict(Canyon().loss, jnp.zeros(2), Momentum(momentum=0.9))
    assert found.limit == pytest.approx(0.038)
    assert found.flip is None
    assert verdict(Canyon().loss, jnp.ones(2), Adam()).limit == pytest.approx(38, rel=1e-7)


def test_maximum_valley_and_flat_place() -> None:
    top = verdict(DoubleWell().loss, jnp.zeros(1))
    assert top.kind == "maximum"
    assert math.isnan(top.limit)
    valley = verdict(ScalarFactorisation().loss, jnp.array([2.0, 0.5]))
    assert valley.kind == "degenerate"
    assert valley.limit == pytest.approx(2 / 4.25)
    assert "drift to a flatter minimum" in str(valley)
    flat = verdict(MonkeySaddle().loss, jnp.zeros(2))
    assert (flat.kind, flat.limit) == ("degenerate", math.inf)


def looped(theta: jax.Array) -> jax.Array:
    return jax.lax.while_loop(lambda x: x < 3, lambda x: 2 * x, theta[0])


@pytest.mark.parametrize(
    ("loss", "theta"),
    [
        (Ackley().loss, jnp.zeros(2)),
        (lambda theta: jnp.sum(jnp.abs(theta)), jnp.zeros(3)),
        (lambda theta: jnp.max(theta), jnp.zeros(3)),
        (lambda theta: jnp.floor(theta[0]) + theta[1] ** 2, jnp.array([1.0, 0.0])),
        (lambda theta: jnp.sqrt(theta[0]), -jnp.ones(1)),
        (lambda theta: jnp.nan * theta[0], jnp.ones(1)),
        (lambda theta: jnp.log(theta[0]), -jnp.ones(1)),
        (lambda theta: jnp.asarray(np.sin(theta[0])), jnp.ones(1)),
        (lambda theta: float(theta[0]) ** 2, jnp.ones(1)),
        (looped, jnp.ones(1)),
    ],
    ids=["cusp", "kink", "ties", "jump", "no root", "nan", "no log", "NumPy", "float", "while"],
)
def test_what_is_not_smooth_is_flagged(loss, theta: jax.Array) -> None:
    found = verdict(loss, theta)
    assert found.kind == "not smooth"
    assert math.isnan(found.limit)
    assert found.flip is None
    assert str(found).startswith("not smooth: ")
    assert len(found.problem) > 10


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_rounding_is_no_jump(offset: float) -> None:
    """A loss that is the difference of two large numbers has steps of its own last digit."""
    loss = jax.tree_util.Partial(lambda o, theta: (jnp.sum(theta**2) + o) - o, jnp.asarray(offset))
    assert verdict(loss, jnp.zeros(2)).kind == "minimum"


def bowl(bend: jax.Array, kink: jax.Array, theta: jax.Array) -> jax.Array:
    """Return a bowl of unlike curvatures, one of them shifted by ``bend``, with a kink."""
    curvatures = (1 + jnp.arange(theta.size) % 5) + bend * (jnp.arange(theta.size) == 7)
    return jnp.sum(curvatures * theta**2 / 2 + theta**4) + kink * jnp.abs(theta[3])


def test_many_dimensions_without_a_whole_hessian() -> None:
    at = jnp.zeros(SMALL + 1)

    def of(bend: float, kink: float) -> jax.tree_util.Partial:
        return jax.tree_util.Partial(bowl, jnp.asarray(bend), jnp.asarray(kink))

    held = verdict(of(0.0, 0.0), at)
    assert (held.kind, held.limit) == ("minimum", pytest.approx(0.4))
    left = verdict(of(-4.0, 0.0), at)
    assert left.kind == "saddle"
    assert float(left.smallest.value) == pytest.approx(-1)
    assert verdict(of(0.0, 1.0), at).kind == "not smooth"
    assert verdict(of(0.0, 0.0), at + 0.1).kind == "slope"


def test_slope_is_told() -> None:
    found = verdict(Rosenbrock().loss, jnp.array([-1.2, 1.0]))
    assert found.kind == "slope"
    assert found.steepness == pytest.approx(215.6)
    assert "gradient 215.6, not at rest" in str(found)


def test_wrong_input_is_an_error() -> None:
    with pytest.raises(ValueError, match="loss must return one number"):
        verdict(lambda theta: theta, jnp.zeros(2))
    with pytest.raises(ValueError, match="theta must be one point"):
        verdict(Canyon().loss, jnp.zeros((3, 2)))
