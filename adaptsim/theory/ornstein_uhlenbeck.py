"""Continuous tracking of a mean-reverting (Ornstein-Uhlenbeck) optimum in white noise.

The optimum has stationary variance V and autocovariance ``V exp(-gamma abs(t))``; the
observation adds white noise of intensity R_c.
"""

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def tracking_mse(
    rate: Floats, *, reversion_rate: Floats, variance: Floats, noise_intensity: Floats = 0.0
) -> Floats:
    """Return the mean squared error, ``V gamma / (rate + gamma) + rate R_c / 2``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time]; 0 means to rest at the mean of the optimum.
    reversion_rate : float or array
        Rate gamma at which the optimum returns to its mean [1 / time].
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    noise_intensity : float or array
        Intensity R_c: variance per sample times the time between samples [trait**2 time].

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan for negative rates or ``gamma <= 0``.

    Examples
    --------
    >>> round(
    ...     tracking_mse(0.2, reversion_rate=0.05, variance=1.0, noise_intensity=1.0), 6
    ... )
    0.3

    References
    ----------
    Derived here; verified against the continuous Lyapunov equation in tests/theory.
    """
    mse = variance * reversion_rate / (rate + reversion_rate) + rate * noise_intensity / 2
    return np.where((rate >= 0) & (reversion_rate > 0), mse, np.nan)


@closed_form
def best_rate(*, reversion_rate: Floats, variance: Floats, noise_intensity: Floats) -> Floats:
    """Return the rate of least error, ``sqrt(2 V gamma / R_c) - gamma``, or 0 if negative.

    It is hump-shaped in gamma: neither a frozen nor a frantic optimum is worth following.

    Parameters
    ----------
    reversion_rate : float or array
        Rate gamma at which the optimum returns to its mean [1 / time].
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    noise_intensity : float or array
        Intensity R_c of the observation noise [trait**2 time]; 0 gives infinity.

    Returns
    -------
    float or array
        Adaptation rate [1 / time].

    Examples
    --------
    >>> round(best_rate(reversion_rate=0.08, variance=1.0, noise_intensity=1.0), 6)
    0.32

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    balance = np.sqrt(2 * variance * reversion_rate / noise_intensity)
    return np.maximum(0, balance - reversion_rate)


@closed_form
def critical_reversion_rate(*, variance: Floats, noise_intensity: Floats) -> Floats:
    """Return the reversion rate above which learning does not pay, ``2 V / R_c``.

    Parameters
    ----------
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    noise_intensity : float or array
        Intensity R_c of the observation noise [trait**2 time].

    Returns
    -------
    float or array
        Reversion rate [1 / time]; infinite without noise.

    Examples
    --------
    >>> critical_reversion_rate(variance=1.0, noise_intensity=0.5)
    4.0

    References
    ----------
    Derived here; verified against ``best_rate`` in tests/theory.
    """
    return 2 * variance / noise_intensity
