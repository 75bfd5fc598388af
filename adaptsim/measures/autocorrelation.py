"""Memory of a series: autocovariance and the time after which samples are independent.

Array functions, first axis time; the measures built on them are in `fluctuation.py`.
"""

from typing import NamedTuple

import numpy as np
from scipy import fft

from .measurement import Array

# Sokal's window: sum the autocorrelations up to the first lag >= WINDOW integrated times.
WINDOW = 5.0
# Series whose autocovariances are averaged to find one time scale; more would only cost time.
MOST_SERIES = 32
SMALLEST_TIME = 1e-2


def autocovariance(values: Array) -> Array:
    """Return the autocovariances at lags 0 to T - 1, each divided by T.

    Parameters
    ----------
    values : (T, ...)
        Series; the mean of each is removed.

    Returns
    -------
    (T, ...)

    Examples
    --------
    >>> import numpy as np
    >>> autocovariance(np.array([1.0, -1.0, 1.0, -1.0])).round(2).tolist()
    [1.0, -0.75, 0.5, -0.25]
    """
    n = values.shape[0]
    size = fft.next_fast_len(2 * n, real=True)
    spectrum = fft.rfft(values - values.mean(axis=0), size, axis=0)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(fft.irfft(power, size, axis=0)[:n] / n)


def integrated_time(values: Array) -> tuple[float, int]:
    r"""Return the integrated autocorrelation time [steps] and the window it was summed over.

    .. math:: \tau = 1/2 + \sum_{k=1}^{W} \rho_k, \qquad W \ge 5 \tau

    so that `n` steps are worth `n / (2 tau)` independent ones: 1/2 for white noise. A series
    that never changes is given 1/2. For a series that alternates (negative at lag 1) the window is
    that of the absolute correlations above the level of noise, or it would close at once.

    Parameters
    ----------
    values : (T,) or (T, ...)
        Series of one law; their autocovariances are averaged (of at most 32 of them).

    Examples
    --------
    >>> import numpy as np
    >>> round(integrated_time(np.random.default_rng(1).normal(size=4000))[0], 1)
    0.5
    """
    correlation = _mean_autocorrelation(values)
    if correlation.size == 0:
        return 0.5, 0
    times = np.cumsum(correlation) - 0.5
    spans = times
    if correlation[1] < 0.0:
        size = np.abs(correlation)
        spans = np.cumsum(np.where(size > 2.0 / np.sqrt(size.size), size, 0.0)) - 0.5
    wide_enough = np.arange(times.size) >= WINDOW * spans
    window = int(np.argmax(wide_enough)) if wide_enough.any() else times.size - 1
    return max(float(times[window]), SMALLEST_TIME), window


class Dependence(NamedTuple):
    """How the steps of a series depend on each other, as a block bootstrap needs it."""

    time: float
    """Integrated autocorrelation time, half the sum of all rho_k [steps]."""
    spread: float
    """Sum of |k| rho_k over the sum of rho_k [steps]: near `time` where rho_k decays, negative
    where later correlations cancel the first ones."""


def dependence(values: Array) -> Dependence:
    """Return integrated time and spread of the autocorrelation, by a flat-top window.

    The window is twice the lag after which at least five correlations in a row are as small as
    those of noise. Unlike that of `integrated_time` it sees correlations that cancel.

    Parameters
    ----------
    values : (T,) or (T, ...)
        Series of one law; their autocovariances are averaged (of at most 32 of them).

    Examples
    --------
    >>> import numpy as np
    >>> alternating = np.random.default_rng(0).normal(size=9000)
    >>> dependence(np.diff(alternating)).time < 0.1
    True

    References
    ----------
    The window and the block length made of it are those of Politis and White (2004, corrected by
    Patton in 2009), written from memory and checked by the coverage of the intervals.
    """
    correlation = _mean_autocorrelation(values)
    n = correlation.size
    if n == 0:
        return Dependence(0.5, 0.0)
    few = max(5, int(np.sqrt(np.log10(n))))
    small = np.abs(correlation[1:]) < 2.0 * np.sqrt(np.log10(n) / n)
    runs = np.convolve(small, np.ones(few), mode="valid") == few
    last = int(np.argmax(runs)) if runs.any() else n // 2
    lags = np.arange(1, min(max(2 * last, 1), n - 1) + 1)
    window = np.clip(2.0 * (1.0 - lags / (lags.size + 1.0)), 0.0, 1.0)
    weighted = window * correlation[lags]
    time = max(0.5 + float(weighted.sum()), SMALLEST_TIME)
    return Dependence(time, float((lags * weighted).sum()) / time)


def _mean_autocorrelation(values: Array) -> Array:
    """Autocorrelation from the averaged autocovariances, empty where nothing varies."""
    series = values.reshape(values.shape[0], -1)
    stride = -(-series.shape[1] // MOST_SERIES)
    covariance = autocovariance(series[:, ::stride]).mean(axis=1)
    return covariance / covariance[0] if covariance[0] > 0.0 else np.empty(0)
