"""Memory: how clearly what was learnt can still be read, and for how long.

An ideal observer who knows the pattern that was stored compares it with the weights as they are
now. What it sees is a signal, the mean overlap, in noise, the spread of overlaps that all other
patterns make. Their ratio falls with the age of the memory; where it falls below 1 the memory is
gone. A synapse that changes easily has a large ratio at first and a short memory: the trade-off of
plasticity and stability.
"""

from dataclasses import dataclass
from math import nan
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from .measurement import Array, Measurement, Settings, joined
from .moments import over_realisations, undefined
from .step import StepOptions, StepSettings, read_step


def ideal_observer(weights: ArrayLike, patterns: ArrayLike, ages: ArrayLike) -> Array:
    r"""Return the ratio of signal to noise of memories, over their age.

    .. math:: SNR(a) = \sqrt N \, \overline{w_i(t) \, \xi_i(t - a)} / sd(w)

    the mean being over synapses and over all patterns of that age. It is right for patterns that
    are independent, with mean 0 and mean square 1, and for synapses that are alike.

    Parameters
    ----------
    weights : array, (T, N)
        Weights of ``N`` synapses, in steps in which they are at rest statistically.
    patterns : array, (T, N)
        What was stored in each step; the weights of step t have seen it.
    ages : array of int, (a,)
        Ages of memories, at least 0 [steps].

    Returns
    -------
    array, (a,)
        Ratio of signal to noise of each age; negative where chance has it so.

    Raises
    ------
    ValueError
        If shapes differ, or an age is not from 0 to T - 1.

    Examples
    --------
    >>> import numpy as np
    >>> stored = np.random.default_rng(1).choice([-1.0, 1.0], (4000, 100))
    >>> ideal_observer(stored, stored, [0]).round(3).tolist()  # the last pattern alone, whole
    [10.0]

    References
    ----------
    Fusi, Drew & Abbott (2005), Neuron 45:599; Benna & Fusi (2016), Nature Neuroscience 19:1697.
    Named from general knowledge, not re-read for this.
    """
    held, stored = np.asarray(weights, float), np.asarray(patterns, float)
    if held.ndim != 2 or held.shape != stored.shape:
        raise ValueError(
            f"weights and patterns must both have shape (T, N); got {held.shape}, {stored.shape}"
        )
    past = np.asarray(ages)
    if past.size and not (past.min() >= 0 and past.max() < len(held)):
        raise ValueError(f"ages must be from 0 to {len(held) - 1} [steps]; got {past.tolist()}")
    signal = [np.mean(held[age:] * stored[: len(held) - age]) for age in past]
    return np.asarray(signal) * np.sqrt(held.shape[1]) / held.std()


@dataclass(frozen=True)
class Retention:
    """The trade-off of plasticity and stability: what a memory is at first, and how long it lasts.

    Attributes
    ----------
    initial : Measurement
        ``initial_signal_to_noise`` [1].
    lifetime : Measurement
        ``memory_lifetime`` [steps].
    """

    initial: Measurement
    lifetime: Measurement


