"""Predators among patches: searchers that learn, and how they share out what there is."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

import numpy as np

from adaptsim import theory
from adaptsim.community.patch_model import PatchModel
from adaptsim.community.patch_picture import PatchPicture
from adaptsim.community.patches import Patches, Searchers
from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.chart import RUN_COLOURS
from adaptsim.dashboard.landscape.map import HIGH
from adaptsim.dashboard.living.system import Course, Frame, System, reach
from adaptsim.dashboard.number_table import Cell, Row
from adaptsim.dashboard.state_words import StateWord
from adaptsim.measures import tone
from adaptsim.part import field

SIDE, SIZE = 12, 200
RICHEST = 10.0
"""Greatest quality of a patch, over that of the poorest."""
BEST = 3
"""So many best rows of patches, as drawn, count as their best part."""
SETTLED = 0.5
AVERAGED = 100
"""Steps over which shares of predators are averaged in the chart."""
MAP = {"x": (-0.5, SIDE - 0.5), "y": (-0.5, SIDE - 0.5)}


class PatchySearch(System):
    """Predators on a grid of patches, drawn by Mesa's space renderer."""

    title: ClassVar[str] = "Predators among patches"
    question: ClassVar[str] = "Do searchers that learn share out what there is?"
    about: ClassVar[tuple[str, ...]] = (
        "Map of the patches with the predators in them",
        "Mean preference of the predators, as a logit, and the best one, against steps",
        "Share of predators in each row of patches, and the ideal free one",
    )
    legend: ClassVar[str] = (
        "Each dot holds the predators of a patch, larger for more; red ones look for prey 1, "
        "blue ones for prey 2. Greyer ground gives more. Dots beside the line "
        f"of theory are means of the last {AVERAGED} steps."
    )
    steps: ClassVar[int] = 300
    square: ClassVar[bool] = True
    looks: ClassVar[tuple[dict[str, Any], ...]] = (
        chart.option("patch [1]", "patch [1]", [], legend=False, tooltip={"show": False},
                     xAxis=INNER | {"splitLine": {"show": False}},
                     yAxis=INNER | {"splitLine": {"show": False}}),
        chart.option(
            "steps [step]",
            "preference for prey 1 [logit]",
            [
                chart.line_series("best", "best", "$ink", width=1.5, type="dashed"),
                chart.line_series("mean", "mean of predators", RUN_COLOURS[0], width=2.5),
            ],
            yAxis=INNER,
        ),
        chart.option(
            "row of patches [1]",
            "share [1]",
            [
                chart.line_series("ideal", "ideal free (theory)", "$ink", width=1.5, type="dashed"),
                chart.points_series("found", "", RUN_COLOURS[0]),
            ],
            xAxis=INNER,
            yAxis=INNER,
        ),
    )  # fmt: skip

    learning_rate: float = field(
        default=0.1, unit="1/step", help="of the preference", at_least=0.01, at_most=1.9
    )
    period: float = field(
        default=100.0, unit="steps", help="of the two prey", at_least=10, at_most=150
    )
    amplitude: float = field(
        default=2.0, help="of the log ratio of the two prey", at_least=0, at_most=3
    )
    contrast: float = field(default=5.0, help="best patch over worst", at_least=1, at_most=RICHEST)

    def course(self) -> Course:
        """Let all predators begin anywhere, without a preference."""
        patches = Patches(side=SIDE, contrast=self.contrast, amplitude=self.amplitude,
                          period=self.period)  # fmt: skip
        searchers = Searchers(gain=self.learning_rate)
        model = PatchModel(patches=patches, searchers=searchers, size=SIZE, rng=1)
        swarms = [model.swarm]
        for _ in range(self.steps):
            model.step()
            swarms.append(model.swarm)
        mean = np.array([np.asarray(one.logits).mean() for one in swarms])
        time = np.arange(len(swarms))
        best = self.amplitude * np.sin(2 * np.pi * time / self.period)
        rows = (*self._lags(mean, best), self._sharing(model, swarms))
        picture = PatchPicture(model, ground=HIGH, richest=RICHEST)
        shares, quality = _rows(swarms), np.asarray(patches.quality())[0]
        return Course(
            self._word(),
            rows,
            lambda step: Frame([], MAP),
            lambda step: _preferences(time, mean, best, step),
            {"step": time, "mean_logit": mean, "best_logit": best},
            lambda step: _address(picture.png(swarms[step])),
            lambda step: _occupancy(shares, quality, step),
        )

    def _lags(self, mean: np.ndarray, best: np.ndarray) -> list[Row]:
        """Return lag and gain of the mean preference, which is a linear tracker."""
        if self.amplitude == 0:
            return []
        span = int(SETTLED * self.steps // self.period * self.period) or int(self.period)
        late = mean[-span:], best[-span:]
        omega, rate = 2 * np.pi / self.period, self.learning_rate
        known = theory.tracker
        return [
            Row("lag", "Lag of the preference", "steps",
                [Cell(tone.phase_lag(*late, self.period).value,
                      float(known.phase_lag(rate, omega)))]),
            Row("gain", "Gain of the preference", "1",
                [Cell(tone.gain(*late, self.period).value, float(known.gain(rate, omega)))]),
        ]  # fmt: skip

    def _sharing(self, model: PatchModel, swarms: list[Any]) -> Row:
        """Return the share of predators in the best rows; by input matching, in theory."""
        quality = np.asarray(model.patches.quality())[0]
        columns = np.argsort(quality)[-BEST:]
        late = swarms[int(SETTLED * len(swarms)) :]
        found = np.mean([np.isin(np.asarray(one.places)[:, 1], columns).mean() for one in late])
        theory_of = quality[columns].sum() / quality.sum()
        told = "By chance, some per cent apart: neighbours in time are not independent."
        return Row("share", f"Predators in the best {BEST} of {SIDE} rows", "1",
                   [Cell(float(found), float(theory_of), told)])  # fmt: skip

    def _word(self) -> StateWord:
        late = theory.tracker.phase_lag(self.learning_rate, 2 * np.pi / self.period)
        if self.amplitude == 0:
            return StateWord("at rest", "Nothing changes: predators match what comes in.", "calm")
        if self.learning_rate > 1:
            return StateWord("ringing", "Preferences overshoot at every step.", "care")
        if late > self.period / 8:
            return StateWord("late", "Preferences trail the prey by more than an eighth of a "
                             "cycle.", "care")  # fmt: skip
        return StateWord("tracking", "Preferences keep up with the prey.", "calm")


def _rows(swarms: list[Any]) -> np.ndarray:
    """Return the share of predators in each row of patches, as drawn, shape ``(steps, side)``."""
    return np.array(
        [np.bincount(np.asarray(one.places)[:, 1], minlength=SIDE) / SIZE for one in swarms]
    )


def _occupancy(shares: np.ndarray, quality: np.ndarray, step: int) -> Frame:
    """Return the shares of rows, averaged over the last steps, beside the ideal free ones."""
    place, seen = np.arange(SIDE), shares[max(0, step + 1 - AVERAGED) : step + 1]
    ideal = quality / quality.sum()
    blocks = [
        chart.line("ideal", place, ideal),
        chart.points("found", place, seen.mean(axis=0)),
    ]
    return Frame(blocks, {"x": (-0.5, SIDE - 0.5), "y": (0.0, 1.4 * float(ideal.max()))})


def _preferences(time: np.ndarray, mean: np.ndarray, best: np.ndarray, step: int) -> Frame:
    blocks = [
        chart.line("best", time[: step + 1], best[: step + 1]),
        chart.line("mean", time[: step + 1], mean[: step + 1]),
    ]
    return Frame(blocks, {"x": (0.0, float(time[-1])), "y": reach(mean, best)})


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()
