"""The picture of an evolution run: genotypes over generations, what they cost, who came last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.evolution import Evolved
    from adaptsim.runs import EvolutionRun

PALE = 0.3


def evolution_figure(result: EvolutionRun) -> Figure:
    """Return the picture of a run in which generations follow each other.

    On top the mean genotype of each replicate, the spread within one, and what theory says should
    evolve; below what the lives cost (or, where it may change, how many live) and the genotypes
    of those born last.
    """
    from matplotlib.figure import Figure as Canvas

    evolved, scenario = result.trajectory, result.scenario
    assert scenario.evolution is not None
    known = result.table.set_index("measure")["theory"]
    first = next(name for name in known.index if name.startswith("evolved_"))
    unit = str(result.table.set_index("measure")["unit"][first])
    label = f"{first.removeprefix('evolved_').replace('_', ' ')} [{unit}]"
    with house_style():
        canvas = Canvas(figsize=(7.0, 5.2), layout="constrained")
        grid = canvas.add_gridspec(2, 2, height_ratios=[1.5, 1.0])
        top = canvas.add_subplot(grid[0, :])
        draw_generations(top, evolved.genotype, evolved.variance, float(known[first]))
        if scenario.evolution.heritable == "agent.start_at" and evolved.cue.shape[-1] == 1:
            top.plot(evolved.cue[:, 0, 0], color=OPTIMUM, lw=0.8, label="mean cue of a life")
        loaded = known.get(f"{first}_loaded", np.nan)
        if np.isfinite(loaded):
            top.axhline(float(loaded), color=WONG[1], ls="--", label="... with load and luck")
        top.set(xlabel="time [generations]", ylabel=label)
        top.legend(
            ncols=5, columnspacing=1.0, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2
        )
        left, right = canvas.add_subplot(grid[1, 0]), canvas.add_subplot(grid[1, 1])
        if scenario.evolution.scheme.absolute:
            draw_courses(left, evolved.size, "individuals alive [1]")
        else:
            draw_courses(left, evolved.loss, "excess loss of a life [loss]")
        draw_last(right, evolved, label)
        canvas.suptitle(scenario.question or scenario.name, x=0.01, ha="left")
    return canvas


def draw_generations(
    axes: Axes, genotype: np.ndarray, variance: np.ndarray, theory: float = np.nan
) -> None:
    """Draw mean genotypes over generations, ``(G, r)``, one replicate with its spread."""
    time = np.arange(len(genotype))
    half = np.sqrt(variance[:, 0])
    axes.fill_between(time, genotype[:, 0] - half, genotype[:, 0] + half, color=WONG[0],
                      alpha=0.18, lw=0, label="± standard deviation within")  # fmt: skip
    for count, one in enumerate(genotype.T):
        axes.plot(time, one, color=WONG[0], lw=1.2 if count == 0 else 0.6,
                  alpha=1.0 if count == 0 else PALE,
                  label="mean of a population" if count == 0 else None)  # fmt: skip
    if np.isfinite(theory):
        axes.axhline(theory, color=WONG[1], label="theory: what wins", zorder=3)


def draw_courses(axes: Axes, values: np.ndarray, label: str) -> None:
    """Draw something over generations, ``(G, r)``, one line a replicate."""
    for count, one in enumerate(values.T):
        axes.plot(one, color=WONG[2], lw=0.6, alpha=1.0 if count == 0 else PALE)
    axes.set(xlabel="time [generations]", ylabel=label)
    axes.set_ylim(bottom=0)


def draw_last(axes: Axes, evolved: Evolved, label: str) -> None:
    """Draw the genotypes of the generation that was born last, all replicates."""
    last = evolved.genotypes[np.isfinite(evolved.genotypes)]
    if last.size:
        axes.hist(last, bins=40, color=WONG[0], alpha=0.6)
    else:
        axes.text(0.5, 0.5, "nobody is left", ha="center", color=THEORY, transform=axes.transAxes)
    axes.set(xlabel=label, ylabel="born last [individuals]")
