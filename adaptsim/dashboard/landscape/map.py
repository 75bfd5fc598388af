"""Landscape map: the contours of a landscape as a picture that lies under paths."""

from __future__ import annotations

import base64
import io

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from adaptsim.figures.walks import draw_heights
from adaptsim.landscapes import Landscape

PIXELS = 640
HIGH = LinearSegmentedColormap.from_list(
    "high ground", [(0.42, 0.53, 0.62, 0.0), (0.42, 0.53, 0.62, 0.72)]
)
"""Low ground shows the page through, high ground is grey-blue: it suits light and dark."""

type View = tuple[tuple[float, float], tuple[float, float]]


def landscape_map(landscape: Landscape, view: View) -> str:
    """Return the picture of a landscape over a part of the plane, as a data address (PNG).

    Parameters
    ----------
    landscape
        One of two coordinates.
    view
        Ranges of the two [trait].
    """
    canvas = Figure(figsize=(PIXELS / 100, PIXELS / 100), dpi=100)
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    draw_heights(axes, landscape, *zip(*view, strict=True), cmap=HIGH, lines=True)
    axes.set(xlim=view[0], ylim=view[1])
    held = io.BytesIO()
    canvas.savefig(held, format="png", transparent=True)
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()
