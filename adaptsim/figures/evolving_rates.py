"""The picture of evolving learning rates: which wins, how plasticity is lost, ways to adapt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim import theory
from adaptsim.figures.style import THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

type Rates = Sequence[tuple[tuple[float, float], float, float]]
"""Of each world: mean and standard error of the rate that evolved, the winner, and with load."""

RATE = "learning rate [1/curvature]"
MARK: dict[str, Any] = {"fmt": "o", "ms": 4, "mfc": "white", "lw": 1.0}
WAYS = ("learning", "evolving rate", "plasticity", "evolving trait")
MEASURES = ("lag [steps]", "gain [1]", "variance [trait²]", "mean square error [trait²]")


def evolving_rates_figure(
    best: tuple[Any, Rates],
    jumps: tuple[np.ndarray, Rates],
    wandering: tuple[np.ndarray, Rates, float],
    swinging: tuple[np.ndarray, np.ndarray, float],
    moving: tuple[np.ndarray, Any, Any, np.ndarray, Any],
    ways: tuple[np.ndarray, Mapping[str, Any], tuple[np.ndarray, Mapping[str, np.ndarray]]],
) -> Figure:
    """Return the picture; points are measured, lines theory.

    Parameters
    ----------
    best
        Correlation and noise of each world, and the rates that evolved there.
    jumps
        Hazards, and the rates that evolved.
    wandering
        Rates of reversion of the optimum, the rates that evolved at a price, and the price.
    swinging
        Frequencies, rates from a learner and from an idler ``(2, f, 2)``, and the price.
    moving
        Shares of the critical rate below it, with lags (the last also of a large population), and
        above it, with times to extinction.
    ways
        Periods; by way, lag, gain, variance and squared error; and theory over all periods.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 9.2), layout="constrained")
        grid = canvas.add_gridspec(4, 4, height_ratios=[1.25, 1.25, 1.0, 1.25])
        draw_best(canvas.add_subplot(grid[0, :2]), *best)
        draw_jumps(canvas.add_subplot(grid[0, 2:]), *jumps)
        draw_wandering(canvas.add_subplot(grid[1, :2]), *wandering)
        draw_swinging(canvas.add_subplot(grid[1, 2:]), *swinging)
        draw_lags(canvas.add_subplot(grid[2, :2]), *moving[:3])
        draw_extinction(canvas.add_subplot(grid[2, 2:]), *moving[3:])
        last = [canvas.add_subplot(grid[3, column]) for column in range(4)]
        for index, axes in enumerate(last):
            draw_ways(axes, index, *ways)
        names = last[2].legend(loc="lower left", bbox_to_anchor=(-0.3, 1.0), ncols=4, fontsize=6,
                               columnspacing=0.8, handlelength=1.0)  # fmt: skip
        names.set_in_layout(False)
        last[0].set_title("ways to follow a swinging optimum")
        canvas.suptitle("Learning rates that evolve: points measured, lines theory", x=0.01,
                        ha="left")  # fmt: skip
    return canvas


def draw_best(axes: Axes, cells: Any, rates: Rates) -> None:
    """Draw evolved rates against those that should win; with load and luck as a short dash."""
    middle, error, winner, loaded = _columns(rates)
    ends = [0, 1.1 * max(winner.max(), middle.max())]
    axes.plot(ends, ends, color=THEORY, lw=0.8, label="equal")
    axes.plot(winner, loaded, "_", ms=9, color=WONG[1], label="... with load and luck")
    axes.errorbar(winner, middle, 2 * error, color=WONG[0], label="evolved, ± 2 SE", **MARK)
    for (phi, noise), x, y in zip(cells, winner, middle, strict=True):
        axes.annotate(f"φ {phi:g}, R {noise:g}", (x, y), (6, -8) if x else (9, -3), fontsize=6,
                      textcoords="offset points")  # fmt: skip
    axes.set(xlabel=f"best {RATE}", ylabel=f"evolved {RATE}", xlim=(-0.02, None))
    axes.set_title("what evolves is what tracks best")
    axes.legend(loc="upper left")


def draw_jumps(axes: Axes, hazards: np.ndarray, rates: Rates) -> None:
    """Draw evolved rates over how often the world jumps, and the square-root law."""
    middle, error, _, loaded = _columns(rates)
    wide = np.geomspace(1e-5, 0.2, 200)
    known = theory.jumps.best_gain(hazard=wide, variance=1.0, observation_variance=1.0)
    law = theory.evolution.rare_jump_gain(hazard=wide, variance=1.0, observation_variance=1.0)
    axes.plot(wide, known, color=WONG[1], label="best rate")
    axes.plot(wide, law, ":", color=THEORY, label="square-root law")
    axes.plot(hazards, loaded, "_", ms=9, color=WONG[1])
    axes.errorbar(hazards, middle, 2 * error, color=WONG[0], label="evolved", **MARK)
    axes.set(xscale="log", yscale="log", xlabel="hazard of a jump [1/step]", ylabel=RATE)
    axes.set_title("rare jumps: memory as the root of time")
    axes.legend(loc="upper left")


