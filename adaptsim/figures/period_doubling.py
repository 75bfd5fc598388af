"""The picture of the route to chaos: orbits, exponents, how doublings crowd, and basins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.orbits import draw_exponents, draw_orbits
from adaptsim.figures.style import THEORY, WONG, house_style
from adaptsim.figures.walks import END_COLOURS, ENDS
from adaptsim.theory.period_doubling import FEIGENBAUM_DELTA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.dynamics import Basin, Cascade, Lyapunov, OrbitDiagram

RATE = "learning rate [1/curvature]"
MARKED = 3


def period_doubling_figure(
    seen: Mapping[str, tuple[OrbitDiagram, Lyapunov]],
    cascades: Mapping[str, Cascade],
    exact: Mapping[str, Callable[[np.ndarray], Any]],
    basin: tuple[Basin, np.ndarray],
) -> Figure:
    """Return the picture of the route to chaos: a column for each learner, and two panels below.

    Parameters
    ----------
    seen
        By learner, its orbits and Lyapunov exponents over the rate.
    cascades
        By learner, where its period doubles.
    exact
        By learner, its exponent as a function of the rate, nan where unknown; may lack some.
    basin
        What becomes of starts over the rate, and how far a start may lie by theory, ``(v,)``.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 7.8), layout="constrained")
        grid = canvas.subplots(3, len(seen), height_ratios=[1.6, 1.15, 1.4])
        for (name, (orbits, exponents)), top, middle in zip(seen.items(), *grid[:2], strict=True):
            marks = _marks(cascades[name])
            kept = orbits.positions[:, 0, :, 0]
            draw_orbits(top, orbits.values, kept, marks, ("", "after settling [trait]"))
            top.set_title(name, pad=18)
            grown = exponents.exponents[:, 0]
            draw_exponents(middle, exponents.values, grown, marks, RATE)
            if name in exact:
                known = exact[name](exponents.values)
                middle.plot(exponents.values, known, color=WONG[2], ls="--", label="theory")
            middle.legend(loc="lower right")
        draw_crowding(grid[2, 0], cascades)
        draw_basin(grid[2, 1], *basin)
        canvas.suptitle("Turning up the learning rate", x=0.01, ha="left")
    return canvas


def draw_crowding(axes: Axes, cascades: Mapping[str, Cascade]) -> None:
    """Draw the distances between successive doublings, and lines that fall by Feigenbaum's ratio.

    The lines go through the last point of each learner: their slope alone is theory.
    """
    for (name, cascade), colour, mark in zip(cascades.items(), WONG, "os", strict=False):
        steps = np.diff(cascade.values)
        count = np.arange(1, len(steps) + 1)
        axes.plot(count, steps[-1] * FEIGENBAUM_DELTA ** (count[-1] - count), color=colour, lw=0.9)
        axes.plot(count, steps, mark, color=colour, ms=5, mfc="white", label=name)
    axes.plot([], [], color=THEORY, lw=0.9, label="falls by 4.669 (theory)")
    periods = [f"{2**n}→{2 ** (n + 1)}→{2 ** (n + 2)}" for n in range(len(count))]
    axes.set_xticks(count, periods)
    axes.set(yscale="log", xlabel="which doublings [period]",
             ylabel="distance of their rates [1/curvature]")  # fmt: skip
    axes.set_title("doublings crowd together by one ratio")
    axes.legend(loc="lower left")


def draw_basin(axes: Axes, found: Basin, reach: np.ndarray) -> None:
    """Draw what becomes of each start at each rate, and how far a start may lie by theory."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    axes.pcolormesh(found.values, found.starts[:, 0], found.codes.T, vmin=-0.5, vmax=4.5,
                    cmap=ListedColormap(END_COLOURS), rasterized=True)  # fmt: skip
    for side in (1, -1):
        axes.plot(found.values, side * reach, color="white", lw=1.0, ls="--")
    seen = [int(one) for one in np.unique(found.codes)]
    marks = [Patch(color=END_COLOURS[one], label=ENDS[one]) for one in seen]
    axes.legend(handles=marks, loc="lower left", ncols=3, bbox_to_anchor=(0.0, 1.0), fontsize=6,
                columnspacing=1, handlelength=1)  # fmt: skip
    start = np.abs(found.starts[:, 0]).max()
    axes.set(xlabel=RATE, ylabel="start in the double well [trait]", ylim=(-start, start))


def _marks(cascade: Cascade) -> dict[str, float]:
    """Return the first doublings and where they end, by what they are called."""
    marks = {f"{period}→{2 * period}": value
             for period, value in zip(cascade.periods, cascade.values, strict=True)}  # fmt: skip
    return dict(list(marks.items())[:MARKED])
