"""Thresholds: the values of the parameter at which the period doubles, and where that ends."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from adaptsim.dynamics.branches import (
    MOST_CHANGE,
    Crossing,
    branch,
    change,
    first_crossing,
    margins,
    neutral_ones,
)
from adaptsim.dynamics.cycles import Spot, settled_spot, solve
from adaptsim.dynamics.orbits import at_least
from adaptsim.dynamics.system import System

PERIOD_DOUBLING = "period doubling"
FOLD = "fold"
PITCHFORK = "pitchfork"
TRANSCRITICAL = "transcritical"
NEIMARK_SACKER = "Neimark-Sacker"

FIRST_STEP = 1e-3
"""The first step along a branch, as part of the parameter's value."""


class Bifurcation(NamedTuple):
    """A value of the parameter at which a cycle loses its stability.

    Attributes
    ----------
    kind : str
        ``"period doubling"`` (a multiplier passes -1), ``"Neimark-Sacker"`` (a complex pair leaves
        the circle), or, where one passes +1: ``"fold"`` (the branch turns back), ``"pitchfork"``
        (two new cycles on one side: symmetry is broken), ``"transcritical"`` (the new cycle is on
        both sides).
    value : float
        Value of the parameter.
    error : float
        Bound on its error: so far away the multiplier lies clearly inside or outside.
    period : int
        Period of the cycle that loses its stability.
    multiplier : complex
        The critical one.
    supercritical : bool or None
        Whether the new cycle is where the old one is unstable (it then attracts, near by); None
        where there is none, or the branch stands upright as in a bowl.
    cycle : Spot
        The cycle there.
    beyond : Spot or None
        A cycle of the branch that takes over, near by.
    """

    kind: str
    value: float
    error: float
    period: int
    multiplier: complex
    supercritical: bool | None
    cycle: Spot
    beyond: Spot | None


class Cascade(NamedTuple):
    """What happened to a cycle as the parameter turned, branch after branch.

    Attributes
    ----------
    bifurcations : tuple of Bifurcation
        In the order in which they were met.
    ended : str
        Why no more were looked for.
    """

    bifurcations: tuple[Bifurcation, ...]
    ended: str

    @property
    def doublings(self) -> tuple[Bifurcation, ...]:
        """Those at which the period doubles."""
        return tuple(one for one in self.bifurcations if one.kind == PERIOD_DOUBLING)

    @property
    def values(self) -> np.ndarray:
        """Values of the parameter at which the period doubles, shape ``(m,)``."""
        return np.array([one.value for one in self.doublings])

    @property
    def errors(self) -> np.ndarray:
        """Bounds on their errors, shape ``(m,)``."""
        return np.array([one.error for one in self.doublings])

    @property
    def periods(self) -> np.ndarray:
        """The periods that double there, shape ``(m,)``."""
        return np.array([one.period for one in self.doublings])

    @property
    def deltas(self) -> np.ndarray:
        """Ratios of successive distances of the doublings, shape ``(m - 2,)``; see `deltas`."""
        return deltas(self.values)

    @property
    def accumulation(self) -> tuple[float, float]:
        """Where the doublings accumulate, and the error of that; see `accumulation`."""
        return accumulation(self.values)


def doublings(
    system: System,
    first: float,
    count: int = 5,
    *,
    period: int = 1,
    near: Any = None,
    until: float = math.inf,
    settle: int = 1000,
) -> Cascade:
    """Return the values of the parameter at which a cycle's period doubles, again and again.

    The cycle in which the system settles at ``first`` is followed, by Newton's method on the whole
    state, to where one of its multipliers leaves the unit circle; that is located by bisection of
    the multiplier (Brent), never by looking at orbits. At -1 the cycle of twice the period, found
    along the eigenvector, is followed next; at +1 one of the two cycles of a pitchfork, or the
    cycle that takes over. The cascade ends at a fold, at a complex pair, where the new cycle does
    not attract, or when ``count`` doublings are found.

    Parameters
    ----------
    system
        What moves.
    first
        Value of the parameter to begin with, at which a cycle attracts.
    count
        How many doublings to look for. In double precision about 9 are told apart.
    period
        Period of the cycle to begin with.
    near
        Where it is, traits of shape ``(d,)``; by default where the system's own start leads.
    until
        Value at which to stop; one below ``first`` turns the parameter down.
    settle
        Steps towards the cycle before Newton's method begins.

    Returns
    -------
    Cascade
        Empty where the system does not settle in a cycle at ``first``.

    Raises
    ------
    ValueError
        For a first value that is not finite, or numbers below 1.

    Examples
    --------
    Descent in a double well, where the second threshold is ``sqrt(5) - 1``:

    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> cascade = doublings(System.of(DoubleWell(), GradientDescent()), 0.7, 3)
    >>> cascade.values.round(6).tolist(), bool((cascade.errors < 1e-9).all())
    ([1.0, 1.236068, 1.288032], True)

    References
    ----------
    Feigenbaum, Quantitative universality for a class of nonlinear transformations, J. Stat. Phys.
    19 (1978) 25-52; Kuznetsov, Elements of Applied Bifurcation Theory, chapters 4 and 10.
    """
    at_least(count=(count, 1), period=(period, 1))
    if not math.isfinite(first):
        raise ValueError(f"first must be finite; got {first}")
    here = settled_spot(system, first, period, near=near, settle=settle)
    if not here.found:
        return Cascade((), f"no cycle of period {period} found at {first:g}")
    if np.abs(here.multipliers).max() > 1 + 1e-9:
        return Cascade((), f"the cycle of period {period} at {first:g} does not attract")
    ahead = _beside(system, here, until)
    if ahead is None:
        return Cascade((), f"the cycle of period {period} at {first:g} attracts no further on")
    return _cascade(system, here, ahead, count, until)


