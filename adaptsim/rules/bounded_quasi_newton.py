"""Bounded quasi-Newton: L-BFGS in steps of limited length, as molecules are relaxed."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Rule


class BoundedLBFGS(Rule):
    """The step of L-BFGS, turned round where it points uphill and cut to a longest length.

    No line search: one gradient a step. Where the curvature is not yet learnt, or an atom sits in
    another, the bound keeps the step from going far; near a minimum no step reaches it.

    Examples
    --------
    >>> rule = BoundedLBFGS(longest=0.5)
    >>> learn = rule.transformation()
    >>> step, _ = learn.update(jnp.array([30.0, 40.0]), learn.init(jnp.zeros(2)), jnp.zeros(2))
    >>> [round(float(part), 9) for part in step]
    [-0.3, -0.4]

    References
    ----------
    Liu & Nocedal (1989), Mathematical Programming 45:503; Wales' GMIN relaxes so (from memory).
    """

    longest: float = field(default=0.4, unit="trait", help="longest step", above=0)
    memory_size: int = field(default=10, unit="steps", help="changes remembered", at_least=1)

    def transformation(self) -> optax.GradientTransformation:
        """Return direction, turn and bound."""
        direction = optax.scale_by_lbfgs(memory_size=self.memory_size)

        def update(gradient: Array, memory: Any, trait: Any = None, **_: Any) -> tuple[Array, Any]:
            step, memory = direction.update(gradient, memory, trait)
            length = jnp.linalg.norm(step)
            bounded = jnp.minimum(1.0, self.longest / jnp.where(length > 0, length, 1.0))
            return -jnp.where(jnp.vdot(step, gradient) < 0, -bounded, bounded) * step, memory

        return optax.GradientTransformationExtraArgs(direction.init, update)
