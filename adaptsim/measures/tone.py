"""Response at one frequency: phase lag and gain of the output against a periodic drive."""

from dataclasses import dataclass
from math import ceil, pi, tau
from typing import Unpack

import numpy as np
from numpy import complex128
from numpy.typing import ArrayLike, NDArray

from .measurement import Array, Integers, Measurement, Options, Settings
from .moments import MomentEstimator, measure, time_means, undefined
from .series import Series, align, constant_series

# A drive whose tone is smaller than this fraction of its spread does not contain the tone.
SMALLEST_TONE = 1e-6


def phase_lag(
    output: ArrayLike, drive: ArrayLike, period: float, **options: Unpack[Options]
) -> Measurement:
    r"""Measure the phase lag behind a drive of known period.

    .. math:: -\arg H(\omega) / \omega, \qquad \omega = 2 \pi / \text{period}

    where H is the ratio of the complex amplitudes of output and drive, from a least-squares fit
    of mean, cosine and sine over the longest span that holds an integer number of periods (the
    nearest integer span where the period is no integer). Over whole periods this *is* complex
    demodulation; for pure tones it is exact on any span. Reported between -1/4 and 3/4 of a
    period, so that a slight lead is a small negative number; more than half a period is flagged,
    since one tone cannot tell a lag from a lead. The lag depends on the period: quote both.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    drive : array that broadcasts with it
        What it follows [trait].
    period : float
        Period of the drive [steps], above 2.
    **options : Options
        burn_in, convention (recorded only), deterministic, forcing_period, level, n_resamples,
        seed: see `Settings`.

    Returns
    -------
    Measurement
        `phase_lag` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(200)
    >>> drive, output = np.sin(2 * np.pi * t / 50), 0.6 * np.sin(2 * np.pi * (t - 7) / 50)
    >>> round(phase_lag(output, drive, 50).value, 9)
    7.0

    References
    ----------
    Textbook control theory (frequency response); derived and checked here, no source consulted.
    """
    settings, fit = Settings(**options), ToneFit(tau / period)
    series, method, flag = _prepared(output, drive, period, settings)
    if flag:
        return undefined("phase_lag", "steps", method, settings, flag)
    lead = fit.phase(time_means(fit.columns, series))
    centre = mean_phase(-lead)
    late = "beyond half a period: lag or lead" if centre > pi else ""
    estimator = MomentEstimator(
        fit.columns, lambda means: branch(-fit.phase(means), centre) / fit.omega, period
    )
    return measure("phase_lag", "steps", method, estimator, series, settings, late)


def gain(
    output: ArrayLike, drive: ArrayLike, period: float, **options: Unpack[Options]
) -> Measurement:
    r"""Measure the amplitude of the output relative to a drive of known period.

    .. math:: |H(\omega)|, \qquad \omega = 2 \pi / \text{period}

    with H as in `phase_lag`. Noise in the output adds a small positive bias, of the relative
    order of one over the squared signal-to-noise ratio of the fitted amplitude.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    drive : array that broadcasts with it
        What it follows [trait].
    period : float
        Period of the drive [steps], above 2.
    **options : Options
        As in `phase_lag`.

    Returns
    -------
    Measurement
        `gain` [1].

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(200)
    >>> drive, output = np.sin(2 * np.pi * t / 50), 0.6 * np.sin(2 * np.pi * (t - 7) / 50)
    >>> round(gain(output, drive, 50).value, 9)
    0.6

    References
    ----------
    Textbook control theory (frequency response); derived and checked here, no source consulted.
    """
    settings, fit = Settings(**options), ToneFit(tau / period)
    series, method, flag = _prepared(output, drive, period, settings)
    if flag not in ("", "output constant"):
        return undefined("gain", "1", method, settings, flag)
    estimator = MomentEstimator(fit.columns, fit.size, period)
    return measure("gain", "1", method, estimator, series, settings, flag, least=0.0)


