"""Each rule of the contract of a rule and of a schedule, broken once."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import optax
import pytest

from adaptsim.part import field
from adaptsim.rules import Rule, Schedule
from adaptsim.testing import ContractError, check_rule, check_schedule

COUNT = itertools.count()


def stateless(update):
    """Return a transformation without memory."""
    return optax.GradientTransformation(
        lambda trait: (), lambda gradient, memory, trait=None: (update(gradient), memory)
    )


def remembering(first, update):
    """Return a transformation with memory."""
    return optax.GradientTransformation(
        first, lambda gradient, memory, trait=None: update(gradient, memory)
    )


def lucky(update):
    """Return a transformation without memory that asks for normal numbers."""
    return optax.GradientTransformationExtraArgs(
        lambda trait: (),
        lambda gradient, memory, trait=None, *, normal, **_: (update(gradient, normal), memory),
    )


class Nothing(Rule):
    pass


class NoTransformation(Rule):
    def transformation(self):
        return lambda gradient: -0.1 * gradient


class Uphill(Rule):
    def transformation(self):
        return optax.scale(0.1)


class RateWithIf(Rule):
    learning_rate: float = field(0.1, help="rate")

    def transformation(self):
        return optax.scale(-self.learning_rate if self.learning_rate < 1 else -1.0)


class RateWithFloat(Rule):
    learning_rate: float = field(0.1, help="rate")

    def transformation(self):
        return optax.scale(-float(self.learning_rate))


class Summed(Rule):
    def transformation(self):
        return stateless(lambda gradient: -0.1 * gradient.sum())


class Forgetful(Rule):
    def transformation(self):
        return remembering(jnp.zeros_like, lambda g, memory: (-0.1 * g, ()))


class CountsInHalves(Rule):
    def transformation(self):
        return remembering(lambda trait: jnp.asarray(0), lambda g, m: (-0.1 * g, m + 0.5))


class Drifting(Rule):
    def transformation(self):
        return optax.chain(optax.add_decayed_weights(0.1), optax.scale(-0.1))


class Dividing(Rule):
    def transformation(self):
        return stateless(lambda g: -0.1 * jnp.where(g == 0, 0.0, g / jnp.maximum(g**2 - 1.0, 0)))


class InPlace(Rule):
    def transformation(self):
        def update(gradient):
            gradient *= -0.1
            return gradient

        return stateless(update)


class WithAClockOfItsOwn(Rule):
    def transformation(self):
        return stateless(lambda gradient: -0.1 / (1 + next(COUNT)) * gradient)


class CountsApart(Rule):
    def transformation(self):
        def update(gradient, count):
            count = count + jnp.sum(gradient > 0)
            return -gradient / (1 + count), count

        return remembering(lambda trait: jnp.asarray(0), update)


class Shy(Rule):
    learning_rate: float = field(0.1, help="rate")

    def transformation(self):
        return optax.scale(-self.learning_rate)

    def __repr__(self):
        return "Shy()"


class Restless(Rule):
    """It drifts even where its luck is none."""

    randomness = ("normal",)

    def transformation(self):
        return lucky(lambda gradient, normal: -0.1 * gradient + 0.1 * normal + 0.01)


class UphillByLuck(Rule):
    randomness = ("normal",)

    def transformation(self):
        return lucky(lambda gradient, normal: 0.1 * gradient + 0.1 * normal)


class AsksForDice(Rule):
    randomness = ("dice",)

    def transformation(self):
        return optax.scale(-0.1)


class DoesNotSayThatItAsks(Rule):
    def transformation(self):
        return lucky(lambda gradient, normal: -0.1 * gradient + 0.1 * normal)


BROKEN = {
    Nothing: "Nothing.transformation is missing",
    NoTransformation: "transformation must return an optax.GradientTransformation; got function",
    Uphill: r"goes uphill: .* write a minus",
    RateWithIf: "transformation decides in Python",
    RateWithFloat: "transformation makes a Python number",
    Summed: r"must return an increment of the traits' shape, \(3,\); got \(\)",
    Forgetful: "must keep the form of the memory: it was built as",
    CountsInHalves: "must keep the form of the memory: part 0 of 1 was int64",
    Drifting: "must stay where the gradient is 0",
    Dividing: "increments must be finite",
    InPlace: "changes the gradient it was given; return new arrays",
    WithAClockOfItsOwn: "asked twice the same answers",
    CountsApart: "counts_together is True, but its whole-number memory depends on the gradient",
    Restless: "must stay where the gradient is 0: from rest it moves traits by .0.01",
    UphillByLuck: "goes uphill",
    AsksForDice: "randomness asks for 'dice', which nobody draws; there are 'normal' and",
    DoesNotSayThatItAsks: "update raises TypeError",
    Shy: "repr must show all fields, .* learning_rate not in",
}


def _name(one):
    return getattr(one, "__name__", "")


@pytest.mark.parametrize(("rule", "words"), BROKEN.items(), ids=_name)
def test_says_what_is_wrong_with_a_rule(rule, words):
    with pytest.raises(ContractError, match=words) as caught:
        check_rule(rule)
    assert len(caught.value.problems) == 1, "one mistake must be told once"


class CountsApartAndSaysSo(CountsApart):
    counts_together = False


def test_rule_that_counts_apart_may_say_so():
    check_rule(CountsApartAndSaysSo)


class Lucky(Rule):
    """Noise about a step that is right."""

    randomness = ("normal", "uniform")

    def transformation(self):
        return lucky(lambda gradient, normal: -0.1 * gradient + 0.1 * normal)


def test_rule_that_asks_for_luck_and_says_so_is_right():
    check_rule(Lucky)


class Negative(Schedule):
    def __call__(self, count):
        return 0.1 - 0.001 * count


class PerTrait(Schedule):
    def __call__(self, count):
        return jnp.array([0.1, 0.2])


class WithIf(Schedule):
    def __call__(self, count):
        return 0.1 if count < 10 else 0.01


class Wordless(Schedule):
    pass


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Negative, "must return a finite learning rate of at least 0; got -0.9 at count 1000"),
        (PerTrait, r"must return one number, shape \(\); got shape \(2,\)"),
        (WithIf, "__call__ decides in Python"),
        (Wordless, "__call__ is missing"),
    ],
    ids=_name,
)
def test_says_what_is_wrong_with_a_schedule(schedule, words):
    with pytest.raises(ContractError, match=words):
        check_schedule(schedule)
