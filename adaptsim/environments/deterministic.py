"""Environments whose course is a formula: nothing is drawn."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from adaptsim.environments.base import Environment
from adaptsim.part import Array, field


class Constant(Environment):
    """The same cue at every step.

    Examples
    --------
    >>> Constant(value=10.0).cue((), 3).tolist()
    [10.0]
    """

    probe: ClassVar[str] = "rest"
    value: float = field(0.0, unit="cue", help="the cue")

    def cue(self, world: Any, step: Array) -> Array:
        """Return the value, shape ``(1,)``."""
        return jnp.asarray([self.value], dtype=float)


class Sinusoid(Environment):
    """mean + amplitude * sin(2 pi step / period + phase).

    Examples
    --------
    >>> Sinusoid(amplitude=2.0, period=8.0).cue((), 2).tolist()
    [2.0]
    """

    probe: ClassVar[str] = "tone"
    amplitude: float = field(1.0, unit="cue", help="half the range", at_least=0)
    period: float = field(50.0, unit="steps", help="steps per cycle", above=0)
    mean: float = field(0.0, unit="cue", help="middle of the range")
    phase: float = field(0.0, unit="rad", help="phase at step 0")

    def cue(self, world: Any, step: Array) -> Array:
        """Return the cue at a step, shape ``(1,)``."""
        angle = 2 * jnp.pi * step / self.period + self.phase
        return jnp.asarray([self.mean + self.amplitude * jnp.sin(angle)])

    def rest(self) -> Array:
        """Return the mean, shape ``(1,)``."""
        return jnp.asarray([self.mean], dtype=float)
