"""What an escape time should come to, on a landscape of one coordinate, in steps."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes import Landscape, stationary_point
from adaptsim.temperature.potential import potential_of, slope_of
from adaptsim.theory import escape, noisy_descent
from adaptsim.theory.boltzmann import Function, support
from adaptsim.theory.temperature import effective_temperature

PLACES = 2001
"""Places on which the top of the barrier and the bottom of the well are looked for."""


class EscapeTheory(NamedTuple):
    """Mean steps from a start until a target is first reached, by three theories.

    Attributes
    ----------
    temperature : float
        ``eta s^2 / 2`` [loss].
    exact : float
        For descent in finite steps, by its transition probabilities [steps].
    continuous : float
        The exact mean first-passage time of Langevin motion, over the learning rate [steps].
    kramers : float
        Kramers' time over the learning rate, for high barriers [steps]; nan without a barrier.
    """

    temperature: float
    exact: float
    continuous: float
    kramers: float


def escape_theory(
    landscape: Landscape, learning_rate: float, noise: float, *, start: float, target: float
) -> EscapeTheory:
    """Return what the mean escape time of plain noisy descent should be.

    Kramers' time is of the highest place between start and target and the lowest place on the
    start's side of it.

    Parameters
    ----------
    landscape
        A landscape of one coordinate that rises without bound away from the target.
    learning_rate : float
        Learning rate eta [1/curvature].
    noise : float
        Standard deviation s of the noise on the slope [loss/trait].
    start, target : float
        Where walks start, and what they are to reach [trait].

    Returns
    -------
    EscapeTheory

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> theory = escape_theory(DoubleWell(), 0.1, 1.0, start=-1.0, target=1.0)
    >>> [round(steps) for steps in (theory.exact, theory.continuous, theory.kramers)]
    [7055, 7297, 6594]

    References
    ----------
    See `adaptsim.theory.noisy_descent` and `adaptsim.theory.escape`.
    """
    potential, slope = potential_of(landscape), slope_of(landscape)
    temperature = float(effective_temperature(learning_rate, noise=noise))
    far = _far_side(potential, 2 * temperature, start, target)
    low, high = min(far, target), max(far, target)
    exact = noisy_descent.mean_exit_steps(
        slope, learning_rate, temperature, start=start, low=low, high=high
    )
    time = escape.mean_first_passage_time(potential, temperature, start=start, target=target)
    kramers = _kramers_time(landscape, temperature, start, target, far)
    return EscapeTheory(temperature, exact, time / learning_rate, kramers / learning_rate)


def _far_side(potential: Function, temperature: float, start: float, target: float) -> float:
    """Where walks from the start do not come on the side away from the target."""
    height = float(potential(np.array([start]))[0])
    if target > start:
        return support(potential, temperature, high=target, above=height)[0]
    return support(potential, temperature, low=target, above=height)[1]


def _kramers_time(
    landscape: Landscape, temperature: float, start: float, target: float, far: float
) -> float:
    """Kramers' time out of the well on the start's side of the highest place on the way."""
    potential = potential_of(landscape)
    way = np.linspace(start, target, PLACES)
    highest = int(np.argmax(potential(way)))
    if highest in (0, PLACES - 1):
        return math.nan
    behind = np.linspace(far, way[highest], PLACES)
    top, top_curvature = _at_rest(landscape, way[highest])
    bottom, curvature = _at_rest(landscape, behind[int(np.argmin(potential(behind)))])
    return float(
        escape.kramers_time(
            temperature,
            barrier=top - bottom,
            well_curvature=curvature,
            top_curvature=top_curvature,
        )
    )


def _at_rest(landscape: Landscape, near: float) -> tuple[float, float]:
    """Loss and curvature of the stationary point near a place."""
    point = stationary_point(landscape, jnp.array([near]))
    return point.loss, float(landscape.curvatures(point.theta)[0])
