"""Phase lag and gain of a broadband drive, each at one stated frequency."""

from math import tau
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from .measurement import Measurement, Options, Settings
from .moments import Estimate, over_realisations, undefined
from .series import align, constant_series
from .spectrum import CrossSpectrum, Powers, powers_of, response, segment_length
from .tone import branch

# Bins below this one mix with the mean, which has been taken out.
FIRST_BIN = 2


def broadband_lag(
    output: ArrayLike,
    drive: ArrayLike,
    period: float | None = None,
    *,
    segment: int | None = None,
    **options: Unpack[Options],
) -> Measurement:
    """Measure the phase lag at one frequency of a broadband drive.

    -arg H / omega from `cross_spectrum`, at the bin nearest to `period`. The lag depends on the
    period, so `method` states it. The interval of a single series comes from the standard error.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    drive : array that broadcasts with it
        What it follows [trait].
    period : float, optional
        Period [steps]; by default that of greatest drive power among the coherent bins (the first
        bin left out, which removing the mean spoils).
    segment : int, optional
        Length of a segment [steps], see `cross_spectrum`.
    **options : Options
        burn_in, convention (recorded only), deterministic, level: see `Settings`.

    Returns
    -------
    Measurement
        `phase_lag` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> drive = np.random.default_rng(0).normal(size=20_000)
    >>> lag = broadband_lag(np.roll(drive, 3), drive, period=32, segment=64)
    >>> round(lag.value), "period 32 steps" in lag.method
    (3, True)

    References
    ----------
    See `cross_spectrum`.
    """
    settings = Settings(**options)
    return _at_period("phase_lag", "steps", output, drive, period, segment, settings)


def broadband_gain(
    output: ArrayLike,
    drive: ArrayLike,
    period: float | None = None,
    *,
    segment: int | None = None,
    **options: Unpack[Options],
) -> Measurement:
    """Measure the gain at one frequency of a broadband drive.

    |S_xy| / S_yy from `cross_spectrum`, at the bin nearest to `period`. Noise in the recorded
    drive biases it low; noise in the output does not.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    drive : array that broadcasts with it
        What it follows [trait].
    period : float, optional
        Period [steps], see `broadband_lag`.
    segment : int, optional
        Length of a segment [steps], see `cross_spectrum`.
    **options : Options
        As in `broadband_lag`.

    Returns
    -------
    Measurement
        `gain` [1].

    Examples
    --------
    >>> import numpy as np
    >>> drive = np.random.default_rng(0).normal(size=20_000)
    >>> round(broadband_gain(0.5 * drive, drive, period=32, segment=64).value, 9)
    0.5

    References
    ----------
    See `cross_spectrum`.
    """
    settings = Settings(**options)
    return _at_period("gain", "1", output, drive, period, segment, settings)


def _at_period(
    name: str,
    unit: str,
    output: ArrayLike,
    drive: ArrayLike,
    period: float | None,
    segment: int | None,
    settings: Settings,
) -> Measurement:
    """Read lag or gain off the bin nearest to `period`."""
    method = "Welch cross-spectrum"
    series = align(output, drive, burn_in=settings.burn_in, n_least=32)
    flag = series.fault or constant_series(series)
    if flag:
        return undefined(name, unit, method, settings, flag)
    length = segment_length(series, segment)
    powers = powers_of(series, length)
    spectrum = response(powers)
    chosen = _chosen_bin(spectrum, period)
    if chosen is None:
        return undefined(name, unit, method, settings, spectrum.flag or "coherence below 0.3")
    at = tau / float(spectrum.omega[chosen])
    method = f"{method} at period {at:.6g} steps, segments of {length}"
    if np.isnan(spectrum.phase[chosen]):
        return undefined(name, unit, method, settings, "coherence below 0.3", spectrum.flag)
    estimate = _estimate(name, powers, spectrum, chosen, settings)
    late = name == "phase_lag" and estimate.value > at / 2
    flags = spectrum.flag, "beyond half a period: unwrapped" if late else ""
    n = series.n_steps * series.n_realisations
    return estimate.named(name, unit, method, settings, n, spectrum.n_segments, *flags)


def _chosen_bin(spectrum: CrossSpectrum, period: float | None) -> int | None:
    if period is not None:
        return int(np.argmin(np.abs(spectrum.omega - tau / period)))
    usable = ~np.isnan(spectrum.phase)
    usable[: FIRST_BIN - 1] = False
    if not usable.any():
        return None
    return int(np.argmax(np.where(usable, spectrum.drive_power, -1.0)))


def _estimate(
    name: str, powers: Powers, spectrum: CrossSpectrum, chosen: int, settings: Settings
) -> Estimate:
    """Values of the realisations, on the branch of the common phase."""
    ratio = powers.cross[chosen] / powers.drive[chosen]
    if name == "gain":
        values, error = np.abs(ratio), float(spectrum.gain_error[chosen])
    else:
        centre = float(spectrum.phase[chosen])
        phase = branch(np.angle(ratio), centre)
        values, error = -phase / spectrum.omega[chosen], float(spectrum.lag_error[chosen])
    estimate = over_realisations(values[:, None], settings)
    if values.size > 1 or settings.deterministic:
        return estimate
    # Each segment brings two numbers (real, imaginary); two go into the response.
    freedom = max(2.0 * spectrum.n_segments - 2.0, 1.0)
    half = float(special.stdtrit(freedom, 0.5 + settings.level / 2)) * error
    interval = f"standard error from {spectrum.n_segments:.1f} segments"
    return estimate.with_interval(estimate.value - half, estimate.value + half, interval)
