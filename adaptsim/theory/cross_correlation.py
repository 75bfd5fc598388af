"""The lag at which trait and optimum correlate best: not the mean lag of the tracker.

For one slow tracker the mean lag is ``1 / rate`` while trait and optimum correlate best at
a shift of only about ``ln(2) / rate``. Observation noise does not change the result.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adaptsim.theory._closed_form import Convention, Floats, closed_form, is_post_update


@closed_form
def cross_covariance(
    lag: Floats,
    g: Floats,
    *,
    correlation: Floats,
    variance: Floats = 1.0,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the covariance of ``trait[t + lag]`` with an AR(1) ``optimum[t]``.

    Before the update, with ``a = 1 - g``: ``g V phi**(1 - k) / (1 - a phi)`` at lags
    ``k <= 0`` and ``g V ((phi**k - a**k) / (phi - a) + a**k phi / (1 - a phi))`` beyond.

    Parameters
    ----------
    lag : float or array
        Whole number of steps k by which the trait is read later [steps].
    g : float or array
        Gain per step [1].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1].
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    convention : {"pre-update", "post-update"}
        Post-update shifts the curve to lags shorter by exactly one step.

    Returns
    -------
    float or array
        Covariance [trait**2]; nan unless ``0 < g < 2`` and ``abs(phi) < 1``.

    Examples
    --------
    >>> round(cross_covariance(7, 0.1, correlation=0.99), 6)
    0.938604

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    k = lag + is_post_update(convention)
    a = 1 - g
    echo = correlation / (1 - a * correlation)
    ahead = correlation ** np.maximum(-k, 0) * echo
    behind = _geometric_sum(correlation, a, k) + a ** np.maximum(k, 0) * echo
    covariance = g * variance * np.where(k > 0, behind, ahead)
    return np.where((g > 0) & (g < 2) & (np.abs(correlation) < 1), covariance, np.nan)


@closed_form
def lag(g: Floats, *, correlation: Floats, convention: Convention = "pre-update") -> Floats:
    """Return the whole lag at which trait and AR(1) optimum correlate best.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1].
    convention : {"pre-update", "post-update"}
        Post-update is shorter by exactly one step.

    Returns
    -------
    float or array
        Lag [steps], a whole number; nan unless ``0 < g < 2`` and ``abs(phi) < 1``.

    Examples
    --------
    >>> lag(0.1, correlation=0.99), lag(0.2, correlation=0.95), lag(0.3, correlation=0.9)
    (7.0, 3.0, 2.0)

    References
    ----------
    Derived here; verified against a search of a wide range of lags in tests/theory.
    """
    g, correlation = np.broadcast_arrays(np.asarray(g), np.asarray(correlation))
    peak = _smooth_peak(g, correlation)
    missing = np.isnan(peak)
    if missing.any():
        peak[missing] = np.vectorize(_peak, otypes=[float])(g[missing], correlation[missing])
    return np.asarray(peak - is_post_update(convention))


@closed_form
def refined_lag(g: Floats, *, correlation: Floats, convention: Convention = "pre-update") -> Floats:
    """Return ``lag`` refined by the parabola through the peak and its two neighbours.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1].
    convention : {"pre-update", "post-update"}
        Post-update is shorter by exactly one step.

    Returns
    -------
    float or array
        Lag [steps]; nan unless ``0 < g < 2`` and ``abs(phi) < 1``.

    Examples
    --------
    >>> round(refined_lag(0.1, correlation=0.99), 2)
    6.83

    References
    ----------
    Derived here; verified against a parabola fitted by numpy.polyfit in tests/theory.
    """
    peak = lag(g, correlation=correlation)
    before, top, after = (
        cross_covariance(peak + shift, g, correlation=correlation) for shift in (-1, 0, 1)
    )
    offset = (before - after) / (2 * (before - 2 * top + after))
    return np.asarray(peak + offset - is_post_update(convention))


@closed_form
def continuous_cross_covariance(
    lag: Floats, rate: Floats, *, reversion_rate: Floats, variance: Floats = 1.0
) -> Floats:
    """Return the covariance of ``trait(t + lag)`` with an Ornstein-Uhlenbeck ``optimum(t)``.

    ``V a ((exp(-gamma s) - exp(-a s)) / (a - gamma) + exp(-a s) / (a + gamma))`` at lags
    ``s >= 0``, a being the rate; ``V a exp(gamma s) / (a + gamma)`` before.

    Parameters
    ----------
    lag : float or array
        Time s by which the trait is read later [time].
    rate : float or array
        Adaptation rate [1 / time].
    reversion_rate : float or array
        Rate gamma at which the optimum returns to its mean [1 / time].
    variance : float or array
        Stationary variance V of the optimum [trait**2].

    Returns
    -------
    float or array
        Covariance [trait**2]; nan unless both rates are positive.

    Examples
    --------
    >>> round(continuous_cross_covariance(0.0, 0.2, reversion_rate=0.05), 6)
    0.8

    References
    ----------
    Derived here; verified against numerical integration in tests/theory.
    """
    gap = rate - reversion_rate
    later = np.maximum(lag, 0)
    mixing = np.where(gap == 0, later, -np.expm1(-gap * later) / gap)
    echo = np.exp(-rate * later + reversion_rate * np.minimum(lag, 0)) / (rate + reversion_rate)
    covariance = variance * rate * (np.exp(-reversion_rate * later) * mixing + echo)
    return np.where((rate > 0) & (reversion_rate > 0), covariance, np.nan)


@closed_form
def continuous_lag(rate: Floats, *, reversion_rate: Floats) -> Floats:
    """Return the time shift of best correlation with an Ornstein-Uhlenbeck optimum.

    ``ln(2 a / (a + gamma)) / (a - gamma)``, a being the rate: it tends to ``ln(2) / a`` for
    a slow optimum and is ``1 / (2 a)`` at ``gamma = a``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    reversion_rate : float or array
        Rate gamma at which the optimum returns to its mean [1 / time].

    Returns
    -------
    float or array
        Lag [time]; nan unless ``rate > 0`` and ``gamma >= 0``.

    Examples
    --------
    >>> round(continuous_lag(0.2, reversion_rate=0.05), 6)
    3.133358

    References
    ----------
    Derived here; verified against the peak of ``continuous_cross_covariance`` in tests/theory.
    """
    gap, total = rate - reversion_rate, rate + reversion_rate
    shift = np.where(gap == 0, 1 / total, np.log1p(gap / total) / gap)
    return np.where((rate > 0) & (reversion_rate >= 0), shift, np.nan)


def _geometric_sum(a: Floats, b: Floats, k: Floats) -> Floats:
    """Sum ``a**j b**(k-1-j)`` over j = 0 .. k-1, accurate also where a and b nearly agree."""
    swap = np.abs(a) < np.abs(b)
    large, small = np.where(swap, b, a), np.where(swap, a, b)
    ratio = np.where(large == 0, 0.0, small / large)
    missing = np.where(ratio > 0, -np.expm1(k * np.log(np.abs(ratio))), 1 - ratio**k)
    return large ** (k - 1) * np.where(ratio == 1, k, missing / (1 - ratio))


NEAR = 1e-4
"""Where gain and memory of the optimum nearly agree the peak is searched for."""


def _smooth_peak(g: NDArray[Any], correlation: NDArray[Any]) -> NDArray[Any]:
    """Return the peak where the optimum does not alternate, nan elsewhere.

    For ``0 < a < 1`` the covariance is ``A phi**k + B a**k`` of a continuous lag too, largest at
    ``k = ln((1 - phi^2) ln(a) / ((1 - a phi) ln(phi))) / ln(phi / a)``; the whole lag is one of its
    neighbours. For ``-1 < a <= 0`` it is one step: at odd lags both terms are positive and fall,
    at even lags the second is negative.
    """
    a, phi = 1 - g, correlation
    smooth = (a > 0) & (a < 1) & (phi > 0) & (phi < 1) & (np.abs(phi - a) > NEAR)
    turn = np.log((1 - phi**2) * np.log(a) / ((1 - a * phi) * np.log(phi))) / np.log(phi / a)
    first = np.maximum(np.floor(np.where(smooth, turn, 0.0)) - 1, 0)
    lags = first + np.arange(4).reshape(4, *(1,) * np.ndim(g))
    best = np.argmax(cross_covariance(lags, g, correlation=phi), axis=0)
    at_once = (a > -1) & (a <= 0) & (phi > 0) & (phi < 1)
    return np.asarray(np.select([smooth, at_once], [first + best, 1.0], np.nan))


def _peak(g: float, correlation: float) -> float:
    """Search all lags that can hold the peak, which lies within the memory of the tracker."""
    if not (0 < g < 2 and abs(correlation) < 1):
        return float("nan")
    lags = np.arange(np.ceil(1 / min(g, 2 - g)) + 3)
    return float(np.argmax(cross_covariance(lags, g, correlation=correlation)))
