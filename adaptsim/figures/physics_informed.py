"""The picture of a network that obeys a law: its field, its course, and when to switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = 21


def physics_informed_figure(
    places: np.ndarray,
    fields: tuple[np.ndarray, np.ndarray],
    courses: Mapping[str, Mapping[str, np.ndarray]],
    signals: Mapping[str, Mapping[str, Any]],
    thresholds: tuple[float, float],
    ends: Mapping[str, Mapping[str, np.ndarray]],
) -> Figure:
    """Return the picture of a physics-informed network.

    Parameters
    ----------
    places
        Places in the unit square, shape ``(m, 2)``, a square grid, the second coordinate changing
        fastest.
    fields
        Exact and the network's displacements there, shape ``(m, 2)`` each.
    courses
        By strategy, ``gradients``, ``loss`` and ``error``, shape ``(k,)`` each, of one plate. The
        strategy that is last is the one that switches.
    signals
        By problem, ``steps`` and ``ratio`` of signal to noise until the switch, shape ``(k,)``, and
        ``spent``, gradients by then; the last is that of the plate.
    thresholds
        Ratio below which gradients disagree, and above which they agree again.
    ends
        By problem and strategy, the error at the end for each seed, shape ``(seeds,)``.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 8.6), layout="constrained")
        parts: Any = canvas.subfigures(3, 1, height_ratios=[1.0, 1.05, 1.25])
        top, middle, low = parts
        draw_fields(top.subplots(1, 3), places, *fields)
        loss, error, signal = middle.subplots(1, 3)
        switched = float(list(signals.values())[-1]["spent"])
        draw_course(loss, courses, "loss", "loss of the plate [1]", switched)
        draw_course(error, courses, "error", "error of the plate [1]", switched)
        loss.legend(loc="upper right", fontsize=6)
        draw_signals(signal, signals, thresholds)
        columns = low.subplots(1, len(ends), squeeze=False)
        for axes, (problem, found) in zip(columns[0], ends.items(), strict=True):
            draw_ends(axes, found)
            axes.set_title(problem)
        canvas.suptitle("A network that obeys a law of physics", x=0.01, ha="left")
    return canvas


def draw_fields(
    panels: Any, places: np.ndarray, exact: np.ndarray, network: np.ndarray, component: int = 1
) -> None:
    """Draw one displacement of a plate: exact, the network's, and by how much that is wrong."""
    side = round(float(np.sqrt(len(places))))
    x, y = (places[:, i].reshape(side, side) for i in (0, 1))
    wrong = network - exact
    most = np.abs(exact[:, component]).max()
    miss = max(np.abs(wrong[:, component]).max(), 1e-300)
    power = int(np.floor(np.log10(miss)))
    drawn = {
        "exact displacement v": (exact, most, 1.0, "[1]"),
        "of the network": (network, most, 1.0, "[1]"),
        "network less exact": (wrong, miss, 10.0**power, rf"[$10^{{{power}}}$]"),
    }
    for axes, (title, (field, size, scale, unit)) in zip(panels, drawn.items(), strict=True):
        levels = np.linspace(-size, size, LEVELS) / scale
        values = field[:, component].reshape(side, side) / scale
        shown = axes.contourf(x, y, values, levels=levels, cmap="RdBu_r")
        axes.set(title=title, xlabel="x [side]", aspect="equal", xticks=[0, 0.5, 1])
        axes.set(yticks=[0, 0.5, 1], ylabel="y [side]" if axes is panels[0] else "")
        bar = axes.figure.colorbar(shown, ax=axes, shrink=0.8, ticks=[levels[0], 0.0, levels[-1]])
        bar.ax.set_yticklabels([f"{one:.2g}" for one in bar.get_ticks()])
        bar.ax.set_title(unit, fontsize=7, loc="left")


def draw_course(
    axes: Axes, courses: Mapping[str, Mapping[str, np.ndarray]], what: str, unit: str, at: float
) -> None:
    """Draw loss or error over the gradients taken, and where the last strategy switched."""
    for (name, course), colour in zip(courses.items(), WONG, strict=False):
        later = course["gradients"] > 0
        axes.plot(course["gradients"][later], course[what][later], color=colour, label=name)
    axes.axvline(at, color=THEORY, ls=":", lw=0.9, label="switch")
    axes.set(yscale="log", xlabel="gradients taken [1]", ylabel=unit)


def draw_signals(
    axes: Axes, signals: Mapping[str, Mapping[str, Any]], thresholds: tuple[float, float]
) -> None:
    """Draw the ratio of signal to noise until each switch, and the thresholds of the criterion."""
    for (name, one), colour in zip(signals.items(), (*WONG[3:], *WONG[:3]), strict=False):
        axes.plot(one["steps"], one["ratio"], color=colour, lw=0.9, label=name)
        axes.plot(one["steps"][-1], one["ratio"][-1], "*", color=colour, ms=8, mec="white", mew=0.5)
    for level in thresholds:
        axes.axhline(level, color=THEORY, ls="--", lw=0.8)
    axes.set(yscale="log", xlabel="steps of Adam [steps]", ylabel="signal to noise [1]")
    axes.set_ylim(top=30 * axes.get_ylim()[1])  # room for the names
    axes.legend(loc="upper right", fontsize=6)


def draw_ends(axes: Axes, found: Mapping[str, np.ndarray]) -> None:
    """Draw the error at the end by strategy: seeds as points, joined, and geometric means."""
    columns = np.arange(len(found))
    ends = np.array(list(found.values()))
    axes.plot(columns, ends, color="#BBBBBB", lw=0.6, zorder=1)
    for column, end in zip(columns, ends, strict=True):
        own = WONG[2] if column == columns[-1] else WONG[0]
        axes.plot(np.full(len(end), column), end, "o", color=own, ms=3.5, mec="white", mew=0.4)
        middle = np.exp(np.log(end).mean())
        axes.plot([column - 0.3, column + 0.3], [middle, middle], color=OPTIMUM, lw=1.4)
    axes.set_xticks(columns, list(found), rotation=60, ha="right", rotation_mode="anchor")
    axes.set(yscale="log", ylabel="error at the end [1]")
