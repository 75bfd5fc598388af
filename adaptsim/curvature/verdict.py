"""Verdict: what a point is for a rule, in numbers and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.curvature.flip import Flip, flip
from adaptsim.curvature.lanczos import SMALL, Extreme, extremes
from adaptsim.curvature.limits import speed_limit_at
from adaptsim.curvature.loss import Loss, argument, point, value
from adaptsim.landscapes.base import AT_REST, FLAT
from adaptsim.part import Array
from adaptsim.rules import GradientDescent, Rule

PROBES = 8
"""Directions in which a jump of the slope is looked for where there are too many coordinates."""

FAR, NEAR = 1e-4, 1e-6
"""How far to both sides of a point its slope is compared, relative to 1 + theta."""

CHANGE = 1e-3
"""A gap in the loss below this fraction of its change over the far distance is rounding."""

PAST = 1.01
"""Rate, in units of the limit, of which the words tell the oscillation."""

SHOWN = 4
"""Up to so many coordinates the words tell a direction."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a point is for a rule; printed, it is its own account in words.

    Attributes
    ----------
    kind : str
        ``"minimum"``, ``"saddle"``, ``"maximum"``, ``"degenerate"`` (a zero curvature leaves it
        open), ``"slope"`` (not at rest) or ``"not smooth"`` (loss, slope or Hessian not finite, a
        jump of loss or slope, or a loss that JAX cannot differentiate).
    loss : float
        The loss there.
    steepness : float
        Largest component of the gradient in size [loss/trait].
    smallest, largest : Extreme
        The extreme curvatures [loss/trait^2], with bounds and directions.
    limit : float
        Learning rate at which the rule loses the point; inf where all curvatures are zero, nan
        where no rate holds it or none is known.
    flip : Flip or None
        What plain descent does past its limit; None for other rules and where there is no limit.
    problem : str
        Why it is not smooth; empty where it is.
    """

    kind: str
    loss: float
    steepness: float
    smallest: Extreme
    largest: Extreme
    limit: float
    flip: Flip | None
    problem: str = ""

    @property
    def falls(self) -> bool:
        """Whether a curvature is negative: descent leaves along it at every rate."""
        return bool(self.smallest.value < -FLAT * _scale(self.smallest, self.largest))

    def escape_steps(self, rate: float, nudge: float, reach: float) -> float:
        """Return the steps of plain descent from ``nudge`` to ``reach`` off a saddle or maximum.

        ``ln(reach / nudge) / ln(1 + rate abs(smallest))``; inf where no curvature is negative.
        """
        falls = -float(self.smallest.value)
        return math.log(reach / nudge) / math.log1p(rate * falls) if falls > 0 else math.inf

    def __str__(self) -> str:
        if self.kind == "not smooth":
            return f"not smooth: {self.problem}"
        return f"{self.kind}: " + "; ".join(self._reasons())

    def _reasons(self) -> list[str]:
        top, bottom = _curved(self.largest), _curved(self.smallest)
        told = []
        if self.kind == "slope":
            told = [f"gradient {self.steepness:.6g}, not at rest", f"from {bottom}"]
        elif self.falls:
            told = [f"no rate stabilises this point: {bottom}"]
        elif self.kind == "degenerate":
            told = [f"level: {bottom}"]
        if self.falls:
            return [
                *told,
                f"deviations grow by 1 + {-float(self.smallest.value):.6g} rate per step",
            ]
        if math.isinf(self.limit):
            return [*told, "no speed limit"]
        if math.isnan(self.limit):
            return [*told, f"no speed limit is known for this rule, {top}"]
        told.append(f"speed limit {self.limit:.6g}, {top}")
        return [*told, self._past()] if self.flip else told

    def _past(self) -> str:
        assert self.flip is not None
        told = f"past it {self.flip.outcome} (c = {self.flip.coefficient:.6g})"
        told += "" if self.flip.alone else " along each of several directions"
        if self.flip.outcome != "stable oscillation":
            return told
        width = self.flip.amplitude(PAST * self.flip.limit)
        return f"{told}, half-width {width:.3g} at 1 % past it"


def verdict(loss: Loss, theta: Any, rule: Rule | None = None) -> Verdict:
    """Return what a point is for a rule: its kind, its speed limit or that it has none, and why.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar. If it is not finite, or JAX cannot
        differentiate it, the verdict is ``"not smooth"`` and says why.
    theta
        The point.
    rule
        Plain gradient descent if not given; the limit is `speed_limit_at`.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell, StrictSaddle
    >>> print(verdict(StrictSaddle().loss, jnp.zeros(2)))
    saddle: no rate stabilises this point: curvature -1 along (0, 1);
        deviations grow by 1 + 1 rate per step
    >>> print(verdict(DoubleWell().loss, jnp.ones(1)))
    minimum: speed limit 1, curvature 2 along (1);
        past it stable oscillation (c = 8), half-width 0.05 at 1 % past it
    >>> print(verdict(lambda theta: jnp.sum(jnp.abs(theta)), jnp.zeros(2)))
    not smooth: loss or slope jumps
    """
    theta = point(theta)
    level = float(value(loss, theta))
    try:
        steepness, jumps = (float(one) for one in _around(argument(loss), theta))
        ends = extremes(loss, theta)
    except (TypeError, ValueError, NotImplementedError) as error:
        return _unsmooth(theta, level, f"JAX cannot differentiate it ({_first_line(error)})")
    if not np.isfinite([level, steepness, *(float(one.value) for one in ends)]).all():
        return _unsmooth(theta, level, "loss, slope or curvature is not finite")
    if jumps:
        return _unsmooth(theta, level, "loss or slope jumps")
    kind = _kind(steepness, theta, *ends)
    found = Verdict(kind, level, steepness, *ends, limit=math.nan, flip=None)
    return _with_limit(found, loss, theta, rule or GradientDescent())


def _with_limit(found: Verdict, loss: Loss, theta: Array, rule: Rule) -> Verdict:
    if found.falls:
        return found
    if found.largest.value <= 0:
        return replace(found, limit=math.inf)
    plain = type(rule) is GradientDescent and found.kind != "slope"
    certificate = flip(loss, theta) if plain else None
    return replace(found, limit=speed_limit_at(loss, theta, rule), flip=certificate)


def _kind(steepness: float, theta: Array, smallest: Extreme, largest: Extreme) -> str:
    """Return the kind of a smooth point; what is within its bound of zero counts as zero."""
    scale = _scale(smallest, largest)
    if steepness > AT_REST * scale * (1 + float(jnp.max(jnp.abs(theta)))):
        return "slope"
    zero = FLAT * scale
    if smallest.value < -zero and largest.value > zero:
        return "saddle"
    if smallest.value - smallest.bound > zero:
        return "minimum"
    return "maximum" if largest.value + largest.bound < -zero else "degenerate"


def _scale(smallest: Extreme, largest: Extreme) -> float:
    return float(max(abs(smallest.value), abs(largest.value)))


@jax.jit
def _around(loss: Loss, theta: Array) -> tuple[Array, Array]:
    """Return the largest component of the slope, and whether loss or slope jumps at the point.

    One jumps if it differs across the point by an amount that does not shrink with the distance.
    """
    if theta.size <= SMALL:
        ways = jnp.eye(theta.size)
    else:
        ways = jax.random.rademacher(jax.random.key(0), (PROBES, theta.size), float)
    told = jax.vmap(jax.value_and_grad(partial(value, loss)))

    def gaps(distance: float) -> tuple[Array, Array, Array]:
        steps = distance * ways * (1 + jnp.abs(theta))
        (ahead, rise), (behind, fall) = told(theta + steps), told(theta - steps)
        change = jnp.maximum(jnp.abs(ahead - level), jnp.abs(behind - level))
        return jnp.abs(ahead - behind), jnp.max(jnp.abs(rise - fall), axis=1), change

    level, here = jax.value_and_grad(partial(value, loss))(theta)
    steepness = jnp.max(jnp.abs(here))
    (loss_near, slope_near, _), (loss_far, slope_far, change) = gaps(NEAR), gaps(FAR)
    loss_jumps = (loss_near > 0.5 * loss_far) & (loss_near > CHANGE * change)
    slope_jumps = slope_near > 0.5 * slope_far + 1e-12 * steepness
    return steepness, jnp.any(loss_jumps | slope_jumps)


def _unsmooth(theta: Array, level: float, problem: str) -> Verdict:
    nothing = jnp.asarray(jnp.nan)
    unknown = Extreme(nothing, nothing, jnp.full_like(theta, jnp.nan), jnp.asarray(0))
    return Verdict(
        "not smooth", level, math.nan, unknown, unknown, limit=math.nan, flip=None, problem=problem
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _curved(end: Extreme) -> str:
    """Return a curvature and its direction in words; the largest component is made positive."""
    told = f"curvature {float(end.value):.6g}"
    way = np.asarray(end.direction)
    if way.size > SHOWN:
        return told
    way = way * np.sign(way[np.abs(way).argmax()])
    return f"{told} along ({', '.join(f'{one:.3g}' for one in np.round(way, 6) + 0.0)})"
