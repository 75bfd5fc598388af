"""A bubble of one user: two items, and a score gap that feeds on what was taken."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import noise
from adaptsim.adaptation import stream


class Gaps(NamedTuple):
    """Score gaps of users, shape ``(k, n)`` each: for each sharpness, n users.

    Attributes
    ----------
    last : numpy.ndarray
        After the last step.
    mean_size : numpy.ndarray
        Mean of ``|x|`` over the steps after settling.
    mean_square : numpy.ndarray
        Mean of ``x^2`` over them.
    """

    last: Any
    mean_size: Any
    mean_square: Any


def score_gaps(
    sharpness: Any,
    rate: float,
    *,
    users: int = 200,
    settle: int = 5000,
    steps: int = 20_000,
    start: float = 0.0,
    seed: int = 0,
) -> Gaps:
    """Return the score gaps of users who take what scores higher: ``x' = x + eta (c - x)``.

    ``c`` is 1 with the chance ``1 / (1 + exp(-k x))``, else -1. The users share nothing but k.

    Parameters
    ----------
    sharpness
        k, shape ``(k,)`` [1].
    rate
        Learning rate eta, from 0 to 1 [1].
    users
        How many for each k.
    settle, steps
        Steps before and while means are taken.
    start
        The gap at first, from -1 to 1 [1].
    seed
        Of the choices.

    Raises
    ------
    ValueError
        For a rate or a start out of bounds.

    Examples
    --------
    >>> gaps = score_gaps([1.0, 4.0], 0.05, users=50, settle=300, steps=300, start=1.0)
    >>> gaps.mean_size.mean(axis=1).round(1).tolist()
    [0.2, 1.0]
    """
    _check(rate, start)
    k = np.atleast_1d(np.asarray(sharpness, dtype=float))
    found = _gaps(k, float(rate), float(start), settle, steps, jax.random.key(seed), users=users)
    return Gaps(*map(np.asarray, found))


def gap_courses(
    sharpness: float, rate: float, *, users: int = 200, steps: int = 400, seed: int = 0
) -> np.ndarray:
    """Return the score gaps of users who begin undecided, shape ``(steps + 1, n)``.

    As `score_gaps` has them, step by step.

    Raises
    ------
    ValueError
        For a rate out of bounds.

    Examples
    --------
    >>> gap_courses(1.0, 0.5, users=3, steps=2)[:2].tolist()[0]
    [0.0, 0.0, 0.0]
    """
    _check(rate, 0.0)
    k = np.atleast_1d(np.asarray(sharpness, dtype=float))
    found = _courses(k, float(rate), jax.random.key(seed), users=users, steps=steps)
    return np.concatenate([np.zeros((1, users)), np.asarray(found)])


def _check(rate: float, start: float) -> None:
    if not 0 < rate <= 1 or not -1 <= start <= 1:
        raise ValueError(f"rate must be in (0, 1], start from -1 to 1; got {rate:g}, {start:g}")


def _step(k: Any, rate: Any, key: Any, place: Any, gap: jax.Array) -> jax.Array:
    """Return gaps ``(k, n)`` a step later."""
    luck = noise.uniform(jax.random.fold_in(stream(key, "choices"), place), gap.shape)
    taken = jnp.where(luck < jax.nn.sigmoid(k[:, None] * gap), 1.0, -1.0)
    return gap + rate * (taken - gap)


@functools.partial(jax.jit, static_argnames=("users", "steps"))
def _courses(k: Any, rate: Any, key: Any, *, users: int, steps: int) -> jax.Array:
    def once(gap: jax.Array, place: jax.Array) -> tuple[jax.Array, jax.Array]:
        after = _step(k, rate, key, place, gap)
        return after, after[0]

    return jax.lax.scan(once, jnp.zeros((1, users)), jnp.arange(steps))[1]


@functools.partial(jax.jit, static_argnames="users")
def _gaps(k: Any, rate: Any, start: Any, settle: Any, steps: Any, key: Any, *, users: int) -> Gaps:
    shape = (len(k), users)

    def step(place: jax.Array, gap: jax.Array) -> jax.Array:
        return _step(k, rate, key, place, gap)

    def measured(place: jax.Array, kept: Gaps) -> Gaps:
        gap = step(place, kept.last)
        return Gaps(gap, kept.mean_size + jnp.abs(gap), kept.mean_square + gap**2)

    settled = jax.lax.fori_loop(0, settle, step, jnp.full(shape, start))
    nothing = jnp.zeros(shape)
    found = jax.lax.fori_loop(settle, settle + steps, measured, Gaps(settled, nothing, nothing))
    return Gaps(found.last, found.mean_size / steps, found.mean_square / steps)
