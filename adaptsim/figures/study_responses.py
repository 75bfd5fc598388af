"""The picture of response curves: a measure against a parameter, with intervals and theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.study_axes import (
    RATIO_Y,
    Units,
    is_log,
    is_number,
    label,
    places,
    plain_numbers,
    set_axis,
    value_text,
    words_of,
    wrapped,
)
from adaptsim.figures.style import WONG, house_style, shades

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKED = 40
"""Up to so many places of a curve are marked with a dot."""


def responses_figure(
    tables: dict[str, pd.DataFrame],
    parameter: str,
    by: Sequence[str] = (),
    units: Units | None = None,
) -> Figure:
    """Return one panel for each measure.

    Parameters
    ----------
    tables : dict of DataFrame
        By measure, as `adaptsim.studies.analysis.response_curves` returns it.
    parameter : str
        What lies along the axis.
    by : sequence of str
        What tells curves apart.
    units : mapping, optional
        Units by name.
    """
    from matplotlib.figure import Figure as Canvas

    columns = min(len(tables), 2)
    rows = -(-len(tables) // columns)
    with house_style():
        canvas = Canvas(figsize=(3.5 * columns, 2.5 * rows + 0.3), layout="constrained")
        panels = canvas.subplots(rows, columns, squeeze=False).ravel()
        for axes, (measure, table) in zip(panels, tables.items(), strict=False):
            draw_responses(axes, table, measure, parameter, by, units)
        for axes in panels[len(tables) :]:
            axes.set_axis_off()
        _one_legend(canvas, list(panels), by)
    return canvas


def _one_legend(canvas: Figure, panels: Sequence[Axes], by: Sequence[str]) -> None:
    """Draw what lines mean once, above all panels."""
    marks = {
        name: handle
        for axes in panels
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    for axes in panels:
        own = axes.get_legend()
        if own is not None:
            own.remove()
    if marks:
        title = ", ".join(map(words_of, by))
        canvas.legend(
            list(marks.values()), list(marks), loc="outside upper left", ncols=10,
            title=title or None, title_fontsize=7, alignment="left", columnspacing=1.2,
        )  # fmt: skip


def draw_responses(
    axes: Axes,
    table: pd.DataFrame,
    measure: str,
    parameter: str,
    by: Sequence[str] = (),
    units: Units | None = None,
) -> None:
    """Draw means as dots, with intervals; theory dashed, or dots joined where there is none."""
    keys = [f"p_{name}" for name in by]
    groups = list(table.groupby(keys, sort=True)) if keys else [((), table)]
    for (name, rows), colour in zip(groups, shades(len(groups)), strict=True):
        told = name if isinstance(name, tuple) else (name,)
        _draw_curve(axes, rows, parameter, colour, ", ".join(map(value_text, told)))
    if table["theory"].notna().any():
        axes.plot([], [], "--", color="black" if by else WONG[1], lw=1, label="theory")
    _scale(axes, table, parameter)
    axes.set(xlabel=label(parameter, units), ylabel=wrapped(label(measure, units)))
    if axes.get_legend_handles_labels()[1]:
        title = ", ".join(map(words_of, by)) or None
        axes.legend(title=title, title_fontsize=7, ncols=1 + len(groups) // 6)


def _draw_curve(axes: Axes, rows: pd.DataFrame, parameter: str, colour: Any, name: str) -> None:
    x, value = places(rows[f"p_{parameter}"]), rows["value"].to_numpy()
    mark = "o" if len(x) <= MARKED else None
    theory = rows["theory"].where(rows["value"].notna()).to_numpy(float)
    told = bool(np.isfinite(theory).any())
    joined = "-" if is_number(rows[f"p_{parameter}"]) and not (told and mark) else ""
    axes.plot(x, value, linestyle=joined, marker=mark, ms=3, color=colour, label=name or None)
    low, high = rows["ci_low"].to_numpy(), rows["ci_high"].to_numpy()
    if joined and np.isfinite(low).any():
        axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
    elif np.isfinite(low).any():
        axes.vlines(x, low, high, color=colour, lw=1)
    if told:
        axes.plot(x, theory, "--", color=colour if name else WONG[1], lw=1, zorder=3)


def _scale(axes: Axes, table: pd.DataFrame, parameter: str) -> None:
    set_axis(axes.xaxis, table[f"p_{parameter}"])
    if is_log(table["value"], RATIO_Y):
        axes.set_yscale("log")
        plain_numbers(axes.yaxis, table["value"])
