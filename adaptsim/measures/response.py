"""Answer to a step of the target: how soon, how much too far, how long until it stays.

All times are counted from `at`, the first step at which the target has its new value. Pre-update,
output[at] has not yet seen it and is the value before the step; post-update it has, and the value
before the step is output[at - 1].
"""

from dataclasses import replace
from math import e, nan
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from .measurement import Array, Integers, Measurement, Settings, joined
from .moments import over_realisations, undefined
from .step import Step, StepOptions, StepSettings, read_step

SETTLED = 0.02
# Distances are compared with this relative slack, so that rounding does not delay a crossing.
SLACK = 1e-12


def rise_time_63(output: ArrayLike, at: int = 0, **options: Unpack[StepOptions]) -> Measurement:
    r"""Measure the time until 1 - 1/e of a step has been made good.

    .. math:: |x - x_{final}| \le |x_{final} - x_{initial}| / e

    for the first time; -1/ln|1 - g| steps for a linear tracker. The distance is what counts, so a
    tracker that alternates around its target (g > 1) is timed by the envelope of its approach.
    Noise makes the first crossing early: average over members, or fit.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    at : int
        First step at which the target has its new value.
    **options : StepOptions
        initial, final, target, method, convention, level, deterministic: see `StepSettings`.

    Returns
    -------
    Measurement
        `rise_time_63` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> output = 1.0 - 0.9 ** np.arange(300)
    >>> round(rise_time_63(output, final=1.0).value, 6)
    9.491222
    >>> rise_time_63(output, final=1.0, method="grid").value
    10.0

    References
    ----------
    The definition is that of the time constant in control theory; no source consulted.
    """
    settings = StepSettings(**options)
    step = read_step(output, at, settings)
    times = first_inside(step.distance, 1.0 / e, settings.method) + step.first_time
    return _timed("rise_time_63", times, step, settings, "not reached", _alternating(step))


def rise_time_10_90(output: ArrayLike, at: int = 0, **options: Unpack[StepOptions]) -> Measurement:
    r"""Measure the time from 10 % to 90 % of a step.

    The distance from the final value is timed as in `rise_time_63`: ln 9 / -ln|1 - g| steps for a
    linear tracker.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    at : int
        First step at which the target has its new value.
    **options : StepOptions
        As in `rise_time_63`.

    Returns
    -------
    Measurement
        `rise_time_10_90` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> output = 1.0 - 0.9 ** np.arange(300)
    >>> round(rise_time_10_90(output, final=1.0).value, 6)
    20.854345

    References
    ----------
    The definition is usual in control theory (`step_info` of python-control, for one).
    """
    settings = StepSettings(**options)
    step = read_step(output, at, settings)
    low, high = (first_inside(step.distance, left, settings.method) for left in (0.9, 0.1))
    return _timed("rise_time_10_90", high - low, step, settings, "not reached", _alternating(step))


def settling_time(
    output: ArrayLike, at: int = 0, *, band: float = SETTLED, **options: Unpack[StepOptions]
) -> Measurement:
    r"""Measure the time after which the output stays in a band around its final value.

    .. math:: |x - x_{final}| \le \text{band} \cdot |x_{final} - x_{initial}|

    from then on; ln(band) / ln|1 - g| steps for a linear tracker. A response that ends outside the
    band has not settled: `nan`, flagged. Noise as large as the band is flagged: widen the band.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    at : int
        First step at which the target has its new value.
    band : float
        Half width of the band, fraction of the step.
    **options : StepOptions
        As in `rise_time_63`.

    Returns
    -------
    Measurement
        `settling_time` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> output = 1.0 - 0.9 ** np.arange(300)
    >>> round(settling_time(output, final=1.0).value, 6)
    37.129877

    References
    ----------
    The definition is usual in control theory (`step_info` of python-control, for one).
    """
    settings = StepSettings(**options)
    step = read_step(output, at, settings)
    times = last_outside(step.distance, band, settings.method) + step.first_time
    result = _timed("settling_time", times, step, settings, "not settled", step.noise_flag(band))
    # A mean over those that did settle would be too short.
    unsettled = "not settled" in result.flag
    return replace(result, value=nan, ci_low=nan, ci_high=nan) if unsettled else result


