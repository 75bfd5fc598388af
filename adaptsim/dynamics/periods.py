"""Periods: after how many steps an orbit comes back to where it was."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array

NONE_FOUND, DIVERGED = 0, -1


def periods(tails: Any, *, tolerance: float = 1e-6, most: int = 64) -> np.ndarray:
    """Return the least period of each orbit, by comparing it with itself some steps later.

    Parameters
    ----------
    tails
        Positions of settled orbits, shape ``(..., k, d)``: ``k`` steps in ``d`` dimensions.
    tolerance
        An orbit has a period if no coordinate differs after that many steps by more than this part
        of ``1 +`` the largest coordinate. An orbit that is still settling, as close to a
        bifurcation, differs by more; one of a period beyond ``most`` may differ by less.
    most
        Longest period looked for; at most half of ``k``, so that each is seen twice.

    Returns
    -------
    numpy.ndarray
        Whole numbers, shape ``(...)``: the period, 0 where none is found, -1 where the orbit has
        diverged (a position is not finite).

    Examples
    --------
    >>> tail = np.array([[0.0], [1.0], [0.5], [1.0], [0.0], [1.0], [0.5], [1.0]])
    >>> int(periods(tail)), int(periods(tail[:6])), int(periods(np.full((4, 1), np.nan)))
    (4, 0, -1)
    """
    given = jnp.asarray(tails, float)
    if given.ndim < 2 or given.shape[-2] < 2:
        raise ValueError(f"tails must have shape (..., k, d), k at least 2; got {given.shape}")
    if most < 1:
        raise ValueError(f"most must be at least 1; got {most}")
    flat = given.reshape(-1, *given.shape[-2:])
    found = _periods(flat, jnp.asarray(tolerance, float), min(most, given.shape[-2] // 2))
    return np.asarray(found).reshape(given.shape[:-2])


@functools.partial(jax.jit, static_argnames=("most",))
def _periods(tails: Array, tolerance: Array, most: int) -> Array:
    return jax.vmap(lambda tail: period_of(tail, tolerance, most))(tails)


def period_of(tail: Array, tolerance: Array, most: int) -> Array:
    """Return the least period of one orbit, shape ``(k, d)``; see `periods`."""
    compared = tail.shape[0] - most
    near = tolerance * (1 + jnp.max(jnp.abs(tail)))

    def returns(period: Array) -> Array:
        later = jax.lax.dynamic_slice_in_dim(tail, period, compared)
        return jnp.all(jnp.abs(later - tail[:compared]) <= near)

    back = jax.lax.map(returns, jnp.arange(1, most + 1))
    found = jnp.where(jnp.any(back), jnp.argmax(back) + 1, NONE_FOUND)
    return jnp.where(jnp.all(jnp.isfinite(tail)), found, DIVERGED)
