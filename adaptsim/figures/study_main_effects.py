"""The picture of main effects: the mean of a measure given each parameter alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adaptsim.figures.study_axes import Units, label, set_axis, wrapped
from adaptsim.figures.style import WONG, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def main_effects_figure(table: pd.DataFrame, measure: str, units: Units | None = None) -> Figure:
    """Return one panel for each parameter, all with one vertical axis.

    Parameters
    ----------
    table : DataFrame
        As `adaptsim.studies.analysis.main_effects` returns it.
    measure : str
        What answers.
    units : mapping, optional
        Units by name.
    """
    from matplotlib.figure import Figure as Canvas

    names = list(dict.fromkeys(table["parameter"]))
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    with house_style():
        canvas = Canvas(figsize=(2.4 * columns, 2.2 * rows), layout="constrained")
        panels = canvas.subplots(rows, columns, squeeze=False, sharey=True)
        for axes, name in zip(panels.ravel(), names, strict=False):
            told = table[table["parameter"] == name]
            axes.plot(told["middle"], told["value"], "o-", ms=3, color=WONG[0])
            axes.fill_between(
                told["middle"], told["ci_low"], told["ci_high"], color=WONG[0], alpha=0.2, lw=0
            )
            set_axis(axes.xaxis, told["middle"])
            axes.set_xlabel(label(name, units))
        for row in panels:
            row[0].set_ylabel(wrapped(label(measure, units)))
        for axes in panels.ravel()[len(names) :]:
            axes.set_axis_off()
    return canvas
