"""Tastes that drift: directions in a space of features, points on the unit sphere."""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp

from adaptsim.environments.base import Environment
from adaptsim.part import Array, field


class Taste(Environment):
    """A direction ``p*`` in ``dimension`` features, of length 1, at first any; subclasses move it.

    No direction is preferred, so the mean over seeds is 0 at every step and each component has the
    variance ``1/d``. Subclasses whose correlation ``E[p*(t) . p*(t+k)]`` is ``phi^k`` say ``phi``.
    """

    abstract: ClassVar[bool] = True
    random: ClassVar[bool] = True
    dimension: int = field(default=5, help="features d", at_least=2)

    def start(self, key: Array) -> Array:
        """Return a direction drawn by chance, shape ``(d,)``."""
        return unit(jax.random.normal(key, (self.dimension,), dtype=float))

    def cue(self, world: Array, step: Array) -> Array:
        """Return the taste, shape ``(d,)``."""
        return world

    def rest(self) -> Array:
        """Return the mean over seeds, 0."""
        return jnp.zeros(self.dimension)

    def stationary_variance(self) -> Array:
        """Return the variance of a component, 1/d [taste^2]."""
        return jnp.asarray(1.0 / self.dimension)


class WanderingTaste(Taste):
    """A random walk on the sphere: every step turns by one angle, in a direction of chance.

    The increment has the square ``W`` exactly, ``cos(angle) = 1 - W/2``, which is also the
    correlation with the next step. For small W a component walks freely with variance ``W/d``.

    Examples
    --------
    >>> import jax
    >>> world = WanderingTaste(drift=0.02, dimension=3)
    >>> before = world.start(jax.random.key(0))
    >>> after = world.advance(before, 0, jax.random.key(1))
    >>> round(float(jnp.sum((after - before) ** 2)), 12), round(float(after @ after), 12)
    (0.02, 1.0)
    >>> float(world.lag_one_correlation())
    0.99
    """

    drift: float = field(
        default=0.002, unit="taste^2/step", help="square W of an increment", at_least=0, at_most=4
    )

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return the taste, turned."""
        return turned(world, self.drift, key)

    def lag_one_correlation(self) -> Array:
        """Return 1 - W/2."""
        return 1.0 - jnp.asarray(self.drift, dtype=float) / 2


class JumpingTaste(Taste):
    """Stays, and with the chance ``hazard`` per step becomes another taste altogether.

    Examples
    --------
    >>> float(JumpingTaste(hazard=0.25).lag_one_correlation())
    0.75
    """

    hazard: float = field(
        default=0.01, unit="1/step", help="chance h of a jump", at_least=0, at_most=1
    )

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return the same taste or a fresh one."""
        whether, where = jax.random.split(key)
        jumps = jax.random.uniform(whether, dtype=float) < self.hazard
        return jnp.where(jumps, self.start(where), world)

    def lag_one_correlation(self) -> Array:
        """Return 1 - h."""
        return 1.0 - jnp.asarray(self.hazard, dtype=float)


class ReturningTaste(Taste):
    """Wanders, and is drawn back home: autoregression on the sphere.

    ``p*' = normalise((1 - pull) w + pull home)``, ``w`` the taste after a turn of square ``drift``.
    The world is ``[home, taste]``, shape ``(2, d)``; the taste begins at home. There is no closed
    form of its correlation.

    Examples
    --------
    >>> import jax
    >>> world = ReturningTaste(pull=1.0)
    >>> at_home = world.start(jax.random.key(0))
    >>> later = world.advance(at_home, 0, jax.random.key(1))
    >>> bool(jnp.allclose(world.cue(later, 1), at_home[0]))
    True
    """

    drift: float = field(
        default=0.02, unit="taste^2/step", help="square W of a turn", at_least=0, at_most=4
    )
    pull: float = field(
        default=0.05, unit="1/step", help="share of the way home", at_least=0, at_most=1
    )

    def start(self, key: Array) -> Array:
        """Return home twice, shape ``(2, d)``."""
        return jnp.tile(super().start(key), (2, 1))

    def cue(self, world: Array, step: Array) -> Array:
        """Return the taste, shape ``(d,)``."""
        return world[1]

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return home and the taste, turned and drawn back."""
        home, taste = world
        away = turned(taste, self.drift, key)
        return jnp.stack([home, unit((1 - self.pull) * away + self.pull * home)])


def unit(vector: Array) -> Array:
    """Return a vector at length 1.

    Examples
    --------
    >>> unit(jnp.array([0.0, 4.0])).tolist()
    [0.0, 1.0]
    """
    return vector / jnp.linalg.norm(vector)


def turned(taste: Array, drift: Array | float, key: Array) -> Array:
    """Return a point of the sphere moved by a chord of square ``drift`` in a random direction."""
    drawn = jax.random.normal(key, taste.shape, dtype=float)
    aside = unit(drawn - (drawn @ taste) * taste)
    cosine = 1.0 - drift / 2
    moved = cosine * taste + jnp.sqrt(drift * (1 - drift / 4)) * aside
    return unit(moved)
