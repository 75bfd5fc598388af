"""Predators and two prey: learning what to hunt, in a community that feels it."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np

from adaptsim.agents import Predator
from adaptsim.community import Community
from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.chart import DASHES, RUN_COLOURS
from adaptsim.dashboard.living.system import Course, Frame, System, reach
from adaptsim.dashboard.number_table import Cell, Row
from adaptsim.dashboard.slider_range import Mark
from adaptsim.dashboard.state_words import StateWord
from adaptsim.dynamics import hopf_points
from adaptsim.environments import TwoPrey
from adaptsim.part import field

SPECIES = ("prey 1", "prey 2", "predators")
BEGIN = ([0.6, 0.5, 1.0], 0.43)
"""Densities and preference at first."""
DT, EVERY = 0.05, 10
RATES = 0.05, 20.0
"""Where the window is looked for."""
FASTEST = 6.0
SCANNED = np.linspace(0.02, FASTEST, 200)
"""Rates at which the growth of a disturbance is drawn."""
SETTLED = 0.5
"""Part of the course after which means are taken."""


class TwoPreyCommunity(System):
    """Two prey, and predators that learn which to hunt."""

    title: ClassVar[str] = "Predators and two prey"
    question: ClassVar[str] = "How fast should predators learn what to hunt?"
    about: ClassVar[tuple[str, ...]] = (
        "Densities of both prey and their predators against time",
        "Density of prey 2 against that of prey 1, and where theory has them rest",
        "Growth of a disturbance against learning rate: below 0 all comes to rest",
    )
    legend: ClassVar[str] = (
        "◆ where all would rest; dots are now. Below 0 disturbances fade: green is the window of "
        "learning rates at which all comes to rest."
    )
    steps: ClassVar[int] = 600
    looks: ClassVar[tuple[dict[str, Any], ...]] = (
        chart.option(
            "time [time]",
            "density [density]",
            [
                chart.line_series(name, name, RUN_COLOURS[i], width=2.5, type=DASHES[i])
                for i, name in enumerate(SPECIES)
            ],
            yAxis=INNER,
        ),
        chart.option(
            "prey 1 [density]",
            "prey 2 [density]",
            [
                chart.line_series("course", "", RUN_COLOURS[0], width=1.5),
                chart.points_series("rest", "", "$ink", symbol="diamond", symbolSize=16, z=5),
                chart.points_series("now", "", RUN_COLOURS[1], symbolSize=12),
            ],
            legend=False,
            xAxis=INNER,
            yAxis=INNER,
        ),
        chart.option(
            "learning rate [1/(slope time)]",
            "growth [1/time]",
            [
                chart.line_series(
                    "growth", "growth of a disturbance (theory)", "$ink", type="dashed"
                ),
                chart.line_series("level", "", "$faint", width=1),
                chart.band_series("window", "", "$run3"),
                chart.points_series("here", "", RUN_COLOURS[1], symbolSize=12),
            ],
            tooltip={"show": False},
            yAxis=INNER,
        ),
    )

    learning_rate: float = field(
        default=0.3, unit="1/(slope time)", help="of the preference", at_least=0.02, at_most=FASTEST
    )
    capacity: float = field(
        default=4.0, unit="density", help="what each prey reaches alone", at_least=1, at_most=6
    )
    handling: float = field(
        default=0.5, unit="time", help="spent on each prey caught", at_least=0, at_most=0.8
    )

    def community(self) -> Community:
        """Return the community with these numbers."""
        hunter = Predator(
            conversion_1=0.5, conversion_2=0.35, handling_1=self.handling, handling_2=self.handling
        )
        world = TwoPrey(crowding_1=1 / self.capacity, crowding_2=1 / self.capacity)
        return Community(hunter, world, self.learning_rate)

    def marks(self) -> dict[str, Mark]:
        """Return the window of rates at which all comes to rest."""
        window = self._window()
        if len(window) != 2:
            return {}
        low, high = window
        return {"learning_rate": Mark(low, f"rest from {low:.3g} to {high:.3g}", high)}

    def _window(self) -> list[float]:
        """Return where a stable range of rates begins and ends, as far as it does."""
        known = self.community().theory()
        if not _lives(known):
            return []
        edges = [float(one) for one in known.hopf_rates()]
        between = float(np.mean(edges)) if len(edges) > 1 else 1.0
        unstable = len(edges) > 1 and known.leading_real_part(between) > 0
        return [] if unstable else edges

    def course(self) -> Course:
        """Follow the densities from one start."""
        community = self.community()
        known = community.theory()
        living = _lives(known)
        left = community.run(
            self.steps * EVERY * DT, dt=DT, every=EVERY, start=community.start(*BEGIN)
        )
        rest = [*known.prey, known.predators] if living else [np.nan] * 3
        means = left.densities[int(SETTLED * self.steps) :].mean(axis=0)
        cycling = living and known.leading_real_part(self.learning_rate) > 0
        flag = "A mean over cycles need not be the density at rest." if cycling else ""
        rows = [
            Row(
                f"mean-{name.replace(' ', '-')}",
                f"Mean of {name}; theory: at rest",
                "density",
                [Cell(found, known, flag)],
            )
            for name, found, known in zip(SPECIES, means, rest, strict=True)
        ]
        if living:
            rows += self._stability(community, known)
        grown = self._growth(known, living=living)
        return Course(
            self._word(left, known, living),
            tuple(rows),
            lambda step: _densities(left, step),
            lambda step: _phase(left, step, rest),
            {"time": left.times, **dict(zip(SPECIES, left.densities.T, strict=True)),
             "preference": left.preferences[:, 0]},
            below=lambda step: grown,
        )  # fmt: skip

    def _stability(self, community: Community, known: Any) -> list[Row]:
        found = float(community.rest().eigenvalues.real.max())
        rows = [
            Row("growth", "Growth of a disturbance", "1/time",
                [Cell(found, known.leading_real_part(self.learning_rate))])
        ]  # fmt: skip
        edges, window = _edges(self.capacity, self.handling), self._window()
        for i, told in enumerate(("from", "to")[: len(window)]):
            seen = edges[i] if i < len(edges) else np.nan
            label = f"Rest at rates {told}" if len(window) == 2 else "Rest ends or begins at"
            rows.append(Row(told, label, "1/(slope time)", [Cell(seen, float(window[i]))]))
        return rows

    def _growth(self, known: Any, *, living: bool) -> Frame:
        """Return how fast a disturbance grows at any rate, in theory, and here."""
        now = [self.learning_rate] if living else []
        grown = [known.leading_real_part(rate) for rate in SCANNED] if living else np.zeros(0)
        y, window = reach(grown, [-0.02, 0.02]), self._window()
        ends = window if len(window) == 2 else []
        low, high = ([end] * len(ends) for end in y)
        blocks = [
            chart.band("window", ends, low, high, colour="$run3", opacity=0.18),
            chart.line("level", SCANNED[[0, -1]], [0.0, 0.0]),
            chart.line("growth", SCANNED[: len(grown)], grown),
            chart.points("here", now, [known.leading_real_part(rate) for rate in now]),
        ]
        return Frame(blocks, {"x": (0.0, FASTEST), "y": y})

    def _word(self, left: Any, known: Any, living: bool) -> StateWord:
        if left.extinct or not living:
            gone = " and ".join(left.extinct) or "not all"
            told = "died out" if left.extinct else "can live together"
            return StateWord("lost", f"{gone[0].upper()}{gone[1:]} {told}.", "alarm")
        growth, window = known.leading_real_part(self.learning_rate), self._window()
        if growth < 0:
            half = np.log(0.5) / growth
            return StateWord("at rest", f"A disturbance halves in {half:.3g} time units.", "calm")
        if not window and known.hopf_rates().size:
            return StateWord("cycling", "No learning rate brings so rich a world to rest.", "alarm")
        if len(window) == 2 and self.learning_rate > window[1]:
            return StateWord("learning cycles", "Predators overshoot: their own learning drives "
                             "the cycles.", "alarm")  # fmt: skip
        return StateWord("prey cycle", "Predators learn too slowly to calm their prey.", "care")


def _lives(known: Any) -> bool:
    """Return whether prey and predators can live together, in theory."""
    return bool(np.isfinite(known.preference) and known.predators > 0)


@functools.lru_cache(maxsize=64)
def _edges(capacity: float, handling: float) -> tuple[float, ...]:
    """Return the rates at which a pair of eigenvalues crosses, differentiated automatically."""
    community = TwoPreyCommunity(capacity=capacity, handling=handling).community()
    found = hopf_points(community.by_rate(), *RATES, near=community.near_rest(), values=100)
    return tuple(one.value for one in found)


def _densities(left: Any, step: int) -> Frame:
    blocks = [
        chart.line(name, left.times[:step], left.densities[:step, i])
        for i, name in enumerate(SPECIES)
    ]
    return Frame(blocks, {"x": (0.0, float(left.times[-1])), "y": (0.0, _top(left.densities))})


def _phase(left: Any, step: int, rest: list[float]) -> Frame:
    one, two = left.densities[:step, 0], left.densities[:step, 1]
    blocks = [
        chart.line("course", one, two),
        chart.points("rest", rest[:1], rest[1:2]),
        chart.points("now", one[-1:], two[-1:]),
    ]
    across, up = left.densities[:, 0], left.densities[:, 1]
    return Frame(blocks, {"x": (0.0, _top(across, rest[0])), "y": (0.0, _top(up, rest[1]))})


def _top(*values: Any) -> float:
    return reach(*values, [0.0])[1]
