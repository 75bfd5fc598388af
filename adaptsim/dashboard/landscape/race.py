"""Race: what the Landscape page shows, as plain values: rules that walk from one start.

Immutable: a change is a new race. What comes from a browser passes `Race.changed` and `from_query`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np

from adaptsim.dashboard import link, offered_parts
from adaptsim.dashboard.asked import nearest, replaced
from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.limits import LARGEST, MOST_RUNS, clean
from adaptsim.dashboard.player import SPEEDS
from adaptsim.landscapes import Landscape
from adaptsim.optimization_table import speed_limit
from adaptsim.rules import GradientDescent, Momentum, Rule
from adaptsim.schema import WrongRequest, suggest

FIRST = "Himmelblau"
LENGTHS = (100, 300, 1000, 3000)
"""Steps of a walk that a page offers."""
ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""How much nearer than the whole a page may look."""
NARROW = 0.1
"""Points that cover a smaller part of a bounded domain say too little: all of it is shown."""
UNKNOWN_RATE = 0.005
"""Learning rate, in widths of the view, of a rule whose speed limit is not known."""
SHARE_OF_LIMIT = 0.5
"""Learning rate, in speed limits, of every other rule at first."""


@dataclasses.dataclass(frozen=True, eq=False)
class Race:
    """Up to four rules that walk from one start on a landscape of two coordinates.

    Attributes
    ----------
    landscape : Landscape
        Where they walk.
    rules : tuple[Rule, ...]
        Who walks.
    start : tuple[float, float]
        Where they start [trait].
    steps : int
        How long they walk.
    speed : int
        Steps a second that are shown.
    zoom : float
        How many times nearer than the whole one looks.

    Examples
    --------
    >>> race = begin("Bowl")
    >>> race.changed(0, "rule.learning_rate", "1.5").rules[0]
    GradientDescent(learning_rate=1.5)
    >>> race.changed(None, "start", ("0.5", 1e300)).start
    (0.5, 1000000000.0)
    """

    landscape: Landscape
    rules: tuple[Rule, ...]
    start: tuple[float, float]
    steps: int = 300
    speed: int = 25
    zoom: float = 1.0

    def changed(self, run: int | None, name: str, value: Any) -> Race:
        """Return the race with something changed.

        Parameters
        ----------
        run
            Which rule, where one is changed.
        name
            ``"landscape.kind"``, ``"landscape.FIELD"``, ``"rule.kind"``, ``"rule.FIELD"``,
            ``"start"``, ``"steps"``, ``"speed"`` or ``"zoom"``.
        value
            From a browser: anything.

        Raises
        ------
        WrongRequest
            If there is no such thing to change, or it cannot be that.
        """
        if name in ("steps", "speed", "zoom"):
            offered = {"steps": LENGTHS, "speed": SPEEDS, "zoom": ZOOMS}[name]
            return dataclasses.replace(self, **{name: nearest(value, offered, name)})
        if name == "start":
            return dataclasses.replace(self, start=self._inside(value))
        owner, _, field = name.partition(".")
        if owner == "landscape" and field == "kind":
            return begin(value, self)
        if owner == "landscape" and field != "dimension":
            landscape: Any = replaced(self.landscape, field, value, owner)[0]
            return dataclasses.replace(self, landscape=landscape)
        if owner == "rule" and run is not None and 0 <= run < len(self.rules):
            rules = list(self.rules)
            rules[run] = self._ruled(rules[run], field, value)
            return dataclasses.replace(self, rules=tuple(rules))
        raise WrongRequest(f"{name[:40]}: no such value; {suggest(owner, ('landscape', 'rule'))}")

    def _ruled(self, rule: Rule, field: str, value: Any) -> Rule:
        if field != "kind":
            changed: Any = replaced(rule, field, value, "rule")[0]
            return changed
        if type(rule).__name__ == value:
            return rule
        return paced(self.landscape, offered_parts.make("rule", value, offered_parts.rules()))

    def _inside(self, place: Any) -> tuple[float, float]:
        """Return a place as two numbers within the landscape's domain."""
        low, high = (np.clip(np.asarray(end), -LARGEST, LARGEST) for end in self.landscape.domain())
        told = list(place) if isinstance(place, list | tuple) and len(place) == 2 else [None, None]
        found = [clean(told[i], float(low[i]), float(high[i])) for i in (0, 1)]
        if found[0] is None or found[1] is None:
            raise WrongRequest(f"start must be two numbers; got {str(place)[:40]!r}")
        return float(found[0]), float(found[1])

    def added(self) -> Race:
        """Return the race with one rule more, like the last."""
        if len(self.rules) >= MOST_RUNS:
            raise WrongRequest(f"{MOST_RUNS} rules stand side by side at most")
        return dataclasses.replace(self, rules=(*self.rules, self.rules[-1]))

    def without(self, run: int) -> Race:
        """Return the race with one rule less; the last one stays."""
        if len(self.rules) == 1 or not 0 <= run < len(self.rules):
            return self
        return dataclasses.replace(self, rules=self.rules[:run] + self.rules[run + 1 :])

    def view(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return what of the plane is shown: ranges of both coordinates, as wide as high [trait].

        Known minima, saddles and the customary start, with half as much room around them; all of
        a bounded domain where they cover little of it.
        """
        middle, width = _frame(self.landscape)
        half = width / 2 / self.zoom
        if self.zoom > 1 and self.landscape.minima():
            middle = np.asarray(self.landscape.minima()[0].theta)
        decimals = 2 - math.floor(math.log10(width / self.zoom))
        x, y = (
            (round(float(one - half), decimals), round(float(one + half), decimals))
            for one in middle
        )
        return x, y

    def limit(self, run: int) -> float | None:
        """Return the speed limit of a rule at the lowest known minimum, in closed form.

        ``None`` where no minimum is known, or the rule has none there.
        """
        limit = limit_of(self.landscape, self.rules[run])
        return limit if math.isfinite(limit) else None

    def walks_like(self, other: Race) -> bool:
        """Return whether the walks of another race are the same."""
        return (
            self.landscape is other.landscape
            and self.rules == other.rules
            and self.start == other.start
            and self.steps == other.steps
        )

    def query(self) -> str:
        """Return the query string of a link that brings this back."""
        return urlencode(list(self._told()))

    def _told(self) -> Iterator[tuple[str, Any]]:
        begun = begin(type(self.landscape).__name__)
        yield "landscape", type(self.landscape).__name__
        yield from link.differences("landscape", begun.landscape, self.landscape)
        if len(self.rules) != len(begun.rules):
            yield "rules", len(self.rules)
        for letter, rule in zip(LETTERS, self.rules, strict=False):
            yield f"{letter}.rule.kind", type(rule).__name__
            yield from link.differences(f"{letter}.rule", type(rule)(), rule)
        if self.start != begun.start:
            yield from zip(("x", "y"), (f"{one:.9g}" for one in self.start), strict=True)
        for name in ("steps", "speed", "zoom"):
            if getattr(self, name) != getattr(begun, name):
                yield name, f"{getattr(self, name):g}"


def begin(name: Any, before: Race | None = None) -> Race:
    """Return what a landscape shows at first: two rules at half their speed limits.

    Rules, length and speed of a race before are kept; rates fit the landscape.
    """
    landscape = offered_parts.make("landscape", name, offered_parts.landscapes(2))
    x, y = (float(one) for one in landscape.start())
    rules = before.rules if before else (GradientDescent(), Momentum())
    paced_rules = tuple(paced(landscape, rule) for rule in rules)
    if before is None:
        return Race(landscape, paced_rules, (x, y))
    return dataclasses.replace(
        before, landscape=landscape, rules=paced_rules, start=(x, y), zoom=1.0
    )


def paced(landscape: Landscape, rule: Any) -> Any:
    """Return a rule with a learning rate that suits a landscape."""
    limit = limit_of(landscape, rule)
    rate = SHARE_OF_LIMIT * limit if math.isfinite(limit) else UNKNOWN_RATE * _frame(landscape)[1]
    return rule.replace(learning_rate=float(f"{rate:.2g}"))


def limit_of(landscape: Landscape, rule: Rule) -> float:
    """Return a rule's speed limit at the lowest known minimum, nan where there is none."""
    minima = landscape.minima()
    if not minima:
        return math.nan
    curvatures = np.asarray(landscape.curvatures(minima[0].theta))
    return float(speed_limit(rule, (float(curvatures[0]), float(curvatures[-1]))))


def _frame(landscape: Landscape) -> tuple[np.ndarray, float]:
    """Return middle and width of what is worth seeing of a landscape."""
    known = [one.theta for one in (*landscape.minima(), *landscape.saddles())]
    seen = np.array([np.asarray(landscape.start()), *map(np.asarray, known)])
    low, high = seen.min(axis=0), seen.max(axis=0)
    edges = np.array([np.asarray(end) for end in landscape.domain()])
    wide = float((edges[1] - edges[0]).max())
    middle, width = (low + high) / 2, 2 * float((high - low).max()) or 4.0
    if math.isfinite(wide):
        far = width < 2 * NARROW * wide
        middle, width = (edges.mean(axis=0), wide) if far else (middle, min(width, wide))
    decimals = 1 - math.floor(math.log10(width))
    return np.round(middle, decimals), 2 * math.ceil(width / 2 * 10**decimals) / 10**decimals


def from_query(query: str | None, fallback: str = FIRST) -> tuple[Race, list[str]]:
    """Return what a link shows, and sentences about what of it could not be done.

    Examples
    --------
    >>> race, problems = from_query("landscape=Canyon&rules=1&a.rule.learning_rate=0.03&zoom=x")
    >>> race.rules, race.start, problems
    ((GradientDescent(learning_rate=0.03),), (1.0, 1.0), ["zoom must be a number; got 'x'"])
    """
    told, problems = link.told(query)
    try:
        race = begin(told.pop("landscape", fallback))
    except WrongRequest as error:
        race, told = begin(fallback), {}
        problems.append(str(error))
    count = clean(told.pop("rules", None), 1, MOST_RUNS, whole=True) or len(race.rules)
    many = tuple(race.rules[min(i, len(race.rules) - 1)] for i in range(int(count)))
    race = dataclasses.replace(race, rules=many)
    changes: list[tuple[str, Any]] = sorted(
        told.items(), key=lambda one: (not one[0].endswith(".kind"), one[0])
    )
    if "x" in told or "y" in told:
        x, y = (told.get(name, was) for name, was in zip("xy", race.start, strict=True))
        changes = [one for one in changes if one[0] not in ("x", "y")] + [("start", (x, y))]
    for name, value in changes:
        letter, _, rest = name.partition(".")
        run = LETTERS.index(letter) if len(letter) == 1 and letter in LETTERS and rest else None
        try:
            race = race.changed(run, rest if run is not None else name, value)
        except WrongRequest as error:
            problems.append(str(error))
    return race, problems
