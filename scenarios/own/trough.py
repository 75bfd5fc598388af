"""A landscape that is steep one way and nearly level the other."""

import jax.numpy as jnp

from adaptsim import Landscape, field


class Trough(Landscape):
    """Loss: theta[0]^2 / 2 + steepness * sin(theta[1])^2 / 2."""

    dimension = 2
    box = (-1.5, 1.5)
    minima_at = (0.0,)
    steepness: float = field(default=20.0, unit="loss", help="of the walls", above=0)

    def loss(self, theta):
        """Return the height at a point."""
        return theta[0] ** 2 / 2 + self.steepness * jnp.sin(theta[1]) ** 2 / 2
