"""The picture of an optimization: of one landscape, or of a suite of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adaptsim.figures.style import THEORY, WONG, house_style
from adaptsim.figures.walks import draw_contours, draw_losses, draw_outcomes, draw_sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.optimization import Optimization


def contest_figure(found: Optimization) -> Figure:
    """Return the picture of an optimization.

    Of one landscape: walks over its contours (where it has two coordinates), losses over gradients
    taken, the end of all walks against the learning rate with the speed limits, the ranking with
    its uncertainty, and (where it was looked at) how walks end over start and rate. Of several: the
    runtimes, distributed, the performance profile, and the mean ranks on each landscape.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        if len(found.entries) > 1:
            canvas = Canvas(figsize=(7.0, 6.2), layout="constrained")
            _draw_suite(canvas, found)
        else:
            canvas = Canvas(figsize=(7.0, 7.6), layout="constrained")
            _draw_landscape(canvas, found)
        canvas.suptitle(found.contest.question or _title(found), x=0.01, ha="left")
    return canvas


def _title(found: Optimization) -> str:
    names, count = list(found.entries), len(found.contest.rules)
    where = names[0] if len(names) == 1 else f"{len(names)} landscapes"
    rules = f"{count} rules" if count > 1 else next(iter(found.contest.rules))
    return f"{rules} on {where}, each at its best learning rate"


class _Band(NamedTuple):
    """Quartiles of a rule's loss over gradients taken."""

    evaluations: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray


def _draw_landscape(canvas: Figure, found: Optimization) -> None:
    name = next(iter(found.entries))
    entries, landscape = found.entries[name], found.contest.landscapes[name]
    outcomes = found.basins(name)
    heights = [1.25, 1.1, 0.95] if outcomes else [1.25, 1.1]
    grid = canvas.add_gridspec(len(heights), 1, height_ratios=heights)
    top, middle = (grid[i].subgridspec(1, 2) for i in (0, 1))
    known = any(math.isfinite(one.floor) for one in entries.values())
    unit = "loss above the minimum" if known else "loss"
    losses = canvas.add_subplot(top[1] if landscape.dimension == 2 else top[:])
    bands = {rule: _Band(one.evaluations, *one.loss) for rule, one in found.curves(name).items()}
    draw_losses(losses, bands, unit=unit)
    losses.set_title("median and quartiles of all walks")
    if landscape.dimension == 2:
        axes = canvas.add_subplot(top[0])
        draw_contours(axes, landscape, found.shown_walks(name), ("$\\theta_1$", "$\\theta_2$"))
        axes.set_title("walks at the best rates; star: minimum")
    swept = {rule: one for rule, one in entries.items() if len(one.walks.rates) > 1}
    if swept:
        axes = canvas.add_subplot(middle[0])
        finals = {rule: found.finals(name, rule) for rule in swept}
        draw_sweep(axes, found.contest.rates, finals, found.limits(name), unit=unit)
        axes.set_title("where walks end, by rate")
    _draw_ranking(canvas.add_subplot(middle[1] if swept else middle[:]), found, name)
    losses.legend(loc="lower left")
    if outcomes:
        draw_outcomes(canvas, grid[2], outcomes, found.contest.rates)


def _draw_ranking(axes: Axes, found: Optimization, name: str) -> None:
    """Draw mean ranks, and the places each rule may have."""
    order = found.ranking(name)
    sorted_ = np.argsort(order.mean_rank, kind="stable")
    for row, place in enumerate(sorted_):
        colour = WONG[int(place) % len(WONG)]
        axes.plot([order.rank_low[place], order.rank_high[place]], [row, row], color=colour, lw=3,
                  alpha=0.4, solid_capstyle="butt")  # fmt: skip
        axes.plot(order.mean_rank[place], row, "o", color=colour, ms=4)
    axes.set_yticks(range(len(sorted_)), [order.labels[one] for one in sorted_])
    axes.invert_yaxis()
    by = {"evaluations": "gradients to the precision", "loss": "loss at the end"}
    axes.set(xlabel=f"rank by {by[found.ranked_by(found.entries[name])]}", xlim=(0.7, None))
    axes.set_title("dot: mean rank; bar: places not ruled out")


def _draw_suite(canvas: Figure, found: Optimization) -> None:
    grid = canvas.add_gridspec(2, 2, height_ratios=[1, 1.2])
    left, right = canvas.add_subplot(grid[0, 0]), canvas.add_subplot(grid[0, 1])
    for rule, colour in zip(found.contest.rules, WONG, strict=False):
        steps = found.runtimes(rule)
        left.step(steps.evaluations, steps.fraction, where="post", color=colour, label=rule)
    left.set(xscale="log", xlabel="gradients taken / dimension", ylabel="targets reached [1]",
             ylim=(0, 1))  # fmt: skip
    left.set_title("distribution of runtimes (as COCO)")
    profile = found.profile()
    ratio = np.append(profile.ratio, 3 * profile.ratio[-1])  # the last step goes on
    for rule, colour, share in zip(found.contest.rules, WONG, profile.fraction, strict=False):
        right.step(ratio, np.append(share, share[-1]), where="post", color=colour, label=rule)
    right.set(xscale="log", xlabel="gradients over those of the best rule [1]",
              ylabel="landscapes solved [1]", ylim=(0, 1))  # fmt: skip
    right.set_title("performance profile (Dolan, Moré)")
    left.legend(loc="upper left")
    _draw_ranks(canvas.add_subplot(grid[1, :]), found)


def _draw_ranks(axes: Axes, found: Optimization) -> None:
    """Draw the mean rank of each rule on each landscape; hollow where it never succeeded."""
    rules, names = list(found.contest.rules), list(found.entries)
    ranks = {name: found.ranking(name) for name in names}
    for place, (rule, colour) in enumerate(zip(rules, WONG, strict=False)):
        apart = (place - (len(rules) - 1) / 2) * 0.11
        across = np.arange(len(names)) + apart
        mean = np.array([ranks[name].mean_rank[place] for name in names])
        solved = np.array([np.isfinite(found.entries[name][rule].hits).any() for name in names])
        axes.plot(across[solved], mean[solved], "o", color=colour, ms=4, label=rule)
        axes.plot(across[~solved], mean[~solved], "o", mfc="none", mec=colour, ms=4)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.invert_yaxis()
    axes.set(ylabel="mean rank [1]")
    axes.plot([], [], "o", mfc="none", mec=THEORY, ms=4, label="minimum never reached")
    axes.legend(ncols=len(rules) + 1, loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=6)
