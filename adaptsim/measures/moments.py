"""Estimates that are smooth functions of time means, with their interval.

Most measures here are of this kind: a mean squared error, a regression coefficient, the ratio of
two Fourier amplitudes. Each names its columns (what is averaged over time) and its statistic (what
is made of the means); the rest, in this file, is the same for all:

1. per realisation and member, average the columns and form the statistic;
2. average over the members of a realisation, since they share an environment;
3. several realisations: Student t interval over them; one: block bootstrap of its columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from scipy import special

from .autocorrelation import Dependence, dependence
from .bootstrap import (
    FEWEST_BLOCKS,
    block_length,
    block_starts,
    expanded_interval,
    lost_spread,
    resampled_means,
)
from .measurement import Array, Measurement, Settings, joined
from .series import Series

# Realisations and members looked at to find n_eff: enough for a time scale.
MOST_REALISATIONS = 4
MOST_MEMBERS = 32
# Members held in memory at a time, in steps times members.
CHUNK = 200_000
# Relative size of the influence of single steps below which the series is taken as noiseless.
NOISELESS = 1e-9


Columns = Callable[[Array, Array], Array]


def time_means(columns: Columns, series: Series) -> Array:
    """Return the time means of the columns, shape (C, k, m)."""
    single = [
        columns(series.output[:, j], series.target[:, j]).mean(axis=1)
        for j in range(series.n_realisations)
    ]
    return np.stack(single, axis=1)


@dataclass(frozen=True)
class MomentEstimator:
    """A statistic of time means."""

    columns: Columns
    """Output (T, m) and target (T, m) of one realisation to columns (C, T', m)."""
    statistic: Callable[[Array], Array]
    """Means (C, ...) to values (...); must be smooth."""
    shortest_block: float = 1.0
    """Shortest block of the bootstrap [steps]."""

    def values(self, series: Series) -> Array:
        """Return the statistic of every realisation and member, shape (k, m)."""
        return self.statistic(time_means(self.columns, series))

    def influence(self, output: Array, target: Array) -> Array:
        """Return how much each step moves the value, averaged over members, shape (T',)."""
        columns = self.columns(output, target)
        means = columns.mean(axis=1)
        total = np.zeros(columns.shape[1:])
        for which, step in enumerate(1e-6 * columns.std(axis=1)):
            shift = np.zeros_like(means)
            shift[which] = step
            change = self.statistic(means + shift) - self.statistic(means - shift)
            slope = np.divide(change, 2.0 * step, out=np.zeros_like(step), where=step > 0.0)
            if slope.any():
                total += slope * (columns[which] - means[which])
        return np.asarray(total.mean(axis=1))


def measure(
    name: str,
    unit: str,
    method: str,
    estimator: MomentEstimator,
    series: Series,
    settings: Settings,
    *flags: str,
    total: bool = False,
    least: float = -inf,
    values: Array | None = None,
) -> Measurement:
    """Estimate a statistic of time means and its confidence interval.

    `total=True` multiplies value and interval by the number of steps (a sum instead of a mean);
    the interval is cut off at `least`, the smallest value that is possible.
    `values` (k, m), where given, are estimates obtained elsewhere: the estimator then serves the
    interval only.

    Examples
    --------
    >>> import numpy as np
    >>> from adaptsim.measures.series import align
    >>> mean = MomentEstimator(lambda x, _: x[None], lambda means: means[0])
    >>> series = align(np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]))
    >>> measure("mean", "trait", "time mean", mean, series, Settings()).value
    2.0
    """
    if series.fault:
        return undefined(name, unit, method, settings, series.fault, *flags)
    n = series.n_steps * series.n_realisations
    with np.errstate(all="ignore"):
        values = estimator.values(series) if values is None else values
        estimate = over_realisations(values, settings)
        if settings.deterministic and series.n_realisations == 1:
            scale = float(series.n_steps) if total else 1.0
            return estimate.scaled(scale).named(name, unit, method, settings, n, n, *flags)
        steps, largest = _dependence(estimator, series)
        noiseless = largest <= NOISELESS * abs(estimate.value)
        n_eff = n if noiseless else n / (2.0 * steps.time)
        if series.n_realisations == 1 and not settings.deterministic:
            if noiseless:
                estimate = estimate.with_interval(estimate.value, estimate.value, "noiseless")
            else:
                estimate = _bootstrapped(estimate, estimator, series, settings, steps)
        estimate = estimate.cut_off(least)
    scale = float(series.n_steps) if total else 1.0
    return estimate.scaled(scale).named(name, unit, method, settings, n, n_eff, *flags)


@dataclass(frozen=True)
class Estimate:
    """A value and its interval, not yet named."""

    value: float
    ci_low: float = nan
    ci_high: float = nan
    interval: str = "no interval"
    flag: str = ""

    def with_interval(self, low: float, high: float, interval: str) -> "Estimate":
        """Return a copy with this interval."""
        return Estimate(self.value, low, high, interval, self.flag)

    def cut_off(self, least: float) -> "Estimate":
        """Return a copy whose interval does not reach below `least`."""
        low = least if self.ci_low < least else self.ci_low
        return self.with_interval(low, self.ci_high, self.interval)

    def scaled(self, factor: float) -> "Estimate":
        """Return the estimate in units smaller by `factor`."""
        ends = self.ci_low * factor, self.ci_high * factor
        return Estimate(self.value * factor, *ends, self.interval, self.flag)

    def named(
        self,
        name: str,
        unit: str,
        method: str,
        settings: Settings,
        n: int,
        n_eff: float,
        *flags: str,
    ) -> Measurement:
        """Return the measurement; infinite values become `nan` with the flag `diverged`."""
        if np.isinf(self.value):
            return undefined(name, unit, method, settings, "diverged", *flags)
        how = f"{method}; {self.interval}"
        ends = self.ci_low, self.ci_high
        flag = joined(self.flag, *flags)
        return Measurement(name, self.value, unit, *ends, how, settings.convention, flag, n, n_eff)


def over_realisations(values: Array, settings: Settings) -> Estimate:
    """Average values (k, m) over members, then over realisations with a Student t interval.

    Values that are not defined are left out, and the flag says of how many realisations.

    Examples
    --------
    >>> import numpy as np
    >>> estimate = over_realisations(np.array([[1.0], [2.0], [3.0]]), Settings())
    >>> estimate.value, round(estimate.ci_low, 2), round(estimate.ci_high, 2)
    (2.0, -0.48, 4.48)
    """
    defined = ~np.isnan(values)
    count = defined.sum(axis=1)
    single = np.where(defined, values, 0.0).sum(axis=1)[count > 0] / count[count > 0]
    missing = int(np.sum(~defined.all(axis=1)))
    flag = f"undefined in {missing} of {count.size} realisations" if missing else ""
    if single.size == 0:
        return Estimate(nan, flag="undefined")
    value = float(single.mean())
    if single.size == 1:
        return Estimate(value, flag=flag)
    low, high = student_interval(single, settings.level)
    return Estimate(value, low, high, f"t interval over {single.size} realisations", flag)


def student_interval(values: Array, level: float) -> tuple[float, float]:
    """Return the Student t interval of the mean of independent values (k,), k >= 2.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = student_interval(np.array([9.0, 10.0, 11.0]), 0.95)
    >>> round(low, 3), round(high, 3)
    (7.516, 12.484)
    """
    half = special.stdtrit(values.size - 1, 0.5 + level / 2) * values.std(ddof=1)
    mean = float(values.mean())
    return mean - float(half) / sqrt(values.size), mean + float(half) / sqrt(values.size)


def undefined(
    name: str, unit: str, method: str, settings: Settings, *flags: str, n: int = 0
) -> Measurement:
    """Return a measurement without a value; the flags say why.

    Examples
    --------
    >>> undefined("gain", "1", "tone fit", Settings(), "diverged").flag
    'diverged'
    """
    convention, flag = settings.convention, joined(*flags)
    return Measurement(name, nan, unit, nan, nan, method, convention, flag, n)


def _dependence(estimator: MomentEstimator, series: Series) -> tuple[Dependence, float]:
    """Dependence between the influences of the steps, and the largest influence."""
    most = min(MOST_MEMBERS, max(1, CHUNK // series.n_steps))
    influence = [
        estimator.influence(series.output[:, j, :most], series.target[:, j, :most])
        for j in range(min(series.n_realisations, MOST_REALISATIONS))
    ]
    curves = np.stack(influence, axis=1)
    if not np.isfinite(curves).all():
        return Dependence(nan, nan), nan
    return dependence(curves), float(np.abs(curves).max())


def _bootstrapped(
    estimate: Estimate,
    estimator: MomentEstimator,
    series: Series,
    settings: Settings,
    steps: Dependence,
) -> Estimate:
    """Add the block bootstrap interval of the only realisation."""
    if np.isnan(steps.time) or np.isnan(estimate.value):
        return estimate
    longest = max(estimator.shortest_block, settings.forcing_period)
    length = block_length(series.n_steps, steps, longest)
    if series.n_steps // length < FEWEST_BLOCKS:
        flag = joined(estimate.flag, "too short for an interval")
        return Estimate(estimate.value, flag=flag)
    resampled, n_blocks = _resampled_values(estimator, series, settings, length)
    if not np.isfinite(resampled).all():
        flag = joined(estimate.flag, "undefined in resamples")
        return Estimate(estimate.value, flag=flag)
    deviations = (resampled - resampled.mean()) / lost_spread(steps, length)
    ends = expanded_interval(estimate.value, deviations, n_blocks, settings.level)
    return estimate.with_interval(*ends, f"block bootstrap, {n_blocks} blocks of {length} steps")


def _resampled_values(
    estimator: MomentEstimator, series: Series, settings: Settings, length: int
) -> tuple[Array, int]:
    """Values of the resamples, averaged over members, and the number of blocks."""
    n_members = series.output.shape[2]
    most = max(1, CHUNK // series.n_steps)
    total = np.zeros(settings.n_resamples)
    n_steps = estimator.columns(series.output[:, 0, :1], series.target[:, 0, :1]).shape[1]
    starts = block_starts(n_steps, length, settings.n_resamples, settings.seed)
    for first in range(0, n_members, most):
        some = slice(first, first + most)
        columns = estimator.columns(series.output[:, 0, some], series.target[:, 0, some])
        means = resampled_means(columns, starts, length)
        total += estimator.statistic(means).sum(axis=1)
    return total / n_members, starts.shape[1]
