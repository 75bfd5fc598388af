"""Tracking an optimum that jumps: to fresh values, or between two values (a telegraph).

Both have autocovariance ``V phi**k``, so the formulas of ``theory.autoregressive`` hold
with ``phi = 1 - h`` (fresh values, h the chance of a jump per step) and ``phi = 1 - 2 h``
(telegraph between plus and minus ``sqrt(V)``, h the chance of a switch per step).
"""

import numpy as np

from adaptsim.theory import autoregressive
from adaptsim.theory._closed_form import Convention, Floats, closed_form


@closed_form
def jump_correlation(hazard: Floats) -> Floats:
    """Return the lag-1 autocorrelation of jumps to fresh values, ``1 - h``.

    Parameters
    ----------
    hazard : float or array
        Chance h of a jump [1 / step].

    Returns
    -------
    float or array
        Autocorrelation [1]; nan unless ``0 <= h <= 1``.

    Examples
    --------
    >>> jump_correlation(0.25)
    0.75

    References
    ----------
    Derived here; verified against simulation in tests/theory.
    """
    return np.where((hazard >= 0) & (hazard <= 1), 1 - hazard, np.nan)


@closed_form
def telegraph_correlation(hazard: Floats) -> Floats:
    """Return the lag-1 autocorrelation of a telegraph, ``1 - 2 h``.

    Parameters
    ----------
    hazard : float or array
        Chance h of a switch of sign [1 / step].

    Returns
    -------
    float or array
        Autocorrelation [1]; nan unless ``0 <= h <= 1``.

    Examples
    --------
    >>> telegraph_correlation(0.25)
    0.5

    References
    ----------
    Derived here; verified against the two-state Markov chain in tests/theory.
    """
    return np.where((hazard >= 0) & (hazard <= 1), 1 - 2 * hazard, np.nan)


@closed_form
def tracking_mse(
    g: Floats,
    *,
    hazard: Floats,
    variance: Floats,
    observation_variance: Floats = 0.0,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the mean squared error on jumps to fresh values: AR(1) with ``phi = 1 - h``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    hazard : float or array
        Chance h of a jump [1 / step].
    variance : float or array
        Variance V of the values [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].
    convention : {"pre-update", "post-update"}
        Whether the error is taken before or after the update of the same step.

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``0 <= g < 2`` and ``0 < h <= 1``.

    Examples
    --------
    >>> round(tracking_mse(0.3, hazard=0.05, variance=1.0, observation_variance=0.25), 6)
    0.21971

    References
    ----------
    Derived here; verified against simulation of the recursion in tests/theory.
    """
    return autoregressive.tracking_mse(
        g,
        variance=variance,
        correlation=jump_correlation(hazard),
        observation_variance=observation_variance,
        convention=convention,
    )


@closed_form
def telegraph_tracking_mse(
    g: Floats,
    *,
    hazard: Floats,
    variance: Floats,
    observation_variance: Floats = 0.0,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the mean squared error on a telegraph: AR(1) with ``phi = 1 - 2 h``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    hazard : float or array
        Chance h of a switch of sign [1 / step].
    variance : float or array
        Variance V, the square of the two values [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].
    convention : {"pre-update", "post-update"}
        Whether the error is taken before or after the update of the same step.

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``0 <= g < 2`` and ``0 < h < 1``.

    Examples
    --------
    >>> mse = telegraph_tracking_mse(
    ...     0.3, hazard=0.025, variance=1.0, observation_variance=0.25
    ... )
    >>> round(mse, 6)
    0.21971

    References
    ----------
    Derived here; verified against simulation of the recursion in tests/theory.
    """
    return autoregressive.tracking_mse(
        g,
        variance=variance,
        correlation=telegraph_correlation(hazard),
        observation_variance=observation_variance,
        convention=convention,
    )


@closed_form
def best_gain(*, hazard: Floats, variance: Floats, observation_variance: Floats = 0.0) -> Floats:
    """Return the fixed gain of least error on jumps to fresh values.

    Rare jumps in noise: about ``sqrt(2 V h / R)``, so memory grows as the square root of
    the time between jumps.

    Parameters
    ----------
    hazard : float or array
        Chance h of a jump [1 / step].
    variance : float or array
        Variance V of the values [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Gain per step [1]; 0 from ``critical_hazard`` on; nan unless ``0 < h <= 1``.

    Examples
    --------
    >>> round(best_gain(hazard=0.01, variance=1.0, observation_variance=1.0), 6)
    0.122648

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory. Lee, Flack &
    Krakauer (2024), Proc. R. Soc. B 291:20241606, report a square-root law; abstract only.
    """
    return autoregressive.best_gain(
        variance=variance,
        correlation=jump_correlation(hazard),
        observation_variance=observation_variance,
    )


@closed_form
def telegraph_best_gain(
    *, hazard: Floats, variance: Floats, observation_variance: Floats = 0.0
) -> Floats:
    """Return the fixed gain of least error on a telegraph.

    Parameters
    ----------
    hazard : float or array
        Chance h of a switch of sign [1 / step].
    variance : float or array
        Variance V, the square of the two values [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Gain per step [1]; nan unless ``0 < h < 1``.

    Examples
    --------
    >>> round(telegraph_best_gain(hazard=0.005, variance=1.0, observation_variance=1.0), 6)
    0.122648

    References
    ----------
    Derived here; verified against ``best_gain`` in tests/theory.
    """
    return autoregressive.best_gain(
        variance=variance,
        correlation=telegraph_correlation(hazard),
        observation_variance=observation_variance,
    )


@closed_form
def critical_hazard(*, variance: Floats, observation_variance: Floats = 0.0) -> Floats:
    """Return the hazard of fresh values from which learning no longer pays.

    ``1 - (V + R) / (3 V + R) = 2 V / (3 V + R)``.

    Parameters
    ----------
    variance : float or array
        Variance V of the values [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Hazard [1 / step], at most 2/3.

    Examples
    --------
    >>> critical_hazard(variance=1.0, observation_variance=1.0)
    0.5

    References
    ----------
    Derived here; verified against ``best_gain`` in tests/theory.
    """
    return 2 * variance / (3 * variance + observation_variance)
