"""Recommender bubble: a score that learns from what was taken, and feeds on itself."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from adaptsim import theory
from adaptsim.dashboard import chart
from adaptsim.dashboard.chart import RUN_COLOURS
from adaptsim.dashboard.living.system import Course, Frame, System
from adaptsim.dashboard.number_table import Cell, Row
from adaptsim.dashboard.state_words import StateWord
from adaptsim.part import field
from adaptsim.recommending import gap_courses

KNOWN = theory.recommender
THRESHOLD = 2.0
"""Sharpness from which a gap feeds itself, the pitchfork."""
SHARPEST = 6.0
USERS, SHOWN = 400, 8
"""Users, and of how many the course is drawn."""
SETTLED = 0.75
RANGE = (-1.2, 1.2)


class Bubble(System):
    """Users, each shown the one of two items that scores higher."""

    title: ClassVar[str] = "Recommender bubble"
    question: ClassVar[str] = "When does recommending what was taken split users into bubbles?"
    about: ClassVar[tuple[str, str]] = (
        "Score gaps of users against steps, and where theory has them rest",
        "Score gaps of all users now, on the pitchfork of theory",
    )
    legend: ClassVar[str] = "Each thin line and each dot is a user; dashed is theory."
    steps: ClassVar[int] = 400
    looks: ClassVar[tuple[dict[str, Any], dict[str, Any]]] = (
        chart.option(
            "steps [step]",
            "score gap of a user [1]",
            [
                chart.line_series("users", "some users", RUN_COLOURS[0], width=1, opacity=0.7),
                chart.line_series("size", "mean size of all", RUN_COLOURS[1], width=2.5),
                chart.line_series("rest", "rest (theory)", "$ink", width=1.5, type="dashed"),
            ],
        ),
        chart.option(
            "sharpness k [1]",
            "score gap [1]",
            [
                chart.line_series("branch", "rest (theory)", "$ink", width=1.5, type="dashed"),
                chart.cloud_series("now", "", RUN_COLOURS[0], 5.0),
            ],
        ),
    )

    sharpness: float = field(
        default=3.0, help="how sharply choices follow scores", at_least=0, at_most=SHARPEST
    )
    learning_rate: float = field(
        default=0.05, unit="1/step", help="of the score", at_least=0.005, at_most=1
    )

    def marks(self) -> dict[str, tuple[float, str]]:
        """Return the pitchfork."""
        return {"sharpness": (THRESHOLD, "bubbles from 2")}

    def course(self) -> Course:
        """Let all users begin undecided."""
        gaps = gap_courses(
            self.sharpness, self.learning_rate, users=USERS, steps=self.steps, seed=1
        )
        late = gaps[int(SETTLED * self.steps) :]
        split = self.sharpness > THRESHOLD
        rest = float(KNOWN.bubble(self.sharpness))
        spread = float(KNOWN.bubble_spread(self.sharpness, self.learning_rate))
        size = Cell(float(np.abs(late).mean()), rest if split else np.nan,
                    "Theory is of small rates at rest; slow ones are still under way.")  # fmt: skip
        rows = (
            Row("size", "Mean size of the gap", "1", [size]),
            Row("spread", "Spread about 0", "1", [Cell(float(np.sqrt((late**2).mean())), spread)]),
            Row("side", "Users who prefer item 1", "1", [Cell(float((late[-1] > 0).mean()), 0.5)]),
        )
        return Course(
            self._word(split),
            rows,
            lambda step: self._over_time(gaps, step, rest),
            lambda step: self._pitchfork(gaps, step),
            {"step": np.arange(len(gaps)), "mean_size": np.abs(gaps).mean(axis=1),
             **{f"user_{i}": gaps[:, i] for i in range(SHOWN)}},
        )  # fmt: skip

    def _word(self, split: bool) -> StateWord:
        if split:
            return StateWord("in a bubble", "What was taken once is shown more, and taken more.",
                             "alarm")  # fmt: skip
        if self.sharpness > 0.8 * THRESHOLD:
            return StateWord("swaying", "Gaps fade, but ever more slowly near k = 2.", "care")
        return StateWord("open", "A gap fades: users keep seeing both items.", "calm")

    def _over_time(self, gaps: np.ndarray, step: int, rest: float) -> Frame:
        time = np.append(np.arange(step), np.nan)
        each = [np.append(gaps[:step, user], np.nan) for user in range(SHOWN)]
        ends = np.array([0.0, self.steps, np.nan])
        blocks = [
            chart.line("users", np.tile(time, SHOWN), np.concatenate(each)),
            chart.line("size", np.arange(step), np.abs(gaps[:step]).mean(axis=1)),
            chart.line("rest", np.tile(ends, 2), [rest, rest, np.nan, -rest, -rest, np.nan]),
        ]
        return Frame(blocks, {"x": (0.0, float(self.steps)), "y": RANGE})

    def _pitchfork(self, gaps: np.ndarray, step: int) -> Frame:
        k = np.linspace(THRESHOLD, SHARPEST, 120)
        up = np.asarray(KNOWN.bubble(k))
        gap = np.full(1, np.nan)
        fork = (
            np.concatenate([k, gap, k, gap, [0.0, THRESHOLD]]),
            np.concatenate([up, gap, -up, gap, [0.0, 0.0]]),
        )
        now = gaps[max(step, 1) - 1]
        blocks = [
            chart.line("branch", fork[0], fork[1]),
            chart.cloud("now", np.full(len(now), self.sharpness), now),
        ]  # fmt: skip
        return Frame(blocks, {"x": (0.0, SHARPEST), "y": RANGE})
