"""Outcomes: how a walk ended, read off its tail: at rest, in a cycle, in chaos, under way or gone.

For pictures of basins over starts and learning rates: every walk gets one code, so that the
boundaries between colours are boundaries between kinds of motion.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from adaptsim.measures.measurement import Array, Integers

REPEATS = 3
"""A period counts only if the tail holds it so many times."""
RECURS = 0.75
"""Share of its whole range that either half of a tail covers where motion has settled."""


class Outcome(IntEnum):
    """Kinds of ends; the names are to be shown, the numbers to be painted."""

    CONVERGED = 0
    """At a point."""
    CYCLING = 1
    """On a cycle of 2 to 64 steps."""
    CHAOTIC = 2
    """Bounded and settled, without a period that was found."""
    WANDERING = 3
    """Bounded and not settled: still on its way, or on a growing or shrinking oscillation."""
    DIVERGED = 4
    """Not finite, or beyond the limit."""


class Outcomes(NamedTuple):
    """The ends of many walks."""

    code: Integers
    """Values of `Outcome`, shape ``(...)``."""
    period: Integers
    """Steps of the cycle, 1 at a point, 0 without a period, shape ``(...)``."""

    @property
    def names(self) -> Any:
        """The codes in words, an array of the same shape."""
        return np.array([one.name.lower() for one in Outcome])[self.code]


def classify(
    tail: Any,
    *,
    slope: Any = None,
    lyapunov: Any = None,
    tolerance: float = 1e-6,
    flat: float = 1e-4,
    limit: float = 1e6,
    longest: int = 64,
) -> Outcomes:
    """Return how walks without noise ended.

    In this order: *diverged* if a position of the tail is not finite or larger than ``limit``;
    *converged* or *cycling* for the least period p (up to ``longest``) at which all positions p
    steps apart agree within ``tolerance (1 + largest position)`` all through the tail, at least
    three times over; otherwise *chaotic* where motion has settled, else *wandering*. Motion has not
    settled where all positions p steps apart move one way, as on the way to a cycle or from it, nor
    where a half of the tail covers less than three quarters of the range of the whole. Without
    exponents motion on a torus passes for chaotic, as does a walk with noise or one that spirals in
    very slowly; with them chaotic needs a positive one.

    Parameters
    ----------
    tail : array, shape (..., k, d)
        Positions at the last ``k`` steps, every single step. Losses ``(..., k)`` may be given as
        ``loss[..., None]``, but then both halves of a symmetric cycle look the same. For periods
        up to 64 ``k`` must be 192 or more; with fewer only periods up to ``k // 3`` are found.
    slope : array, shape (...), optional
        Largest component of the gradient at the end; a walk that rests where it is more than
        ``flat`` is too slow to see, so it is wandering. (Leave it out where minima have kinks.)
    lyapunov : array, shape (...), optional
        Largest finite-time Lyapunov exponent [1/step].
    tolerance, flat, limit, longest
        See above.

    Returns
    -------
    Outcomes

    Raises
    ------
    ValueError
        For a tail without the two axes, or shorter than three records.

    Examples
    --------
    >>> steps = np.arange(12)
    >>> still, flips = np.ones(12), (-1.0) ** steps
    >>> leaves, creeps, grows = 10.0**steps, 0.1 * steps, (-1.1) ** steps
    >>> found = classify(np.stack([still, flips, leaves, creeps, grows])[..., None])
    >>> found.names.tolist(), found.period.tolist()
    (['converged', 'cycling', 'diverged', 'wandering', 'wandering'], [1, 2, 0, 0, 0])
    """
    told = np.asarray(tail, dtype=float)
    if told.ndim < 2 or told.shape[-2] < REPEATS or not told.shape[-1]:
        shape = f"(..., k, d) with k of at least {REPEATS}"
        raise ValueError(f"tail must have shape {shape}; got {told.shape}.")
    lead = told.shape[:-2]
    walks = told.reshape(-1, *told.shape[-2:])
    bounded = (np.abs(walks) <= limit).all(axis=(1, 2))
    code = np.full(len(walks), Outcome.DIVERGED, dtype=np.int64)
    period = np.zeros(len(walks), dtype=np.int64)
    code[bounded], period[bounded] = _bounded(walks[bounded], tolerance, longest)
    if slope is not None:
        steep = ~(_each(slope, lead) <= flat) & (code == Outcome.CONVERGED)
        code[steep], period[steep] = Outcome.WANDERING, 0
    if lyapunov is not None:
        tame = ~(_each(lyapunov, lead) > 0) & (code == Outcome.CHAOTIC)
        code[tame] = Outcome.WANDERING
    return Outcomes(code.reshape(lead), period.reshape(lead))


def _bounded(walks: Array, tolerance: float, longest: int) -> tuple[Any, Integers]:
    """Return codes and periods of bounded walks ``(n, k, d)``."""
    allowed = tolerance * (1 + np.abs(walks).max(axis=(1, 2)))
    period = _periods(walks, allowed, longest)
    settled = (period == 0) & _recurs(walks, allowed)
    settled[settled] = ~_creeps(walks[settled], longest)
    kinds = [period == 1, period > 1, settled]
    named = [Outcome.CONVERGED, Outcome.CYCLING, Outcome.CHAOTIC]
    return np.select(kinds, [int(one) for one in named], int(Outcome.WANDERING)), period


def _periods(walks: Array, allowed: Array, longest: int) -> Integers:
    """Return the least period of each walk ``(n, k, d)``, 0 where there is none."""
    found = np.zeros(len(walks), dtype=np.int64)
    for period in range(1, min(longest, walks.shape[1] // REPEATS) + 1):
        apart = np.abs(walks[:, -1] - walks[:, -1 - period]).max(axis=1)
        maybe = np.flatnonzero((found == 0) & (apart <= allowed))
        repeats = _spread_at(walks[maybe], period) <= allowed[maybe]
        found[maybe[repeats]] = period
    return found


def _spread_at(walks: Array, period: int) -> Array:
    """Return how far apart positions of the same phase lie at most, shape ``(n,)``."""
    return np.asarray(np.ptp(_phases(walks, period), axis=1).max(axis=(1, 2), initial=0.0))


def _recurs(walks: Array, allowed: Array) -> Any:
    """Return whether either half of each walk covers most of its range wherever it moves."""
    half = walks.shape[1] // 2
    whole = np.ptp(walks, axis=1)
    halves = np.minimum(np.ptp(walks[:, :half], axis=1), np.ptp(walks[:, half:], axis=1))
    return ((halves >= RECURS * whole) | (whole <= allowed[:, None])).all(axis=1)


def _creeps(walks: Array, longest: int) -> Any:
    """Return whether for some period all positions of the same phase move one way."""
    found = np.zeros(len(walks), dtype=bool)
    for period in range(1, min(longest, walks.shape[1] // REPEATS) + 1):
        one_phase = walks[:, walks.shape[1] % period :: period]
        maybe = np.flatnonzero(~found & _one_way(one_phase).all(axis=-1))
        found[maybe] = _one_way(_phases(walks[maybe], period)).all(axis=(1, 2))
    return found


def _one_way(positions: Array) -> Any:
    """Return whether positions only rise or only fall along axis 1."""
    moves = np.diff(positions, axis=1)
    return (moves >= 0).all(axis=1) | (moves <= 0).all(axis=1)


def _phases(walks: Array, period: int) -> Array:
    """Return the last whole periods of walks, shape ``(n, repeats, period, d)``."""
    n, k, d = walks.shape
    return walks[:, k % period :].reshape(n, k // period, period, d)


def _each(values: Any, lead: tuple[int, ...]) -> Array:
    return np.broadcast_to(np.asarray(values, dtype=float), lead).reshape(-1)
