"""The picture of a measure over two parameters, on a grid or at scattered places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.study_axes import (
    RATIO_X,
    RATIO_Y,
    Units,
    is_log,
    is_number,
    label,
    places,
    plain_numbers,
    set_axis,
    value_text,
    wrapped,
)
from adaptsim.figures.style import house_style

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = "cividis"
"""Told apart by people with any common colour blindness, and in print."""

EMPTY = "#dddddd"

MOST_DOTS = 5000
"""More places than that are told by hexagons, each of all places in it."""


def map_figure(
    tables: dict[str, pd.DataFrame], x: str, y: str, units: Units | None = None
) -> Figure:
    """Return one map for each measure.

    Parameters
    ----------
    tables : dict of DataFrame
        By measure, as `adaptsim.studies.analysis.heat_map` returns it.
    x, y : str
        The parameters along the axes.
    units : mapping, optional
        Units by name.
    """
    from matplotlib.figure import Figure as Canvas

    columns = min(len(tables), 2)
    rows = -(-len(tables) // columns)
    height = max([2.7, *(0.2 * one[f"p_{y}"].nunique() + 1 for one in tables.values()
                         if not is_number(one[f"p_{y}"]))])  # fmt: skip
    with house_style():
        canvas = Canvas(figsize=(3.5 * columns, height * rows), layout="constrained")
        panels = canvas.subplots(rows, columns, squeeze=False).ravel()
        for axes, (measure, table) in zip(panels, tables.items(), strict=False):
            draw_map(axes, table, measure, x, y, units)
        for axes in panels[len(tables) :]:
            axes.set_axis_off()
    return canvas


def draw_map(
    axes: Axes, table: pd.DataFrame, measure: str, x: str, y: str, units: Units | None = None
) -> None:
    """Draw a measure as colour; grey where it has no finite value."""
    from matplotlib.colors import LogNorm, Normalize

    known = table["value"][np.isfinite(table["value"])]
    norm: Any = None
    if len(known):
        kind = LogNorm if is_log(known, RATIO_Y) else Normalize
        norm = kind(known.min(), known.max())
    drawn = draw_field(axes, table, "value", x, y, {"cmap": COLOURS, "norm": norm})
    axes.set(xlabel=label(x, units), ylabel=wrapped(label(y, units)))
    bar = axes.figure.colorbar(drawn, ax=axes)
    bar.set_label(wrapped(label(measure, units)))
    if isinstance(norm, LogNorm):
        plain_numbers(bar.ax.yaxis, known)
    if not is_number(table[f"p_{x}"]):
        for one in axes.get_xticklabels():
            one.set(rotation=30, ha="right")
        axes.invert_yaxis()
        _write_values(axes, table, x, y, drawn)


def _write_values(axes: Axes, table: pd.DataFrame, x: str, y: str, drawn: Any) -> None:
    """Write each value in its tile, light on dark and dark on light."""
    told = zip(places(table[f"p_{x}"]), places(table[f"p_{y}"]), table["value"], strict=True)
    for across, up, value in told:
        if np.isfinite(value):
            dark = drawn.norm(value) < 0.55
            axes.text(across, up, value_text(value), fontsize=6, ha="center", va="center",
                      color="white" if dark else "black")  # fmt: skip


def draw_field(
    axes: Axes,
    table: pd.DataFrame,
    column: str,
    x: str,
    y: str,
    look: dict[str, Any],
    of_many: Callable[[Any], float] = np.nanmean,
) -> Any:
    """Draw a column over two parameters and return what was drawn, for its colour bar.

    Places that form a grid are drawn as tiles that meet half-way between them (in the logarithm
    where the axis has it), others as dots, and very many of them as hexagons, whose value
    ``of_many`` finds from those of the places in it.
    """
    across, up = table[f"p_{x}"], table[f"p_{y}"]
    set_axis(axes.xaxis, across)
    set_axis(axes.yaxis, up)
    told = table.assign(x=places(across), y=places(up))
    if across.nunique() * up.nunique() == len(table) and min(across.nunique(), up.nunique()) > 1:
        axes.set_facecolor(EMPTY)
        grid = told.pivot(index="y", columns="x", values=column).sort_index().sort_index(axis=1)
        ends = [
            borders(index.to_numpy(float), log=is_number(values) and is_log(values, RATIO_X))
            for index, values in ((grid.columns, across), (grid.index, up))
        ]
        return axes.pcolormesh(*ends, np.ma.masked_invalid(grid.to_numpy(float)), **look,
                               rasterized=grid.size > 400)  # fmt: skip
    if len(told) > MOST_DOTS:
        known = told[np.isfinite(told[column])]
        scales = {f"{axis}scale": getattr(axes, f"get_{axis}scale")() for axis in "xy"}
        look = look | {"gridsize": (36, 20), "lw": 0.2, "edgecolors": "face", **scales}
        drawn = axes.hexbin(
            known["x"], known["y"], C=known[column], reduce_C_function=of_many, **look
        )
        set_axis(axes.xaxis, across)  # whose numbers a scale set anew has lost
        set_axis(axes.yaxis, up)
        return drawn
    return axes.scatter(
        told["x"], told["y"], c=told[column], s=max(6, 3000 / len(told) ** 0.9), lw=0, **look
    )


def borders(middle: np.ndarray, *, log: bool) -> np.ndarray:
    """Return where tiles meet, shape ``(n + 1,)``: half-way between their middles.

    What is nowhere below 0 has no tile that reaches below 0.

    Examples
    --------
    >>> borders(np.array([1.0, 2.0, 4.0]), log=False).tolist()
    [0.5, 1.5, 3.0, 5.0]
    """
    told = np.log(middle) if log else middle
    inner = (told[1:] + told[:-1]) / 2
    found = np.concatenate([[2 * told[0] - inner[0]], inner, [2 * told[-1] - inner[-1]]])
    if log:
        return np.exp(found)
    found[0] = found[0] if middle[0] < 0 else max(found[0], 0.0)
    return found
