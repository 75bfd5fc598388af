"""Landscapes whose interest is a saddle."""

from __future__ import annotations

from typing import ClassVar

from adaptsim.landscapes.base import Landscape, Where
from adaptsim.part import Array


class StrictSaddle(Landscape):
    """Two minima and between them a saddle that descent leaves at an exponential rate.

    ``f(x, y) = (x^2 - y^2) / 2 + y^4 / 4``

    Two dimensions, no bounds. Minima -1/4 at ``(0, +-1)``, curvatures 1 and 2; saddle 0 at the
    origin, curvatures -1 and 1. From a distance ``delta`` descent takes
    ``ln(R / delta) / ln(1 + learning_rate)`` steps to be ``R`` away (both small). The start is
    ours, near the way in: ``(1, 1e-6)``.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> landscape = StrictSaddle()
    >>> landscape.kind_of_point(jnp.zeros(2)), float(landscape.speed_limit(jnp.zeros(2)))
    ('saddle', nan)

    References
    ----------
    Nesterov, Introductory Lectures on Convex Optimization, Kluwer 2004, section 1.2 (the function);
    Lee, Simchowitz, Jordan and Recht, Gradient descent only converges to minimizers, COLT 2016.
    """

    dimension = 2
    starts_at: ClassVar[Where] = (1.0, 1e-6)
    minima_at: ClassVar[tuple[Where, ...]] = ((0.0, 1.0), (0.0, -1.0))
    saddles_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return (x**2 - y**2) / 2 + y**4 / 4


class MonkeySaddle(Landscape):
    """Three ways down from a place that is flat to second order.

    ``f(x, y) = x^3 - 3 x y^2``

    Two dimensions, ``[-1, 1]`` each by our choice. No minimum, and no bound below. Both curvatures
    vanish at the origin, so that descent leaves it by a power of time, not exponentially. The start
    is ours: ``(0.1, 0.1)``.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> MonkeySaddle().kind_of_point(jnp.zeros(2))
    'degenerate'

    References
    ----------
    Hilbert and Cohn-Vossen, Geometry and the Imagination, Chelsea 1952, chapter 4.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-1.0, 1.0)
    starts_at: ClassVar[Where] = 0.1
    saddles_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return x**3 - 3 * x * y**2
