"""Live comparison: the runs of a comparison, played, drawn and measured.

Everything that computes happens in the player's thread or the measuring thread, never in the one
that answers the browser.
"""

from __future__ import annotations

import dataclasses
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from adaptsim.dashboard import chart
from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.chart import RUN_COLOURS, Block
from adaptsim.dashboard.limits import MOST_STEPS
from adaptsim.dashboard.player import Player, Stopped
from adaptsim.dashboard.slider_range import nice
from adaptsim.dashboard.state_words import WAITING, StateWord, state_word
from adaptsim.dashboard.track.comparison import Comparison
from adaptsim.dashboard.track.live_run import LiveRun
from adaptsim.schema import FailedRun, WrongRequest
from adaptsim.trajectory import Followed

MEASURE_EVERY = 0.5
"""Seconds between two measurements."""
LOOP_EVERY = 4
"""Frames between two of the second chart, which changes slowly."""
RUNAWAY = 30
"""Errors of so many times the usual ones do not widen the chart."""
MOST_DOTS = 5_000
"""Individuals that a chart shows of each run."""
GOLDEN = 0.6180339887498949
ROOM = 0.12
"""Part of the chart's width, to the right of now, where individuals are shown."""


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshot:
    """What a page says in words and numbers, as of a moment.

    Attributes
    ----------
    state, why : str
        What the player does (`Player`), and why it stopped.
    step : int
        Steps made.
    tables : tuple
        A table of measures for each run, ``None`` before there is any.
    words : tuple[StateWord, ...]
        What each run does.
    problem : str
        What could not be done, in a sentence.
    """

    state: str = "preparing"
    why: str = ""
    step: int = 0
    tables: tuple[Any, ...] = ()
    words: tuple[StateWord, ...] = ()
    problem: str = ""


