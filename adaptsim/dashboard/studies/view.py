"""Study view: what is shown of a stored study, and the tables that show it. Knows no Solara.

What a browser asks for are words by name, from the address or from controls alike; `resolved` takes
of them what the store has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from adaptsim.dashboard import link
from adaptsim.dashboard.limits import clean
from adaptsim.documents.findings import Stored
from adaptsim.figures.study_axes import is_number, value_text
from adaptsim.studies import analysis
from adaptsim.studies.analysis.frame import PARAMETER

MOST_CURVES = 6
"""Curves of one study; of more groups some are shown, evenly chosen."""
MOST_STOPS = 60
"""Values of a parameter that stand in a list or along a map; of more, bins."""
LONGEST = 400
"""Letters of a word of an address, at most."""
MOST_ENVIRONMENTS = 60
"""Environments whose best rates are looked for."""
NONE = "none"
SHAPES = ("curves", "map")
SCALES = ("automatic", "linear", "logarithmic")
CELLS = ("all", "finished", "unfinished", "failed")
JUDGED_BY = ("tracking_mse", "regret")

KNOWN = ("study", "over", "x", "measure", "by", "across", "shape", "scale", "cells")
LIMITS = ("from.", "to.", "is.")
"""What may be asked for: these, and these with the name of a parameter behind."""

Asked = Mapping[str, str]


@dataclass(frozen=True)
class StudyView:
    """What is shown of a study.

    Attributes
    ----------
    x, measure, by, across : str
        Parameter along the axis, what is measured, what tells curves apart, second axis of a map;
        ``by`` and ``across`` may be empty.
    shape, scale, cells : str
        One of `SHAPES`, `SCALES` (of the measure), `CELLS`.
    ranges : dict
        Least and greatest value of a parameter that counts.
    only : dict
        The word of a parameter that counts.
    """

    x: str
    measure: str
    by: str = ""
    across: str = ""
    shape: str = "curves"
    scale: str = "automatic"
    cells: str = "all"
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)


class Curve(NamedTuple):
    """A measure along a parameter: its group, and a row for each place (``x``, ``value``, ...)."""

    group: str
    table: pd.DataFrame


def from_query(search: str | None) -> dict[str, str]:
    """Return the words of an address.

    Examples
    --------
    >>> from_query("?study=rates&x=rule.learning_rate")
    {'study': 'rates', 'x': 'rule.learning_rate'}
    """
    return {
        key: value
        for key, value in link.told(search)[0].items()
        if (key in KNOWN or key.startswith(LIMITS)) and len(key) < LONGEST and len(value) < LONGEST
    }


def query(asked: Asked) -> str:
    """Return an address for words; the empty ones are left out."""
    return urlencode({key: value for key, value in asked.items() if value})


def stops(stored: Stored, name: str) -> list[float]:
    """Return values of a numeric parameter to choose from: all, or evenly placed ones."""
    values = stored.values(name).dropna().to_numpy(float)
    if len(values) <= MOST_STOPS:
        return [float(one) for one in values]
    inner = np.linspace(values[0], values[-1], 21)[1:-1]
    return [float(values[0]), *(float(f"{one:.3g}") for one in inner), float(values[-1])]


def words_in(stored: Stored, name: str) -> list[str]:
    """Return the values of a parameter of words."""
    return [str(one) for one in stored.values(name)]


def mappable(stored: Stored) -> list[str]:
    """Return the parameters that can be an axis of a map: of a full design, with few values."""
    few = [name for name in stored.varied if len(stored.values(name)) <= MOST_STOPS]
    return few if stored.full and len(few) > 1 and stored.kind != "zip" else []


def resolved(asked: Asked, stored: Stored) -> StudyView | None:
    """Return what is asked for as far as the store has it, else what fits; None for no numbers."""
    varied, measures = stored.varied, stored.measures()
    if not varied or not measures:
        return None
    numeric = stored.numeric() or varied
    fields = mappable(stored)
    x = _one_of(asked.get("x"), varied, max(numeric, key=lambda name: len(stored.values(name))))
    others = [name for name in varied if name != x and len(stored.values(name)) <= MOST_STOPS]
    few = [name for name in others if len(stored.values(name)) <= MOST_CURVES]
    by = _one_of(asked.get("by"), [NONE, *others], (few or others or [NONE])[0])
    across = [name for name in fields if name != x] if x in fields else []
    return StudyView(
        x=x,
        measure=_one_of(asked.get("measure"), measures, measures[0]),
        by="" if by == NONE else by,
        across=_one_of(asked.get("across"), across, across[0]) if across else "",
        shape=_one_of(asked.get("shape"), SHAPES if across else SHAPES[:1], "curves"),
        scale=_one_of(asked.get("scale"), SCALES, SCALES[0]),
        cells=_one_of(asked.get("cells"), CELLS, CELLS[0]),
        ranges=_ranges(asked, stored),
        only={
            name: asked[f"is.{name}"]
            for name in varied
            if asked.get(f"is.{name}") in words_in(stored, name)
            and not is_number(stored.design[PARAMETER + name])
        },
    )


def _one_of(word: str | None, allowed: Sequence[str], otherwise: str) -> str:
    return word if word is not None and word in allowed else otherwise


def _ranges(asked: Asked, stored: Stored) -> dict[str, tuple[float, float]]:
    found = {}
    for name in stored.numeric():
        offered = stops(stored, name)
        ends = []
        for key, end in (("from", offered[0]), ("to", offered[-1])):
            value = clean(asked.get(f"{key}.{name}"), offered[0], offered[-1])
            ends.append(end if value is None else _nearest(offered, float(value)))
        if ends != [offered[0], offered[-1]]:
            found[name] = (ends[0], ends[1])
    return found


def _nearest(values: Sequence[float], to: float) -> float:
    return min(values, key=lambda one: abs(one - to))


def kept(frame: pd.DataFrame, view: StudyView) -> pd.DataFrame:
    """Return the rows within the ranges and words of a view."""
    inside = pd.Series(True, frame.index)
    for name, (low, high) in view.ranges.items():
        inside &= frame[PARAMETER + name].between(low, high)
    for name, word in view.only.items():
        inside &= frame[PARAMETER + name].astype(str) == word
    return frame[inside]


def cell_table(stored: Stored, view: StudyView) -> pd.DataFrame:
    """Return the cells that a view keeps.

    Returns
    -------
    DataFrame
        Columns ``cell_id``, the parameters ``p_*`` that differ, ``runs`` asked for, ``done``,
        ``failed``, then of the measure ``value`` (mean over replicates), ``ci_low``, ``ci_high``,
        ``sd``, ``n`` finite values, ``theory``.
    """
    keys = [PARAMETER + name for name in stored.varied]
    design = kept(stored.design, view)
    cells = design.groupby(["cell_id", *keys], dropna=False, sort=False)["run_id"].nunique()
    table = cells.rename("runs").reset_index()
    over = stored.failed[~stored.failed["run_id"].isin(stored.runs["run_id"])]
    for name, rows in (("done", stored.runs), ("failed", over)):
        counts = rows.groupby("cell_id")["run_id"].nunique()
        table[name] = table["cell_id"].map(counts).fillna(0).astype(int)
    table = table[_of_state(table, view.cells)]
    runs = _runs(stored, view, table)
    means = analysis.averages(runs, view.measure, stored.varied).drop(columns="failed")
    return table.merge(means, "left", on=keys).sort_values(keys, ignore_index=True)


def _of_state(table: pd.DataFrame, state: str) -> pd.Series[bool]:
    over = table["done"] + table["failed"] >= table["runs"]
    return {
        "all": pd.Series(True, table.index),
        "finished": over,
        "unfinished": ~over,
        "failed": table["failed"] > 0,
    }[state]


def _runs(stored: Stored, view: StudyView, cells: pd.DataFrame) -> pd.DataFrame:
    return kept(stored.runs[stored.runs["cell_id"].isin(cells["cell_id"])], view)


def curves(stored: Stored, view: StudyView, cells: pd.DataFrame) -> list[Curve]:
    """Return the curves of a view over the cells that `cell_table` kept.

    Each table has ``x``, ``value``, ``ci_low``, ``ci_high``, ``theory``: means over replicates and
    over all parameters that are neither along the axis nor tell curves apart. Where there are more
    than `MOST_STOPS` places, bins of equally many cells stand for them.
    """
    runs = _runs(stored, view, cells)
    if not view.by:
        return [Curve("", _curve(runs, stored, view))]
    column = PARAMETER + view.by
    groups = evenly(sorted(runs[column].dropna().unique()), MOST_CURVES)
    return [
        Curve(value_text(one), _curve(runs[runs[column] == one], stored, view)) for one in groups
    ]


def _curve(runs: pd.DataFrame, stored: Stored, view: StudyView) -> pd.DataFrame:
    binned = len(stored.values(view.x)) > MOST_STOPS
    if binned and view.x in stored.numeric():
        found = analysis.main_effects(runs, view.measure)
        found = found[found["parameter"] == view.x].assign(theory=np.nan)
        return found.rename(columns={"middle": "x"})
    found = analysis.response_curves(runs, view.measure, view.x)
    return found.rename(columns={PARAMETER + view.x: "x"})


def field_table(stored: Stored, view: StudyView, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the places of a map: ``x``, ``y``, ``value`` and whatever `heat_map` adds."""
    runs = _runs(stored, view, cells)
    found = analysis.heat_map(runs, view.measure, view.x, view.across)
    return found.rename(columns={PARAMETER + view.x: "x", PARAMETER + view.across: "y"})


