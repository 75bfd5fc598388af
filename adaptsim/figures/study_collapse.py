"""The picture of a collapse: scaled points of many sets, and the curve they should fall on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.study_axes import RATIO_X, RATIO_Y, is_log, plain_numbers, value_text
from adaptsim.figures.style import house_style, shades

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.studies.analysis import Collapse

MARKS = "os^Dv*Ph"


def collapse_figure(
    found: Collapse, x: str, y: str, curve: Callable[[Any], Any] | None = None
) -> Figure:
    """Return the scaled points.

    Parameters
    ----------
    found : Collapse
        As `adaptsim.studies.analysis.collapse` returns it.
    x, y : str
        What the axes are called, units included.
    curve : callable, optional
        The curve that theory predicts, of arrays.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(3.5, 2.8), layout="constrained")
        draw_collapse(canvas.add_subplot(), found, x, y, curve)
    return canvas


def draw_collapse(
    axes: Axes, found: Collapse, x: str, y: str, curve: Callable[[Any], Any] | None = None
) -> None:
    """Draw points with their errors, each set with its own mark, and theory as a line."""
    points, sets = found.points, list(dict.fromkeys(found.points["set"]))
    for place, (name, colour) in enumerate(zip(sets, shades(len(sets)), strict=True)):
        rows = points[points["set"] == name]
        error = rows["error"] if rows["error"].notna().any() else None
        axes.errorbar(
            rows["x"], rows["y"], error, fmt=MARKS[place % len(MARKS)], ms=3.5, lw=0.8,
            color=colour, mfc="white", label=value_text(name),
        )  # fmt: skip
    log = is_log(points["x"], RATIO_X)
    if curve is not None:
        ends = points["x"].min(), points["x"].max()
        along = np.geomspace(*ends, 200) if log else np.linspace(*ends, 200)
        axes.plot(along, curve(along), color="black", lw=1, label="theory", zorder=1)
    if log:
        axes.set_xscale("log")
        plain_numbers(axes.xaxis, points["x"])
    if is_log(points["y"], RATIO_Y):
        axes.set_yscale("log")
        plain_numbers(axes.yaxis, points["y"])
    axes.set(xlabel=x, ylabel=y)
    axes.set_title(_verdict(found))
    axes.legend()


def _verdict(found: Collapse) -> str:
    if np.isfinite(found.quality):
        return f"S = {found.quality:.3g} (1: apart by errors alone)"
    return f"apart by {found.distance:.2g} of the value" if np.isfinite(found.distance) else ""
