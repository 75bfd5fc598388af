"""The picture of descent as Euler's method: flow and walks, stable regions, work, stiffness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.goldilocks import TRAITS, draw_map, draw_path
from adaptsim.figures.style import OPTIMUM, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.flow import Crossings, Flow, Region, Work

MARKS = "osD^v<"


def stiffness_figure(
    followed: tuple[Any, Flow, Mapping[float, np.ndarray]],
    regions: Mapping[str, Region],
    work: Sequence[Work],
    crossed: Mapping[str, Crossings],
) -> Figure:
    """Return the picture of descent as a solver of the gradient flow, in four parts.

    Parameters
    ----------
    followed
        A landscape of two coordinates, its flow from a start, and by learning rate the places of
        a walk from there, shape ``(k, 2)`` [trait].
    regions
        By method, what `adaptsim.flow.stability_region` returned.
    work
        Rows of `adaptsim.flow.work_precision` and `fixed_steps`.
    crossed
        By solver, what `adaptsim.flow.crossings` returned.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 5.6), layout="constrained")
        (paths, plane), (effort, stiff) = canvas.subplots(2, 2)
        draw_paths(paths, *followed)
        draw_regions(plane, regions)
        draw_work(effort, work)
        draw_crossings(stiff, crossed)
        canvas.suptitle("A learning rate is a time step", x=0.01, ha="left")
    return canvas


def draw_paths(axes: Axes, landscape: Any, flow: Flow, walks: Mapping[float, np.ndarray]) -> None:
    """Draw the smooth way downhill, and walks that follow it with steps of several sizes."""
    places = np.concatenate([flow.theta, *(np.asarray(one) for one in walks.values())])
    room = 0.08 * np.ptp(places, axis=0)
    draw_map(axes, landscape, (places.min(axis=0) - room, places.max(axis=0) + room))
    colours = WONG[: len(walks)]
    for (rate, walk), colour in reversed(list(zip(walks.items(), colours, strict=True))):
        draw_path(axes, np.asarray(walk), colour, f"η = {rate:g}")
    axes.plot(*flow.theta.T, color=OPTIMUM, lw=1.5, label="gradient flow", zorder=3)
    axes.set(xlabel=TRAITS[0], ylabel=TRAITS[1])
    axes.set_title("descent follows the flow in steps")
    axes.legend(loc="best")


def draw_regions(axes: Axes, regions: Mapping[str, Region]) -> None:
    """Draw the edge of where each method is stable: inside, but outside for an implicit one."""
    from matplotlib.lines import Line2D

    for one, colour in zip(regions.values(), WONG, strict=False):
        axes.contour(one.real, one.imaginary, one.growth, levels=[1.0], colors=[colour],
                     linewidths=1.2)  # fmt: skip
        axes.contourf(one.real, one.imaginary, one.growth, levels=[0.0, 1.0], colors=[colour],
                      alpha=0.12)  # fmt: skip
    told = [Line2D([], [], color=colour) for colour in WONG[: len(regions)]]
    axes.axhline(0, color=OPTIMUM, lw=0.5)
    axes.plot([-2.0, 0.0], [0.0, 0.0], color=WONG[0], lw=3, solid_capstyle="butt")
    axes.annotate("descent: $0 < \\eta\\lambda < 2$", (-1.0, 0.0), (-3.9, -3.2), fontsize=7,
                  arrowprops={"arrowstyle": "-", "lw": 0.6})  # fmt: skip
    axes.legend(told, [*regions], loc="upper right", handlelength=1.2)
    axes.set(xlabel="real part of $z=-\\eta\\lambda$ [1]", ylabel="imaginary part of z [1]",
             aspect="equal")  # fmt: skip
    axes.set_title("where steps are stable (shaded)")


def draw_work(axes: Axes, work: Sequence[Work]) -> None:
    """Draw the error against the gradients taken, a line for each solver."""
    for solver, colour, mark in zip(dict.fromkeys(one.solver for one in work), WONG, MARKS,
                                    strict=False):  # fmt: skip
        rows = [one for one in work if one.solver == solver and one.error < 1e2]
        axes.plot([one.evaluations for one in rows], [one.error for one in rows], f"{mark}-",
                  color=colour, ms=4, mfc="white", label=solver)  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="gradients taken [1]",
             ylabel="distance from the exact flow [trait]")  # fmt: skip
    axes.set_title("what exactness costs")
    axes.legend(loc="best")


def draw_crossings(axes: Axes, crossed: Mapping[str, Crossings]) -> None:
    """Draw steps over a canyon against its condition number, and those stability asks for."""
    for (solver, one), colour, mark in zip(crossed.items(), WONG[1:], MARKS[1:], strict=False):
        numbers = one.condition_number
        axes.plot(numbers, one.accepted, mark, color=colour, ms=4, mfc="white", label=solver)
        if one.stable_steps.max() > 1:
            axes.plot(numbers, one.stable_steps, color=colour, lw=0.9, ls="--",
                      label="fewest that are stable (theory)")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="condition number [1]",
             ylabel="steps [steps]")  # fmt: skip
    axes.set_title("what stiffness costs")
    axes.legend(loc="upper left")