@dataclass(frozen=True)
class ToneFit:
    """Least-squares fit of mean, cosine and sine to output and drive, from time means."""

    omega: float
    """Angular frequency [rad/step]."""

    def columns(self, output: Array, drive: Array) -> Array:
        """Return the products whose means give the fit, shape (11, T, m)."""
        return np.stack(np.broadcast_arrays(*self.products(output, drive)))

    def products(self, output: Array, drive: Array) -> list[Array]:
        """Return the columns one by one, each ``(T, m)`` or what broadcasts to it."""
        time = np.arange(output.shape[0])[:, None]
        cosine, sine = np.cos(self.omega * time), np.sin(self.omega * time)
        x, y = output - output.mean(axis=0), drive - drive.mean(axis=0)
        basis = [cosine, sine, cosine**2, cosine * sine, sine**2]
        return [*basis, x, x * cosine, x * sine, y, y * cosine, y * sine]

    def amplitudes(self, means: Array) -> tuple[NDArray[complex128], NDArray[complex128]]:
        """Return the complex amplitudes of output and drive (real part: cosine)."""
        c, s, cc, cs, ss, *products = means
        cc, cs, ss = cc - c * c, cs - c * s, ss - s * s
        determinant = cc * ss - cs * cs
        both = []
        for x, xc, xs in (products[:3], products[3:]):
            xc, xs = xc - x * c, xs - x * s
            both.append(((ss * xc - cs * xs) - 1j * (cc * xs - cs * xc)) / determinant)
        return both[0], both[1]

    def phase(self, means: Array) -> Array:
        """Return arg H [rad], negative where the output lags."""
        output, drive = self.amplitudes(means)
        return np.angle(output / drive)

    def size(self, means: Array) -> Array:
        """Return abs H."""
        output, drive = self.amplitudes(means)
        return np.abs(output / drive)


def whole_periods(n_steps: int, period: float) -> int:
    """Return the length of the longest span that holds an integer number of periods [steps].

    A period that is no integer gives the nearest integer span.

    Examples
    --------
    >>> whole_periods(100, 30), whole_periods(100, 7.3)
    (90, 95)
    """
    return int(longest_spans(n_steps, period))


def longest_spans(n_steps: int | Integers, period: ArrayLike) -> Integers:
    """Return `whole_periods` of many lengths and periods at once.

    Examples
    --------
    >>> longest_spans(np.array([100, 100]), np.array([30, 7.3])).tolist()
    [90, 95]
    """
    spans = np.rint(np.floor(n_steps / np.asarray(period)) * period)
    return np.asarray(np.minimum(n_steps, spans)).astype(int)


def mean_phase(phase: Array) -> float:
    """Return the circular mean of phases [rad], between -pi/2 and 3 pi/2; nan are left out.

    Examples
    --------
    >>> round(mean_phase(np.array([0.1, 2 * np.pi - 0.3])), 9)
    -0.1
    """
    mean = np.exp(1j * phase[~np.isnan(phase)]).sum()
    return float((np.angle(mean) + pi / 2) % tau - pi / 2)


def branch(phase: Array, centre: float) -> Array:
    """Return the phases [rad] moved by whole turns to within half a turn of `centre`.

    Examples
    --------
    >>> branch(np.array([0.1, 2 * np.pi - 0.3]), 0.0).round(9).tolist()
    [0.1, -0.3]
    """
    return centre + (phase - centre + pi) % tau - pi


def _prepared(
    output: ArrayLike, drive: ArrayLike, period: float, settings: Settings
) -> tuple[Series, str, str]:
    """Whole periods of the series, the method and why there can be no value."""
    series = align(output, drive, burn_in=settings.burn_in, n_least=max(4, ceil(period)))
    method = f"least-squares tone of period {period:g} steps"
    if not period > 2.0:
        return series, method, "period must exceed 2 steps"
    if series.fault:
        return series, method, series.fault
    series = series.first(whole_periods(series.n_steps, period))
    flag = constant_series(series) or _without_power(series, ToneFit(tau / period))
    return series, f"{method} over {series.n_steps} steps", flag


def _without_power(series: Series, fit: ToneFit) -> str:
    _, drive = fit.amplitudes(time_means(fit.columns, series))
    absent = np.abs(drive) <= SMALLEST_TONE * series.target.std(axis=0)
    return "drive has no power at this period" if absent.any() else ""
