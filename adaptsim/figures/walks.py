"""Pictures of walks: over the contours of a landscape, and as losses over gradients taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRID = 201
LEVELS = 24
EDGE = 0.08


def draw_contours(
    axes: Axes, landscape: Any, places: Mapping[str, np.ndarray], labels: tuple[str, str]
) -> None:
    """Draw walks over the contours of a landscape with two coordinates.

    Parameters
    ----------
    axes
        Where to draw.
    landscape
        A landscape of dimension 2; its known minima are marked by stars.
    places
        By name of the rule, walks of shape ``(walks, k, 2)`` [trait]; what is not finite is left
        out.
    labels
        What the two axes say, units included.
    """
    minima = np.array([one.theta for one in landscape.minima()]).reshape(-1, 2)
    low, high = _window([*places.values()], minima, landscape)
    draw_heights(axes, landscape, low, high, cmap="Greys", alpha=0.55)
    for (name, walks), colour in zip(places.items(), WONG, strict=False):
        for index, walk in enumerate(walks):
            below = 2 + 1 / (1 + _length(walk))  # the longest way lies under the others
            axes.plot(*walk.T, color=colour, lw=0.9, label="" if index else name, zorder=below)
            axes.plot(*walk[0], "o", color=OPTIMUM, ms=3, zorder=3.5)
    axes.plot(*minima.T, "*", color=OPTIMUM, ms=8, mec="white", mew=0.5, ls="none", zorder=4)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel=labels[0], ylabel=labels[1])


def draw_heights(
    axes: Axes, landscape: Any, low: Any, high: Any, *, lines: bool = False, **style: Any
) -> None:
    """Draw how high a landscape lies, by ranks: contours evenly spaced in area.

    Parameters
    ----------
    axes
        Where to draw.
    landscape
        A landscape of dimension 2.
    low, high
        The corners of what is drawn [trait], shape ``(2,)``.
    lines
        Whether to draw contour lines, too.
    style
        As of matplotlib's ``contourf``.
    """
    import jax
    import jax.numpy as jnp

    x, y = (np.linspace(low[i], high[i], GRID) for i in (0, 1))
    grid = jnp.stack(jnp.meshgrid(x, y), axis=-1)
    heights = _heights(np.asarray(jax.vmap(jax.vmap(landscape.loss))(grid)))
    axes.contourf(x, y, heights, levels=LEVELS, **style)
    if lines:
        axes.contour(x, y, heights, levels=LEVELS // 2, colors="#7d8792", linewidths=0.5)


def _length(walk: np.ndarray) -> float:
    """Return the length of a walk; a huge number where it leaves."""
    length = float(np.linalg.norm(np.diff(walk, axis=0), axis=1).sum())
    return length if np.isfinite(length) else 1e300


def _heights(loss: np.ndarray) -> np.ndarray:
    """Return ranks of the losses: contours that are evenly spaced in area, whatever the scale."""
    order: np.ndarray = np.argsort(np.argsort(loss, axis=None)).reshape(loss.shape) / loss.size
    return order


def _window(walks: list[np.ndarray], minima: np.ndarray, landscape: Any) -> tuple[Any, Any]:
    """Return the corners of a window that shows all walks and the minima near them."""
    seen = np.concatenate([one.reshape(-1, 2) for one in walks] + [minima])
    low, high = (np.asarray(end) for end in landscape.domain())
    inside = np.isfinite(seen).all(axis=1) & ((seen >= low) & (seen <= high)).all(axis=1)
    seen = seen[inside] if inside.any() else np.zeros((1, 2))
    least, most = seen.min(axis=0), seen.max(axis=0)
    room = np.maximum(EDGE * (most - least), 1e-3 + 0.05 * np.abs(most))
    return np.maximum(least - room, low), np.minimum(most + room, high)


def draw_losses(axes: Axes, curves: Mapping[str, Any], *, unit: str = "loss") -> None:
    """Draw medians and quantiles of losses over the gradients taken, logarithmic both ways.

    Parameters
    ----------
    axes
        Where to draw.
    curves
        By name of the rule, something with ``evaluations``, ``median``, ``low`` and ``high``, all
        of shape ``(k,)``.
    unit
        What the losses are, for the axis.
    """
    for (name, curve), colour in zip(curves.items(), WONG, strict=False):
        known = np.isfinite(curve.median) & (curve.median > 0)
        clock = np.maximum(curve.evaluations, 1)
        axes.fill_between(
            clock[known],
            np.maximum(curve.low[known], 1e-300),
            np.where(np.isfinite(curve.high), curve.high, np.nan)[known],
            color=colour,
            alpha=0.2,
            lw=0,
        )
        axes.plot(clock[known], curve.median[known], color=colour, label=name)
    axes.set(xscale="log", yscale="log", xlabel="gradients taken", ylabel=unit)


def draw_sweep(
    axes: Axes,
    rates: np.ndarray,
    finals: Mapping[str, np.ndarray],
    limits: Mapping[str, float],
    *,
    unit: str = "loss",
) -> None:
    """Draw where walks end against their learning rate, and the speed limits of theory.

    Parameters
    ----------
    axes
        Where to draw.
    rates
        Learning rates, shape ``(r,)`` [1/curvature].
    finals
        By name of the rule, losses at the end, shape ``(r, walks)``; the median is drawn, and a
        band from the first to the third quartile.
    limits
        By name of the rule, its speed limit; a dashed line where it is finite.
    unit
        What the losses are, for the axis.
    """
    for (name, final), colour in zip(finals.items(), WONG, strict=False):
        ordered = np.where(np.isnan(final), np.inf, final)
        with np.errstate(invalid="ignore"):
            low, middle, high = np.quantile(ordered, [0.25, 0.5, 0.75], axis=1, method="lower")
        shown = np.isfinite(middle)
        axes.plot(rates[shown], np.maximum(middle[shown], 1e-300), color=colour, label=name)
        band = np.isfinite(high)
        axes.fill_between(
            rates[band],
            np.maximum(low[band], 1e-300),
            np.maximum(high[band], 1e-300),
            color=colour,
            alpha=0.2,
            lw=0,
        )
        if np.isfinite(limits.get(name, np.nan)):
            axes.axvline(limits[name], color=colour, ls="--", lw=0.9)
    axes.plot([], [], color=THEORY, ls="--", lw=0.9, label="speed limit (theory)")
    axes.set(xscale="log", yscale="log", xlabel="learning rate [1/curvature]", ylabel=unit)


ENDS = ("converged", "cycling", "chaotic", "wandering", "diverged")
SHOWN_ENDS = {3: "still on its way"}
END_COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#BBBBBB", "#333333")


def draw_outcomes(canvas: Figure, place: Any, basins: Mapping[str, Any], rates: np.ndarray) -> None:
    """Draw how walks end over start and learning rate, one panel a rule.

    Parameters
    ----------
    canvas, place
        The figure, and which part of its grid to use.
    basins
        By name of the rule, ``(offsets, codes)``: where on a line through the minimum walks start,
        shape ``(p,)``, and how they end, shape ``(r, p)``, as places in `ENDS`.
    rates
        Learning rates, shape ``(r,)`` [1/curvature].
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    panels = place.subgridspec(1, len(basins))
    colours = ListedColormap(END_COLOURS)
    for column, (name, (offsets, codes)) in enumerate(basins.items()):
        axes = canvas.add_subplot(panels[column])
        axes.pcolormesh(offsets, rates, codes, cmap=colours, vmin=-0.5, vmax=4.5, rasterized=True)
        axes.set(yscale="log", title=name, xlabel="start [from minimum]")
        if column:
            axes.set_yticklabels([])
        else:
            axes.set_ylabel("learning rate [1/curvature]")
    seen = sorted({int(one) for _, codes in basins.values() for one in np.unique(codes)})
    marks = [Patch(color=END_COLOURS[one], label=SHOWN_ENDS.get(one, ENDS[one])) for one in seen]
    canvas.legend(handles=marks, loc="outside lower center", ncols=len(marks))
