"""The picture of the speed limit: found, passed, and stood at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import THEORY, WONG, house_style
from adaptsim.figures.walks import ENDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.curvature import Course, Flip
    from adaptsim.dynamics import Basin, OrbitDiagram

RATE = "learning rate [1/curvature]"


def speed_limit_figure(
    limits: Mapping[str, tuple[float, float]],
    past: tuple[OrbitDiagram, Flip],
    closing: Basin,
    courses: Mapping[float, Course],
) -> Figure:
    """Return the picture of the speed limit, in four parts.

    Parameters
    ----------
    limits
        By landscape, the limit found by walking and ``2 / l_max`` [1/curvature].
    past
        Orbits over rates about a limit, and the flip certificate of their minimum.
    closing
        What becomes of starts in ``x^2/2 + x^4/4`` over rates, whose basin closes at the limit.
    courses
        By learning rate, a training run with its gauge.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 5.2), layout="constrained")
        (found, swing), (basin, edge) = canvas.subplots(2, 2)
        draw_limits(found, limits)
        draw_swing(swing, *past)
        draw_closing(basin, closing)
        draw_sharpness(edge, courses)
        canvas.suptitle("The speed limit of learning, and what lies past it", x=0.01, ha="left")
    return canvas


def draw_limits(axes: Axes, limits: Mapping[str, tuple[float, float]]) -> None:
    """Draw, for each landscape, the limit found by walking (ring) and the theory (bar)."""
    found, theory = np.array([*limits.values()]).T
    rows = np.arange(len(limits))
    axes.hlines(rows, theory.min() / 3, theory, color=THEORY, lw=0.5, ls=":")
    axes.plot(theory, rows, "|", color=WONG[1], ms=13, mew=1.5, label="theory 2/λ$_{max}$")
    axes.plot(found, rows, "o", mfc="none", mec=WONG[0], ms=5, label="found by walking")
    axes.set_yticks(rows, [*limits])
    axes.set(xscale="log", xlabel="greatest rate that holds the minimum [1/curvature]",
             xlim=(theory.min() / 3, theory.max() * 3), ylim=(-0.6, len(rows) + 0.6))  # fmt: skip
    axes.set_title("found on five landscapes")
    axes.legend(loc="upper left", ncols=2, columnspacing=1, handletextpad=0.2)


def draw_swing(axes: Axes, past: OrbitDiagram, forecast: Flip) -> None:
    """Draw settled orbits about the limit and the oscillation forecast there by the certificate."""
    top = int(np.argmax(np.abs(forecast.direction)))
    rates = past.values / forecast.limit
    kept = past.positions[:, 0, :, top]
    axes.plot(np.repeat(rates, kept.shape[1]), kept.ravel(), "o", ms=1.8, color=WONG[0],
              label="settled")  # fmt: skip
    beyond = np.linspace(1.0, rates[-1], 200)
    ends = np.array([[one[top] for one in forecast.cycle(x * forecast.limit)] for x in beyond])
    axes.plot(beyond, ends[:, 0], color=WONG[1], label="forecast by 4 derivatives")
    axes.plot(beyond, ends[:, 1], color=WONG[1])
    axes.axvline(1.0, ymax=0.8, color=THEORY, ls="--", lw=0.8)
    axes.set(xlabel="learning rate / speed limit [1]", ylabel="joint angle [rad]")
    axes.set_title("robot arm, past the limit: it swings")
    axes.legend(loc="upper left")


def draw_closing(axes: Axes, found: Basin) -> None:
    """Draw which starts come back in ``x^2/2 + x^4/4``, and the unstable cycle that bounds them."""
    from matplotlib.colors import ListedColormap

    held = np.where(found.codes == ENDS.index("diverged"), 0.0, 1.0).T
    axes.pcolormesh(found.values, found.starts[:, 0], held, rasterized=True,
                    cmap=ListedColormap(["#333333", WONG[5]]))  # fmt: skip
    rates = np.linspace(found.values[0], 2.0, 400)
    edge = np.sqrt((2 - rates) / rates)
    for side in (1, -1):
        axes.plot(rates, side * edge, color=WONG[1], label="theory" if side > 0 else None)
    axes.axvline(2.0, color="white", ls="--", lw=0.8)
    axes.text(rates[0] + 0.04, 0.0, "comes back", va="center")
    axes.text(rates[0] + 0.04, 1.0, "thrown out", va="center", color="white")
    axes.annotate("unstable 2-cycle\n$x^2=(2-\\eta)/\\eta$", (1.6, 0.5), (1.62, 0.85),
                  color="white", fontsize=7)  # fmt: skip
    axes.set(xlabel=RATE, ylabel="start [trait]")
    axes.set_title("$x^2/2+x^4/4$, past the limit: it blows up")


def draw_sharpness(axes: Axes, courses: Mapping[float, Any]) -> None:
    """Draw the largest curvature along training runs, and the limit ``2 / rate`` of each."""
    for (rate, course), colour in zip(courses.items(), WONG, strict=False):
        axes.plot(course.at, course.sharpness, color=colour, lw=0.8, label=f"η = {rate:g}")
        axes.axhline(2 / rate, color=colour, ls="--", lw=0.8)
    axes.plot([], [], color=THEORY, ls="--", lw=0.8, label="limit 2/η")
    axes.set(xlabel="time [steps]", ylabel="largest curvature [loss/trait²]", ylim=(0, None))
    axes.set_title("a network sharpens up to its limit")
    axes.legend(loc="upper right", ncols=2)
