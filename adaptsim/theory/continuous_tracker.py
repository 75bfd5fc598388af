"""The continuous linear tracker ``dx/dt = rate (theta - x)``, twin of ``theory.tracker``.

``rate`` is the adaptation rate alpha [1 / time]. The same names mean the same quantities as
in ``theory.tracker``; there is no update convention because there are no steps. Stationary
quantities exist for ``rate > 0`` and are nan elsewhere.
"""

import numpy as np

from adaptsim.theory._closed_form import (
    Booleans,
    Complexes,
    Floats,
    closed_form,
    where_positive,
)


@closed_form
def step_gain(rate: Floats, dt: Floats) -> Floats:
    """Return the gain per step of exact sampling, ``g = 1 - exp(-rate dt)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    dt : float or array
        Length of a step [time].

    Returns
    -------
    float or array
        Gain per step [1] for ``theory.tracker``, input held constant within a step.

    Examples
    --------
    >>> round(step_gain(0.1, 1.0), 6)
    0.095163

    References
    ----------
    Derived here; verified against scipy.signal.cont2discrete in tests/theory.
    """
    return -np.expm1(-rate * dt)


@closed_form
def euler_step_gain(rate: Floats, dt: Floats) -> Floats:
    """Return the gain per step of Euler's method, ``g = rate dt``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    dt : float or array
        Length of a step [time]; beyond ``2 / rate`` the steps diverge.

    Returns
    -------
    float or array
        Gain per step [1] for ``theory.tracker``.

    Examples
    --------
    >>> euler_step_gain(0.25, 2.0)
    0.5

    References
    ----------
    Derived here; verified against ``step_gain`` for short steps in tests/theory.
    """
    return rate * dt


@closed_form
def is_stable(rate: Floats) -> Booleans:
    """Tell whether the tracker forgets its start: ``rate > 0``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].

    Returns
    -------
    bool or array of bool
        True where stable; the approach is then always monotone.

    Examples
    --------
    >>> is_stable(0.1), is_stable(0.0)
    (True, False)

    References
    ----------
    Derived here; verified in tests/theory.
    """
    return rate > 0


@closed_form
def transfer(rate: Floats, omega: Floats) -> Complexes:
    """Return the frequency response, ``rate / (rate + i omega)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    omega : float or array
        Angular frequency [rad / time].

    Returns
    -------
    complex or array
        Trait over optimum [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> transfer(0.5, 0.5)
    (0.5-0.5j)

    References
    ----------
    Textbook result; verified against scipy.signal.freqs in tests/theory.
    """
    return where_positive(rate, rate / (rate + 1j * omega))


@closed_form
def gain(rate: Floats, omega: Floats) -> Floats:
    """Return the amplitude ratio, ``rate / sqrt(rate**2 + omega**2)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    omega : float or array
        Angular frequency [rad / time].

    Returns
    -------
    float or array
        Amplitude of the trait over that of the optimum [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> import math
    >>> round(gain(0.2, 2 * math.pi / 50), 6)
    0.846733

    References
    ----------
    Textbook result; verified against scipy.signal.freqs in tests/theory.
    """
    return where_positive(rate, rate / np.hypot(rate, omega))


@closed_form
def phase_lag(rate: Floats, omega: Floats) -> Floats:
    """Return the lag of a sinusoid, ``atan(omega / rate) / omega``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    omega : float or array
        Angular frequency [rad / time]; 0 gives the limit ``1 / rate``.

    Returns
    -------
    float or array
        Lag [time]; nan unless ``rate > 0``.

    Examples
    --------
    >>> import math
    >>> round(phase_lag(0.2, 2 * math.pi / 50), 6)
    4.464154

    References
    ----------
    Textbook result; verified against scipy.signal.freqs in tests/theory.
    """
    lag = np.arctan(omega / rate) / omega
    return where_positive(rate, np.where(omega == 0, 1 / rate, lag))


