"""Lag and gain at every frequency of a broadband drive, from Welch's cross-spectrum."""

from dataclasses import dataclass
from math import nan, tau

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .measurement import Array, joined
from .series import Series, align, constant_series

# Below this squared coherence a phase means nothing.
LEAST_COHERENCE = 0.3
# Fewer independent segments and coherence itself is mostly bias.
FEWEST_SEGMENTS = 4.0
LONGEST_SEGMENT = 1024
# Squared correlation of two Hann windows that overlap by half.
HANN_OVERLAP = 1.0 / 36.0


@dataclass(frozen=True)
class CrossSpectrum:
    """Response of the output to the drive, bin by bin; `nan` where they are not coherent."""

    omega: Array
    """Angular frequency [rad/step], from the first bin above zero."""
    phase: Array
    """arg H [rad], negative where the output lags, unwrapped from zero frequency."""
    lag: Array
    """-phase / omega [steps]."""
    gain: Array
    """|S_xy| / S_yy [output per drive]: biased low by noise in the recorded drive."""
    coherence: Array
    """|S_xy|^2 / (S_xx S_yy), between 0 and 1, never `nan`."""
    phase_error: Array
    """Standard error of the phase [rad]."""
    lag_error: Array
    """Standard error of the lag [steps]."""
    gain_error: Array
    """Standard error of the gain."""
    drive_power: Array
    """S_yy, power density of the drive."""
    n_segments: float
    """Independent segments averaged, n_d."""
    flag: str = ""
    """Empty, or why there is nothing or little to be read."""


def cross_spectrum(
    output: ArrayLike, drive: ArrayLike, segment: int | None = None, *, burn_in: int = 0
) -> CrossSpectrum:
    r"""Estimate the frequency response of the output to the drive.

    .. math:: H = S_{xy} / S_{yy}, \qquad
              SE(\arg H) = \sqrt{(1 - c^2) / (2 n_d c^2)}

    by Welch's method. Both series are first whitened by the lag-1 memory of the drive, which
    leaves H as it is and keeps a steep spectrum from leaking. Then: segments with their mean
    removed, Hann window, half overlapping, averaged over time, realisations and members. n_d
    counts independent segments: half-overlapping Hann segments are worth 1 / (1 + 1/18) of their
    number; members are not counted. Where the squared coherence c^2 is below 0.3, phase, lag and
    gain are `nan`. A period of only two or three bins is blurred with its neighbours, which makes
    its lag some per cent too short: take a segment of eight periods where the series allows.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    drive : array that broadcasts with it
        What it follows [trait].
    segment : int, optional
        Length of a segment [steps]; by default the power of two that gives 8 of them or more,
        from 16 to 1024. A segment should be much longer than the lag.
    burn_in : int
        Steps dropped at the start.

    Returns
    -------
    CrossSpectrum
        Arrays over the bins above zero.

    Examples
    --------
    >>> import numpy as np
    >>> drive = np.random.default_rng(0).normal(size=20_000)
    >>> spectrum = cross_spectrum(np.roll(drive, 1), drive, segment=64)
    >>> spectrum.lag[[9, 19, 29]].round(1).tolist()
    [1.0, 1.0, 1.0]

    References
    ----------
    Welch's method as implemented by `scipy.signal`; the standard error is the usual large-sample
    formula, whose source was not read here; it was checked by simulation.
    """
    series = align(output, drive, burn_in=burn_in, n_least=32)
    flag = series.fault or constant_series(series)
    if flag:
        nothing = np.empty((0, 1))
        return response(Powers(np.empty(0), nothing.astype(complex), nothing, nothing), flag)
    return response(powers_of(series, segment_length(series, segment)))


@dataclass(frozen=True)
class Powers:
    """Spectral densities averaged over segments and members, per realisation."""

    omega: Array
    """Angular frequency [rad/step], (bins,)."""
    cross: NDArray[np.complex128]
    """Of output with drive, (bins, k)."""
    output: Array
    """Of the output, (bins, k)."""
    drive: Array
    """Of the drive, (bins, k)."""
    n_segments: float = 0.0
    """Independent segments of one realisation."""


def segment_length(series: Series, segment: int | None) -> int:
    """Return the length of a segment [steps], see `cross_spectrum`."""
    if segment is not None:
        return max(8, min(segment, series.n_steps - 1))
    power = int(np.log2(series.n_steps / 8.0))
    return int(np.clip(2**power, 16, LONGEST_SEGMENT))


def powers_of(series: Series, segment: int) -> Powers:
    """Return the spectral densities of the realisations by Welch's method."""
    keywords = {"window": "hann", "nperseg": segment, "noverlap": segment // 2, "axis": 0}
    output, drive, memory = _whitened(series)
    from scipy import signal

    frequency, cross = signal.csd(drive, output, **keywords)
    own, driving = (signal.welch(values, **keywords)[1] for values in (output, drive))
    omega = tau * frequency[1:]
    colour = (np.abs(1.0 - memory * np.exp(-1j * omega)) ** 2)[:, None]
    count = (output.shape[0] - segment // 2) // (segment - segment // 2)
    independent = count / (1.0 + 2.0 * HANN_OVERLAP * (count - 1) / count)
    return Powers(
        omega,
        cross[1:].mean(axis=2) / colour,
        own[1:].mean(axis=2) / colour,
        driving[1:].mean(axis=2) / colour,
        independent,
    )


def _whitened(series: Series) -> tuple[Array, Array, float]:
    """Output and drive, each less `memory` times its last value, and that memory of the drive."""
    drive = series.target - series.target.mean(axis=0)
    memory = float(np.sum(drive[1:] * drive[:-1]) / np.sum(drive**2))
    output, drive = (values[1:] - memory * values[:-1] for values in (series.output, series.target))
    return output, drive, memory


def response(powers: Powers, fault: str = "") -> CrossSpectrum:
    """Return the response that the densities, averaged over realisations, amount to."""
    cross = powers.cross.mean(axis=1)
    output, drive = powers.output.mean(axis=1), powers.drive.mean(axis=1)
    n_segments = powers.n_segments * powers.cross.shape[1]
    with np.errstate(all="ignore"):
        coherence = np.nan_to_num(np.abs(cross) ** 2 / (output * drive))
        kept = np.where(coherence >= LEAST_COHERENCE, 1.0, nan)
        phase = _unwrapped(np.angle(cross) * kept)
        gain = np.abs(cross) / drive * kept
        rest = np.maximum(1.0 - coherence, 0.0)
        error = np.sqrt(rest / (2.0 * n_segments * coherence)) * kept
    flag = fault or joined(
        "" if np.any(kept == 1.0) else "coherence below 0.3",
        "few segments" if n_segments < FEWEST_SEGMENTS else "",
    )
    return CrossSpectrum(
        omega=powers.omega,
        phase=phase,
        lag=-phase / powers.omega,
        gain=gain,
        coherence=coherence,
        phase_error=error,
        lag_error=error / powers.omega,
        gain_error=error * gain,
        drive_power=drive,
        n_segments=n_segments,
        flag=flag,
    )


def _unwrapped(phase: Array) -> Array:
    """Unwrap from the lowest frequency up, over the bins that are defined."""
    defined = ~np.isnan(phase)
    result = phase.copy()
    result[defined] = np.unwrap(phase[defined])
    return result
