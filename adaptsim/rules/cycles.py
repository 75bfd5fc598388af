"""Cycles: learning rates that rise again and again."""

from __future__ import annotations

import jax.numpy as jnp

from adaptsim.part import Array, field
from adaptsim.rules.schedules import PER_STEP, Schedule

ROUNDING = 1e-9
"""A restart comes this fraction of a cycle early at most, lest rounding makes it a step late."""


class Cyclical(Schedule):
    """Rises and falls in triangles between lowest and highest, one triangle per period.

    ``lowest + (highest - lowest) * triangle * height``, where ``height`` is by policy

    * ``"triangular"``: 1;
    * ``"triangular2"``: half of that of the triangle before;
    * ``"exp_range"``: ``decay ** count``.

    The policies have the names of torch.optim.lr_scheduler.CyclicLR, whose ``step_size_up`` is half
    of ``period`` and whose ``gamma`` is ``decay``.

    Examples
    --------
    >>> rate = Cyclical(lowest=0.0, highest=1.0, period=100.0, policy="triangular2")
    >>> [round(float(rate(count)), 3) for count in (0, 25, 50, 75, 100, 150)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]

    References
    ----------
    Smith (2017), Cyclical learning rates for training neural networks, IEEE WACV, arXiv 1506.01186.
    """

    lowest: float = field(
        default=0.01, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    highest: float = field(
        default=0.1, unit=PER_STEP, help="learning rate half a period on", at_least=0
    )
    period: float = field(default=200.0, unit="steps", help="steps from lowest to lowest", above=0)
    policy: str = field(
        default="triangular",
        help="how the height of the triangles changes",
        choices=("triangular", "triangular2", "exp_range"),
    )
    decay: float = field(
        default=0.999,
        help="part of the height that a step leaves, for exp_range",
        at_least=0,
        at_most=1,
    )

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        triangle = 1 - jnp.abs(2 * jnp.mod(count / self.period, 1.0) - 1)
        return self.lowest + (self.highest - self.lowest) * triangle * self._height(count)

    def _height(self, count: Array) -> Array | float:
        if self.policy == "triangular2":
            return 0.5 ** jnp.floor(count / self.period)
        return self.decay**count if self.policy == "exp_range" else 1.0


class WarmRestarts(Schedule):
    """Falls along half a cosine from highest to lowest, then starts anew, each time for longer.

    Cycle ``i`` lasts ``period * growth**i`` steps; in it the rate is
    ``lowest + (highest - lowest) * (1 + cos(pi * done)) / 2``, ``done`` being the part of it that
    is over. The same as torch.optim.lr_scheduler.CosineAnnealingWarmRestarts (``T_0`` is
    ``period``, ``T_mult`` is ``growth``) and, cycle by cycle, as optax.sgdr_schedule.

    Examples
    --------
    >>> rate = WarmRestarts(highest=1.0, lowest=0.0, period=10.0, growth=2.0)
    >>> [round(float(rate(count)), 3) for count in (0, 5, 10, 20, 30)]
    [1.0, 0.5, 1.0, 0.5, 1.0]

    References
    ----------
    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, ICLR,
    arXiv 1608.03983, equation 5.
    """

    highest: float = field(
        default=0.1, unit=PER_STEP, help="learning rate at a restart", at_least=0
    )
    lowest: float = field(
        default=0.0, unit=PER_STEP, help="learning rate before a restart", at_least=0
    )
    period: float = field(default=200.0, unit="steps", help="steps of the first cycle", above=0)
    growth: float = field(
        default=1.0, help="how much longer each cycle is than that before", at_least=1
    )

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        begun, length = self._cycle(count / self.period + ROUNDING)
        done = jnp.maximum(count / self.period - begun, 0.0) / length
        return self.lowest + (self.highest - self.lowest) * 0.5 * (1 + jnp.cos(jnp.pi * done))

    def _cycle(self, time: Array) -> tuple[Array, Array]:
        """Return begin and length of the cycle at a time, all in first cycles."""
        longer = self.growth - 1
        grows = longer > 0
        divisor = jnp.where(grows, longer, 1.0)
        finished = jnp.where(
            grows,
            jnp.floor(jnp.log1p(time * divisor) / jnp.log1p(divisor)),
            jnp.floor(time),
        )
        length = self.growth**finished
        return jnp.where(grows, (length - 1) / divisor, finished), length
