"""Response at one frequency: phase lag and gain of the output against a periodic drive."""

from dataclasses import dataclass
from math import floor, pi, tau

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import Unpack

from .measurement import Array, Measurement, Options, Settings, joined
from .moments import MomentEstimator, measure, undefined
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
    return _tone_measure("phase_lag", "steps", output, drive, period, Settings(**options))


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
    return _tone_measure("gain", "1", output, drive, period, Settings(**options))


@dataclass(frozen=True)
class ToneFit:
    """Least-squares fit of mean, cosine and sine to output and drive, from time means."""

    omega: float
    """Angular frequency [rad/step]."""

    def columns(self, output: Array, drive: Array) -> Array:
        """Return the products whose means give the fit, shape (11, T, m)."""
        time = np.arange(output.shape[0])[:, None]
        cosine, sine = np.cos(self.omega * time), np.sin(self.omega * time)
        x, y = output - output.mean(axis=0), drive - drive.mean(axis=0)
        basis = [cosine, sine, cosine**2, cosine * sine, sine**2]
        products = [x, x * cosine, x * sine, y, y * cosine, y * sine]
        return np.stack(np.broadcast_arrays(*basis, *products))

    def amplitudes(self, means: Array) -> tuple[Array, Array]:
        """Return the complex amplitudes of output and drive (real part: cosine)."""
        c, s, cc, cs, ss, *products = means
        cc, cs, ss = cc - c * c, cs - c * s, ss - s * s
        determinant = cc * ss - cs * cs
        both = []
        for x, xc, xs in (products[:3], products[3:]):
            xc, xs = xc - x * c, xs - x * s
            both.append(((ss * xc - cs * xs) - 1j * (cc * xs - cs * xc)) / determinant)
        return both[0], both[1]

    def response(self, means: Array) -> Array:
        """Return H, the complex ratio of output to drive."""
        output, drive = self.amplitudes(means)
        return output / drive


def whole_periods(n_steps: int, period: float) -> int:
    """Return the length of the longest span that holds an integer number of periods [steps].

    A period that is no integer gives the nearest integer span.

    Examples
    --------
    >>> whole_periods(100, 30), whole_periods(100, 7.3)
    (90, 95)
    """
    count = floor(n_steps / period)
    return min(n_steps, round(count * period))


def principal_lag(phase: Array, omega: float) -> Array:
    """Return phases [rad] as lags [steps] between -1/4 and 3/4 of a period.

    Phases are kept on the branch of their circular mean, so that averaging them is safe.

    Examples
    --------
    >>> import numpy as np
    >>> principal_lag(np.array([0.1, 2 * np.pi - 0.1]), 0.1).round(9).tolist()
    [1.0, -1.0]
    """
    return branch(phase, mean_phase(phase)) / omega


def mean_phase(phase: Array) -> float:
    """Return the circular mean of phases [rad], between -pi/2 and 3 pi/2; nan are left out."""
    mean = np.nanmean(np.exp(1j * phase)) if not np.isnan(phase).all() else np.nan
    return float((np.angle(mean) + pi / 2) % tau - pi / 2)


def branch(phase: Array, centre: float) -> Array:
    """Return the phases [rad] moved by whole turns to within half a turn of `centre`."""
    return centre + (phase - centre + pi) % tau - pi


def _tone_measure(
    name: str, unit: str, output: ArrayLike, drive: ArrayLike, period: float, settings: Settings
) -> Measurement:
    method = f"least-squares tone of period {period:g} steps"
    if not period > 2.0:
        return undefined(name, unit, method, settings, "period must exceed 2 steps")
    series = align(output, drive, burn_in=settings.burn_in, n_least=max(4, round(period)))
    if series.fault:
        return undefined(name, unit, method, settings, series.fault)
    series = series.first(whole_periods(series.n_steps, period))
    fit = ToneFit(tau / period)
    with np.errstate(all="ignore"):
        means = MomentEstimator(fit.columns, fit.response).means(series)
        flag = _tone_flag(name, fit, means, series)
        if flag.startswith(("drive", "target", "both")) or (flag and name == "phase_lag"):
            return undefined(name, unit, method, settings, flag)
        statistic = _lag_or_size(name, fit, means)
        late = _late_flag(name, statistic(means), period)
    method = f"{method}, {series.n_steps} steps"
    estimator = MomentEstimator(fit.columns, statistic, shortest_block=period)
    return measure(name, unit, method, estimator, series, settings, flag, late)


def _tone_flag(name: str, fit: ToneFit, means: Array, series: Series) -> str:
    constant = constant_series(series)
    _, drive = fit.amplitudes(means)
    if not constant and np.any(np.abs(drive) <= SMALLEST_TONE * series.target.std(axis=0)):
        return joined(constant, "drive has no power at this period")
    return constant


def _late_flag(name: str, lags: Array, period: float) -> str:
    late = name == "phase_lag" and np.nanmean(lags) > period / 2
    return "beyond half a period: lag or lead" if late else ""


def _lag_or_size(name: str, fit: ToneFit, means: Array):  # type: ignore[no-untyped-def]
    if name == "gain":
        return lambda moments: np.abs(fit.response(moments))
    centre = mean_phase(-np.angle(fit.response(means)))
    return lambda moments: branch(-np.angle(fit.response(moments)), centre) / fit.omega
