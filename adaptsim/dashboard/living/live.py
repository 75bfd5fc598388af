"""Live: a living system under way, computed in a thread and shown step by step. Knows no Solara."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adaptsim.dashboard.living.shown import Shown
from adaptsim.dashboard.living.system import Course, System
from adaptsim.dashboard.replay import Replay

PICTURE_EVERY = 0.25
"""Least seconds between two pictures while playing: they are slow to draw."""


class LivingSnapshot(NamedTuple):
    """What the page tells.

    Attributes
    ----------
    state : str
        ``"preparing"``, ``"playing"``, ``"paused"`` or ``"stopped"``.
    step : int
        Which step is shown.
    course : Course or None
        What became of the system; ``None`` at first.
    problem : str
        Why there is none.
    """

    state: str = "preparing"
    step: int = 0
    course: Course | None = None
    problem: str = ""


class LiveSystem(Replay):
    """A system under way: its course is computed again where its numbers changed.

    Parameters
    ----------
    shown
        What is shown at first.
    tell
        Told a `LivingSnapshot` whenever something is new.
    """

    def __init__(self, shown: Shown, tell: Callable[[LivingSnapshot], Any]) -> None:
        super().__init__(LivingSnapshot(), shown.speed, tell)
        self.shown = shown
        self.charts: tuple[Any, ...] = ()
        self._made: System | None = None
        self._drawn: tuple[System | None, int, float] = None, -1, 0.0

    def adopt(self, shown: Shown) -> None:
        """Show something else: its whole course, or from the start on while it plays."""
        other = shown.system is not self.shown.system
        self.shown, self.player.speed = shown, shown.speed
        if not other:
            return
        if self.player.playing and self._made and type(shown.system) is type(self._made):
            self._again = True
            self.player.play()
        else:
            self.player.refresh()

    def attach(self, *charts: Any) -> None:
        """Draw on charts from now on: left, right, and below if there is one."""
        self.charts, self._drawn = charts, (None, -1, 0.0)
        self.player.refresh()

    def detach(self, left: Any) -> None:
        """Draw on a chart no more."""
        if self.charts and self.charts[0] is left:
            self.charts = ()

    def _length(self) -> int:
        return self.shown.system.steps

    def _make_ready(self) -> None:
        system = self.shown.system
        if system is self._made:
            return
        if type(system) is not type(self._made):
            self.snapshot = self.snapshot._replace(course=None)
            self._say("preparing", "")
        self._made = system
        try:
            course, problem = system.course(), ""
        except (ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
            course, problem = None, f"These numbers lead nowhere: {error}"
        self.snapshot = self.snapshot._replace(course=course, step=system.steps, problem=problem)

    def _show(self) -> int | None:
        charts, course, step = self.charts, self.snapshot.course, self.snapshot.step
        if not charts or course is None:
            return None
        left, right, *below = charts
        self._draw_picture(left, course, step)
        frame = course.right(step)
        right.push(frame.blocks, axes=frame.axes)
        frame = course.left(step)
        if below and course.below:
            last = course.below(step)
            below[0].push(last.blocks, axes=last.axes)
        return int(left.push(frame.blocks, axes=frame.axes))

    def _draw_picture(self, chart: Any, course: Course, step: int) -> None:
        if course.picture is None:
            if chart.image:
                chart.image = {}
            return
        now, (made, last, when) = time.monotonic(), self._drawn
        fresh = made is self._made and last == step
        if fresh or (self.player.playing and now - when < PICTURE_EVERY):
            return
        axes = course.left(step).axes
        chart.image = {"source": course.picture(step), "x": axes["x"], "y": axes["y"]}
        self._drawn = self._made, step, now
