"""The picture of three rates: walks over contours, their losses, and what each rate leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.walks import Walks

GRID = 121
SHOWN_STEPS = 13
COURSE = 150
TRAITS = ("$\\theta_1$ [trait]", "$\\theta_2$ [trait]")
BEST, LIMIT = "best\n$2/(\\lambda_{min}+\\lambda_{max})$", "limit\n$2/\\lambda_{max}$"
RATE = "learning rate [1/curvature]"


def goldilocks_figure(
    landscape: Any,
    walks: Walks,
    names: Sequence[str],
    sweep: tuple[np.ndarray, np.ndarray, np.ndarray],
    marks: tuple[float, float],
) -> Figure:
    """Return the picture of a few rates: a map of each, losses of all, and the sweep.

    Parameters
    ----------
    landscape
        A landscape of two coordinates.
    walks
        From one start, with places, one walk for each rate; see `adaptsim.walks.walk`.
    names
        What the rates are called.
    sweep
        Rates, and what a step leaves of the distance at each, measured and by theory, ``(r,)``.
    marks
        The best rate and the speed limit [1/curvature].
    """
    from matplotlib.figure import Figure as Canvas

    assert walks.places is not None, "walk with places=True"
    places = walks.places[:, 0, 0, :SHOWN_STEPS]
    with house_style():
        canvas = Canvas(figsize=(7.0, 4.8), layout="constrained")
        grid = canvas.add_gridspec(2, 1, height_ratios=[1, 1.35])
        maps: Any = grid[0].subgridspec(1, len(names)).subplots(sharex=True, sharey=True)
        for row, (axes, name) in enumerate(zip(maps, names, strict=True)):
            draw_map(axes, landscape, _window(places))
            draw_path(axes, places[row], WONG[row])
            axes.set_title(f"{name}: η = {walks.rates[row]:.3g}", color=WONG[row])
            axes.set_xlabel(TRAITS[0])
        maps[0].set_ylabel(TRAITS[1])
        below: Any = grid[1].subgridspec(1, 2).subplots()
        draw_course(below[0], walks, names)
        draw_left_per_step(below[1], *sweep, best=marks[0], limit=marks[1])
        canvas.suptitle("How fast should one learn?", x=0.01, ha="left")
    return canvas


def draw_map(axes: Axes, landscape: Any, window: tuple[np.ndarray, np.ndarray]) -> None:
    """Draw the contours of a landscape of two coordinates between two corners, ``(2,)`` each."""
    import jax
    import jax.numpy as jnp

    low, high = window
    x, y = (np.linspace(low[i], high[i], GRID) for i in (0, 1))
    grid = jnp.stack(jnp.meshgrid(x, y), axis=-1)
    loss = np.asarray(jax.vmap(jax.vmap(landscape.loss))(grid))
    levels = np.quantile(loss, np.linspace(0.0, 1.0, 16))
    axes.contourf(x, y, loss, levels=levels, cmap="Greys", alpha=0.5)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def draw_path(axes: Axes, places: np.ndarray, colour: str, label: str | None = None) -> None:
    """Draw one walk, shape ``(k, 2)``, with a dot at each step and a ring where it starts."""
    axes.plot(*places.T, "o-", color=colour, lw=0.9, ms=1.8, label=label)
    axes.plot(*places[0], "o", mfc="white", mec=OPTIMUM, ms=4, zorder=4)


def draw_course(axes: Axes, walks: Walks, names: Sequence[str]) -> None:
    """Draw the loss of one walk for each rate over its steps, logarithmic; none beyond 1e12."""
    for name, loss, colour in zip(names, walks.loss[:, 0, 0], WONG, strict=False):
        shown = np.where((loss > 1e-14) & (loss < 1e12), loss, np.nan)
        axes.plot(walks.clock, shown, color=colour, label=name)
    axes.set(yscale="log", xlabel="time [steps]", ylabel="loss above the minimum [loss]")
    axes.set(xlim=(0, COURSE), ylim=(1e-14, 1e6))
    axes.set_title("losses of the three walks")
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.42))


def draw_left_per_step(
    axes: Axes,
    rates: np.ndarray,
    measured: np.ndarray,
    theory: np.ndarray,
    *,
    best: float,
    limit: float,
) -> None:
    """Draw what a step leaves of the distance at each rate, shape ``(r,)``: a valley of its own."""
    every = max(1, len(rates) // 60)
    axes.axvspan(limit, rates[-1], color=WONG[2], alpha=0.12, lw=0)
    axes.axhline(1.0, color=OPTIMUM, lw=0.6)
    axes.plot(rates, theory, color=THEORY, label=r"theory: max $|1-\eta\lambda|$")
    axes.plot(rates[::every], measured[::every], "o", ms=3, color=WONG[0], mfc="white",
              label="measured")  # fmt: skip
    for place, told, side in ((best, BEST, "right"), (limit, LIMIT, "left")):
        axes.axvline(place, color=THEORY, ls="--", lw=0.8)
        axes.annotate(told, (place, 0.98), xycoords=("data", "axes fraction"), ha=side, va="top",
                      xytext=(-3 if side == "right" else 3, 0), textcoords="offset points",
                      fontsize=7)  # fmt: skip
    axes.set(xlabel=RATE, ylabel="distance left per step [1]", xlim=(0, rates[-1]))
    axes.set_ylim(bottom=measured.min() - 0.25)
    axes.set_title("every rate: what a step leaves of the distance")
    axes.legend(loc="lower left")


def _window(walks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of a window about walks that stay near, shape ``(w, k, 2)``."""
    reach = 1.15 * np.abs(walks[:, 0]).max(axis=0) * np.array([1.0, 1.5])
    return -reach, reach
