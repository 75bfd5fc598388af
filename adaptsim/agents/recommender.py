"""Recommender: what it believes of one user's taste, learnt from the ratings of items shown."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from adaptsim import noise
from adaptsim.agents.base import Agent, Tracking
from adaptsim.part import Array, field

UNIT, GAUSSIAN = "unit", "gaussian"


class Recommender(Agent):
    """Estimates the taste of one user, one rating at a time.

    The cue is the user's true taste ``p*``, shape ``(d,)``; the traits are the estimate ``p``. In
    a step an item ``q`` is shown by chance and rated ``r = p* . q + sqrt(R) v``; the gradient that
    is felt is that of half the squared error of the prediction,

    ``-(r - p . q) q + lam p``,

    whose mean is the slope of ``loss = s2/2 |p - p*|^2 + lam/2 |p|^2``. Items are ``"unit"``, of
    norm 1 in any direction (then ``s2 = 1/d``), or ``"gaussian"``, ``N(0, s2 I)``. Under
    ``GradientDescent`` this is the least-mean-squares rule, and matrix factorisation with the
    items held fixed.

    How often a user rates is ``observation_probability``: in the time of the clock light users are
    followed less closely, by ``(d / eta) * mean gap`` for unit items. Noise is ``rating_noise``;
    ``observation_noise`` would be of the taste itself.

    Tastes that know no direction make all components of the estimate alike: ``tracked`` says how
    many have rows of their own. The mean square deviation ``E|p* - p|^2`` is then ``d`` times the
    ``tracking_mse`` of one.

    Examples
    --------
    >>> recommender = Recommender(regularisation=0.5)
    >>> taste = jnp.array([0.6, 0.8])
    >>> recommender.optimum(taste).tolist()
    [0.3, 0.4]
    >>> round(float(recommender.loss(jnp.zeros(2), taste)), 6)
    0.25

    References
    ----------
    Widrow & Hoff (1960) for the rule; Koren, Bell & Volinsky (2009), Computer 42(8), for matrix
    factorisation. Named from general knowledge, not re-read for this.
    """

    items: str = field(default=UNIT, help="how items are spread", choices=(UNIT, GAUSSIAN))
    item_variance: float = field(
        default=1.0, help="variance s2 of a component of gaussian items", above=0
    )
    rating_noise: float = field(
        default=0.0, unit="rating", help="standard deviation of a rating", at_least=0
    )
    regularisation: float = field(default=0.0, help="lam, pulls the estimate to 0", at_least=0)
    tracked: int = field(default=1, help="components that have rows of their own", at_least=1)

    def power(self, dimension: int) -> Array:
        """Return the second moment ``s2`` of an item along any direction."""
        return jnp.asarray(1 / dimension if self.items == UNIT else self.item_variance, dtype=float)

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return half the mean squared error of predictions, beyond noise, and the penalty."""
        error, size = jnp.sum((trait - cue) ** 2), jnp.sum(trait**2)
        return (self.power(cue.size) * error + self.regularisation * size) / 2

    def optimum(self, cue: Array) -> Array:
        """Return the taste, shrunk by the penalty: ``s2 / (s2 + lam) p*``."""
        power = self.power(cue.size)
        return power / (power + self.regularisation) * cue

    @property
    def chancy(self) -> bool:
        """Whether its gradient is felt by chance: always, an item is drawn."""
        return True

    def perceived_gradient(self, trait: Array, cue: Array, body: Any, key: Array) -> Array:
        """Return the slope that one rated item shows, shape ``(d,)``."""
        drawn = noise.normal(key, (cue.size + 1,))
        item = self.item(drawn[1:])
        rating = cue @ item + self.rating_noise * drawn[0]
        return (trait @ item - rating) * item + self.regularisation * trait

    def item(self, drawn: Array) -> Array:
        """Return the item that standard normal numbers stand for, shape ``(d,)``."""
        if self.items == UNIT:
            return drawn / jnp.linalg.norm(drawn)
        return jnp.sqrt(self.item_variance) * drawn

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return the first ``tracked`` components of the estimate behind those of the taste."""
        best = self.optimum(cue)
        count = min(self.tracked, cue.size)
        return {f"taste_{i}": Tracking(trait[i], best[i], best[i]) for i in range(count)}
