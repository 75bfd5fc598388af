"""Equilibria of flows: where they rest, how they return there, and where they begin to swing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.dynamics.newton import root
from adaptsim.part import Array

VectorField = Callable[[Array, Array], Array]
"""From a state, shape ``(s,)``, and the value of a parameter to the state's change per time."""

RESTS = 1e-9
"""A state whose change per time is at most this, relative to ``1 +`` the state, is at rest."""

SWINGS = 1e-8
"""An eigenvalue with a lesser imaginary part, relative to its modulus, is real."""

ZOOMS = 14
"""How often a bracket is divided; each time by the number of values looked at, less one."""


class Equilibrium(NamedTuple):
    """Where a flow rests.

    Attributes
    ----------
    place : numpy.ndarray
        The state, shape ``(s,)``.
    eigenvalues : numpy.ndarray
        Of the derivative of the vector field there [1/time], complex, the largest real part first.
    found : bool
        Whether it does rest there.
    """

    place: np.ndarray
    eigenvalues: np.ndarray
    found: bool

    @property
    def leading(self) -> float:
        """The largest real part [1/time]; below 0 disturbances fade."""
        return float(self.eigenvalues.real.max())


class Hopf(NamedTuple):
    """A value of a parameter at which a pair of eigenvalues crosses the imaginary axis.

    Attributes
    ----------
    value : float
        Value of the parameter.
    error : float
        Half the width of the last bracket.
    frequency : float
        Of the swing that begins there [rad/time].
    gains : bool
        Whether the pair becomes stable as the parameter grows.
    """

    value: float
    error: float
    frequency: float
    gains: bool


def equilibrium(field: VectorField, value: float, *, near: Any) -> Equilibrium:
    """Return where a flow rests, by Newton's method, and how it returns there.

    Parameters
    ----------
    field
        ``field(state, value)``, written with ``jax.numpy``; a `jax.tree_util.Partial` may hold
        further numbers, of which then none is compiled in.
    value
        Of the parameter.
    near
        Where to begin, shape ``(s,)``.

    Examples
    --------
    A pendulum with friction:

    >>> def pendulum(state, friction):
    ...     return jnp.array([state[1], -jnp.sin(state[0]) - friction * state[1]])
    >>> rest = equilibrium(pendulum, 0.2, near=[0.3, 0.0])
    >>> rest.found, round(rest.leading, 6)
    (True, -0.1)
    """
    place = jnp.atleast_1d(jnp.asarray(near, dtype=float))
    places, jacobians, misses = _rests(_held(field), jnp.asarray([float(value)]), place)
    return _told(np.asarray(places[0]), np.asarray(jacobians[0]), float(misses[0]))


def _held(field: VectorField) -> VectorField:
    """Return a vector field as JAX takes it as an argument; a Partial may hold further numbers."""
    return field if isinstance(field, jax.tree_util.Partial) else jax.tree_util.Partial(field)


def _told(place: np.ndarray, jacobian: np.ndarray, miss: float) -> Equilibrium:
    if not np.isfinite(jacobian).all():
        return Equilibrium(place, np.full(len(place), np.nan, complex), False)
    values = np.linalg.eigvals(jacobian).astype(complex)
    return Equilibrium(place, values[np.argsort(-values.real, kind="stable")], miss <= RESTS)


@jax.jit
def _rests(field: VectorField, values: Array, near: Array) -> tuple[Array, Array, Array]:
    """Return places, Jacobians and misses, one a value."""

    def one(value: Array) -> tuple[Array, Array, Array]:
        found = root(lambda state: field(state, value), near)
        miss = jnp.max(jnp.abs(found.value)) / (1 + jnp.max(jnp.abs(found.place)))
        return found.place, found.jacobian, miss

    rests: tuple[Array, Array, Array] = jax.vmap(one)(values)
    return rests


def spectra(field: VectorField, values: Any, *, near: Any) -> tuple[Equilibrium, ...]:
    """Return the equilibria at many values of the parameter, in one compiled call.

    Parameters
    ----------
    field, near
        As in `equilibrium`.
    values
        Of the parameter, shape ``(v,)``.

    Examples
    --------
    >>> turned = spectra(lambda state, value: value - state, [1.0, 2.0], near=[0.0])
    >>> [one.place.tolist() for one in turned]
    [[1.0], [2.0]]
    """
    place = jnp.atleast_1d(jnp.asarray(near, dtype=float))
    found = _rests(_held(field), jnp.asarray(values, dtype=float), place)
    return tuple(
        _told(at, jacobian, float(miss))
        for at, jacobian, miss in zip(*map(np.asarray, found), strict=True)
    )


