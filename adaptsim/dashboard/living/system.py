"""System: a living system that the page shows: its numbers to turn, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from adaptsim.dashboard.chart import Block
from adaptsim.dashboard.number_table import Row
from adaptsim.dashboard.slider_range import Mark
from adaptsim.dashboard.state_words import StateWord
from adaptsim.part import Part

type Ends = tuple[float, float]


class Frame(NamedTuple):
    """What a chart shows at a step.

    Attributes
    ----------
    blocks : list[Block]
        The numbers of its series.
    axes : dict
        Ranges of ``"x"`` and ``"y"``.
    """

    blocks: list[Block]
    axes: dict[str, Ends]


class Course(NamedTuple):
    """What became of a system, computed whole.

    Attributes
    ----------
    word : StateWord
        What it does.
    rows : tuple[Row, ...]
        What was measured, beside theory.
    left, right : callable
        What both charts show when so many steps have been made.
    below : callable or None
        The same of the chart below one of them, where there is one.
    columns : dict
        What a table of it holds, one entry a step.
    picture : callable or None
        The picture under the left chart after so many steps, a data address; slow to draw.
    """

    word: StateWord
    rows: tuple[Row, ...]
    left: Callable[[int], Frame]
    right: Callable[[int], Frame]
    columns: Mapping[str, np.ndarray]
    picture: Callable[[int], str] | None = None
    below: Callable[[int], Frame] | None = None


class System(Part):
    """A living system. Its fields are what a page lets turn, each within both its limits.

    A subclass says its ``title``, the ``question`` it answers, how many ``steps`` it shows and what
    one is called, and how both charts look; `course` computes what its numbers lead to.
    """

    title: ClassVar[str]
    question: ClassVar[str]
    about: ClassVar[tuple[str, ...]]
    """What the charts show, for those who cannot see them: left, right, and below if any."""
    legend: ClassVar[str] = ""
    """How to read the charts, where their axes do not say it."""
    looks: ClassVar[tuple[dict[str, Any], ...]]
    steps: ClassVar[int]
    square: ClassVar[bool] = False
    """Whether the left chart is a map."""

    def course(self) -> Course:
        """Compute what becomes of it."""
        raise NotImplementedError

    def marks(self) -> dict[str, Mark]:
        """Return what theory points at on the sliders, by field."""
        return {}


def reach(*values: Any, room: float = 0.05) -> Ends:
    """Return the range of all finite values, with some room.

    Examples
    --------
    >>> reach([0.0, 1.0], [np.nan, 2.0], room=0.5)
    (-1.0, 3.0)
    """
    seen = np.concatenate([np.ravel(one) for one in values])
    seen = seen[np.isfinite(seen)]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    pad = room * (high - low) or room * max(abs(high), 1.0)
    return low - pad, high + pad
