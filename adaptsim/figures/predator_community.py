"""Pictures of predators and prey that feel each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.community import Course
    from adaptsim.community.food_web import Persistence
    from adaptsim.dynamics import Hopf
    from adaptsim.runs import CommunityRun

NAMES = ("prey 1", "prey 2", "predators")
PREFERENCE = "preference [share of effort on prey 1]"
SHOWN = 4000
"""Rows of a run that are drawn, at most."""


def predator_community_figure(
    courses: Mapping[str, Course],
    window: tuple[np.ndarray, np.ndarray, np.ndarray, Sequence[Hopf]],
    conserved: Mapping[str, tuple[np.ndarray, np.ndarray]],
    late: tuple[np.ndarray, np.ndarray],
    persistence: tuple[Persistence, np.ndarray, Sequence[str]],
) -> Figure:
    """Return the picture of learning in a community that feels it, in six parts.

    Parameters
    ----------
    courses
        By learning rate, courses of one rich community.
    window
        Learning rates, largest real parts by automatic differentiation and by the Jacobian written
        out by hand, and the Hopf points found.
    conserved
        By method, times and by how much what should be conserved has changed.
    late
        Learning rates over the fastest that late information bears, and the variability of prey 1.
    persistence
        Shares of food webs that last, the shares to compare with, ``(k, c)``, names of settings.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 7.4), layout="constrained")
        parts = canvas.subplots(3, 2)
        draw_series(parts[0, 0], courses)
        draw_portrait(parts[0, 1], courses)
        draw_window(parts[1, 0], *window)
        draw_late(parts[1, 1], *late)
        draw_conserved(parts[2, 0], conserved)
        draw_persistence(parts[2, 1], *persistence)
        canvas.suptitle("Predators that learn from prey that feel it", x=0.01, ha="left")
    return canvas


def draw_series(axes: Axes, courses: Mapping[str, Course]) -> None:
    """Draw prey 1 over time at each learning rate."""
    for (label, course), colour in zip(courses.items(), WONG, strict=False):
        axes.plot(course.times, course.densities[:, 0], color=colour, label=label)
    axes.set(xlabel="time [time]", ylabel="prey 1 [density]")
    axes.set_title("too slow, in between, too fast")
    axes.legend(loc="upper right", ncols=3, handlelength=1.2, columnspacing=1.0)
    axes.set_ylim(0, 1.25 * max(course.densities[:, 0].max() for course in courses.values()))


