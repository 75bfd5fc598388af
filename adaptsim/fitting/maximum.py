"""The maximum of a likelihood that individuals share, by a damped Newton method within bounds.

Some parameters are shared by all individuals (rates), others belong to each (start, inverse
temperature). The information is then an arrow: a shared block, and one block for each individual.
All is written so that thousands of fits run side by side under ``vmap``; that, and the arrow, is
why it is not a call of a library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.part import Array

MOST_STEPS = 80
CLOSE, ROUGH = 1e-16, 1e-10
"""A step that promises less than this, relative to the log likelihood, is the last."""
ROUNDING = 1e-12
DAMPED = 1e-3
TINY = 1e-30


class Point(NamedTuple):
    """Parameters: ``shared`` ``(s,)``, ``own`` ``(i, q)`` for each of ``i`` individuals."""

    shared: Array
    own: Array


class Arrow(NamedTuple):
    """A log likelihood with score and information, as an arrow.

    ``value`` is a scalar; ``score`` a `Point`; ``shared`` ``(s, s)``, ``across`` ``(i, s, q)`` and
    ``own`` ``(i, q, q)`` are the blocks of the information.
    """

    value: Array
    score: Point
    shared: Array
    across: Array
    own: Array


class Box(NamedTuple):
    """Bounds, ``low`` and ``high``, and which parameters are ``free`` (1) or held (0)."""

    low: Point
    high: Point
    free: Point


class Maximum(NamedTuple):
    """Where the likelihood is largest, what is known there, and in how many steps it was found."""

    point: Point
    arrow: Arrow
    steps: Array


def maximise(
    likelihood: Callable[[Point], Arrow], start: Point, box: Box, close: float = CLOSE
) -> Maximum:
    """Return the maximum that is found from a start, up to a relative gain of ``close``.

    Levenberg and Marquardt's damping of the expected information; parameters that lie at a bound
    and would leave it are held for the step (Bertsekas 1982).

    Examples
    --------
    >>> def bowl(point):
    ...     (x,), ((y,),) = point
    ...     score = Point(jnp.array([2.0 - x - y]), jnp.array([[3.0 - x - 2 * y]]))
    ...     value = 2 * x + 3 * y - x**2 / 2 - x * y - y**2
    ...     return Arrow(value, score, jnp.eye(1), jnp.ones((1, 1, 1)), 2 * jnp.ones((1, 1, 1)))
    >>> nothing, much = Point(jnp.zeros(1), jnp.zeros((1, 1))), Point(jnp.ones(1), jnp.ones((1, 1)))
    >>> found = maximise(bowl, nothing, Box(nothing, jax.tree.map(lambda a: 9 * a, much), much))
    >>> found.point.shared.round(6).tolist(), found.point.own.round(6).tolist()
    ([1.0], [[1.0]])
    """

    def unfinished(carried: tuple[Maximum, Array, Array]) -> Array:
        found, _, done = carried
        return ~done & (found.steps < MOST_STEPS)

    def step(carried: tuple[Maximum, Array, Array]) -> tuple[Maximum, Array, Array]:
        found, damping, _ = carried
        way, promise = _way(found, damping, box)
        trial = jax.tree.map(
            lambda now, go, low, high: jnp.clip(now + go, low, high),
            found.point, way, box.low, box.high,
        )  # fmt: skip
        arrow = likelihood(trial)
        size = 1 + jnp.abs(found.arrow.value)
        better = arrow.value >= found.arrow.value - ROUNDING * size
        taken = Maximum(trial, arrow, found.steps + 1)
        stayed = found._replace(steps=found.steps + 1)
        then = jax.tree.map(lambda new, old: jnp.where(better, new, old), taken, stayed)
        damping = jnp.where(better, damping / 10, damping * 8)
        done = (found.steps > 0) & ((promise < close * size) | (damping > 1e12))
        return then, damping, done

    blank = jax.tree.map(
        lambda one: jnp.zeros(one.shape, one.dtype), jax.eval_shape(likelihood, start)
    )
    unknown = blank._replace(value=jnp.asarray(-jnp.inf))  # so that the first step stays and looks
    begun = (Maximum(start, unknown, jnp.asarray(0)), jnp.asarray(DAMPED), jnp.asarray(False))
    return jax.lax.while_loop(unfinished, step, begun)[0]


def _way(found: Maximum, damping: Array, box: Box) -> tuple[Point, Array]:
    """Return the damped Newton step and what it promises to gain."""
    free = jax.tree.map(
        lambda free, at, low, high, slope: (
            free * ~((at <= low) & (slope < 0)) * ~((at >= high) & (slope > 0))
        ),
        box.free, found.point, box.low, box.high, found.arrow.score,
    )  # fmt: skip
    score = jax.tree.map(jnp.multiply, found.arrow.score, free)
    shared = _damped(found.arrow.shared, free.shared, damping)
    own = jax.vmap(_damped, in_axes=(0, 0, None))(found.arrow.own, free.own, damping)
    across = found.arrow.across * free.shared[None, :, None] * free.own[:, None, :]
    by_own = jax.vmap(_solved)(own, jnp.swapaxes(across, 1, 2))
    alone = jax.vmap(_solved)(own, score.own[..., None])[..., 0]
    core = shared - jnp.einsum("isq,iqr->sr", across, by_own)
    slope = score.shared - jnp.einsum("isq,iq->s", across, alone)
    together = _solved(core, slope[:, None])[:, 0]
    each = alone - jnp.einsum("iqs,s->iq", by_own, together)
    promise = score.shared @ together + jnp.sum(score.own * each)
    return Point(together, each), promise


def _damped(information: Array, free: Array, damping: Array) -> Array:
    """Return an information with a heavier diagonal; what is held, or unknown, stands alone."""
    kept = information * free[:, None] * free[None, :]
    diagonal = jnp.diagonal(kept)
    alone = jnp.where(diagonal > TINY, diagonal * damping, 1.0)
    return kept + jnp.diag(alone)


def _solved(matrix: Array, right: Array) -> Array:
    """Return the solution of a few positive definite equations, by Gauss and Jordan.

    ``jnp.linalg.solve`` takes a second longer to compile.
    """
    size = len(matrix)
    both = jnp.concatenate([matrix, right], axis=1)
    for k in range(size):
        pivot = both[k] / both[k, k]
        both = (both - both[:, k : k + 1] * pivot).at[k].set(pivot)
    return both[:, size:]


def shared_information(arrow: Arrow, free: Point) -> Array:
    """Return the information on shared parameters once all others are fitted, ``(s, s)``."""
    own = jax.vmap(_damped, in_axes=(0, 0, None))(arrow.own, free.own, jnp.asarray(0.0))
    across = arrow.across * free.own[:, None, :]
    by_own = jax.vmap(_solved)(own, jnp.swapaxes(across, 1, 2))
    core: Array = arrow.shared - jnp.einsum("isq,iqr->sr", across, by_own)
    return core
