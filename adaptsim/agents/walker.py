"""Walker: whoever descends a landscape, which stands still or moves with the cue."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from adaptsim.agents.base import Agent, Tracking
from adaptsim.landscapes import Bowl, Landscape
from adaptsim.part import Array, Part, WrongField, field

MOST_TRACKED = 8
"""So many traits at most have rows of their own in tables."""


class Best(Part):
    """The place ``theta``, shape ``(d,)``, that all walkers on a landscape look for."""

    shared: ClassVar[bool] = True
    theta: Any = field(unit="trait", help="lowest known minimum")


class Walker(Agent):
    """Descends a landscape that the cue carries along: loss = landscape(trait - cue).

    With an environment that stays at 0 this is an optimizer on a landscape that stands still. The
    cue has one component, for all coordinates, or one for each. The optimum is the landscape's
    lowest known minimum; where none is known it is the start, and says nothing.

    Examples
    --------
    >>> from adaptsim.landscapes import Booth
    >>> import jax.numpy as jnp
    >>> walker, still = Walker(landscape=Booth()), jnp.zeros(1)
    >>> walker.optimum(still + 10.0).tolist()
    [11.0, 13.0]
    >>> walker.gradient(jnp.ones(2), still, ()).tolist()
    [-16.0, -20.0]
    """

    landscape: Landscape = field(default=Bowl(dimension=2, curvature=1.0), help="what it descends")
    best: Any = field(default=None, unit="internal", help="lowest known minimum, found by itself")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.landscape, Landscape):
            problem = f"must be a landscape; got {self.landscape!r}"
            raise WrongField("Walker", "landscape", problem)
        leaves = jax.tree.leaves(self.landscape)
        if not any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
            minima = self.landscape.minima()
            best = minima[0].theta if minima else self.landscape.start()
            object.__setattr__(self, "best", Best(theta=best))

    @property
    def chancy(self) -> bool:
        """Whether the landscape's slope is felt with noise."""
        own = type(self.landscape).perceived_gradient
        return own is not Landscape.perceived_gradient

    def resting_at(self, theta: Array) -> Walker:
        """Return the same walker with another place, shape ``(d,)``, for what it looks for."""
        moved = self.replace()
        object.__setattr__(moved, "best", Best(theta=jnp.asarray(theta, float)))
        return moved

    def start(self, cue: Array) -> Array:
        """Return the landscape's customary start, shape ``(d,)``."""
        return self.landscape.start() + cue

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return the landscape's loss at the trait as the cue has carried it."""
        return self.landscape.loss(trait - cue)

    def optimum(self, cue: Array) -> Array:
        """Return the lowest known minimum, carried by the cue."""
        return self.best.theta + cue

    def perceived_gradient(self, trait: Array, cue: Array, body: Any, key: Array) -> Array:
        """Return the landscape's slope as felt, shape ``(d,)``."""
        return self.landscape.perceived_gradient(trait - cue, key)

    def batch_gradients(self, trait: Array, cue: Array, batches: int) -> Array:
        """Return the slopes of batches of the landscape's terms, shape ``(b, d)``."""
        return self.landscape.batch_gradients(trait - cue, batches)

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return what the landscape says adapts, else each trait behind its optimum.

        Of more than eight traits the first eight.
        """
        if own := self.landscape.tracked(trait - cue):
            return {name: Tracking(value, due, due) for name, (value, due) in own.items()}
        target = self.optimum(cue)
        count = min(target.size, MOST_TRACKED)
        names = ["trait"] if target.size == 1 else [f"trait_{i}" for i in range(count)]
        return {name: Tracking(trait[i], target[i], target[i]) for i, name in enumerate(names)}
