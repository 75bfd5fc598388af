"""The noise-free BBOB functions of the COCO platform, where its package is installed."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point, Where
from adaptsim.part import Array, field

SLOPE_WIDTH = 6e-6
"""Half-width of central differences for slopes: about the cube root of the rounding error."""

BEND_WIDTH = 1e-4
"""Half-width for second derivatives: about the fourth root of the rounding error."""


class Bbob(Landscape):
    """One of the 24 functions of the black-box optimisation benchmark.

    ``f(x) = f_function(x)`` of the report, shifted and turned as ``instance`` says

    A black box, called on the host from compiled code: slow, and only central differences give
    slopes (half-width ``6e-6 (1 + abs(x))``) and Hessians (``1e-4 (1 + abs(x))``), good to about 9
    and 6 digits where the function is smooth. `kind_of_point` may therefore miss kinks and name a
    badly conditioned minimum wrongly. Values are COCO's own, but runs made here are not observed by
    COCO and make no COCO data.

    Domain ``[-5, 5]`` each. The minimum is what the package says it is (function 5's, the linear
    slope's, is at the edge of the domain and has a slope there). Start: the middle.

    Needs the package ``coco-experiment`` (imported as ``cocoex``).

    References
    ----------
    Hansen, Finck, Ros and Auger, Real-parameter black-box optimization benchmarking 2009: noiseless
    functions definitions, INRIA RR-6829; Hansen, Auger, Ros, Mersmann, Tusar and Brockhoff, COCO,
    Optimization Methods and Software 36 (2021) 114-144.
    """

    box: ClassVar[tuple[Where, Where]] = (-5.0, 5.0)
    starts_at: ClassVar[Where] = 0.0

    dimension: int = field(2, help="number of coordinates", at_least=2)
    function: int = field(1, help="number of the function", at_least=1, at_most=24)
    instance: int = field(1, help="which shift and rotation", at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        _package()

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar; the host is asked."""
        return _value((self.function, self.dimension, self.instance), jnp.asarray(theta, float))

    def hessian(self, theta: Array) -> Array:
        """Return second derivatives by central differences, shape ``(d, d)``."""
        theta = self._checked(theta, "hessian")
        steps = jnp.diag(BEND_WIDTH * (1 + jnp.abs(theta)))

        def bend(first: Array, second: Array) -> Array:
            corners = jnp.stack([first + second, first - second, second - first, -first - second])
            ahead, left, right, behind = jax.vmap(self.loss)(theta + corners)
            return (ahead - left - right + behind) / (4 * jnp.sum(first) * jnp.sum(second))

        rows = jax.vmap(jax.vmap(bend, (None, 0)), (0, None))
        return rows(steps, steps)

    def minima(self) -> tuple[Point, ...]:
        """Return the one lowest minimum, as the package tells it."""
        problem = _problem(self.function, self.dimension, self.instance)
        return (Point(jnp.asarray(problem.best_parameter(), float), float(problem.best_value())),)


def _package() -> Any:
    try:
        import cocoex  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        problem = "Bbob needs the package coco-experiment, which is not installed"
        raise ImportError(f"{problem}; write: pip install coco-experiment") from None
    return cocoex


@cache
def _problem(function: int, dimension: int, instance: int) -> Any:
    return _package().BareProblem("bbob", function, dimension, instance)


def _on_host(which: tuple[int, int, int], points: Any) -> np.ndarray:
    points = np.asarray(points, dtype=float)
    problem = _problem(*which)
    values = [problem(point) for point in points.reshape(-1, points.shape[-1])]
    return np.array(values, dtype=float).reshape(points.shape[:-1])


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _value(which: tuple[int, int, int], theta: Array) -> Array:
    shape = jax.ShapeDtypeStruct((), float)
    value: Array = jax.pure_callback(
        partial(_on_host, which), shape, theta, vmap_method="broadcast_all"
    )
    return value


@_value.defjvp
def _slope_along(
    which: tuple[int, int, int], at: tuple[Array], along: tuple[Array]
) -> tuple[Array, Array]:
    """Return value and change along a direction: the loss is differentiated by differences."""
    (theta,), (direction,) = at, along
    steps = jnp.diag(SLOPE_WIDTH * (1 + jnp.abs(theta)))
    ask = jax.vmap(partial(_value, which))
    slope = (ask(theta + steps) - ask(theta - steps)) / (2 * jnp.diag(steps))
    return _value(which, theta), slope @ direction
