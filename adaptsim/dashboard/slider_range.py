"""Slider range: from a field of a part to the values that its slider offers."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

from adaptsim.dashboard.limits import LARGEST, MOST_WHOLE
from adaptsim.part import is_structure


class SliderRange(NamedTuple):
    """From where to where a slider goes, and by how much a key moves it."""

    low: float
    high: float
    step: float
    whole: bool = False


class Mark(NamedTuple):
    """What a slider points at: a value, what it is, and to where all is so (just there)."""

    at: float
    label: str
    until: float | None = None


def slider_range(
    declared: dataclasses.Field[Any], value: float, *, reach: float | None = None
) -> SliderRange:
    """Return the values that the slider of a field offers, its limits kept.

    Parameters
    ----------
    declared
        The field.
    value
        What it is now; the slider reaches at least there.
    reach
        Up to where it should go at least, a quarter more (a speed limit, say).

    Examples
    --------
    >>> from adaptsim import GradientDescent
    >>> rate = dataclasses.fields(GradientDescent)[0]
    >>> slider_range(rate, 0.1, reach=2.0)
    SliderRange(low=0.0, high=2.5, step=0.005, whole=False)
    """
    told, whole = declared.metadata, is_structure(declared)
    least, most = _end(told, "at_least", "above"), _end(told, "at_most", "below")
    wide = nice(max(4 * abs(value), 1.25 * reach if reach and math.isfinite(reach) else 0.0) or 1.0)
    high = most if most is not None else min(wide, LARGEST)
    low = least if least is not None else -high if value <= 0 else 0.0
    if whole:
        high = min(max(high, low + 10), max(MOST_WHOLE, low))
        return SliderRange(low, high, 1, whole=True)
    high = max(high, low + 1e-9)
    step = float(f"{(high - low) / 500:.1g}")
    if told.get("above") is not None and told["above"] == low:
        low += step
    if told.get("below") is not None and told["below"] == high:
        high -= step
    return SliderRange(float(low), float(high), step)


def _end(limits: Any, *names: str) -> float | None:
    found = [float(limits[name]) for name in names if limits.get(name) is not None]
    return found[0] if found else None


def nice(number: float) -> float:
    """Return the next of 1, 2, 2.5, 5 times a power of ten.

    Examples
    --------
    >>> nice(0.4), nice(2.5), nice(180)
    (0.5, 2.5, 200.0)
    """
    power = 10.0 ** math.floor(math.log10(number))
    scale = next(one for one in (1, 2, 2.5, 5, 10) if number <= one * power * (1 + 1e-9))
    return float(f"{scale * power:.3g}")
