"""Two-cycle: a pair of places between which gradient descent jumps for ever, without simulation."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.curvature.loss import Loss, argument, point, slope, value, whole_hessian
from adaptsim.part import Array

STEPS = 50
"""Most Newton steps."""

SOLVED = 1e-9
"""A pair whose jumps miss by less than this fraction of its width is a 2-cycle."""


class TwoCycle(NamedTuple):
    """Two places that gradient descent maps onto each other.

    Attributes
    ----------
    first, second : Array
        The places, shape ``(d,)``.
    radius : Array
        Largest modulus of the multipliers of two steps: the 2-cycle attracts if it is below 1.
    found : Array
        Whether Newton's method ended on two different places that are a 2-cycle.
    """

    first: Array
    second: Array
    radius: Array
    found: Array

    @property
    def half_width(self) -> Array:
        """Half the distance between the two places [trait]."""
        return jnp.linalg.norm(self.first - self.second) / 2


def two_cycle(loss: Loss, near: Any, direction: Any, rate: float) -> TwoCycle:
    """Return the 2-cycle of gradient descent near two places, stable or not, by Newton's method.

    ``y = x - rate grad L(x)`` and ``x = y - rate grad L(y)`` hold where
    ``L(x) + L(y) - |x - y|^2 / (2 rate)`` is stationary in both. Newton's method looks for such a
    place from ``near + direction`` and ``near - direction``; the whole second derivative is made.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    near
        The middle to begin with, shape ``(d,)``: the minimum, or one of its neighbours.
    direction
        From the middle to one of the places, shape ``(d,)``: its length matters. `Flip` gives both.
    rate
        Learning rate.

    Returns
    -------
    TwoCycle
        ``found`` is false where there is none near: Newton's method then ends on one place (a
        fixed point) or on none.

    Examples
    --------
    The double well at rate 1.1, where ``|x - y|^2 = 1 - 1/rate``:

    >>> from adaptsim.landscapes import DoubleWell
    >>> cycle = two_cycle(DoubleWell().loss, jnp.ones(1), 0.1 * jnp.ones(1), 1.1)
    >>> bool(cycle.found), round(float(2 * cycle.half_width) ** 2, 9), round(float(cycle.radius), 6)
    (True, 0.090909091, 0.18)

    References
    ----------
    Litman, arXiv 2604.20446 (the characterisation).
    """
    middle, away = point(near), point(direction)
    return _search(argument(loss), middle + away, middle - away, jnp.asarray(rate, float))


@jax.jit
def _search(loss: Loss, first: Array, second: Array, rate: Array) -> TwoCycle:
    d = first.size

    def doubled(pair: Array) -> Array:
        x, y = pair[:d], pair[d:]
        return value(loss, x) + value(loss, y) - jnp.sum((x - y) ** 2) / (2 * rate)

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        pair, change, count = state
        return (count < STEPS) & (jnp.max(jnp.abs(change)) > 1e-15 * (1 + jnp.max(jnp.abs(pair))))

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        pair, _, count = state
        bend, tilt = whole_hessian(doubled, pair), jax.grad(doubled)(pair)
        change = jnp.linalg.lstsq(bend, tilt)[0]
        return pair - change, change, count + 1

    start = jnp.concatenate([first, second])
    state = (start, jnp.full_like(start, jnp.inf), jnp.asarray(0))
    pair = jax.lax.while_loop(goes_on, step, state)[0]
    return _judged(loss, pair[:d], pair[d:], rate)


def _judged(loss: Loss, x: Array, y: Array, rate: Array) -> TwoCycle:
    misses = [x - rate * slope(loss, x) - y, y - rate * slope(loss, y) - x]
    width = jnp.linalg.norm(x - y)
    found = jnp.linalg.norm(jnp.concatenate(misses)) < SOLVED * width
    there, back = (jnp.eye(x.size) - rate * whole_hessian(loss, one) for one in (x, y))
    twice = jnp.where(found, back @ there, jnp.nan)
    radius = jnp.max(jnp.abs(jnp.linalg.eigvals(jnp.where(found, twice, 0.0))))
    return TwoCycle(x, y, jnp.where(found, radius, jnp.nan), found)
