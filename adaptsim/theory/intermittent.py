"""Tracking from samples that arrive only with probability q in each step.

When no sample arrives the trait stays where it is; when one does,
``x += g (observation - x)``. An arrival is independent of everything else.
"""

import numpy as np

from adaptsim.theory._closed_form import (
    Convention,
    Floats,
    closed_form,
    is_post_update,
    where_stable,
)
from adaptsim.theory.random_walk import kalman_gain


@closed_form
def mean_contraction(g: Floats, *, probability: Floats) -> Floats:
    """Return the factor by which the mean deviation shrinks per step, ``1 - q g``.

    Parameters
    ----------
    g : float or array
        Gain of an update [1]; any value.
    probability : float or array
        Chance q that a step brings a sample [1].

    Returns
    -------
    float or array
        Factor per step [1].

    Examples
    --------
    >>> round(mean_contraction(0.4, probability=0.2), 6)
    0.92

    References
    ----------
    Derived here; verified against simulation of the recursion in tests/theory.
    """
    return 1 - probability * g


@closed_form
def mean_square_contraction(g: Floats, *, probability: Floats) -> Floats:
    """Return the factor by which the squared deviation shrinks, ``1 - 2 q g + q g**2``.

    It is below 1 for ``0 < g < 2`` whatever q: rare samples do not move the speed limit.

    Parameters
    ----------
    g : float or array
        Gain of an update [1]; any value.
    probability : float or array
        Chance q that a step brings a sample [1].

    Returns
    -------
    float or array
        Factor per step [1].

    Examples
    --------
    >>> round(mean_square_contraction(0.4, probability=0.2), 6)
    0.872

    References
    ----------
    Derived here; verified against the average over both outcomes in tests/theory.
    """
    return 1 - 2 * probability * g + probability * g**2


@closed_form
def mean_response(g: Floats, time: Floats, *, probability: Floats) -> Floats:
    """Return the mean response to a unit step of the optimum, ``1 - (1 - q g)**t``.

    Parameters
    ----------
    g : float or array
        Gain of an update [1]; any value.
    time : float or array
        Whole number of steps since the change [steps].
    probability : float or array
        Chance q that a step brings a sample [1].

    Returns
    -------
    float or array
        Mean trait as a fraction of the step [1].

    Examples
    --------
    >>> round(5 + 5 * mean_response(0.4, 30, probability=0.2), 6)
    9.590169

    References
    ----------
    Derived here; verified against simulation of the recursion in tests/theory.
    """
    return 1 - (1 - probability * g) ** time


@closed_form
def rise_time_63(g: Floats, *, probability: Floats) -> Floats:
    """Return the time in which the mean covers 63.2 % of a step, ``-1 / ln(abs(1 - q g))``.

    Parameters
    ----------
    g : float or array
        Gain of an update [1].
    probability : float or array
        Chance q that a step brings a sample [1].

    Returns
    -------
    float or array
        Time [steps], 0 where ``q g = 1``; nan unless ``0 < g < 2`` and ``0 < q <= 1``.

    Examples
    --------
    >>> round(rise_time_63(0.4, probability=0.2), 4)
    11.9931

    References
    ----------
    Derived here; verified against ``mean_response`` in tests/theory.
    """
    return _where_learning(g, probability, -1 / np.log(np.abs(1 - probability * g)))


@closed_form
def noise_variance(g: Floats, *, probability: Floats, observation_variance: Floats) -> Floats:
    """Return the stationary variance under a constant optimum, ``g R / (2-g)`` for any q.

    Parameters
    ----------
    g : float or array
        Gain of an update [1].
    probability : float or array
        Chance q that a step brings a sample [1]; it has no effect as long as it is not 0.
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Variance of the trait [trait**2]; nan unless ``0 < g < 2`` and ``0 < q <= 1``.

    Examples
    --------
    >>> round(noise_variance(0.4, probability=0.2, observation_variance=0.5), 6)
    0.125

    References
    ----------
    Derived here; verified against iteration of the variance in tests/theory.
    """
    return _where_learning(g, probability, g * observation_variance / (2 - g))


@closed_form
def tracking_mse(
    g: Floats,
    *,
    probability: Floats,
    drift_variance: Floats,
    observation_variance: Floats = 0.0,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the error on a random walk, ``(Q + q g**2 R) / (q g (2-g))`` before the update.

    Parameters
    ----------
    g : float or array
        Gain of an update [1].
    probability : float or array
        Chance q that a step brings a sample [1].
    drift_variance : float or array
        Variance Q of one step of the optimum [trait**2 / step].
    observation_variance : float or array
        Variance R of one observation [trait**2].
    convention : {"pre-update", "post-update"}
        Post-update, averaged over steps with and without a sample, is smaller by exactly Q.

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``0 < g < 2`` and ``0 < q <= 1``.

    Examples
    --------
    >>> mse = tracking_mse(
    ...     0.4, probability=0.2, drift_variance=0.01, observation_variance=0.5
    ... )
    >>> round(mse, 6)
    0.203125

    References
    ----------
    Derived here; verified against iteration of the mean square in tests/theory.
    """
    renewal = probability * g * (2 - g)
    mse = (drift_variance + probability * g**2 * observation_variance) / renewal
    if is_post_update(convention):
        mse = mse - drift_variance
    return _where_learning(g, probability, mse)


@closed_form
def best_gain(
    *, probability: Floats, drift_variance: Floats, observation_variance: Floats
) -> Floats:
    """Return the fixed gain of least error, the positive root of ``q R g**2 + Q g - Q = 0``.

    Rare samples deserve larger gains: it is the Kalman gain for noise of variance ``q R``.

    Parameters
    ----------
    probability : float or array
        Chance q that a step brings a sample [1].
    drift_variance : float or array
        Variance Q of one step of the optimum [trait**2 / step].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Gain of an update [1]; nan unless ``0 < q <= 1``.

    Examples
    --------
    >>> round(best_gain(probability=0.25, drift_variance=1.0, observation_variance=4.0), 6)
    0.618034

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    best = kalman_gain(
        drift_variance=drift_variance, observation_variance=probability * observation_variance
    )
    return np.where((probability > 0) & (probability <= 1), best, np.nan)


def _where_learning(g: Floats, probability: Floats, value: Floats) -> Floats:
    return np.where((probability > 0) & (probability <= 1), where_stable(g, value), np.nan)
