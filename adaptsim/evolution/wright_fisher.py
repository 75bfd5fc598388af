"""Wright-Fisher: every generation is new, and each of it draws its parent."""

from __future__ import annotations

import jax.numpy as jnp

from adaptsim.evolution.base import Heirs, Scheme, draw_parents, relative_fitness
from adaptsim.part import Array


class WrightFisher(Scheme):
    """All die, and each place of the next generation draws its parent in proportion to fitness.

    Generations do not overlap, size and parents per individual (one) stay. Without selection two
    individuals have the same parent with the chance ``1/n``, so diversity falls as
    ``(1 - 1/n)^t``.

    Examples
    --------
    >>> import jax
    >>> fitness, everybody = jnp.log(jnp.array([1.0, 3.0])), jnp.ones(2, dtype=bool)
    >>> WrightFisher().heirs(jax.random.key(1), fitness, everybody).born.tolist()
    [True, True]

    References
    ----------
    Fisher (1930), Wright (1931). Named from general knowledge, not re-read for this.
    """

    def heirs(self, key: Array, log_fitness: Array, alive: Array) -> Heirs:
        """Return the next generation: all rows are newborn."""
        parents = draw_parents(key, relative_fitness(log_fitness, alive))
        return Heirs(parents, jnp.ones_like(alive), alive)
