"""Axes of a study: what they are called, with unit, and whether they are logarithmic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.overview import NAMES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from numpy.typing import ArrayLike

Units = Mapping[str, str]
"""Units by name of the parameter or measure, without brackets; a name that is missing has none."""

TABLES = ("agent", "environment", "evolution", "population", "rule")
"""Tables of a scenario: what stands before the dot of a parameter."""

RATIO_X, RATIO_Y = 8.0, 30.0
"""Numbers above 0 that span more than so many times are drawn on a logarithmic axis."""


def label(name: str, units: Units | None = None) -> str:
    """Return what an axis is called.

    Examples
    --------
    >>> label("environment.drift_variance", {"environment.drift_variance": "cue^2/step"})
    'drift variance [cue²/step]'
    >>> label("mean_lag[0.1]", {"mean_lag": "steps"}), label("rule.kind")
    ('mean lag, 0.1 [steps]', 'rule')
    """
    unit = (units or {}).get(name, (units or {}).get(name.partition("[")[0], ""))
    return f"{words_of(name)} [{unit.replace('^2', '²')}]" if unit else words_of(name)


def wrapped(text: str, most: int = 28) -> str:
    r"""Return the name of a vertical axis, its unit on a line of its own where it is long.

    Examples
    --------
    >>> wrapped("evolved learning rate [1/(curvature step)]")
    'evolved learning rate\n[1/(curvature step)]'
    >>> wrapped("mean lag [steps]")
    'mean lag [steps]'
    """
    return text if len(text) <= most else text.replace(" [", "\n[")


def words_of(name: str) -> str:
    """Return the words of a dotted name: the last of them, or what it is a kind of.

    Examples
    --------
    >>> words_of("rule.learning_rate"), words_of("population.size"), words_of("mean_lag")
    ('learning rate', 'population size', 'mean lag')
    >>> words_of("preference.gain"), words_of("rule.learning_rate.highest")
    ('gain of preference', 'learning rate highest')
    >>> words_of("preference.mean_lag[0.1]")
    'mean lag of preference, 0.1'
    """
    if "[" in name:
        measure, _, group = name.partition("[")
        return f"{words_of(measure)}, {group.removesuffix(']')}"
    above, _, last = name.rpartition(".")
    if above and name.partition(".")[0] not in TABLES:
        return f"{words_of(last)} of {above.replace('_', ' ')}"
    if above.count(".") and last != "kind":
        return f"{words_of(above)} {last.replace('_', ' ')}"
    if last in ("kind", "size") and above:
        last = above.rpartition(".")[2] + (" size" if last == "size" else "")
    return NAMES.get(last, last.replace("_", " "))


def value_text(value: Any) -> str:
    """Return a value of a parameter in few letters.

    Examples
    --------
    >>> value_text(0.1000001), value_text("Adam"), value_text(1000.0)
    ('0.1', 'Adam', '1000')
    >>> value_text('{"kind":"Momentum","momentum":0.5}')
    'Momentum, 0.5'
    """
    if isinstance(value, str) and value.startswith(("{", "[")):
        told = json.loads(value)
        return ", ".join(map(value_text, told.values() if isinstance(told, dict) else told))
    if not isinstance(value, float | np.floating):
        return str(value)
    number = float(value)
    return f"{number:.0f}" if 1e3 <= abs(number) < 1e6 else f"{number:.3g}"


def is_number(values: pd.Series[Any]) -> bool:
    """Return whether a column holds numbers that an axis can be drawn of."""
    return values.dtype.kind in "if"


def places(values: pd.Series[Any]) -> np.ndarray:
    """Return where values lie on an axis: themselves, or 0, 1, ... for words."""
    if is_number(values):
        return values.to_numpy(float)
    return np.searchsorted(np.unique(values.astype(str)), values.astype(str)).astype(float)


def is_log(values: Any, ratio: float) -> bool:
    """Return whether numbers are best drawn on a logarithmic axis.

    Examples
    --------
    >>> is_log([0.01, 1.0], 8.0), is_log([0.0, 1.0], 8.0), is_log([1.0, 2.0], 8.0)
    (True, False, False)
    """
    told = np.asarray(values, float)
    told = told[np.isfinite(told)]
    return bool(told.size and told.min() > 0 and told.max() > ratio * told.min())


def set_axis(axis: Axis, values: pd.Series[Any], ratio: float = RATIO_X) -> None:
    """Scale an axis for its values, or name the words along it."""
    axes: Axes = axis.axes
    set_scale, set_ticks = (
        (axes.set_xscale, axes.set_xticks)
        if axis is axes.xaxis
        else (axes.set_yscale, axes.set_yticks)
    )
    if not is_number(values):
        names = np.unique(values.astype(str))
        set_ticks(range(len(names)), [value_text(str(name)) for name in names])
    elif is_log(values, ratio):
        set_scale("log")
        plain_numbers(axis, values)


def plain_numbers(axis: Any, values: ArrayLike) -> None:
    """Write 0.03, 0.1, 0.3 along a logarithmic axis, or powers of ten where it is long."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    told = np.asarray(values, float)
    told = told[np.isfinite(told)]
    if told.max() > 1e4 * told.min():
        return
    span = told.max() / told.min()
    subs = (1.0,) if span > 1e3 else (1.0, 3.0) if span > 10 else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
    axis.set_minor_formatter(NullFormatter())
