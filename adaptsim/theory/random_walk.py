"""Tracking an optimum that performs a random walk, from noisy observations.

Each step the optimum moves by a step of variance Q and is seen with noise of variance R.
The best linear tracker has a fixed gain in the long run: the steady Kalman gain.
"""

import numpy as np

from adaptsim.theory._closed_form import (
    Convention,
    Floats,
    closed_form,
    is_post_update,
    where_stable,
)
from adaptsim.theory.tracker import post_update_mse


@closed_form
def tracking_mse(
    g: Floats,
    *,
    drift_variance: Floats,
    observation_variance: Floats = 0.0,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the mean squared tracking error, ``(Q + g**2 R) / (g (2-g))`` before the update.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    drift_variance : float or array
        Variance Q of one step of the optimum [trait**2 / step].
    observation_variance : float or array
        Variance R of one observation [trait**2].
    convention : {"pre-update", "post-update"}
        Post-update is smaller by exactly Q.

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> round(tracking_mse(0.5, drift_variance=0.01, observation_variance=1.0), 6)
    0.346667

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    mse = (drift_variance + g**2 * observation_variance) / (g * (2 - g))
    if is_post_update(convention):
        mse = post_update_mse(mse, g, observation_variance=observation_variance)
    return where_stable(g, mse)


@closed_form
def kalman_gain(*, drift_variance: Floats, observation_variance: Floats) -> Floats:
    """Return the gain of least error, the positive root of ``R g**2 + Q g - Q = 0``.

    About ``sqrt(Q / R)`` when the drift is slow. It is best in both conventions.

    Parameters
    ----------
    drift_variance : float or array
        Variance Q of one step of the optimum [trait**2 / step].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Gain per step [1], from 0 to 1; nan where Q and R are both 0.

    Examples
    --------
    >>> round(kalman_gain(drift_variance=0.01, observation_variance=1.0), 6)
    0.095125
    >>> round(kalman_gain(drift_variance=1.0, observation_variance=1.0), 6)
    0.618034

    References
    ----------
    Derived here; verified against iteration of the Riccati recursion in tests/theory. Muth
    (1960), J. Am. Stat. Assoc. 55, treats the same problem; not read.
    """
    return 2 / (1 + np.sqrt(1 + 4 * observation_variance / drift_variance))


@closed_form
def kalman_mse(
    *,
    drift_variance: Floats,
    observation_variance: Floats,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the least mean squared error, ``P = (Q + sqrt(Q**2 + 4 Q R)) / 2``.

    Parameters
    ----------
    drift_variance : float or array
        Variance Q of one step of the optimum [trait**2 / step].
    observation_variance : float or array
        Variance R of one observation [trait**2].
    convention : {"pre-update", "post-update"}
        Post-update is ``(1 - K) P = K R`` with K the Kalman gain.

    Returns
    -------
    float or array
        Mean squared error [trait**2].

    Examples
    --------
    >>> round(kalman_mse(drift_variance=0.01, observation_variance=1.0), 6)
    0.105125

    References
    ----------
    Derived here; verified against scipy.linalg.solve_discrete_are in tests/theory.
    """
    if is_post_update(convention):
        return observation_variance * kalman_gain(
            drift_variance=drift_variance, observation_variance=observation_variance
        )
    root = np.sqrt(drift_variance**2 + 4 * drift_variance * observation_variance)
    return (drift_variance + root) / 2
