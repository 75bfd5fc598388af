"""Response curves: a measure against one parameter, one curve for each value of others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from adaptsim.studies.analysis.averages import averages, half_width
from adaptsim.studies.analysis.frame import columns_of, parameters


def response_curves(
    frame: pd.DataFrame,
    measure: str,
    parameter: str,
    by: Sequence[str] = (),
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the mean of a measure at each value of a parameter, with Student's interval.

    Runs are averaged over replicates, and over all parameters that are neither ``parameter`` nor in
    ``by``: of a full design that is the main effect, whose interval then covers those too.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    measure, parameter : str
        What answers, and to what.
    by : sequence of str
        Parameters that tell curves apart.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame
        As `averages` returns it, sorted by curve, then along the parameter.

    Raises
    ------
    WrongRequest
        For names that do not exist.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_rate": [0.2, 0.1], "m_lag": [5.0, 10.0]})
    >>> response_curves(runs, "lag", "rate")[["p_rate", "value"]].values.tolist()
    [[0.1, 10.0], [0.2, 5.0]]
    """
    return averages(frame, measure, [*by, parameter], level=level)


def main_effects(
    frame: pd.DataFrame, measure: str, *, bins: int = 12, level: float = 0.95
) -> pd.DataFrame:
    """Return the mean of a measure given one parameter, in bins of equally many cells.

    For designs that draw all parameters at once (random, Latin hypercube, Sobol). Replicates are
    averaged first; the interval is Student's over the cells of a bin, so it shows how much all
    other parameters move the mean, not the replicates' noise alone.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    measure : str
        What answers.
    bins : int
        How many bins at most; a parameter with fewer values has one for each.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame
        Columns ``parameter, low, high, middle`` (mean of the parameter in the bin), ``value,
        ci_low, ci_high, sd`` over cells, ``n`` cells.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_a": [0.0, 1.0, 2.0, 3.0], "m_y": [0.0, 2.0, 4.0, 6.0]})
    >>> main_effects(runs, "y", bins=2)[["low", "high", "value"]].values.tolist()
    [[0.0, 1.0, 1.0], [2.0, 3.0, 5.0]]
    """
    cells = averages(frame, measure).dropna(subset=["value"])
    parts = [
        _binned(cells, name, column, bins)
        for name, column in _numeric(cells, parameters(frame)).items()
    ]
    if not parts:
        columns = "parameter low high middle value sd n ci_low ci_high".split()
        return pd.DataFrame(columns=columns)
    found = pd.concat(parts, ignore_index=True)
    half = half_width(found["sd"].to_numpy(), found["n"].to_numpy(), level)
    return found.assign(ci_low=found["value"] - half, ci_high=found["value"] + half)


def _numeric(cells: pd.DataFrame, names: Sequence[str]) -> dict[str, str]:
    columns = dict(zip(names, columns_of(cells, names), strict=True))
    return {n: one for n, one in columns.items() if pd.api.types.is_numeric_dtype(cells[one])}


def _binned(cells: pd.DataFrame, name: str, column: str, bins: int) -> pd.DataFrame:
    x = cells[column]
    few = x.nunique() <= bins
    place = x.rank(method="dense" if few else "first") - 1
    grouped = cells.assign(x=x).groupby(place if few else (place * bins) // len(x))
    found = grouped.agg(
        low=("x", "min"), high=("x", "max"), middle=("x", "mean"),
        mean=("value", "mean"), sd=("value", "std"), n=("value", "count"),
    ).rename(columns={"mean": "value"})  # fmt: skip
    return found.reset_index(drop=True).assign(parameter=name)[
        ["parameter", "low", "high", "middle", "value", "sd", "n"]
    ]
