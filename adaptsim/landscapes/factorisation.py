"""Factorisation: the least landscapes in which what is learnt is a product, as in deep networks."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point, Where
from adaptsim.part import Array, WrongField, field


class ScalarFactorisation(Landscape):
    """Two factors whose product should be 1.

    ``f(u, v) = (u v - 1)^2 / 2``

    Two dimensions, no bounds. Minima 0 on the hyperbola ``u v = 1``, not isolated: curvatures 0 and
    ``u^2 + v^2``, so the speed limit ``2 / (u^2 + v^2)`` is at most 1, at the balanced minima
    ``+-(1, 1)``, which are given. Saddle at the origin. On ``u = v`` descent is that of
    `DoubleWell`. ``Q = u^2 - v^2`` obeys ``Q' = Q (1 - eta^2 r^2)``, ``r = u v - 1``, exactly. The
    start is ours: ``(2, 0.1)``, unbalanced.

    Examples
    --------
    >>> valley = ScalarFactorisation()
    >>> minimum = jnp.array([2.0, 0.5])
    >>> valley.kind_of_point(minimum), round(float(valley.speed_limit(minimum)), 6)
    ('degenerate', 0.470588)

    References
    ----------
    Lewkowycz, Bahri, Dyer, Sohl-Dickstein and Gur-Ari, The large learning rate phase of deep
    learning, arXiv 2003.02218; Chen, Balasubramanian, Ghosal and Agrawalla, arXiv 2310.01687.
    """

    dimension = 2
    starts_at: ClassVar[Where] = (2.0, 0.1)
    minima_at: ClassVar[tuple[Where, ...]] = (1.0, -1.0)
    saddles_at: ClassVar[tuple[Where, ...]] = (0.0,)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return (theta[0] * theta[1] - 1) ** 2 / 2


class MatrixFactorisation(Landscape):
    """Two thin matrices whose product should be a given one.

    ``f(U, V) = abs(U V^T - A)^2 / 2``, ``A`` of ``rows x columns`` and rank ``rank``, fixed by
    ``seed``: a product of standard normal factors, scaled so that its largest singular value is 1.

    ``theta`` is ``U`` then ``V``, row by row, ``d = rank (rows + columns)``; no bounds. Minima 0,
    not isolated: ``(U M, V M^-T)`` for every invertible ``M``. Given is the balanced one, of
    largest curvature 2, so that no minimum has a speed limit above 1. Saddle at the origin. ``f``
    is the mean of ``n_terms`` terms, one per entry of ``A``. The start is ours: 0.1 times standard
    normal.

    Examples
    --------
    >>> landscape = MatrixFactorisation(rows=3, columns=2, rank=1)
    >>> landscape.dimension
    5
    >>> minimum = landscape.minima()[0].theta
    >>> round(float(landscape.speed_limit(minimum)), 6)
    1.0

    References
    ----------
    Baldi and Hornik, Neural networks and principal component analysis, Neural Networks 2 (1989)
    53-58.
    """

    saddles_at: ClassVar[tuple[Where, ...]] = (0.0,)

    rows: int = field(4, help="rows of the matrix", at_least=1)
    columns: int = field(3, help="columns of the matrix", at_least=1)
    rank: int = field(2, help="rank of the matrix and width of the factors", at_least=1)
    seed: int = field(0, help="which matrix", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        least = min(self.rows, self.columns)
        if not 1 <= self.rank <= least:
            problem = f"must be from 1 to {least}, the lesser of rows and columns; got {self.rank}"
            raise WrongField("MatrixFactorisation", "rank", problem)

    @property
    def dimension(self) -> int:
        """Number of coordinates: ``rank (rows + columns)``."""
        return self.rank * (self.rows + self.columns)

    @property
    def n_terms(self) -> int:
        """How many terms the loss is the mean of: the entries of the matrix."""
        return self.rows * self.columns

    def target(self) -> Array:
        """Return the matrix ``A``, shape ``(rows, columns)``."""
        return jnp.asarray(_matrix(self.rows, self.columns, self.rank, self.seed))

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        left, right = self._factors(theta)
        return jnp.sum((left @ right.T - self.target()) ** 2) / 2

    def term(self, theta: Array, index: Array) -> Array:
        """Return one term: that of an entry of the matrix, counted row by row."""
        left, right = self._factors(theta)
        row, column = index // self.columns, index % self.columns
        miss = left[row] @ right[column] - self.target()[row, column]
        return self.n_terms * miss**2 / 2

    def start(self) -> Array:
        """Return small random factors, shape ``(d,)``."""
        drawn = np.random.default_rng(self.seed + 1).standard_normal(self.dimension)
        return jnp.asarray(0.1 * drawn)

    def minima(self) -> tuple[Point, ...]:
        """Return the balanced minimum, from the singular values of the matrix."""
        left, sizes, right = np.linalg.svd(np.asarray(self.target()))
        roots = np.sqrt(sizes[: self.rank])
        factors = (left[:, : self.rank] * roots, right[: self.rank].T * roots)
        return (self.point(jnp.concatenate([jnp.ravel(one) for one in factors])),)

    def _factors(self, theta: Array) -> tuple[Array, Array]:
        left, right = jnp.split(theta, [self.rows * self.rank])
        return left.reshape(self.rows, self.rank), right.reshape(self.columns, self.rank)


@cache
def _matrix(rows: int, columns: int, rank: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    whole = generator.standard_normal((rows, rank)) @ generator.standard_normal((rank, columns))
    scaled: np.ndarray = whole / np.linalg.norm(whole, 2)
    return scaled
