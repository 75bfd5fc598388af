"""The contract of a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim.adaptation import row
from adaptsim.agents import Tracker
from adaptsim.environments import Constant
from adaptsim.part import Array, field
from adaptsim.rules import Rule
from adaptsim.simulation import simulate
from adaptsim.testing.contract import (
    alike,
    call,
    compiled,
    is_finite,
    name_of,
    other_form,
    problems_of,
    refuse,
    shows,
)

STEPS, ROWS, LENGTH = 10, 4, 30
SIZES = np.array([1.0, 0.0, 1e-3, 1e3, -1.0, 0.0])
TRAIT, SLOPE = np.array([0.5, -1.0, 2.0]), np.array([1.0, -2.0, 3.0])
KICK = np.array([0.3, -1.2, 0.5])
NUMBERS = ("normal", "uniform")


def check_rule(rule: Any) -> None:
    """Raise `ContractError` unless a rule is right.

    Checked: ``transformation`` builds an optax transformation that can be compiled; increments are
    finite, of the traits' shape and at first downhill; no gradient, no increment; nothing given is
    changed and the same gives the same; memory keeps its form; each field may differ per individual
    and individuals do not mix; ``counts_together`` is true only if it may be; ``repr`` shows all
    fields. A rule that asks for random numbers (``randomness``) must go downhill and stay at rest
    where its normal numbers are 0, their mean, and is otherwise given the same each time.

    Examples
    --------
    >>> class Uphill(Rule):
    ...     def transformation(self):
    ...         return optax.scale(0.1)
    >>> check_rule(Uphill)
    Traceback (most recent call last):
        ...
    adaptsim.testing.contract.ContractError: Uphill does not keep the contract of a rule:
      1. Uphill goes uphill: under the gradient [ 1. -2.  3.] the first increment is
      [ 0.1 -0.2  0.3]; write a minus, as in optax.scale(-learning_rate)
    """
    refuse("a rule", rule, problems_of_rule(rule))


def problems_of_rule(rule: Any) -> list[str]:
    """Return what is wrong with a rule, one sentence each; see `check_rule`.

    Examples
    --------
    >>> from adaptsim import GradientDescent
    >>> problems_of_rule(GradientDescent(learning_rate=0.3))
    []
    """
    values = [_idle, _downhill, _finite, _pure, _counts, _repr]
    return problems_of(rule, Rule, lambda one: row(one, 0), [_form], values, [_rows])


class _Dealt(Rule):
    """A rule with its luck dealt beforehand: in each step, and for each individual, the same."""

    abstract: ClassVar[bool] = True

    rule: Rule = field(help="the rule that is dealt with")
    size: float = field(default=1.0, help="factor of the normal numbers")

    @property
    def counts_together(self) -> bool:
        """What the rule says."""
        return self.rule.counts_together

    def transformation(self) -> optax.GradientTransformation:
        """Return the rule's own transformation, told fixed numbers in place of drawn ones."""
        learn = optax.with_extra_args_support(self.rule.transformation())

        def update(gradient: Array, memory: Any, trait: Any = None, **told: Any) -> Any:
            dealt = {"normal": self.size * jnp.resize(KICK, jnp.shape(trait)), "uniform": 0.5}
            asked = {name: dealt.get(name) for name in self.rule.randomness}
            return learn.update(gradient, memory, trait, **{**told, **asked})

        return optax.GradientTransformationExtraArgs(learn.init, update)


def _learn(rule: Rule, gradient: Any, memory: Any, trait: Any) -> tuple[Any, Any]:
    """Return increment and memory as :func:`adaptsim.adaptation.adapt` gets them.

    The loss is the parabola of curvature 1 that has the gradient where the traits are.
    """

    def loss(other: Any) -> Any:
        return (gradient**2).sum() + ((other - trait) * (gradient + (other - trait) / 2)).sum()

    update = optax.with_extra_args_support(rule.transformation()).update
    told = {"value": loss(trait), "grad": gradient, "value_fn": loss}
    learnt: tuple[Any, Any] = update(gradient, memory, trait, **told, **dict.fromkeys(NUMBERS))
    return learnt


@jax.jit
def _learnt(rule: Rule, gradients: Array, luck: float) -> tuple[Array, Any]:
    """Return all increments under gradients ``(T, d)`` and the memory after them."""
    trait, dealt = jnp.asarray(TRAIT), _Dealt(rule=rule, size=luck)

    def one(memory: Any, gradient: Array) -> tuple[Any, Array]:
        increment, memory = _learn(dealt, gradient, memory, trait)
        return memory, increment

    memory, increments = jax.lax.scan(one, rule.transformation().init(trait), gradients)
    return increments, memory


def _gradients(sizes: Any) -> Array:
    """Return gradients of the given sizes, again and again, shape ``(T, d)``."""
    return jnp.asarray(np.resize(sizes, LENGTH)[:, None] * SLOPE)


