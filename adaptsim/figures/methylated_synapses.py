"""The picture of neurons whose plasticity methylation gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = "osD^v<"
POINT: dict[str, Any] = {"ms": 4, "mfc": "white", "ls": ""}


def methylated_synapses_figure(
    *,
    pace: tuple[float, Sequence[float], np.ndarray, np.ndarray, np.ndarray],
    limits: tuple[np.ndarray, np.ndarray, Mapping[str, tuple[np.ndarray, np.ndarray]]],
    locking: Mapping[str, tuple[np.ndarray, np.ndarray]],
    turning: tuple[Mapping[str, np.ndarray], np.ndarray],
    sliding: tuple[Any, ...],
    storing: tuple[np.ndarray, Mapping[str, Any], np.ndarray, Mapping[str, np.ndarray]],
    lives: tuple[Sequence[int], Mapping[str, Any], np.ndarray, Mapping[str, np.ndarray]],
    trade: tuple[Sequence[int], np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> Figure:
    """Return the picture of methylated synapses, in eight parts.

    Parameters
    ----------
    pace
        Learning rate; methylations; errors ``(T, k)`` in steps; steps and mean errors of synapses
        that are all between.
    limits
        Methylations at which speed limits were found and at which they are known; both, by which
        synapse is methylated.
    locking
        Error and mean methylation over steps, by how strongly activity methylates.
    turning
        Paths of two weights ``(T, 2)``, by name, and where they should end ``(2,)``.
    sliding
        Methylations, least and largest response at each, where oscillation should begin; then the
        time between rows, responses ``(T, j)`` and their methylations.
    storing
        Ages, observed ratios of signal to noise with errors, by kind; ages and ratios of theory.
    lives
        Numbers of synapses and lifetimes found, by kind; numbers and lifetimes of theory.
    trade
        Lengths of chains; initial ratio and lifetime of each, found and known ``(l, 2)``; curves
        of one variable and of unevenly methylated synapses ``(n, 2)``.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 9.6), layout="constrained")
        parts = canvas.subplots(4, 2).ravel()
        draw_pace(parts[0], *pace)
        draw_limits(parts[1], *limits)
        draw_locking(parts[2], locking)
        draw_turning(parts[3], *turning)
        draw_sliding(parts[4], *sliding)
        draw_storing(parts[5], *storing)
        draw_lives(parts[6], *lives)
        draw_trade(parts[7], *trade)
        canvas.suptitle("Neurons whose plasticity methylation gates", x=0.01, ha="left")
    return canvas


def draw_pace(
    axes: Axes,
    rate: float,
    marks: Sequence[float],
    errors: np.ndarray,
    steps: np.ndarray,
    mixed: np.ndarray,
) -> None:
    """Draw how errors fall, by methylation, and their mean over synapses of all methylations."""
    ticks = np.arange(1, len(errors))
    for m, error, colour in zip(marks, errors.T, WONG, strict=False):
        axes.plot(ticks, error[1:], color=colour, label=f"m = {m:g}")
    axes.plot(steps, mixed, "o", color=OPTIMUM, **POINT | {"ms": 3}, label="m from 0 to 1")
    way = rate * np.geomspace(steps[0], steps[-1], 200)
    axes.plot(way / rate, -np.expm1(-way) / way, color=THEORY, lw=0.8, ls="--")
    axes.set(xscale="log", yscale="log", xlim=(1, steps[-1]), ylim=(1e-3, 1.5))
    axes.set(xlabel=f"steps at rate {rate:g} [steps]", ylabel="error, of the first [1]")
    axes.set_title("uneven methylation: a tail of 1/t")
    axes.legend(loc="lower left")


def draw_limits(
    axes: Axes,
    some: np.ndarray,
    many: np.ndarray,
    told: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    """Draw speed limits over methylation, found in the step and known."""
    for (name, (found, known)), colour, mark in zip(told.items(), WONG, MARKS, strict=False):
        axes.plot(many, known, color=THEORY, lw=0.8, ls="--")
        axes.plot(some, found, mark, color=colour, label=f"{name}", **POINT)
    axes.set(yscale="log", xlabel="methylation [1]", ylabel="speed limit [1/curvature]")
    axes.set_title("slow synapses are safe (dashed: theory)")
    axes.legend(title="methylated", loc="upper left")


def draw_locking(axes: Axes, told: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Draw errors and mean methylation where activity methylates."""
    for (name, (error, methylation)), colour in zip(told.items(), WONG, strict=False):
        axes.plot(error, color=colour, label=name)
        axes.plot(methylation, color=colour, ls=":")
    axes.set(xlabel="steps [steps]", ylabel="error; methylation (dotted) [1]", ylim=(0, 1.25))
    axes.set_title("activity that writes methylation locks learning")
    axes.legend(loc="upper center", ncols=3, columnspacing=1.0, handlelength=1.2)


def draw_turning(axes: Axes, paths: Mapping[str, np.ndarray], best: np.ndarray) -> None:
    """Draw the way of two weights under Oja's rule."""
    for (name, path), colour in zip(paths.items(), WONG, strict=False):
        axes.plot(*path.T, color=colour, label=name)
    axes.plot(*next(iter(paths.values()))[0], "o", color=OPTIMUM, **POINT)
    axes.plot(*best, "*", color=OPTIMUM, ms=8, label="principal component")
    axes.set(xlabel="weight of synapse 1 [1]", ylabel="weight of synapse 3 [1]")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))
    axes.set_title("Oja: other ways, one destination")
    axes.legend(loc="upper right")


