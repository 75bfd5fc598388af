"""Landscapes of one coordinate as functions of NumPy arrays, as theory wants them."""

from __future__ import annotations

import jax
import numpy as np

from adaptsim.landscapes import Landscape
from adaptsim.part import Array
from adaptsim.theory.boltzmann import Boltzmann, Function


def potential_of(landscape: Landscape) -> Function:
    """Return the loss [loss] of a landscape of one coordinate, for arrays of any shape [trait].

    Raises
    ------
    ValueError
        If the landscape has more than one coordinate.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> potential_of(DoubleWell())(np.array([[0.0, 1.0]]))
    array([[0.25, 0.  ]])
    """
    check_one_coordinate(landscape)

    def potential(x: np.ndarray) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        return np.asarray(_losses(landscape, x.reshape(-1, 1))).reshape(x.shape)

    return potential


def slope_of(landscape: Landscape) -> Function:
    """Return the slope [loss/trait] of a landscape of one coordinate, for arrays of any shape.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> slope_of(DoubleWell())(np.array([1.0, 2.0]))
    array([0., 6.])
    """
    check_one_coordinate(landscape)

    def slope(x: np.ndarray) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        return np.asarray(slopes(landscape, x.reshape(-1, 1))).reshape(x.shape)

    return slope


def boltzmann_of(landscape: Landscape, temperature: float) -> Boltzmann:
    """Return the Boltzmann density of a landscape of one coordinate.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> round(boltzmann_of(DoubleWell(), 0.1).mean(lambda x: x**2), 8)
    0.87136291
    """
    return Boltzmann(potential_of(landscape), temperature)


@jax.jit
def slopes(landscape: Landscape, theta: Array) -> Array:
    """Return the slopes at many places, both of shape ``(n, d)``."""
    return jax.vmap(landscape.gradient)(theta)


@jax.jit
def _losses(landscape: Landscape, theta: Array) -> Array:
    return jax.vmap(landscape.loss)(theta)


def check_one_coordinate(landscape: Landscape) -> None:
    """Raise a ValueError unless a landscape has one coordinate."""
    if landscape.dimension != 1:
        kind, d = type(landscape).__name__, landscape.dimension
        raise ValueError(f"the landscape must have one coordinate; {kind} has {d}")
