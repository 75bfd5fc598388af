"""The profile of a likelihood along one parameter, and the interval that it gives."""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from scipy import stats

from adaptsim.fitting.course import Design, Learner, Record
from adaptsim.fitting.estimation import Estimate, arrow_of, box_of, cooled, side_by_side
from adaptsim.fitting.hypotheses import Numbers
from adaptsim.fitting.maximum import ROUGH, Box, Maximum, Point, maximise
from adaptsim.part import Array

WIDTHS = tuple(w / 3 for w in range(-12, 13))
"""Where a profile is looked at first, in standard errors about its top."""
EVERYWHERE = 15
"""And at so many places between its bounds."""
ROUNDS = 4
"""So often it is looked at, the last times between the places on both sides of each end."""
FAR = 1e6


class Profile(NamedTuple):
    """A profile likelihood and its interval; leading axes for records and parameters.

    Attributes
    ----------
    values : Array
        Values of the parameter that were looked at, rising, ``(g,)``.
    deviance : Array
        Twice the log likelihood lost by holding it there, all others fitted anew, ``(g,)``.
    top : Array
        Its most likely value, and the log likelihood there.
    low, high : Array
        Ends of the interval: all values between the outermost that lose less than the limit.
    open_low, open_high : Array
        Whether an end is only the bound of what was tried.
    """

    values: Array
    deviance: Array
    top: Array
    log_likelihood: Array
    low: Array
    high: Array
    open_low: Array
    open_high: Array


def limit_of(level: float, count: int, fitted: int, *, gaussian: bool) -> float:
    """Return how much deviance an interval allows.

    For Gaussian numbers ``n ln(1 + F / (n - p))`` with the quantile of ``F(1, n - p)``: with it a
    linear model's interval is exactly Student's. Otherwise, and for many rows, that of chi2(1).

    Parameters
    ----------
    level
        Coverage aimed at, 0.95 say.
    count, fitted
        Numbers recorded, and parameters of their mean.
    gaussian
        Whether numbers are Gaussian, with a spread that is fitted.

    Examples
    --------
    >>> round(limit_of(0.95, 200, 2, gaussian=False), 3)
    3.841
    >>> round(limit_of(0.95, 8, 2, gaussian=True), 3)
    5.537

    References
    ----------
    Bates & Watts (1988), Nonlinear Regression Analysis, ch. 6 (from general knowledge).
    """
    if not gaussian:
        return float(stats.chi2.ppf(level, 1))
    free = max(count - fitted, 1)
    return float(count * jnp.log1p(stats.f.ppf(level, 1, free) / free))


