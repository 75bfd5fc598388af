"""Orbits: where a system stays once it has settled, for many values of its parameter at once."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.dynamics.state import real_state
from adaptsim.dynamics.system import System
from adaptsim.part import Array

BOUND = 1e6
"""An orbit that goes further from zero than this has diverged."""


class OrbitDiagram(NamedTuple):
    """Settled orbits. Axes: ``v`` values, ``s`` starts, ``k`` steps kept, ``d`` coordinates.

    Attributes
    ----------
    values : numpy.ndarray
        The parameter's values, shape ``(v,)``.
    positions : numpy.ndarray
        Where the orbits were, shape ``(v, s, k, d)``; nan for those that diverged.
    diverged : numpy.ndarray
        Which did, shape ``(v, s)``.
    """

    values: np.ndarray
    positions: np.ndarray
    diverged: np.ndarray


def orbit_diagram(
    system: System,
    values: Any,
    *,
    settle: int = 1000,
    keep: int = 128,
    starts: Any = None,
    carried: bool = False,
    nudge: float = 1e-9,
    bound: float = BOUND,
) -> OrbitDiagram:
    """Return settled orbits over values of the parameter, in one compiled call.

    Parameters
    ----------
    system
        What moves.
    values
        Values of the parameter, shape ``(v,)``.
    settle, keep
        Steps left out first, and steps kept then.
    starts
        Where to begin, shape ``(s, d)`` or ``(d,)``; by default the system's own start.
    carried
        Begin at each value where the orbit of the value before ended: an attractor is followed for
        as long as it lasts, and values falling may show another than values rising (hysteresis).
        What has diverged stays lost.
    nudge
        Moves a carried state by this part of ``1 +`` its size, once per value, since a state may
        otherwise stand exactly on an orbit that no longer attracts.
    bound
        An orbit with a coordinate beyond this among those kept has diverged.

    Raises
    ------
    ValueError
        For values that are not finite, no steps kept, or starts of the wrong shape.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> system = System.of(DoubleWell(), GradientDescent())
    >>> diagram = orbit_diagram(system, [0.9, 1.1, 2.5], keep=2)
    >>> diagram.positions[:, 0, :, 0].round(4).tolist()
    [[1.0, 1.0], [1.1161, 0.8146], [nan, nan]]
    """
    turned = parameter_values(values)
    at_least(settle=(settle, 0), keep=(keep, 1))
    begun = starting_places(system, starts)
    run = _carried if carried else _apart
    positions = np.asarray(
        run(system, jnp.asarray(turned), begun, settle, jnp.asarray(nudge, float), keep=keep)
    )
    with np.errstate(invalid="ignore"):
        diverged = ~(np.abs(positions) <= bound).all(axis=(2, 3))
    if diverged.any():
        positions = np.where(diverged[:, :, None, None], np.nan, positions)
    return OrbitDiagram(turned, positions, diverged)


def tail(system: System, value: Any, state: Any, settle: Any, keep: int) -> tuple[Any, Array]:
    """Return the last state and the positions after ``settle`` steps and on, shape ``(keep, d)``.

    How many steps are left out is not compiled in.
    """

    def one(_: Any, state: Any) -> Any:
        return system.step(state, value)

    def record(state: Any, steps: Array) -> tuple[Any, Array]:
        state = jax.lax.fori_loop(0, steps, one, state)
        return state, system.observe(state)

    steps = jnp.ones(keep, int).at[0].set(settle)
    return jax.lax.scan(record, state, steps)


def parameter_values(values: Any) -> np.ndarray:
    """Return values of a parameter as an array, shape ``(v,)``, or say what is wrong with them."""
    turned = np.atleast_1d(np.asarray(values, float))
    if turned.ndim != 1 or not turned.size:
        raise ValueError(f"values must have shape (v,), v at least 1; got {turned.shape}")
    if not np.isfinite(turned).all():
        raise ValueError(f"values must be finite; got {turned[~np.isfinite(turned)][0]}")
    return turned


def starting_places(system: System, starts: Any) -> Array | None:
    """Return starts as an array, shape ``(s, d)``, or say what is wrong with them."""
    if starts is None:
        return None
    own = jax.eval_shape(lambda: system.observe(system.begin(0.0)))
    begun = jnp.atleast_2d(jnp.asarray(starts, float))
    if begun.ndim != 2 or begun.shape[1] != own.size:
        raise ValueError(f"starts must have shape (s, {own.size}); got {begun.shape}")
    return begun


def over_starts(function: Any, starts: Array | None, out_axes: int = 0) -> Any:
    """Return a function of one start for all of them; for the system's own there is one."""
    return jax.vmap(function, None if starts is None else 0, out_axes, axis_size=_count(starts))


def _count(starts: Array | None) -> int:
    return 1 if starts is None else len(starts)


def at_least(**limits: tuple[int, int]) -> None:
    """Refuse a number, by name, that is below its least."""
    for name, (number, least) in limits.items():
        if number < least:
            raise ValueError(f"{name} must be at least {least}; got {number}")


@functools.partial(jax.jit, static_argnames=("keep",))
def _apart(
    system: System, values: Array, starts: Array | None, settle: int, _: Array, *, keep: int
) -> Array:
    """Return positions ``(v, s, k, d)``, each orbit begun anew."""

    def at(value: Array) -> Array:
        def one(start: Any) -> Array:
            return tail(system, value, system.begin(value, start), settle, keep)[1]

        return over_starts(one, starts)(starts)

    return jax.vmap(at)(values)


@functools.partial(jax.jit, static_argnames=("keep",))
def _carried(
    system: System, values: Array, starts: Array | None, settle: int, nudge: Array, *, keep: int
) -> Array:
    """Return positions ``(v, s, k, d)``, each orbit begun where the one before ended."""

    def one(start: Any) -> Array:
        def onward(state: Any, value: Array) -> tuple[Any, Array]:
            vector, rebuild = real_state(state)
            moved = rebuild(vector + nudge * (1 + jnp.abs(vector)))
            return tail(system, value, moved, settle, keep)

        return jax.lax.scan(onward, system.begin(values[0], start), values)[1]

    return over_starts(one, starts, 1)(starts)
