"""Paired differences: what changing one parameter does, replicate by replicate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from adaptsim.schema import WrongRequest
from adaptsim.studies.analysis.averages import half_width
from adaptsim.studies.analysis.frame import MEASURE, PARAMETER, columns_of, known, parameters


def paired_differences(
    frame: pd.DataFrame, measure: str, parameter: str, reference: Any, *, level: float = 0.95
) -> pd.DataFrame:
    r"""Return how much a measure differs from that at a reference value of one parameter.

    Replicates of the same number are compared with each other and Student's interval is that of the
    differences. Where replicates share their random numbers most of the noise cancels, by the
    factor ``gain`` in variance: so many times fewer runs are as good as independent ones.

    Parameters
    ----------
    frame : DataFrame
        One row per run, with ``replicate``.
    measure : str
        Which measure.
    parameter : str
        Which parameter is changed; runs must agree in all others.
    reference : object
        The value of the parameter that others are compared with.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame
        Other parameters that differ, the parameter, then ``value`` (mean difference), ``ci_low,
        ci_high, sd, n`` pairs, ``gain`` (variance of an unpaired difference over the paired).

    Raises
    ------
    WrongRequest
        For names, or a reference, that do not exist.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_rate": [1, 1, 1, 2, 2, 2], "replicate": [0, 1, 2] * 2,
    ...                      "m_y": [1.0, 5.0, 9.0, 2.0, 6.0, 10.5]})
    >>> paired_differences(runs, "y", "rate", 1)[["p_rate", "value", "n"]].round(3).values.tolist()
    [[2.0, 1.167, 3.0]]
    """
    known(frame, measure)
    column = columns_of(frame, [parameter])[0]
    if not (frame[column] == reference).any():
        near = ", ".join(str(one) for one in sorted(frame[column].unique()))
        raise WrongRequest(f"{parameter} = {reference!r}: no run has it; allowed: {near}")
    others = [PARAMETER + name for name in parameters(frame) if PARAMETER + name != column]
    pair = [*others, "replicate"]
    told = frame[[*pair, column]].assign(y=frame[MEASURE + measure].astype(float))
    told = told[np.isfinite(told["y"])]
    at = told[column] == reference
    base = told[at].drop(columns=column).rename(columns={"y": "base"})
    both = told[~at].merge(base, on=pair)
    both = both.assign(difference=both["y"] - both["base"])
    grouped = both.groupby([*others, column], sort=True)
    found = grouped.agg(
        value=("difference", "mean"),
        sd=("difference", "std"),
        n=("difference", "count"),
        here=("y", "var"),
        there=("base", "var"),
    )
    half = half_width(found["sd"].to_numpy(), found["n"].to_numpy(), level)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = (found["here"] + found["there"]) / found["sd"] ** 2
    found = found.assign(
        ci_low=found["value"] - half, ci_high=found["value"] + half, gain=gain
    ).reset_index()
    return found[[*others, column, "value", "ci_low", "ci_high", "sd", "n", "gain"]]