def draw_portrait(axes: Axes, courses: Mapping[str, Course]) -> None:
    """Draw both prey against each other: the second half of each course, a point where it rests."""
    for (label, course), colour in zip(courses.items(), WONG, strict=False):
        prey = course.densities[len(course.times) // 2 :, :2]
        swings = np.ptp(prey) > 0.05 and np.ptp(prey[:, 0]) > 0.05
        style: dict[str, Any] = {"lw": 1.0} if swings else {"marker": "o", "ms": 5, "lw": 0}
        axes.plot(*(prey if swings else prey[-1:]).T, color=colour, label=label, **style)
    axes.set(xlabel="prey 1 [density]", ylabel="prey 2 [density]")
    axes.set_title("where they end")
    axes.legend(loc="best", handlelength=1.2)


def draw_window(
    axes: Axes, rates: np.ndarray, found: np.ndarray, known: np.ndarray, points: Sequence[Hopf]
) -> None:
    """Draw the leading real part over the learning rate, and where it passes 0."""
    axes.axhline(0, color=OPTIMUM, lw=0.6)
    axes.plot(rates, known, color=THEORY, ls="--", lw=1.0, label="Jacobian by hand")
    axes.plot(rates[::4], found[::4], "o", color=WONG[0], ms=3, mfc="white", label="differentiated")
    for number, one in enumerate(points):
        axes.plot(one.value, 0, "D", color=WONG[1], ms=5, label="" if number else "Hopf points")
        axes.annotate(f"{one.value:.4f}", (one.value, 0), (-6 if one.gains else 6, -11),
                      textcoords="offset points", ha="right" if one.gains else "left",
                      color=WONG[1], fontsize=7)  # fmt: skip
    if len(points) == 2:
        axes.axvspan(points[0].value, points[1].value, color=WONG[2], alpha=0.15, lw=0)
    axes.set(xscale="log", xlabel=r"learning rate $\alpha$ [1/time]",
             ylabel="leading real part [1/time]")  # fmt: skip
    axes.set_ylim(top=0.034)
    axes.set_title("the window of stability")
    axes.legend(loc="upper right", ncols=3, handlelength=1.4, columnspacing=0.9)


def draw_late(axes: Axes, ratios: np.ndarray, variability: np.ndarray) -> None:
    """Draw how much prey 1 swings over the learning rate, where information is late."""
    axes.axvline(1, color=THEORY, ls="--", lw=1.0, label=r"$\alpha_{\max}$ by theory")
    axes.plot(ratios, variability, "o-", color=WONG[0], ms=3.5, mfc="white", label="measured")
    axes.set(xscale="log", xlabel=r"learning rate over $\alpha_{\max}$ [1]",
             ylabel="variability of prey 1 [1]")  # fmt: skip
    axes.set_xticks([0.5, 1, 2, 5], ["0.5", "1", "2", "5"])
    axes.minorticks_off()
    axes.set_title("fast learners of late information swing")
    axes.legend(loc="lower right")


def draw_conserved(axes: Axes, conserved: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Draw by how much what should be conserved has changed, by method."""
    for (label, (times, change)), colour in zip(conserved.items(), WONG, strict=False):
        axes.plot(times, np.maximum(np.abs(change), 1e-12), color=colour, lw=0.9, label=label)
    axes.set(yscale="log", xlabel="time [time]", ylabel="change of V [density]")
    axes.set_ylim(1e-10, 30)
    axes.set_title("what is conserved, and by which method")
    axes.legend(loc="upper left", ncols=2, handlelength=1.2, columnspacing=1.0)


def draw_persistence(
    axes: Axes, found: Persistence, told: np.ndarray, names: Sequence[str]
) -> None:
    """Draw the share of food webs that last, four standard errors, and the shares told."""
    for name, share, error, expected, colour in zip(
        names, found.share, found.standard_error, told, WONG, strict=False
    ):
        axes.errorbar(found.connectance, share, 2 * error, fmt="o", color=colour, ms=3.5,
                      lw=0.8, label=name)  # fmt: skip
        axes.plot(found.connectance, expected, color=colour, lw=0.9, ls="--")
    axes.plot([], [], color=THEORY, lw=0.9, ls="--", label="elsewhere")
    axes.set(xlabel="chance of a link [1]", ylabel="webs in which all last [1]", ylim=(-0.02, 1.12))
    axes.set_title("learning makes links an advantage")
    axes.legend(loc="upper left", ncols=2, columnspacing=0.8, handletextpad=0.3)


def community_figure(result: CommunityRun) -> Figure:
    """Return the picture of a run: densities and preferences over time, prey against each other."""
    from matplotlib.figure import Figure as Canvas

    trajectory, scenario = result.trajectory, result.scenario
    rows = np.unique(np.linspace(0, len(trajectory.steps) - 1, SHOWN).astype(int))
    clock = trajectory.steps[rows] * float(scenario.environment.dt)  # type: ignore[attr-defined]
    densities = trajectory.cue[rows, 0]
    known = result.table[result.table["measure"] == "mean_density"]["theory"].to_numpy()
    followed = trajectory.followed["preference"]
    preference = np.asarray(followed.output)[rows, 0]
    with house_style():
        canvas = Canvas(figsize=(7.0, 4.6), layout="constrained")
        grid = canvas.add_gridspec(2, 2, width_ratios=[1.9, 1.0])
        top, low = canvas.add_subplot(grid[0, 0]), canvas.add_subplot(grid[1, 0])
        beside = canvas.add_subplot(grid[:, 1])
        for place, (name, colour) in enumerate(zip(NAMES, WONG, strict=False)):
            top.plot(clock, densities[:, place], color=colour, lw=1.0, label=name)
            top.axhline(known[place], color=colour, ls="--", lw=0.7)
        top.set_ylabel("density [density]")
        top.tick_params(labelbottom=False)
        top.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2)
        low.plot(clock, preference.mean(axis=1), color=WONG[3])
        low.set(xlabel="time [time]", ylabel="preference [share on prey 1]", ylim=(0, 1))
        beside.plot(*densities[:, :2].T, color=WONG[0], lw=0.7)
        beside.plot(*densities[-1, :2], "o", color=WONG[1], ms=5, label="last")
        beside.plot(*known[:2], "+", color=THEORY, ms=10, label="rest, by theory")
        beside.set(xlabel="prey 1 [density]", ylabel="prey 2 [density]")
        beside.legend(loc="upper right")
        canvas.suptitle(scenario.question or scenario.name, x=0.01, ha="left")
    return canvas
