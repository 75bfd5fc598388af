"""The picture of a phase diagram: which behaviour there is over two parameters."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.study_axes import Units, label, wrapped
from adaptsim.figures.study_map import draw_field
from adaptsim.figures.style import house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KNOWN = {"stable": "#56B4E9", "unstable": "#E69F00", "diverged": "#333333", "mixed": "#BBBBBB"}
"""Phases that mean the same in all studies have the same colour in all."""

OTHERS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#F0E442")


def phases_figure(
    table: pd.DataFrame,
    x: str,
    y: str,
    units: Units | None = None,
    borders: Mapping[str, pd.DataFrame] | None = None,
) -> Figure:
    """Return the phase diagram.

    Parameters
    ----------
    table : DataFrame
        As `adaptsim.studies.analysis.phases` returns it, over two parameters.
    x, y : str
        The parameters along the axes.
    units : mapping, optional
        Units by name.
    borders : mapping, optional
        Borders that theory predicts, by name (``_`` before it: without a name), as rows of both
        parameters.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(3.5, 2.9), layout="constrained")
        draw_phases(canvas.add_subplot(), table, x, y, units, borders)
    return canvas


def commonest(codes: Sequence[int]) -> float:
    """Return the commonest of some codes.

    Examples
    --------
    >>> commonest([0, 2, 1, 2])
    2.0
    """
    return float(np.bincount(codes).argmax())


def draw_phases(
    axes: Axes,
    table: pd.DataFrame,
    x: str,
    y: str,
    units: Units | None = None,
    borders: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Draw each place in the colour of its phase, the commonest phase first."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    names = list(table["phase"].value_counts().index)
    spare = itertools.cycle(OTHERS)
    colours = [KNOWN[name] if name in KNOWN else next(spare) for name in names]
    told = table.assign(code=table["phase"].map({name: i for i, name in enumerate(names)}))
    look = {"cmap": ListedColormap(colours), "vmin": -0.5, "vmax": len(names) - 0.5}
    draw_field(axes, told, "code", x, y, look, of_many=commonest)
    axes.set(xlabel=label(x, units), ylabel=wrapped(label(y, units)))
    marks: list[Any] = [
        Patch(color=colour, label=name) for colour, name in zip(colours, names, strict=True)
    ]
    for name, line in (borders or {}).items():
        ends = axes.axis()
        drawn = axes.plot(line[f"p_{x}"], line[f"p_{y}"], "k.", ms=6, label=name)
        axes.axis(ends)
        marks += [] if name.startswith("_") else drawn
    axes.legend(
        handles=marks,
        ncols=2 if borders else 3,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
    )
