"""Wrapping: a rule around another, which tells what the other tells."""

from __future__ import annotations

from typing import Any, ClassVar

from adaptsim.part import Array, field
from adaptsim.rules.base import Rule
from adaptsim.rules.descent import GradientDescent


class Wrapping(Rule):
    """A rule that changes the increments of another; subclasses write ``transformation()``.

    What the rule inside asks for, counts and reads is told on. ``inside(memory)`` is what the rule
    inside remembers, ``memory.rule`` unless a subclass says otherwise.

    Examples
    --------
    >>> class Half(Wrapping):
    ...     def inside(self, memory):
    ...         return memory[0]
    ...     def transformation(self):
    ...         return optax.chain(self.rule.transformation(), optax.scale(0.5))
    >>> import jax.numpy as jnp, optax
    >>> learn = Half(rule=GradientDescent(learning_rate=0.5)).transformation()
    >>> learn.update(jnp.ones(1), learn.init(jnp.ones(1)), jnp.ones(1))[0].tolist()
    [-0.25]
    """

    abstract: ClassVar[bool] = True

    rule: Rule = field(default=GradientDescent(learning_rate=1.0), help="the rule inside")

    def inside(self, memory: Any) -> Any:
        """Return what the rule inside remembers."""
        return memory.rule

    @property
    def randomness(self) -> tuple[str, ...]:
        """What the rule inside asks for."""
        return self.rule.randomness

    @property
    def counts_together(self) -> bool:
        """Whether the rule inside counts the same for everybody."""
        return self.rule.counts_together

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what the rule inside reads."""
        return self.rule.reading_units

    def evaluations(self, memory: Any) -> Array | int:
        """Return how many gradients the rule inside took."""
        return self.rule.evaluations(self.inside(memory))

    def readings(self, memory: Any) -> dict[str, Array]:
        """Return what the rule inside reads."""
        return self.rule.readings(self.inside(memory))
