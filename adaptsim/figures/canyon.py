"""The picture of canyons: walks of several rules, and steps against the condition number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.goldilocks import TRAITS, draw_map, draw_path
from adaptsim.figures.style import THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = "osD^v<"


def canyon_figure(
    maps: Mapping[str, tuple[Any, Mapping[str, np.ndarray]]],
    numbers: np.ndarray,
    steps: Mapping[str, Mapping[str, np.ndarray]],
    theory: Mapping[str, np.ndarray],
) -> Figure:
    """Return the picture of canyons: a column for each way they lie.

    Parameters
    ----------
    maps
        By how it lies, a canyon and by rule the places of one walk, shape ``(k, 2)`` [trait].
    numbers
        Condition numbers, shape ``(n,)`` [1].
    steps
        By how the canyon lies and by rule, steps needed, shape ``(n,)``; inf where never.
    theory
        By rule, steps by theory, shape ``(n,)``.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 5.4), layout="constrained")
        grid = canvas.subplots(2, len(maps), height_ratios=[1, 1.15])
        for (name, (canyon, walks)), axes in zip(maps.items(), grid[0], strict=True):
            draw_walks(axes, canyon, walks)
            axes.set_title(f"{name}: the first steps of four rules")
        for (name, measured), axes in zip(steps.items(), grid[1], strict=True):
            draw_steps(axes, numbers, measured, theory)
            axes.set_title(f"{name}: what it costs")
            axes.sharey(grid[1, 0])
        grid[1, 0].legend(loc="upper left")
        canvas.suptitle("What does a narrow canyon cost?", x=0.01, ha="left")
    return canvas


def draw_walks(axes: Axes, canyon: Any, walks: Mapping[str, np.ndarray]) -> None:
    """Draw one walk for each rule over the contours of a canyon about 0."""
    seen = np.concatenate([np.zeros((1, 2)), *walks.values()])
    room = 0.08 * np.ptp(seen, axis=0)
    draw_map(axes, canyon, (seen.min(axis=0) - room, seen.max(axis=0) + room))
    for (name, places), colour in zip(walks.items(), WONG, strict=False):
        draw_path(axes, places, colour, name)
    axes.plot(0.0, 0.0, "*", color="black", mec="white", mew=0.5, ms=8, zorder=5)
    axes.set(xlabel=TRAITS[0], ylabel=TRAITS[1])


def draw_steps(
    axes: Axes,
    numbers: np.ndarray,
    measured: Mapping[str, np.ndarray],
    theory: Mapping[str, np.ndarray],
) -> None:
    """Draw steps needed against the condition number: marks measured, lines theory."""
    for (name, steps), colour, mark in zip(measured.items(), WONG, MARKS, strict=False):
        if name in theory:
            axes.plot(numbers, theory[name], color=colour, lw=0.9)
        axes.plot(numbers, steps, mark, color=colour, ms=4, mfc="white", label=name)
    axes.plot([], [], color=THEORY, lw=0.9, label="theory")
    axes.set(xscale="log", yscale="log", xlabel="condition number [1]",
             ylabel="steps to 1 % of the distance [steps]")  # fmt: skip
