"""Live road: the charts of the page Road to chaos, fed from threads. Knows no Solara."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adaptsim.dashboard import chart
from adaptsim.dashboard.replay import Replay
from adaptsim.dashboard.road.road import SHOWN, Portrait, Road, Scan, portrait, scan, shown_range

DEEPEST = -2.0
"""Least Lyapunov exponent shown [1/step]."""


class RoadSnapshot(NamedTuple):
    """What the page tells about a road.

    Attributes
    ----------
    state : str
        ``"preparing"``, ``"playing"``, ``"paused"`` or ``"stopped"``.
    step : int
        How many of the first steps are shown.
    seen : Portrait or None
        What happens at the rate; ``None`` at first.
    problem : str
        Why there is nothing to see.
    """

    state: str = "preparing"
    step: int = 0
    seen: Portrait | None = None
    problem: str = ""


class LiveRoad(Replay):
    """A road under way: makes the portrait again where that is needed, shows it step by step.

    Parameters
    ----------
    road
        What is shown at first.
    tell
        Told a `RoadSnapshot` whenever something is new.
    """

    def __init__(self, road: Road, tell: Callable[[RoadSnapshot], Any]) -> None:
        super().__init__(RoadSnapshot(), road.speed, tell)
        self.road = road
        self.orbits: Any = None
        self.exponents: Any = None
        self.portrait: Any = None
        self.scan: Scan | None = None
        self.doubling = float("nan")
        self._made: Road | None = None
        self._drawing = threading.Lock()

    def adopt(self, road: Road) -> None:
        """Show another road."""
        self.road = road
        self.player.speed = road.speed
        self.player.refresh()

    def compute(self, road: Road, report: Callable[[float], Any]) -> Scan:
        """Compute the diagram of a road and show it as it grows."""
        return scan(road, report, self._scanned)

    def found(self, doubling: float) -> None:
        """Mark the rate at which the first doubling was found."""
        self.doubling = doubling
        self.draw_diagram()

    def _scanned(self, found: Scan) -> None:
        self.scan = found
        self.draw_diagram()

    def _length(self) -> int:
        return SHOWN

    def _make_ready(self) -> None:
        road = self.road
        if self._made is None or not _same(road, self._made):
            self._make(road)

    def _make(self, road: Road) -> None:
        if self.snapshot.seen is None:
            self._say("preparing", "")
        self._made = road
        self.snapshot = self.snapshot._replace(seen=portrait(road), step=SHOWN, problem="")
        self.draw_diagram()

    def _show(self) -> int | None:
        portrait, seen = self.portrait, self.snapshot.seen
        if portrait is None or seen is None:
            return None
        blocks, axes = portrait_blocks(seen, self.snapshot.step, self.road)
        return int(portrait.push(blocks, axes=axes))

    def draw_diagram(self) -> None:
        """Draw orbits and exponents with their marks, as far as they are computed."""
        with self._drawing:
            orbits, exponents = self.orbits, self.exponents
            if orbits is None or exponents is None:
                return
            found = self.scan or Scan(np.zeros(0), np.zeros((0, 1)), np.zeros(0))
            marks = {
                "rate": self.road.rate,
                "limit": self.road.limit() or float("nan"),
                "doubling": self.doubling,
            }
            x = (self.road.low, self.road.high)
            (blocks, y), (lower, grown) = orbit_blocks(found, marks), exponent_blocks(found, marks)
            orbits.push(blocks, axes={"x": x, "y": y})
            exponents.push(lower, axes={"x": x, "y": grown})


def _same(road: Road, other: Road) -> bool:
    return road.landscape is other.landscape and road.rule is other.rule and road.rate == other.rate


def orbit_blocks(
    found: Scan, marks: dict[str, float]
) -> tuple[list[chart.Block], tuple[float, float]]:
    """Return the dots of an orbit diagram with marks, and the range of the upright axis."""
    across = np.repeat(found.rates, found.positions.shape[1])
    up = found.positions.ravel()
    inside = np.isfinite(up)
    y = _with_room(up[inside], 0.06)
    return [chart.cloud("orbits", across[inside], up[inside]), *_marks(marks, y)], y


def exponent_blocks(
    found: Scan, marks: dict[str, float]
) -> tuple[list[chart.Block], tuple[float, float]]:
    """Return the line of the exponents, what of it is chaos, and the range of the upright axis."""
    grown = found.exponents
    known = grown[np.isfinite(grown)]
    y = _with_room(np.append(np.maximum(known, DEEPEST), (-0.5, 0.2)), 0.05)
    with np.errstate(invalid="ignore"):
        chaos = np.where(grown > 0, grown, np.nan)
    blocks = [
        chart.line("exponent", found.rates, np.maximum(grown, 2 * DEEPEST)),
        chart.line("chaos", found.rates, chaos),
        chart.line("zero", found.rates, np.zeros_like(grown)),
    ]
    return [*blocks, *_marks(marks, y)], y


def _marks(marks: dict[str, float], y: tuple[float, float]) -> list[chart.Block]:
    return [chart.line(name, [value, value], list(y)) for name, value in marks.items()]


def _with_room(values: np.ndarray, share: float) -> tuple[float, float]:
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    room = share * (high - low) or share
    return low - room, high + room


def portrait_blocks(
    seen: Portrait, step: int, road: Road
) -> tuple[list[chart.Block], dict[str, tuple[float, float]]]:
    """Return a portrait with so many of its first steps, and the ranges of both axes."""
    start = np.asarray(road.landscape.start(), float)
    if seen.kind == "phase":
        x, y = (
            shown_range(np.concatenate([seen.first[:, i], seen.settled[:, i]]), float(start[i]))
            for i in (0, 1)
        )
    else:
        x = y = shown_range(np.concatenate([seen.first, seen.settled]), float(start[0]))
    corners = 2 * step + 1 if seen.kind == "cobweb" else step + 1
    first = seen.first[:corners]
    settled = seen.settled if step >= SHOWN else seen.settled[:0]
    diagonal = np.array(x if seen.kind != "phase" else ())
    return [
        chart.line("map", *seen.curve.T),
        chart.line("diagonal", diagonal, diagonal),
        chart.line("first", *first.T),
        chart.line("settled", *(settled if seen.kind == "cobweb" else settled[:0]).T),
        chart.points("places", *(settled[:0] if seen.kind == "cobweb" else settled).T),
        chart.points("now", *first[-1:].T),
    ], {"x": x, "y": y}
