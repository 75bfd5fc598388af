"""Cross-correlation lag: the shift at which output and target agree best."""

from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from .measurement import Array, Measurement, Options, Settings
from .moments import MomentEstimator, measure, undefined
from .series import Series, align, constant_series

# Shifts on either side of the peak among which a resample may find its own.
HALF_WINDOW = 16


def cross_correlation_lag(
    output: ArrayLike,
    target: ArrayLike,
    max_lag: int | None = None,
    *,
    difference: bool = False,
    **options: Unpack[Options],
) -> Measurement:
    r"""Measure the shift of the target that correlates best with the output.

    .. math:: \arg\max_k \operatorname{corr}(x_{t+k}, y_t)

    refined by the parabola through the largest correlation and its two neighbours; `method`
    states the integer shift too. **It is not 1/g**: it depends on the spectrum of the target, from
    ln 2 / g (slow target) down to one step (white target). For a periodic target give a `max_lag`
    of half a period; difference a series that drifts.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it
        What it follows [trait].
    max_lag : int, optional
        Shifts from -max_lag to max_lag are searched [steps]; by default a quarter of the series,
        and never more than a third.
    difference : bool
        Compare the changes from step to step instead of the values.
    **options : Options
        burn_in, convention (recorded only), deterministic, forcing_period, level, n_resamples,
        seed: see `Settings`.

    Returns
    -------
    Measurement
        `cross_correlation_lag` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> target = np.random.default_rng(0).normal(size=500).cumsum()
    >>> lag = cross_correlation_lag(np.roll(target, 4), target, difference=True)
    >>> round(lag.value)
    4

    References
    ----------
    Common practice; the closed forms it is tested against were derived here, no source consulted.
    """
    settings = Settings(**options)
    method = "largest cross-correlation" + (" of differences" if difference else "")
    series = align(output, target, burn_in=settings.burn_in, n_least=17)
    if difference and not series.fault:
        series = Series(np.diff(series.output, axis=0), np.diff(series.target, axis=0))
    flag = series.fault or constant_series(series)
    if flag:
        return undefined("cross_correlation_lag", "steps", method, settings, flag)
    return _measured(series, max_lag, method, settings)


def cross_covariance(output: Array, target: Array, max_lag: int) -> Array:
    """Return mean(x[t + k] y[t]) over the overlap, k from -max_lag to max_lag.

    Parameters
    ----------
    output, target : (T, m)
        Series; the mean of each is removed.
    max_lag : int
        Largest shift [steps].

    Returns
    -------
    (2 max_lag + 1, m)

    Examples
    --------
    >>> import numpy as np
    >>> pulse = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0])[:, None]
    >>> int(np.argmax(cross_covariance(np.roll(pulse, 1), pulse, 2))) - 2
    1
    """
    n = output.shape[0]
    size = fft.next_fast_len(n + max_lag, real=True)
    x = fft.rfft(output - output.mean(axis=0), size, axis=0)
    y = fft.rfft(target - target.mean(axis=0), size, axis=0)
    circular = fft.irfft(x * y.conj(), size, axis=0)
    shifts = np.arange(-max_lag, max_lag + 1)
    return np.asarray(circular[shifts] / (n - np.abs(shifts))[:, None])


def refined_peak(curve: Array) -> Array:
    """Return where each curve (W, ...) peaks: index of the parabola through the three highest.

    A peak at an end is returned as it is.

    Examples
    --------
    >>> import numpy as np
    >>> refined_peak(np.array([0.0, 2.0, 3.0, 2.0])).item()
    2.0
    """
    top = np.argmax(curve, axis=0)
    inner = np.clip(top, 1, curve.shape[0] - 2)
    before, at, after = (
        np.take_along_axis(curve, (inner + shift)[None], axis=0)[0] for shift in (-1, 0, 1)
    )
    bend = before - 2.0 * at + after
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend < 0.0)
    return np.where(top == inner, inner + shift, top).astype(np.float64)


def _measured(series: Series, max_lag: int | None, method: str, settings: Settings) -> Measurement:
    n = series.n_steps
    most = max(1, n // 4 if max_lag is None else min(max_lag, n // 3))
    curves = [
        cross_covariance(series.output[:, j], series.target[:, j], most)
        for j in range(series.n_realisations)
    ]
    curve = np.stack(curves, axis=1)
    whole = np.argmax(curve, axis=0) - most
    flag = "peak at the edge of the search" if np.any(np.abs(whole) == most) else ""
    return measure(
        "cross_correlation_lag",
        "steps",
        f"{method}, parabola; integer argmax {np.median(whole):g}",
        MomentEstimator(_ProductsNearPeak(most).columns, refined_peak),
        series,
        settings,
        flag,
        values=refined_peak(curve) - most,
    )


class _ProductsNearPeak:
    """Products x[t + k] y[t] for the shifts k around the peak of each member."""

    def __init__(self, max_lag: int) -> None:
        self.max_lag = max_lag

    def columns(self, output: Array, target: Array) -> Array:
        """Return the products, shape (shifts, T, m); beyond its ends the output counts as zero."""
        n = output.shape[0]
        half = max(1, min(HALF_WINDOW, n // 16))
        curve = cross_covariance(output, target, self.max_lag)
        first = np.argmax(curve, axis=0) - self.max_lag - half
        margin = self.max_lag + half
        x = np.pad(output - output.mean(axis=0), ((margin, margin), (0, 0)))
        y = target - target.mean(axis=0)
        rows = np.arange(n)[:, None] + margin + first
        return np.stack([np.take_along_axis(x, rows + k, axis=0) * y for k in range(2 * half + 1)])
