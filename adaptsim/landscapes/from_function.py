"""The landscape of a function that a user wrote."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.part import Array, WrongField, field


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

    @classmethod
    def of(
        cls,
        function: Callable[[Array], Any],
        dimension: int,
        *,
        start: Any,
        box: tuple[Any, Any],
        minima: Any,
    ) -> FromFunction:
        """Return the landscape of a function; see `Landscape.from_function`."""
        return cls(
            formula=Formula(function),
            dimension=dimension,
            start_at=_where(start),
            low=_where(box[0]),
            high=_where(box[1]),
            known=tuple(_where(one) for one in minima),
        )

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
