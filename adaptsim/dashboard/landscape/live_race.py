"""Live race: walks on a landscape, made in a thread and shown step by step. Knows no Solara."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim.agents import Walker
from adaptsim.comparison.outcome import classify
from adaptsim.dashboard import chart
from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.landscape.map import landscape_map
from adaptsim.dashboard.landscape.race import Race
from adaptsim.dashboard.outcome_words import outcome_word
from adaptsim.dashboard.replay import Replay
from adaptsim.dashboard.state_words import StateWord
from adaptsim.measures import stability
from adaptsim.walks import Walks, walk

TAIL = 256
"""Steps after the end by which it is judged what became of a walk."""
FAR = 20.0
"""So many widths of the view from its middle a path is cut off."""
LEAST, CLIMB = 1e-16, 1e3
"""Least loss shown above the minimum, and how far above its greatest at the start."""


class Walked(NamedTuple):
    """What became of one rule.

    Attributes
    ----------
    path : numpy.ndarray
        Where it was, shape ``(steps + 1, 2)`` [trait].
    above : numpy.ndarray
        Loss above the lowest known minimum, or the loss where none is known, ``(steps + 1,)``.
    loss : float
        Loss at the end.
    word : StateWord
        How it ended.
    """

    path: np.ndarray
    above: np.ndarray
    loss: float
    word: StateWord


class RaceSnapshot(NamedTuple):
    """What the page tells about a race.

    Attributes
    ----------
    state : str
        ``"preparing"``, ``"playing"``, ``"paused"`` or ``"stopped"``.
    step : int
        Which step is shown.
    walked : tuple[Walked, ...]
        By rule; empty before the first walks.
    problem : str
        Why there are none.
    """

    state: str = "preparing"
    step: int = 0
    walked: tuple[Walked, ...] = ()
    problem: str = ""


def floor_of(race: Race) -> float:
    """Return the lowest known loss of a race's landscape; 0 where none is known."""
    minima = race.landscape.minima()
    return float(minima[0].loss) if minima else 0.0


def walked(race: Race) -> tuple[Walked, ...]:
    """Walk all rules of a race and return what became of each.

    Examples
    --------
    >>> from adaptsim.dashboard.landscape.race import from_query
    >>> race, _ = from_query("landscape=Bowl&rules=1&a.rule.learning_rate=2.5&steps=100")
    >>> walked(race)[0].word.word
    'diverged'
    """
    rules = dict(zip(LETTERS, race.rules, strict=False))
    found = walk(
        race.landscape, rules, starts=[race.start], steps=race.steps, places=True, tail=TAIL
    )
    return tuple(_walked(one, floor_of(race)) for one in found.values())


def _walked(found: Walks, floor: float) -> Walked:
    assert found.places is not None
    assert found.tail is not None
    path, loss = found.places[0, 0, 0], found.loss[0, 0, 0]
    ends = classify(found.tail[0, 0, 0], slope=found.slope[0, 0, 0])
    lost = np.flatnonzero(~np.isfinite(loss))
    left_at = int(lost[0]) if lost.size else None
    word = outcome_word(str(ends.names), int(ends.period), left_at=left_at)
    return Walked(path, np.maximum(loss - floor, LEAST), float(loss[-1]), word)


def found_limits(race: Race) -> tuple[float, ...]:
    """Return each rule's speed limit at the lowest known minimum, found from its own step.

    The rate at which the multipliers of the step, memory included, leave the unit circle: measured,
    so to speak, where `Race.limit` has it in closed form. nan where no minimum is known.
    """
    if not race.landscape.minima():
        return tuple(float("nan") for _ in race.rules)
    kind, cue = Walker(landscape=race.landscape), jnp.zeros(1)
    return tuple(stability.speed_limit(kind, rule, cue) for rule in race.rules)