def deltas(values: Any) -> np.ndarray:
    """Return the ratios of successive distances, ``(a_k - a_k-1) / (a_k+1 - a_k)``.

    They tend to Feigenbaum's 4.669... where a map has a quadratic hump.

    Examples
    --------
    >>> deltas([0.0, 1.0, 1.5]).tolist()
    [2.0]
    """
    steps = np.diff(np.asarray(values, float))
    return steps[:-1] / steps[1:]


def accumulation(values: Any) -> tuple[float, float]:
    """Return the limit of a sequence of thresholds, and an estimate of its error.

    Aitken's extrapolation of the last three, which supposes that distances shrink geometrically but
    not by which ratio; the error is how far the one before was off, or nan with fewer than four.

    Examples
    --------
    >>> limit, error = accumulation([1.0, 1.5, 1.75, 1.875])
    >>> limit, error
    (2.0, 0.0)

    References
    ----------
    Aitken, Proc. Royal Soc. Edinburgh 46 (1926) 289-305.
    """
    known = np.asarray(values, float)
    if len(known) < 3:
        return math.nan, math.nan
    steps = np.diff(known)
    limits = known[2:] + steps[1:] ** 2 / (steps[:-1] - steps[1:])
    return float(limits[-1]), float(abs(limits[-1] - limits[-2])) if len(limits) > 1 else math.nan


def _beside(system: System, here: Spot, until: float) -> Spot | None:
    """Return the cycle at a value a little further on, where it still attracts; None if nowhere."""
    row = np.zeros(len(here.place))
    row[-1] = 1.0
    step = math.copysign(FIRST_STEP * (abs(here.value) or 1.0), until - here.value)
    for shorter in 0.5 ** np.arange(20):
        ahead = solve(system, here, here.place + shorter * step * row, row)
        near = change(here, ahead) < MOST_CHANGE
        if near and min(margins(ahead, neutral_ones(ahead)).values()) > 0:
            return ahead
    return None


def _cascade(system: System, here: Spot, ahead: Spot, count: int, until: float) -> Cascade:
    met: list[Bifurcation] = []
    while True:
        crossing = first_crossing(system, here, ahead, until=until)
        if crossing is None:
            told = f"the cycle of period {here.period} was followed without a further one"
            return Cascade(tuple(met), told)
        bifurcation = named(system, crossing)
        met.append(bifurcation)
        if sum(one.kind == PERIOD_DOUBLING for one in met) == count:
            return Cascade(tuple(met), f"{count} doublings found")
        if bifurcation.beyond is None:
            return Cascade(tuple(met), _dead_end(bifurcation))
        here, ahead = bifurcation.cycle, bifurcation.beyond
        here = here._replace(period=ahead.period)


def _dead_end(bifurcation: Bifurcation) -> str:
    """Return why nothing can be followed beyond a bifurcation."""
    if bifurcation.kind in (FOLD, NEIMARK_SACKER):
        return f"no cycle takes over at a {bifurcation.kind} bifurcation"
    if bifurcation.supercritical is False:
        return "the new cycle lies where the old one attracts, and does not (subcritical)"
    return "no new cycle could be told from the old one"


def named(system: System, crossing: Crossing) -> Bifurcation:
    """Return the bifurcation that a crossing of the unit circle is, with the branch beyond it."""
    at, side = crossing.at, math.copysign(1, crossing.after.value - crossing.at.value)
    if crossing.exit == "pair":
        return _made(crossing, NEIMARK_SACKER, None, None)
    if crossing.exit == "-1":
        new = branch(system, at, -1, 1)
        return _made(crossing, PERIOD_DOUBLING, new, _supercritical(at, new, side))
    if (crossing.before.value - at.value) * side > 0:
        return _made(crossing, FOLD, None, None)
    up, down = branch(system, at, 1, 1), branch(system, at, 1, -1)
    ahead = [_supercritical(at, one, side) for one in (up, down)]
    if ahead[0] is not ahead[1]:
        return _made(crossing, TRANSCRITICAL, up if ahead[0] else down, True)
    return _made(crossing, PITCHFORK, up, ahead[0])


def _supercritical(at: Spot, new: Spot | None, side: float) -> bool | None:
    """Return whether a new branch lies on one side of a bifurcation; None if upright or missing."""
    if new is None or abs(new.value - at.value) <= 1e-12 * (1 + abs(at.value)):
        return None
    return (new.value - at.value) * side > 0


def _made(
    crossing: Crossing, kind: str, beyond: Spot | None, supercritical: bool | None
) -> Bifurcation:
    at = crossing.at
    on_circle = {"-1": -1.0, "+1": 1.0}.get(crossing.exit)
    off = np.abs(at.multipliers) - 1 if on_circle is None else at.multipliers - on_circle
    pair = on_circle is None
    critical = at.multipliers[np.argmin(np.abs(off) + (pair & (at.multipliers.imag <= 0)) * 10)]
    beyond = beyond if supercritical else None
    return Bifurcation(
        kind, at.value, crossing.error, at.period, complex(critical), supercritical, at, beyond
    )
