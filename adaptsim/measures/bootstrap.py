"""Confidence interval from one series: circular block bootstrap of time means.

Whole blocks of steps are drawn with replacement, so that dependence within a block survives;
all columns (output and target) are drawn together. Only sums over blocks are needed, and those
come from one cumulative sum per column: no loop over resamples.
"""

from math import ceil, sqrt

import numpy as np
from scipy import special

from .autocorrelation import Dependence
from .measurement import Array, Integers

# With fewer blocks an interval would pretend to a knowledge that is not there.
FEWEST_BLOCKS = 8
# More blocks cost time and no longer sharpen the interval: longer blocks are safe.
MOST_BLOCKS = 200


def block_length(n_steps: int, steps: Dependence, forcing_period: float = 0.0) -> int:
    """Return the block length [steps]: two integrated times, and one forcing period, or more.

    More is the length at which the spread of the resamples is estimated best, which grows with
    the cube root of the series, as long as enough blocks remain.

    Examples
    --------
    >>> slow = Dependence(time=10.0, spread=10.0)
    >>> block_length(1000, slow), block_length(1000, slow, forcing_period=80.0)
    (54, 80)
    """
    best = float(np.cbrt(1.5 * steps.spread**2 * n_steps))
    best = min(best, n_steps / (1.5 * FEWEST_BLOCKS))
    return ceil(max(best, 2.0 * steps.time, forcing_period, n_steps / MOST_BLOCKS, 1.0))


def lost_spread(steps: Dependence, length: int) -> float:
    """Return the factor by which resamples spread too little, or too much, for lost dependence.

    Dependence between blocks is lost: a share spread / length of the variance, to first order.

    Examples
    --------
    >>> round(lost_spread(Dependence(time=10.0, spread=10.0), 54), 3)
    0.903
    """
    return sqrt(1.0 - min(max(steps.spread / length, -1.0), 0.5))


def block_starts(n_steps: int, length: int, n_resamples: int, seed: int) -> Integers:
    """Draw the first steps of the blocks, shape (n_resamples, n_steps // length).

    Examples
    --------
    >>> block_starts(100, 20, 1000, seed=0).shape
    (1000, 5)
    """
    rng = np.random.default_rng(seed)
    return rng.integers(0, n_steps, size=(n_resamples, n_steps // length))


def resampled_means(columns: Array, starts: Integers, length: int) -> Array:
    """Return the time means of each resample.

    Parameters
    ----------
    columns : (C, T, m)
        Quantities whose time means are wanted, of m members.
    starts : (n_resamples, n_blocks)
        Integers, first steps of the blocks; a block that passes the end continues at the start.
    length : int
        Block length [steps].

    Returns
    -------
    (C, n_resamples, m)

    Examples
    --------
    >>> import numpy as np
    >>> columns = np.arange(4.0).reshape(1, 4, 1)
    >>> resampled_means(columns, np.array([[0, 2], [3, 3]]), 2)[0, :, 0].tolist()
    [1.5, 1.5]
    """
    n_columns, _, n_members = columns.shape
    means = np.empty((n_columns, starts.shape[0], n_members))
    for which, column in enumerate(columns):
        sums = _block_sums(column, length)
        means[which] = sums[starts].sum(axis=1) / (starts.shape[1] * length)
    return means


def expanded_interval(
    value: float, resampled: Array, n_blocks: int, level: float
) -> tuple[float, float]:
    """Return the percentile interval, widened for few blocks and recentred on the estimate.

    The percentiles are those that would give the t interval for the mean of `n_blocks`
    independent normal blocks; recentring takes out the bias of the resampled statistic.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = expanded_interval(5.0, np.linspace(-1.0, 1.0, 1001), 1000, 0.9)
    >>> round(low, 2), round(high, 2)
    (4.1, 5.9)
    """
    quantile = special.stdtrit(n_blocks - 1, 0.5 + level / 2)
    tail = float(special.ndtr(-quantile * sqrt(n_blocks / (n_blocks - 1))))
    low, high = np.quantile(resampled, [tail, 1.0 - tail]) - resampled.mean()
    return value + float(low), value + float(high)


def _block_sums(column: Array, length: int) -> Array:
    """Sum of the block that starts at each step, shape (T, m)."""
    wrapped = np.concatenate([column, column[: length - 1]])
    total = np.concatenate([np.zeros((1, column.shape[1])), np.cumsum(wrapped, axis=0)])
    return np.asarray(total[length:] - total[:-length])
