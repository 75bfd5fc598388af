"""BCM: a threshold that slides with the response, and oscillates with it if it is slow.

One input ``x``: ``dw/dt = eta phi y (y - theta) x``, ``dtheta/dt = (y^2 - theta) / tau``, ``y = w
x``. It rests at ``y = theta = 1``. With the gain ``a = eta phi x^2`` the Jacobian in ``(y,
theta)`` is ``[[a, -a], [2/tau, -1/tau]]``: trace ``a - 1/tau``, determinant ``a/tau``.
"""

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def hopf_gain(threshold_time: Floats) -> Floats:
    """Return the gain ``eta phi x^2`` at which the flow begins to oscillate, ``1 / tau``.

    Parameters
    ----------
    threshold_time : float or array
        ``tau``, in which the threshold follows [time].

    Returns
    -------
    float or array
        Gain (upper limit, excluded) [1/time].

    Examples
    --------
    >>> hopf_gain(1.5) * 1.5
    1.0

    References
    ----------
    Udeigwe, Munro & Ermentrout (2017), Emergent dynamical properties of the BCM learning rule, J
    Math Neurosci 7:2 (oscillation where the threshold's time is about that of learning); the form
    here is derived.
    """
    return 1 / threshold_time


@closed_form
def critical_methylation(rate: Floats, *, input_square: Floats, threshold_time: Floats) -> Floats:
    """Return the methylation below which the flow oscillates, ``m_c = 1 - 1/(eta x^2 tau)``.

    For the gate ``phi = 1 - m``: more methylated synapses are stable.

    Parameters
    ----------
    rate : float or array
        ``eta`` [1/time].
    input_square : float or array
        ``x^2``.
    threshold_time : float or array
        ``tau`` [time].

    Returns
    -------
    float or array
        Methylation [1]; below 0 where it is stable at any.

    Examples
    --------
    >>> round(critical_methylation(1.0, input_square=1.0, threshold_time=1.5), 6)
    0.333333
    """
    return 1 - 1 / (rate * input_square * threshold_time)


@closed_form
def hopf_frequency(threshold_time: Floats) -> Floats:
    """Return the angular frequency with which oscillation begins, ``1 / tau`` [rad/time].

    Examples
    --------
    >>> hopf_frequency(2.0)
    0.5
    """
    return 1 / threshold_time


@closed_form
def step_hopf_gain(threshold_time: Floats) -> Floats:
    """Return the gain at which steps begin to oscillate, ``b / (1 + b)``, ``b = 1 - e^(-1/tau)``.

    Weights and threshold move by the values from before the step, the threshold exactly: the
    determinant of the step's Jacobian ``[[1 + a, -a], [2 b, 1 - b]]`` is then 1. For slow
    thresholds it is `hopf_gain`.

    Parameters
    ----------
    threshold_time : float or array
        ``tau`` [steps].

    Returns
    -------
    float or array
        Gain ``eta phi x^2`` (upper limit, excluded) [1/step].

    Examples
    --------
    >>> round(step_hopf_gain(150.0) * 150, 6)
    0.990095
    """
    follows = -np.expm1(-1 / threshold_time)
    return follows / (1 + follows)


@closed_form
def step_hopf_frequency(threshold_time: Floats) -> Floats:
    """Return the angular frequency with which steps begin to oscillate [rad/step].

    ``arccos(trace / 2)``, the trace being ``2 + a - b`` at `step_hopf_gain`; that is ``2 arcsin(b /
    (2 sqrt(1 + b)))``.

    Examples
    --------
    >>> round(step_hopf_frequency(150.0) * 150, 6)
    0.993381
    """
    follows = -np.expm1(-1 / threshold_time)
    return 2 * np.arcsin(follows / (2 * np.sqrt(1 + follows)))


@closed_form
def spectral_radius(gain: Floats, *, threshold_time: Floats) -> Floats:
    """Return the largest modulus of the step's eigenvalues at rest, one input.

    Parameters
    ----------
    gain : float or array
        ``a = eta phi x^2`` [1/step].
    threshold_time : float or array
        ``tau`` [steps].

    Examples
    --------
    >>> round(spectral_radius(step_hopf_gain(10.0), threshold_time=10.0), 9)
    1.0
    """
    follows = -np.expm1(-1 / threshold_time)
    half = 1 + (gain - follows) / 2
    product = 1 + gain - follows + gain * follows
    root = np.sqrt((half**2 - product).astype(complex))
    return np.maximum(np.abs(half + root), np.abs(half - root))
