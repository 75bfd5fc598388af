"""Two rates: another rule, whose rises and falls are scaled each by a rate of their own."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Rule
from adaptsim.rules.descent import GradientDescent
from adaptsim.rules.wrapping import Wrapping

PER_STEP = "1/(curvature step)"


class TwoRates(Wrapping):
    """A rule whose increments upward and downward are scaled differently, trait by trait.

    ``increment = rises * max(step, 0) + falls * min(step, 0)``, with the step of the rule inside.
    With ``rule = GradientDescent(learning_rate=1.0)`` a trait below its optimum learns at the rate
    ``rises`` and one above it at ``falls``: what learning from gains and from losses is where the
    trait is an expected reward.

    Examples
    --------
    >>> learn = TwoRates(rises=0.5, falls=0.1).transformation()
    >>> gradient = jnp.array([-1.0, 1.0])
    >>> learn.update(gradient, learn.init(jnp.zeros(2)), jnp.zeros(2))[0].tolist()
    [0.5, -0.1]
    """

    rule: Rule = field(default=GradientDescent(learning_rate=1.0), help="what is scaled")
    rises: float = field(default=0.1, unit=PER_STEP, help="rate of increments upward", at_least=0)
    falls: float = field(default=0.1, unit=PER_STEP, help="rate of increments downward", at_least=0)

    def inside(self, memory: Any) -> Any:
        """Return what the rule inside remembers."""
        return memory

    def transformation(self) -> optax.GradientTransformation:
        """Return the transformation of the rule inside, rises and falls scaled."""
        inside = optax.with_extra_args_support(self.rule.transformation())

        def update(
            gradient: Array, memory: Any, trait: Any = None, **told: Any
        ) -> tuple[Array, Any]:
            step, memory = inside.update(gradient, memory, trait, **told)
            return jnp.where(step > 0, self.rises, self.falls) * step, memory

        return optax.GradientTransformationExtraArgs(inside.init, update)
