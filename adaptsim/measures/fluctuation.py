"""Spread of the output and its memory: variance, autocorrelation, return rate."""

from dataclasses import replace
from math import inf, nan
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from .autocorrelation import SMALLEST_TIME, integrated_time
from .measurement import Array, Measurement, Options, Settings
from .moments import Estimate, MomentEstimator, measure, over_realisations, undefined
from .series import Series, align, is_constant

# Fewer independent samples than this and the asymptotic corrections are no use.
FEWEST_SAMPLES = 5.0
# Fewer integrated times than this and the integrated time itself is biased low.
FEWEST_TIMES = 50.0


def stationary_variance(
    output: ArrayLike, *, detrend: bool = False, **options: Unpack[Options]
) -> Measurement:
    r"""Measure the variance of the output around its own mean.

    .. math:: \overline{(x_t - \bar x)^2} \; / \; (1 - 1 / n_{eff})

    with n_eff = n / (2 tau_int) of the mean, n for white noise. Each series loses its own mean;
    the integrated time is pooled over all of them.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        A stationary series [trait]; drop the transient with `burn_in`.
    detrend : bool
        Take out a straight line first.
    **options : Options
        burn_in, convention (recorded only), deterministic, forcing_period, level, n_resamples,
        seed: see `Settings`.

    Returns
    -------
    Measurement
        `stationary_variance` [trait^2].

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(scale=2.0, size=(5000, 4))
    >>> round(stationary_variance(noise).value)
    4

    References
    ----------
    The correction of the variance for dependence is textbook statistics; no source consulted.
    """
    settings = Settings(**options)
    method = "sample variance, corrected for n_eff" + (", detrended" if detrend else "")
    series = align(output, burn_in=settings.burn_in, n_least=4)
    if series.fault:
        return undefined("stationary_variance", "trait^2", method, settings, series.fault)
    if detrend:
        from scipy import signal

        straight = signal.detrend(series.output, axis=0)
        series = Series(straight, straight)
    n_eff = series.n_steps / (2.0 * integrated_time(series.output)[0])
    factor = 1.0 / (1.0 - 1.0 / n_eff) if n_eff > 1.0 else nan
    estimator = MomentEstimator(
        _first_two_powers, lambda means: factor * (means[1] - means[0] ** 2)
    )
    flag = "output constant" if is_constant(series.output) else ""
    few = "fewer than 5 independent samples" if n_eff < FEWEST_SAMPLES else ""
    name, unit = "stationary_variance", "trait^2"
    return measure(name, unit, method, estimator, series, settings, flag, few, least=0.0)


