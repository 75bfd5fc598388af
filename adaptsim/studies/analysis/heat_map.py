"""Heat maps: a measure over two parameters."""

from __future__ import annotations

import pandas as pd

from adaptsim.studies.analysis.averages import averages


def heat_map(frame: pd.DataFrame, measure: str, x: str, y: str) -> pd.DataFrame:
    """Return the mean of a measure over two parameters, one row per place.

    Averaged over replicates and over all other parameters.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    measure, x, y : str
        What is mapped, and over which parameters.

    Returns
    -------
    DataFrame
        Columns ``p_<x>, p_<y>``, then as `averages`. Places need not form a grid.

    Raises
    ------
    WrongRequest
        For names that do not exist.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_a": [1, 1, 2], "p_b": [1, 1, 1], "m_y": [1.0, 3.0, 5.0]})
    >>> heat_map(runs, "y", "a", "b")[["p_a", "p_b", "value", "n"]].values.tolist()
    [[1.0, 1.0, 2.0, 2.0], [2.0, 1.0, 5.0, 1.0]]
    """
    return averages(frame, measure, [x, y])