class LiveRace(Replay):
    """A race under way: makes the walks again where that is needed and shows them.

    Parameters
    ----------
    race
        What is shown at first.
    tell
        Told a `RaceSnapshot` whenever something is new.
    """

    def __init__(self, race: Race, tell: Callable[[RaceSnapshot], Any]) -> None:
        super().__init__(RaceSnapshot(), race.speed, tell)
        self.race = race
        self.map: Any = None
        self.losses: Any = None
        self._made: Race | None = None
        self._mapped: Any = None

    def adopt(self, race: Race, *, replay: bool = False) -> None:
        """Show another race: its whole walks, or from the start on."""
        self.race, self._again = race, replay
        self.player.speed = race.speed
        if replay or (self.player.playing and self._made and race.walks_like(self._made)):
            self.player.play()
        else:
            self.player.refresh()

    def _length(self) -> int:
        return self.race.steps

    def _make_ready(self) -> None:
        race = self.race
        if self._made is None or not race.walks_like(self._made):
            self._make(race)

    def _make(self, race: Race) -> None:
        before, self._made = self._made, race
        if before is None or not dataclasses.replace(race, start=before.start).walks_like(before):
            self.snapshot = self.snapshot._replace(walked=(), step=0)
            self._say("preparing", "")
            self._show()
        try:
            found, problem = walked(race), ""
        except ValueError as error:
            found, problem = (), str(error)
        self.snapshot = self.snapshot._replace(walked=found, step=race.steps, problem=problem)

    def _show(self) -> int | None:
        ground, losses = self.map, self.losses  # a page that goes away takes them from here
        if ground is None or losses is None:
            return None
        race, step, view = self.race, self.snapshot.step, self.race.view()
        if (race.landscape, view) != self._mapped:
            self._mapped = (race.landscape, view)
            source = landscape_map(race.landscape, view)
            ground.image = {"source": source, "x": list(view[0]), "y": list(view[1])}
        paths, above = _blocks(race, self.snapshot.walked, step)
        losses.push(above, axes={"x": (0, race.steps), "y": loss_range(self.snapshot.walked)})
        return int(ground.push(paths, axes={"x": view[0], "y": view[1]}))


def _blocks(
    race: Race, found: tuple[Walked, ...], step: int
) -> tuple[list[chart.Block], list[chart.Block]]:
    """Return what both charts show at a step; a rule that is not there has empty lines."""
    (x0, x1), (y0, y1) = race.view()
    paths = [
        chart.points("minima", *_columns(race.landscape.minima())),
        chart.points("saddles", *_columns(race.landscape.saddles())),
        chart.points("start", [race.start[0]], [race.start[1]]),
    ]
    losses = []
    for run, letter in enumerate(LETTERS):
        one = found[run] if run < len(found) else None
        path = np.zeros((0, 2)) if one is None else one.path[: step + 1]
        away = np.abs(path - [(x0 + x1) / 2, (y0 + y1) / 2]).max(axis=1, initial=0.0)
        with np.errstate(invalid="ignore"):
            near = path[np.minimum.accumulate(away <= FAR * (x1 - x0))] if len(path) else path
        above = np.zeros(0) if one is None else one.above[: step + 1]
        paths += [
            chart.line(f"halo-{letter}", *near.T),
            chart.line(f"path-{letter}", *near.T),
            chart.points(f"now-{letter}", *near[-1:].T),
        ]
        losses.append(chart.line(f"loss-{letter}", np.arange(len(above)), above))
    return paths, losses


def _columns(points: Any) -> np.ndarray:
    """Return both coordinates of points, shape ``(2, n)``."""
    return np.array([np.asarray(one.theta) for one in points]).reshape(-1, 2).T


def loss_range(found: tuple[Walked, ...]) -> tuple[float, float]:
    """Return from where to where the loss chart goes, powers of ten."""
    known = np.concatenate([one.above[np.isfinite(one.above)] for one in found] or [np.ones(1)])
    firsts = [float(one.above[0]) for one in found if np.isfinite(one.above[0])] or [1.0]
    low, high = max(float(known.min(initial=1.0)), LEAST), CLIMB * max(firsts)
    high = min(float(known.max(initial=low)), high)
    return float(10.0 ** np.floor(np.log10(low))), float(10.0 ** np.ceil(np.log10(high * 1.001)))
