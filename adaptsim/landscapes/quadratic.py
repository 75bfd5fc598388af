"""Quadratic landscapes: the one case in which everything about descent is known exactly."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Where
from adaptsim.part import Array, WrongField, field


class Bowl(Landscape):
    """A bowl along the axes.

    ``f(x) = sum_i curvature_i x_i^2 / 2``

    Any dimension, no bounds. Minimum 0 at the origin; speed limit ``2 / max curvature``. The start
    is ours: 1 in each coordinate.

    Examples
    --------
    >>> bowl = Bowl(curvature=[1.0, 4.0])
    >>> float(bowl.speed_limit(bowl.start()))
    0.5

    References
    ----------
    Nesterov, Introductory Lectures on Convex Optimization, Kluwer 2004, chapter 2.
    """

    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    dimension: int = field(2, help="number of coordinates", at_least=1)
    curvature: Any = field(
        1.0, unit="loss/trait^2", help="one number, or one per coordinate", above=0
    )

    def __post_init__(self) -> None:
        if isinstance(self.curvature, list | tuple):
            object.__setattr__(self, "curvature", _numbers(self.curvature))
        super().__post_init__()
        shape = np.shape(self.curvature)
        if shape not in ((), (1,), (self.dimension,)):
            problem = f"must be one number or {self.dimension}; got shape {shape}"
            raise WrongField("Bowl", "curvature", f"{problem}; set dimension")

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        return jnp.sum(self.curvature * theta**2) / 2


def _numbers(values: Any) -> Array:
    try:
        return jnp.asarray(values, float)
    except (TypeError, ValueError):
        problem = f"must be one number, or one per coordinate; got {values!r}"
        raise WrongField("Bowl", "curvature", problem) from None


class Canyon(Landscape):
    """A bowl much steeper across than along, its axes turned at will.

    ``f(x) = sum_i lambda_i y_i^2 / 2``, ``y = Q^T x``, ``lambda_i`` from 1 to ``condition_number``
    in equal ratios, ``Q`` the identity or a rotation drawn from ``seed``.

    Any dimension from 2, no bounds. Minimum 0 at the origin; speed limit ``2 / condition_number``.
    Best learning rate of descent ``2 / (1 + condition_number)``, each step then leaving
    ``(condition_number - 1) / (condition_number + 1)`` of the distance, at worst. The start is that
    worst case: 1 along each axis of the canyon.

    Examples
    --------
    >>> canyon = Canyon(condition_number=100.0, rotated=True)
    >>> canyon.curvatures(canyon.start()).round(9).tolist()
    [1.0, 100.0]

    References
    ----------
    Boyd and Vandenberghe, Convex Optimization, Cambridge 2004, section 9.3.
    """

    minima_at: ClassVar[tuple[Where, ...]] = (0.0,)

    dimension: int = field(2, help="number of coordinates", at_least=2)
    condition_number: float = field(100.0, help="largest over least curvature", at_least=1)
    rotated: bool = field(False, help="whether the axes are turned")
    seed: int = field(0, help="which rotation", at_least=0)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        exponents = jnp.linspace(0.0, 1.0, self.dimension)
        return jnp.sum(self.condition_number**exponents * (theta @ self._axes()) ** 2) / 2

    def start(self) -> Array:
        """Return 1 along each axis of the canyon, shape ``(d,)``."""
        return self._axes() @ jnp.ones(self.dimension)

    def _axes(self) -> Array:
        axes = rotation(self.dimension, self.seed) if self.rotated else np.eye(self.dimension)
        return jnp.asarray(axes)


@cache
def rotation(dimension: int, seed: int) -> np.ndarray:
    """Return an orthogonal matrix, uniform among all (Haar), the same for the same seed.

    Examples
    --------
    >>> turn = rotation(3, seed=0)
    >>> bool(np.allclose(turn @ turn.T, np.eye(3)))
    True
    """
    drawn = np.random.default_rng(seed).standard_normal((dimension, dimension))
    axes, upper = np.linalg.qr(drawn)
    turned: np.ndarray = axes * np.sign(np.diag(upper))
    return turned
