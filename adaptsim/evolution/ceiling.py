"""Ceiling: fitness is a number of offspring, and there is room for so many."""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp

from adaptsim.evolution.base import Heirs, Scheme, arrivals, rows_at
from adaptsim.part import Array, field


class Ceiling(Scheme):
    """All die; each has a Poisson number of offspring of mean growth * fitness, up to a ceiling.

    The ceiling is the size of the population: beyond it the young die by chance. Below it nothing
    regulates, so a population whose mean ``growth * fitness`` stays below 1 dies out. Fitness is
    ``exp(log fitness)``, at most 1 where there is no mismatch and no cost: survival to adulthood.

    Births are events that come by chance, at a rate of one, along a line as long as all mean
    offspring laid end to end: that makes the numbers Poisson, and what lies beyond as many events
    as there are rows is never drawn.

    Examples
    --------
    >>> import jax
    >>> everybody = jnp.ones(5, dtype=bool)
    >>> lost = Ceiling(growth=2.0).heirs(jax.random.key(1), jnp.full(5, -50.0), everybody)
    >>> int(lost.alive.sum())
    0

    References
    ----------
    Buerger & Lynch (1995), Evolution 49:151, regulate alike. From general knowledge, not re-read.
    """

    absolute: ClassVar[bool] = True
    growth: float = field(
        default=2.0, unit="1/generation", help="mean offspring of the fittest", above=0
    )

    def heirs(self, key: Array, log_fitness: Array, alive: Array) -> Heirs:
        """Return the next generation; rows beyond the number of young are empty."""
        known = jnp.where(alive & ~jnp.isnan(log_fitness), log_fitness, -jnp.inf)
        fitness = jnp.exp(known)
        times = arrivals(key, alive.size)
        end = jnp.minimum(self.growth * fitness.sum(), times[-1])
        return Heirs(rows_at(fitness, times[:-1] / end), jnp.ones_like(alive), times[:-1] < end)
