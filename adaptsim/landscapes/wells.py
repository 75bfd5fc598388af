"""Wells of one coordinate, whose descent is a map known from the study of chaos."""

from __future__ import annotations

import math
from typing import ClassVar

import jax.numpy as jnp

from adaptsim.landscapes.base import Landscape, Where
from adaptsim.part import Array


class DoubleWell(Landscape):
    """Two equal wells with a hump between them.

    ``f(x) = (x^2 - 1)^2 / 4``

    One dimension, no bounds. Minima 0 at +-1, curvature 2, speed limit 1; maximum 1/4 at 0,
    curvature -1. Descent is the odd cubic map ``x' = (1 + eta) x - eta x^3``: it stays bounded
    below ``eta = 2`` from ``abs(x) < sqrt((2 + eta) / eta)``. The start is ours: 0.5.

    Examples
    --------
    >>> well = DoubleWell()
    >>> float(well.speed_limit(jnp.array([1.0])))
    1.0

    References
    ----------
    Kramers, Physica 7 (1940) 284-304 (escape from a well);
    Chen, Balasubramanian, Ghosal and Agrawalla, arXiv 2310.01687 (the map in training).
    """

    dimension = 1
    starts_at: ClassVar[Where] = 0.5
    minima_at: ClassVar[tuple[Where, ...]] = (1.0, -1.0)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return (theta[0] ** 2 - 1) ** 2 / 4


class CubicWell(Landscape):
    """A well with one rim: descent in it is exactly the logistic map.

    ``f(x) = x^2 / 2 - x^3 / 3``

    One dimension, ``[-1/2, 1]``: the well up to its rim, the loss being 1/6 at both ends. Minimum
    0 at 0, curvature 1, speed limit 2; maximum at 1; no bound below outside. With
    ``z = eta (1 - x) / (1 + eta)`` descent is ``z' = r z (1 - z)``, ``r = 1 + eta``. The start is
    ours: 0.5.

    Examples
    --------
    >>> well = CubicWell()
    >>> float(well.speed_limit(jnp.array([0.0])))
    2.0

    References
    ----------
    May, Simple mathematical models with very complicated dynamics, Nature 261 (1976) 459-467
    (the map; that descent is this map is derived here).
    """

    dimension = 1
    box: ClassVar[tuple[Where, Where]] = (-0.5, 1.0)
    starts_at: ClassVar[Where] = 0.5
    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return theta[0] ** 2 / 2 - theta[0] ** 3 / 3


class Cosine(Landscape):
    """An endless row of equal wells, as of a pendulum.

    ``f(x) = 1 - cos(x)``

    One dimension; ``[-pi, pi]``, the one well about 0, by our choice. Minima 0 at the multiples of
    ``2 pi``, of which 0 is given; curvature 1, speed limit 2. The start is ours: 1.

    Examples
    --------
    >>> float(Cosine().speed_limit(jnp.array([0.0])))
    2.0

    References
    ----------
    Strogatz, Nonlinear Dynamics and Chaos, Perseus 1994, section 6.7 (the pendulum).
    """

    dimension = 1
    box: ClassVar[tuple[Where, Where]] = (-math.pi, math.pi)
    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return 1 - jnp.cos(theta[0])
