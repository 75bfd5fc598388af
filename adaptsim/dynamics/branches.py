"""Branches: cycles followed as the parameter turns, until a multiplier leaves the unit circle."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from adaptsim.dynamics.cycles import Spot, solve
from adaptsim.dynamics.system import System

CHANGE, MOST_CHANGE = 0.15, 0.6
"""How much multipliers should change, and may change, from one followed cycle to the next."""

SHORTEST = 1e-7
"""The least part of the last step that is still tried."""

NEUTRAL = 1e-11
"""A multiplier this near to 1 when a branch begins is one of a continuum of cycles (a valley)."""

REAL = 1e-7
"""A multiplier with a lesser imaginary part is real: equal ones split by the root of rounding."""

NEARBY = 10.0 ** np.arange(-3, -8, -1)
"""How far from a bifurcation a new branch is looked for, relative to ``1 +`` the state."""

ROUNDING = 1e3 * np.finfo(float).eps
BISECTIONS = 60


class Crossing(NamedTuple):
    """Where a multiplier of a followed cycle leaves the unit circle.

    Attributes
    ----------
    exit : str
        By which way: ``"-1"``, ``"+1"`` or ``"pair"``.
    before, at, after : Spot
        The cycle before, there and after.
    error : float
        Bound on the error of the parameter's value: so far away, on either side, the multiplier
        lies clearly inside and outside.
    """

    exit: str
    before: Spot
    at: Spot
    after: Spot
    error: float


def margins(spot: Spot, neutral: int = 0) -> dict[str, float]:
    """Return how far the multipliers are inside the unit circle, for each way out.

    ``neutral`` multipliers, those nearest to 1, are left aside.

    Examples
    --------
    >>> margins(Spot(np.zeros(3), np.diag([0.5, -0.75]), 0.0, 1, None))
    {'-1': 0.25, '+1': 0.5, 'pair': 1.0}
    """
    values = spot.multipliers
    values = values[np.argsort(np.abs(values - 1), kind="stable")][neutral:]
    real = np.abs(values.imag) <= REAL * (1 + np.abs(values))
    return {
        "-1": float(1 + values[real].real.min(initial=0.0)),
        "+1": float(1 - values[real].real.max(initial=0.0)),
        "pair": float(1 - np.abs(values[~real]).max(initial=0.0)),
    }


def neutral_ones(spot: Spot) -> int:
    """Return how many multipliers are 1, as along a valley of minima."""
    return int(np.sum(np.abs(spot.multipliers - 1) < NEUTRAL))


def follow(system: System, here: Spot, ahead: Spot) -> Iterator[Spot]:
    """Yield cycle after cycle along a branch, from two that are on it, until it is lost.

    The next is guessed on the line through the last two and found by Newton's method at that
    distance along the line, not at a value of the parameter: so a branch that turns back is
    followed round its fold. Steps are as long as keeps the multipliers' change small.

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory, chapter 10 (pseudo-arclength).
    """
    ratio = 1.0
    while ratio > SHORTEST:
        chord = ahead.place - here.place
        row = _row(here, ahead)
        found = solve(system, ahead, ahead.place + ratio * chord, row)
        changed = change(ahead, found)
        if not (changed <= MOST_CHANGE and _goes_on(chord, found.place - ahead.place)):
            ratio /= 2
            continue
        here, ahead = ahead, found
        ratio = min(2.0, max(0.5, CHANGE / max(changed, 1e-12)))
        yield ahead


def first_crossing(
    system: System, here: Spot, ahead: Spot, *, until: float, most: int = 1000
) -> Crossing | None:
    """Return where a multiplier of a followed cycle first leaves the unit circle, or None.

    Parameters
    ----------
    here, ahead
        Two cycles of the branch, which is followed from the first through the second.
    until
        Value of the parameter at which to stop, above or below; infinite for none.
    most
        Most cycles to follow.
    """
    neutral = neutral_ones(ahead)
    upwards = math.copysign(1, until - here.value)
    course = itertools.islice(itertools.chain([ahead], follow(system, here, ahead)), most)
    for before, after in itertools.pairwise(course):
        inside, outside = margins(before, neutral), margins(after, neutral)
        ways = [way for way in inside if inside[way] > 0 >= outside[way]]
        if ways:
            met = [_refined(system, way, neutral, before, after) for way in ways]
            return min(met, key=lambda one: float(np.linalg.norm(one.at.place - before.place)))
        if (after.value - until) * upwards >= 0:
            return None
    return None


def branch(system: System, at: Spot, multiplier: int, side: int) -> Spot | None:
    """Return a cycle of the branch that leaves another along a critical eigenvector, or None.

    Newton's method looks for it at a given distance along the eigenvector, and finds the value of
    the parameter, too. For the multiplier -1 it is twice as long as the one it leaves.

    Parameters
    ----------
    at
        The cycle at the bifurcation.
    multiplier
        Which multiplier is critical, -1 or +1.
    side
        Along the eigenvector or against it: +1 or -1.
    """
    values, vectors = np.linalg.eig(at.jacobian)
    along = vectors[:, np.argmin(np.abs(values - multiplier))].real
    row = np.append(along / np.linalg.norm(along), 0.0)
    times = 2 if multiplier < 0 else 1
    longer = at._replace(
        period=at.period * times, jacobian=np.linalg.matrix_power(at.jacobian, times)
    )
    for distance in side * NEARBY * (1 + np.abs(at.place[:-1]).max()):
        found = solve(system, longer, at.place + distance * row, row)
        if change(longer, found) <= CHANGE:
            return found
    return None


def _row(here: Spot, ahead: Spot) -> np.ndarray:
    """Return the direction from one cycle to another, of length 1."""
    chord = ahead.place - here.place
    unit: np.ndarray = chord / np.linalg.norm(chord)
    return unit


def change(before: Spot, after: Spot) -> float:
    """Return by how much the multiplier that changes most has changed; inf if none is known."""
    if not after.found:
        return math.inf
    apart = np.abs(before.multipliers[:, None] - after.multipliers[None])
    return float(max(apart.min(axis=0).max(), apart.min(axis=1).max()))


def _goes_on(old: np.ndarray, new: np.ndarray) -> bool:
    """Return whether a step goes on about as the one before: not back, nor far to the side."""
    return bool(old @ new > 0.3 * np.linalg.norm(old) * np.linalg.norm(new))


def _refined(system: System, way: str, neutral: int, before: Spot, after: Spot) -> Crossing:
    """Return where a margin vanishes between two cycles of a branch, by bisection.

    Each is found from the line through the two it lies between: its guess is wrong by the square of
    their distance, which is less than what Newton's method bears where two branches meet.
    """
    inside, outside, at = before, after, before
    for _ in range(BISECTIONS):
        found = solve(system, inside, (inside.place + outside.place) / 2, _row(inside, outside))
        if not (found.found and _between(inside, found, outside)):
            break
        at, margin = found, margins(found, neutral)[way]
        if abs(margin) <= ROUNDING * (1 + np.abs(found.jacobian).max()):
            break
        inside, outside = (found, outside) if margin > 0 else (inside, found)
    error = max(abs(one.value - at.value) for one in (inside, outside))
    return Crossing(way, before, at, after, error + ROUNDING * abs(at.value))


def _between(first: Spot, middle: Spot, last: Spot) -> bool:
    """Return whether a cycle lies nearer to two others than they to each other."""
    width = np.linalg.norm(last.place - first.place)
    away = [np.linalg.norm(middle.place - one.place) for one in (first, last)]
    return bool(0 < min(away) and max(away) < width)
