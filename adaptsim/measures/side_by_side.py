"""Measures of many runs at once: the same estimates as one by one, in a fraction of the time.

An estimator of one run spends its time on small arrays and on its interval. Here the series of many
cells stand side by side as columns of one array, each with a window of its own (its burn-in), and a
measure is a handful of array operations for all of them. Formulas are those of the estimators
(`FirstOrderFit`, `ToneFit`); what is left out is the interval. A cell's numbers depend on its own
columns alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import pi, tau
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .autocorrelation import MOST_SERIES, SMALLEST_TIME, WINDOW
from .fluctuation import FEWEST_SAMPLES
from .lag import FirstOrder, FirstOrderFit
from .measurement import Integers, joined
from .series import LARGEST_MAGNITUDE
from .tone import SMALLEST_TONE, ToneFit, longest_spans
from .tracking import COLLINEAR

Array = NDArray[Any]


class Numbers(NamedTuple):
    """One measure of many cells.

    Attributes
    ----------
    value : (w,)
        Estimates, nan where there is none.
    flag : list of str
        A warning for each cell, or an empty text.
    """

    value: Array
    flag: list[str]

    def flagged(self, where: Array, warning: str) -> Numbers:
        """Return a copy with a warning where a condition holds."""
        if not np.any(where):
            return self
        pairs = zip(self.flag, where, strict=True)
        return self._replace(flag=[joined(flag, warning) if at else flag for flag, at in pairs])

    def without(self, faults: list[str]) -> Numbers:
        """Return a copy without a value where there is a fault, which becomes the flag."""
        if not any(faults):
            return self
        faulty = np.array([bool(fault) for fault in faults])
        flags = [fault or flag for fault, flag in zip(faults, self.flag, strict=True)]
        return Numbers(np.where(faulty, np.nan, self.value), flags)


@dataclass(frozen=True)
class SideBySide:
    """Output and target of many cells, each read from its ``first`` row to before its ``last``.

    Attributes
    ----------
    output, target : (T, w, k, m)
        ``w`` cells, ``k`` independent realisations of each, ``m`` members that share one.
    first, last : (w,)
        The window of each cell [rows].

    Examples
    --------
    >>> output = np.array([0.0, 2.0, 0.0, 2.0]).reshape(4, 1, 1, 1)
    >>> cells = SideBySide(output, np.ones_like(output), np.array([1]), np.array([4]))
    >>> tracking_mse(cells).value.tolist()
    [1.0]
    """

    output: Array
    target: Array
    first: Integers
    last: Integers

    @property
    def n_steps(self) -> Integers:
        """Rows in each window, ``(w,)``."""
        return self.last - self.first

    @property
    def n_realisations(self) -> int:
        """Independent realisations of each cell."""
        return int(self.output.shape[2])

    def columns(self, per_cell: Array) -> Array:
        """Return one number per cell as one per column, ``(w k m,)``."""
        _, _, k, m = self.output.shape
        return np.repeat(per_cell, k * m)

    def cells(self, per_column: Array) -> Array:
        """Return numbers per column as ``(..., w, k, m)``."""
        return per_column.reshape(*per_column.shape[:-1], *self.output.shape[1:])

    def inside(self, shorter: int = 0) -> Array:
        """Return which rows are in the windows, ``(T - shorter, w k m)``."""
        if shorter not in self._inside:
            self._inside[shorter] = self._windows(shorter)
            self._sizes[shorter] = self._inside[shorter].sum(axis=0)
        return self._inside[shorter]

    @cached_property
    def _inside(self) -> dict[int, Array]:
        return {}

    @cached_property
    def _sizes(self) -> dict[int, Array]:
        return {}

    def _windows(self, shorter: int) -> Array:
        time = np.arange(len(self.output) - shorter)[:, None]
        return (time >= self.columns(self.first)) & (time < self.columns(self.last) - shorter)

    def mean(self, values: Array) -> Array:
        """Return means over the windows of ``(..., T', w k m)``, rows ``T - T'`` fewer."""
        shorter = len(self.output) - values.shape[-2]
        total = np.where(self.inside(shorter), values, 0.0).sum(axis=-2)
        return np.asarray(total / self._sizes[shorter])

    @cached_property
    def centred(self) -> tuple[Array, Array]:
        """Return output and target less their means over the windows, zero outside them."""
        inside = self.inside()
        flat = (values.reshape(len(values), -1) for values in (self.output, self.target))
        with np.errstate(all="ignore"):
            output, target = (np.where(inside, values - self.mean(values), 0.0) for values in flat)
        return output, target

    @cached_property
    def error(self) -> Array:
        """Return output less target, ``(T, w k m)``."""
        return (self.output - self.target).reshape(len(self.output), -1)

    def means(self, products: Callable[[Array, Array], list[Array]]) -> Array:
        """Return the means of an estimator's products over the windows, ``(C, w k m)``.

        One after another: all at once would not stay in the processor's cache.
        """
        return np.stack([self.mean(one) for one in products(*self.centred)])

    def faults(self, n_least: int | Integers = 1) -> list[str]:
        """Return why nothing can be measured of a cell, as `series.align` says it."""
        short = self.n_steps < np.maximum(n_least, 1)
        return ["too short" if few else fault
                for few, fault in zip(short, self._unbounded, strict=True)]  # fmt: skip

    @cached_property
    def _unbounded(self) -> list[str]:
        bounded = [self._bounded(self.output)]
        bounded.append(bounded[0] if self.target is self.output else self._bounded(self.target))
        words = {(True, True): "", (True, False): "target not finite"}
        return [words.get((bool(o), bool(t)), "diverged") for o, t in zip(*bounded, strict=True)]

    def _bounded(self, values: Array) -> Array:
        """Return whether all that a cell has in its window is bounded; nan and infinity are not."""
        values = np.where(self.inside(), values.reshape(len(values), -1), 0.0)
        size = np.maximum(values.max(axis=0), -values.min(axis=0))
        return np.asarray(self.cells(size < LARGEST_MAGNITUDE).all(axis=(1, 2)))

    @cached_property
    def constant(self) -> list[str]:
        """Name what never changes in a cell, as `series.constant_series` does."""
        words = {(True, True): "both constant", (True, False): "output constant",
                 (False, True): "target constant", (False, False): ""}  # fmt: skip
        still = [self._still(values) for values in (self.output, self.target)]
        return [words[bool(output), bool(target)] for output, target in zip(*still, strict=True)]

    def _still(self, values: Array) -> Array:
        inside, flat = self.inside(), values.reshape(len(values), -1)
        high, low = np.where(inside, flat, -np.inf).max(0), np.where(inside, flat, np.inf).min(0)
        still = high - low <= 1e-13 * np.maximum(np.abs(high), np.abs(low))
        return np.asarray(self.cells(still).all(axis=(1, 2)))


def averaged(values: Array, faults: list[str]) -> Numbers:
    """Average ``(w, k, m)`` over members, then realisations, as `moments.over_realisations`."""
    with np.errstate(all="ignore"):
        defined = ~np.isnan(values)
        count = defined.sum(axis=2)
        single = np.where(defined, values, 0.0).sum(axis=2) / count
        known = count > 0
        value = np.where(known, single, 0.0).sum(axis=1) / known.sum(axis=1)
    found, k = Numbers(value, [""] * len(value)), values.shape[1]
    if not defined.all():
        missing = (~defined.all(axis=2)).sum(axis=1)
        flags = ["undefined" if not some else f"undefined in {few} of {k} realisations" if few
                 else "" for few, some in zip(missing, known.any(axis=1), strict=True)]  # fmt: skip
        found = found._replace(flag=flags)
    infinite = np.isinf(value)
    return found.without(["diverged" if at else "" for at in infinite]).without(faults)


def either(*faults: list[str]) -> list[str]:
    """Return the first fault of each cell."""
    return [next(filter(None, each), "") for each in zip(*faults, strict=True)]


def tracking_mse(cells: SideBySide) -> Numbers:
    """Return mean squared errors [trait^2], see `tracking.tracking_mse`."""
    with np.errstate(all="ignore"):
        return averaged(cells.cells(cells.mean(cells.error**2)), cells.faults())


def window_mean(cells: SideBySide) -> Numbers:
    """Return means of the output [trait]."""
    values = cells.output.reshape(len(cells.output), -1)
    with np.errstate(all="ignore"):
        return averaged(cells.cells(cells.mean(values)), cells.faults())


def ramp_lag(cells: SideBySide) -> Numbers:
    """Return mean lags behind straight ramps [rows], see `lag.ramp_lag`."""
    time = np.arange(len(cells.output))[:, None]
    x, y = cells.centred
    inside = cells.inside()
    with np.errstate(all="ignore"):
        around = np.where(inside, time - cells.mean(np.broadcast_to(time, x.shape) * 1.0), 0.0)
        slope = (around * y).sum(axis=0) / (around**2).sum(axis=0)
        values = cells.cells(-cells.mean(cells.error) / slope)
        bent = np.abs(y - slope * around).max(axis=0) > 1e-6 * np.abs(slope) * inside.sum(axis=0)
    still = ["target does not move" if none else "" for none in
             cells.cells(slope == 0.0).any(axis=(1, 2))]  # fmt: skip
    found = averaged(values, either(cells.faults(3), still))
    return found.flagged(cells.cells(bent).any(axis=(1, 2)), "target is not a straight ramp")


def static_regret(cells: SideBySide) -> Numbers:
    """Return regrets against the best constant [loss], see `regret.static_regret`."""
    with np.errstate(all="ignore"):
        around = cells.centred[1]
        lost, spread = cells.mean(cells.error**2), cells.mean(around**2)
        values = cells.cells(0.5 * (lost - spread)) * cells.n_steps[:, None, None]
    return averaged(values, cells.faults())


def mean_lag(cells: SideBySide) -> Numbers:
    """Return mean lags of the impulse response [rows], see `lag.mean_lag`."""
    fit = FirstOrderFit()
    with np.errstate(all="ignore"):
        fitted = fit.solve(cells.means(fit.products))
        rate = np.where((fitted.rate > 0.0) & (fitted.rate < 2.0), fitted.rate, np.nan)
        values = cells.cells(1.0 / rate)
    found = averaged(values, either(cells.faults(8), cells.constant))
    rates, clarity = cells.cells(fitted.rate), cells.cells(np.nan_to_num(fitted.clarity))
    collinear = np.isnan(rates).all(axis=(1, 2))
    dying = ((rates > 0.0) & (rates < 2.0)).any(axis=(1, 2))
    weak = clarity.mean(axis=(1, 2)) * (cells.n_steps - 4) * cells.n_realisations < 4.0
    fine = np.array([not flag for flag in either(cells.faults(8), cells.constant)])
    found = found.flagged(fine & collinear, "output and target are collinear")
    found = found.flagged(fine & ~collinear & ~dying, "fitted response does not die out")
    return found.flagged(fine & ~collinear & weak, "no clear response to the target")


def tone(cells: SideBySide, period: Array) -> tuple[Numbers, Numbers]:
    """Return phase lags [rows] and gains [1] at a period of each cell [rows].

    See `tone.phase_lag` and `tone.gain`; the target is the drive.
    """
    faults = cells.faults(np.maximum(4, np.ceil(period)).astype(int))
    faults = either(["" if at > 2 else "period must exceed 2 steps" for at in period], faults)
    whole = np.maximum(longest_spans(cells.n_steps, period), 2)
    cells = replace(cells, last=np.minimum(cells.first + whole, cells.last))
    omega = cells.columns(tau / period)
    fit = ToneFit(omega)  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        means = cells.means(fit.products)
        output, drive = fit.amplitudes(means)
        spread = np.sqrt(cells.mean(cells.centred[1] ** 2))
        absent = cells.cells(np.abs(drive) <= SMALLEST_TONE * spread).any(axis=(1, 2))
        ratio = output / drive
        phase = cells.cells(-np.angle(ratio))
        turns = np.where(np.isnan(phase), 0.0, np.exp(1j * phase)).sum(axis=(1, 2))
        centre = (np.angle(turns) + pi / 2) % tau - pi / 2
        near = centre[:, None, None] + (phase - centre[:, None, None] + pi) % tau - pi
    still = cells.constant
    silent = ["drive has no power at this period" if at else "" for at in absent]
    faults = either(faults, still, silent)
    moving = [fault if fault != "output constant" else "" for fault in faults]
    lag = averaged(near / (tau / period)[:, None, None], faults)
    lag = lag.flagged(~np.isnan(lag.value) & (centre > pi), "beyond half a period: lag or lead")
    gain = averaged(cells.cells(np.abs(ratio)), moving)
    return lag, gain.flagged(np.array([s == "output constant" for s in still]), "output constant")


def cross_correlation_lag(cells: SideBySide) -> Numbers:
    """Return shifts of best agreement [rows], see `cross_correlation.cross_correlation_lag`."""
    x, y = cells.centred
    n = cells.columns(cells.n_steps)
    most = np.maximum(1, n // 4)
    longest = max(1, len(x) // 4)
    size = fft.next_fast_len(len(x) + longest, real=True)
    with np.errstate(all="ignore"):
        circular = fft.irfft(
            fft.rfft(x, size, axis=0) * fft.rfft(y, size, axis=0).conj(), size, axis=0
        )
    shifts = np.arange(-longest, longest + 1)
    searched = np.abs(shifts)[:, None] <= most
    with np.errstate(all="ignore"):
        curve = circular[shifts] / (n - np.abs(shifts)[:, None])
        curve = np.where(searched & np.isfinite(curve), curve, -np.inf)
    top = np.argmax(curve, axis=0)
    inner = np.clip(top, longest - most + 1, longest + most - 1)
    before, at, after = (np.take_along_axis(curve, (inner + d)[None], axis=0)[0]
                         for d in (-1, 0, 1))  # fmt: skip
    with np.errstate(all="ignore"):
        bend = before - 2.0 * at + after
        shift = np.where(bend < 0.0, 0.5 * (before - after) / bend, 0.0)
    peak = np.where(top == inner, inner + shift, top) - longest
    found = averaged(cells.cells(peak), either(cells.faults(17), cells.constant))
    edge = cells.cells(np.abs(top - longest) == most).any(axis=(1, 2))
    return found.flagged(edge & ~np.isnan(found.value), "peak at the edge of the search")


def error_parts(cells: SideBySide) -> tuple[Numbers, Numbers, Numbers]:
    """Return squared bias, lag error and noise error [trait^2], see `tracking`."""
    faults = cells.faults(8)
    with np.errstate(all="ignore"):
        fit = FirstOrderFit()
        fitted = fit.solve(cells.means(fit.products))
        bias = cells.mean(cells.error)
        error = np.where(cells.inside(), cells.error - bias, 0.0)
        response = _noiseless(cells, fitted)
        explained = _projected(error, cells.centred[1], response)
        parts = (bias**2, cells.mean(explained**2), cells.mean((error - explained) ** 2))
    squared, lag, noise = (averaged(cells.cells(part), faults) for part in parts)
    return squared, lag, noise


def _noiseless(cells: SideBySide, fitted: FirstOrder) -> Array:
    """Return what the fitted trackers would do without noise, centred, zero outside the windows.

    The recursion ``x[t+1] = kept x[t] + push[t]`` is summed by doubling: each pass adds what came
    twice as long before.
    """
    output, target = cells.centred
    first, columns = cells.columns(cells.first), np.arange(output.shape[1])
    follows = (fitted.rate > 0.0) & (fitted.rate < 2.0)
    kept = np.where(follows, 1.0 - fitted.rate, 0.0)
    response = np.zeros_like(output)
    response[1:] = fitted.strength * target[:-1] + fitted.intercept
    response = np.where(cells.inside(), response, 0.0)
    response[first, columns] = output[first, columns]
    reach = 1
    while reach < len(response):
        response[reach:] += kept**reach * response[:-reach]
        reach *= 2
    response = np.where(cells.inside() & follows, response, target)
    return np.where(cells.inside(), response - cells.mean(response), 0.0)


def _projected(error: Array, target: Array, response: Array) -> Array:
    """Return the part of errors in the span of target and response, all ``(T, columns)``."""
    sizes = np.sqrt(np.maximum((target**2).sum(0), (response**2).sum(0)))
    explained = np.zeros_like(error)
    basis: list[Array] = []
    for vector in (target, response):
        rest = vector
        for _ in range(2):  # once more: the first leaves a part of the size of rounding
            for unit in basis:
                rest = rest - unit * (unit * rest).sum(axis=0)
        size = np.sqrt((rest**2).sum(axis=0))
        unit = np.where(size > COLLINEAR * sizes, rest / size, 0.0)
        basis.append(unit)
        explained = explained + unit * (unit * error).sum(axis=0)
    return explained


def stationary_variance(cells: SideBySide) -> Numbers:
    """Return variances, corrected for dependence [trait^2], see `fluctuation`."""
    x, _ = cells.centred
    with np.errstate(all="ignore"):
        n_eff = cells.n_steps / (2.0 * integrated_times(cells))
        factor = np.where(n_eff > 1.0, 1.0 / (1.0 - 1.0 / n_eff), np.nan)
        values = cells.cells(cells.mean(x**2)) * factor[:, None, None]
    found = averaged(values, cells.faults(4))
    found = found.flagged(np.array(["output" in s or "both" in s for s in cells.constant]),
                          "output constant")  # fmt: skip
    return found.flagged(n_eff < FEWEST_SAMPLES, "fewer than 5 independent samples")


def integrated_times(cells: SideBySide) -> Array:
    """Return the integrated autocorrelation time of each cell [rows], see `integrated_time`."""
    x = cells.cells(cells.centred[0])
    x = x.reshape(*x.shape[:2], -1)
    x = x[..., :: -(-x.shape[2] // MOST_SERIES)]
    rows = len(x)
    size = fft.next_fast_len(2 * rows, real=True)
    spectrum = fft.rfft(x, size, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=2)
    covariance = fft.irfft(power, size, axis=0)[:rows]
    still = ~(covariance[0] > 0.0)
    correlation = covariance / np.where(still, 1.0, covariance[0])
    lags, n = np.arange(rows)[:, None], cells.n_steps
    times = np.cumsum(np.where(lags < n, correlation, 0.0), axis=0) - 0.5
    size = np.abs(correlation)
    spans = np.cumsum(np.where((size > 2.0 / np.sqrt(n)) & (lags < n), size, 0.0), axis=0) - 0.5
    spans = np.where(correlation[min(1, rows - 1)] < 0.0, spans, times)
    wide = (lags >= WINDOW * spans) & (lags < n)
    window = np.where(wide.any(axis=0), np.argmax(wide, axis=0), n - 1)
    found = np.take_along_axis(times, window[None], axis=0)[0]
    return np.where(still, 0.5, np.maximum(found, SMALLEST_TIME))


def autocorrelation_1(cells: SideBySide) -> Numbers:
    """Return correlations with the next step, bias corrected [1], see `fluctuation`."""
    x, _ = cells.centred
    now, after = x[:-1], x[1:]
    with np.errstate(all="ignore"):
        first, second = cells.mean(now), cells.mean(after)
        slope = (cells.mean(now * after) - first * second) / (cells.mean(now * now) - first**2)
        pairs = (cells.n_steps - 1)[:, None, None]
        values = (cells.cells(slope) + 1.0 / pairs) / (1.0 - 3.0 / pairs)
    still = ["output constant" if "output" in s or "both" in s else "" for s in cells.constant]
    found = averaged(values, either(cells.faults(10), still))
    return found.flagged(np.abs(found.value) >= 1.0, "not stationary")


def return_rate(correlation: Numbers) -> Numbers:
    """Return how fast deviations die out [1/row], from the correlations with the next step."""
    with np.errstate(all="ignore"):
        rate = Numbers(-np.log(np.abs(correlation.value)), correlation.flag)
    return rate.flagged(correlation.value < 0.0, "alternating")