def best_table(stored: Stored, view: StudyView, cells: pd.DataFrame) -> pd.DataFrame | None:
    """Return the best rate in each environment, where the study has a rate and is judged by it."""
    rate = next((one for one in stored.numeric() if one.endswith("learning_rate")), None)
    if rate is None or view.measure.partition("[")[0] not in JUDGED_BY or not stored.full:
        return None
    runs = _runs(stored, view, cells)
    others = [PARAMETER + name for name in analysis.parameters(runs) if name != rate]
    environments = len(runs[others].drop_duplicates()) if others else 1
    few = runs[PARAMETER + rate].nunique() < 3
    if few or environments > MOST_ENVIRONMENTS or (runs[PARAMETER + rate] <= 0).any():
        return None
    found = analysis.best_rates(runs, view.measure, rate, resamples=200)
    return found[[*others, "best", "best_low", "best_high", "theory", "score", "flag"]]


def evenly(values: Sequence[Any], most: int) -> list[Any]:
    """Return at most so many values, evenly chosen, both ends among them.

    Examples
    --------
    >>> evenly([1, 2, 3, 4, 5, 6, 7], 3), evenly("ab", 6)
    ([1, 4, 7], ['a', 'b'])
    """
    if len(values) <= most:
        return list(values)
    places = np.linspace(0, len(values) - 1, most).round().astype(int)
    return [values[place] for place in places]
