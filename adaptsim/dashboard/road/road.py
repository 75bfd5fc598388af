"""Road: what the page Road to chaos shows, as plain values, and the numbers to it.

A learner on a landscape of one or two coordinates whose learning rate is turned up. What comes from
a browser passes `Road.changed` and `from_query`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import jax
import numpy as np

from adaptsim.dashboard import link, offered_parts
from adaptsim.dashboard.asked import nearest, replaced
from adaptsim.dashboard.landscape.race import limit_of
from adaptsim.dashboard.limits import LARGEST, clean
from adaptsim.dashboard.outcome_words import outcome_word
from adaptsim.dashboard.player import SPEEDS
from adaptsim.dashboard.state_words import StateWord
from adaptsim.dynamics import System, basin, doublings, lyapunov, orbit_diagram
from adaptsim.dynamics.state import real_state
from adaptsim.landscapes import CubicWell, DoubleWell, Landscape
from adaptsim.rules import GradientDescent, Rule
from adaptsim.schema import WrongRequest, suggest
from adaptsim.theory.period_doubling import cubic_well_exponent, double_well_exponent

FIRST = "CubicWell"
COLUMNS, AT_ONCE = 400, 50
"""Learning rates of a diagram, and how many are computed at a time."""
SETTLE, KEEP, AVERAGED = 400, 64, 800
"""Steps left out, steps drawn, and steps that an exponent is averaged over."""
SHOWN = 60
"""Steps of the first steps and of the settled orbit in the portrait."""
AT_FIRST = (0.5, 1.6, 1.1)
"""Ends of the range and the rate looked at, in speed limits."""
REACH = 3.0
"""How far from the start, in units of 1 + its size, steps are shown in the portrait."""
NARROWEST = 1e-9
"""Least part of itself that a range of rates is wide."""
EXACT: dict[type[Landscape], Callable[[float], Any]] = {
    CubicWell: cubic_well_exponent,
    DoubleWell: double_well_exponent,
}
"""Closed forms of plain descent's Lyapunov exponent."""


@dataclasses.dataclass(frozen=True, eq=False)
class Road:
    """A learner, the range of its learning rate that is shown, and the rate looked at.

    Attributes
    ----------
    landscape, rule
        The learner.
    low, high : float
        Range of the learning rate [1/curvature].
    rate : float
        The one looked at more closely.
    speed : int
        Steps a second.

    Examples
    --------
    >>> road = begin("CubicWell")
    >>> road.limit(), road.low, road.high
    (2.0, 1.0, 3.2)
    >>> road.changed("rate", 99).rate, road.zoomed(0.5, about=2.0).high
    (3.2, 2.6)
    """

    landscape: Landscape
    rule: Rule
    low: float
    high: float
    rate: float
    speed: int = 5

    def changed(self, name: str, value: Any) -> Road:
        """Return the road with something changed.

        Parameters
        ----------
        name
            ``"landscape.kind"``, ``"landscape.FIELD"``, ``"rule.kind"``, ``"rule.FIELD"``,
            ``"range"`` (two numbers), ``"rate"`` or ``"speed"``.
        value
            From a browser: anything.

        Raises
        ------
        WrongRequest
            If there is no such thing to change, or it cannot be that.
        """
        if name == "speed":
            return dataclasses.replace(self, speed=nearest(value, SPEEDS, name))
        if name == "range":
            return self._ranged(value)
        if name == "rate":
            rate = clean(value, self.low, self.high)
            if rate is None:
                raise WrongRequest(f"rate must be a number; got {str(value)[:40]!r}")
            return dataclasses.replace(self, rate=rate)
        owner, _, field = name.partition(".")
        if owner not in ("landscape", "rule") or field in ("", "dimension", "learning_rate"):
            told = suggest(owner, ("landscape", "rule", "range", "rate", "speed"))
            raise WrongRequest(f"{name[:40]}: no such value; {told}")
        if field == "kind":
            return self._of_kind(owner, value)
        part: Any = replaced(getattr(self, owner), field, value, owner)[0]
        parts: dict[str, Any] = {owner: part}
        return dataclasses.replace(self, **parts)

    def _of_kind(self, owner: str, name: Any) -> Road:
        if type(getattr(self, owner)).__name__ == name:
            return self
        if owner == "landscape":
            return begin(name, self.rule, speed=self.speed)
        rule = offered_parts.make("rule", name, offered_parts.rules(steady=True))
        return begin(type(self.landscape).__name__, rule, speed=self.speed)

    def _ranged(self, value: Any) -> Road:
        told = list(value) if isinstance(value, list | tuple) and len(value) == 2 else [None, None]
        ends = sorted(one for one in (clean(end, 0.0, LARGEST) for end in told) if one is not None)
        if len(ends) < 2:
            raise WrongRequest(f"range must be two numbers; got {str(value)[:40]!r}")
        low, high = ends
        if high - low <= NARROWEST * high:
            raise WrongRequest("range: so near to each other rates cannot be told apart")
        return dataclasses.replace(self, low=low, high=high, rate=min(max(self.rate, low), high))

    def zoomed(self, factor: float, *, about: float | None = None) -> Road:
        """Return the road with its range made wider by a factor about a rate."""
        here = self.rate if about is None else about
        low = max(0.0, here - factor * (here - self.low))
        return self._ranged((low, here + factor * (self.high - here)))

    def limit(self) -> float | None:
        """Return the speed limit at the lowest known minimum, in closed form, or ``None``."""
        limit = limit_of(self.landscape, self.rule)
        return limit if math.isfinite(limit) else None

    def exponent(self) -> float | None:
        """Return the Lyapunov exponent at the rate in closed form [1/step], or ``None``."""
        exact = EXACT.get(type(self.landscape))
        if exact is None or type(self.rule) is not GradientDescent:
            return None
        known = float(exact(self.rate))
        return None if math.isnan(known) else known

    def system(self) -> System:
        """Return the learner as a map whose learning rate is turned."""
        return System.of(self.landscape, self.rule)

    def scans_like(self, other: Road) -> bool:
        """Return whether the diagram of another road is the same."""
        same = self.landscape is other.landscape and self.rule is other.rule
        return same and (self.low, self.high) == (other.low, other.high)

    def query(self) -> str:
        """Return the query string of a link that brings this back."""
        return urlencode(list(self._told()))

    def _told(self) -> Iterator[tuple[str, Any]]:
        for owner in ("landscape", "rule"):
            part = getattr(self, owner)
            yield owner, type(part).__name__
            yield from (
                (name, value)
                for name, value in link.differences(owner, type(part)(), part)
                if name != "rule.learning_rate"
            )
        for name in ("low", "high", "rate"):
            yield name, f"{getattr(self, name):.12g}"
        if self.speed != Road.speed:
            yield "speed", self.speed


