"""The picture of the best learning rate in each environment, beside what theory says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.study_axes import (
    RATIO_X,
    Units,
    is_log,
    label,
    places,
    plain_numbers,
    set_axis,
    value_text,
    words_of,
)
from adaptsim.figures.style import THEORY, house_style, shades

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def best_rates_figure(
    table: pd.DataFrame,
    rate: str,
    lines: Mapping[str, Callable[[Any], Any]] | None = None,
    units: Units | None = None,
) -> Figure:
    """Return the best rate against the environment.

    Parameters
    ----------
    table : DataFrame
        As `adaptsim.studies.analysis.best_rates` returns it, with one or two parameters of the
        environment; the first lies along the axis, the second tells curves apart.
    rate : str
        Name of the parameter that was chosen.
    lines : mapping, optional
        Curves of theory by name, functions of the parameter along the axis.
    units : mapping, optional
        Units by name.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(3.5, 2.8), layout="constrained")
        draw_best_rates(canvas.add_subplot(), table, rate, lines, units)
    return canvas


def draw_best_rates(
    axes: Axes,
    table: pd.DataFrame,
    rate: str,
    lines: Mapping[str, Callable[[Any], Any]] | None = None,
    units: Units | None = None,
) -> None:
    """Draw best rates with intervals; dashed where theory has the least at the same rates."""
    names = [name for name in map(str, table.columns) if name.startswith("p_")]
    first, others = names[0], names[1:]
    groups = list(table.groupby(others, sort=True)) if others else [((), table)]
    for (told, rows), colour in zip(groups, shades(len(groups)), strict=True):
        values = told if isinstance(told, tuple) else (told,)
        x, best = places(rows[first]), rows["best"].to_numpy()
        error = np.abs(np.stack([best - rows["best_low"], rows["best_high"] - best]))
        name = ", ".join(map(value_text, values)) or "measured"
        axes.errorbar(x, best, np.nan_to_num(error), fmt="o", ms=3.5, lw=0.9, color=colour,
                      mfc="white", label=name)  # fmt: skip
        if rows["theory"].notna().any():
            axes.plot(x, rows["theory"], "--", lw=1, color=colour)
    if table["theory"].notna().any():
        axes.plot([], [], "--", lw=1, color="black", label="theory, same rates")
    set_axis(axes.xaxis, table[first])
    _draw_lines(axes, table[first], lines or {})
    if is_log(table["best"], RATIO_X):
        axes.set_yscale("log")
        plain_numbers(axes.yaxis, table["best"])
    axes.set(xlabel=label(first[2:], units), ylabel="best " + label(rate, units))
    axes.legend(title=", ".join(words_of(one[2:]) for one in others) or None, title_fontsize=7)


def _draw_lines(
    axes: Axes, values: pd.Series[Any], lines: Mapping[str, Callable[[Any], Any]]
) -> None:
    x = places(values)
    space = np.geomspace if is_log(values, RATIO_X) else np.linspace
    along = space(x.min(), x.max(), 200)
    for (name, line), dash in zip(lines.items(), ("-", ":", "-."), strict=False):
        axes.plot(along, line(along), dash, color=THEORY, lw=1, label=name, zorder=1)
