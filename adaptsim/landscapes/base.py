"""Landscape: a loss over the traits that stands still, and what its curvature says about pace."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array, Part, WrongField, field

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
    [loss/trait^2], learning rates [1/curvature].

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
    box: ClassVar[tuple[Where, Where]] = (-math.inf, math.inf)
    starts_at: ClassVar[Where] = 1.0
    minima_at: ClassVar[tuple[Where, ...]] = ()
    saddles_at: ClassVar[tuple[Where, ...]] = ()

    @staticmethod
    def from_function(
        function: Callable[[Array], Any],
        dimension: int = 2,
        *,
        start: Any = 1.0,
        low: Any = -math.inf,
        high: Any = math.inf,
        minima: Any = (),
    ) -> FromFunction:
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
        return FromFunction(
            formula=Formula(function),
            dimension=dimension,
            start_at=_where(start),
            low=_where(low),
            high=_where(high),
            known=tuple(_where(one) for one in minima),
        )

    @property
    def dimension(self) -> int:
        """Number of coordinates ``d``; a field, a class attribute or a property of each class."""
        raise NotImplementedError(f"{type(self).__name__} must define dimension, a whole number")

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
        theta = jnp.asarray(theta, float)
        return Point(theta, float(self.loss(theta)))

    def gradient(self, theta: Array) -> Array:
        """Return the slope of the loss, shape ``(d,)``."""
        slope: Array = jax.grad(self.loss)(jnp.asarray(theta, float))
        return slope

    def perceived_gradient(self, theta: Array, key: Array) -> Array:
        """Return the slope as felt, shape ``(d,)``; exact unless wrapped in `Noisy`."""
        return self.gradient(theta)

    def hessian(self, theta: Array) -> Array:
        """Return the second derivatives of the loss, shape ``(d, d)``."""
        bend: Array = jax.hessian(self.loss)(jnp.asarray(theta, float))
        return bend

    def curvatures(self, theta: Array) -> Array:
        """Return the eigenvalues of the Hessian, ascending, shape ``(d,)``; nan where it has none.

        The whole Hessian is made: meant for up to a few hundred dimensions.
        """
        return jnp.linalg.eigvalsh(self.hessian(theta))

    def largest_curvature(self, theta: Array) -> Array:
        """Return the largest eigenvalue of the Hessian (not the largest in size)."""
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
        ``"slope"`` where the slope does not vanish, and ``"not smooth"`` where slope or Hessian
        are not finite or the slope jumps.
        """
        theta = jnp.asarray(theta, float)
        slope, curvatures, jumps = (np.asarray(one) for one in _about(self, theta))
        if not (np.isfinite(slope).all() and np.isfinite(curvatures).all()) or jumps:
            return "not smooth"
        scale = np.abs(curvatures).max()
        if np.abs(slope).max() > AT_REST * scale * (1 + float(jnp.abs(theta).max())):
            return "slope"
        rises, falls = curvatures > FLAT * scale, curvatures < -FLAT * scale
        if rises.any() and falls.any():
            return "saddle"
        if not (rises | falls).all():
            return "degenerate"
        return "minimum" if rises.all() else "maximum"

    def _place(self, where: Any) -> Array:
        return jnp.broadcast_to(jnp.asarray(where, float), (self.dimension,))


@jax.jit
def _about(landscape: Landscape, theta: Array) -> tuple[Array, Array, Array]:
    """Return slope, curvatures, and whether the slope jumps.

    It jumps where it differs across a point by an amount that does not shrink with the distance.
    """
    axes, slopes = jnp.diag(1 + jnp.abs(theta)), jax.vmap(landscape.gradient)

    def across(width: float) -> tuple[Array, Array]:
        ahead, behind = slopes(theta + width * axes), slopes(theta - width * axes)
        return jnp.max(jnp.abs(ahead - behind)), jnp.max(jnp.abs(ahead))

    (wide, steep), (narrow, _) = across(1e-4), across(1e-6)
    jumps = ~(narrow <= 0.5 * wide + 1e-12 * steep)
    return landscape.gradient(theta), landscape.curvatures(theta), jumps


@jax.tree_util.register_static
class Formula:
    """A function that a landscape holds: part of what is compiled, never of what is computed."""

    def __init__(self, function: Callable[[Array], Any]) -> None:
        if not callable(function):
            raise WrongField("FromFunction", "function", f"must be callable; got {function!r}")
        self.function = function

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.function == other.function

    def __hash__(self) -> int:
        return hash(self.function)

    def __repr__(self) -> str:
        return f"Formula({getattr(self.function, '__name__', self.function)!s})"


class FromFunction(Landscape):
    """The landscape of a function; made by `Landscape.from_function`.

    ``loss(theta) = function(theta)``

    References
    ----------
    The user's own.
    """

    abstract: ClassVar[bool] = True

    formula: Formula = field(Formula(jnp.sum), help="the function, held as structure")
    dimension: int = field(2, help="number of coordinates", at_least=1)
    start_at: tuple[float, ...] = field((1.0,), unit="trait", help="customary start")
    low: tuple[float, ...] = field((-math.inf,), unit="trait", help="least coordinates")
    high: tuple[float, ...] = field((math.inf,), unit="trait", help="greatest coordinates")
    known: tuple[tuple[float, ...], ...] = field((), unit="trait", help="known minima")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("start_at", "low", "high"):
            if len(getattr(self, name)) not in (1, self.dimension):
                got = len(getattr(self, name))
                problem = f"must have 1 or {self.dimension} coordinates; got {got}"
                raise WrongField("FromFunction", name, problem)

    def loss(self, theta: Array) -> Array:
        """Return what the function returns, which must be one number."""
        value = jnp.asarray(self.formula.function(theta), float)
        if value.shape != ():
            problem = f"must return one number; got an array of shape {value.shape}"
            raise WrongField("FromFunction", "function", problem)
        return value

    def domain(self) -> tuple[Array, Array]:
        """Return the least and greatest coordinates, two arrays of shape ``(d,)``."""
        return self._place(self.low), self._place(self.high)

    def start(self) -> Array:
        """Return the start that was given, shape ``(d,)``."""
        return self._place(self.start_at)

    def minima(self) -> tuple[Point, ...]:
        """Return the minima that were given."""
        return tuple(self.point(self._place(one)) for one in self.known)


def _where(place: Any) -> tuple[float, ...]:
    return tuple(float(one) for one in np.atleast_1d(np.asarray(place, dtype=float)))
