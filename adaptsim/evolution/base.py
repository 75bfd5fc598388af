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


def draw_parents(key: Array, fitness: Array, count: Array | int | None = None) -> Array:
    """Return rows drawn in proportion to fitness ``(n,)``: the first ``count`` of ``n`` entries.

    They are in ascending order, all ``n`` if no count is given. Uniform numbers in ascending order
    are sums of exponential ones, so the search for each goes through memory in order: with 100,000
    rows much faster than in the order of drawing.
    """
    size = fitness.size
    last = size if count is None else count
    times = jnp.cumsum(-jnp.log1p(-noise.uniform(key, (size + 1,))))
    shares = jnp.cumsum(fitness)
    sought = times[:-1] / times[last] * shares[-1]
    return jnp.minimum(jnp.searchsorted(shares, sought, side="right"), size - 1)
