"""A pigeon that learns when people eat."""

import jax.numpy as jnp

from adaptsim import Agent, field


class Pigeon(Agent):
    """Comes to the square at an hour it has learnt; the cue is the hour at which people eat."""

    patience: float = field(1.0, unit="h", help="wait that it hardly minds", above=0)

    def loss(self, trait, cue):
        """Return how much it minds to come too early or too late."""
        return jnp.sum(jnp.sqrt(1 + ((trait - cue) / self.patience) ** 2) - 1)

    def optimum(self, cue):
        """Return the hour at which people eat."""
        return cue