def autocorrelation_1(output: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure the correlation of the output with itself one step later.

    .. math:: \hat\phi = \frac{\operatorname{cov}(x_t, x_{t+1})}{\operatorname{var}(x_t)}, \qquad
              \phi = \frac{\hat\phi + 1/n}{1 - 3/n}

    The least-squares slope of n pairs is too small by (1 + 3 phi) / n in an AR(1) series; the
    second formula is the fixed point of taking that bias out again and again. 1 - g for a tracker
    of white noise.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        A stationary series [trait]; drop the transient with `burn_in`.
    **options : Options
        As in `stationary_variance`.

    Returns
    -------
    Measurement
        `autocorrelation_1` [1].

    Examples
    --------
    >>> import numpy as np
    >>> alternating = np.tile([1.0, -1.0], 500)
    >>> round(autocorrelation_1(alternating).value, 2)
    -1.0

    References
    ----------
    The bias is the classical result named after Marriott and Pope, and Kendall; the papers were
    not read here. The formula was checked by simulation.
    """
    settings = Settings(**options)
    method = "least-squares slope, bias corrected"
    series = align(output, burn_in=settings.burn_in, n_least=10)
    flag = series.fault or ("output constant" if is_constant(series.output) else "")
    if flag:
        return undefined("autocorrelation_1", "1", method, settings, flag)
    n_pairs = series.n_steps - 1
    estimator = MomentEstimator(
        _lagged_products, lambda means: (_slope(means) + 1.0 / n_pairs) / (1.0 - 3.0 / n_pairs)
    )
    result = measure("autocorrelation_1", "1", method, estimator, series, settings)
    return result.flagged("not stationary" if abs(result.value) >= 1.0 else "")


def return_rate(output: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure how fast deviations die out, from the corrected lag-1 autocorrelation.

    .. math:: -\ln |\phi|

    with phi and its interval from `autocorrelation_1`; -ln(1 - g) for a tracker of white noise.
    A negative phi means that deviations alternate in sign: flagged, the magnitude is reported.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        A stationary series [trait]; drop the transient with `burn_in`.
    **options : Options
        As in `stationary_variance`.

    Returns
    -------
    Measurement
        `return_rate` [1/step].

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=20_000)
    >>> output = np.zeros(20_000)
    >>> for t in range(19_999):
    ...     output[t + 1] = 0.8 * output[t] + noise[t]
    >>> round(return_rate(output).value, 1)
    0.2

    References
    ----------
    Follows from the autocorrelation of an AR(1) series; no source consulted.
    """
    source = autocorrelation_1(output, **options)
    result = replace(
        source, name="return_rate", unit="1/step", method=f"-ln abs of {source.method}"
    )
    if np.isnan(source.value):
        return result
    flag = "alternating" if source.value < 0.0 else ""
    if source.ci_low <= 0.0 <= source.ci_high:
        flag = "autocorrelation not distinguishable from zero"
    # The farther of the two ends from zero gives the slowest return.
    ends = sorted(_decay(end) for end in (source.ci_low, source.ci_high))
    high = inf if source.ci_low <= 0.0 <= source.ci_high else ends[1]
    value = _decay(source.value)
    return replace(result, value=value, ci_low=ends[0], ci_high=high).flagged(flag)


def integrated_autocorrelation_time(output: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure after how many steps samples count as new.

    .. math:: \tau = 1/2 + \sum_{k \ge 1} \rho_k

    1/2 for white noise, (1 + phi) / (2 (1 - phi)) for an AR(1) series: the mean of n steps is
    worth n / (2 tau) independent samples. The sum stops at the first lag of at least 5 tau (see
    `integrated_time`).

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        A stationary series [trait]; drop the transient with `burn_in`.
    **options : Options
        As in `stationary_variance`.

    Returns
    -------
    Measurement
        `integrated_autocorrelation_time` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=(4000, 6))
    >>> round(integrated_autocorrelation_time(noise).value, 1)
    0.5

    References
    ----------
    The window, and the standard error behind the interval of a single series, are known as
    Sokal's; the lecture notes were not read here. Both were checked by simulation.
    """
    settings = Settings(**options)
    name, method = "integrated_autocorrelation_time", "windowed sum of autocorrelations"
    series = align(output, burn_in=settings.burn_in, n_least=10)
    flag = series.fault or ("output constant" if is_constant(series.output) else "")
    if flag:
        return undefined(name, "steps", method, settings, flag)
    found = [integrated_time(series.output[:, j]) for j in range(series.n_realisations)]
    times = np.array([time for time, _ in found])
    estimate = over_realisations(times[:, None], settings)
    if times.size == 1 and not settings.deterministic:
        estimate = _sokal_interval(estimate, found[0][1], series.n_steps, settings.level)
    short = series.n_steps < FEWEST_TIMES * estimate.value
    flag = "shorter than 50 integrated times" if short else ""
    n = series.n_steps * series.n_realisations
    return estimate.named(name, "steps", method, settings, n, n / (2.0 * estimate.value), flag)


def effective_sample_size(output: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure how many independent samples the mean of the output is worth.

    .. math:: n_{eff} = n / (2 \tau)

    with tau and its interval from `integrated_autocorrelation_time`; n counts the steps of all
    realisations, not their members. For an AR(1) series n (1 - phi) / (1 + phi).

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        A stationary series [trait]; drop the transient with `burn_in`.
    **options : Options
        As in `stationary_variance`.

    Returns
    -------
    Measurement
        `effective_sample_size` [1].

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=4000)
    >>> bool(3500 < effective_sample_size(noise).value < 4500)
    True

    References
    ----------
    Textbook statistics of the mean of a dependent series; no source consulted.
    """
    source = integrated_autocorrelation_time(output, **options)
    ends = (
        nan if np.isnan(end) else source.n / (2.0 * max(end, SMALLEST_TIME))
        for end in (source.ci_high, source.ci_low)
    )
    low, high = ends
    return replace(
        source,
        name="effective_sample_size",
        unit="1",
        value=source.n_eff,
        ci_low=low,
        ci_high=high,
        method=f"n / (2 tau), tau by {source.method}",
    )


def _first_two_powers(output: Array, _: Array) -> Array:
    deviation = output - output.mean(axis=0)
    return np.stack([deviation, deviation**2])


def _lagged_products(output: Array, _: Array) -> Array:
    deviation = output - output.mean(axis=0)
    now, after = deviation[:-1], deviation[1:]
    return np.stack([now, after, now * after, now * now])


def _slope(means: Array) -> Array:
    now, after, product, square = means
    return np.asarray((product - now * after) / (square - now * now))


def _decay(correlation: float) -> float:
    return inf if correlation == 0.0 else float(-np.log(abs(correlation)))


def _sokal_interval(estimate: Estimate, window: int, n_steps: int, level: float) -> Estimate:
    half = special.ndtri(0.5 + level / 2) * estimate.value
    half *= np.sqrt(2.0 * (2.0 * window + 1.0) / n_steps)
    ends = estimate.value - float(half), estimate.value + float(half)
    return estimate.with_interval(*ends, f"normal interval, window {window} steps")
