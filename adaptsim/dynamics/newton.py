"""Newton's method for a root of a smooth function of many numbers."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from adaptsim.part import Array

MOST_STEPS = 30
SMALLEST_CHANGE = 1e-15


def root(
    function: Callable[[Array], Array], near: Array, *, cutoff: float | None = None
) -> tuple[Array, Array]:
    """Return a root near a place, and the size of Newton's last change.

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

    Returns
    -------
    root : Array
        Shape ``(s,)``; not a number where a derivative is not.
    change : Array
        Largest component of the last change, relative to ``1 + abs(root)``: not small where the
        method did not settle in 30 steps.

    Examples
    --------
    >>> place, change = root(lambda x: x**2 - 2.0, jnp.ones(1))
    >>> round(float(place[0]), 9), bool(change < 1e-9)
    (1.414213562, True)
    """

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        _, change, count = state
        return (count < MOST_STEPS) & (change > SMALLEST_CHANGE)

    def better(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        place, _, count = state
        change = jnp.linalg.lstsq(jax.jacfwd(function)(place), function(place), rcond=cutoff)[0]
        moved = place - change
        return moved, jnp.max(jnp.abs(change) / (1 + jnp.abs(moved))), count + 1

    begun = (near, jnp.asarray(jnp.inf), jnp.asarray(0))
    place, change, _ = jax.lax.while_loop(goes_on, better, begun)
    return place, change
