"""Landscapes of any dimension with many minima."""

from __future__ import annotations

import math
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point, Where
from adaptsim.landscapes.newton import stationary_point
from adaptsim.part import Array, field


class Rugged(Landscape):
    """Any number of coordinates, 2 unless said otherwise; what the landscapes below share."""

    abstract: ClassVar[bool] = True

    dimension: int = field(2, help="number of coordinates", at_least=1)


class Rastrigin(Rugged):
    """A bowl with a regular lattice of pits.

    ``f(x) = 10 d + sum_i x_i^2 - 10 cos(2 pi x_i)``

    Any dimension, ``[-5.12, 5.12]`` each. Minimum 0 at the origin, curvature ``2 + 40 pi^2``; local
    minima near all other whole numbers are not given. The start is ours: 2.5 in each coordinate.

    Examples
    --------
    >>> round(float(Rastrigin(dimension=3).largest_curvature(jnp.zeros(3))), 6)
    396.784176

    References
    ----------
    Rastrigin, Systems of Extremal Control, Nauka 1974; in d dimensions: Muhlenbein, Schomisch and
    Born, Parallel Computing 17 (1991) 619-632.
    """

    box: ClassVar[tuple[Where, Where]] = (-5.12, 5.12)
    starts_at: ClassVar[Where] = 2.5
    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return 10 * theta.size + jnp.sum(theta**2 - 10 * jnp.cos(2 * math.pi * theta))


class Ackley(Rugged):
    """A pitted plain with a funnel whose tip is a cusp.

    ``f(x) = -20 exp(-0.2 sqrt(mean x_i^2)) - exp(mean cos(2 pi x_i)) + 20 + e``

    Any dimension, ``[-32.768, 32.768]`` each. Minimum 0 at the origin, where the slope is
    ``4 / sqrt(d)`` in every direction outwards: there it has no gradient (nan) and no Hessian, and
    descent with a fixed learning rate never settles. Local minima are not given. The start is ours:
    5 in each coordinate.

    Examples
    --------
    >>> Ackley().kind_of_point(jnp.zeros(2))
    'not smooth'

    References
    ----------
    Ackley, A Connectionist Machine for Genetic Hillclimbing, Kluwer 1987; in d dimensions: Back,
    Evolutionary Algorithms in Theory and Practice, Oxford 1996.
    """

    box: ClassVar[tuple[Where, Where]] = (-32.768, 32.768)
    starts_at: ClassVar[Where] = 5.0
    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        funnel = -20 * jnp.expm1(-0.2 * jnp.sqrt(jnp.mean(theta**2)))
        return funnel + math.e - jnp.exp(jnp.mean(jnp.cos(2 * math.pi * theta)))


class Griewank(Rugged):
    """A wide bowl with a fine ripple.

    ``f(x) = 1 + sum_i x_i^2 / 4000 - prod_i cos(x_i / sqrt(i))``

    Any dimension, ``[-600, 600]`` each. Minimum 0 at the origin, curvatures ``1/2000 + 1/i``; local
    minima are not given. The start is ours: 100 in each coordinate.

    Examples
    --------
    >>> round(float(Griewank().speed_limit(jnp.zeros(2))), 7)
    1.9990005

    References
    ----------
    Griewank, Generalized descent for global optimization, J. Optimization Theory and Applications
    34 (1981) 11-39.
    """

    box: ClassVar[tuple[Where, Where]] = (-600.0, 600.0)
    starts_at: ClassVar[Where] = 100.0
    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        widths = jnp.sqrt(jnp.arange(1.0, theta.size + 1))
        return 1 + jnp.sum(theta**2) / 4000 - jnp.prod(jnp.cos(theta / widths))


