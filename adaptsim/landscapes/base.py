"""Landscape: a loss over the traits that stands still, and what its curvature says about pace."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array, Part

Where = float | tuple[float, ...]
"""A place in trait space: one number per coordinate, or one number that stands for all."""

FLAT = 1e-8
"""A curvature below this fraction of the largest counts as zero."""

AT_REST = 1e-6
"""A slope that a move of this size (relative to 1 + theta) would undo counts as zero."""


class Point(NamedTuple):
    """A place ``theta``, shape ``(d,)``, and the loss there."""

    theta: Array
    loss: float


class Landscape(Part):
    """A loss over ``d`` traits: write ``loss`` and ``dimension``, the rest comes for nothing.

    Everything is written for ONE point ``theta``, shape ``(d,)``, in double precision; many points
    come from ``jax.vmap``. A landscape is a pytree: it may be an argument of a compiled function.
    All numbers are in the landscape's own units: traits [trait], losses [loss], curvatures
    [loss/trait^2], learning rates [1/curvature]. What takes a point raises ValueError where it has
    not ``d`` coordinates; only ``loss``, which each class writes, need not. Arrays that a landscape
    has as fields belong to it as a whole, never one entry to an individual (``shared``).

    ``hessian``, and all that is read off it (``curvatures``, ``largest_curvature``,
    ``speed_limit``, ``kind_of_point``), make the whole matrix: meant for up to a few hundred
    dimensions. `adaptsim.curvature` has the largest curvature from products alone.

    What is known beforehand is written as class attributes. A single number stands for all
    coordinates.

    Attributes
    ----------
    box : (low, high)
        The customary domain; infinite where there is none.
    starts_at
        The customary start of the literature, or, where there is none, one that shows something.
    minima_at : tuple
        Known minima, the lowest first. It may be empty, and is only a choice where minima are
        not isolated or are many; the class then says so.
    saddles_at : tuple
        Known saddles; not all, unless the class says so.
    reading_units : dict[str, str]
        Units of what `readings` tells, by name.

    Examples
    --------
    A bowl whose walls are quartic, in full:

    >>> class Bath(Landscape):
    ...     dimension = 2
    ...     minima_at = (0.0,)
    ...     def loss(self, theta):
    ...         return jnp.sum(theta**2 + theta**4)
    >>> bath = Bath()
    >>> bath.gradient(jnp.ones(2)).tolist()
    [6.0, 6.0]
    >>> float(bath.speed_limit(jnp.zeros(2))), bath.kind_of_point(jnp.zeros(2))
    (1.0, 'minimum')
    """

    abstract: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    box: ClassVar[tuple[Where, Where]] = (-math.inf, math.inf)
    starts_at: ClassVar[Where] = 1.0
    minima_at: ClassVar[tuple[Where, ...]] = ()
    saddles_at: ClassVar[tuple[Where, ...]] = ()
    reading_units: ClassVar[dict[str, str]] = {}

    @staticmethod
    def from_function(
        function: Callable[[Array], Any],
        dimension: int = 2,
        *,
        start: Any = 1.0,
        low: Any = -math.inf,
        high: Any = math.inf,
        minima: Any = (),
    ) -> Landscape:
        """Return the landscape of a function of one point, written with ``jax.numpy``.

        Parameters
        ----------
        function
            From ``theta``, shape ``(d,)``, to a scalar.
        dimension
            Number of coordinates ``d``.
        start, low, high
            Where to start and the domain: one number, or one per coordinate.
        minima
            Known minima, a list of such places.

        Examples
        --------
        >>> valley = Landscape.from_function(lambda theta: jnp.sum(theta**4) - theta[0])
        >>> valley.gradient(valley.start()).tolist()
        [3.0, 4.0]
        """
        from adaptsim.landscapes.from_function import FromFunction

        return FromFunction.of(function, dimension, start=start, box=(low, high), minima=minima)

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``; a field, a class attribute or a property of each class."""
        raise NotImplementedError(f"{type(self).__name__} must define dimension, a whole number")

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """How many coordinates, in order, belong to each layer; all to one, unless a class says so.

        It is what `adaptsim.rules.LayerRates` wants to know.
        """
        return (self.dimension,)

    @property
    def source(self) -> str:
        """Where the landscape comes from: the references of the class, one text."""
        _, _, told = (inspect.getdoc(type(self)) or "").partition("References\n----------\n")
        return told.strip()

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point ``theta``, shape ``(d,)``: a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define loss(theta)")

    def domain(self) -> tuple[Array, Array]:
        """Return the least and greatest coordinates, two arrays of shape ``(d,)``."""
        return self._place(self.box[0]), self._place(self.box[1])

    def contains(self, theta: Array) -> Array:
        """Return whether a point lies in the domain, edges included."""
        low, high = self.domain()
        theta = self._checked(theta, "contains")
        return jnp.all((theta >= low) & (theta <= high))

    def start(self) -> Array:
        """Return where a walk customarily starts, shape ``(d,)``."""
        return self._place(self.starts_at)

    def minima(self) -> tuple[Point, ...]:
        """Return the known minima, the lowest first; see the class for which these are."""
        return tuple(self.point(self._place(one)) for one in self.minima_at)

    def saddles(self) -> tuple[Point, ...]:
        """Return the known saddles; see the class for which these are."""
        return tuple(self.point(self._place(one)) for one in self.saddles_at)

    def point(self, theta: Array) -> Point:
        """Return a place with the loss there."""
        theta = self._checked(theta, "point")
        return Point(theta, float(self.loss(theta)))

    def gradient(self, theta: Array) -> Array:
        """Return the slope of the loss, shape ``(d,)``."""
        slope: Array = _gradient(self, self._checked(theta, "gradient"))
        return slope

    def perceived_gradient(self, theta: Array, key: Array) -> Array:
        """Return the slope as felt, shape ``(d,)``; exact unless wrapped in `Noisy`."""
        return self.gradient(theta)

    def common_term(self, theta: Array) -> Array:
        """Return what the loss has beside the mean of its terms, a scalar; 0 by default.

        A boundary that must be met, whichever terms are looked at, is an example.
        """
        return jnp.zeros(())

    def batch_gradients(self, theta: Array, batches: int) -> Array:
        """Return the slopes of several batches of terms, shape ``(batches, d)``.

        Each term is in one batch, every ``batches``-th in the first, and so on; what all terms have
        in common (`common_term`) is left out. Of equal batches the mean is the slope of the mean
        of the terms.

        Raises
        ------
        ValueError
            If the terms cannot be dealt into so many batches of one size.

        Examples
        --------
        >>> from adaptsim.landscapes import Perceptron
        >>> network = Perceptron(layers=(1, 2, 1), samples=6)
        >>> network.batch_gradients(network.start(), 3).shape
        (3, 7)
        """
        terms: int = getattr(self, "n_terms", 0)
        if batches < 1 or terms < 1 or terms % batches:
            problem = f"must divide {terms}, the number of terms; got {batches}"
            raise ValueError(f"{type(self).__name__}.batch_gradients: batches {problem}")
        dealt = jnp.arange(terms).reshape(-1, batches).T
        slopes: Array = _batch_gradients(self, self._checked(theta, "batch_gradients"), dealt)
        return slopes

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return what else is worth knowing of a place, by name, each a scalar; nothing by default.

        Examples are the error of a field against the exact one, or the share of images told apart.
        Walks record them beside the loss (`Walks.readings`); no rule ever sees them.
        """
        return {}

    def tracked(self, theta: Array) -> dict[str, tuple[Array, Array]]:
        """Return what adapts and where it should be, two scalars by name; nothing by default.

        Where coordinates say little, as the weights of a network do, a `Walker` is measured by
        these in their place.
        """
        return {}

    def hessian(self, theta: Array) -> Array:
        """Return the second derivatives of the loss, the whole matrix, shape ``(d, d)``."""
        bend: Array = _hessian(self, self._checked(theta, "hessian"))
        return bend

    def curvatures(self, theta: Array) -> Array:
        """Return the eigenvalues of the Hessian, ascending, shape ``(d,)``; nan where it has none.

        The whole Hessian is made and taken apart: meant for up to a few hundred dimensions.
        """
        curvatures: Array = _curvatures(self, self._checked(theta, "curvatures"))
        return curvatures

    def largest_curvature(self, theta: Array) -> Array:
        """Return the largest eigenvalue of the Hessian (not the largest in size).

        It is the last of all `curvatures`: meant for up to a few hundred dimensions.
        """
        return self.curvatures(theta)[-1]

    def speed_limit(self, theta: Array) -> Array:
        """Return the learning rate at which gradient descent ceases to hold a point.

        It is ``2 / largest_curvature`` where no curvature is negative, inf where all are zero,
        and nan where there is no such rate: where a curvature is negative (saddle or maximum,
        which descent leaves at every rate) or where there is no Hessian. Kinks, at which
        automatic differentiation returns some one-sided slope, are seen by `kind_of_point` only.
        """
        curvatures = self.curvatures(theta)
        held = curvatures[0] >= -FLAT * jnp.max(jnp.abs(curvatures))
        limit = jnp.where(curvatures[-1] > 0, 2 / curvatures[-1], jnp.inf)
        return jnp.where(held, limit, jnp.nan)

    def kind_of_point(self, theta: Array) -> str:
        """Return what a point is for gradient descent, one word or two; not to be compiled.

        ``"minimum"``, ``"saddle"`` or ``"maximum"`` where the slope vanishes and the curvatures
        decide, ``"degenerate"`` where one that is zero leaves it open (a valley of minima, say),
        ``"slope"`` where the slope does not vanish, and ``"not smooth"`` where loss, slope or
        Hessian are not finite or the slope jumps.
        """
        theta = self._checked(theta, "kind_of_point")
        slope, jumps, beside = (np.asarray(one) for one in _slope_around(self, theta))
        curvatures = np.asarray(self.curvatures(theta))
        if not (np.isfinite(slope).all() and np.isfinite(curvatures).all()) or jumps:
            return "not smooth"
        scale = np.abs(curvatures).max()
        if np.abs(slope).max() > AT_REST * scale * (1 + float(jnp.abs(theta).max())):
            return "slope"
        flat = FLAT * max(scale, beside)
        rises, falls = curvatures > flat, curvatures < -flat
        if rises.any() and falls.any():
            return "saddle"
        if not (rises | falls).all():
            return "degenerate"
        return "minimum" if rises.all() else "maximum"

    def _checked(self, theta: Any, where: str) -> Array:
        """Return a point as an array of numbers, if it has as many as there are coordinates."""
        theta = jnp.asarray(theta, float)
        if theta.shape != (self.dimension,):
            wanted = f"{self.dimension} coordinates, shape ({self.dimension},)"
            problem = f"must be one point of {wanted}; got shape {theta.shape}"
            raise ValueError(f"{type(self).__name__}.{where}: theta {problem}")
        return theta

    def _place(self, where: Any) -> Array:
        return jnp.broadcast_to(jnp.asarray(where, float), (self.dimension,))


@jax.jit
def _gradient(landscape: Landscape, theta: Array) -> Array:
    return jax.grad(landscape.loss)(theta)


@jax.jit
def _batch_gradients(landscape: Any, theta: Array, dealt: Array) -> Array:
    def mean(theta: Array, batch: Array) -> Array:
        return jnp.mean(jax.vmap(landscape.term, (None, 0))(theta, batch))

    slopes: Array = jax.vmap(jax.grad(mean), (None, 0))(theta, dealt)
    return slopes


@jax.jit
def _hessian(landscape: Landscape, theta: Array) -> Array:
    return jax.hessian(landscape.loss)(theta)


@jax.jit
def _curvatures(landscape: Landscape, theta: Array) -> Array:
    return jnp.linalg.eigvalsh(landscape.hessian(theta))


@jax.jit
def _slope_around(landscape: Landscape, theta: Array) -> tuple[Array, Array, Array]:
    """Return the slope, whether it jumps or the loss is not finite, and how steep it is beside.

    It jumps where it differs across a point by an amount that does not shrink with the distance.
    Steepness is told as a curvature, slope over distance: the scale for what is flat where all
    curvatures vanish.
    """
    sides = jnp.array([1e-4, -1e-4, 1e-6, -1e-6, 0.0])[:, None, None]
    reach = jnp.diag(1 + jnp.abs(theta))
    slopes = jax.vmap(jax.vmap(landscape.gradient))(theta + sides * reach)
    wide, narrow = jnp.max(jnp.abs(slopes[0:4:2] - slopes[1:4:2]), axis=(1, 2))
    jumps = ~(narrow <= 0.5 * wide + 1e-12 * jnp.max(jnp.abs(slopes[0])))
    told = jnp.isfinite(landscape.loss(theta))
    beside = jnp.max(jnp.abs(slopes[:2])) / (sides[0, 0, 0] * jnp.max(reach))
    return slopes[4, 0], jumps | ~told, beside
