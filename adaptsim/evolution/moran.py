"""Moran: one is born and one dies at a time, so that generations overlap."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from adaptsim.evolution.base import Heirs, Scheme, relative_fitness
from adaptsim.part import Array, field


class Moran(Scheme):
    """A parent drawn in proportion to fitness has one offspring, for which somebody drawn dies.

    The one that dies is drawn from all, the parent too, each with the same chance; the newborn
    takes its row. This happens ``events`` times between two lives, with the fitness that the
    lives before showed (a newborn's is its parent's). Survivors go on as they are. Without
    selection diversity falls by the factor ``1 - 2/n^2`` an event.

    Examples
    --------
    >>> everybody = jnp.ones(4, dtype=bool)
    >>> heirs = Moran().heirs(jax.random.key(1), jnp.zeros(4), everybody)
    >>> int(heirs.born.sum())
    1

    References
    ----------
    Moran (1958), Math. Proc. Camb. Phil. Soc. 54:60. Named from general knowledge, not re-read.
    """

    events: int = field(default=1, unit="events", help="births between two lives", at_least=1)

    def heirs(self, key: Array, log_fitness: Array, alive: Array) -> Heirs:
        """Return the population after ``events`` births and deaths."""
        size, fitness = alive.size, relative_fitness(log_fitness, alive)
        chances = jax.random.uniform(key, (self.events, 2), dtype=float)

        def event(count: Array, heirs: Heirs) -> Heirs:
            birth, death = chances[count]
            shares = jnp.cumsum(fitness[heirs.parents])
            mother = jnp.searchsorted(shares, birth * shares[-1], side="right")
            place = jnp.minimum((death * size).astype(int), size - 1)
            mother = heirs.parents[jnp.minimum(mother, size - 1)]
            return heirs._replace(
                parents=heirs.parents.at[place].set(mother), born=heirs.born.at[place].set(True)
            )

        first = Heirs(jnp.arange(size), jnp.zeros_like(alive), alive)
        heirs: Heirs = jax.lax.fori_loop(0, self.events, event, first)
        return heirs