def begin(name: Any, rule: Rule | None = None, *, speed: int = Road.speed) -> Road:
    """Return what a landscape shows at first: rates about the speed limit of a rule."""
    landscape = offered_parts.make("landscape", name, offered_parts.landscapes(1, 2))
    rule = rule or GradientDescent()
    limit = limit_of(landscape, rule)
    pace = limit if math.isfinite(limit) and limit > 0 else 1.0
    low, high, rate = (float(f"{part * pace:.6g}") for part in AT_FIRST)
    return Road(landscape, rule, low, high, rate, speed)


def from_query(query: str | None, fallback: str = FIRST) -> tuple[Road, list[str]]:
    """Return what a link shows, and sentences about what of it could not be done.

    Examples
    --------
    >>> road, problems = from_query("landscape=DoubleWell&low=0.8&high=1.6&rate=1.4")
    >>> road.low, road.high, road.rate, problems
    (0.8, 1.6, 1.4, [])
    """
    told, problems = link.told(query)
    try:
        road = begin(told.pop("landscape", fallback))
    except WrongRequest as error:
        road, told = begin(fallback), {}
        problems.append(str(error))
    changes: list[tuple[str, Any]] = []
    if "rule" in told:
        changes.append(("rule.kind", told.pop("rule")))
    ends = {name: told.pop(name) for name in ("low", "high") if name in told}
    rate = told.pop("rate", None)
    changes += sorted(told.items())
    for name, value in changes:
        road, problems = _tried(road, name, value, problems)
    if ends:
        both = (ends.get("low", road.low), ends.get("high", road.high))
        road, problems = _tried(road, "range", both, problems)
    if rate is not None:
        road, problems = _tried(road, "rate", rate, problems)
    return road, problems


def _tried(road: Road, name: str, value: Any, problems: list[str]) -> tuple[Road, list[str]]:
    try:
        return road.changed(name, value), problems
    except WrongRequest as error:
        return road, [*problems, str(error)]


class Scan(NamedTuple):
    """Orbits and exponents over learning rates, as far as they are computed.

    Attributes
    ----------
    rates : numpy.ndarray
        Shape ``(v,)`` [1/curvature].
    positions : numpy.ndarray
        First coordinates of settled orbits, shape ``(v, KEEP)``; nan where they diverged.
    exponents : numpy.ndarray
        Largest Lyapunov exponents, shape ``(v,)`` [1/step].
    """

    rates: np.ndarray
    positions: np.ndarray
    exponents: np.ndarray


