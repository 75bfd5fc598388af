"""The best learning rate in each environment, with its uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from adaptsim.comparison import best_rate
from adaptsim.comparison.resampling import expanded_tail
from adaptsim.measures.measurement import Array
from adaptsim.studies.analysis.averages import averages
from adaptsim.studies.analysis.frame import (
    MEASURE,
    PARAMETER,
    THEORY,
    columns_of,
    known,
    parameters,
)

REACH = 2
"""The parabola is fitted to so many rates on either side of the least."""

OUTER = 1 / 16
"""Weight of those that are no neighbours of the least; they have 1."""

COLUMNS = "best best_low best_high theory score n flag swept swept_low swept_high worst".split()


def best_rates(
    frame: pd.DataFrame,
    measure: str = "tracking_mse",
    rate: str = "rule.learning_rate",
    by: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    resamples: int = 500,
    seed: int = 1,
) -> pd.DataFrame:
    """Return the rate of least measure in each environment.

    ``best`` is the vertex of a parabola, in the logarithm of the rate, through the least mean over
    replicates and the two on either side (see `vertex`); its interval comes from drawing whole
    replicates again, the same for all rates, since they may share their random numbers. ``theory``
    is the same vertex of what theory predicts at the same rates, so that both have the parabola's
    bias. ``swept`` is the rate of the sweep with the least median, from
    `adaptsim.comparison.best_rate`, whose interval and flags it has.

    Parameters
    ----------
    frame : DataFrame
        One row per run, with ``replicate``. A run that is not finite failed, and a rate at which
        any failed is not best.
    measure, rate : str
        Of what less is better, and the parameter that is to be chosen, above 0.
    by : sequence of str, optional
        Parameters that make an environment; by default all others that differ.
    level : float
        Coverage of the intervals.
    resamples, seed : int
        Resamples of replicates, and the seed of the drawing.

    Returns
    -------
    DataFrame
        Environments' parameters, then ``best, best_low, best_high, theory, score`` (least mean),
        ``n`` replicates, ``flag, swept, swept_low, swept_high`` and ``worst`` (greatest finite
        mean). ``best`` is nan where it lies at an end of the sweep.

    Raises
    ------
    WrongRequest
        For names that do not exist.

    Examples
    --------
    >>> rates = np.array([0.1, 0.2, 0.4, 0.8])
    >>> runs = pd.DataFrame({"p_rule.learning_rate": rates, "replicate": 0,
    ...                      "m_tracking_mse": 1 + np.log(rates / 0.3) ** 2})
    >>> best_rates(runs)[["best", "swept", "n"]].round(6).values.tolist()
    [[0.3, 0.4, 1.0]]
    """
    known(frame, measure)
    (column,) = columns_of(frame, [rate])
    others = [name for name in parameters(frame) if name != rate] if by is None else list(by)
    keys = columns_of(frame, others)
    groups: Iterator[tuple[Any, pd.DataFrame]] = (
        iter(frame.groupby(keys, sort=True)) if keys else iter([((), frame)])
    )
    rows = [
        dict(zip(keys, name if isinstance(name, tuple) else (name,), strict=True))
        | _best(rows, measure, column, level, resamples, seed)
        for name, rows in groups
    ]
    return pd.DataFrame(rows, columns=[*keys, *COLUMNS])


def _best(
    frame: pd.DataFrame, measure: str, column: str, level: float, resamples: int, seed: int
) -> dict[str, Any]:
    table = frame.pivot_table(
        index=column, columns="replicate", values=MEASURE + measure, dropna=False, aggfunc="mean"
    ).sort_index()
    rates, scores = table.index.to_numpy(float), table.to_numpy(float)
    swept = best_rate(rates, scores, level=level, n_resamples=resamples, seed=seed)
    means = _means(scores)
    low, high = _interval(rates, scores, level, resamples, seed)
    predicted = averages(frame, measure, [column.removeprefix(PARAMETER)])["theory"].to_numpy()
    finite = means[np.isfinite(means)]
    return {
        "best": vertex(rates, means), "best_low": low, "best_high": high,
        "theory": vertex(rates, predicted) if THEORY + measure in frame else np.nan,
        "swept": swept.rate, "swept_low": swept.ci_low, "swept_high": swept.ci_high,
        "score": finite.min() if finite.size else np.nan,
        "worst": finite.max() if finite.size else np.nan,
        "n": scores.shape[1], "flag": swept.flag,
    }  # fmt: skip


def _means(scores: Array) -> Array:
    return np.where(np.isfinite(scores).all(axis=1), np.nan_to_num(scores).mean(axis=1), np.inf)


def _interval(
    rates: Array, scores: Array, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Return the interval of the vertex when replicates are drawn again; nan for one replicate.

    A resample whose least mean lies at an end of the sweep has its vertex there.
    """
    count = scores.shape[1]
    if count < 2:
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        means = _means(scores[:, rng.integers(0, count, count)])
        place = vertex(rates, means)
        found.append(rates[np.argmin(means)] if np.isnan(place) else place)
    tail = expanded_tail(count, level)
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)


def vertex(rates: Array, scores: Array) -> float:
    """Return where a parabola through the least score and those about it is least.

    It is fitted by least squares to the least score, its neighbours (weight 1) and theirs
    (`OUTER`). Three points alone make a parabola that goes through their luck, and when the least
    moves on to a neighbour it is another one, so that the vertex jumps. More weight would steady it
    further, at the cost of bias, since curves of error are no parabolas.

    Parameters
    ----------
    rates : array, shape (r,)
        Ascending, above 0.
    scores : array, shape (r,)
        Less is better; not finite means failed.

    Returns
    -------
    float
        Interpolated in the logarithm of the rate; nan where the least lies at an end, or beside a
        rate that failed.

    Examples
    --------
    >>> rates = np.array([0.1, 0.2, 0.4])
    >>> round(vertex(rates, np.log(rates / 0.15) ** 2), 6), vertex(rates, rates)
    (0.15, nan)
    """
    ordered = np.where(np.isnan(scores), np.inf, scores)
    place = int(np.argmin(ordered))
    if place in (0, len(rates) - 1) or not np.isfinite(ordered[place - 1 : place + 2]).all():
        return float("nan")
    near = np.arange(max(place - REACH, 0), min(place + REACH + 1, len(rates)))
    near = near[np.isfinite(ordered[near])]
    x = np.log(rates[near] / rates[place])
    root_weight = np.where(abs(near - place) > 1, OUTER**0.5, 1.0)
    bend, slope, _ = np.polyfit(x, ordered[near] - ordered[place], 2, w=root_weight)
    if bend <= 0:
        return float(rates[place])
    return float(rates[place] * np.exp(np.clip(-slope / (2 * bend), x[0], x[-1])))