def retention(
    signal_to_noise: ArrayLike, times: ArrayLike | None = None, *, threshold: float = 1.0
) -> Retention:
    """Measure how clear a memory is at first, and at which age it falls below the threshold.

    Parameters
    ----------
    signal_to_noise : array, (T,) or (T, k)
        Ratio of signal to noise by age, of one memory or in k realisations.
    times : array, (T,)
        The ages, rising [steps]; 0, 1, 2, ... if not given.
    threshold : float
        Ratio at which the memory counts as gone, above 0.

    Returns
    -------
    Retention
        Both, with a t interval over realisations.

    Raises
    ------
    ValueError
        If times do not rise, are not as many as the ratios, or the threshold is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> ratio = 5.0 * np.exp(-np.arange(60) / 8)
    >>> found = retention(ratio)
    >>> found.initial.value, round(found.lifetime.value, 6)  # 8 ln 5
    (5.0, 12.875503)
    """
    ratios = np.asarray(signal_to_noise, float)
    ratios = ratios[:, None] if ratios.ndim == 1 else ratios
    ages = np.arange(len(ratios), dtype=float) if times is None else np.asarray(times, float)
    if ratios.ndim != 2 or ages.shape != (len(ratios),) or np.any(np.diff(ages) <= 0):
        raise ValueError(
            f"times must rise, one for each of {len(ratios)} ratios; got shape {ages.shape}"
        )
    if not threshold > 0:
        raise ValueError(f"threshold must be above 0; got {threshold}")
    lives = np.array([_lifetime(one, ages, threshold) for one in ratios.T])
    method = f"first age at which SNR is below {threshold:g}, log-linear in age"
    initial = _over(ratios[0], "initial_signal_to_noise", "1", f"at age {ages[0]:g}", len(ages))
    lasting = _over(lives, "memory_lifetime", "steps", method, len(ages))
    endless = bool(np.any(ratios.min(axis=0) >= threshold))
    return Retention(initial, lasting.flagged("outlives the series" if endless else ""))


def memory_lifetime(
    signal_to_noise: ArrayLike, times: ArrayLike | None = None, *, threshold: float = 1.0
) -> Measurement:
    """Measure the age at which a memory falls below the threshold; see `retention`.

    Between two ages the logarithm of the ratio is taken as linear. ``nan``, flagged, if it outlives
    the series; 0 if it is below the threshold from the first.

    Examples
    --------
    >>> memory_lifetime([4.0, 2.0, 0.5]).value
    1.5
    """
    return retention(signal_to_noise, times, threshold=threshold).lifetime


def _lifetime(ratio: Array, ages: Array, threshold: float) -> float:
    below = np.flatnonzero(ratio < threshold)
    if np.isnan(ratio).any() or not below.size:
        return nan
    after = int(below[0])
    if after == 0:
        return 0.0
    if ratio[after] <= 0:  # noise has carried it there: no logarithm
        part = (ratio[after - 1] - threshold) / (ratio[after - 1] - ratio[after])
    else:
        part = np.log(ratio[after - 1] / threshold) / np.log(ratio[after - 1] / ratio[after])
    return float(ages[after - 1] + part * (ages[after] - ages[after - 1]))


def _over(values: Array, name: str, unit: str, method: str, steps: int) -> Measurement:
    settings, count = Settings(deterministic=True), len(values)
    estimate = over_realisations(values[:, None], settings)
    return estimate.named(name, unit, method, settings, steps * count, float(count), "")


def initial_learning_speed(
    output: ArrayLike, at: int = 0, **options: Unpack[StepOptions]
) -> Measurement:
    r"""Measure how fast the error begins to fall after a step of the target.

    .. math:: -\ln |x_1 - x_{final}| / |x_0 - x_{final}|

    over the first step: ``-ln|1 - g|`` for a linear tracker of gain ``g``. Of several synapses that
    learn at different speeds it is that of their mean error.

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
        `initial_learning_speed` [1/step]; nan, flagged, where the error is gone at once.

    Examples
    --------
    >>> import numpy as np
    >>> round(initial_learning_speed(1.0 - 0.9 ** np.arange(60), final=1.0).value, 6)
    0.105361
    """
    settings = StepSettings(**options)
    step = read_step(output, at, settings)
    common = Settings(convention=settings.convention, level=settings.level)
    name, unit = "initial_learning_speed", "1/step"
    if step.fault:
        return undefined(name, unit, step.method, common, step.fault)
    with np.errstate(divide="ignore"):
        speeds = -np.log(np.abs(step.distance[1].mean(axis=-1, keepdims=True)))
    if np.isinf(speeds).any():
        return undefined(name, unit, step.method, common, "error gone at once")
    estimate = over_realisations(speeds, common)
    rows, count = step.distance.shape[:2]
    flag = joined(step.warning)
    return estimate.named(name, unit, step.method, common, rows * count, float(count), flag)