def overshoot(output: ArrayLike, at: int = 0, **options: Unpack[StepOptions]) -> Measurement:
    r"""Measure how far beyond its final value the output goes, as a fraction of the step.

    .. math:: \max_t (x_t - x_{final}) / (x_{final} - x_{initial}), \quad \text{at least } 0

    max(0, g - 1) for a linear tracker. Noise inflates a maximum, so the members of a realisation
    are averaged first; what noise remains is flagged where it exceeds 2 % of the step.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    at : int
        First step at which the target has its new value.
    **options : StepOptions
        As in `rise_time_63`; `method` has no effect.

    Returns
    -------
    Measurement
        `overshoot` [1].

    Examples
    --------
    >>> import numpy as np
    >>> output = 1.0 - (-0.5) ** np.arange(60)
    >>> overshoot(output, final=1.0).value
    0.5

    References
    ----------
    The definition is usual in control theory (`step_info` of python-control, for one).
    """
    settings = StepSettings(**options)
    step = read_step(output, at, settings).member_mean()
    beyond = np.maximum(0.0, np.max(-step.distance, axis=0, initial=0.0))
    noise = "noise inflates the maximum" if step.noise_flag(SETTLED) else ""
    return _timed("overshoot", beyond, step, settings, "undefined", noise, unit="1")


def first_inside(distance: Array, threshold: float, method: str) -> Array:
    """Return when the distance first is at most `threshold`, `nan` if never.

    Parameters
    ----------
    distance : (n, k, m)
        Distance from the final value, of either sign, fraction of the step.
    threshold : float
        Fraction of the step.
    method : str
        `interpolated`, `linear` or `grid`.

    Returns
    -------
    (k, m)
        Rows from the first, continuous-valued unless `grid`.

    Examples
    --------
    >>> import numpy as np
    >>> halved = 0.5 ** np.arange(5.0)[:, None, None]
    >>> round(first_inside(halved, 0.5**1.5, "interpolated").item(), 9)
    1.5
    """
    size = np.abs(distance)
    inside = size <= threshold * (1.0 + SLACK)
    after = np.argmax(inside, axis=0)
    time = after - 1.0 + _fraction(size, np.maximum(after, 1), threshold, method)
    return np.where(inside.any(axis=0), np.where(after == 0, 0.0, time), nan)


def last_outside(distance: Array, threshold: float, method: str) -> Array:
    """Return after when the distance stays at most `threshold`, `nan` if it ends outside.

    Parameters and result are those of `first_inside`.

    Examples
    --------
    >>> import numpy as np
    >>> halved = 0.5 ** np.arange(9.0)[:, None, None]
    >>> round(last_outside(halved, 0.5**4.5, "interpolated").item(), 9)
    4.5
    """
    size = np.abs(distance)
    outside = size > threshold * (1.0 + SLACK)
    after = size.shape[0] - np.argmax(outside[::-1], axis=0)
    ends_outside = outside[-1]
    row = np.clip(after, 1, size.shape[0] - 1)
    time = row - 1.0 + _fraction(size, row, threshold, method)
    return np.where(ends_outside, nan, np.where(outside.any(axis=0), time, 0.0))


def _fraction(size: Array, after: Integers, threshold: float, method: str) -> Array:
    """Part of the step before row `after` that passes until the threshold is met."""
    if method == "grid":
        return np.ones(after.shape)
    before = np.take_along_axis(size, after[None] - 1, axis=0)[0]
    behind = np.take_along_axis(size, after[None], axis=0)[0]
    with np.errstate(all="ignore"):
        if method == "linear":
            part = (before - threshold) / (before - behind)
        else:
            # A distance of exactly zero is the limit of ever faster decay: no time at all.
            part = np.log(before / threshold) / np.log(before / behind)
    return np.clip(np.where(before > behind, part, 0.0), 0.0, 1.0)


def _alternating(step: Step) -> str:
    """Flag an approach that has changed sides before it came within 1/e."""
    if step.fault:
        return ""
    within = np.abs(step.distance) <= (1.0 + SLACK) / e
    before = np.cumsum(within, axis=0) == 0
    return "alternating" if np.any(before & (step.distance < 0.0)) else ""


def _timed(
    name: str,
    values: Array,
    step: Step,
    settings: StepSettings,
    failure: str,
    warning: str,
    unit: str = "steps",
) -> Measurement:
    """Name the values (k, m), with the interval over realisations."""
    method = step.method if unit == "1" else f"{settings.method}, {step.method}"
    common = Settings(convention=settings.convention, level=settings.level)
    if step.fault:
        return undefined(name, unit, method, common, step.fault)
    estimate = over_realisations(values, common)
    n_steps, k = step.distance.shape[:2]
    missing = failure if np.isnan(values).any() else ""
    single = k == 1 and not settings.deterministic
    alone = "no interval from one realisation" if single else ""
    flag = joined(missing, warning, step.warning, alone)
    return estimate.named(name, unit, method, common, n_steps * k, float(k), flag)
