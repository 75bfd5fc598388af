"""Two prey whose densities cycle out of phase."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import jax.numpy as jnp

from adaptsim.environments.base import Environment
from adaptsim.part import Array, field


class PreyCycle(Environment):
    """Two prey densities whose log ratio is a sine: ln(R1/R2) = amplitude * sin(w t + phase).

    With ``w = 2 pi / period``, ``x = w t + phase`` and ``d`` the phase difference,

    ``ln(R1/mean) = -(amplitude/2) cot(d/2) cos(x) + (amplitude/2) sin(x)``
    ``ln(R2/mean) = -(amplitude/2) cot(d/2) cos(x) - (amplitude/2) sin(x)``

    Each is a sine of amplitude ``amplitude / (2 sin(d/2))``, prey 1 ahead of prey 2 by ``d``. By
    default ``d = pi``, exact antiphase: ``R = mean * exp(+-(amplitude/2) sin(x))``. The smaller
    ``d``, the more both rise and fall together; their ratio stays the same sine.

    Examples
    --------
    >>> prey = PreyCycle(period=8.0, amplitude=2.0, mean=1.0)
    >>> high, low = prey.cue((), 2)
    >>> round(float(jnp.log(high / low)), 6)
    2.0
    """

    probe: ClassVar[str] = "tone"
    period: float = field(default=50.0, unit="steps", help="steps per cycle", above=0)
    amplitude: float = field(default=1.0, help="amplitude of the log ratio ln(R1/R2)", at_least=0)
    mean: float = field(default=1.0, unit="density", help="geometric mean of each density", above=0)
    phase: float = field(default=0.0, unit="rad", help="phase of the log ratio at step 0")
    phase_difference: float = field(
        default=math.pi,
        unit="rad",
        help="how far prey 1 is ahead of prey 2",
        above=0,
        at_most=math.pi,
    )

    def cue(self, world: Any, step: Array) -> Array:
        """Return the densities ``[R1, R2]``, shape ``(2,)``."""
        angle = 2 * jnp.pi * step / self.period + self.phase
        apart = 0.5 * self.amplitude * jnp.sin(angle)
        together = -0.5 * self.amplitude * jnp.cos(angle) / jnp.tan(0.5 * self.phase_difference)
        return self.mean * jnp.exp(jnp.asarray([together + apart, together - apart]))

    def rest(self) -> Array:
        """Return the geometric mean of both, shape ``(2,)``: the middle of the log ratio."""
        return jnp.full((2,), self.mean, dtype=float)
