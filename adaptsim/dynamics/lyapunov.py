"""Lyapunov exponents: how fast neighbouring orbits part, per step."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.dynamics.orbits import BOUND, at_least, parameter_values
from adaptsim.dynamics.state import real_state
from adaptsim.dynamics.system import System
from adaptsim.part import Array

BLOCKS = 20
"""Blocks of steps whose means give the standard error."""

SUPERSTABLE = "superstable"
NOISE_LEFT_OUT = "noise left out"
DIVERGED = "diverged"


class Lyapunov(NamedTuple):
    """Lyapunov exponents at each of some values of the parameter.

    Axes: ``v`` values, ``m`` exponents.

    Attributes
    ----------
    values : numpy.ndarray
        The parameter's values, shape ``(v,)``.
    exponents : numpy.ndarray
        Mean logarithm of growth [1/step], shape ``(v, m)``, the largest first; -inf where a
        direction collapses at once (superstable), nan where the orbit diverged.
    standard_error : numpy.ndarray
        From the means of 20 blocks of steps, taken as independent, shape ``(v, m)``; nan beside an
        exponent that is not finite.
    n : int
        Steps averaged over.
    flags : tuple of str
        ``"superstable"`` and ``"diverged"`` where some are, and ``"noise left out"`` where the
        individual is moved by chance: the exponents are then those of its mean step.
    """

    values: np.ndarray
    exponents: np.ndarray
    standard_error: np.ndarray
    n: int
    flags: tuple[str, ...]


def lyapunov(
    system: System,
    values: Any,
    *,
    n: int = 100_000,
    settle: int = 1000,
    count: int | None = 1,
    start: Any = None,
) -> Lyapunov:
    """Return Lyapunov exponents, for many values of the parameter in one compiled call.

    A frame of orthonormal vectors is carried along the orbit by the derivative of the step and
    made orthonormal again after each step (QR); the exponents are the mean logarithms of the
    diagonal. All real numbers of the state count: traits, memory, delays, body.

    Parameters
    ----------
    system
        What moves.
    values
        Values of the parameter, shape ``(v,)``, or one.
    n, settle
        Steps averaged over, a multiple of 20, and steps left out before.
    count
        How many exponents, from the largest; None for the whole spectrum.
    start
        Traits to begin with, shape ``(d,)``; by default the system's own.

    Raises
    ------
    ValueError
        For values that are not finite, or numbers that are not allowed.

    Examples
    --------
    Descent in a double well past its first threshold: ``ln(9 - 2 (1 + rate)^2) / 2``.

    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> found = lyapunov(System.of(DoubleWell(), GradientDescent()), 1.1, n=1000)
    >>> found.exponents.round(6).tolist()
    [[-0.857399]]

    References
    ----------
    Benettin, Galgani, Giorgilli and Strelcyn, Meccanica 15 (1980) 9-30; Eckmann and Ruelle, Rev.
    Mod. Phys. 57 (1985) 617-656.
    """
    turned = parameter_values(values)
    size = sum(leaf.size for leaf in jax.tree.leaves(jax.eval_shape(_reals_at_start, system)))
    wanted = size if count is None else count
    at_least(n=(n, BLOCKS), settle=(settle, 0), count=(wanted, 1))
    if n % BLOCKS or wanted > size:
        raise ValueError(
            f"n must be a multiple of {BLOCKS} and count at most {size}; got {n} and {wanted}"
        )
    grown = np.asarray(_run(system, turned, start, settle, n // BLOCKS, count=wanted))
    with np.errstate(invalid="ignore"):
        exponents = grown.mean(axis=1)
        error = grown.std(axis=1, ddof=1) / np.sqrt(BLOCKS)
    told = {
        SUPERSTABLE: np.isneginf(exponents).any(),
        DIVERGED: np.isnan(exponents).any(),
        NOISE_LEFT_OUT: system.noisy,
    }
    flags = tuple(flag for flag, holds in told.items() if holds)
    return Lyapunov(turned, exponents, error, n, flags)


def grow(system: System, value: Any, state: Any, frame: Array) -> tuple[Any, Array, Array]:
    """Return state and frame one step on, and by which factors the frame's vectors have grown.

    Parameters
    ----------
    frame
        Orthonormal columns, shape ``(s, m)``.
    """
    vector, rebuild = real_state(state)

    def forward(vector: Array) -> tuple[Array, Any]:
        after = system.step(rebuild(vector), value)
        return real_state(after)[0], after

    _, carry, after = jax.linearize(forward, vector, has_aux=True)
    moved = jax.vmap(carry, 1, 1)(frame)
    frame, factors = _orthonormal(moved, frame)
    return after, frame, factors


def _orthonormal(moved: Array, before: Array) -> tuple[Array, Array]:
    """Return an orthonormal frame of the moved vectors, and their lengths across each other."""
    if moved.shape[1] == 1:
        length = jnp.linalg.norm(moved)
        return jnp.where(length > 0, moved / length, before), length[None]
    frame, triangle = jnp.linalg.qr(moved)
    return frame, jnp.abs(jnp.diagonal(triangle))


def _reals_at_start(system: System) -> Array:
    return real_state(system.begin(0.0))[0]


@functools.partial(jax.jit, static_argnames=("count",))
def _run(
    system: System, values: Array, start: Any, settle: int, length: int, *, count: int
) -> Array:
    """Return the mean logarithms of growth in each block, shape ``(v, blocks, count)``."""

    def one(value: Array) -> Array:
        state = system.begin(value, start)
        size = real_state(state)[0].size

        def step(_: Any, carried: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
            state, frame, total = carried
            state, frame, factors = grow(system, value, state, frame)
            return state, frame, total + jnp.log(factors)

        def block(carried: tuple[Any, Array], steps: Array) -> tuple[tuple[Any, Array], Array]:
            begun = (*carried, jnp.zeros(count))
            state, frame, total = jax.lax.fori_loop(0, steps, step, begun)
            far = ~(jnp.max(jnp.abs(system.observe(state))) <= BOUND)
            return (state, frame), jnp.where(far, jnp.nan, total / steps)

        steps = jnp.full(BLOCKS + 1, length).at[0].set(settle)
        return jax.lax.scan(block, (state, _frame(size, count)), steps)[1][1:]

    return jax.vmap(one)(values)


def _frame(size: int, count: int) -> Array:
    """Return orthonormal vectors to begin with, shape ``(size, count)``, along no axis.

    One along an axis would stay there for ever where coordinates do not feel each other, and miss
    the others' exponents.
    """
    drawn = np.random.default_rng(0).standard_normal((size, count))
    return jnp.asarray(np.linalg.qr(drawn)[0])
