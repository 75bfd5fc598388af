"""Resampling of walks: whole starts and whole seeds are drawn again, never single walks.

All rules and rates share their starts and seeds (common random numbers), so what a start or a
seed does to one it does to all. Walks from one start, or of one seed, are not independent of each
other; starts are, and seeds are.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from scipy import special

from adaptsim.measures.measurement import Array, Integers

AXES = "scores must have axes (rules or rates, starts) or (rules or rates, starts, seeds)"


def crossed(scores: Any) -> Array:
    """Return scores as ``(rules or rates, starts, seeds)``, without repetitions of nothing.

    Seeds (or starts) that all gave the very same numbers, as on a landscape without noise, are
    one seed: a repetition that repeats nothing is no evidence.

    Parameters
    ----------
    scores : array, shape (r, p) or (r, p, s)
        Losses or evaluations; not finite means failed.

    Returns
    -------
    numpy.ndarray
        Shape ``(r, p', s')`` with ``p' <= p`` and ``s' <= s``, failed ones inf.

    Raises
    ------
    ValueError
        For other axes, or an empty one.

    Examples
    --------
    >>> crossed([[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]]).shape
    (1, 2, 1)
    """
    told = np.asarray(scores, dtype=float)
    if told.ndim not in (2, 3) or not told.size:
        raise ValueError(f"{AXES}, none empty; got shape {told.shape}.")
    found = np.where(np.isfinite(told), told, np.inf).reshape(*told.shape[:2], -1)
    for axis in (1, 2):
        first = found.take([0], axis)
        found = first if (found == first).all() else found
    return found


def is_repeated(scores: Array) -> bool:
    """Return whether there is more than one start or seed, so that an interval can be had.

    Examples
    --------
    >>> is_repeated(crossed([[1.0, 2.0], [3.0, 4.0]])), is_repeated(crossed([[1.0], [2.0]]))
    (True, False)
    """
    return max(scores.shape[1:]) > 1


def draws(size: int, n_resamples: int, rng: np.random.Generator) -> Integers:
    """Return how often each of ``size`` things is drawn, shape ``(n_resamples, size)``.

    Examples
    --------
    >>> draws(5, 3, np.random.default_rng(0)).sum(axis=1).tolist()
    [5, 5, 5]
    """
    return rng.multinomial(size, np.full(size, 1.0 / size), size=n_resamples)


def resampled_means(scores: Array, n_resamples: int, seed: int) -> Array:
    """Return the mean over starts and seeds in resamples of both, the pigeonhole bootstrap.

    Parameters
    ----------
    scores : (r, p, s)
        Finite numbers, such as ranks.
    n_resamples : int
        Resamples.
    seed : int
        Seed of the drawing.

    Returns
    -------
    (n_resamples, r)

    References
    ----------
    Owen (2007), Annals of Applied Statistics 1:386.

    Examples
    --------
    >>> resampled_means(np.ones((2, 4, 3)), 5, seed=0).shape
    (5, 2)
    """
    rng = np.random.default_rng(seed)
    _, n_starts, n_seeds = scores.shape
    starts, seeds = draws(n_starts, n_resamples, rng), draws(n_seeds, n_resamples, rng)
    total = np.einsum("rps,bp,bs->br", scores, starts, seeds, optimize=True)
    return np.asarray(total / (n_starts * n_seeds))


def resample(scores: Array, rng: np.random.Generator) -> Array:
    """Return one resample of whole starts and whole seeds, shape ``(r, p * s)``.

    Examples
    --------
    >>> resample(np.arange(12.0).reshape(2, 3, 2), np.random.default_rng(0)).shape
    (2, 6)
    """
    n_rows, n_starts, n_seeds = scores.shape
    starts = rng.integers(0, n_starts, n_starts)
    seeds = rng.integers(0, n_seeds, n_seeds)
    return scores[:, starts][:, :, seeds].reshape(n_rows, -1)


def expanded_tail(size: int, level: float) -> float:
    """Return the share of resamples to leave out at either end of a percentile interval.

    Resamples of few things scatter too little; these percentiles would give Student's interval for
    the mean of ``size`` normal numbers.

    Parameters
    ----------
    size : int
        Independent things that were resampled, at least 2.
    level : float
        Coverage of the interval.

    Raises
    ------
    ValueError
        For a level that does not lie between 0 and 1.

    References
    ----------
    Hesterberg (2015), American Statistician 69:371, expanded percentiles.

    Examples
    --------
    >>> round(expanded_tail(10, 0.95), 4), round(expanded_tail(10_000, 0.95), 4)
    (0.0086, 0.025)
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1; got {level}.")
    student = special.stdtrit(size - 1, 0.5 + level / 2)
    return float(special.ndtr(-student * sqrt(size / (size - 1))))
