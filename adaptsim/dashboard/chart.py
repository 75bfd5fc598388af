"""Chart: ECharts in the browser, fed with one binary buffer a frame.

The look of a chart (axes, lines, legend) is sent once, as an ECharts option; a frame is one buffer
of float32 and says which numbers belong to which series. No Solara render happens in between, so a
thread may push frames while the page stays as it is, and the browser says which it has drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import ipyvuetify
import numpy as np
import traitlets

from adaptsim.figures.style import WONG

COLOURS = WONG
"""The house colours; which is which is also told by line style and name, never by colour alone."""

RUN_COLOURS = ("$run1", "$run2", "$run3", "$run4")
"""The first four of them as tokens: lighter in the dark, so that they stand out."""

DASHES = ("solid", "dashed", "dotted", [8, 3, 2, 3], [2, 6])
TOKENS = ("$fg", "$grid", "$ink", "$faint", "$paper")
"""Colours that follow the theme, light or dark: write these into an option."""


class Block(NamedTuple):
    """Numbers of one series of a frame.

    Attributes
    ----------
    id : str
        The series' ``id`` in the option.
    kind : str
        ``"line"``, ``"points"`` or ``"cloud"`` (columns x, y), ``"band"`` (columns x, low, high),
        ``"tiles"`` (columns x and y counted from 0, value).
    numbers : numpy.ndarray
        Shape ``(rows, columns)``.
    style : dict
        ``colour`` and ``opacity`` of a band.
    """

    id: str
    kind: str
    numbers: np.ndarray
    style: Mapping[str, Any] = {}


def line(id: str, x: Any, y: Any) -> Block:
    """Return a line; what is not finite leaves a gap."""
    return Block(id, "line", np.column_stack([x, y]))


def points(id: str, x: Any, y: Any) -> Block:
    """Return a few markers."""
    return Block(id, "points", np.column_stack([x, y]))


def cloud(id: str, x: Any, y: Any) -> Block:
    """Return thousands of dots."""
    return Block(id, "cloud", np.column_stack([x, y]))


def band(id: str, x: Any, low: Any, high: Any, **style: Any) -> Block:
    """Return a band between two lines; ``style``: colour, opacity."""
    return Block(id, "band", np.column_stack([x, low, high]), style)


def tiles(id: str, x: Any, y: Any, value: Any) -> Block:
    """Return the tiles of a map, ``x`` and ``y`` counted from 0 along two axes of words."""
    return Block(id, "tiles", np.column_stack([x, y, value]))


class Chart(ipyvuetify.VuetifyTemplate):  # type: ignore[misc]
    """A chart in the page; make it by ``Chart.element(name=, label=, option=)``.

    Attributes
    ----------
    name : str
        Name of downloads, and ``chart-NAME`` for tests.
    label : str
        What a screen reader says.
    option : dict
        The ECharts option; strings of `TOKENS` become colours of the theme.
    image : dict
        A picture under the series in data coordinates: ``source`` (a data address), ``x`` and
        ``y`` (ranges).
    on_drawn : callable
        Told the number of a frame that the browser has drawn.
    draggable : bool
        Whether the pointer, held down, drags something.
    on_click, on_drag, on_zoom : callable
        Told where, in data coordinates: ``(x, y)`` of a click or at the end of a drag, ``(x, y)``
        on the way, never ahead of the frames; ``((x0, x1), (y0, y1))``.
    """

    template_file = (__file__, "chart.vue")

    name = traitlets.Unicode("chart").tag(sync=True)
    label = traitlets.Unicode("chart").tag(sync=True)
    height = traitlets.Unicode("360px").tag(sync=True)
    option = traitlets.Dict({}).tag(sync=True)
    image = traitlets.Dict({}).tag(sync=True)
    blocks: Any = traitlets.List([]).tag(sync=True)
    axes = traitlets.Dict({}).tag(sync=True)
    buffer = traitlets.Bytes(b"").tag(sync=True)
    sequence = traitlets.Int(0).tag(sync=True)
    draggable = traitlets.Bool(False).tag(sync=True)

    on_drawn: Callable[[int], Any] | None = None
    on_click: Callable[[float, float], Any] | None = None
    on_drag: Callable[[float, float], Any] | None = None
    on_zoom: Callable[[Any, Any], Any] | None = None

    def push(
        self, blocks: Sequence[Block], *, axes: Mapping[str, tuple[float, float]] | None = None
    ) -> int:
        """Send a frame and return its number; ``axes``: ranges of ``x`` and ``y``."""
        told, parts, offset = [], [], 0
        for block in blocks:
            numbers = np.ascontiguousarray(_storable(block.numbers))
            rows, columns = numbers.shape
            told.append(
                {
                    "id": block.id,
                    "kind": block.kind,
                    "offset": offset,
                    "rows": rows,
                    "columns": columns,
                    **block.style,
                }
            )
            parts.append(numbers.tobytes())
            offset += numbers.size
        with self.hold_sync():
            self.blocks, self.buffer = told, b"".join(parts)
            if axes is not None:
                self.axes = {
                    name: [float(f"{end:.9g}") for end in ends] for name, ends in axes.items()
                }
            self.sequence += 1
        return int(self.sequence)

    def vue_drawn(self, data: Any) -> None:
        """Hear from the browser that it has drawn a frame."""
        if self.on_drawn and isinstance(data, dict) and isinstance(data.get("sequence"), int):
            self.on_drawn(data["sequence"])

    def vue_clicked(self, data: Any) -> None:
        """Hear from the browser where somebody clicked, or let go."""
        _tell_place(self.on_click, data)

    def vue_dragged(self, data: Any) -> None:
        """Hear from the browser where somebody drags."""
        _tell_place(self.on_drag, data)

    def vue_zoomed(self, data: Any) -> None:
        """Hear from the browser what is in view."""
        if not self.on_zoom or not isinstance(data, dict):
            return
        x, y = _numbers(data.get("x")), _numbers(data.get("y"))
        if x and y and len(x) == len(y) == 2:
            self.on_zoom(tuple(x), tuple(y))


def _tell_place(hear: Callable[[float, float], Any] | None, data: Any) -> None:
    place = _numbers([data.get("x"), data.get("y")]) if isinstance(data, dict) else None
    if hear and place:
        hear(*place)


def _storable(numbers: Any) -> np.ndarray:
    largest = float(np.finfo(np.float32).max)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.clip(np.asarray(numbers, dtype=float), -largest, largest).astype(np.float32)


def _numbers(values: Any) -> list[float] | None:
    """Return finite numbers that a browser sent, ``None`` for anything else."""
    if not isinstance(values, list) or not all(isinstance(v, int | float) for v in values):
        return None
    return [float(v) for v in values] if np.isfinite(values).all() else None


def option(
    x: str, y: str, series: Sequence[Mapping[str, Any]], *, legend: bool = True, **more: Any
) -> dict[str, Any]:
    """Return an option in the house style.

    Parameters
    ----------
    x, y
        What the axes show, with units.
    series
        Made by `line_series`, `points_series`, `cloud_series` and `band_series`.
    legend
        Whether to name the series above the chart.
    more
        Anything else of an ECharts option; ``xAxis`` and ``yAxis`` are merged into the axes.
    """
    names = [one["name"] for one in series if one.get("name")]
    axes = {"x": _axis(x, 30) | more.pop("xAxis", {}), "y": _axis(y, 46) | more.pop("yAxis", {})}
    return {
        "grid": {"left": 66, "right": 20, "top": 40 if legend else 16, "bottom": 52},
        "legend": {
            "show": legend,
            "top": 4,
            "left": 58,
            "right": 12,
            "type": "scroll",
            "itemWidth": 26,
            "itemStyle": {"opacity": 0},
            "textStyle": {"color": "$fg"},
            "data": names,
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "backgroundColor": "$paper",
            "borderColor": "$grid",
            "textStyle": {"color": "$fg", "fontSize": 12},
        },
        "xAxis": axes["x"],
        "yAxis": axes["y"],
        "series": list(series),
        **more,
    }


def _axis(name: str, gap: int) -> dict[str, Any]:
    return {
        "type": "value",
        "name": name,
        "nameLocation": "middle",
        "nameGap": gap,
        "nameTextStyle": {"color": "$fg", "fontSize": 13},
        "axisLine": {"show": True, "onZero": False, "lineStyle": {"color": "$faint"}},
        "axisLabel": {"color": "$fg", "hideOverlap": True},
        "splitLine": {"lineStyle": {"color": "$grid"}},
        "scale": True,
    }


def line_series(id: str, name: str, colour: str, **style: Any) -> dict[str, Any]:
    """Return how a line looks; ``style`` is ECharts' ``lineStyle`` (width, type)."""
    return {
        "id": id,
        "name": name,
        "type": "line",
        "symbol": "none",
        "data": [],
        "lineStyle": {"width": 2, "color": colour, **style},
        "itemStyle": {"color": colour},
    }


def points_series(id: str, name: str, colour: str, **style: Any) -> dict[str, Any]:
    """Return how a few markers look; ``style``: ``symbol``, ``symbolSize`` and the like."""
    return {
        "id": id,
        "name": name,
        "type": "scatter",
        "data": [],
        "symbolSize": 9,
        "itemStyle": {"color": colour},
        **style,
    }


def cloud_series(id: str, name: str, colour: str, size: float = 3.0) -> dict[str, Any]:
    """Return how thousands of dots look."""
    return {
        "id": id,
        "name": name,
        "type": "scatter",
        "data": [],
        "large": True,
        "largeThreshold": 1,
        "symbol": "rect",
        "symbolSize": size,
        "silent": True,
        "tooltip": {"show": False},
        "itemStyle": {"color": colour, "opacity": 0.35},
    }


def band_series(id: str, name: str, colour: str) -> dict[str, Any]:
    """Return the place of a band in a chart."""
    return {
        "id": id,
        "name": name,
        "type": "custom",
        "data": [],
        "clip": True,
        "silent": True,
        "tooltip": {"show": False},
        "itemStyle": {"color": colour},
        "z": 1,
    }