@closed_form
def tone_mse(rate: Floats, omega: Floats, *, amplitude: Floats = 1.0) -> Floats:
    """Return the error on a sinusoid, ``A**2 / 2 * omega**2 / (rate**2 + omega**2)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    omega : float or array
        Angular frequency [rad / time].
    amplitude : float or array
        Amplitude A of the optimum [trait].

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``rate > 0``.

    Examples
    --------
    >>> round(tone_mse(0.5, 0.5), 6)
    0.25

    References
    ----------
    Derived here; verified against ``transfer`` and a fine simulation in tests/theory.
    """
    mse = amplitude**2 / 2 * omega**2 / (rate**2 + omega**2)
    return where_positive(rate, mse)


@closed_form
def step_response(rate: Floats, time: Floats) -> Floats:
    """Return the response to a unit step of the optimum, ``1 - exp(-rate t)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time]; any value.
    time : float or array
        Time since the change [time].

    Returns
    -------
    float or array
        Trait as a fraction of the step [1].

    Examples
    --------
    >>> round(step_response(0.1, 10.0), 6)
    0.632121

    References
    ----------
    Textbook result; verified against ``theory.tracker.step_response`` in tests/theory.
    """
    return -np.expm1(-rate * time)


@closed_form
def rise_time_63(rate: Floats) -> Floats:
    """Return the time to cover 63.2 % of a step, ``1 / rate``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].

    Returns
    -------
    float or array
        Time [time]; nan unless ``rate > 0``.

    Examples
    --------
    >>> rise_time_63(0.1)
    10.0

    References
    ----------
    Textbook result; verified against ``step_response`` in tests/theory.
    """
    return where_positive(rate, 1 / rate)


@closed_form
def settling_time(rate: Floats, *, band: Floats = 0.02) -> Floats:
    """Return the time to stay within a band around the target, ``-ln(band) / rate``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    band : float or array
        Half width of the band as a fraction of the step [1].

    Returns
    -------
    float or array
        Time [time]; nan unless ``rate > 0``.

    Examples
    --------
    >>> round(settling_time(1.0), 3)
    3.912

    References
    ----------
    Textbook result; verified against ``step_response`` in tests/theory.
    """
    return where_positive(rate, -np.log(band) / rate)


@closed_form
def overshoot(rate: Floats) -> Floats:
    """Return how far a step response passes its target: never, so 0.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].

    Returns
    -------
    float or array
        Overshoot as a fraction of the step [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> overshoot(5.0)
    0.0

    References
    ----------
    Textbook result; verified against ``step_response`` in tests/theory.
    """
    return where_positive(rate, 0.0)


@closed_form
def ramp_error(rate: Floats, *, slope: Floats) -> Floats:
    """Return how far the trait trails a steady ramp, ``slope / rate``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    slope : float or array
        Speed of the optimum [trait / time].

    Returns
    -------
    float or array
        Optimum minus trait in the long run [trait]; nan unless ``rate > 0``.

    Examples
    --------
    >>> ramp_error(0.25, slope=0.5)
    2.0

    References
    ----------
    Textbook result; verified against a fine simulation in tests/theory.
    """
    return where_positive(rate, slope / rate)


@closed_form
def mean_lag(rate: Floats) -> Floats:
    """Return the mean of the impulse response, ``1 / rate``, the phase lag of slow inputs.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].

    Returns
    -------
    float or array
        Lag [time]; nan unless ``rate > 0``.

    Examples
    --------
    >>> mean_lag(0.1)
    10.0

    References
    ----------
    Textbook result; verified against ``phase_lag`` in tests/theory.
    """
    return where_positive(rate, 1 / rate)


@closed_form
def recovery(rate: Floats, time: Floats) -> Floats:
    """Return what is left of a perturbation, ``exp(-rate t)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time]; any value.
    time : float or array
        Time since the perturbation [time].

    Returns
    -------
    float or array
        Deviation over the initial deviation [1].

    Examples
    --------
    >>> round(recovery(0.1, 10.0), 6)
    0.367879

    References
    ----------
    Textbook result; verified against ``theory.tracker.recovery`` in tests/theory.
    """
    return np.exp(-rate * time)


