"""The picture of the bet on flatness: one step's forecasts, and how their error grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.flow import Bet, Truncation

UNITS = {"loss": "loss", "place": "trait"}


def flatness_figure(bet: Bet, errors: Mapping[str, Truncation]) -> Figure:
    """Return the picture: the loss along one step, and errors against the rate.

    Parameters
    ----------
    bet
        What `adaptsim.flow.bet_on_flatness` returned.
    errors
        What `adaptsim.flow.truncation_error` (``"loss"``) and `local_truncation_error`
        (``"place"``) returned.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 3.3), layout="constrained")
        left, right = canvas.subplots(1, 2)
        draw_bet(left, bet)
        draw_errors(right, errors)
        canvas.suptitle("A step bets that the landscape is flat", x=0.01, ha="left")
    return canvas


def draw_bet(axes: Axes, bet: Bet) -> None:
    """Draw the loss along one step beside its two forecasts, and where some rates land."""
    rates, landings, best = 1e3 * bet.rates, 1e3 * bet.landing_rates, 1e3 * bet.best_rate
    axes.plot(rates, bet.flat, color=WONG[1], ls="--", label="the bet: flat and tilted")
    axes.plot(rates, bet.curved, color=WONG[2], ls="-.", label="forecast with curvature")
    axes.plot(rates, bet.loss, color=OPTIMUM, label="true loss")
    hoped = np.interp(landings, rates, bet.flat)
    axes.vlines(landings, hoped, bet.landing_loss, color=WONG[0], lw=0.9)
    axes.plot(landings, bet.landing_loss, "o", color=WONG[0], ms=4, label="where steps land")
    axes.plot(landings, hoped, "o", mfc="white", mec=WONG[0], ms=3, label="where they hoped to")
    axes.plot(0.0, bet.loss[0], "o", mfc="white", mec=OPTIMUM, ms=5, zorder=4)
    axes.axvline(best, ymax=0.45, color=THEORY, ls=":", lw=0.9)
    axes.annotate("best: $g'g / g'Hg$", (best, 0.0), xycoords=("data", "axes fraction"),
                  xytext=(3, 3), textcoords="offset points", fontsize=7)  # fmt: skip
    axes.set(xlabel="learning rate of the step [10⁻³/curvature]", ylabel="loss [loss]")
    axes.set_title("one step: what it hopes for, where it lands")
    axes.legend(loc="upper left")


def draw_errors(axes: Axes, errors: Mapping[str, Truncation]) -> None:
    """Draw errors against the rate, hollow where the first term does not stand alone."""
    for (name, one), colour in zip(errors.items(), WONG, strict=False):
        told = f"{name} [{UNITS.get(name, name)}]: order {one.order.order:.3f}"
        axes.plot(one.rates, one.theory, color=THEORY, lw=0.9, zorder=1)
        for chosen, face in ((one.asymptotic, colour), (~one.asymptotic, "white")):
            axes.plot(one.rates[chosen], one.errors[chosen], "o", ms=3.2, mfc=face, mec=colour,
                      label=told if face == colour else None)  # fmt: skip
    axes.plot([], [], color=THEORY, lw=0.9, label="theory, order 2")
    axes.plot(
        [], [], "o", mfc="white", mec=THEORY, ms=3.2, label="not fitted: rounding, or too large"
    )
    _draw_triangle(axes, next(iter(errors.values())))
    axes.set(xscale="log", yscale="log", xlabel="learning rate [1/curvature]",
             ylabel="error of the step [loss or trait]")  # fmt: skip
    axes.set_title("twice the rate, four times the error")
    axes.legend(loc="upper left")


def _draw_triangle(axes: Axes, one: Truncation) -> None:
    """Draw one decade to the right and the two decades up that go with it, under the dots."""
    place = int(np.argmax(one.asymptotic)) + 3
    x, y = one.rates[place] * np.array([1, 10]), one.theory[place] / 1e3 * np.array([1, 100])
    axes.plot([x[0], x[1], x[1]], [y[0], y[0], y[1]], color=THEORY, lw=0.7)
    axes.plot(x, y, color=THEORY, lw=0.7)
    axes.annotate("1", (np.sqrt(x.prod()), y[0]), (0, -2), textcoords="offset points",
                  ha="center", va="top", fontsize=7)  # fmt: skip
    axes.annotate(" 2", (x[1], np.sqrt(y.prod())), va="center", fontsize=7)
