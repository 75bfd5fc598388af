"""Study chart: how curves and maps of a study look, and their numbers. Knows no Solara."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from adaptsim.dashboard import chart
from adaptsim.dashboard.chart import COLOURS, RUN_COLOURS, Block
from adaptsim.dashboard.studies.live_study import StudySnapshot
from adaptsim.dashboard.studies.view import Curve
from adaptsim.figures.study_axes import RATIO_X, RATIO_Y, is_log, label, value_text, words_of

GROUP_COLOURS = (*RUN_COLOURS, *COLOURS[4:])
SYMBOLS = ("circle", "rect", "triangle", "diamond", "roundRect", "emptyCircle")
CIVIDIS = ("#00224e", "#1f3b6d", "#4a5670", "#6b6f77", "#8d8a78", "#b5a76c", "#dcc84e", "#fee838")
"""Eight colours of cividis, dark to light, which people with any colour vision can read."""
LONGEST_GROUP = 16
"""Letters of a parameter that is named in the legend, not in the caption alone."""
WIDEST_BAND = 0.35
"""Opacity of the band of a single curve; of many it is less."""


class Drawing(NamedTuple):
    """A chart ready to draw: what its look depends on, the look, numbers, and ranges of axes."""

    key: Any
    option: dict[str, Any]
    blocks: list[Block]
    axes: dict[str, tuple[float, float]]


def curves_drawing(seen: StudySnapshot) -> Drawing:
    """Return the chart of response curves: means with intervals, theory dashed."""
    assert seen.view is not None
    assert seen.stored is not None
    view, lines = seen.view, [("", one) for one in seen.lines] + [("B ", one) for one in seen.over]
    tables = [one.table for _, one in lines]
    words = _words(tables)
    values = np.concatenate([one["value"].to_numpy(float) for one in tables] or [np.zeros(0)])
    log_y = view.scale == "logarithmic" or (
        view.scale == "automatic" and is_log(values, RATIO_Y)
    )  # fmt: skip
    log_y &= bool((values[np.isfinite(values)] > 0).all())
    places = pd.concat([one["x"] for one in tables]).drop_duplicates() if tables else []
    log_x = not words and is_log(places, RATIO_X)
    blocks: list[Block] = []
    names = []
    low, high = _range(tables, log=log_y)
    for index, (letter, one) in enumerate(lines):
        names.append(_named(letter, one, view.by, len(lines), over=bool(seen.over)))
        x = _places(one.table["x"], words)
        value, theory = (one.table[name].to_numpy(float) for name in ("value", "theory"))
        ends = [one.table[name].to_numpy(float) for name in ("ci_low", "ci_high")]
        inside = np.isfinite(ends).all(axis=0) & np.isfinite(value)
        bottom, top = (np.clip(end[inside], low, high) for end in ends)
        blocks += [
            chart.line(f"value-{index}", x, value),
            chart.line(f"theory-{index}", x, theory),
            chart.band(f"band-{index}", x[inside], bottom, top, colour=_colour(index),
                       opacity=WIDEST_BAND / math.sqrt(len(lines))),
        ]  # fmt: skip
    theories = [bool(one["theory"].notna().any()) for one in tables]
    key = (tuple(names), tuple(words), log_x, log_y, view.x, view.measure, tuple(theories))
    units = seen.stored.units
    series = _series(names, theories, words)
    option = chart.option(
        label(view.x, units),
        label(view.measure, units),
        series,
        xAxis={"type": "category", "data": words} if words else _axis(log_x),
        yAxis=_axis(log_y),
        legend=any(names) or any(theories),
    )
    option["legend"]["itemStyle"] = {"opacity": 1}
    axes = {"y": (low, high)} if math.isfinite(low) else {}
    if not words and len(places):
        axes["x"] = _padded(np.asarray(places, float), log=log_x, by=0.03)
    return Drawing(key, option, blocks, axes)


def map_drawing(seen: StudySnapshot) -> Drawing:
    """Return the chart of a measure over two parameters, each place a tile."""
    assert seen.view is not None
    assert seen.stored is not None
    assert seen.field is not None
    view, table, units = seen.view, seen.field.dropna(subset=["value"]), seen.stored.units
    value = table["value"].to_numpy(float)
    log = view.scale == "logarithmic" or (view.scale == "automatic" and is_log(value, RATIO_Y))
    log &= bool((value > 0).all())
    told = np.log10(value) if log else value
    across, up = (_tiles(seen.field[name]) for name in ("x", "y"))
    ends = (float(told.min()), float(told.max())) if told.size else (0.0, 1.0)
    low, high = (float(f"{one:.3g}") for one in ends)
    column, row = (
        seen.field[name].rank(method="dense").loc[table.index] - 1 for name in ("x", "y")
    )
    name = label(view.measure, units)
    title = f"log₁₀ of {name}" if log else name
    key = ("map", tuple(across), tuple(up), title, low, high, view.x, view.across)
    option = chart.option(
        label(view.x, units),
        label(view.across, units),
        [
            {"id": "tiles", "name": title, "type": "heatmap", "data": [],
             "itemStyle": {"borderColor": "$paper", "borderWidth": 1}},
        ],
        legend=False,
        xAxis={"type": "category", "data": across},
        yAxis={"type": "category", "data": up},
        tooltip={"trigger": "item", "confine": True, "backgroundColor": "$paper",
                 "borderColor": "$grid", "textStyle": {"color": "$fg", "fontSize": 12}},
        visualMap={
            "min": low, "max": high if high > low else low + 1, "dimension": 2,
            "calculable": False, "orient": "horizontal", "left": "center", "top": 4,
            "itemHeight": 220, "itemWidth": 14, "precision": 3, "text": [f"{high:g}", f"{low:g}"],
            "textStyle": {"color": "$fg"}, "inRange": {"color": list(CIVIDIS)},
        },
    )  # fmt: skip
    option["grid"] |= {"top": 44, "left": 76}
    option["yAxis"]["nameGap"] = 56
    return Drawing(key, option, [chart.tiles("tiles", column, row, told)], {})


def told_of(seen: StudySnapshot) -> str:
    """Return a sentence on what the chart shows, for its caption and for screen readers."""
    assert seen.view is not None
    assert seen.stored is not None
    view = seen.view
    if view.shape == "map":
        rest = _others(seen, {view.x, view.across})
        places = f"{words_of(view.x)} and {words_of(view.across)}"
        told = f"{mean_of(view.measure).capitalize()} over {places}"
        value = seen.field["value"] if seen.field is not None else pd.Series(dtype=float)
        if len(value) and is_log(value, RATIO_Y) and view.scale != "linear":
            told += "; colour: its logarithm to base 10"
        return told + rest
    by = f", one curve for each {words_of(view.by)}" if view.by else ""
    rest = _others(seen, {view.x, view.by})
    bands = "; bands: 95 % interval of the mean" if seen.stored.replicates > 1 or rest else ""
    theory = "; dashed: theory" if any(c.table["theory"].notna().any() for c in seen.lines) else ""
    over = f"; B: {seen.over_name}" if seen.over else ""
    return (
        f"{mean_of(view.measure).capitalize()} against {words_of(view.x)}"
        f"{by}{bands}{theory}{rest}{over}"
    )


def mean_of(measure: str) -> str:
    """Return what a mean over replicates is called.

    Examples
    --------
    >>> mean_of("mean_lag"), mean_of("gain")
    ('mean lag', 'mean gain')
    """
    words = words_of(measure)
    return words if words.startswith("mean ") else f"mean {words}"


def _others(seen: StudySnapshot, told: set[str]) -> str:
    assert seen.stored is not None
    names = [words_of(name) for name in seen.stored.varied if name not in told]
    return f"; averaged over {', '.join(names)}" if names else ""


def _series(
    names: Sequence[str], theories: Sequence[bool], words: Sequence[str]
) -> list[dict[str, Any]]:
    series = []
    for index, (name, theory) in enumerate(zip(names, theories, strict=True)):
        colour, far = _colour(index), name.startswith("B ") or name == "B"
        line = {"width": 2, "opacity": 0 if words else 1, "type": [8, 3, 2, 3] if far else "solid"}
        marks = {
            "symbol": SYMBOLS[index % len(SYMBOLS)], "symbolSize": 9 if words else 7,
            "showSymbol": True, "showAllSymbol": "auto",
        }  # fmt: skip
        below = {"width": 1.5, "type": "dashed", "opacity": 0 if words else 1}
        empty = {"symbol": "emptyDiamond", "symbolSize": 13} if words and theory else {}
        series += [
            chart.band_series(f"band-{index}", "", colour),
            chart.line_series(f"theory-{index}", "", colour, **below) | empty | {"z": 2},
            chart.line_series(f"value-{index}", name, colour, **line) | marks | {"z": 3},
        ]
    return series


def _named(letter: str, curve: Curve, by: str, count: int, *, over: bool) -> str:
    words = words_of(by) if curve.group and len(words_of(by)) <= LONGEST_GROUP else ""
    told = f"{letter or ('A ' if over else '')}{words} {curve.group}".strip()
    return told.replace("  ", " ") or ("measured" if count == 1 else "")


def _colour(index: int) -> str:
    return GROUP_COLOURS[index % len(GROUP_COLOURS)]


def _axis(log: bool) -> dict[str, Any]:
    inner = {"color": "$fg", "hideOverlap": True, "showMinLabel": False, "showMaxLabel": False}
    return {"type": "log" if log else "value", "axisLabel": dict(inner)}


def _words(tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return the words along an axis, none where there are numbers."""
    if not tables or all(one["x"].dtype.kind in "if" for one in tables):
        return []
    found = pd.concat([one["x"].astype(str) for one in tables]).drop_duplicates().sort_values()
    return [value_text(one) for one in found]