def draw_sliding(
    axes: Axes,
    marks: Sequence[float],
    low: np.ndarray,
    high: np.ndarray,
    onset: float,
    pause: float,
    responses: np.ndarray,
    shown: Sequence[float],
) -> None:
    """Draw between which responses a BCM neuron stays, over methylation, and some courses."""
    moving = high - low > 1e-3
    axes.fill_between(np.asarray(marks)[moving], low[moving], high[moving], color=WONG[0],
                      alpha=0.15, lw=0)  # fmt: skip
    for ends in (low, high):
        axes.plot(marks, ends, "o", color=WONG[0], **POINT)
    axes.axvline(onset, ymax=0.55, color=THEORY, lw=0.8, ls="--")
    axes.annotate("$m_c$", (onset, 0), (3, 4), textcoords="offset points", fontsize=7)
    axes.set(xlabel="methylation [1]", ylabel="response, least to largest [1]", ylim=(0, 4.2))
    axes.set_title("BCM: methylation calms an oscillation")
    inset = axes.inset_axes((0.38, 0.68, 0.6, 0.33))
    last = round(60 / pause)
    for m, course, colour in zip(shown, responses.T, WONG[1:], strict=False):
        inset.plot(np.arange(last) * pause, course[:last], lw=0.8, color=colour, label=f"m = {m:g}")
    inset.set_xlabel("time [time]", fontsize=6, labelpad=1)
    inset.set_ylabel("response [1]", fontsize=6, labelpad=1)
    inset.set(ylim=(0, 3.4))
    inset.tick_params(labelsize=6, pad=1, length=2)
    inset.legend(loc="upper center", ncols=3, fontsize=6, columnspacing=1.0, handlelength=1.0)


def draw_storing(
    axes: Axes,
    ages: np.ndarray,
    observed: Mapping[str, Any],
    between: np.ndarray,
    known: Mapping[str, np.ndarray],
) -> None:
    """Draw what an ideal observer sees of memories over their age."""
    for (name, (ratio, doubt)), colour, mark in zip(observed.items(), WONG, MARKS, strict=False):
        seen = ages > 0
        axes.plot(between, known[name], color=THEORY, lw=0.8, ls="--")
        axes.errorbar(ages[seen], ratio[seen], 2 * doubt[seen], fmt=mark, color=colour, ms=4,
                      mfc="white", lw=0.8, label=name)  # fmt: skip
    axes.axhline(1, color=OPTIMUM, lw=0.6, ls=":")
    axes.set(xscale="log", yscale="log", ylim=(0.1, None), xlabel="age of the memory [steps]",
             ylabel="signal over noise [1]")  # fmt: skip
    axes.set_title("memories fade (dashed: theory)")
    axes.legend(loc="lower left")


def draw_lives(
    axes: Axes,
    counts: Sequence[int],
    found: Mapping[str, Any],
    many: np.ndarray,
    known: Mapping[str, np.ndarray],
) -> None:
    """Draw lifetimes over the number of synapses."""
    for (name, life), colour, mark in zip(known.items(), WONG, MARKS, strict=False):
        axes.plot(many, life, color=colour, lw=0.9, ls="--", label=name)
        if name in found:
            axes.plot(counts, found[name], mark, color=colour, **POINT)
    axes.set(xscale="log", yscale="log", xlabel="synapses [1]", ylabel="lifetime [steps]")
    axes.set_title("a chain remembers as N, one variable as ln N")
    axes.legend(loc="upper left")


def draw_trade(
    axes: Axes,
    lengths: Sequence[int],
    found: np.ndarray,
    known: np.ndarray,
    single: np.ndarray,
    uneven: np.ndarray,
) -> None:
    """Draw how long memories last over how clear they are at first."""
    axes.plot(*single.T, color=WONG[1], ls="--", lw=0.9, label="one variable, fast to slow")
    axes.plot(*uneven.T, color=WONG[2], ls="--", lw=0.9, label="uneven methylation")
    axes.plot(*known.T, "+", color=THEORY, ms=7, mew=0.8)
    axes.plot(*found.T, "o", color=WONG[0], **POINT, label="chain of 1, 2, ...")
    for count, place in zip(lengths, found, strict=True):
        axes.annotate(f"{count}", place, (4, 3), textcoords="offset points", fontsize=6)
    axes.set(yscale="log", xscale="log", xlabel="signal over noise at first [1]",
             ylabel="lifetime [steps]")  # fmt: skip
    axes.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    axes.set_xticks([], minor=True)
    axes.set_title("plasticity against stability")
    axes.legend(loc="lower left")
