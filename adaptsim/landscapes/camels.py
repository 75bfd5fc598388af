"""The camel-back functions: valleys with humps across."""

from __future__ import annotations

from typing import ClassVar

from adaptsim.landscapes.base import Landscape, Where
from adaptsim.part import Array


class SixHumpCamel(Landscape):
    """Six minima in pairs, for the function is even.

    ``f(x, y) = (4 - 2.1 x^2 + x^4 / 3) x^2 + x y + (4 y^2 - 4) y^2``

    ``x`` in ``[-3, 3]``, ``y`` in ``[-2, 2]``. All six minima are given: -1.031628, -0.215464 and
    2.104250, twice each. The start is ours: ``(-1, 1.5)``.

    Examples
    --------
    >>> round(SixHumpCamel().minima()[0].loss, 9)
    -1.031628453

    References
    ----------
    Dixon and Szego, Towards Global Optimisation 2, North-Holland 1978; places computed here to 16
    digits.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = ((-3.0, -2.0), (3.0, 2.0))
    starts_at: ClassVar[Where] = (-1.0, 1.5)
    minima_at: ClassVar[tuple[Where, ...]] = (
        (0.089842013100318062, -0.71265640302073963),
        (-0.089842013100318062, 0.71265640302073963),
        (1.7036067149699808, -0.79608356867262512),
        (-1.7036067149699808, 0.79608356867262512),
        (1.6071047529201972, 0.56865145488413137),
        (-1.6071047529201972, -0.56865145488413137),
    )

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


class ThreeHumpCamel(Landscape):
    """A minimum between two shallower ones.

    ``f(x, y) = 2 x^2 - 1.05 x^4 + x^6 / 6 + x y + y^2``

    Two dimensions, ``[-5, 5]`` each. Minimum 0 at the origin; local minima 0.298638 at
    ``+-(1.747552, -0.873776)``. All three minima and both saddles are given. The start is ours:
    ``(-1.5, 1.5)``, in the basin of a local one for small steps.

    Examples
    --------
    >>> round(ThreeHumpCamel().minima()[1].loss, 6)
    0.298638

    References
    ----------
    Jamil and Yang, Int. J. Mathematical Modelling and Numerical Optimisation 4 (2013) 150-194;
    places computed here to 16 digits.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-5.0, 5.0)
    starts_at: ClassVar[Where] = (-1.5, 1.5)
    minima_at: ClassVar[tuple[Where, ...]] = (
        0.0,
        (1.7475523458302890, -0.87377617291514445),
        (-1.7475523458302890, 0.87377617291514445),
    )
    saddles_at: ClassVar[tuple[Where, ...]] = (
        (1.0705422918236600, -0.53527114591182998),
        (-1.0705422918236600, 0.53527114591182998),
    )

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        x, y = theta
        return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2
