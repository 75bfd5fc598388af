"""Methylated synapses: a neuron whose threshold slides too slowly, and what calms it."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import numpy as np
from scipy.optimize import brentq

from adaptsim import theory
from adaptsim.agents import Synapse
from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.chart import RUN_COLOURS
from adaptsim.dashboard.living.system import Course, Frame, System, reach
from adaptsim.dashboard.number_table import Cell, Row
from adaptsim.dashboard.slider_range import Mark
from adaptsim.dashboard.state_words import StateWord
from adaptsim.environments import Constant
from adaptsim.measures import stability
from adaptsim.part import field
from adaptsim.rules import Methylated
from adaptsim.simulation import simulate

KNOWN = theory.bcm
STRIDE = 10
GRID = np.linspace(0.0, 0.95, 24)
"""Methylations whose extents are drawn."""
LATE = 0.4
"""Part of the course after which extents are taken."""
NEAR = 0.2
"""A response so near to where theory has it rest is as good as there."""
_multipliers = jax.jit(stability.multipliers)


class MethylatedNeuron(System):
    """A BCM neuron, its synapses methylated to a degree."""

    title: ClassVar[str] = "Methylated synapses"
    question: ClassVar[str] = "Can methylation calm a neuron whose threshold slides too slowly?"
    about: ClassVar[tuple[str, ...]] = (
        "Response of the neuron against time, and where theory has it rest",
        "Least and largest late response against methylation, and where theory has calm begin",
    )
    legend: ClassVar[str] = (
        "▲ largest, ● least late response at each methylation. That methylation closes the gate of "
        "plasticity is a hypothesis."
    )
    steps: ClassVar[int] = 600
    looks: ClassVar[tuple[dict[str, Any], ...]] = (
        chart.option(
            "time [steps]",
            "response [response]",
            [
                chart.line_series("response", "response", RUN_COLOURS[0], width=2),
                chart.line_series("rest", "rest (theory)", "$ink", width=1.5, type="dashed"),
            ],
            xAxis=INNER,
            yAxis=INNER,
        ),
        chart.option(
            "methylation m [1]",
            "late response [response]",
            [
                chart.points_series("least", "", RUN_COLOURS[0], symbolSize=7),
                chart.points_series("largest", "", RUN_COLOURS[1], symbol="triangle"),
                chart.line_series("calm", "theory", "$ink", type="dashed"),
                chart.line_series("now", "this neuron", RUN_COLOURS[2], width=2.5),
            ],
            yAxis=INNER,
        ),
    )

    methylation: float = field(
        default=0.2, help="of all synapses: 1 closes them", at_least=0, at_most=0.95
    )
    learning_rate: float = field(
        default=0.01, unit="1/step", help="of open synapses", at_least=0.001, at_most=0.03
    )
    threshold_time: float = field(
        default=150.0, unit="steps", help="in which the threshold slides", at_least=10, at_most=400
    )

    def critical(self) -> float:
        """Return the methylation from which theory has it calm; below 0 where it always is."""
        return 1 - float(KNOWN.step_hopf_gain(self.threshold_time)) / self.learning_rate

    def marks(self) -> dict[str, Mark]:
        """Return where calm begins."""
        critical = self.critical()
        if critical <= 0:
            return {}
        return {"methylation": Mark(critical, f"calm from {critical:.3g}", 1.0)}

    def parts(self, methylation: Any) -> tuple[Synapse, Methylated]:
        """Return neuron and rule."""
        kind = Synapse(learning="bcm", synapses=1, start_at=0.8, threshold_time=self.threshold_time)
        return kind, Methylated(methylation=methylation, learning_rate=self.learning_rate)

    def radius(self, methylation: float) -> float:
        """Return the spectral radius of the neuron's own step at rest."""
        parts = jax.tree.map(np.float64, self.parts(methylation))
        return float(np.abs(_multipliers(*parts, np.ones(1))).max())

    def course(self) -> Course:
        """Follow the response, and those of other methylations beside it."""
        many = np.append(GRID, self.methylation)
        kind, rule = self.parts(many)
        seen = simulate(kind, rule, Constant(value=1.0), size=len(many),
                        steps=self.steps * STRIDE, stride=STRIDE)  # fmt: skip
        response = np.asarray(seen.followed["response"].output)[:, 0]
        late = response[int(LATE * len(response)) :]
        extent = late.min(axis=0), late.max(axis=0)
        radius = self.radius(self.methylation)
        gain = self.learning_rate * (1 - self.methylation)
        known = float(KNOWN.spectral_radius(gain, threshold_time=self.threshold_time))
        swing = float(extent[1][-1] - extent[0][-1])
        rows = (
            Row("critical", "Calm from a methylation of", "1", [self._onset()]),
            Row("radius", "Spectral radius at rest", "1", [Cell(radius, known)]),
            Row("swing", "Swing of the late response", "response",
                [Cell(swing, 0.0 if known < 1 else np.nan,
                      "It may still be settling." if known < 1 else "")]),
        )  # fmt: skip
        time = np.arange(len(response)) * STRIDE
        return Course(
            _word(radius),
            rows,
            lambda step: _over_time(time, response[:, -1], step),
            lambda step: self._extents(extent, _seen_whole(late)),
            {"step": time, "response": response[:, -1]},
        )

    def _onset(self) -> Cell:
        low, high = self.radius(0.0) - 1, self.radius(0.999) - 1
        if not low > 0 > high:
            return Cell(np.nan, np.nan, "Calm at any methylation." if low <= 0 else "")
        found = brentq(lambda m: self.radius(m) - 1, 0.0, 0.999, xtol=1e-10)
        return Cell(float(found), self.critical())

    def _extents(self, extent: tuple[np.ndarray, np.ndarray], whole: np.ndarray) -> Frame:
        least, largest = (one[:-1][whole[:-1]] for one in extent)
        grid = GRID[whole[:-1]]
        y = reach(least, largest, [0.0])
        critical = self.critical()
        calm = [critical, critical] if critical > 0 else []
        blocks = [
            chart.points("least", grid, least),
            chart.points("largest", grid, largest),
            chart.line("calm", calm, y[: len(calm)]),
            chart.line("now", [self.methylation] * 2, y),
        ]
        return Frame(blocks, {"x": (0.0, 1.0), "y": y})


def _seen_whole(late: np.ndarray) -> np.ndarray:
    """Return of which late responses ``(T, n)`` a whole swing was seen, or rest: shape ``(n,)``."""
    crossings = (np.diff(late > 1.0, axis=0)).sum(axis=0)
    whole: np.ndarray = (crossings >= 2) | (np.abs(late - 1.0).max(axis=0) < NEAR)
    return whole


def _over_time(time: np.ndarray, response: np.ndarray, step: int) -> Frame:
    ends = [0.0, float(time[-1])]
    blocks = [
        chart.line("response", time[:step], response[:step]),
        chart.line("rest", ends, [1.0, 1.0]),
    ]
    return Frame(blocks, {"x": (ends[0], ends[1]), "y": reach(response, [0.0, 1.5])})


def _word(radius: float) -> StateWord:
    if radius > 1:
        return StateWord("oscillating", "Response and threshold chase each other for ever.",
                         "alarm")  # fmt: skip
    half = np.log(0.5) / np.log(radius)
    if half > 1000:
        return StateWord("ringing", f"A disturbance halves only in {half:.3g} steps.", "care")
    return StateWord("calm", f"A disturbance halves in {half:.3g} steps.", "calm")
