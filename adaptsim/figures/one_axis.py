"""The picture of all families on one axis: the pace of the world over their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = "os^Dv"
LINE: dict[str, Any] = {"color": THEORY, "lw": 0.9, "zorder": 1}
PACE = r"x = 2$\pi$ / (period $\times$ rate) [rad]"


def one_axis_figure(
    table: pd.DataFrame,
    others: pd.DataFrame,
    curves: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> Figure:
    """Return the picture, in eight parts.

    Parameters
    ----------
    table, others
        What is of first order, and what is not: columns ``family, g, rate, x, measure, measured,
        first_order``; a family after a comma is a variant that is not drawn.
    curves
        What theory has of the others, by family: x, lag times rate, gain.
    """
    from matplotlib.figure import Figure as Canvas

    names = [name for name in table["family"].unique() if "," not in name]
    styles = {name: (WONG[i], MARKS[i]) for i, name in enumerate(names)}
    with house_style():
        canvas = Canvas(figsize=(7.0, 9.0), layout="constrained")
        parts = canvas.subplots(4, 2)
        for axes, rows, title in (
            (parts[0], table, "of first order"),
            (parts[1], others, "not of first order"),
        ):
            draw_lag(axes[0], rows, styles, title)
            draw_gain(axes[1], rows, styles, title)
        for name, (x, lag, gain) in curves.items():
            parts[1][0].plot(x, lag, "--", color=styles[name][0], lw=0.8, zorder=1)
            parts[1][1].plot(x, gain, "--", color=styles[name][0], lw=0.8, zorder=1)
        draw_rate(parts[2][0], table, styles)
        draw_recovery(parts[2][1], table, styles)
        draw_variance(parts[3][0], table, styles)
        draw_margin(parts[3][1], table, styles)
        parts[0][0].legend(loc="lower left")
        title = (
            "Five families on one axis (lines: theory of first order; dashed: theory of their own)"
        )
        canvas.suptitle(title, x=0.01, ha="left")
    return canvas


def points(
    axes: Axes,
    rows: pd.DataFrame,
    styles: Mapping[str, tuple[str, str]],
    x: Any,
    y: Any,
) -> None:
    """Draw the points of each family, later ones smaller, so that all of them are seen."""
    for place, (name, (colour, mark)) in enumerate(styles.items()):
        mine = rows["family"] == name
        axes.plot(x[mine], y[mine], mark, color=colour, mfc="none", ms=9 - 1.5 * place, mew=1.0,
                  label=name)  # fmt: skip


def draw_lag(axes: Axes, table: pd.DataFrame, styles: Any, title: str) -> None:
    """Draw lags in units of memory, half a tick taken off, over the pace of the world."""
    rows = table[table["measure"] == "lag"]
    tick = -np.log1p(-rows["g"]) / rows["rate"]
    pace = np.geomspace(rows["x"].min(), rows["x"].max(), 200)
    axes.plot(pace, np.arctan(pace) / pace, **LINE)
    points(axes, rows, styles, rows["x"], (rows["measured"] - tick / 2) * rows["rate"])
    axes.set(xscale="log", xlabel=PACE, ylabel=r"lag $\times$ rate [1]")
    axes.set_title(f"lag: {title}")


def draw_gain(axes: Axes, table: pd.DataFrame, styles: Any, title: str) -> None:
    """Draw gains over the pace of the world."""
    rows = table[table["measure"] == "gain"]
    pace = np.geomspace(rows["x"].min(), rows["x"].max(), 200)
    axes.plot(pace, 1 / np.sqrt(1 + pace**2), **LINE)
    points(axes, rows, styles, rows["x"], rows["measured"])
    axes.set(xscale="log", yscale="log", xlabel=PACE, ylabel="gain [1]")
    axes.set_title(f"gain: {title}")


def over_gains(axes: Axes, table: pd.DataFrame, styles: Any, measure: str) -> pd.DataFrame:
    """Draw one measure over the gain, with intervals, and return its rows."""
    rows = table[(table["measure"] == measure) & table["family"].isin(list(styles))]
    found, low, high = rows[["measured", "low", "high"]].to_numpy(float).T
    doubt = np.nan_to_num(np.array([found - low, high - found]))
    axes.errorbar(rows["g"], found, doubt, fmt="none", ecolor=THEORY, lw=0.7)
    points(axes, rows, styles, rows["g"], rows["measured"])
    axes.set(xscale="log", yscale="log", xlabel="share made good in a step, g [1]")
    told = np.unique(rows["g"])
    axes.set_xticks(told, [f"{one:g}" for one in told])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_minor_formatter("")
    return rows


def gains(rows: pd.DataFrame) -> np.ndarray:
    """Return gains for a curve."""
    return np.geomspace(rows["g"].min() / 1.3, rows["g"].max() * 1.3, 100)


def draw_rate(axes: Axes, table: pd.DataFrame, styles: Any) -> None:
    """Draw how fast noise is forgotten at rest."""
    many = gains(over_gains(axes, table, styles, "adaptation rate"))
    axes.plot(many, -np.log1p(-many), **LINE)
    axes.set_ylabel("adaptation rate [1/step]")
    axes.set_title("adaptation rate, read off noise at rest")


def draw_recovery(axes: Axes, table: pd.DataFrame, styles: Any) -> None:
    """Draw how long it takes to make good 63 % of a step."""
    many = gains(over_gains(axes, table, styles, "recovery time"))
    axes.plot(many, -1 / np.log1p(-many), **LINE)
    axes.set_ylabel("recovery time (63 %) [steps]")
    axes.set_title("recovery from a step")


def draw_variance(axes: Axes, table: pd.DataFrame, styles: Any) -> None:
    """Draw variances over that of a tracker which sees as much noise and is of first order."""
    told = table[table["measure"] == "variance"].copy()
    seen = told["first_order"] * (2 - told["g"]) / told["g"]
    columns = ["measured", "low", "high", "theory"]
    told[columns] = told[columns].div(seen, axis=0)
    many = gains(over_gains(axes, told, styles, "variance"))
    axes.plot(many, many / (2 - many), **LINE)
    own = told[told["family"] == "recommender"]
    axes.plot(own["g"], own["theory"], "--", color=styles["recommender"][0], lw=0.8)
    axes.set_ylabel("variance / variance seen [1]")
    axes.set_title("variance at rest")


def draw_margin(axes: Axes, table: pd.DataFrame, styles: Any) -> None:
    """Draw how many times faster one could learn before stability is lost."""
    rows = over_gains(axes, table, styles, "stability margin")
    many = gains(rows)
    axes.plot(many, 2 / many, **LINE)
    axes.set_ylabel("stability margin [1]")
    axes.set_title("stability margin (a population has no limit)")
