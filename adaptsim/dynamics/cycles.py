"""Cycles: orbits that close after a number of steps, stable or not, and their multipliers."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.dynamics.newton import root
from adaptsim.dynamics.orbits import at_least
from adaptsim.dynamics.state import real_state
from adaptsim.dynamics.system import System
from adaptsim.part import Array

CLOSES = 1e-9
"""A cycle closes if no number of its state misses by more than this part of 1 + its size."""

FLAT = 1e-11
"""Directions along which an equation changes less than this part of the most count as free."""


class Cycle(NamedTuple):
    """An orbit that closes. ``p`` steps, ``d`` traits, ``s`` real numbers in the state.

    Attributes
    ----------
    value : float
        Value of the parameter.
    period : int
        Steps ``p`` after which it closes; asked for, see ``least_period``.
    positions : numpy.ndarray
        Traits at each of its steps, shape ``(p, d)``.
    multipliers : numpy.ndarray
        Eigenvalues of the derivative of ``p`` steps, complex, the largest first, shape ``(s,)``.
    miss : float
        By how much it does not close, relative to ``1 +`` the size of the state.
    found : bool
        Whether Newton's method ended on one.
    state : Any
        The whole state at the first of its steps.
    """

    value: float
    period: int
    positions: np.ndarray
    multipliers: np.ndarray
    miss: float
    found: bool
    state: Any

    @property
    def stable(self) -> bool:
        """Whether all multipliers lie inside the unit circle."""
        return bool(self.found and np.abs(self.multipliers).max() < 1)

    @property
    def least_period(self) -> int:
        """The least number of steps after which the traits close; a divisor of ``period``."""
        near = 1e3 * CLOSES * (1 + np.abs(self.positions).max())
        for steps in range(1, self.period):
            back = np.abs(np.roll(self.positions, -steps, axis=0) - self.positions).max()
            if self.period % steps == 0 and back <= near:
                return steps
        return self.period


class Spot(NamedTuple):
    """A cycle as a point of a branch.

    Attributes
    ----------
    place : numpy.ndarray
        The state's real numbers, then the parameter, shape ``(s + 1,)``.
    jacobian : numpy.ndarray
        Derivative of ``period`` steps by the state, shape ``(s, s)``.
    miss : float
        By how much it does not close, relative to ``1 +`` the size of the state.
    period : int
        Steps after which it closes.
    state : Any
        A whole state, whose counts go with ``place``.
    """

    place: np.ndarray
    jacobian: np.ndarray
    miss: float
    period: int
    state: Any

    @property
    def value(self) -> float:
        """Value of the parameter."""
        return float(self.place[-1])

    @property
    def found(self) -> bool:
        """Whether it closes, and has a derivative."""
        return bool(self.miss <= CLOSES and np.isfinite(self.jacobian).all())

    @property
    def multipliers(self) -> np.ndarray:
        """Eigenvalues of the derivative, complex, the largest first; nan where it has none."""
        if not np.isfinite(self.jacobian).all():
            return np.full(len(self.jacobian), np.nan, complex)
        values = np.linalg.eigvals(self.jacobian).astype(complex)
        largest_first: np.ndarray = values[np.argsort(-np.abs(values), kind="stable")]
        return largest_first


def find_cycle(
    system: System,
    value: float,
    period: int = 1,
    *,
    near: Any = None,
    settle: int = 1000,
) -> Cycle:
    """Return a cycle of a period, by Newton's method on that many steps at once.

    ``G^p(x) = x`` is solved for the whole state ``x`` (traits, memory, delays, body); the
    multipliers are the eigenvalues of the derivative of ``G^p`` there, which is the product of the
    derivatives of the steps. Counts in the state are held as they are at the beginning.

    Parameters
    ----------
    system, value
        What moves, and the value of its parameter.
    period
        Steps ``p`` after which it should close.
    near
        Traits to begin with, shape ``(d,)``; by default the system's own start.
    settle
        Steps taken from there before Newton's method begins, which lead towards cycles that
        attract; 0 for cycles that do not.

    Returns
    -------
    Cycle
        ``found`` is false where Newton's method ends on none; ``least_period`` says whether it
        ended on a shorter one.

    Examples
    --------
    The 2-cycle of the double well, whose multiplier is ``9 - 2 (1 + rate)^2``:

    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> cycle = find_cycle(System.of(DoubleWell(), GradientDescent()), 1.1, 2)
    >>> cycle.found, cycle.least_period, round(float(cycle.multipliers[0].real), 9)
    (True, 2, 0.18)

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory, chapter 10 (cycles of maps).
    """
    spot = settled_spot(system, value, period, near=near, settle=settle)
    state = real_state(spot.state)[1](jnp.asarray(spot.place[:-1]))
    positions = _positions(system, jnp.asarray(spot.value), state, period)
    return Cycle(
        spot.value, period, np.asarray(positions), spot.multipliers, spot.miss, spot.found, state
    )


def settled_spot(system: System, value: float, period: int, *, near: Any, settle: int) -> Spot:
    """Return the cycle to which Newton's method comes after some steps at one value."""
    at_least(period=(period, 1), settle=(settle, 0))
    value = float(value)
    state = _after(system, value, system.begin(value, near), settle)
    place = np.append(np.asarray(real_state(state)[0]), value)
    row = np.zeros(len(place))
    row[-1] = 1.0
    return solve(system, Spot(place, np.empty(0), np.inf, period, state), place, row)


def solve(system: System, like: Spot, near: np.ndarray, row: np.ndarray) -> Spot:
    """Return the cycle near a place, with one linear condition beside: ``row @ (z - near) = 0``.

    The unknowns ``z`` are the state's real numbers and the parameter, shape ``(s + 1,)``. With
    ``row`` along the parameter its value is held; with another, the value is found, too.
    """
    found = _solve(system, like.state, like.period, near, row)
    place, jacobian, miss = (np.asarray(one) for one in found)
    return Spot(place, jacobian, float(miss), like.period, like.state)


@jax.jit
def _after(system: System, value: Any, state: Any, steps: int) -> Any:
    return jax.lax.fori_loop(0, steps, lambda _, state: system.step(state, value), state)


@jax.jit
def _solve(
    system: System, state: Any, period: int, near: Array, row: Array
) -> tuple[Array, Array, Array]:
    rebuild = real_state(state)[1]

    def misses(place: Array) -> Array:
        around = _after(system, place[-1], rebuild(place[:-1]), period)
        return jnp.append(real_state(around)[0] - place[:-1], row @ (place - near))

    found = root(misses, near, cutoff=FLAT)
    miss = jnp.max(jnp.abs(found.value)) / (1 + jnp.max(jnp.abs(found.place[:-1])))
    return found.place, found.jacobian[:-1, :-1] + jnp.eye(near.size - 1), miss


@functools.partial(jax.jit, static_argnames=("period",))
def _positions(system: System, value: Array, state: Any, period: int) -> Array:
    def one(state: Any, _: None) -> tuple[Any, Array]:
        return system.step(state, value), system.observe(state)

    positions: Array = jax.lax.scan(one, state, None, length=period)[1]
    return positions
