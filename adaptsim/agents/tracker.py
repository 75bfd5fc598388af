"""Tracker: the generic linear tracker, the reference for everything else."""

from __future__ import annotations

import jax.numpy as jnp

from adaptsim.agents.base import Agent
from adaptsim.part import Array, field


class Tracker(Agent):
    """Follows the cue itself: loss = curvature / 2 * |trait - cue|^2.

    Under ``GradientDescent(learning_rate=g)`` and curvature 1 each step closes the fraction ``g``
    of the mismatch: ``x[t+1] = x[t] + g (y[t] - x[t])``.

    Examples
    --------
    >>> tracker = Tracker(curvature=2.0)
    >>> float(tracker.loss(jnp.array([1.0]), jnp.array([3.0])))
    4.0
    """

    curvature: float = field(
        default=1.0, unit="loss/trait^2", help="steepness of the mismatch", above=0
    )
    start_at: float = field(default=0.0, unit="trait", help="trait before the first step")

    def start(self, cue: Array) -> Array:
        """Return ``start_at`` for every trait, shape ``(c,)``."""
        return jnp.full(cue.shape, self.start_at, dtype=float)

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return curvature / 2 * |trait - cue|^2."""
        return 0.5 * self.curvature * jnp.sum((trait - cue) ** 2)

    def optimum(self, cue: Array) -> Array:
        """Return the cue."""
        return cue
