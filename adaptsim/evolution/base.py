"""Scheme: who leaves offspring, and who makes room for them."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from adaptsim import noise
from adaptsim.part import Array, Part


class Heirs(NamedTuple):
    """The rows of a population after selection, ``(n,)`` each.

    Attributes
    ----------
    parents : Array
        Whose genotype a row has now: the number of a row of the population before.
    born : Array
        Whether it is a newborn; a survivor is its own parent.
    alive : Array
        Whether anybody lives in the row.
    """

    parents: Array
    born: Array
    alive: Array


class Scheme(Part):
    """How a population is renewed once all have lived. Subclass it and write ``heirs``.

    A scheme knows fitness and chance, no genotype, rule or environment. Its population is rows, of
    which some may be empty.

    Attributes
    ----------
    absolute : bool
        Whether fitness is a number of offspring, so that a population can die out; else only how
        individuals compare matters and the size stays.

    Examples
    --------
    >>> import jax
    >>> from adaptsim.evolution import WrightFisher
    >>> log_fitness, everybody = jnp.array([0.0, -jnp.inf]), jnp.ones(2, dtype=bool)
    >>> WrightFisher().heirs(jax.random.key(0), log_fitness, everybody).parents.tolist()
    [0, 0]
    """

    abstract: ClassVar[bool] = True
    absolute: ClassVar[bool] = False

    def heirs(self, key: Array, log_fitness: Array, alive: Array) -> Heirs:
        """Return who lives next; ``log_fitness`` and ``alive`` have shape ``(n,)``."""
        raise NotImplementedError(f"{type(self).__name__} must define heirs(key, log_fitness, ...)")


def relative_fitness(log_fitness: Array, alive: Array) -> Array:
    """Return fitness relative to the fittest, ``(n,)``; nan counts as none, empty rows have none.

    Where nobody has any fitness left nobody is fitter than others: all who live count as one.

    Examples
    --------
    >>> alive = jnp.array([True, True, False])
    >>> relative_fitness(jnp.array([1.0, jnp.nan, 5.0]), alive).tolist()
    [1.0, 0.0, 0.0]
    """
    known = jnp.where(alive & ~jnp.isnan(log_fitness), log_fitness, -jnp.inf)
    best = jnp.max(known)
    some = jnp.isfinite(best)
    return jnp.where(some, jnp.exp(known - jnp.where(some, best, 0.0)), alive.astype(float))


def draw_parents(key: Array, fitness: Array) -> Array:
    """Return ``n`` rows drawn in proportion to fitness ``(n,)``, in ascending order.

    Examples
    --------
    >>> import jax
    >>> draw_parents(jax.random.key(1), jnp.array([0.0, 1.0, 0.0])).tolist()
    [1, 1, 1]
    """
    times = arrivals(key, fitness.size)
    return rows_at(fitness, times[:-1] / times[-1])


def arrivals(key: Array, size: int) -> Array:
    """Return the first ``size + 1`` times of events that come by chance, one per unit of time.

    Over the last one the first ``size`` are uniform numbers in ascending order.
    """
    return jnp.cumsum(-jnp.log1p(-noise.uniform(key, (size + 1,))))


def rows_at(fitness: Array, shares: Array) -> Array:
    """Return the rows in which shares of the whole fitness lie, rows laid end to end.

    Where shares ascend the search goes through memory in order: with 100,000 rows much faster
    than in the order of drawing.
    """
    ends = jnp.cumsum(fitness)
    found = jnp.searchsorted(ends, shares * ends[-1], side="right")
    return jnp.minimum(found, fitness.size - 1)
