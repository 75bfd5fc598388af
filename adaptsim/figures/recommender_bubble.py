"""The picture of recommenders and their users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = "osD^v<"


def recommender_bubble_figure(
    *,
    tracking: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float],
    fork: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    shares: Mapping[float, np.ndarray],
    loops: Mapping[tuple[float, str], tuple[np.ndarray, np.ndarray]],
) -> Figure:
    """Return the picture of recommenders and their users, in four parts.

    Parameters
    ----------
    tracking
        Rates ``(m,)``; mean square deviations ``(replicates, m)``; rates and deviations of theory
        ``(n,)``; the best rate.
    fork
        Sharpness ``(k,)`` and gaps ``(k, users)``; sharpness, stable gap and spread about 0 of
        theory ``(n,)``.
    shares
        Shares of the first of two options ``(replicates, 2)``, by exponent.
    loops
        By pull and policy: overlap of users over that of the ideal, and mean utility, a number for
        each seed.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 5.8), layout="constrained")
        parts = canvas.subplots(2, 2).ravel()
        draw_tracking(parts[0], *tracking)
        draw_fork(parts[1], *fork)
        draw_shares(parts[2], shares)
        draw_loops(parts[3], loops)
        canvas.suptitle("Recommenders and their users", x=0.01, ha="left")
    return canvas


def draw_tracking(
    axes: Axes,
    rates: np.ndarray,
    each: np.ndarray,
    many: np.ndarray,
    known: np.ndarray,
    best: float,
) -> None:
    """Draw how far an estimate is from a drifting taste, over the learning rate."""
    doubt = 2 * each.std(axis=0, ddof=1) / len(each) ** 0.5
    axes.plot(many, known, color=THEORY, ls="--", label="theory")
    axes.errorbar(rates, each.mean(axis=0), doubt, fmt="o", color=WONG[0], ms=4, mfc="white",
                  label="measured (bars: 95 %)")  # fmt: skip
    axes.axvline(best, color=WONG[1], lw=0.9, ls=":", label=f"Kalman gain, {best:.4f}")
    axes.set(xscale="log", yscale="log", xlabel="learning rate [1]")
    axes.set_ylabel("mean square deviation [taste²]")
    axes.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    axes.set_ylim(0.05, 2.5)
    axes.minorticks_off()
    axes.set_title("a drifting taste has one best rate")
    axes.legend(loc="lower right")


def draw_fork(
    axes: Axes,
    sharpness: np.ndarray,
    gaps: np.ndarray,
    many: np.ndarray,
    stable: np.ndarray,
    spread: np.ndarray,
) -> None:
    """Draw the gaps that users end with, and those at which theory has them rest."""
    axes.plot(np.repeat(sharpness, gaps.shape[1]), gaps.ravel(), ".", color=WONG[0], ms=2.5,
              alpha=0.4, mew=0, label="users")  # fmt: skip
    below = spread < np.abs(1.0)
    for side in (1, -1):
        axes.plot(many, side * stable, color=THEORY, ls="--", lw=1.0)
        axes.plot(many[below], side * 2 * spread[below], color=WONG[1], lw=0.9, ls=":")
    axes.plot([], [], color=THEORY, ls="--", label="where theory has them rest")
    axes.plot([], [], color=WONG[1], ls=":", label="two standard deviations")
    axes.set(xlabel="sharpness of choice [1]", ylabel="score gap of two items [1]")
    axes.set(ylim=(-1.15, 1.75), yticks=(-1, -0.5, 0, 0.5, 1))
    axes.set_title("above 2, users end in one of two bubbles")
    axes.legend(loc="upper left", markerscale=3)


def draw_shares(axes: Axes, shares: Mapping[float, np.ndarray]) -> None:
    """Draw how the shares of two options are spread over repetitions."""
    for (gamma, found), colour in zip(shares.items(), WONG, strict=False):
        ordered = np.sort(found[:, 0])
        below = np.linspace(0, 1, len(ordered))
        axes.plot(ordered, below, color=colour, label=rf"$\gamma$ = {gamma:g}")
    axes.plot([0, 1], [0, 1], color=OPTIMUM, lw=0.9, ls="--", label="Beta(1, 1)")
    axes.set(xlabel="share of the first of two options [1]", ylabel="repetitions below [1]")
    axes.set_title(r"chosen by count$^\gamma$: equal shares, any, or all")
    axes.legend(loc="upper left", bbox_to_anchor=(0.02, 0.92))


def draw_loops(axes: Axes, loops: Mapping[tuple[float, str], Any]) -> None:
    """Draw how alike users become and how well they are served, by policy."""
    policies = list(dict.fromkeys(way for _, way in loops))
    pulls = list(dict.fromkeys(pull for pull, _ in loops))
    for (pull, way), (overlap, utility) in loops.items():
        place = policies.index(way)
        colour, open_ = WONG[place], pull != pulls[0]
        axes.errorbar(
            overlap.mean(), utility.mean(), _doubt(utility), _doubt(overlap), fmt=MARKS[place],
            color=colour, mfc="white" if open_ else colour, ms=5,
            label=None if open_ else way,
        )  # fmt: skip
    axes.axvline(0, color=THEORY, lw=0.8, ls="--")
    axes.set(xlabel="overlap of users over the ideal (Jaccard) [1]")
    axes.set_ylabel("mean true utility [1]")
    axes.set_title(f"more alike than the ideal has them (open: pull {pulls[-1]:g})")
    axes.legend(loc="upper right")


def _doubt(values: np.ndarray) -> float:
    return float(2 * np.std(values, ddof=1) / len(values) ** 0.5)
