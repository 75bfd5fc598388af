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
    value: float = field(default=0.0, unit="cue", help="the cue")

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
    amplitude: float = field(default=1.0, unit="cue", help="half the range", at_least=0)
    period: float = field(default=50.0, unit="steps", help="steps per cycle", above=0)
    mean: float = field(default=0.0, unit="cue", help="middle of the range")
    phase: float = field(default=0.0, unit="rad", help="phase at step 0")

    def cue(self, world: Any, step: Array) -> Array:
        """Return the cue at a step, shape ``(1,)``."""
        angle = 2 * jnp.pi * step / self.period + self.phase
        return jnp.asarray([self.mean + self.amplitude * jnp.sin(angle)])

    def rest(self) -> Array:
        """Return the mean, shape ``(1,)``."""
        return jnp.asarray([self.mean], dtype=float)


class Step(Environment):
    """``before``, and from step ``at`` on ``after``.

    Stability is judged about ``after``, where the world stays for good.

    Examples
    --------
    >>> change = Step(before=1.0, after=3.0, at=10.0)
    >>> change.cue((), 9).tolist(), change.cue((), 10).tolist()
    ([1.0], [3.0])
    """

    probe: ClassVar[str] = "step"
    before: float = field(default=0.0, unit="cue", help="the cue until the change")
    after: float = field(default=1.0, unit="cue", help="the cue from the change on")
    at: float = field(
        default=0.0, unit="steps", help="first step that shows the new cue", at_least=0
    )

    def cue(self, world: Any, step: Array) -> Array:
        """Return the cue at a step, shape ``(1,)``."""
        return jnp.asarray([jnp.where(step >= self.at, self.after, self.before)], dtype=float)

    def rest(self) -> Array:
        """Return ``after``, shape ``(1,)``."""
        return jnp.asarray([self.after], dtype=float)


class Ramp(Environment):
    """start_at + slope * step.

    It has no mean; stability is judged about the cue at step 0.

    Examples
    --------
    >>> Ramp(start_at=1.0, slope=0.5).cue((), 4).tolist()
    [3.0]
    """

    probe: ClassVar[str] = "ramp"
    start_at: float = field(default=0.0, unit="cue", help="the cue at step 0")
    slope: float = field(default=1.0, unit="cue/step", help="change per step")

    def cue(self, world: Any, step: Array) -> Array:
        """Return the cue at a step, shape ``(1,)``."""
        return jnp.asarray([self.start_at + self.slope * step], dtype=float)


class SquareWave(Environment):
    """mean + amplitude in the first half of each period, mean - amplitude in the second.

    It is the sign of a ``Sinusoid`` of the same period and phase. Its fundamental has
    ``4 / pi`` times the amplitude; what follows it also feels the odd harmonics, so gain and lag
    at the fundamental are those of a sine only if it follows linearly.

    Examples
    --------
    >>> wave = SquareWave(amplitude=2.0, period=4.0)
    >>> [float(wave.cue((), step)[0]) for step in range(5)]
    [2.0, 2.0, -2.0, -2.0, 2.0]
    """

    probe: ClassVar[str] = "tone"
    amplitude: float = field(default=1.0, unit="cue", help="half the range", at_least=0)
    period: float = field(default=50.0, unit="steps", help="steps per cycle", above=0)
    mean: float = field(default=0.0, unit="cue", help="middle of the range")
    phase: float = field(default=0.0, unit="rad", help="phase at step 0")

    def cue(self, world: Any, step: Array) -> Array:
        """Return the cue at a step, shape ``(1,)``."""
        cycle = jnp.mod(step / self.period + self.phase / (2 * jnp.pi), 1.0)
        return jnp.asarray([self.mean + self.amplitude * jnp.where(cycle < 0.5, 1.0, -1.0)])

    def rest(self) -> Array:
        """Return the mean, shape ``(1,)``."""
        return jnp.asarray([self.mean], dtype=float)
