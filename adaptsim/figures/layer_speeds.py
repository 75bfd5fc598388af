"""The picture of layers and modes that learn at different speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = "osD^v<"
TIME = "time, steps times rate [1/curvature]"


def layer_speeds_figure(
    modes: tuple[Sequence[float], np.ndarray, np.ndarray, np.ndarray],
    plateaus: tuple[Sequence[int], np.ndarray, np.ndarray, np.ndarray],
    limits: tuple[Sequence[int], np.ndarray, np.ndarray, np.ndarray],
    slopes: Mapping[str, tuple[np.ndarray, float, float, float]],
    led: tuple[np.ndarray, Mapping[int, tuple[np.ndarray, np.ndarray]]],
    courses: Mapping[str, tuple[np.ndarray, np.ndarray, float, float]],
) -> Figure:
    """Return the picture of what depth does to the pace of learning, in six parts.

    Parameters
    ----------
    modes
        Singular values; times, shape ``(t,)``; strengths of the modes and what they should be,
        shape ``(modes, t)``.
    plateaus, limits
        Depths and the times (rates) that were found; depths and those that theory gives.
    slopes
        By kind of network: squared lengths of the layers' gradients, shape ``(draws, layers)``,
        their factor from layer to layer, its standard error and what mean field says.
    led
        Relative rates of the layers that follow; by depth, times in units of one over the speed
        limit, found and from theory.
    courses
        By rule: steps, losses, steps until the loss was small enough, and the learning rate.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 7.6), layout="constrained")
        (climb, wait), (limit, fade), (lead, train) = canvas.subplots(3, 2)
        draw_modes(climb, *modes)
        draw_plateaus(wait, *plateaus)
        draw_limits(limit, *limits)
        draw_slopes(fade, slopes)
        draw_led(lead, *led)
        draw_courses(train, courses)
        canvas.suptitle("Layers that learn at different speeds", x=0.01, ha="left")
    return canvas


def draw_modes(
    axes: Axes,
    values: Sequence[float],
    times: np.ndarray,
    strengths: np.ndarray,
    exact: np.ndarray,
) -> None:
    """Draw the strengths of modes while they are learnt, upon what theory says."""
    every = max(1, len(times) // 400)
    for value, found, due, colour in zip(values, strengths, exact, WONG, strict=False):
        axes.plot(times[::every], found[::every], color=colour, lw=2.4, alpha=0.55)
        axes.plot(times[::every], due[::every], color=THEORY, lw=0.8, ls="--")
        axes.annotate(f"s = {value:g}", (times[-1], value), (0, 2), ha="right", color=colour,
                      textcoords="offset points", fontsize=7)  # fmt: skip
    axes.set(xlabel=TIME, ylabel="strength of a mode [1]", ylim=(0, 1.12 * max(values)))
    axes.set_title("strong modes first (dashed: Saxe et al.)")


def draw_plateaus(
    axes: Axes, depths: Sequence[int], found: np.ndarray, fine: np.ndarray, known: np.ndarray
) -> None:
    """Draw how long chains wait, over their depth."""
    _draw_found(axes, depths, found, fine, known)
    axes.set(xlabel="layers [1]", ylabel="time until half learnt [1/curvature]", ylim=(0, None))
    axes.set_title("the plateau grows with depth")
    axes.legend(loc="upper left")


def draw_limits(
    axes: Axes, depths: Sequence[int], found: np.ndarray, fine: np.ndarray, known: np.ndarray
) -> None:
    """Draw speed limits over depth."""
    _draw_found(axes, depths, found, fine, known)
    axes.set(xlabel="layers [1]", ylabel="speed limit [1/curvature]", yscale="log")
    axes.set_title("the speed limit falls with depth")
    axes.legend(loc="upper right")


def _draw_found(
    axes: Axes, depths: Sequence[int], found: np.ndarray, fine: np.ndarray, known: np.ndarray
) -> None:
    axes.plot(fine, known, color=THEORY, lw=0.9, ls="--", label="theory")
    axes.plot(depths, found, "o", color=WONG[0], ms=4.5, mfc="white", label="measured")
    axes.set_xticks(range(1, int(fine[-1]) + 1))


def draw_slopes(axes: Axes, slopes: Mapping[str, tuple[np.ndarray, float, float, float]]) -> None:
    """Draw squared slopes by layer, over the last of full width: geometric means of the draws."""
    for (name, (squares, *_, chi)), colour, mark in zip(slopes.items(), WONG, MARKS, strict=False):
        inner = squares[:, :-1] / squares[:, -2:-1]
        layers = np.arange(1, inner.shape[1] + 1)
        typical = np.exp(np.log(inner).mean(axis=0))
        axes.plot(layers, chi ** (layers[-1] - layers), color=THEORY, lw=0.8, ls="--")
        axes.plot(layers, typical, mark, color=colour, ms=3.5, mfc="white",
                  label=f"{name}: $\\chi$ = {chi:.3g}")  # fmt: skip
    axes.set(xlabel="layer, from the inputs [1]", ylabel="squared slope, relative [1]",
             yscale="log")  # fmt: skip
    axes.set_ylim(1e-9, None)
    axes.set_xticks([1, *range(5, int(layers[-1]) + 1, 5)])
    axes.set_title("slopes vanish or explode (dashed: $\\chi$ per layer)")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.12))


def draw_led(
    axes: Axes, followers: np.ndarray, led: Mapping[int, tuple[np.ndarray, np.ndarray]]
) -> None:
    """Draw how long chains wait in which one layer leads, over the rate of the others."""
    for (depth, (found, known)), colour, mark in zip(led.items(), WONG, MARKS, strict=False):
        axes.plot(followers, known, color=THEORY, lw=0.9, ls="--")
        axes.plot(followers, found, mark, color=colour, ms=4, mfc="white", label=f"{depth} layers")
    axes.set(xscale="log", yscale="log", xlabel="rate of the other layers, over the first's [1]",
             ylabel="time until half learnt [1/speed limit]")  # fmt: skip
    axes.set_title("one layer leads: a shorter plateau (dashed: theory)")
    axes.legend(loc="best")


def draw_courses(
    axes: Axes, courses: Mapping[str, tuple[np.ndarray, np.ndarray, float, float]]
) -> None:
    """Draw the loss of a network in training, each rule at its best rate."""
    for (name, (clock, loss, _, rate)), colour in zip(courses.items(), WONG, strict=False):
        axes.plot(clock, loss, color=colour, label=f"{name} (best: {rate:.2g})")
    axes.set(yscale="log", xlabel="steps [steps]", ylabel="loss [loss]")
    axes.set_title("four sigmoid layers in training")
    axes.legend(loc="upper right")
