"""Newton's method on landscapes: places found to the last digits, for those without a formula."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import FLAT, Landscape, Point
from adaptsim.part import Array

STEPS = 200
"""Most steps that are taken; a few are enough near a place where the curvature is not zero."""


def stationary_point(landscape: Landscape, near: Array) -> Point:
    """Return the place without slope that Newton's method finds from a point, of whatever kind.

    ``theta <- theta - H(theta)^-1 g(theta)``, until a step is below the last digit.

    Examples
    --------
    >>> from adaptsim.landscapes import Himmelblau
    >>> stationary_point(Himmelblau(), jnp.array([3.4, 0.1])).theta.round(6).tolist()
    [3.385154, 0.073852]
    """
    return landscape.point(_newton(landscape, jnp.asarray(near, float), downhill=False))


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
    return landscape.point(_newton(landscape, jnp.asarray(near, float), downhill=True))


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
    ends = jax.vmap(partial(_newton, landscape, downhill=True))(starts)
    different: list[np.ndarray] = []
    for theta in np.asarray(ends):
        if all(np.abs(theta - other).max() > closer for other in different):
            different.append(theta)
    inside = [jnp.asarray(theta) for theta in different if landscape.contains(jnp.asarray(theta))]
    minima = [theta for theta in inside if landscape.kind_of_point(theta) == "minimum"]
    return tuple(sorted(map(landscape.point, minima), key=lambda one: one.loss))


@partial(jax.jit, static_argnames=("downhill",))
def _newton(landscape: Landscape, start: Array, *, downhill: bool) -> Array:
    move = _downhill_step if downhill else _step

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        theta, last, count = state
        return (count < STEPS) & jnp.any(jnp.abs(last) > 1e-15 * (1 + jnp.abs(theta)))

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        theta, _, count = state
        change = move(landscape, theta)
        return theta + change, change, count + 1

    state = (start, jnp.full_like(start, jnp.inf), jnp.asarray(0))
    end: Array = jax.lax.while_loop(goes_on, step, state)[0]
    return end


def _step(landscape: Landscape, theta: Array) -> Array:
    return -jnp.linalg.solve(landscape.hessian(theta), landscape.gradient(theta))


def _downhill_step(landscape: Landscape, theta: Array) -> Array:
    curvatures, axes = jnp.linalg.eigh(landscape.hessian(theta))
    sizes = jnp.maximum(jnp.abs(curvatures), FLAT * jnp.max(jnp.abs(curvatures)))
    whole = -axes @ ((axes.T @ landscape.gradient(theta)) / sizes)
    steps = whole * 0.5 ** jnp.arange(20.0)[:, None]
    losses = jax.vmap(landscape.loss)(theta + steps)
    best = jnp.nanargmin(losses)
    # Near a minimum the loss is level to the last digit, but the slope is not: take the whole step.
    level = jnp.abs(losses[0] - landscape.loss(theta)) <= 1e-12 * (1 + jnp.abs(losses[0]))
    return jnp.where(level, whole, steps[best])
