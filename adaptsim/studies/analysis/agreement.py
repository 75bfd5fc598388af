"""Agreement: how measured means compare with what theory predicts, over all cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adaptsim.studies.analysis.averages import averages
from adaptsim.studies.analysis.frame import THEORY, measures

COLUMNS = "measure cells relative_rms relative_worst covered intervals".split()


def agreement(frame: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return how far means over replicates lie from theory, for each measure that has one.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Columns ``measure``, ``cells`` compared, ``relative_rms`` and ``relative_worst`` of (mean -
        theory) / theory, where theory is not 0, ``covered`` (share of Student's intervals that hold
        the theory, about ``level`` where both are right and only chance is between them; nan
        without replicates) and ``intervals``, of how many.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_rate": [0.1, 0.2], "m_lag": [10.1, 5.0], "t_lag": [10.0, 5.0]})
    >>> agreement(runs).round(4).values.tolist()
    [['lag', 2, 0.0071, 0.01, nan, 0]]
    """
    named = [name for name in measures(frame) if THEORY + name in frame]
    rows = [_of(averages(frame, name, level=level), name) for name in named]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table[table["cells"] > 0].reset_index(drop=True)


def _of(cells: pd.DataFrame, name: str) -> dict[str, object]:
    known = cells.dropna(subset=["value", "theory"])
    off = (known["value"] - known["theory"]).to_numpy(float)
    theory = known["theory"].to_numpy(float)
    relative = np.abs(off[theory != 0] / theory[theory != 0])
    half = (known["ci_high"] - known["ci_low"]).to_numpy(float) / 2
    spread = half > 1e-9 * np.abs(theory)
    inside = np.abs(off[spread]) <= half[spread]
    return {
        "measure": name,
        "cells": len(known),
        "relative_rms": float(np.sqrt(np.mean(relative**2))) if relative.size else np.nan,
        "relative_worst": float(relative.max()) if relative.size else np.nan,
        "covered": float(inside.mean()) if inside.size else np.nan,
        "intervals": int(inside.size),
    }
