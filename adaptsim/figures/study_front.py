"""The picture of a Pareto front: responsiveness against stability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adaptsim.figures.study_axes import Units, is_log, label, plain_numbers, wrapped
from adaptsim.figures.style import WONG, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOG = 8.0


def front_figure(
    table: pd.DataFrame, responsiveness: str, stability: str, units: Units | None = None
) -> Figure:
    """Return all cells in the plane of two measures, those on the front joined.

    Parameters
    ----------
    table : DataFrame
        As `adaptsim.studies.analysis.pareto_front` returns it.
    responsiveness, stability : str
        The two measures.
    units : mapping, optional
        Units by name.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(3.5, 2.8), layout="constrained")
        draw_front(canvas.add_subplot(), table, responsiveness, stability, units)
    return canvas


def draw_front(
    axes: Axes,
    table: pd.DataFrame,
    responsiveness: str,
    stability: str,
    units: Units | None = None,
) -> None:
    """Draw dominated cells hollow, the front filled, with intervals where they are known."""
    for on_front, colour, name in ((False, "#888888", "dominated"), (True, WONG[0], "front")):
        rows = table[table["on_front"] == on_front].sort_values(responsiveness)
        if rows.empty:
            continue
        errors: dict[str, Any] = {
            axis: [rows[one] - rows[f"{one}_low"], rows[f"{one}_high"] - rows[one]]
            for axis, one in (("xerr", responsiveness), ("yerr", stability))
        }
        known = rows[f"{responsiveness}_low"].notna().any()
        axes.errorbar(
            rows[responsiveness], rows[stability], **(errors if known else {}),
            fmt="o-" if on_front else "o", ms=3.5, lw=0.9, elinewidth=0.6, color=colour,
            mfc=colour if on_front else "white", label=name, zorder=2 + on_front,
        )  # fmt: skip
    for axis, set_scale, name in (
        (axes.xaxis, axes.set_xscale, responsiveness),
        (axes.yaxis, axes.set_yscale, stability),
    ):
        if is_log(table[name], LOG):
            set_scale("log")
            plain_numbers(axis, table[name])
    axes.set(xlabel=label(responsiveness, units), ylabel=wrapped(label(stability, units)))
    axes.legend()