@closed_form
def return_rate(rate: Floats) -> Floats:
    """Return the exponential rate of recovery: the adaptation rate itself.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time]; any value.

    Returns
    -------
    float or array
        Rate [1 / time], negative where perturbations grow.

    Examples
    --------
    >>> return_rate(0.1)
    0.1

    References
    ----------
    Textbook result; verified against ``theory.tracker.return_rate`` in tests/theory.
    """
    return rate


@closed_form
def lyapunov_exponent(rate: Floats) -> Floats:
    """Return the rate at which neighbouring traits part, ``-rate``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time]; any value.

    Returns
    -------
    float or array
        Exponent [1 / time].

    Examples
    --------
    >>> lyapunov_exponent(0.1)
    -0.1

    References
    ----------
    Textbook result; verified against ``theory.tracker.lyapunov_exponent`` in tests/theory.
    """
    return -rate


@closed_form
def autocorrelation_1(rate: Floats, dt: Floats) -> Floats:
    """Return the autocorrelation over one sampling step under white noise, ``exp(-rate dt)``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    dt : float or array
        Sampling step [time].

    Returns
    -------
    float or array
        Autocorrelation [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> round(autocorrelation_1(0.1, 1.0), 6)
    0.904837

    References
    ----------
    Textbook result; verified against ``theory.tracker.autocorrelation_1`` in tests/theory.
    """
    return where_positive(rate, np.exp(-rate * dt))


@closed_form
def noise_variance(rate: Floats, *, noise_intensity: Floats) -> Floats:
    """Return the stationary variance due to white observation noise, ``rate R_c / 2``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    noise_intensity : float or array
        Intensity R_c: variance per sample times the time between samples [trait**2 time].

    Returns
    -------
    float or array
        Variance of the trait [trait**2]; nan unless ``rate > 0``.

    Examples
    --------
    >>> noise_variance(0.5, noise_intensity=2.0)
    0.5

    References
    ----------
    Textbook result; verified against the continuous Lyapunov equation in tests/theory.
    """
    return where_positive(rate, rate * noise_intensity / 2)


@closed_form
def gradient_noise_variance(
    learning_rate: Floats, *, curvature: Floats, gradient_variance: Floats
) -> Floats:
    """Return the small-step variance of noisy descent, ``eta s2 / (2 lambda)``.

    The limit of ``theory.tracker.gradient_noise_variance`` as ``eta lambda`` goes to 0.

    Parameters
    ----------
    learning_rate : float or array
        Learning rate eta [1 / curvature].
    curvature : float or array
        Curvature lambda of the loss.
    gradient_variance : float or array
        Variance s2 of the noise of one perceived gradient [gradient**2].

    Returns
    -------
    float or array
        Variance of the trait [trait**2]; nan unless ``eta lambda > 0``.

    Examples
    --------
    >>> round(gradient_noise_variance(0.5, curvature=2.0, gradient_variance=0.3), 6)
    0.0375

    References
    ----------
    Derived here; verified against ``theory.tracker.gradient_noise_variance`` in tests/theory.
    """
    variance = learning_rate * gradient_variance / (2 * curvature)
    return where_positive(learning_rate * curvature, variance)


@closed_form
def responsiveness_stability(rate: Floats, *, noise_intensity: Floats) -> Floats:
    """Return mean lag times noise variance, ``R_c / 2``, whatever the rate.

    Parameters
    ----------
    rate : float or array
        Adaptation rate [1 / time].
    noise_intensity : float or array
        Intensity R_c: variance per sample times the time between samples [trait**2 time].

    Returns
    -------
    float or array
        Product [time trait**2]; nan unless ``rate > 0``.

    Examples
    --------
    >>> responsiveness_stability(0.1, noise_intensity=1.0)
    0.5

    References
    ----------
    Derived here; verified against ``mean_lag`` and ``noise_variance`` in tests/theory.
    """
    return where_positive(rate, noise_intensity / 2)