def scan(
    road: Road, report: Callable[[float], Any], show: Callable[[Scan], Any] = lambda _: None
) -> Scan:
    """Compute the diagram of a road, a few rates at a time.

    Parameters
    ----------
    road
        What is shown.
    report
        Told how much is done, 0 to 1; may raise to end it.
    show
        Told what there is after each part.
    """
    system, rates = road.system(), np.linspace(road.low, road.high, COLUMNS)
    found = Scan(rates[:0], np.zeros((0, KEEP)), np.zeros(0))
    for first in range(0, COLUMNS, AT_ONCE):
        report(first / COLUMNS)
        some = rates[first : first + AT_ONCE]
        orbits = orbit_diagram(system, some, settle=SETTLE, keep=KEEP)
        grown = lyapunov(system, some, n=AVERAGED, settle=SETTLE)
        parts = (some, orbits.positions[:, 0, :, 0], grown.exponents[:, 0])
        found = Scan(*(np.concatenate(pair) for pair in zip(found, parts, strict=True)))
        report((first + len(some)) / COLUMNS)
        show(found)
    return found


def first_doubling(road: Road) -> float:
    """Return the rate at which the period doubles first, found by following the fixed point.

    nan where no fixed point attracts at half the speed limit, or none doubles up to twice it.

    Examples
    --------
    >>> round(first_doubling(begin("CubicWell")), 9)
    2.0
    """
    limit = road.limit() or road.rate
    cascade = doublings(road.system(), 0.5 * limit, 1, until=2 * limit)
    return float(cascade.values[0]) if len(cascade.values) else math.nan


class Portrait(NamedTuple):
    """What happens at one learning rate.

    Attributes
    ----------
    kind : str
        ``"cobweb"`` (one number is carried), ``"return map"`` (one coordinate and a memory) or
        ``"phase"`` (two coordinates).
    curve : numpy.ndarray
        The map itself, shape ``(c, 2)``: where one is, where one goes; empty but for a cobweb.
    first, settled : numpy.ndarray
        First steps from the start and steps after settling, shape ``(k, 2)``: corners of the
        cobweb, or points of the portrait; what is not finite has left.
    word : StateWord
        What becomes of the start.
    exponent : float
        Largest Lyapunov exponent [1/step].
    """

    kind: str
    curve: np.ndarray
    first: np.ndarray
    settled: np.ndarray
    word: StateWord
    exponent: float


def portrait(road: Road) -> Portrait:
    """Return what happens at the rate of a road.

    Examples
    --------
    >>> seen = portrait(begin("CubicWell").changed("rate", 2.2))
    >>> seen.kind, seen.word.word
    ('cobweb', 'cycling')
    """
    system, start = road.system(), np.asarray(road.landscape.start())
    first, settled = (
        orbit_diagram(system, [road.rate], settle=settle, keep=SHOWN, bound=math.inf).positions[
            0, 0
        ]
        for settle in (0, SETTLE)
    )
    first = np.vstack([start, first])
    ends = basin(system, start[None], [road.rate], settle=SETTLE, keep=256)
    exponent = float(ends.exponents[0, 0])
    word = outcome_word(str(ends.names[0, 0]), int(ends.periods[0, 0]), exponent=exponent)
    if len(start) > 1:
        return Portrait("phase", np.zeros((0, 2)), first, settled, word, exponent)
    carried = real_state(system.begin(road.rate))[0].size
    if carried > 1:
        first, settled = (np.column_stack([one[:-1, 0], one[1:, 0]]) for one in (first, settled))
        return Portrait("return map", np.zeros((0, 2)), first, settled, word, exponent)
    curve = _curve(system, road.rate, shown_range([*first[:, 0], *settled[:, 0]], float(start[0])))
    first, settled = (_corners(one[:, 0]) for one in (first, settled))
    return Portrait("cobweb", curve, first, settled, word, exponent)


def _corners(orbit: np.ndarray) -> np.ndarray:
    """Return the corners of a cobweb: up to the map, across to the diagonal, and so on."""
    here = np.repeat(orbit, 2)
    return np.column_stack([here[:-1], here[1:]])


def shown_range(orbits: Any, start: float) -> tuple[float, float]:
    """Return from where to where steps of one coordinate are shown: those not too far off."""
    seen = np.append(np.ravel(orbits), start)
    with np.errstate(invalid="ignore"):
        near = seen[np.abs(seen - start) <= REACH * (1 + abs(start))]
    low, high = float(near.min()), float(near.max())
    room = 0.1 * (high - low) or 0.1
    return low - room, high + room


def _curve(system: System, rate: float, span: tuple[float, float]) -> np.ndarray:
    places = np.linspace(*span, 201)
    return np.column_stack([places, np.asarray(_one_step(system, rate, places))])


@jax.jit
def _one_step(system: System, rate: Any, places: Any) -> Any:
    def one(place: Any) -> Any:
        return system.observe(system.step(system.begin(rate, place[None]), rate))[0]

    return jax.vmap(one)(places)
