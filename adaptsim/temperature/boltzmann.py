"""Whether walks rest with the Boltzmann density: a test that dependent samples do not fool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from adaptsim.measures.autocorrelation import integrated_time
from adaptsim.measures.measurement import Array, joined

BATCHES = 60
"""Batches that a few long walks are cut into, to see how far shares of bins scatter."""

FEWEST_BATCHES = 20
"""Walks at least that are batches as they are."""

FEWEST_TIMES = 20.0
"""Integrated times that a batch cut out of a walk must hold to count as independent."""


@dataclass(frozen=True)
class BoltzmannTest:
    """How well samples agree with a density. A small p-value: they do not."""

    statistic: float
    """Pearson's chi-square over its mean for samples that dependent: about 1 if they agree [1]."""
    degrees_of_freedom: float
    """Degrees of freedom that the statistic is worth [1]."""
    p_value: float
    """Probability of a statistic as large, by the F law."""
    ks_distance: float
    """Largest difference between the distribution functions (Kolmogorov and Smirnov) [1]."""
    ks_p_value: float
    """Probability of a distance as large, for as many samples as the worst place is worth."""
    n: int
    """Samples."""
    n_eff: float
    """Independent samples that they are worth, for the shares of the bins."""
    shares: Array
    """Share of the samples in each bin; all bins are equally likely."""
    flag: str = ""
    """Empty, or short warnings joined by `; `."""


def boltzmann_test(
    samples: ArrayLike, cdf: Callable[[Array], Array], *, bins: int = 10, burn_in: int = 0
) -> BoltzmannTest:
    """Test whether one coordinate of walks is distributed as it should be.

    Bins are equally likely under the density. How far their shares scatter, and together, is
    seen from the differences between walks (20 or more of them) or between 60 batches of steps;
    that corrects Pearson's chi-square for dependence, to second order.

    Noisy descent at a finite learning rate is not distributed exactly as Boltzmann says: enough
    samples will always show it. `ks_distance` says how much is at stake.

    Parameters
    ----------
    samples : array, (steps,) or (chains, steps)
        One coordinate of walks at rest [trait]; chains are independent.
    cdf
        The distribution function, for example ``boltzmann_of(landscape, temperature).cdf``.
    bins : int
        Number of bins, 2 or more.
    burn_in : int
        Steps dropped at the start.

    Returns
    -------
    BoltzmannTest
        All nan, with the flag ``diverged`` or ``too short``, where nothing can be tested.

    Examples
    --------
    >>> from scipy.stats import norm
    >>> drawn = np.random.default_rng(0).normal(size=(100, 50))
    >>> boltzmann_test(drawn, norm.cdf).p_value > 0.01
    True
    >>> boltzmann_test(1.1 * drawn, norm.cdf).p_value < 0.01
    True

    References
    ----------
    Rao & Scott, J. American Statistical Association 76 (1981) 221-230 (the correction); Thomas &
    Rao (1987) (the F law). Written from memory and checked by the rate of false alarms.
    """
    if bins < 2:
        raise ValueError(f"bins must be at least 2; got {bins}")
    walks = _chains_first(samples)[:, burn_in:]
    if not np.isfinite(walks).all():
        return _nothing(walks.size, "diverged")
    uniform = np.asarray(cdf(walks))
    batches, flag = _batches(uniform)
    if len(batches) < FEWEST_BATCHES or batches.shape[1] == 0:
        return _nothing(walks.size, "too short")
    shares = _shares(batches, bins)
    spread = np.cov(shares.T) / len(shares) * batches.size
    statistic, freedom, p_value = _rao_scott(shares, spread, batches.size)
    distance, ks_p_value = _kolmogorov(batches.ravel(), spread)
    design = bins * float(np.trace(spread)) / (bins - 1)
    n_eff = batches.size / design if design > 0 else nan
    return BoltzmannTest(
        statistic, freedom, p_value, distance, ks_p_value, batches.size, n_eff,
        shares.mean(axis=0), flag,
    )  # fmt: skip


def _chains_first(samples: ArrayLike) -> Array:
    walks = np.asarray(samples, dtype=float)
    if walks.ndim not in (1, 2):
        raise ValueError(f"samples must have shape (steps,) or (chains, steps); got {walks.shape}")
    return np.atleast_2d(walks)


def _batches(uniform: Array) -> tuple[Array, str]:
    """Cut walks into batches, shape (batches, steps); a few steps at the end may be lost."""
    chains, steps = uniform.shape
    if chains >= FEWEST_BATCHES:
        return uniform, ""
    parts = -(-BATCHES // chains)
    length = steps // parts
    if length == 0:
        return np.empty((0, 0)), ""
    short = length < FEWEST_TIMES * integrated_time(uniform.T)[0]
    cut = uniform[:, : parts * length].reshape(-1, length)
    return cut, joined("batches too short to be independent" if short else "")


def _shares(batches: Array, bins: int) -> Array:
    """Share of each bin in each batch, shape (batches, bins)."""
    place = np.clip((batches * bins).astype(int), 0, bins - 1)
    flat = place + bins * np.arange(len(batches))[:, None]
    counts = np.bincount(flat.ravel(), minlength=bins * len(batches))
    return counts.reshape(len(batches), bins) / batches.shape[1]


def _rao_scott(shares: Array, spread: Array, n: int) -> tuple[float, float, float]:
    """Return statistic, degrees of freedom and p-value, corrected to second order.

    `spread` is n times the covariance of the mean shares.
    """
    from scipy.stats import f

    batches, bins = shares.shape
    effects = bins * spread
    chi_square = n * bins * float(((shares.mean(axis=0) - 1 / bins) ** 2).sum())
    trace, known = float(np.trace(effects)), batches - 1
    if trace == 0:
        return np.inf, bins - 1.0, float(chi_square == 0)
    square = float((effects**2).sum()) - trace**2 / known
    square *= known**2 / ((known - 1) * (known + 2))
    freedom = float(np.clip(trace**2 / max(square, trace**2 / (bins - 1)), 1, bins - 1))
    statistic = chi_square / trace
    return statistic, freedom, float(f.sf(statistic, freedom, freedom * known))


def _kolmogorov(uniform: Array, spread: Array) -> tuple[float, float]:
    """Return the distance to the uniform law and its p-value, at the most dependent bin edge."""
    from scipy.stats import kstwobign

    ranked = np.sort(uniform)
    after = np.arange(1, ranked.size + 1) / ranked.size
    distance = float(np.maximum(after - ranked, ranked - after + 1 / ranked.size).max())
    below = np.arange(1, len(spread)) / len(spread)
    variances = np.diag(np.cumsum(np.cumsum(spread, axis=0), axis=1))[:-1]
    design = float((variances / (below * (1 - below))).max())
    return distance, float(kstwobign.sf(distance * np.sqrt(ranked.size / max(design, 1.0))))


def _nothing(n: int, flag: str) -> BoltzmannTest:
    return BoltzmannTest(nan, nan, nan, nan, nan, n, nan, np.empty(0), flag)