def _places(x: pd.Series[Any], words: Sequence[str]) -> np.ndarray:
    if not words:
        return x.to_numpy(float)
    return np.array([words.index(value_text(str(one))) for one in x], float)


def _tiles(values: pd.Series[Any]) -> list[str]:
    return [value_text(one) for one in values.drop_duplicates().sort_values()]


def _range(tables: Sequence[pd.DataFrame], *, log: bool) -> tuple[float, float]:
    """Return the range of means and theory, and of bands as far as they do not dwarf them."""
    means = [one[name].to_numpy(float) for one in tables for name in ("value", "theory")]
    centre = _padded(np.concatenate(means or [np.zeros(0)]), log=log, by=0.06)
    reach = centre[1] - centre[0]
    bands = [one[name].to_numpy(float) for one in tables for name in ("ci_low", "ci_high")]
    wide = _padded(np.concatenate([*means, *bands] or [np.zeros(0)]), log=log, by=0.02)
    if log:
        return max(wide[0], centre[0] / 3), min(wide[1], centre[1] * 3)
    return max(wide[0], centre[0] - reach / 2), min(wide[1], centre[1] + reach / 2)


def _padded(values: np.ndarray, *, log: bool, by: float) -> tuple[float, float]:
    told = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not told.size:
        return math.nan, math.nan
    low, high = (
        float(one) for one in ((np.log10(told) if log else told)[[told.argmin(), told.argmax()]])
    )
    pad = by * (high - low) or (0.1 if log else 0.1 * abs(high) or 1.0)
    ends = low - pad, high + pad
    return (10 ** ends[0], 10 ** ends[1]) if log else ends
