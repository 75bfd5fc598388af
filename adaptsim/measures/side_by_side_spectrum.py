"""Phase lag and gain behind a broadband drive, of many runs at once; see `side_by_side`."""

from __future__ import annotations

from dataclasses import replace
from math import pi, tau
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .measurement import joined
from .side_by_side import Array, Numbers, SideBySide, averaged, either
from .spectrum import FEWEST_SEGMENTS, HANN_OVERLAP, LEAST_COHERENCE, LONGEST_SEGMENT

CYCLES = 5.5
"""Periods in a segment from which on leakage no longer biases lag and gain by a percent."""


class Spectra(NamedTuple):
    """Spectral densities of cells with segments of one length, per realisation ``(bins, w, k)``."""

    omega: Array
    cross: NDArray[np.complex128]
    output: Array
    drive: Array
    n_segments: Array


def broadband(cells: SideBySide, period: float | None = None) -> tuple[Numbers, Numbers, Array]:
    """Return phase lags [rows], gains [1] and the periods they were read at [rows].

    By default at the period with most power in the drive, where at least six cycles fit into a
    segment. See `broadband.broadband_lag` and `spectrum.cross_spectrum`; the target is the drive.
    """
    n = cells.n_steps
    faults = either(cells.faults(32), cells.constant)
    fine = np.array([not fault for fault in faults])
    lengths = np.clip(2 ** np.log2(np.maximum(n, 16) / 8.0).astype(int), 16, LONGEST_SEGMENT)
    lag, gain, at = (np.full(len(n), np.nan) for _ in range(3))
    flags = list(faults)
    for length in np.unique(lengths[fine]):
        some = np.flatnonzero(fine & (lengths == length))
        found = _read(spectra(_subset(cells, some), int(length)), period)
        lag[some], gain[some], at[some] = found.lag, found.gain, found.period
        for cell, flag in zip(some, found.flag, strict=True):
            flags[cell] = flag
    unwrapped = [
        joined(flag, "beyond half a period: unwrapped" if late else "")
        for flag, late in zip(flags, lag > at / 2, strict=True)
    ]
    return Numbers(lag, unwrapped), Numbers(gain, flags), at


def _subset(cells: SideBySide, some: Array) -> SideBySide:
    return replace(
        cells,
        output=cells.output[:, some],
        target=cells.target[:, some],
        first=cells.first[some],
        last=cells.last[some],
    )


def spectra(cells: SideBySide, length: int) -> Spectra:
    """Return the spectral densities of all cells by Welch's method, see `spectrum.powers_of`."""
    x, y = (cells.cells(values) for values in cells.centred)
    _, w, k, m = x.shape
    within = cells.cells(cells.inside(1))
    product = np.where(within, y[1:] * y[:-1], 0.0).sum(axis=(0, 2, 3))
    memory = product / (y**2).sum(axis=(0, 2, 3))
    kept = memory[:, None, None]
    both = [values[1:] - kept * values[:-1] for values in (x, y)]
    rows, half = cells.n_steps - 1, length - length // 2
    counts = (rows - length // 2) // half
    bins = length // 2
    sums: list[Array] = [np.zeros((bins, w, k), complex)]
    sums += [np.zeros((bins, w, k)) for _ in range(2)]
    hann = (0.5 - 0.5 * np.cos(tau * np.arange(length) / length))[:, None, None, None]
    for number in range(int(counts.max())):
        begins = np.minimum(cells.first + number * half, len(x) - 1 - length)
        place = (begins + np.arange(length)[:, None])[:, :, None, None]
        pieces = [np.take_along_axis(values, np.broadcast_to(place, (length, w, k, m)), axis=0)
                  for values in both]  # fmt: skip
        output, drive = (fft.rfft((one - one.mean(axis=0)) * hann, axis=0)[1:] for one in pieces)
        here = (number < counts)[:, None]
        for total, power in zip(
            sums, (drive.conj() * output, np.abs(output) ** 2, np.abs(drive) ** 2), strict=True
        ):
            total += np.where(here, power.mean(axis=3), 0.0)
    omega = tau * np.arange(1, bins + 1) / length
    colour = np.abs(1.0 - memory * np.exp(-1j * omega[:, None])) ** 2
    twice = np.where(np.arange(1, bins + 1) < length / 2, 2.0, 1.0)[:, None]
    scale = (twice / (counts * colour))[..., None]
    cross, own, driving = (total * scale for total in sums)
    n_segments = counts / (1.0 + 2.0 * HANN_OVERLAP * (counts - 1) / counts)
    return Spectra(omega, cross, own, driving, n_segments)


class _Read(NamedTuple):
    lag: Array
    gain: Array
    period: Array
    flag: list[str]


def _read(found: Spectra, period: float | None) -> _Read:
    """Return lag, gain and period of each cell at one bin, flags where there is none."""
    k = found.cross.shape[2]
    cross, output, drive = (part.mean(axis=2) for part in (found.cross, found.output, found.drive))
    with np.errstate(all="ignore"):
        coherence = np.nan_to_num(np.abs(cross) ** 2 / (output * drive))
    defined = coherence >= LEAST_COHERENCE
    phase = _unwrapped(np.angle(cross), defined)
    if period is None:
        usable = defined & (found.omega > CYCLES * found.omega[0])[:, None]
        chosen = np.argmax(np.where(usable, drive, -1.0), axis=0)
        known = usable.any(axis=0)
    else:
        nearest = int(np.argmin(np.abs(found.omega - tau / period)))
        chosen = np.full(drive.shape[1], nearest)
        known = defined[nearest]
    each = np.arange(len(chosen))
    omega, centre = found.omega[chosen], phase[chosen, each]
    with np.errstate(all="ignore"):
        ratio = found.cross[chosen, each] / found.drive[chosen, each]
    turned = centre[:, None] + (np.angle(ratio) - centre[:, None] + pi) % tau - pi
    coherent = defined.any(axis=0)
    few = found.n_segments * k < FEWEST_SEGMENTS
    told = [joined("" if clear else "coherence below 0.3", "few segments" if less else "")
            for clear, less in zip(coherent, few, strict=True)]  # fmt: skip
    faults = ["" if fine else "coherence below 0.3" for fine in known]
    lag = averaged((-turned / omega[:, None])[..., None], faults).value
    gain = averaged(np.abs(ratio)[..., None], faults).value
    flags = [joined(fault, flag) for fault, flag in zip(faults, told, strict=True)]
    return _Read(lag, gain, np.where(known, tau / omega, np.nan), flags)


def _unwrapped(phase: Array, defined: Array) -> Array:
    """Unwrap phases ``(bins, w)`` from the lowest frequency up, over the bins that are defined."""
    place = np.where(defined, np.arange(len(phase))[:, None], 0)
    before = np.maximum.accumulate(place, axis=0)
    first = np.argmax(defined, axis=0)
    before = np.maximum(before, first)
    filled = np.take_along_axis(phase, before, axis=0)
    return np.where(defined, np.unwrap(filled, axis=0), np.nan)