class Levy(Rugged):
    """Waves across a bowl.

    ``f(x) = sin^2(pi w_1) + sum_{i<d} (w_i - 1)^2 (1 + 10 sin^2(pi w_i + 1))``
    ``+ (w_d - 1)^2 (1 + sin^2(2 pi w_d))``, ``w = 1 + (x - 1) / 4``

    Any dimension, ``[-10, 10]`` each. Minimum 0 at ``(1, ..., 1)``; local minima are not given. The
    start is ours: -5 in each coordinate.

    Examples
    --------
    >>> round(float(Levy().speed_limit(jnp.ones(2))), 9)
    0.891348089

    References
    ----------
    Levy and Montalvo, SIAM J. Scientific and Statistical Computing 6 (1985) 15-29; in the form of
    Laguna and Marti, J. Global Optimization 33 (2005) 235-255.
    """

    box: ClassVar[tuple[Where, Where]] = (-10.0, 10.0)
    starts_at: ClassVar[Where] = -5.0
    minima_at: ClassVar[tuple[Where, ...]] = (1.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        away = (theta - 1) / 4
        waves = 1 + 10 * jnp.sin(math.pi * (1 + away[:-1]) + 1) ** 2
        last = away[-1] ** 2 * (1 + jnp.sin(2 * math.pi * away[-1]) ** 2)
        return jnp.sin(math.pi * away[0]) ** 2 + jnp.sum(away[:-1] ** 2 * waves) + last


class Schwefel(Rugged):
    """Waves that grow outwards: the lowest minimum is far from the next lowest.

    ``f(x) = 418.98288727243371 d - sum_i x_i sin(sqrt(abs(x_i)))``

    Any dimension, ``[-500, 500]`` each. Minimum 0 at ``420.968746359982`` in each coordinate (zero
    within rounding: the constant is given to 17 digits, as the literature's shorter one is not
    enough). Not smooth where a coordinate is 0; local minima are not given. The start is ours: 300
    in each coordinate.

    Examples
    --------
    >>> abs(Schwefel().minima()[0].loss) < 1e-12
    True

    References
    ----------
    Schwefel, Numerical Optimization of Computer Models, Wiley 1981; constants computed here.
    """

    box: ClassVar[tuple[Where, Where]] = (-500.0, 500.0)
    starts_at: ClassVar[Where] = 300.0
    minima_at: ClassVar[tuple[Where, ...]] = (420.96874635998203,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return jnp.sum(418.98288727243371 - theta * jnp.sin(jnp.sqrt(jnp.abs(theta))))


class Michalewicz(Rugged):
    """Narrow valleys in a plain, as many as there are orders of the coordinates.

    ``f(x) = -sum_i sin(x_i) sin(i x_i^2 / pi)^(2 m)``, ``m = steepness``

    Any dimension, ``[0, pi]`` each. The one minimum that is given is the lowest: -1.8013 in 2
    dimensions, -4.6877 in 5, -9.6602 in 10; it is found for each coordinate apart. The start is
    ours: 2 in each coordinate.

    Examples
    --------
    >>> round(Michalewicz(dimension=5).minima()[0].loss, 6)
    -4.687658

    References
    ----------
    Michalewicz, Genetic Algorithms + Data Structures = Evolution Programs, Springer 1992; minima
    computed here.
    """

    box: ClassVar[tuple[Where, Where]] = (0.0, math.pi)
    starts_at: ClassVar[Where] = 2.0

    steepness: int = field(10, help="m: how narrow the valleys are", at_least=1)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        order = jnp.arange(1.0, theta.size + 1)
        ridges = jnp.sin(order * theta**2 / math.pi) ** (2 * self.steepness)
        return -jnp.sum(jnp.sin(theta) * ridges)

    def minima(self) -> tuple[Point, ...]:
        """Return the lowest minimum: a grid for each coordinate, then Newton's method."""
        grid = np.linspace(0, math.pi, 2001 * self.dimension)
        order = np.arange(1, self.dimension + 1)[:, None]
        heights = np.sin(grid) * np.sin(order * grid**2 / math.pi) ** (2 * self.steepness)
        return (stationary_point(self, jnp.asarray(grid[heights.argmax(axis=1)])),)


class StyblinskiTang(Rugged):
    """Two wells in every coordinate, one lower.

    ``f(x) = sum_i (x_i^4 - 16 x_i^2 + 5 x_i) / 2``

    Any dimension, ``[-5, 5]`` each. Of ``2^d`` minima the lowest, ``-39.166166 d`` at -2.903534 in
    each coordinate, and the highest, at 2.746803 in each, are given. The start is ours: 0, between
    the wells.

    Examples
    --------
    >>> round(StyblinskiTang(dimension=1).minima()[0].loss, 6)
    -39.166166

    References
    ----------
    Styblinski and Tang, Neural Networks 3 (1990) 467-483; places computed here to 16 digits.
    """

    box: ClassVar[tuple[Where, Where]] = (-5.0, 5.0)
    starts_at: ClassVar[Where] = 0.0
    minima_at: ClassVar[tuple[Where, ...]] = (-2.9035340277711771, 2.7468027709908370)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return jnp.sum(theta**4 - 16 * theta**2 + 5 * theta) / 2
