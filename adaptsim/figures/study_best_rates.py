"""The picture of the best learning rate in each environment, beside what theory says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

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
    wrapped,
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
    exact: Exact | None = None,
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
    exact : Exact, optional
        The closed form along the axis.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(3.5, 2.8), layout="constrained")
        draw_best_rates(canvas.add_subplot(), table, rate, lines, units, exact)
    return canvas


def draw_best_rates(
    axes: Axes,
    table: pd.DataFrame,
    rate: str,
    lines: Mapping[str, Callable[[Any], Any]] | None = None,
    units: Units | None = None,
    exact: Exact | None = None,
) -> None:
    """Draw best rates with intervals, and theory: the closed form as a line.

    Without one it is dashed where theory has the least at the same rates. A triangle stands where
    the sweep ends before the interval does.
    """
    names = [name for name in map(str, table.columns) if name.startswith("p_")]
    first, others = names[0], names[1:]
    groups = list(table.groupby(others, sort=True)) if others else [((), table)]
    for (told, rows), colour in zip(groups, shades(len(groups)), strict=True):
        values = told if isinstance(told, tuple) else (told,)
        _draw_measured(axes, rows, first, colour, ", ".join(map(value_text, values)))
        if exact is not None:
            _draw_exact(axes, exact.along(dict(zip(others, values, strict=True))), first, colour)
        elif rows["theory"].notna().any():
            axes.plot(places(rows[first]), rows["theory"], "--", lw=1, color=colour)
    set_axis(axes.xaxis, table[first])
    _draw_lines(axes, table[first], lines or {})
    _name_theory(axes, table, exact)
    known = table.loc[table["best"].notna(), ["best", "best_low", "best_high"]].to_numpy()
    if is_log(table["best"], RATIO_X):
        axes.set_yscale("log")
        plain_numbers(axes.yaxis, table["best"])
        lowest = np.nanmin([np.nanmin(known), table["swept"].min()])
        axes.set_ylim(0.8 * lowest, 1.4 * np.nanmax(known))
    axes.set(xlabel=label(first[2:], units), ylabel=wrapped("best " + label(rate, units)))
    axes.legend(title=", ".join(words_of(one[2:]) for one in others) or None, title_fontsize=7)


class Exact(NamedTuple):
    """A closed form of the best rate along the axis.

    Attributes
    ----------
    lines : DataFrame
        As `adaptsim.studies.analysis.exact_lines` returns it.
    name, edge : str
        What the line is called, and where it ends.
    """

    lines: pd.DataFrame
    name: str
    edge: str = ""

    def along(self, values: Mapping[str, Any]) -> pd.DataFrame:
        """Return the line at some values of the other columns."""
        chosen = self.lines
        for column, value in values.items():
            chosen = chosen[chosen[column] == value]
        return chosen


def _draw_measured(axes: Axes, rows: pd.DataFrame, first: str, colour: Any, name: str) -> None:
    x, best = places(rows[first]), rows["best"].to_numpy()
    error = np.abs(np.stack([best - rows["best_low"], rows["best_high"] - best]))
    axes.errorbar(x, best, np.nan_to_num(error), fmt="o", ms=3.5, lw=0.9, color=colour,
                  mfc="white", label=name or "measured")  # fmt: skip
    for end, mark in (("low", "v"), ("high", "^")):
        at = rows["flag"].str.contains(f"{end} end").to_numpy()
        axes.plot(x[at], rows[f"best_{end}"].fillna(rows["swept"]).to_numpy()[at], mark, ms=4,
                  color=colour)  # fmt: skip


def _draw_exact(axes: Axes, line: pd.DataFrame, first: str, colour: Any) -> None:
    axes.plot(line[first], line["best"].where(line["best"] > 0), color=colour, lw=1, zorder=1)
    if "edge" in line and line[first].min() < line["edge"].iloc[0] < line[first].max():
        axes.axvline(line["edge"].iloc[0], color=colour, lw=0.8, ls=":", zorder=0)


def _name_theory(axes: Axes, table: pd.DataFrame, exact: Exact | None) -> None:
    """Name the lines of theory once, whatever their colours."""
    if exact is None:
        if table["theory"].notna().any():
            axes.plot([], [], "--", lw=1, color="black", label="theory, same rates")
        return
    axes.plot([], [], lw=1, color=THEORY, label=exact.name)
    if exact.edge and "edge" in exact.lines:
        axes.plot([], [], ":", lw=0.8, color=THEORY, label=exact.edge)


def _draw_lines(
    axes: Axes, values: pd.Series[Any], lines: Mapping[str, Callable[[Any], Any]]
) -> None:
    x = places(values)
    space = np.geomspace if is_log(values, RATIO_X) else np.linspace
    along = space(x.min(), x.max(), 200)
    for (name, line), dash in zip(lines.items(), ("-", ":", "-."), strict=False):
        axes.plot(along, line(along), dash, color=THEORY, lw=1, label=name, zorder=1)
