"""Axes: the values of one parameter in a design, listed or as a range to draw from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adaptsim.schema import SPACINGS, Place, suggest
from adaptsim.studies.keys import canonical

RANGE = ("from", "to", "spacing", "levels", "whole")
DISTRIBUTION = "distribution"


@dataclass(frozen=True)
class Axis:
    """What one parameter may be.

    Attributes
    ----------
    name : str
        Dotted name of the parameter.
    values : tuple
        The values in their order, where they are listed; empty for a range or a distribution.
    low, high : float
        Ends of a range.
    spacing : str
        ``"linear"`` or ``"log"``.
    whole : bool
        Whether only whole numbers count; then both ends belong to the range.
    distribution : str
        Name of a continuous distribution of scipy.stats, where values are drawn from one.
    shape : dict
        Its parameters.
    """

    name: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    spacing: str = "linear"
    whole: bool = False
    distribution: str = ""
    shape: Mapping[str, Any] | None = None

    def at(self, unit: np.ndarray) -> list[Any]:
        """Return the values at places of the unit interval, shape ``(n,)``.

        Examples
        --------
        >>> Axis("rate", low=0.01, high=1.0, spacing="log").at(np.array([0.0, 0.5, 1.0]))
        [0.01, 0.1, 1.0]
        >>> Axis("kind", values=("Adam", "Momentum")).at(np.array([0.2, 0.9]))
        ['Adam', 'Momentum']
        """
        if self.values:
            places = np.minimum((unit * len(self.values)).astype(int), len(self.values) - 1)
            return [self.values[place] for place in places]
        if self.distribution:
            from scipy import stats

            inside = np.clip(unit, 1e-12, 1 - 1e-12)
            drawn = getattr(stats, self.distribution).ppf(inside, **(self.shape or {}))
        elif self.whole:
            width = int(self.high) - int(self.low) + 1
            return [int(v) for v in int(self.low) + np.minimum(unit * width, width - 1).astype(int)]
        elif self.spacing == "log":
            drawn = np.exp(np.log(self.low) + unit * (np.log(self.high) - np.log(self.low)))
        else:
            drawn = self.low + unit * (self.high - self.low)
        return [canonical(float(value)) for value in drawn]


def read_axis(name: str, told: Any, place: Place) -> Axis:
    """Return the axis that a value of a design describes.

    ``[0.1, 0.3]`` or a single value: listed. ``{ from = 0.01, to = 1.0, spacing = "log",
    levels = 7 }``: that many values, evenly spaced. Without ``levels`` it is a range to draw from;
    ``whole = true`` keeps to whole numbers. ``{ distribution = "lognorm", s = 0.5 }``: any
    continuous distribution of scipy.stats, to draw from.

    Examples
    --------
    >>> from pathlib import Path
    >>> place = Place("study.toml", "study.design", Path("."))
    >>> read_axis("rate", {"from": 0.01, "to": 1, "spacing": "log", "levels": 3}, place).values
    (0.01, 0.1, 1.0)
    """
    if isinstance(told, Mapping) and DISTRIBUTION in told:
        return _distribution(name, told, place.inside(name))
    if isinstance(told, Mapping) and "from" in told:
        return _range(name, told, place.inside(name))
    listed = told if isinstance(told, list) else [told]
    if not listed:
        raise place.wrong(name, "must list at least one value; got []")
    try:
        values = tuple(canonical(one) for one in listed)
    except ValueError as error:
        raise place.wrong(name, str(error)) from None
    return Axis(name, values=values)


def listed(axis: Axis, place: Place) -> tuple[Any, ...]:
    """Return the values of an axis that must list them.

    Raises
    ------
    WrongRequest
        If it is a range to draw from.
    """
    if not axis.values:
        raise place.wrong(axis.name, "must say how many values: add levels = 7, or list them")
    return axis.values


def described(axis: Axis) -> Any:
    """Return an axis as plain data.

    Examples
    --------
    >>> described(Axis("rate", low=0.01, high=1.0, spacing="log"))
    {'from': 0.01, 'to': 1.0, 'spacing': 'log'}
    """
    if axis.values:
        return list(axis.values)
    if axis.distribution:
        return {DISTRIBUTION: axis.distribution, **(axis.shape or {})}
    told: dict[str, Any] = {"from": axis.low, "to": axis.high, "spacing": axis.spacing}
    return told | ({"whole": True} if axis.whole else {})


def _range(name: str, told: Mapping[str, Any], place: Place) -> Axis:
    for key in told:
        if key not in RANGE:
            raise place.wrong(key, f"does not exist; {suggest(key, RANGE)}")
    low, high = (_number(told, key, place) for key in ("from", "to"))
    spacing, whole = told.get("spacing", "linear"), told.get("whole", False)
    if spacing not in SPACINGS:
        raise place.wrong("spacing", f"= {spacing!r}; {suggest(str(spacing), SPACINGS)}")
    if low >= high:
        raise place.wrong("to", f"must be above from; got {low:g} to {high:g}")
    if spacing == "log" and low <= 0:
        raise place.wrong("from", f"must be above 0 for spacing = 'log'; got {low:g}")
    if not isinstance(whole, bool):
        raise place.wrong("whole", f"must be true or false; got {whole!r}")
    if whole and (spacing == "log" or low != int(low) or high != int(high)):
        raise place.wrong("whole", "goes with whole ends and linear spacing")
    axis = Axis(name, low=low, high=high, spacing=spacing, whole=whole)
    levels = told.get("levels")
    if levels is None:
        return axis
    if isinstance(levels, bool) or not isinstance(levels, int) or levels < 1:
        raise place.wrong("levels", f"must be a whole number of at least 1; got {levels!r}")
    space = np.geomspace if spacing == "log" else np.linspace
    values: Sequence[Any] = [canonical(float(v)) for v in space(low, high, levels)]
    if whole:
        values = list(dict.fromkeys(round(value) for value in values))
    return Axis(name, tuple(values), low, high, spacing, whole)


def _number(told: Mapping[str, Any], key: str, place: Place) -> float:
    value = told.get(key)
    good = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
    if not good:
        raise place.wrong(key, f"must be a number; got {value!r}")
    return float(value)  # type: ignore[arg-type]


def _distribution(name: str, told: Mapping[str, Any], place: Place) -> Axis:
    from scipy import stats

    kind = told[DISTRIBUTION]
    known = [n for n in dir(stats) if isinstance(getattr(stats, n), stats.rv_continuous)]
    if kind not in known:
        raise place.wrong(DISTRIBUTION, f"= {kind!r} is not in scipy.stats; as 'norm', 'lognorm'")
    shape = {key: value for key, value in told.items() if key != DISTRIBUTION}
    try:
        middle = float(getattr(stats, kind).ppf(0.5, **shape))
    except (TypeError, ValueError) as error:
        raise place.wrong(DISTRIBUTION, f"= {kind!r} with {shape}: {error}") from None
    if not np.isfinite(middle):
        raise place.wrong(DISTRIBUTION, f"= {kind!r}: these parameters are not allowed: {shape}")
    return Axis(name, distribution=kind, shape=shape)
