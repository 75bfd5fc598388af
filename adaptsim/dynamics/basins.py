"""Basins: what becomes of each start at each value of the parameter."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.dynamics.lyapunov import grow
from adaptsim.dynamics.orbits import BOUND, at_least, parameter_values, starting_places
from adaptsim.dynamics.periods import period_of
from adaptsim.dynamics.state import real_state
from adaptsim.dynamics.system import System
from adaptsim.part import Array

OUTCOMES = ("converged", "cycling", "chaotic", "wandering", "diverged")
"""Names of the outcomes, by code."""

CONVERGED, CYCLING, CHAOTIC, WANDERING, DIVERGED = range(len(OUTCOMES))

AT_ONCE = 4096
"""Orbits whose kept steps are in memory at a time."""


class Basin(NamedTuple):
    """What becomes of each start. Axes: ``v`` values, ``s`` starts.

    Attributes
    ----------
    values : numpy.ndarray
        The parameter's values, shape ``(v,)``.
    starts : numpy.ndarray
        Where the orbits began, shape ``(s, d)``.
    codes : numpy.ndarray
        Places in `OUTCOMES`, shape ``(v, s)``: *converged* to one place, *cycling* among several,
        *chaotic* (no period found and neighbours part), *wandering* (no period found
        and neighbours do not part: quasi-periodic, or still on its way), or *diverged*.
    periods : numpy.ndarray
        Period found, shape ``(v, s)``; 0 none, -1 diverged.
    exponents : numpy.ndarray
        Largest Lyapunov exponent over the steps kept [1/step], shape ``(v, s)``; -inf where
        neighbours meet at once, nan where diverged.
    """

    values: np.ndarray
    starts: np.ndarray
    codes: np.ndarray
    periods: np.ndarray
    exponents: np.ndarray

    @property
    def names(self) -> np.ndarray:
        """The outcomes by name, shape ``(v, s)``."""
        names: np.ndarray = np.array(OUTCOMES)[self.codes]
        return names


def basin(
    system: System,
    starts: Any,
    values: Any,
    *,
    settle: int = 2000,
    keep: int = 512,
    tolerance: float = 1e-6,
    most: int = 64,
    least_exponent: float = 0.01,
    bound: float = BOUND,
) -> Basin:
    """Return what becomes of each start at each value of the parameter, in one compiled call.

    Parameters
    ----------
    system
        What moves.
    starts
        Where to begin, shape ``(s, d)``; see `grid` for a rectangle of them.
    values
        Values of the parameter, shape ``(v,)``.
    settle, keep
        Steps left out first, and steps judged then.
    tolerance, most
        How nearly an orbit must come back, and the longest period looked for; see `periods`.
    least_exponent
        An orbit without a period is chaotic if its exponent is above this [1/step].
    bound
        An orbit with a coordinate beyond this has diverged.

    Raises
    ------
    ValueError
        For values that are not finite, starts of the wrong shape, or too few steps.

    Examples
    --------
    In the double well starts nearer to 0 than ``sqrt((2 + rate) / rate)`` stay:

    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> system = System.of(DoubleWell(), GradientDescent())
    >>> basin(system, [[0.3], [1.7]], [0.9, 1.1]).names.tolist()
    [['converged', 'converged'], ['cycling', 'diverged']]
    """
    turned, begun = parameter_values(values), starting_places(system, starts)
    if begun is None:
        raise ValueError("starts are missing: shape (s, d)")
    at_least(settle=(settle, 0), keep=(keep, 2), most=(most, 1))
    ran = _judge(
        system, jnp.asarray(turned), begun, settle, tolerance, bound,
        keep=keep, most=min(most, keep // 2),
    )  # fmt: skip
    periods, exponents = (np.asarray(one).reshape(len(turned), len(begun)) for one in ran)
    chosen = [periods == 1, periods > 1, periods < 0, exponents > least_exponent]
    codes = np.select(chosen, [CONVERGED, CYCLING, DIVERGED, CHAOTIC], WANDERING)
    return Basin(turned, np.asarray(begun), codes, periods, exponents)


def grid(*axes: Any) -> np.ndarray:
    """Return all places of a rectangular grid, shape ``(s, d)``, the last axis fastest.

    Examples
    --------
    >>> grid([0.0, 1.0], [5.0, 6.0]).tolist()
    [[0.0, 5.0], [0.0, 6.0], [1.0, 5.0], [1.0, 6.0]]
    """
    lines = np.meshgrid(*(np.asarray(axis, float) for axis in axes), indexing="ij")
    return np.stack([line.ravel() for line in lines], axis=-1)


@functools.partial(jax.jit, static_argnames=("keep", "most"))
def _judge(
    system: System, values: Array, starts: Array, settle: int, tolerance: Any, bound: Any,
    *, keep: int, most: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Return periods and exponents, each of shape ``(v * s,)``."""

    def one(pair: tuple[Array, Array]) -> tuple[Array, Array]:
        value, start = pair
        positions, exponent = _tail(system, value, start, settle, keep)
        inside = jnp.all(jnp.abs(positions) <= bound)
        period = period_of(jnp.where(inside, positions, jnp.nan), tolerance, most)
        return period, jnp.where(inside, exponent, jnp.nan)

    pairs = (jnp.repeat(values, len(starts)), jnp.tile(starts, (len(values), 1)))
    judged: tuple[Array, Array] = jax.lax.map(one, pairs, batch_size=AT_ONCE)
    return judged


def _tail(
    system: System, value: Array, start: Array, settle: int, keep: int
) -> tuple[Array, Array]:
    """Return the positions of one orbit, shape ``(keep, d)``, and its exponent."""

    def settled(_: Any, state: Any) -> Any:
        return system.step(state, value)

    def judged(carried: tuple[Any, Array], _: None) -> tuple[tuple[Any, Array], Any]:
        state, frame = carried
        after, frame, factors = grow(system, value, state, frame)
        return (after, frame), (system.observe(state), jnp.log(factors[0]))

    state = jax.lax.fori_loop(0, settle, settled, system.begin(value, start))
    frame = jnp.ones((real_state(state)[0].size, 1))
    _, (positions, growth) = jax.lax.scan(
        judged, (state, frame / jnp.linalg.norm(frame)), None, length=keep
    )
    return positions, jnp.mean(growth)