class LiveComparison:
    """Runs side by side: told what to show by `adopt`, tells a page what happens (`listen`)."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._tell: Callable[[Snapshot], Any] | None = None
        self.snapshot = Snapshot()
        self.runs: list[LiveRun] = []
        self.course: Any = None
        self.loop: Any = None
        self._todo: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._asked, self._measuring, self._closed = False, False, False
        self._frames = 0
        self.player = Player(self._advance, self._show, self._heard)

    def listen(self, tell: Callable[[Snapshot], Any]) -> None:
        """Tell snapshots from now on, beginning with the last one."""
        self._tell = tell
        tell(self.snapshot)

    def open(self) -> None:
        """Begin: make the first steps, so that there is something to see."""
        self._do(self._restart)
        self.player.step(self.opening())

    def opening(self) -> int:
        """Return how many steps are made before anybody presses Play."""
        return min(self.comparison.window // 2, 100)

    def adopt(self, comparison: Comparison, words: str = "") -> None:
        """Go on with a changed comparison: at once where only numbers changed, else from step 0."""
        before, self.comparison = self.comparison, comparison
        self.player.speed = comparison.speed
        if _same_form(before, comparison):
            self._do(lambda: self._change(comparison, words))
            if not self.player.playing:
                self.player.refresh()
        else:
            self.reset()

    def reset(self) -> None:
        """Go back to step 0; go on playing if it was."""
        self._do(self._restart)
        if not self.player.playing:
            self.player.step(self.opening())

    def close(self) -> None:
        """End all work for good."""
        self._closed = True
        self.player.close()

    def _do(self, change: Callable[[], None]) -> None:
        self._todo.append(change)

    def _restart(self) -> None:
        comparison = self.comparison
        made = [LiveRun(one) for one in comparison.runs]
        with self._lock:
            self.runs = made
        self._say(tables=(), words=(WAITING,) * len(made), step=0, problem="")

    def _change(self, comparison: Comparison, words: str) -> None:
        with self._lock:
            for run, scenario in zip(self.runs, comparison.runs, strict=False):
                if run.scenario is not scenario:
                    run.change(scenario, words)

    def _advance(self, steps: int) -> None:
        self._catch_up()
        if steps and self.runs and all(run.steps >= run.most_steps for run in self.runs):
            kept = f"{MOST_STEPS:,} steps are kept at most"
            ends = self.runs[0].most_steps < MOST_STEPS
            raise Stopped("the recorded world ends here" if ends else f"{kept}; reset to go on")
        while steps > 0:
            some = min(steps, 10)
            for run in self.runs:
                with self._lock:
                    run.advance(some)
            steps -= some
            if self._todo:
                self._catch_up()
        self._ask()

    def _catch_up(self) -> None:
        while self._todo:
            try:
                self._todo.popleft()()
            except WrongRequest as error:
                self._say(problem=str(error))
                raise Stopped(str(error)) from None

    def _heard(self, state: str, why: str) -> None:
        if (state, why) != (self.snapshot.state, self.snapshot.why):
            self._say(state=state, why=why)
        if state != "playing":
            self._ask()

    def _say(self, **news: Any) -> None:
        if self._closed:
            return
        self.snapshot = dataclasses.replace(self.snapshot, **news)
        if self._tell is not None:
            self._tell(self.snapshot)

    def _show(self) -> int | None:
        """Send a frame to the charts."""
        course, loop = self.course, self.loop
        if course is None or loop is None or not self.runs:
            return None
        self._frames += 1
        if not self.player.playing or self._frames % LOOP_EVERY == 0:
            blocks, axes = self.phase()
            loop.push(blocks, axes=axes)
        blocks, axes = self.frame()
        return int(course.push(blocks, axes=axes))

    def frame(self) -> tuple[list[Block], dict[str, tuple[float, float]]]:
        """Return the course of the last steps: optimum, means, spread, and everybody now."""
        window = self.comparison.window
        first = max(0, max(run.steps for run in self.runs) - window)
        kept = [self._kept(run, first) for run in self.runs]
        blocks: list[Block] = []
        for index, (run, one) in enumerate(zip(self.runs, kept, strict=True)):
            clock = np.arange(first, first + len(one.output))
            spread = np.sqrt(np.maximum(one.spread, 0.0))
            low, high, colour = one.output - spread, one.output + spread, RUN_COLOURS[index]
            own = index == 0 or not np.array_equal(one.target, kept[0].target)
            shown = slice(None) if own else slice(0)
            letter = LETTERS[index]
            blocks += [
                chart.line(f"mean-{letter}", clock, one.output),
                chart.band(f"band-{letter}", clock, low, high, colour=colour, opacity=0.18),
                chart.line(f"target-{letter}", clock[shown], one.target[shown]),
                self._cloud(index, run),
            ]
        return blocks, {"x": (first, first + window * (1 + ROOM)), "y": self._range(kept)}

    def _kept(self, run: LiveRun, first: int) -> Followed:
        """Return what is shown of a run from a step on: nothing of what has run away."""
        if run.steps <= first:
            return Followed(*[np.empty(0)] * 5)
        one: Followed = run.rows(first)[self.comparison.shown]
        with np.errstate(invalid="ignore"):
            near = np.abs(one.output - one.target) <= RUNAWAY * self.scale()
        return one._replace(
            output=np.where(near, one.output, np.nan), spread=np.where(near, one.spread, 0.0)
        )

    def _cloud(self, index: int, run: LiveRun) -> Block:
        output, _ = run.individuals(self.comparison.shown)
        output = output[:MOST_DOTS]
        width = self.comparison.window * ROOM / len(self.runs)
        place = (np.arange(1, len(output) + 1) * GOLDEN) % 1 if len(output) > 1 else 0.5
        left = max(one.steps for one in self.runs) + 0.01 * self.comparison.window + index * width
        return chart.cloud(
            f"cloud-{LETTERS[index]}",
            left + width * (0.1 + 0.8 * place) + np.zeros(len(output)),
            output,
        )

    def _range(self, kept: list[Any]) -> tuple[float, float]:
        """Return the range of the y axis: everything in view, but not what runs away."""
        target = np.concatenate([one.target for one in kept])
        target = target[np.isfinite(target)]
        low, high = (target.min(), target.max()) if target.size else (0.0, 1.0)
        usual = max(self.scale(), high - low)
        for one in kept:
            spread = np.sqrt(np.maximum(one.spread, 0))
            output = np.concatenate([one.output - spread, one.output + spread])
            output = output[np.isfinite(output)]
            away = output.size and np.ptp(output) > RUNAWAY * usual
            reach = (4 if away else RUNAWAY) * usual
            seen = output[(output > low - reach) & (output < high + reach)]
            if seen.size:
                low, high = min(low, seen.min()), max(high, seen.max())
        return _rounded(low, high)

    def scale(self) -> float:
        """Return how large errors are that are nothing special, as `reading.diverged_at` has it."""
        scales = [1e-12]
        for run in self.runs:
            if run.steps:
                one = run.rows(0)[self.comparison.shown]
                target = one.target[np.isfinite(one.target)]
                moved = np.ptp(target) if target.size else 0.0
                noise = float(run.scenario.agent.observation_noise)
                scales += [abs(one.output[0] - one.target[0]), moved, noise]
        return float(np.nanmax(scales))

    def phase(self) -> tuple[list[Block], dict[str, tuple[float, float]]]:
        """Return what follows against its optimum, over the last steps."""
        window = self.comparison.window
        kept = [self._kept(run, max(0, run.steps - window)) for run in self.runs]
        low, high = self._range(kept)
        blocks = [chart.line("diagonal", (low, high), (low, high))]
        for letter, one in zip(LETTERS, kept, strict=False):
            blocks += [
                chart.line(f"loop-{letter}", one.target, one.output),
                chart.points(f"now-{letter}", one.target[-1:], one.output[-1:]),
            ]
        return blocks, {"x": (low, high), "y": (low, high)}

    def _ask(self) -> None:
        """Ask for a measurement; one thread makes them, at most two a second."""
        with self._lock:
            self._asked = True
            if self._measuring or self._closed:
                return
            self._measuring = True
        threading.Thread(target=self._measure, name="adaptsim measuring", daemon=True).start()

    def _measure(self) -> None:
        while True:
            with self._lock:
                if not self._asked or self._closed:
                    self._measuring = False
                    return
                self._asked = False
                still = [run.still() for run in self.runs]
            try:
                self.measure(still)
            except FailedRun as error:
                self._say(problem=str(error))
            except Exception:
                traceback.print_exc()
                self._say(
                    problem="The measures failed; why is told where the dashboard was started."
                )
            time.sleep(MEASURE_EVERY)

    def measure(self, still: list[LiveRun]) -> None:
        """Measure runs that stand still, and tell the page."""
        before = self.snapshot.tables or (None,) * len(still)
        tables = tuple(
            run.measured(earlier) if run.steps else None
            for run, earlier in zip(still, before, strict=False)
        )
        words = tuple(self._word(run) for run in still)
        self._say(tables=tables, words=words, step=max((run.steps for run in still), default=0))

    def _word(self, run: LiveRun) -> StateWord:
        if not run.steps:
            return WAITING
        since = run.diverged_at(self.comparison.shown, self.scale())
        scenario = run.scenario
        return state_word(
            scenario.agent, scenario.rule, scenario.environment.rest(), diverged_at=since
        )


def _same_form(before: Comparison, after: Comparison) -> bool:
    """Return whether a comparison differs from another in numbers only."""
    if len(before.runs) != len(after.runs):
        return False
    for was, now in zip(before.runs, after.runs, strict=True):
        if (was.size, was.seed) != (now.size, now.seed):
            return False
        parts: list[Any] = [
            jax.tree.structure((one.environment, one.agent, one.rule)) for one in (was, now)
        ]
        if parts[0] != parts[1]:
            return False
    return True


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Return a range a little wider, with round ends, so that axes do not jump all the time."""
    if not high > low:
        pad = max(abs(high), 1.0) * 0.5
        low, high = low - pad, high + pad
    pace = nice((high - low) / 8)
    return float(pace * np.floor(low / pace - 0.25)), float(pace * np.ceil(high / pace + 0.25))