def _profile(
    learner: Learner,
    design: Design,
    records: Record,
    numbers: Numbers,
    scale: Array,
    found: Estimate,
    which: Array,
    limit: Array,
) -> Profile:
    """Return the profile along shared parameter ``which`` of one hypothesis."""
    box = box_of(design, numbers, records, scale)
    along = jnp.arange(2) == which
    held = Box(box.low, box.high, box.free._replace(shared=box.free.shared * ~along))
    climb = functools.partial(arrow_of, learner, design, records, numbers)
    low, high = numbers.low[which], numbers.high[which]

    def at(value: Array, near: Point) -> Maximum:
        there = Point(jnp.where(along, value, near.shared), near.own)
        return maximise(climb, cooled(learner, design, records, numbers, there, scale), held, ROUGH)

    def look(told: Looked, _: None) -> tuple[Looked, tuple[Array, Array]]:
        curve = jax.vmap(at)(told.values, told.near)
        likely = jnp.nan_to_num(curve.arrow.value, nan=-jnp.inf)
        best = jnp.argmax(likely)
        missed = likely[best] > told.highest  # by all the climbs before
        highest = jnp.where(missed, likely[best], told.highest)
        peak = jnp.where(missed, told.values[best], told.peak)
        inside = 2 * (highest - likely) <= limit
        last = len(inside) - 1
        inner = jnp.stack([jnp.argmax(inside), last - jnp.argmax(inside[::-1])])
        outer = jnp.clip(inner + jnp.asarray([-1, 1]), 0, last)
        ends = told.values[outer], told.values[inner]
        heights = likely[outer], likely[inner]
        half = len(inside) // 2
        values = [jnp.linspace(*part, half) for part in ((ends[0][0], ends[1][0]),
                                                         (ends[1][1], ends[0][1]))]  # fmt: skip
        near = jax.tree.map(lambda a: jnp.repeat(a[inner], half, axis=0), curve.point)
        then = Looked(jnp.concatenate(values), near, highest, peak, ends, heights)
        return then, (told.values, likely)

    top = Point(found.shared, found.own)
    first = _first_look(found, which, low, high)
    begun = Looked(
        first, jax.tree.map(lambda a: jnp.broadcast_to(a, (len(first), *a.shape)), top),
        found.log_likelihood, found.shared[which], (first[:2], first[:2]), (first[:2], first[:2]),
    )  # fmt: skip
    done, (values, likely) = jax.lax.scan(look, begun, None, length=ROUNDS)
    outer, inner = (
        jnp.sqrt(jnp.clip(2 * (done.highest - one), 0, FAR)) - jnp.sqrt(limit)
        for one in done.heights
    )
    share = jnp.where(outer > inner, -inner / jnp.where(outer > inner, outer - inner, 1), 0.0)
    ends = done.ends[1] + share * (done.ends[0] - done.ends[1])  # roots are nearly straight lines
    order = jnp.argsort(values.ravel())
    deviance = 2 * (done.highest - likely.ravel())
    atbound = jnp.stack([ends[0] <= low, ends[1] >= high])
    return Profile(
        values.ravel()[order], deviance[order], done.peak, done.highest, ends[0], ends[1],
        atbound[0], atbound[1],
    )  # fmt: skip


class Looked(NamedTuple):
    """Where a profile is looked at next, from where that is climbed, and what is known so far.

    ``ends`` and ``heights`` are places just outside and just inside the interval, lower and upper
    ``((2,), (2,))``, and log likelihoods there.
    """

    values: Array
    near: Point
    highest: Array
    peak: Array
    ends: tuple[Array, Array]
    heights: tuple[Array, Array]


def _first_look(found: Estimate, which: Array, low: Array, high: Array) -> Array:
    """Return where a profile is looked at first: about its top, and from bound to bound."""
    along = jnp.arange(2) == which
    core = found.information
    other = jnp.sum(jnp.where(along, 0.0, jnp.diagonal(core)))
    lost = jnp.where(other > 0, core[0, 1] ** 2 / jnp.where(other > 0, other, 1), 0)
    alone = core[which, which] - lost
    error = jnp.where(alone > 0, 1 / jnp.sqrt(jnp.where(alone > 0, alone, 1)), high - low)
    near = found.shared[which] + jnp.asarray(WIDTHS) * jnp.minimum(error, (high - low) / 4)
    everywhere = low + (high - low) * jnp.linspace(0, 1, EVERYWHERE) ** 2
    return jnp.sort(jnp.clip(jnp.concatenate([near, everywhere]), low, high))


@functools.partial(jax.jit, static_argnames=("design",))
def _profiles(
    learner: Learner,
    design: Design,
    numbers: Numbers,
    which: Array,
    records: Record,
    scale: Array,
    found: Estimate,
    limit: Array,
) -> Profile:
    def of_one(records: Record, scale: Array, found: Estimate, limit: Array) -> Profile:
        return jax.vmap(
            lambda one, estimate, which, limit: _profile(
                learner, design, records, one, scale, estimate, which, limit
            )
        )(numbers, found, which, limit)

    profiles: Profile = jax.vmap(of_one)(records, scale, found, limit)
    return profiles


def profile_all(
    learner: Learner,
    design: Design,
    numbers: Numbers,
    which: Array,
    records: Record,
    scale: Array,
    found: Estimate,
    limit: Array,
) -> Profile:
    """Return profiles of many record sets, leading axes ``(b, p)``.

    ``numbers``, ``which`` and, from its second axis on, ``found`` have an entry for each of ``p``
    pairs of hypothesis and parameter; ``limit`` is ``(b, p)``.
    """
    profiles: Profile = side_by_side(
        functools.partial(_profiles, learner, design, numbers, which), records, scale, found, limit
    )
    return profiles