def draw_wandering(axes: Axes, speeds: np.ndarray, rates: Rates, price: float) -> None:
    """Draw how plasticity is lost gradually as the optimum forgets faster."""
    middle, error, _, loaded = _columns(rates)
    wide = np.linspace(0, 1.3 / price, 400)
    known = theory.evolution.wandering_rate(reversion_rate=wide, variance=1.0, price=price)
    axes.plot(wide, known, color=WONG[1], label=r"$\sqrt{V\gamma/k}-\gamma$")
    axes.plot(speeds, loaded, "_", ms=9, color=WONG[1], label="its steps, with load")
    axes.errorbar(speeds, middle, 2 * error, color=WONG[0], label="evolved", **MARK)
    axes.set(xlabel=r"the optimum reverts at $\gamma$ [1/step]", ylabel=RATE, ylim=(0, None))
    axes.set_title("a dear rate behind a wandering optimum: lost gradually")
    axes.legend(loc="upper right")


def draw_swinging(axes: Axes, omegas: np.ndarray, rates: np.ndarray, price: float) -> None:
    """Draw how plasticity is lost by a jump as the optimum swings faster."""
    edge = float(theory.evolution.edge_omega(price=price))
    wide = np.linspace(1e-3, float(omegas.max()) * 1.05, 600)
    stays = np.asarray(theory.evolution.learner_rate(wide, price=price))
    best = np.where(wide < edge, stays, np.nan)
    axes.plot(wide, stays, "--", color=WONG[1], label="learners stay")
    axes.plot(wide, best, color=WONG[1], label="best of all")
    axes.axvline(edge, color=THEORY, lw=0.8, ls=":")
    axes.annotate("it pays up to here", (edge, 0.0), (3, 62), textcoords="offset points",
                  fontsize=6)  # fmt: skip
    for start, colour, name in zip(rates, WONG[0::2], ("from learners", "from idlers"),
                                   strict=False):  # fmt: skip
        axes.errorbar(omegas, start[:, 0], 2 * start[:, 1], color=colour, label=name, **MARK)
    axes.set(xlabel="the optimum swings at ω [rad/step]", ylabel=RATE, ylim=(-0.003, None))
    axes.set_title("behind a swinging one: lost by a jump")
    axes.legend(loc="lower left", bbox_to_anchor=(0.34, 0.07), fontsize=6)


def draw_lags(axes: Axes, shares: np.ndarray, lags: Any, crowd: Any) -> None:
    """Draw how far an evolving trait stays behind an optimum that moves steadily."""
    (middle, error), known = _pairs(lags)
    axes.plot([0, *shares], [0, *known], color=WONG[1], label="k (w² + G) / G")
    axes.errorbar(shares, middle, 2 * error, color=WONG[0], label="measured", **MARK)
    (middle, error), _ = crowd
    axes.errorbar(shares[-1], middle, 2 * error, color=WONG[2], label="many individuals", **MARK)
    axes.set(xlabel="rate of change [critical rate]", ylabel="lag of the mean trait [trait]")
    axes.set_title("evolution lags as a tracker does")
    axes.legend(loc="upper left")


def draw_extinction(axes: Axes, shares: np.ndarray, lasted: Any) -> None:
    """Draw how long a population lasts behind an optimum that moves too fast."""
    (middle, error), known = _pairs(lasted)
    axes.plot(shares, known, color=WONG[1], label="expected numbers below one")
    axes.errorbar(shares, middle, 2 * error, color=WONG[0], label="extinct", **MARK)
    axes.axvline(1.0, color=THEORY, lw=0.8, ls=":")
    axes.set(xlabel="rate of change [critical rate]", ylabel="lasted [generations]",
             xlim=(0.9, None), ylim=(0, None))  # fmt: skip
    axes.set_title("beyond the critical rate: extinct")
    axes.legend(loc="upper right")


def draw_ways(
    axes: Axes,
    index: int,
    periods: np.ndarray,
    found: Mapping[str, Any],
    known: tuple[np.ndarray, Mapping[str, np.ndarray]],
) -> None:
    """Draw one of lag, gain, variance and squared error over the period, for the three ways."""
    wide, curves = known
    for way, colour in zip(WAYS, WONG, strict=False):
        seen = np.array([measured[index] for measured, _ in found[way]])
        axes.plot(wide, curves[way][:, index], color=colour, lw=1.0)
        axes.errorbar(periods, seen[:, 0], 2 * seen[:, 1], color=colour, label=way, **MARK)
    axes.set(xscale="log", xlabel="period [steps]", ylabel=MEASURES[index])
    if index == 1:
        axes.set_ylim(bottom=0)
    else:
        axes.set_yscale("log")


def _columns(rates: Rates) -> tuple[np.ndarray, ...]:
    """Return mean, standard error, winner and loaded mean as arrays."""
    flat = np.array([(*seen, winner, loaded) for seen, winner, loaded in rates], dtype=float)
    return tuple(flat.T)


def _pairs(found: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return means and errors ``(2, k)`` and what is known ``(k,)``."""
    return np.array([seen for seen, _ in found]).T, np.array([known for _, known in found])