def hopf_points(
    field: VectorField, low: float, high: float, *, near: Any, values: int = 200
) -> tuple[Hopf, ...]:
    """Return the values of a parameter at which a flow begins, or ceases, to swing.

    Where the largest real part among complex pairs of eigenvalues of the derivative at rest changes
    its sign; the derivative is automatic. The range is looked through in steps of equal ratio (of
    equal length if it begins at 0 or below), and each change of sign closed in on by looking
    through the bracket again, so that only one shape is compiled.

    Parameters
    ----------
    field, near
        As in `equilibrium`.
    low, high
        Range of the parameter.
    values
        How many are looked at at a time; two crossings between neighbours are missed.

    Raises
    ------
    ValueError
        For a range that is empty or not finite, or fewer than 3 values.

    Examples
    --------
    Van der Pol's oscillator, ``x'' - (mu - x^2) x' + x = 0``, begins to swing at 0:

    >>> def oscillator(state, mu):
    ...     return jnp.array([state[1], (mu - state[0] ** 2) * state[1] - state[0]])
    >>> (hopf,) = hopf_points(oscillator, -0.5, 1.0, near=[0.0, 0.0], values=50)
    >>> abs(hopf.value) < 1e-12, round(hopf.frequency, 6), hopf.gains
    (True, 1.0, False)

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory, chapter 3.4.
    """
    range_ = _range(low, high, values)
    found = spectra(field, range_, near=near)
    margins = np.array([_swing(one)[0] for one in found])
    known = np.isfinite(margins)
    changes = known[:-1] & known[1:] & (np.sign(margins[:-1]) != np.sign(margins[1:]))
    return tuple(
        _closed_in(field, range_[place], range_[place + 1], near, values)
        for place in np.flatnonzero(changes)
    )


def _range(low: float, high: float, values: int) -> np.ndarray:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low must be below high, both finite; got {low!r} and {high!r}")
    if values < 3:
        raise ValueError(f"values must be at least 3; got {values!r}")
    return np.geomspace(low, high, values) if low > 0 else np.linspace(low, high, values)


def _swing(rest: Equilibrium) -> tuple[float, float]:
    """Return the largest real part among complex pairs and its frequency; nan if there are none."""
    values = rest.eigenvalues
    pairs = values[abs(values.imag) > SWINGS * abs(values)]
    if not rest.found or not pairs.size:
        return math.nan, math.nan
    leading = pairs[np.argmax(pairs.real)]
    return float(leading.real), float(abs(leading.imag))


def _closed_in(field: VectorField, low: float, high: float, near: Any, values: int) -> Hopf:
    gains = False
    for _ in range(ZOOMS):
        inner = np.linspace(low, high, values)
        margins = np.array([_swing(one)[0] for one in spectra(field, inner, near=near)])
        changed = np.flatnonzero(np.sign(margins[:-1]) != np.sign(margins[1:]))
        if not changed.size or inner[1] <= inner[0]:
            break
        place = int(changed[0])
        gains = bool(margins[place] > margins[place + 1])
        low, high = inner[place], inner[place + 1]
        if high - low <= 1e-14 * max(abs(low), abs(high), 1e-3):
            break
    middle = 0.5 * (low + high)
    frequency = _swing(spectra(field, np.full(values, middle), near=near)[0])[1]
    return Hopf(float(middle), float(0.5 * (high - low)), frequency, gains)


def most_resilient(
    field: VectorField, low: float, high: float, *, near: Any, values: int = 200
) -> tuple[float, float]:
    """Return the value of a parameter at which disturbances fade fastest, and the rate at which.

    The latter is the largest real part of an eigenvalue there, least over the range.

    Parameters
    ----------
    field, low, high, near, values
        As in `hopf_points`.

    Examples
    --------
    A door that shuts fastest is critically damped:

    >>> def door(state, friction):
    ...     return jnp.array([state[1], -state[0] - friction * state[1]])
    >>> value, leading = most_resilient(door, 0.5, 8.0, near=[0.0, 0.0], values=50)
    >>> round(value, 6), round(leading, 3)
    (2.0, -1.0)
    """
    range_ = _range(low, high, values)
    while True:
        leading = [one.leading for one in spectra(field, range_, near=near)]
        best = int(np.nanargmin(leading))
        ends = range_[max(best - 1, 0)], range_[min(best + 1, values - 1)]
        if ends[1] - ends[0] <= 1e-9 * max(abs(ends[0]), abs(ends[1])):
            return float(range_[best]), float(leading[best])
        range_ = np.linspace(*ends, values)
