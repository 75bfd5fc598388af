"""Smooth functions of few coordinates that the literature tests descent on."""

from __future__ import annotations

import math
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Where
from adaptsim.part import Array, field


class Rosenbrock(Landscape):
    """A long bent valley with a nearly flat floor.

    ``f(x) = sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2``

    Any dimension from 2, ``[-5, 10]`` each. Minimum 0 at ``(1, ..., 1)``. In 4 and more dimensions
    there is a second, local minimum near ``(-1, 1, ..., 1)``, not given here. Start
    ``(-1.2, 1, -1.2, ...)``.

    Examples
    --------
    >>> valley = Rosenbrock()
    >>> round(float(valley.speed_limit(jnp.ones(2))), 8)
    0.0019968

    References
    ----------
    Rosenbrock, Computer Journal 3 (1960) 175-184; the start in more dimensions: More, Garbow and
    Hillstrom, ACM Trans. Math. Software 7 (1981) 17-41; the second minimum: Shang and Qiu,
    Evolutionary Computation 14 (2006) 119-126.
    """

    box: ClassVar[tuple[Where, Where]] = (-5.0, 10.0)
    minima_at: ClassVar[tuple[Where, ...]] = (1.0,)

    dimension: int = field(2, help="number of coordinates", at_least=2)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        here, next_ = theta[:-1], theta[1:]
        return jnp.sum(100 * (next_ - here**2) ** 2 + (1 - here) ** 2)

    def start(self) -> Array:
        """Return -1.2 and 1 in turn, shape ``(d,)``."""
        return jnp.asarray(np.where(np.arange(self.dimension) % 2, 1.0, -1.2))


class Beale(Landscape):
    """Flat in the middle, with sharp peaks at the corners of its domain.

    ``f(x, y) = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2``

    Two dimensions, ``[-4.5, 4.5]`` each. Minimum 0 at ``(3, 0.5)``. Start ``(1, 1)``.

    Examples
    --------
    >>> round(float(Beale().loss(jnp.array([1.0, 1.0]))), 6)
    14.203125

    References
    ----------
    Beale, On an iterative method for finding a local minimum of a function of more than one
    variable, Princeton 1958; start: More, Garbow and Hillstrom, ACM TOMS 7 (1981) 17-41.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-4.5, 4.5)
    minima_at: ClassVar[tuple[Where, ...]] = ((3.0, 0.5),)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        parts = (1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3)
        return parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2


class Booth(Landscape):
    """A plain quadratic away from the origin.

    ``f(x, y) = (x + 2 y - 7)^2 + (2 x + y - 5)^2``

    Two dimensions, ``[-10, 10]`` each. Minimum 0 at ``(1, 3)``, curvatures 2 and 18. The start is
    ours: ``(-5, -5)``.

    Examples
    --------
    >>> Booth().curvatures(jnp.array([1.0, 3.0])).round(9).tolist()
    [2.0, 18.0]

    References
    ----------
    Jamil and Yang, Int. J. Mathematical Modelling and Numerical Optimisation 4 (2013) 150-194.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-10.0, 10.0)
    starts_at: ClassVar[Where] = -5.0
    minima_at: ClassVar[tuple[Where, ...]] = ((1.0, 3.0),)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


class Matyas(Landscape):
    """A shallow quadratic valley along the diagonal.

    ``f(x, y) = 0.26 (x^2 + y^2) - 0.48 x y``

    Two dimensions, ``[-10, 10]`` each. Minimum 0 at the origin, curvatures 0.04 and 1. The start is
    ours: ``(5, -3)``.

    Examples
    --------
    >>> round(float(Matyas().speed_limit(jnp.zeros(2))), 9)
    2.0

    References
    ----------
    Jamil and Yang, Int. J. Mathematical Modelling and Numerical Optimisation 4 (2013) 150-194.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-10.0, 10.0)
    starts_at: ClassVar[Where] = (5.0, -3.0)
    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return 0.26 * (x**2 + y**2) - 0.48 * x * y


class GoldsteinPrice(Landscape):
    """Values over six orders of magnitude, four minima.

    ``f(x, y) = [1 + (x+y+1)^2 (19 - 14x + 3x^2 - 14y + 6xy + 3y^2)]``
    ``[30 + (2x-3y)^2 (18 - 32x + 12x^2 + 48y - 36xy + 27y^2)]``

    Two dimensions, ``[-2, 2]`` each. Minimum 3 at ``(0, -1)``; local minima 30 at
    ``(-0.6, -0.4)``, 84 at ``(1.8, 0.2)``, 840 at ``(1.2, 0.8)``. The start is ours:
    ``(0.5, -0.5)``.

    Examples
    --------
    >>> [round(one.loss, 6) for one in GoldsteinPrice().minima()]
    [3.0, 30.0, 84.0, 840.0]

    References
    ----------
    Goldstein and Price, On descent from local minima, Mathematics of Computation 25 (1971) 569-574.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-2.0, 2.0)
    starts_at: ClassVar[Where] = (0.5, -0.5)
    minima_at: ClassVar[tuple[Where, ...]] = ((0.0, -1.0), (-0.6, -0.4), (1.8, 0.2), (1.2, 0.8))

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        first = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
        second = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
        return (1 + (x + y + 1) ** 2 * first) * (30 + (2 * x - 3 * y) ** 2 * second)


