"""Expected running time: what success costs when failed walks are started again.

A rule that gets there often but slowly, and one that seldom does but fast, are compared by what
both cost until the first success: walk, and walk again, until one gets there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adaptsim.comparison.order import quantile
from adaptsim.comparison.resampling import draws, expanded_tail
from adaptsim.measures.measurement import Array

METHODS = ("wilson", "exact")


class SuccessRate(NamedTuple):
    """How many of the walks got there, with an interval for how many would."""

    value: float
    """Share of walks that succeeded."""
    ci_low: float
    """Lower end of the confidence interval."""
    ci_high: float
    """Upper end of the confidence interval."""
    successes: int
    """Walks that succeeded."""
    trials: int
    """Walks."""


class ExpectedTime(NamedTuple):
    """Expected running time with its interval, and how single runtimes scatter."""

    value: float
    """Expected evaluations until the first success; inf where none succeeded."""
    ci_low: float
    """Lower end of the confidence interval of ``value``."""
    ci_high: float
    """Upper end of the confidence interval of ``value``; inf where resamples had no success."""
    runtime_10: float
    """Evaluations that one time in ten suffice, restarts included."""
    runtime_50: float
    """Evaluations that every other time suffice, restarts included."""
    runtime_90: float
    """Evaluations that nine times in ten suffice, restarts included."""
    success: SuccessRate
    """How many walks succeeded without restarts."""


def success_rate(hits: Any, *, level: float = 0.95, method: str = "wilson") -> SuccessRate:
    """Return the share of walks that got there, with Wilson's or the exact interval.

    Parameters
    ----------
    hits : array
        Evaluations to the target of each walk; inf where it never got there.
    level : float
        Coverage of the interval.
    method : {"wilson", "exact"}
        Wilson's score interval (coverage near ``level`` on average) or that of Clopper and Pearson
        (never below ``level``).

    Returns
    -------
    SuccessRate
        All nan where the minimum is not known (a hit is nan).

    Raises
    ------
    ValueError
        For no walks, or another method.

    References
    ----------
    Wilson (1927), JASA 22:209; Clopper & Pearson (1934), Biometrika 26:404.

    Examples
    --------
    >>> found = success_rate([120.0, 80.0, float("inf"), 95.0])
    >>> found.value, round(found.ci_low, 3), round(found.ci_high, 3)
    (0.75, 0.301, 0.954)
    """
    from scipy.stats import binomtest

    told = np.ravel(np.asarray(hits, dtype=float))
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}.")
    if not told.size:
        raise ValueError("a success rate needs at least one walk; got none.")
    if np.isnan(told).any():
        return SuccessRate(np.nan, np.nan, np.nan, 0, told.size)
    successes = int(np.isfinite(told).sum())
    test = binomtest(successes, told.size)
    ends = test.proportion_ci(confidence_level=level, method=method)
    share, low, high = (float(one) for one in (test.statistic, ends.low, ends.high))
    return SuccessRate(share, low, high, successes, told.size)


def expected_time(hits: Any, budgets: Any) -> Array:
    """Return the expected running time: evaluations spent in all walks, per success.

    ``(sum of hits + sum of budgets of walks that failed) / number of successes``, which estimates
    ``E(RT success) + (1 - p) / p E(RT failure)`` of the rule restarted until success.

    Parameters
    ----------
    hits : array, shape (..., n)
        Evaluations to the target of ``n`` walks, inf where it was never reached.
    budgets : float or array, broadcastable to (..., n)
        Evaluations that each walk spent in all.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)`` [evaluations]; inf without a success, nan where a hit is nan.

    Raises
    ------
    ValueError
        For budgets that do not fit, are not finite, or are less than the hit.

    References
    ----------
    Hansen et al. (2016), COCO: performance assessment, arXiv:1605.03560, average runtime (aRT),
    once called ERT; Auger & Hansen (2005), CEC 2005, 1777.

    Examples
    --------
    >>> float(expected_time([30.0, 50.0, float("inf"), float("inf")], 100.0))
    140.0
    """
    spent, reached = _trials(hits, budgets)
    successes = np.asarray(reached.sum(axis=-1), dtype=float)
    return _per_success(np.asarray(spent.sum(axis=-1)), successes)


def simulated_restarts(hits: Any, budgets: Any, *, n_samples: int = 1000, seed: int = 0) -> Array:
    """Return runtimes of the rule restarted until success, drawn from its walks as COCO does.

    The walks are swept through in turn. A successful one is a runtime; a failed one is followed by
    walks drawn with replacement until one succeeds, and the runtime is the sum. (This is the
    derandomised version: without failures the walks themselves come out.)

    Parameters
    ----------
    hits : array, shape (n,)
        Evaluations to the target, inf where it was never reached.
    budgets : float or array, broadcastable to (n,)
        Evaluations that each walk spent in all.
    n_samples : int
        How many at least; the least whole multiple of ``n`` that is as large comes back.
    seed : int
        Seed of the drawing.

    Returns
    -------
    numpy.ndarray
        Shape ``(whole multiple of n,)`` [evaluations]; all inf without a success, all nan where a
        hit is nan.

    References
    ----------
    Hansen et al. (2016), COCO: performance assessment, arXiv:1605.03560, simulated run-lengths.

    Examples
    --------
    >>> simulated_restarts([30.0, 50.0], 100.0, n_samples=4).tolist()
    [30.0, 50.0, 30.0, 50.0]
    >>> restarted = simulated_restarts([30.0, float("inf")], 100.0, n_samples=1000)
    >>> sorted(set(restarted.tolist()))[:3]
    [30.0, 130.0, 230.0]
    """
    spent, reached = _trials(np.ravel(np.asarray(hits, dtype=float)), budgets)
    sweeps = -(-n_samples // spent.size)
    if np.isnan(spent).any() or not reached.any():
        return np.full(sweeps * spent.size, np.nan if np.isnan(spent).any() else np.inf)
    rng = np.random.default_rng(seed)
    total, failed = np.tile(spent, sweeps), np.flatnonzero(np.tile(~reached, sweeps))
    while failed.size:
        drawn = rng.integers(0, spent.size, failed.size)
        total[failed] += spent[drawn]
        failed = failed[~reached[drawn]]
    return total


def expected_time_interval(
    hits: Any, budgets: Any, *, level: float = 0.95, n_resamples: int = 1000, seed: int = 0
) -> ExpectedTime:
    """Return the expected running time of one rule with its uncertainty and its scatter.

    Two things that are often taken for each other: ``ci_low`` and ``ci_high`` say how well the
    expectation is known (bootstrap over walks, percentiles widened for few of them);
    ``runtime_10`` to ``runtime_90`` say how single restarted runtimes scatter, which more walks do
    not narrow. Without a success the lower end follows from the largest success rate that the
    failures allow, the upper end is inf.

    Parameters
    ----------
    hits : array, shape (n,)
        Evaluations to the target, inf where it was never reached.
    budgets : float or array, broadcastable to (n,)
        Evaluations that each walk spent in all.
    level : float
        Coverage of the interval. With 8 walks it covers 0.89 to 0.99 at a nominal 0.95, and more
        nearly 0.95 with 30, for exponential hits (tests/comparison).
    n_resamples, seed : int
        Resamples (and simulated runtimes), and the seed of the drawing.

    Returns
    -------
    ExpectedTime

    References
    ----------
    Hesterberg (2015), American Statistician 69:371 (expanded percentiles); otherwise as
    `expected_time`, `simulated_restarts` and `success_rate`.

    Examples
    --------
    >>> found = expected_time_interval([30.0, 50.0, float("inf"), 40.0], 100.0)
    >>> round(found.value, 2), found.ci_low < found.value < found.ci_high
    (73.33, True)
    """
    told = np.ravel(np.asarray(hits, dtype=float))
    value = float(expected_time(told, budgets))
    low, high = _interval(told, budgets, value, level, n_resamples, seed)
    drawn = simulated_restarts(told, budgets, n_samples=n_resamples, seed=seed)
    few, half, most = (float(quantile(drawn, share)) for share in (0.1, 0.5, 0.9))
    return ExpectedTime(value, low, high, few, half, most, success_rate(told, level=level))


def _interval(
    hits: Array, budgets: Any, value: float, level: float, n_resamples: int, seed: int
) -> tuple[float, float]:
    spent, reached = _trials(hits, budgets)
    if np.isnan(value) or spent.size == 1:
        return np.nan, np.nan
    if not reached.any():
        most = success_rate(hits, level=level, method="exact").ci_high
        return float(spent.mean() * (1 - most) / most), np.inf
    drawn = draws(spent.size, n_resamples, np.random.default_rng(seed))
    times = _per_success(drawn @ spent, (drawn @ reached).astype(float))
    tail = expanded_tail(spent.size, level)
    return float(quantile(times, tail)), float(quantile(times, 1 - tail))


def _per_success(spent: Array, successes: Array) -> Array:
    none = np.where(np.isnan(spent), np.nan, np.inf)
    return np.divide(spent, successes, out=none, where=(successes > 0) & ~np.isnan(spent))


def _trials(hits: Any, budgets: Any) -> tuple[Array, Any]:
    """Return what each walk cost, and whether it succeeded."""
    told = np.asarray(hits, dtype=float)
    if not told.size:
        raise ValueError("an expected running time needs at least one walk; got none.")
    try:
        whole = np.broadcast_to(np.asarray(budgets, dtype=float), told.shape)
    except ValueError:
        given = np.shape(budgets)
        raise ValueError(f"budgets must fit hits {told.shape}; got shape {given}.") from None
    reached = np.isfinite(told)
    if not np.isfinite(whole).all() or (told[reached] > whole[reached]).any():
        raise ValueError("budgets must be finite and at least the evaluations to the target.")
    return np.where(np.isinf(told), whole, told), reached