def _form(rule: Rule) -> Iterator[str]:
    name, trait = f"{name_of(rule)}.transformation", jnp.asarray(TRAIT)
    made = call(rule, "transformation", rule.transformation)
    if not isinstance(made, optax.GradientTransformation):
        problem = f"must return an optax.GradientTransformation; got {type(made).__name__}"
        yield f"{name} {problem}; write return optax.scale(...), or optax.chain(...)"
        return
    if strange := [one for one in rule.randomness if one not in NUMBERS]:
        problem = f"asks for {strange[0]!r}, which nobody draws; there are 'normal' and 'uniform'"
        yield f"{name_of(rule)}.randomness {problem}"
    begun = compiled(rule, "transformation", lambda rule: rule.transformation().init(trait), rule)
    before = call(rule, "transformation().init", made.init, trait)
    learnt = (_Dealt(rule=rule), jnp.asarray(SLOPE), before, trait)
    increment, after = compiled(rule, "transformation().update", _learn, *learnt)
    if differs := other_form(before, begun) or other_form(before, after):
        hint = "let update return a memory of the form that init returns"
        yield f"{name}().update must keep the form of the memory: {differs}; {hint}"
    if jnp.shape(increment) != trait.shape:
        problem = f"of the traits' shape, {trait.shape}; got {jnp.shape(increment)}"
        yield f"{name}().update must return an increment {problem}"


def _idle(rule: Rule) -> Iterator[str]:
    increments, _ = _learnt(rule, _gradients([0.0]), 0.0)
    if not np.all(np.asarray(increments) == 0):
        moved = f"from rest it moves traits by {shows(increments[0])}; put a pull into the loss"
        yield f"{name_of(rule)} must stay where the gradient is 0: {moved}"


def _downhill(rule: Rule) -> Iterator[str]:
    increments, _ = _learnt(rule, _gradients([1.0]), 0.0)
    if float(jnp.sum(increments[0] * SLOPE)) > 0:
        problem = f"under the gradient {shows(SLOPE)} the first increment is"
        hint = "write a minus, as in optax.scale(-learning_rate)"
        yield f"{name_of(rule)} goes uphill: {problem} {shows(increments[0])}; {hint}"


def _finite(rule: Rule) -> Iterator[str]:
    gradients = _gradients(SIZES)
    increments = np.asarray(_learnt(rule, gradients, 1.0)[0])
    if not is_finite(increments):
        first = int(np.flatnonzero(~np.isfinite(increments).all(axis=1))[0])
        problem = f"got {shows(increments[first])} under the gradient {shows(gradients[first])}"
        hint = "add something small to what is divided by"
        yield f"{name_of(rule)}: increments must be finite; {problem}; {hint}"


def _pure(rule: Rule) -> Iterator[str]:
    name, given = name_of(rule), {"gradient": SLOPE.copy(), "traits": TRAIT.copy()}
    memory = rule.transformation().init(jnp.asarray(TRAIT))
    kept = [np.array(leaf) for leaf in jax.tree.leaves(memory)]

    def learn() -> Any:
        return _learn(_Dealt(rule=rule), given["gradient"], memory, given["traits"])[0]

    first = call(rule, "transformation().update", learn)
    now = jax.tree.leaves(memory)
    changed = [
        what for what, was in zip(given, (SLOPE, TRAIT), strict=True) if any(given[what] != was)
    ]
    if len(now) != len(kept) or not all(map(np.array_equal, now, kept)):
        changed.append("memory")
    if changed:
        hint = "return new arrays in place of +=, [...] = and the like"
        yield f"{name} changes the {' and the '.join(changed)} it was given; {hint}"
    elif not alike(first, again := learn()):
        told = f"{shows(first)}, then {shows(again)}"
        yield f"{name} asked twice the same answers {told}; let it remember in its memory only"


def _counts(rule: Rule) -> Iterator[str]:
    if not rule.counts_together:
        return
    falling = _gradients(np.linspace(3.0, 1.0, LENGTH))
    memories = [_learnt(rule, one, 1.0)[1] for one in (falling, falling[::-1], 0 * falling)]
    for leaves in zip(*map(jax.tree.leaves, memories), strict=True):
        whole = jnp.issubdtype(leaves[0].dtype, jnp.integer)
        if whole and not all(np.array_equal(leaves[0], one) for one in leaves):
            problem = "but its whole-number memory depends on the gradient, so individuals differ"
            write = "write counts_together: ClassVar[bool] = False"
            yield f"{name_of(rule)}.counts_together is True, {problem}; {write}"
            return


def _repr(rule: Rule) -> Iterator[str]:
    missing = [f.name for f in fields(rule) if f.repr and f"{f.name}=" not in repr(rule)]
    if missing:
        problem = f"{', '.join(missing)} not in {rule!r}; leave __repr__ as it is"
        yield f"{name_of(rule)}: repr must show all fields, it is kept with results; {problem}"


def _rows(rule: Rule) -> Iterator[str]:
    """Individuals with fields of their own each do as if among their like, in whatever order."""
    name, numbers = name_of(rule), jnp.linspace(1.0, 0.9, ROWS)
    spread = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=float) * numbers, rule)
    starts = np.linspace(-1.0, 2.0, ROWS)

    def run(*order: int) -> np.ndarray:
        rules = _Dealt(rule=jax.tree.map(lambda leaf: leaf[np.array(order)], spread))
        kinds = Tracker(start_at=starts[list(order)])  # type: ignore[arg-type]
        world = Constant(value=1.0)
        left = simulate(kinds, rules, world, size=len(order), steps=STEPS)
        return np.asarray(left.followed["trait"].output[:, 0])

    forth = call(rule, "with a value per individual in each field", run, *range(ROWS))
    back, clones = run(*reversed(range(ROWS))), run(*[2] * ROWS)
    if not alike(forth, back[:, ::-1]):
        yield f"{name}: what an individual does must not depend on its place among the others"
    if not alike(forth[:, 2], clones[:, 0]):
        yield f"{name}: what an individual does must not depend on who else there is"
