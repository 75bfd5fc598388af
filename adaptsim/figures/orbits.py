"""Pictures of the route to chaos: orbit diagram, and Lyapunov exponent under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS = 400_000
"""So many dots are drawn at most."""


def draw_orbits(
    axes: Axes,
    values: np.ndarray,
    kept: np.ndarray,
    marks: Mapping[str, float],
    labels: tuple[str, str],
) -> None:
    """Draw where a system goes after it has settled, against a parameter.

    Parameters
    ----------
    axes
        Where to draw.
    values
        Values of the parameter, shape ``(v,)``.
    kept
        Positions kept at each, shape ``(v, k)``; what is not finite has left and is not drawn.
    marks
        Parameter values to mark by vertical lines, with what they are called.
    labels
        What the two axes say, units included.
    """
    every = max(1, kept.size // DOTS)
    across = np.repeat(values, kept.shape[1])[::every]
    with np.errstate(invalid="ignore"):
        axes.plot(across, kept.ravel()[::every], ",", color=WONG[0], alpha=0.5, rasterized=True)
    _mark(axes, marks)
    axes.set(xlabel=labels[0], ylabel=labels[1], xlim=(values[0], values[-1]))


def _mark(axes: Axes, marks: Mapping[str, float]) -> None:
    """Draw vertical lines, with names over those that have room for one."""
    low, high = axes.get_xlim()
    last = -np.inf
    for name, value in sorted(marks.items(), key=lambda one: one[1]):
        if not np.isfinite(value):
            continue
        axes.axvline(value, color=THEORY, ls="--", lw=0.7)
        if value - last > 0.07 * (high - low):
            axes.annotate(
                name,
                (value, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(2, 2),
                textcoords="offset points",
                fontsize=6,
                rotation=30,
            )
            last = value


def draw_exponents(
    axes: Axes, values: np.ndarray, exponents: np.ndarray, marks: Mapping[str, float], label: str
) -> None:
    """Draw the largest Lyapunov exponent against a parameter, chaos (above 0) in another colour.

    Parameters
    ----------
    axes
        Where to draw.
    values, exponents
        Shape ``(v,)``; exponents [1/step], nan where the system has left.
    marks
        Parameter values to mark by vertical lines.
    label
        What the parameter's axis says.
    """
    axes.axhline(0, color=OPTIMUM, lw=0.8)
    axes.plot(values, exponents, color=WONG[0], lw=0.7)
    chaos = np.where(exponents > 0, exponents, np.nan)
    axes.fill_between(values, 0, chaos, color=WONG[1], alpha=0.6, lw=0, label="chaos")
    for value in marks.values():
        axes.axvline(value, color=THEORY, ls="--", lw=0.7)
    known = exponents[np.isfinite(exponents)]
    if known.size:
        low, high = max(known.min(), -2.0), max(known.max(), 0.1)
        axes.set_ylim(low - 0.1, high + 0.1)
    axes.set(xlabel=label, ylabel="Lyapunov exponent [1/step]", xlim=(values[0], values[-1]))
