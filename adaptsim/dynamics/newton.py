"""Newton's method for a root of a smooth function of many numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.part import Array

MOST_STEPS = 30
SMALLEST_CHANGE = 1e-15


class Root(NamedTuple):
    """Where Newton's method ended.

    Attributes
    ----------
    place : Array
        Shape ``(s,)``; not a number where a derivative is not.
    value, jacobian : Array
        The function there, shape ``(s,)``, and its derivative, shape ``(s, s)``.
    change : Array
        The change that would come next, shape ``(s,)``.
    """

    place: Array
    value: Array
    jacobian: Array
    change: Array


def root(function: Callable[[Array], Array], near: Array, *, cutoff: float | None = None) -> Root:
    """Return a root near a place, or where the method was after 30 steps.

    Each step solves the linearised equations by least squares, so that a continuum of roots (a
    valley of minima) is met at its nearest point.

    Parameters
    ----------
    function
        From ``(s,)`` to ``(s,)``, smooth.
    near
        Where to begin, shape ``(s,)``.
    cutoff
        Singular values below this part of the largest count as zero; by default the precision of
        the numbers.

    Examples
    --------
    >>> found = root(lambda x: x**2 - 2.0, jnp.ones(1))
    >>> round(float(found.place[0]), 9), bool(abs(found.value[0]) < 1e-15)
    (1.414213562, True)
    """

    def at(place: Array) -> Root:
        along = jnp.eye(place.size)
        value, jacobian = jax.vmap(
            lambda one: jax.jvp(function, (place,), (one,)), out_axes=(None, 1)
        )(along)
        change = jnp.linalg.lstsq(jacobian, -value, rcond=cutoff)[0]
        return Root(place, value, jacobian, change)

    def goes_on(state: tuple[Root, Array]) -> Array:
        found, count = state
        moves = jnp.max(jnp.abs(found.change) / (1 + jnp.abs(found.place))) > SMALLEST_CHANGE
        return (count == 0) | (moves & (count < MOST_STEPS))

    def better(state: tuple[Root, Array]) -> tuple[Root, Array]:
        found, count = state
        return at(found.place + found.change), count + 1

    nothing = jnp.zeros_like(near)
    begun = Root(near, nothing, jnp.zeros((near.size, near.size)), nothing)
    return jax.lax.while_loop(goes_on, better, (begun, jnp.asarray(0)))[0]
