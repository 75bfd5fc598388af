"""Estimation: the most likely rates of individuals that share them, many records side by side."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.fitting.course import Design, Learner, Record, course
from adaptsim.fitting.hypotheses import Numbers
from adaptsim.fitting.likelihood import log_likelihood, spread, terms
from adaptsim.fitting.maximum import Arrow, Box, Maximum, Point, maximise, shared_information
from adaptsim.part import Array

HOTTEST = 1e3
"""Largest inverse temperature, over the spread of what attracts."""
TEMPERATURES = (0.3, 1.0, 4.0, 15.0)
CHUNK = 50
"""So many sets of records are fitted side by side."""
STARTS = 3
"""So many of the best places of a grid are climbed from."""


class Estimate(NamedTuple):
    """What makes a record most likely; leading axes for records and hypotheses.

    Attributes
    ----------
    shared : Array
        The hypothesis's own parameters ``(2,)``.
    own : Array
        Nuisances of each individual ``(i, q)``.
    log_likelihood : Array
        A scalar.
    information : Array
        On the shared parameters, all others fitted, ``(2, 2)``.
    arrow : Arrow
        Log likelihood, score and information by blocks.
    """

    shared: Array
    own: Array
    log_likelihood: Array
    information: Array
    arrow: Arrow


def arrow_of(
    learner: Learner, design: Design, records: Record, numbers: Numbers, point: Point
) -> Arrow:
    """Return the log likelihood of records of ``i`` individuals at a point, with derivatives."""
    rates = numbers.embedding @ point.shared
    each = jax.vmap(lambda record, own: terms(learner, design, record, rates, own))(
        records, point.own
    )
    by = numbers.embedding
    score = Point(each.score[:, :3].sum(axis=0) @ by, each.score[:, 3:])
    shared = by.T @ each.information[:, :3, :3].sum(axis=0) @ by
    across = jnp.einsum("rs,irq->isq", by, each.information[:, :3, 3:])
    return Arrow(each.value.sum(), score, shared, across, each.information[:, 3:, 3:])


def _of_each(
    learner: Learner, design: Design, records: Record, numbers: Numbers, point: Point
) -> Array:
    """Return the log likelihood of each individual at a point, ``(i,)``."""
    rates = numbers.embedding @ point.shared

    def one(record: Record, own: Array) -> Array:
        shown, _ = course(learner, design, record, rates, own)
        return log_likelihood(design, record, shown)

    return jnp.nan_to_num(jax.vmap(one)(records, point.own), nan=-jnp.inf)


def box_of(design: Design, numbers: Numbers, records: Record, scale: Array) -> Box:
    """Return the bounds of all parameters."""
    names = design.nuisances
    shape = (records.cue.shape[0], len(names))
    cold = [name == "inverse_temperature" for name in names]
    low = jnp.where(jnp.asarray(cold), 0.0, -jnp.inf)
    high = jnp.where(jnp.asarray(cold), HOTTEST / scale, jnp.inf)
    free = jnp.asarray([float(name != "") for name in names])
    return Box(
        Point(numbers.low, jnp.broadcast_to(low, shape)),
        Point(numbers.high, jnp.broadcast_to(high, shape)),
        Point(numbers.free, jnp.broadcast_to(free, shape)),
    )


def _beginnings(
    learner: Learner, design: Design, records: Record, numbers: Numbers, guess: Array, scale: Array
) -> Point:
    """Return places to try, ``(g, ...)``: a grid of rates, by inverse temperatures for choices."""
    hot = jnp.asarray(TEMPERATURES if design.options else (1.0,)) / scale
    grid = jnp.repeat(numbers.grid, len(hot), axis=0)
    own = jnp.broadcast_to(guess, (len(grid), records.cue.shape[0], len(design.nuisances)))
    if design.options:
        own = own.at[..., -1].set(jnp.tile(hot, len(numbers.grid))[:, None])
    return Point(grid, own)


def cooled(
    learner: Learner, design: Design, records: Record, numbers: Numbers, point: Point, scale: Array
) -> Point:
    """Return a point with the most likely of its inverse temperatures and of ``TEMPERATURES``.

    The log likelihood of choices is concave in the inverse temperature. From a cold one it is
    climbed in a few steps; where choices are all but certain it has no curvature left, and a climb
    that begins there crawls.
    """
    if not design.options:
        return point
    others = [point.own.at[:, -1].set(one / scale) for one in TEMPERATURES]
    own = jnp.stack([point.own, *others])
    likely = jax.vmap(
        lambda own: _of_each(learner, design, records, numbers, point._replace(own=own))
    )(own)
    return point._replace(own=own[jnp.argmax(likely, axis=0), jnp.arange(own.shape[1])])


def estimate(
    learner: Learner, design: Design, records: Record, numbers: Numbers, guess: Array, scale: Array
) -> Estimate:
    """Return the most likely parameters under one hypothesis.

    Parameters
    ----------
    learner, design
        Who learns, and how rows and individuals hang together.
    records
        Of ``i`` individuals that share their rates, ``(i, T, ...)``.
    numbers
        The hypothesis.
    guess
        Nuisances to begin with, ``(i, q)``.
    scale
        Spread of what attracts, a scalar; for choices.
    """
    places = _beginnings(learner, design, records, numbers, guess, scale)
    values = jax.vmap(lambda point: _of_each(learner, design, records, numbers, point).sum())(
        places
    )
    best = jax.lax.top_k(values, STARTS)[1]
    box = box_of(design, numbers, records, scale)
    climb = functools.partial(arrow_of, learner, design, records, numbers)
    found = jax.vmap(lambda index: maximise(climb, jax.tree.map(lambda a: a[index], places), box))(
        best
    )
    at = jnp.argmax(jnp.nan_to_num(found.arrow.value, nan=-jnp.inf))
    return told(jax.tree.map(lambda a: a[at], found), box)


def told(found: Maximum, box: Box) -> Estimate:
    """Return a maximum as an estimate."""
    arrow = found.arrow
    information = shared_information(arrow, box.free)
    return Estimate(found.point.shared, found.point.own, arrow.value, information, arrow)


def side_by_side(function: Callable[..., Any], *told: Any) -> Any:
    """Return a compiled function of one set of records for many, leading axes ``(b, ...)``.

    Many are done in chunks of one size (the last is filled up), so that it is compiled once.
    """
    many = len(jax.tree.leaves(told)[0])
    chunk = min(many, CHUNK)
    parts = []
    for begin in range(0, many, chunk):
        rows = np.minimum(np.arange(begin, begin + chunk), many - 1)
        parts.append(function(*jax.tree.map(lambda a, rows=rows: a[rows], told)))
    return jax.tree.map(lambda *a: jnp.concatenate(a)[:many], *parts)


@functools.partial(jax.jit, static_argnames=("design",))
def _estimates(
    learner: Learner, design: Design, numbers: Numbers, records: Record, guess: Array, scale: Array
) -> Estimate:
    def of_one(records: Record, guess: Array, scale: Array) -> Estimate:
        return jax.vmap(lambda one: estimate(learner, design, records, one, guess, scale))(numbers)

    found: Estimate = jax.vmap(of_one)(records, guess, scale)
    return found


def estimate_all(
    learner: Learner, design: Design, numbers: Numbers, records: Record, guess: Array, scale: Array
) -> Estimate:
    """Return estimates of many record sets under many hypotheses, leading axes ``(b, m)``.

    ``records`` are ``(b, i, T, ...)``, ``guess`` ``(b, i, q)``, ``scale`` ``(b,)``.
    """
    found: Estimate = side_by_side(
        functools.partial(_estimates, learner, design, numbers), records, guess, scale
    )
    return found


@functools.partial(jax.jit, static_argnames=("design",))
def courses(
    learner: Learner, design: Design, records: Record, rates: Array, own: Array
) -> tuple[Array, Array]:
    """Return what individuals show ``(i, T, k)``, and the spread about it ``(i, k)``."""

    def one(record: Record, rates: Array, nuisance: Array) -> tuple[Array, Array]:
        shown, _ = course(learner, design, record, rates, nuisance)
        return shown, spread(record, shown)

    told: tuple[Array, Array] = jax.vmap(one)(records, rates, own)
    return told
