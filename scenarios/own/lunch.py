"""People who eat on a square."""

import jax.numpy as jnp

from adaptsim import Environment, field


class Lunch(Environment):
    """Half past twelve, later in summer and on the two last days of a week."""

    summer: float = field(0.5, unit="h", help="how much later it is in summer")
    weekend: float = field(1.0, unit="h", help="how much later it is at weekends")

    def cue(self, world, step):
        """Return the hour at which people eat, shape (1,)."""
        season = self.summer * jnp.sin(2 * jnp.pi * step / 365)
        late = jnp.where(step % 7 >= 5, self.weekend, 0.0)
        return jnp.array([12.5 + season + late])
