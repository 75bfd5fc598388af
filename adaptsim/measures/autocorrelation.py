"""Memory of a series: autocovariance and the time after which samples are independent.

Array functions, first axis time; the measures built on them are in `fluctuation.py`.
"""

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
    that never changes is given 1/2.

    Parameters
    ----------
    values : (T,) or (T, ...)
        Series of one law; their autocovariances are averaged (of at most 32 of them).

    Examples
    --------
    >>> import numpy as np
    >>> integrated_time(np.random.default_rng(1).normal(size=4000))[0].round(1)
    np.float64(0.5)
    """
    series = values.reshape(values.shape[0], -1)
    stride = -(-series.shape[1] // MOST_SERIES)
    covariance = autocovariance(series[:, ::stride]).mean(axis=1)
    if not covariance[0] > 0.0:
        return 0.5, 0
    times = np.cumsum(covariance / covariance[0]) - 0.5
    wide_enough = np.arange(times.size) >= WINDOW * times
    window = int(np.argmax(wide_enough)) if wide_enough.any() else times.size - 1
    return max(float(times[window]), SMALLEST_TIME), window
