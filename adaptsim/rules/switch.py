"""Switch: one rule, then for good another."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from adaptsim.part import Array, field
from adaptsim.rules.adaptive import Adam
from adaptsim.rules.base import Rule
from adaptsim.rules.criteria import Criterion, SignalToNoise
from adaptsim.rules.quasi_newton import LBFGS

NOT_YET = -1
"""What ``switched_at`` is before the switch."""


class Switched(NamedTuple):
    """What a switch remembers.

    Attributes
    ----------
    first, then, watched
        Memories of both rules and of the criterion.
    steps : Array
        Steps taken.
    switched_at : Array
        Steps taken by the first rule before the switch; -1 while there was none.
    reason : Array
        Why: place in the criterion's ``reasons``, counted from 1; 0 while there was none.
    """

    first: Any
    then: Any
    watched: Any
    steps: Array
    switched_at: Array
    reason: Array


class Switch(Rule):
    """Follows ``first`` until the criterion fires, then ``then`` for good.

    The criterion sees the gradient of a step before it is chosen who takes the step. ``then``
    begins with a new memory. When and why it happened is in the memory: ``switched_at`` and
    ``reason``, the latter in words by `why`. In a population both rules are computed in every step,
    since individuals switch one by one: a step takes as long as one of each. (Walks ``one_by_one``
    take as long as the rule they follow.) `evaluations` counts those of the rule that took the
    step, and what the criterion took to watch it.

    Examples
    --------
    >>> from adaptsim.rules import AfterSteps, GradientDescent
    >>> rule = Switch(first=GradientDescent(learning_rate=0.1),
    ...               then=GradientDescent(learning_rate=0.5), criterion=AfterSteps(steps=2.0))
    >>> learn, steps = rule.transformation(), []
    >>> memory = learn.init(jnp.zeros(1))
    >>> for _ in range(4):
    ...     step, memory = learn.update(jnp.ones(1), memory, jnp.zeros(1), value=1.0)
    ...     steps.append(float(step[0]))
    >>> steps, int(memory.switched_at), rule.why(memory)
    ([-0.1, -0.1, -0.5, -0.5], 2, 'steps')

    References
    ----------
    Rathore et al. (2024), Challenges in training PINNs, ICML, arXiv 2402.01868 (Adam, then L-BFGS).
    """

    first: Rule = field(default=Adam(), help="rule to begin with")
    then: Rule = field(default=LBFGS(), help="rule that follows")
    criterion: Criterion = field(default=SignalToNoise(), help="when to switch")

    @property
    def randomness(self) -> tuple[str, ...]:
        """What either rule asks for."""
        return tuple(dict.fromkeys(self.first.randomness + self.then.randomness))

    @property
    def counts_together(self) -> bool:
        """Whether both rules and the criterion count the same for everybody."""
        parts: tuple[Rule | Criterion, ...] = (self.first, self.then, self.criterion)
        return all(part.counts_together for part in parts)

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what it reads, and of what both rules and the criterion read."""
        parts: tuple[Rule | Criterion, ...] = (self.first, self.then, self.criterion)
        theirs = [one.reading_units for one in parts]
        own = {"switched_at": "steps", "switch_reason": "1"}
        return {name: unit for units in (*theirs, own) for name, unit in units.items()}

    def evaluations(self, memory: Switched) -> Array:
        """Return how many gradients the last step took, by the rule that took it and to watch it.

        The step in which the criterion fires is watched, and taken by the second rule.
        """
        before, after = self.first.evaluations(memory.first), self.then.evaluations(memory.then)
        watching = memory.steps - 1 <= memory.switched_at
        watched = self.criterion.evaluations(memory.watched)
        waiting = memory.switched_at == NOT_YET
        return jnp.where(waiting, before, after) + jnp.where(waiting | watching, watched, 0)

    def readings(self, memory: Switched) -> dict[str, Array]:
        """Return when and why it switched, and what both rules and the criterion read.

        ``switched_at`` is nan while there was no switch, ``switch_reason`` then 0 and later the
        place of the reason among the criterion's, counted from 1. What the criterion read stands
        still from the switch on.
        """
        known = jnp.where(memory.switched_at == NOT_YET, jnp.nan, memory.switched_at)
        before, after = self.first.readings(memory.first), self.then.readings(memory.then)
        seen = self.criterion.readings(memory.watched)
        return {**before, **after, **seen, "switched_at": known, "switch_reason": memory.reason}

    def why(self, memory: Switched) -> str:
        """Return the reason of the switch of one individual; empty while there was none."""
        return ("", *self.criterion.reasons)[int(memory.reason)]

    def transformation(self) -> optax.GradientTransformation:
        """Return the transformation; it asks for what the rules and the criterion ask for."""
        first, then = (
            optax.with_extra_args_support(rule.transformation()) for rule in (self.first, self.then)
        )

        def begin(trait: Array) -> Switched:
            return Switched(
                first=first.init(trait),
                then=then.init(trait),
                watched=self.criterion.begin(trait),
                steps=jnp.asarray(0),
                switched_at=jnp.asarray(NOT_YET),
                reason=jnp.asarray(0),
            )

        def update(
            gradient: Array, memory: Switched, trait: Any = None, **told: Any
        ) -> tuple[Array, Switched]:
            def watch() -> tuple[Any, Array]:
                seen, why = self.criterion.watch(memory.watched, gradient, memory.steps, **told)
                return seen, jnp.asarray(why, memory.reason.dtype)

            watched, reason = jax.lax.cond(
                memory.switched_at == NOT_YET, watch, lambda: (memory.watched, memory.reason)
            )
            now = (memory.switched_at == NOT_YET) & (reason > 0)
            memory = Switched(
                first=memory.first,
                then=jax.tree.map(functools.partial(jnp.where, now), then.init(trait), memory.then),
                watched=watched,
                steps=memory.steps + 1,
                switched_at=jnp.where(now, memory.steps, memory.switched_at),
                reason=jnp.where(now, reason, memory.reason),
            )

            def by_first() -> tuple[Array, Switched]:
                increment, after = first.update(gradient, memory.first, trait, **told)
                return increment, memory._replace(first=after)

            def by_then() -> tuple[Array, Switched]:
                increment, after = then.update(gradient, memory.then, trait, **told)
                return increment, memory._replace(then=after)

            return jax.lax.cond(memory.switched_at == NOT_YET, by_first, by_then)

        return optax.GradientTransformationExtraArgs(begin, update)
