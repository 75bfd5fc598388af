"""Environments made of environments."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.agents import Tracker
from adaptsim.environments import (
    AutoRegressive,
    Constant,
    Environment,
    PreyCycle,
    Recorded,
    Sinusoid,
    Stack,
    Step,
    Sum,
    WhiteNoise,
)
from adaptsim.part import Array, WrongField

from .courses import agrees, course, courses

both = pytest.mark.parametrize("kind", [Sum, Stack])


def test_sum_adds() -> None:
    """The cue of a sum is the sum of the cues, as is where it rests."""
    sine, change = Sinusoid(mean=2.0, period=9.0), Step(after=3.0, at=20.0)
    whole = Sum(parts=(sine, change))
    np.testing.assert_allclose(
        course(whole, 40), course(sine, 40) + course(change, 40), rtol=0, atol=1e-15
    )
    assert whole.rest().tolist() == [5.0]
    assert Sum(parts=(PreyCycle(), PreyCycle())).rest().shape == (2,)


def test_stack_sets_side_by_side() -> None:
    """The cue of a stack holds those of its parts in order, whatever their sizes."""
    prey, change = PreyCycle(period=9.0), Step(after=3.0, at=20.0)
    whole = Stack(parts=(prey, change, prey))
    seen = course(whole, 40)
    np.testing.assert_allclose(seen[:, :2], course(prey, 40), rtol=1e-14)
    np.testing.assert_array_equal(seen[:, 2:3], course(change, 40))
    np.testing.assert_array_equal(seen[:, 3:], seen[:, :2])
    assert whole.rest().tolist() == [1.0, 1.0, 3.0, 1.0, 1.0]


def test_equal_parts_take_independent_courses() -> None:
    """Two equal random parts are uncorrelated, so that their variances add."""
    noise = AutoRegressive(variance=2.0, correlation=0.7)
    apart = courses(Stack(parts=(noise, noise)), 50, 2000)
    assert agrees((apart[..., 0] * apart[..., 1]).mean(axis=1), 0.0)
    added = courses(Sum(parts=(noise, noise)), 50, 2000)[..., 0]
    assert agrees((added**2).mean(axis=1), 4.0)
    assert agrees((added[:, 1:] * added[:, :-1] - 0.7 * added[:, :-1] ** 2).mean(axis=1), 0.0)


def test_a_part_keeps_its_course_when_another_is_added() -> None:
    """What is added behind does not shift the numbers of what stands before."""
    noise = WhiteNoise()
    alone = course(Stack(parts=(noise,)), 30)
    np.testing.assert_array_equal(alone, course(Stack(parts=(noise, noise)), 30)[:, :1])


@both
@pytest.mark.parametrize(
    ("parts", "probe", "random"),
    [
        ((Constant(), Constant()), "rest", False),
        ((Constant(), Sinusoid()), "tone", False),
        ((Step(), Constant()), "step", False),
        ((Step(), Sinusoid()), "fluctuation", False),
        ((Constant(), WhiteNoise()), "fluctuation", True),
        ((Sinusoid(), WhiteNoise()), "fluctuation", True),
    ],
)
def test_probe(kind: Any, parts: tuple[Environment, ...], probe: str, random: bool) -> None:
    """If one part alone moves its probe is that of the whole."""
    whole = kind(parts=parts)
    assert whole.probe == probe
    assert whole.random == random
    assert kind(parts=(whole,)).probe == probe


@both
def test_refuses_what_is_no_environment(kind: Any) -> None:
    """No parts, names, classes and other kinds of part are refused by place."""
    with pytest.raises(WrongField, match=rf"{kind.__name__}.parts must hold"):
        kind(parts=())
    tracker: Any = Tracker
    for wrong in ("Sinusoid", Sinusoid, {"kind": "Sinusoid"}, tracker()):
        with pytest.raises(WrongField, match=rf"{kind.__name__}.parts \[1\] must be an env"):
            kind(parts=(Constant(), wrong))


def test_refuses_cues_that_do_not_fit() -> None:
    """Sizes that differ cannot be added, and a cue must be a row."""
    with pytest.raises(WrongField, match=r"got Constant 1, PreyCycle 2; .* use Stack"):
        Sum(parts=(Constant(), PreyCycle()))
    nested = Stack(parts=(Constant(), WhiteNoise()))
    assert Sum(parts=(nested, PreyCycle())).rest().tolist() == [1.0, 1.0]

    class Bare(Environment):
        def cue(self, world: Any, step: Array) -> Array:
            return jnp.asarray(1.0)

    with pytest.raises(WrongField, match=r"Stack.parts \[0\] \(Bare\) must show a cue of shape"):
        Stack(parts=(Bare(),))


def test_is_a_pytree_like_any_other() -> None:
    """Stand-ins, batches and traced numbers pass through; a batch runs under vmap."""
    whole = Sum(parts=(Sinusoid(), WhiteNoise()))
    assert jax.tree.map(lambda leaf: object(), whole).probe == "fluctuation"
    assert jax.tree.map(lambda leaf: None, whole).random
    pelts = Recorded(path="adaptsim:data/hare_lynx_pelts.csv", columns=("lynx",))
    mixed = Sum(parts=(pelts, Constant(value=1.0)))
    many = jax.tree.map(lambda leaf: jnp.stack([jnp.asarray(leaf)] * 3), mixed)
    seen = jax.vmap(lambda one: one.cue(((), ()), jnp.asarray(0.0)))(many)
    assert seen.tolist() == [[5.0]] * 3
    assert jax.grad(lambda one: one.rest().sum())(whole.replace()).parts[0].mean == 1.0
