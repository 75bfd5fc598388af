"""Recommender bubble: a score that learns from what was taken, and feeds on itself."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from adaptsim import theory
from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.chart import DASHES, RUN_COLOURS
from adaptsim.dashboard.living.system import Course, Frame, System
from adaptsim.dashboard.number_table import Cell, Row
from adaptsim.dashboard.slider_range import Mark
from adaptsim.dashboard.state_words import StateWord
from adaptsim.part import field
from adaptsim.recommending import gap_courses

KNOWN = theory.recommender
THRESHOLD = 2.0
"""Sharpness from which a gap feeds itself, the pitchfork."""
SHARPEST = 6.0
USERS, SHOWN = 400, 5
"""Users, and of how many the course is drawn."""
PAIR = tuple(zip("ab", RUN_COLOURS, strict=False))
"""Letter and colour of both learning rates."""
WIDE = 0.3
BESIDE = np.arange(1, USERS + 1) * 0.618034 % 1
"""How wide users stand at their sharpness in the pitchfork, and where."""
SETTLED = 0.75
RANGE = (-1.2, 1.2)


class Bubble(System):
    """Users, each shown the one of two items that scores higher."""

    title: ClassVar[str] = "Recommender bubble"
    question: ClassVar[str] = "When does recommending what was taken split users into bubbles?"
    about: ClassVar[tuple[str, ...]] = (
        "Score gaps of users against steps, and where theory has them rest",
        "Score gaps of all users now, on the pitchfork of theory",
    )
    legend: ClassVar[str] = (
        "Each thin line and each dot is a user, under the learning rate a or b; dashed is theory."
    )
    steps: ClassVar[int] = 400
    looks: ClassVar[tuple[dict[str, Any], ...]] = (
        chart.option(
            "steps [step]",
            "score gap of a user [1]",
            [
                *[
                    chart.line_series(f"users-{letter}", "", colour, width=1, opacity=0.45)
                    for letter, colour in PAIR
                ],
                *[
                    chart.line_series(
                        f"size-{letter}", f"mean size of {letter}", colour, width=3, type=DASHES[i]
                    )
                    for i, (letter, colour) in enumerate(PAIR)
                ],
                chart.line_series("rest", "rest (theory)", "$ink", width=1.5, type="dashed"),
            ],
            yAxis=INNER,
        ),
        chart.option(
            "sharpness k [1]",
            "score gap [1]",
            [
                chart.line_series("branch", "rest (theory)", "$ink", width=1.5, type="dashed"),
                *[chart.cloud_series(f"now-{letter}", "", colour, 4.0) for letter, colour in PAIR],
            ],
            yAxis=INNER,
        ),
    )

    sharpness: float = field(
        default=3.0, help="how sharply choices follow scores", at_least=0, at_most=SHARPEST
    )
    rate_a: float = field(
        default=0.05, unit="1/step", help="learning rate of scores a", at_least=0.005, at_most=1
    )
    rate_b: float = field(
        default=0.4, unit="1/step", help="learning rate of scores b", at_least=0.005, at_most=1
    )

    def marks(self) -> dict[str, Mark]:
        """Return the pitchfork."""
        return {"sharpness": Mark(THRESHOLD, "bubbles from 2", SHARPEST)}

    def course(self) -> Course:
        """Let all users begin undecided, under a learning rate each."""
        rates = self.rate_a, self.rate_b
        gaps = [
            gap_courses(self.sharpness, rate, users=USERS, steps=self.steps, seed=i + 1)
            for i, rate in enumerate(rates)
        ]
        rest = float(KNOWN.bubble(self.sharpness))
        sizes = {
            f"mean_size_{letter}": np.abs(one).mean(axis=1)
            for (letter, _), one in zip(PAIR, gaps, strict=True)
        }
        users = {
            f"user_{letter}_{i}": one[:, i]
            for (letter, _), one in zip(PAIR, gaps, strict=True)
            for i in range(SHOWN)
        }
        return Course(
            self._word(self.sharpness > THRESHOLD),
            tuple(self._rows(gaps, rates, rest)),
            lambda step: self._over_time(gaps, step, rest),
            lambda step: self._pitchfork(gaps, step),
            {"step": np.arange(self.steps + 1), **sizes, **users},
        )

    def _rows(self, gaps: list[np.ndarray], rates: tuple[float, float], rest: float) -> list[Row]:
        late = [one[int(SETTLED * self.steps) :] for one in gaps]
        split, told = self.sharpness > THRESHOLD, "Theory is of small rates, at rest."
        sizes = [Cell(float(np.abs(one).mean()), rest if split else np.nan, told) for one in late]
        spreads = [
            Cell(float(np.sqrt((one**2).mean())), float(KNOWN.bubble_spread(self.sharpness, rate)))
            for one, rate in zip(late, rates, strict=True)
        ]
        sides = [Cell(float((one[-1] > 0).mean()), 0.5) for one in late]
        flips = [
            Cell(float((np.diff(np.sign(one), axis=0) != 0).any(axis=0).mean()), np.nan)
            for one in late
        ]
        return [
            Row("size", "Mean size of the gap", "1", sizes),
            Row("spread", "Spread about 0", "1", spreads),
            Row("side", "Users who prefer item 1", "1", sides),
            Row("flips", f"Users who changed sides in the last {len(late[0]) - 1} steps", "1",
                flips),
        ]  # fmt: skip

    def _word(self, split: bool) -> StateWord:
        if split:
            return StateWord("in a bubble", "What was taken once is shown more, and taken more.",
                             "alarm")  # fmt: skip
        if self.sharpness > 0.8 * THRESHOLD:
            return StateWord("swaying", "Gaps fade, but ever more slowly near k = 2.", "care")
        return StateWord("open", "A gap fades: users keep seeing both items.", "calm")

    def _over_time(self, gaps: list[np.ndarray], step: int, rest: float) -> Frame:
        time = np.append(np.arange(step), np.nan)
        ends = np.array([0.0, self.steps, np.nan])
        blocks = [chart.line("rest", np.tile(ends, 2), [rest, rest, np.nan, -rest, -rest, np.nan])]
        for (letter, _), one in zip(PAIR, gaps, strict=True):
            each = [np.append(one[:step, user], np.nan) for user in range(SHOWN)]
            blocks += [
                chart.line(f"users-{letter}", np.tile(time, SHOWN), np.concatenate(each)),
                chart.line(f"size-{letter}", np.arange(step), np.abs(one[:step]).mean(axis=1)),
            ]
        return Frame(blocks, {"x": (0.0, float(self.steps)), "y": RANGE})

    def _pitchfork(self, gaps: list[np.ndarray], step: int) -> Frame:
        k = np.linspace(THRESHOLD, SHARPEST, 120)
        up = np.asarray(KNOWN.bubble(k))
        gap = np.full(1, np.nan)
        fork = (
            np.concatenate([k, gap, k, gap, [0.0, THRESHOLD]]),
            np.concatenate([up, gap, -up, gap, [0.0, 0.0]]),
        )
        blocks = [chart.line("branch", *fork)]
        for i, ((letter, _), one) in enumerate(zip(PAIR, gaps, strict=True)):
            beside = self.sharpness + (i - 1 + BESIDE) * WIDE
            blocks.append(chart.cloud(f"now-{letter}", beside, one[max(step, 1) - 1]))
        return Frame(blocks, {"x": (0.0, SHARPEST), "y": RANGE})
