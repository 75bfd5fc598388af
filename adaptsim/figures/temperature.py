"""The picture of noise as temperature: spread, density, escapes, and escapes over a cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style
from adaptsim.theory.quadrature import unit_nodes
from adaptsim.theory.temperature import small_step_variance, stationary_variance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.measures.measurement import Measurement
    from adaptsim.temperature import EscapeTheory
    from adaptsim.theory.boltzmann import Boltzmann
    from adaptsim.theory.noisy_descent import Chain

RATE = "learning rate [1/curvature]"
BINS = 80


def temperature_figure(
    spread: tuple[np.ndarray, np.ndarray],
    wells: Mapping[float, tuple[np.ndarray, Chain]],
    boltzmann: Boltzmann,
    escapes: tuple[Sequence[float], Sequence[Measurement], Sequence[EscapeTheory]],
    cycle: tuple[Any, np.ndarray, np.ndarray],
) -> Figure:
    """Return the picture of noise as temperature, in four parts.

    Parameters
    ----------
    spread
        Rates in a bowl of curvature 1 with noise 1 on the slope, and variances, ``(r,)`` each.
    wells
        By rate, places of walks at rest in two wells, and the chain that is exact for its steps.
    boltzmann
        The density that holds for small steps.
    escapes
        Rates, measured mean steps, and theories, one each.
    cycle
        The schedule, and the shares of escapes over its period, measured and exact, ``(bins,)``.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 5.4), layout="constrained")
        (wide, dense), (out, phase) = canvas.subplots(2, 2)
        draw_variance(wide, *spread)
        draw_densities(dense, wells, boltzmann)
        draw_escapes(out, *escapes)
        draw_phases(phase, *cycle)
        canvas.suptitle("Noise heats a learner; its rate is the thermostat", x=0.01, ha="left")
    return canvas


def draw_variance(axes: Axes, rates: np.ndarray, variance: np.ndarray) -> None:
    """Draw the variance at rest in a bowl of curvature 1, noise 1, against the learning rate."""
    every = np.linspace(rates[0] / 2, rates[-1] * 1.02, 300)
    exact = stationary_variance(every, curvature=1.0, noise=1.0)
    small = small_step_variance(every, curvature=1.0, noise=1.0)
    axes.plot(every, exact, color=THEORY, label="exact: $\\eta s^2 / \\lambda(2-\\eta\\lambda)$")
    axes.plot(every, small, color=WONG[1], ls="--", label="small steps: $T/\\lambda$")
    axes.plot(rates, variance, "o", color=WONG[0], ms=4, mfc="white", label="measured")
    axes.set(xlabel=RATE, ylabel="variance at rest [trait²]", yscale="log")
    axes.set_title("in a bowl: how widely it buzzes")
    axes.legend(loc="upper left")


def draw_densities(
    axes: Axes, wells: Mapping[float, tuple[np.ndarray, Chain]], boltzmann: Boltzmann
) -> None:
    """Draw where walks rest in two wells, beside Boltzmann's density and that of their steps."""
    low, high = -2.0, 2.0
    x = np.linspace(low, high, 400)
    for (rate, (rest, chain)), colour in zip(wells.items(), (WONG[0], WONG[4]), strict=False):
        axes.hist(rest.ravel(), bins=BINS, range=(low, high), density=True, color=colour,
                  alpha=0.45, label=f"measured, η = {rate:g}")  # fmt: skip
        axes.plot(*_density(chain), color=colour)
    axes.plot([], [], color=THEORY, label="exact for these steps")
    axes.plot(x, boltzmann.density(x), color=OPTIMUM, ls="--", lw=1.0, label="Boltzmann")
    axes.set(xlabel="place [trait]", ylabel="density [1/trait]", xlim=(low, high), ylim=(0, 1.15))
    axes.set_title(f"in two wells, at T = {boltzmann.temperature:g}")
    axes.legend(loc="upper center", ncols=2, columnspacing=1)


def _density(chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """Return a chain's nodes and the density there [1/trait]: the law at rest over the weights."""
    _, weights = unit_nodes()
    panels = chain.nodes.reshape(-1, len(weights))
    width = np.diff(panels.mean(axis=1)).mean()
    return chain.nodes, (chain.rest.reshape(panels.shape) / (width * weights)).ravel()


def draw_escapes(
    axes: Axes,
    rates: Sequence[float],
    measured: Sequence[Measurement],
    theory: Sequence[EscapeTheory],
) -> None:
    """Draw the time to escape against one over the temperature: Arrhenius' picture."""
    cold = np.array([1 / one.temperature for one in theory])
    pace = np.array(rates)
    for told, colour, line in (("exact", THEORY, "-"), ("continuous", WONG[2], "-."),
                               ("kramers", WONG[1], "--")):  # fmt: skip
        label = {"exact": "exact for its steps", "continuous": "first passage, small steps",
                 "kramers": "Kramers"}[told]  # fmt: skip
        times = pace * np.array([getattr(one, told) for one in theory])
        axes.plot(cold, times, color=colour, ls=line, label=label)
    value, low, high = (pace * np.array([getattr(one, name) for one in measured])
                        for name in ("value", "ci_low", "ci_high"))  # fmt: skip
    axes.errorbar(cold, value, [value - low, high - value], fmt="o", ms=4, lw=1, color=WONG[0],
                  mfc="white", label="measured, 95 %")  # fmt: skip
    axes.set(yscale="log", ylim=(10, None), xlabel="1 / temperature [1/loss]",
             ylabel="time to escape [1/curvature]")  # fmt: skip
    axes.set_title("over the barrier: the warmer the sooner")
    axes.legend(loc="lower right")


def draw_phases(axes: Axes, schedule: Any, measured: np.ndarray, exact: np.ndarray) -> None:
    """Draw the share of escapes in each part of a cycle, and the learning rate over it."""
    width = 1 / len(measured)
    middles = (np.arange(len(measured)) + 0.5) * width
    axes.bar(middles, measured, 0.9 * width, color=WONG[0], alpha=0.5, label="escapes, measured")
    axes.plot(middles, exact, "D", color=THEORY, ms=3.5, label="escapes, exact")
    part = np.linspace(0.0, 1.0, 101)
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.plot(part, np.asarray(schedule(part * schedule.period)), color=WONG[1])
    right.set_ylabel(RATE, color=WONG[1])
    right.set_ylim(0, 1.6 * float(schedule(schedule.period / 2)))
    axes.set(xlabel="part of the cycle [1]", ylabel="share of escapes [1]",
             ylim=(0, 1.5 * measured.max()), xlim=(0, 1))  # fmt: skip
    axes.set_title("a cyclical rate lets it out while high")
    axes.legend(loc="upper left")
