"""Pareto front: what cannot be had more responsive without being less stable."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adaptsim.measures.measurement import Array
from adaptsim.schema import WrongRequest
from adaptsim.studies.analysis.averages import averages
from adaptsim.studies.analysis.frame import MEASURE, columns_of, known, parameters


def pareto_front(
    frame: pd.DataFrame,
    responsiveness: str = "mean_lag",
    stability: str = "stationary_variance",
    *,
    resamples: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    """Return all cells with two measures of which less is better, and which lie on their front.

    A cell is on the front if no other is at least as good in both measures and better in one. Means
    over replicates are compared; ``probability`` says how often a cell is on the front when whole
    replicates are drawn again, the same for all cells, since they may share their random numbers.

    Parameters
    ----------
    frame : DataFrame
        One row per run, with ``replicate``.
    responsiveness, stability : str
        The two measures, such as a lag and a variance; negate what should be large.
    resamples, seed : int
        Resamples of replicates, and the seed of the drawing.

    Returns
    -------
    DataFrame
        Parameters that differ, then ``<measure>, <measure>_low, <measure>_high`` of both,
        ``on_front`` and ``probability`` (nan for one replicate), sorted by the first measure. Cells
        with a value that is not finite are left out.

    Raises
    ------
    WrongRequest
        For names that do not exist, or one measure given twice.

    References
    ----------
    Kung, Luccio & Preparata (1975), Journal of the ACM 22:469 (maxima of vectors).

    Examples
    --------
    >>> runs = pd.DataFrame({"p_rate": [0.1, 0.5, 2.0], "replicate": 0, "m_lag": [10.0, 2.0, 3.0],
    ...                      "m_variance": [0.1, 0.3, 0.9]})
    >>> pareto_front(runs, "lag", "variance")[["p_rate", "on_front"]].values.tolist()
    [[0.5, True], [2.0, False], [0.1, True]]
    """
    pair = [known(frame, responsiveness), known(frame, stability)]
    if pair[0] == pair[1]:
        raise WrongRequest(f"a front needs two measures; got {pair[0]!r} twice")
    keys = columns_of(frame, parameters(frame))
    cells = _both(frame, pair, keys)
    values = cells[pair].to_numpy()
    cells = cells.assign(
        on_front=undominated(values), probability=_chance(frame, pair, keys, cells, resamples, seed)
    )
    return cells.sort_values(pair, kind="stable").reset_index(drop=True)


def _both(frame: pd.DataFrame, pair: list[str], keys: list[str]) -> pd.DataFrame:
    cells = None
    for measure in pair:
        found = averages(frame, measure, [key.removeprefix("p_") for key in keys])
        found = found[found["failed"] == 0]
        names = {"value": measure, "ci_low": f"{measure}_low", "ci_high": f"{measure}_high"}
        found = found[[*keys, *names]].rename(columns=names)
        cells = found if cells is None else cells.merge(found, on=keys)
    assert cells is not None
    return cells.dropna(subset=pair).reset_index(drop=True)


def undominated(values: Array) -> np.ndarray:
    """Return which points no other point is as good as in both coordinates and better in one.

    Parameters
    ----------
    values : array, shape (n, 2)
        Less is better in both.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``, true on the front; equal points share their fate.

    Examples
    --------
    >>> undominated(np.array([[1.0, 2.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]])).tolist()
    [True, True, False, True]
    """
    order = np.lexsort((values[:, 1], values[:, 0]))
    first, second = values[order].T
    least_before = np.concatenate([[np.inf], np.minimum.accumulate(second)])
    starts = np.searchsorted(first, first, side="left")  # points with the same first coordinate
    found = (second < least_before[starts]) & (second == second[starts])
    on_front = np.empty(len(values), bool)
    on_front[order] = found
    return on_front


def _chance(
    frame: pd.DataFrame,
    pair: list[str],
    keys: list[str],
    cells: pd.DataFrame,
    resamples: int,
    seed: int,
) -> Array:
    """Return how often each cell is on the front when replicates are drawn again."""
    columns = [MEASURE + measure for measure in pair]
    labels = sorted(frame["replicate"].unique())
    if len(labels) < 2:
        return np.full(len(cells), np.nan)
    numbered = cells[keys].assign(cell=range(len(cells)))
    told = numbered.merge(frame, on=keys) if keys else frame.assign(cell=0)
    cube = np.full((len(cells), len(labels), 2), np.nan)
    where = np.searchsorted(labels, told["replicate"])
    cube[told["cell"].to_numpy(), where] = told[columns].to_numpy(float)
    rng, hits = np.random.default_rng(seed), np.zeros(len(cells))
    present = np.isfinite(cube).all(axis=2)
    for _ in range(resamples):
        weight = present * rng.multinomial(len(labels), np.full(len(labels), 1 / len(labels)))
        total = weight.sum(axis=1)
        means = np.einsum("crk,cr->ck", np.nan_to_num(cube), weight) / np.maximum(total, 1)[:, None]
        means[total == 0] = np.inf
        hits += undominated(means)
    return hits / resamples
