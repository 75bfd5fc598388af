"""The picture of sensitivity: Sobol indices as bars, elementary effects as mean against spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.study_axes import Units, label, words_of
from adaptsim.figures.style import THEORY, WONG, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIRS = 8
"""Up to so many pairs of parameters are drawn, those that do most together."""


def indices_figure(table: pd.DataFrame, units: Units | None = None) -> Figure:
    """Return the picture of the indices of one measure.

    Parameters
    ----------
    table : DataFrame
        As `sobol_indices`, `fourier_indices` or `elementary_effects` of
        `adaptsim.studies.analysis` return it.
    units : mapping, optional
        Units by name.
    """
    from matplotlib.figure import Figure as Canvas

    kinds = set(table["index"])
    many = table["parameter"].nunique()
    with house_style():
        if "mu_star" in kinds:
            canvas = Canvas(figsize=(3.5, 2.8), layout="constrained")
            draw_effects(canvas.add_subplot(), table, units)
        else:
            height = 1.0 + 0.34 * max(many, 3)
            canvas = Canvas(figsize=(7.0 if "S2" in kinds else 3.5, height), layout="constrained")
            panels = canvas.subplots(1, 2 if "S2" in kinds else 1, squeeze=False)[0]
            draw_indices(panels[0], table)
            if "S2" in kinds:
                draw_pairs(panels[1], table)
    return canvas


def draw_indices(axes: Axes, table: pd.DataFrame) -> None:
    """Draw first-order and total indices of each parameter, the most important on top."""
    wide = {kind: table[table["index"] == kind].set_index("parameter") for kind in ("S1", "ST")}
    order = wide["ST"]["value"].sort_values().index
    meaning = {"S1": "alone (first order)", "ST": "with all others (total)"}
    for (kind, rows), shift, colour in zip(wide.items(), (0.19, -0.19), WONG, strict=False):
        _bars(axes, np.arange(len(order)) + shift, rows.loc[order], colour, 0.36, meaning[kind])
    axes.set_yticks(range(len(order)), [words_of(name) for name in order])
    axes.axvline(0, color=THEORY, lw=0.6)
    axes.set(xlabel="share of the variance [1]", xlim=(min(0.0, axes.get_xlim()[0]), None))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)


def draw_pairs(axes: Axes, table: pd.DataFrame) -> None:
    """Draw what pairs of parameters do together, the pairs that do most on top."""
    rows = table[table["index"] == "S2"].sort_values("value", ascending=False)[:PAIRS][::-1]
    _bars(axes, np.arange(len(rows)), rows, WONG[2], 0.6, "")
    names = [
        f"{words_of(a)} + {words_of(b)}"
        for a, b in zip(rows["parameter"], rows["other"], strict=True)
    ]
    axes.set_yticks(range(len(rows)), names)
    axes.axvline(0, color=THEORY, lw=0.6)
    axes.set(xlabel="share of the variance [1]")
    axes.set_title("pairs, beyond what each does alone")


def _bars(
    axes: Axes, y: np.ndarray, rows: pd.DataFrame, colour: Any, height: float, name: str
) -> None:
    value = rows["value"].to_numpy(float)
    half = (rows["ci_high"] - rows["ci_low"]).to_numpy(float) / 2
    axes.barh(y, value, height, color=colour, label=name)
    known = np.isfinite(half)
    axes.errorbar(value[known], y[known], xerr=half[known], fmt="none", ecolor="black", lw=0.9,
                  capsize=1.5)  # fmt: skip


def draw_effects(axes: Axes, table: pd.DataFrame, units: Units | None = None) -> None:
    """Draw the spread of elementary effects against the mean of their sizes.

    Right means important, and above the line means that an effect changes sign or size with where
    one stands.
    """
    wide = {
        kind: table[table["index"] == kind].set_index("parameter") for kind in ("mu_star", "sigma")
    }
    size, spread = wide["mu_star"]["value"], wide["sigma"]["value"].loc[wide["mu_star"].index]
    half = (wide["mu_star"]["ci_high"] - wide["mu_star"]["ci_low"]) / 2
    axes.errorbar(size, spread, xerr=half, fmt="o", ms=4, lw=0.9, color=WONG[0])
    reach = float(max(size.max(), spread.max()))
    axes.plot([0, reach], [0, reach], ":", color=THEORY, lw=0.9, label="spread = mean size")
    for place, name in enumerate(size.sort_values().index):
        axes.annotate(words_of(name), (size[name], spread[name]), (3, -9 if place % 2 else 4),
                      textcoords="offset points", fontsize=7)  # fmt: skip
    measure = str(table["measure"].iloc[0])
    axes.set_xlabel("mean size $\\mu^*$ of effects on\n" + label(measure, units))
    axes.set(ylabel="spread $\\sigma$ of effects", xlim=(0, None))
    axes.margins(0.15)
    axes.set_ylim(bottom=min(0.0, -0.03 * reach))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
