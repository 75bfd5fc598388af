"""Averages over replicates, with Student's interval and the noise that is left in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from adaptsim.studies.analysis.frame import MEASURE, THEORY, columns_of, every_parameter, known

KEPT = "value ci_low ci_high sd n failed theory".split()
"""Columns that hold what was averaged, after those that say of what."""


def averages(
    frame: pd.DataFrame,
    measure: str,
    by: Sequence[str] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return the mean of a measure over the replicates of each cell.

    The interval is Student's, :math:`\bar y \pm t_{n-1} s / \sqrt n`. It speaks of one cell: where
    replicates share their random numbers, differences between cells are known better than two such
    intervals suggest, see `paired_differences`.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    measure : str
        Which measure.
    by : sequence of str, optional
        Parameters whose values tell cells apart; by default all there are.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame
        The parameters, as ``p_<name>``, then ``value`` (mean of the finite values), ``ci_low``,
        ``ci_high`` (nan for one replicate), ``sd`` over replicates, ``n`` finite values,
        ``failed`` values that were not finite, ``theory`` (mean of what theory predicts). Sorted by
        the parameters.

    Raises
    ------
    WrongRequest
        For names that do not exist.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_rate": [0.1, 0.1, 0.1], "m_lag": [9.0, 10.0, 11.0]})
    >>> averages(runs, "lag")[["value", "ci_low", "ci_high", "n"]].round(3).values.tolist()
    [[10.0, 7.516, 12.484, 3.0]]
    """
    known(frame, measure)
    keys = columns_of(frame, every_parameter(frame) if by is None else by)
    value = frame[MEASURE + measure].astype(float)
    missing = pd.Series(np.nan, frame.index)
    told = frame[keys].assign(
        value=value.where(np.isfinite(value)),
        failed=~np.isfinite(value),
        theory=frame.get(THEORY + measure, missing),
    )
    grouped = told.groupby(keys, dropna=False, sort=True) if keys else told.groupby(lambda _: 0)
    found = grouped.agg(
        mean=("value", "mean"),
        sd=("value", "std"),
        n=("value", "count"),
        failed=("failed", "sum"),
        theory=("theory", "mean"),
    ).rename(columns={"mean": "value"})
    half = half_width(found["sd"].to_numpy(), found["n"].to_numpy(), level)
    found = found.assign(ci_low=found["value"] - half, ci_high=found["value"] + half)
    return found.reset_index(drop=not keys)[[*keys, *KEPT]]


def half_width(sd: np.ndarray, n: np.ndarray, level: float) -> np.ndarray:
    """Return half of Student's interval of means; nan where there are fewer than two values.

    Examples
    --------
    >>> half_width(np.array([1.0, 1.0]), np.array([3, 1]), 0.95).round(3).tolist()
    [2.484, nan]
    """
    freedom = np.maximum(n - 1, 1)
    half = special.stdtrit(freedom, 0.5 + level / 2) * sd / np.sqrt(np.maximum(n, 1))
    return np.where(n > 1, half, np.nan)


def replicate_noise(cells: pd.DataFrame) -> float:
    r"""Return which share of the variance between averages is noise of the replicates.

    :math:`\overline{s^2 / n} / \mathrm{Var}(\bar y)`: 0 where replicates agree, about 1 where cells
    do not differ in anything but luck.

    Parameters
    ----------
    cells : DataFrame
        As `averages` returns it.

    Returns
    -------
    float
        nan for one replicate.

    Examples
    --------
    >>> cells = pd.DataFrame({"value": [1.0, 3.0], "sd": [1.0, 1.0], "n": [5, 5]})
    >>> replicate_noise(cells)
    0.1
    """
    between = cells["value"].var()
    within = (cells["sd"] ** 2 / cells["n"].where(cells["n"] > 1)).mean()
    return float(within / between) if between > 0 else float("nan")
