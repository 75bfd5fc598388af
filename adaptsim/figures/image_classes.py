"""The picture of a network that learns to read digits, below and above its edge of stability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.curvature import Course, Jumps
    from adaptsim.dynamics import Lyapunov

RATE = "learning rate [1/curvature]"
MARKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Rates that are told on axes."""

CLOSE, ROWS, COLUMNS = (100, 220), 2, 5
"""Steps that are looked at closely, and rows and columns of images that are shown."""


def image_classes_figure(
    courses: Mapping[float, Course],
    swept: tuple[np.ndarray, Jumps, Mapping[str, Lyapunov], float],
    mistaken: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Figure:
    """Return the picture of digits learnt at several rates.

    Parameters
    ----------
    courses
        Training runs, by learning rate.
    swept
        Learning rates ``(r,)``, how their losses rise, exponents by what they are called, and the
        speed limit at the start [1/curvature].
    mistaken
        Images taken for others, ``(n, 64)``, what was written and what was read, ``(n,)`` each.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 7.4), layout="constrained")
        (loss, close), (gauge, rises), (exponents, images) = canvas.subplots(3, 2)
        draw_losses(loss, close, courses)
        draw_gauges(gauge, courses)
        rates, jumps, grown, limit = swept
        draw_rises(rises, rates, jumps, limit)
        draw_exponents(exponents, grown, limit)
        draw_mistaken(images, *mistaken)
        canvas.suptitle("Learning to read digits at the edge of stability", x=0.01, ha="left")
    return canvas


def draw_losses(whole: Axes, close: Axes, courses: Mapping[float, Course]) -> None:
    """Draw losses over all steps, and some steps closely."""
    for (rate, course), colour in zip(courses.items(), WONG, strict=False):
        losses = np.asarray(course.losses)
        whole.plot(np.where(np.isfinite(losses), losses, np.nan), color=colour, lw=0.8, label=rate)
        steps = np.arange(len(losses))[slice(*CLOSE)]
        close.plot(steps, losses[slice(*CLOSE)], color=colour, lw=0.9)
    high = max(float(course.losses[0]) for course in courses.values())
    for axes in (whole, close):
        axes.set(yscale="log", xlabel="step [steps]", ylabel="loss [loss]")
    whole.set(ylim=(None, 30 * high))
    whole.set_title("small rates are slow, large ones thrash")
    whole.legend(title="learning rate", ncols=2, loc="upper right")
    close.set_title("the same, closely")


def draw_gauges(axes: Axes, courses: Mapping[float, Course]) -> None:
    """Draw how sharp the landscape is along each run, in units of its own limit."""
    for (rate, course), colour in zip(courses.items(), WONG, strict=False):
        axes.plot(course.at, course.gauge, color=colour, lw=0.9, label=rate)
    axes.axhline(1, color=THEORY, ls="--", lw=0.9)
    axes.set(ylim=(0, 2), xlabel="step [steps]", ylabel="gauge, rate sharpness / 2 [1]")
    axes.set_title("sharper, until the rate is just the limit (dashed)")


def draw_rises(axes: Axes, rates: np.ndarray, jumps: Jumps, limit: float) -> None:
    """Draw in what share of the steps the loss rises, and where training is lost."""
    lost = np.isnan(jumps.share)
    axes.plot(rates[~lost], jumps.share[~lost], "o-", color=WONG[0], mfc="white", ms=4)
    _mark(axes, rates[lost], limit)
    axes.set(ylim=(-0.02, 0.5), xlabel=RATE, ylabel="steps that raise the loss [1]")
    axes.set_title("how often the loss rises")


def draw_exponents(axes: Axes, found: Mapping[str, Lyapunov], limit: float) -> None:
    """Draw the largest Lyapunov exponents over the rate, with two standard errors."""
    axes.axhline(0, color=THEORY, lw=0.8)
    lost = np.array([])
    for (name, grown), colour in zip(found.items(), WONG[1:], strict=False):
        values, spread = grown.exponents[:, 0], 2 * grown.standard_error[:, 0]
        kept = np.isfinite(values)
        axes.errorbar(grown.values[kept], values[kept], spread[kept], fmt="o-", color=colour,
                      mfc="white", ms=4, label=name)  # fmt: skip
        lost = np.union1d(lost, grown.values[~kept])
    _mark(axes, lost, limit)
    axes.set(xlabel=RATE, ylabel="largest exponent [1/step]")
    axes.set_title("how fast two that begin alike part")


def _mark(axes: Axes, lost: np.ndarray, limit: float) -> None:
    axes.set_xscale("log")
    axes.set_xticks(MARKS, [f"{one:g}" for one in MARKS])
    axes.minorticks_off()
    axes.axvline(limit, color=THEORY, ls="--", lw=0.9, label="limit at the start")
    if len(lost):
        axes.axvspan(lost.min(), lost.max(), color=WONG[3], alpha=0.25, label="lost")
    axes.legend(loc="upper left")


def draw_mistaken(axes: Axes, images: Any, written: np.ndarray, read: np.ndarray) -> None:
    """Draw images that were taken for others, and for which."""
    axes.set_axis_off()
    axes.set_title(f"{len(images)} unseen images are mistaken; written → read")
    for place in range(min(len(images), ROWS * COLUMNS)):
        row, column = divmod(place, COLUMNS)
        inset = axes.inset_axes((column / COLUMNS, 0.52 - 0.52 * row, 0.9 / COLUMNS, 0.36))
        inset.imshow(np.asarray(images[place]).reshape(8, 8), cmap="gray_r")
        inset.set_title(f"{written[place]} → {read[place]}", loc="center", pad=2)
        inset.set(xticks=[], yticks=[])
        for side in inset.spines.values():
            side.set_visible(False)