class Branin(Landscape):
    """Three equal minima, each with a speed limit of its own.

    ``f(x, y) = (y - 5.1 x^2 / (4 pi^2) + 5 x / pi - 6)^2 + 10 (1 - 1 / (8 pi)) cos(x) + 10``

    ``x`` in ``[-5, 10]``, ``y`` in ``[0, 15]``. Minima ``10 / (8 pi) = 0.397887`` at
    ``(-pi, 12.275)``, ``(pi, 2.275)``, ``(3 pi, 2.475)``. The start is ours: ``(2.5, 7.5)``, the
    middle.

    Examples
    --------
    >>> [round(one.loss, 6) for one in Branin().minima()]
    [0.397887, 0.397887, 0.397887]

    References
    ----------
    Branin, IBM J. Research and Development 16 (1972) 504-522; Dixon and Szego, Towards Global
    Optimisation 2, North-Holland 1978.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = ((-5.0, 0.0), (10.0, 15.0))
    starts_at: ClassVar[Where] = (2.5, 7.5)
    minima_at: ClassVar[tuple[Where, ...]] = (
        (-math.pi, 12.275),
        (math.pi, 2.275),
        (3 * math.pi, 2.475),
    )

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        bend = y - 5.1 * x**2 / (4 * math.pi**2) + 5 * x / math.pi - 6
        return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * jnp.cos(x) + 10


class Easom(Landscape):
    """A hole in a plain: far from it there is no slope to follow.

    ``f(x, y) = -cos(x) cos(y) exp(-(x - pi)^2 - (y - pi)^2)``

    Two dimensions, ``[-100, 100]`` each. Minimum -1 at ``(pi, pi)``, curvatures 3 and 3. The start
    is ours: ``(2, 2)``, on the slope of the hole.

    Examples
    --------
    >>> Easom().minima()[0].loss
    -1.0

    References
    ----------
    Easom, A survey of global optimization techniques, M. Eng. thesis, University of Louisville
    1990.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-100.0, 100.0)
    starts_at: ClassVar[Where] = 2.0
    minima_at: ClassVar[tuple[Where, ...]] = (math.pi,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return -jnp.prod(jnp.cos(theta)) * jnp.exp(-jnp.sum((theta - math.pi) ** 2))


class Himmelblau(Landscape):
    """Four equal minima around a hill.

    ``f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2``

    Two dimensions, ``[-5, 5]`` each. All four minima (0) and all four saddles are given; there is
    one maximum, 181.616522 near ``(-0.270845, -0.923039)``. The start is ours: ``(0, 0)``.

    Examples
    --------
    >>> [round(one.loss, 6) for one in Himmelblau().saddles()]
    [13.311926, 67.71915, 104.015163, 178.337239]

    References
    ----------
    Himmelblau, Applied Nonlinear Programming, McGraw-Hill 1972; places computed here to 16 digits.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-5.0, 5.0)
    starts_at: ClassVar[Where] = 0.0
    minima_at: ClassVar[tuple[Where, ...]] = (
        (3.0, 2.0),
        (-2.8051180869527449, 3.1313125182505730),
        (-3.7793102533777469, -3.2831859912861694),
        (3.5844283403304917, -1.8481265269644036),
    )
    saddles_at: ClassVar[tuple[Where, ...]] = (
        (3.3851541836070209, 0.073851879837749288),
        (0.086677504555396352, 2.8842547011747761),
        (-3.0730257507643896, -0.081353044287967512),
        (-0.12796134673068007, -1.9537149802445765),
    )

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
