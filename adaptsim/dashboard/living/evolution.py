"""Evolving rates: a learning rate that is inherited, behind a noisy, wandering optimum."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.stats import norm

from adaptsim import theory
from adaptsim.agents import Tracker
from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.chart import RUN_COLOURS
from adaptsim.dashboard.living.system import Course, Frame, System, reach
from adaptsim.dashboard.number_table import Cell, Row
from adaptsim.dashboard.slider_range import Mark
from adaptsim.dashboard.state_words import StateWord
from adaptsim.environments import AutoRegressive
from adaptsim.evolution import Evolution, evolve
from adaptsim.evolution.predicted import Setup, loaded_rate, predicted_rate
from adaptsim.part import field
from adaptsim.rules import GradientDescent

SIZE, LIFE = 300, 60
SETTLED = 0.5
FASTEST = 2.0
"""Learning rates beyond which a tracker is unstable."""


class EvolvingRates(System):
    """A population whose learning rate is inherited, with mutations."""

    title: ClassVar[str] = "Evolving rates"
    question: ClassVar[str] = "Which learning rate evolves behind a noisy, wandering optimum?"
    about: ClassVar[tuple[str, ...]] = (
        "Mean learning rate of a population against generations, and what theory says wins",
        "Mean squared error of a tracker against its learning rate, and where the population is",
    )
    legend: ClassVar[str] = (
        "Band: a standard deviation among individuals. The dot is the population now."
    )
    steps: ClassVar[int] = 300
    looks: ClassVar[tuple[dict[str, Any], ...]] = (
        chart.option(
            "generations [generation]",
            "learning rate [1/curvature]",
            [
                chart.band_series("spread", "", RUN_COLOURS[0]),
                chart.line_series("mean", "mean of the population", RUN_COLOURS[0], width=2.5),
                chart.line_series("winner", "wins (theory)", "$ink", width=1.5, type="dashed"),
            ],
            yAxis=INNER,
        ),
        chart.option(
            "learning rate [1/curvature]",
            "mean squared error [trait²]",
            [
                chart.line_series("error", "theory", "$ink", width=1.5, type="dashed"),
                chart.points_series("now", "", RUN_COLOURS[0], symbolSize=13),
            ],
            xAxis=INNER,
            yAxis=INNER,
        ),
    )

    correlation: float = field(
        default=0.95, help="of the optimum from step to step", at_least=0.5, at_most=0.99
    )
    observation_noise: float = field(
        default=0.7, unit="trait", help="in what is seen of it", at_least=0.1, at_most=2
    )
    learning_rate: float = field(
        default=0.05, unit="1/curvature", help="where evolution begins", at_least=0.01, at_most=1.5
    )
    mutation: float = field(
        default=0.05, help="standard deviation, relative", at_least=0.01, at_most=0.2
    )
    selection: float = field(
        default=20.0, unit="1/loss", help="how much a loss costs", at_least=2, at_most=60
    )

    def setup(self) -> Setup:
        """Return who evolves where."""
        kind = Tracker(observation_noise=self.observation_noise)
        world = AutoRegressive(variance=1.0, correlation=self.correlation)
        evolution = Evolution(heritable="rule.learning_rate", generations=self.steps, life=LIFE,
                              selection=self.selection, mutation=self.mutation)  # fmt: skip
        return Setup(
            kind, GradientDescent(learning_rate=self.learning_rate), world, evolution, SIZE
        )

    def marks(self) -> dict[str, Mark]:
        """Return the rate that should win."""
        winner = predicted_rate(self.setup())
        return {"learning_rate": Mark(winner, f"wins: {winner:.3g}")} if winner else {}

    def error(self, rate: Any) -> Any:
        """Return the mean squared error of a tracker with a learning rate, in closed form."""
        return theory.autoregressive.tracking_mse(
            rate, variance=1.0, correlation=self.correlation,
            observation_variance=self.observation_noise**2,
        )  # fmt: skip

    def _loaded_error(self, loaded: tuple[float, float] | None) -> float:
        """Return the error of rates that theory has spread by mutation, taken as lognormal."""
        if loaded is None:
            return np.nan
        mean, wide = loaded[0], np.sqrt(np.log1p(loaded[1] / loaded[0] ** 2))
        rates = mean * np.exp(wide * norm.ppf((np.arange(99) + 0.5) / 99) - wide**2 / 2)
        return float(np.mean(self.error(rates)))

    def course(self) -> Course:
        """Let the population evolve."""
        setup = self.setup()
        evolved = evolve(*setup[:4], size=SIZE, seed=1)
        mean, variance = evolved.genotype[:, 0], evolved.variance[:, 0]
        error = 2 * evolved.loss[:, 0]
        winner, loaded = predicted_rate(setup), loaded_rate(setup)
        late = slice(int(SETTLED * self.steps), None)
        final, told = float(mean[late].mean()), "One population: drift moves it by some per cent."
        rows = (
            Row("rate", "Evolved learning rate", "1/curvature",
                [Cell(final, loaded[0] if loaded else np.nan, told)]),
            Row("variance", "Variance among individuals", "1/curvature²",
                [Cell(float(variance[late].mean()), loaded[1] if loaded else np.nan, told)]),
            Row("error", "Mean squared error", "trait²",
                [Cell(float(error[late].mean()), self._loaded_error(loaded),
                      "The weather of one world moves it by some per cent.")]),
        )  # fmt: skip
        top = max(float(mean.max() + np.sqrt(variance.max())), winner or 0.0)
        return Course(
            self._word(mean, winner, final),
            rows,
            lambda step: self._history(mean, np.sqrt(variance), winner, top, step),
            lambda step: self._errors(mean, top, step),
            {"generation": np.arange(self.steps), "mean_rate": mean, "variance": variance,
             "mean_squared_error": error},
        )  # fmt: skip

    def _word(self, mean: np.ndarray, winner: float | None, final: float) -> StateWord:
        if not np.isfinite(mean).all():
            return StateWord("extinct", "The population died out.", "alarm")
        if winner and abs(final / winner - 1) < 0.15:
            return StateWord("evolved", "Selection has found the rate that tracks best.", "calm")
        return StateWord("evolving", "The population is still on its way, or drifts.", "care")

    def _history(
        self, mean: np.ndarray, spread: np.ndarray, winner: float | None, top: float, step: int
    ) -> Frame:
        time, now, wide = np.arange(step), mean[:step], spread[:step]
        told = [winner, winner] if winner else []
        blocks = [
            chart.band("spread", time, now - wide, now + wide, colour=RUN_COLOURS[0], opacity=0.2),
            chart.line("mean", time, now),
            chart.line("winner", [0.0, self.steps][: len(told)], told),
        ]
        return Frame(blocks, {"x": (0.0, float(self.steps)), "y": (0.0, 1.1 * top)})

    def _errors(self, mean: np.ndarray, top: float, step: int) -> Frame:
        rates = np.linspace(0.005, min(1.6 * top, FASTEST - 0.01), 200)
        curve, here = self.error(rates), mean[max(step, 1) - 1 : max(step, 1)]
        blocks = [
            chart.line("error", rates, curve),
            chart.points("now", here, self.error(here)),
        ]
        return Frame(blocks, {"x": (0.0, float(rates[-1])), "y": reach(curve)})
