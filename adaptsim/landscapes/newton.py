"""Newton's method on landscapes: places found to the last digits, for those without a formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import FLAT, Landscape, Point
from adaptsim.part import Array

STEPS = 200
"""Most steps that are taken; a few are enough near a place where the curvature is not zero."""

SMALL = 1e-6
"""A step of this size (relative to 1 + theta) that does not shrink any more is rounding."""

HALVES = 20
"""How many halves of halves of a step are tried downhill."""

Move = Callable[[Landscape, Any], np.ndarray]
"""One step of a method: from a landscape and a point to a change of the point."""


def stationary_point(landscape: Landscape, near: Array) -> Point:
    """Return the place without slope that Newton's method finds from a point, of whatever kind.

    ``theta <- theta - H(theta)^-1 g(theta)``, until steps are nothing but rounding.

    Examples
    --------
    >>> from adaptsim.landscapes import Himmelblau
    >>> stationary_point(Himmelblau(), jnp.array([3.4, 0.1])).theta.round(6).tolist()
    [3.385154, 0.073852]
    """
    return landscape.point(_newton(landscape, near, _step))


def minimum_near(landscape: Landscape, near: Array) -> Point:
    """Return the minimum below a point: Newton's method that only goes down.

    Each curvature is taken by its size, so that every step points downhill, and the best of the
    step and its halves is taken.

    Examples
    --------
    >>> from adaptsim.landscapes import Himmelblau
    >>> minimum_near(Himmelblau(), jnp.array([3.4, 0.1])).theta.round(6).tolist()
    [3.0, 2.0]
    """
    return landscape.point(_newton(landscape, near, _downhill_step))


def minima_from(landscape: Landscape, starts: Array, *, closer: float = 1e-6) -> tuple[Point, ...]:
    """Return the different minima of the domain found from several starts, the lowest first.

    Parameters
    ----------
    landscape
        Where to look.
    starts
        Points, shape ``(n, d)``.
    closer
        Two minima nearer than this [trait] are one.
    """
    different: list[np.ndarray] = []
    for start in np.asarray(starts, dtype=float):
        theta = _newton(landscape, start, _downhill_step)
        if all(np.abs(theta - other).max() > closer for other in different):
            different.append(theta)
    inside = [jnp.asarray(theta) for theta in different if landscape.contains(jnp.asarray(theta))]
    minima = [theta for theta in inside if landscape.kind_of_point(theta) == "minimum"]
    return tuple(sorted(map(landscape.point, minima), key=lambda one: one.loss))


def _newton(landscape: Landscape, start: Any, move: Move) -> Any:
    theta, last = np.asarray(start, dtype=float), np.inf
    for _ in range(STEPS):
        change = move(landscape, theta)
        theta = theta + change
        size = np.max(np.abs(change) / (1 + np.abs(theta)))
        if not size > 1e-15 or last <= size < SMALL:
            break
        last = size
    return theta


def _step(landscape: Landscape, theta: Any) -> np.ndarray:
    slope, bend = np.asarray(landscape.gradient(theta)), np.asarray(landscape.hessian(theta))
    try:
        return -np.linalg.solve(bend, slope)
    except np.linalg.LinAlgError:  # flat: there is no such place
        return np.full_like(theta, np.nan)


def _downhill_step(landscape: Landscape, theta: Any) -> np.ndarray:
    slope, bend = np.asarray(landscape.gradient(theta)), np.asarray(landscape.hessian(theta))
    if not np.isfinite(bend).all():
        return np.full_like(theta, np.nan)
    curvatures, axes = np.linalg.eigh(bend)
    sizes = np.maximum(np.abs(curvatures), FLAT * np.abs(curvatures).max())
    with np.errstate(divide="ignore", invalid="ignore"):  # flat all over: there is no step
        whole = -axes @ ((axes.T @ slope) / sizes)
    shares = 0.5 ** np.arange(HALVES)
    losses = np.asarray(_losses(landscape, theta + np.append(shares, 0.0)[:, None] * whole))
    # Near a minimum the loss is level to the last digit, but the slope is not: take the whole step.
    if abs(losses[0] - losses[-1]) <= 1e-12 * (1 + abs(losses[0])):
        return whole
    best: np.ndarray = shares[np.argmin(np.where(np.isnan(losses), np.inf, losses)[:-1])] * whole
    return best


@jax.jit
def _losses(landscape: Landscape, points: Array) -> Array:
    return jax.vmap(landscape.loss)(points)
