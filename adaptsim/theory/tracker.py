"""The discrete linear tracker ``x[t+1] = x[t] + g (y[t] - x[t])``, reference for all others.

``g`` is the gain per step: learning rate times curvature of the loss. The input is
``y = theta + noise``. The update is synchronous, so ``x[t]`` has seen the input up to
``y[t-1]``: the "pre-update" convention. In the "post-update" convention ``x[t]`` has also
seen ``y[t]``; gains are the same and every lag is shorter by exactly one step.

Stationary quantities exist for ``0 < g < 2`` and are nan elsewhere. ``step_response``,
``recovery``, ``return_rate`` and ``lyapunov_exponent`` exist for every g. For ``1 < g < 2``
the trait alternates around its target, and times refer to the envelope ``abs(1 - g)**t``.
"""

import numpy as np

from adaptsim.theory._closed_form import (
    Booleans,
    Complexes,
    Convention,
    Floats,
    closed_form,
    is_post_update,
    where_stable,
)


@closed_form
def gain_per_step(learning_rate: Floats, *, curvature: Floats) -> Floats:
    """Return the gain per step of gradient descent, ``g = learning_rate * curvature``.

    Parameters
    ----------
    learning_rate : float or array
        Learning rate [1 / curvature].
    curvature : float or array
        Second derivative of the loss ``curvature / 2 * (x - theta)**2``.

    Returns
    -------
    float or array
        Gain per step [1].

    Examples
    --------
    >>> gain_per_step(0.5, curvature=2.0)
    1.0

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return learning_rate * curvature


@closed_form
def speed_limit(curvature: Floats) -> Floats:
    """Return the learning rate at which descent stops converging, ``2 / curvature``.

    Parameters
    ----------
    curvature : float or array
        Largest curvature of the loss; nan unless positive.

    Returns
    -------
    float or array
        Upper limit of the learning rate (excluded) [1 / curvature].

    Examples
    --------
    >>> speed_limit(4.0)
    0.5

    References
    ----------
    Textbook result, derived here; verified against iteration of the recursion in tests/theory.
    """
    return np.where(curvature > 0, 2 / curvature, np.nan)


@closed_form
def is_stable(g: Floats) -> Booleans:
    """Tell whether the tracker forgets its start: ``0 < g < 2``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].

    Returns
    -------
    bool or array of bool
        True where stable; at ``g = 2`` the trait swings for ever, which counts as unstable.

    Examples
    --------
    >>> is_stable(1.9), is_stable(2.0)
    (True, False)

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return (g > 0) & (g < 2)


@closed_form
def is_monotone(g: Floats) -> Booleans:
    """Tell whether the trait approaches without crossing: ``0 < g <= 1``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].

    Returns
    -------
    bool or array of bool
        True where monotone; at ``g = 1`` (deadbeat) the target is met in one step.

    Examples
    --------
    >>> is_monotone(1.0), is_monotone(1.1)
    (True, False)

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return (g > 0) & (g <= 1)


@closed_form
def transfer(g: Floats, omega: Floats, *, convention: Convention = "pre-update") -> Complexes:
    """Return the frequency response, ``g / (exp(i omega) - (1 - g))``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    omega : float or array
        Angular frequency [rad / step].
    convention : {"pre-update", "post-update"}
        Post-update multiplies the response by ``exp(i omega)``.

    Returns
    -------
    complex or array
        Trait over optimum [1]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> transfer(0.5, 0.0)
    (1+0j)

    References
    ----------
    Derived here; verified against scipy.signal.freqz in tests/theory.
    """
    turn = np.exp(1j * omega)
    response = g / (turn - (1 - g))
    return where_stable(g, response * turn if is_post_update(convention) else response)


@closed_form
def gain(g: Floats, omega: Floats) -> Floats:
    """Return the amplitude ratio, ``g / sqrt(1 - 2 (1-g) cos(omega) + (1-g)**2)``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    omega : float or array
        Angular frequency [rad / step].

    Returns
    -------
    float or array
        Amplitude of the trait over that of the optimum [1], the same in both conventions;
        it exceeds 1 for ``g > 1``; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> import math
    >>> round(gain(0.1, 2 * math.pi / 50), 6)
    0.64291

    References
    ----------
    Derived here; verified against scipy.signal.freqz in tests/theory.
    """
    return where_stable(g, g / np.sqrt(_distance_squared(g, omega)))


@closed_form
def phase_lag(g: Floats, omega: Floats, *, convention: Convention = "pre-update") -> Floats:
    """Return the lag of a sinusoid, ``atan2(sin(omega), cos(omega) - (1-g)) / omega``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    omega : float or array
        Angular frequency, within ``-pi`` to ``pi`` [rad / step]; 0 gives the limit ``1 / g``.
    convention : {"pre-update", "post-update"}
        Post-update is shorter by exactly one step.

    Returns
    -------
    float or array
        Lag [steps]; it depends on omega; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> import math
    >>> round(phase_lag(0.1, 2 * math.pi / 50), 6)
    7.456342
    >>> round(phase_lag(0.3, 2 * math.pi / 20, convention="post-update"), 6)
    1.828242

    References
    ----------
    Derived here; verified against scipy.signal.freqz and simulation in tests/theory.
    """
    phase = np.arctan2(np.sin(omega), np.cos(omega) - (1 - g))
    lag = np.where(omega == 0, 1 / g, phase / omega)
    return where_stable(g, lag - is_post_update(convention))


@closed_form
def tone_mse(
    g: Floats, omega: Floats, *, amplitude: Floats = 1.0, convention: Convention = "pre-update"
) -> Floats:
    """Return the mean squared error on a sinusoid, ``amplitude**2 / 2 * abs(1 - H)**2``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    omega : float or array
        Angular frequency [rad / step].
    amplitude : float or array
        Amplitude of the optimum [trait].
    convention : {"pre-update", "post-update"}
        Post-update multiplies the error by ``(1 - g)**2``.

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> import math
    >>> round(tone_mse(0.1, 2 * math.pi / 50), 6)
    0.325926

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    mse = amplitude**2 / 2 * 4 * np.sin(omega / 2) ** 2 / _distance_squared(g, omega)
    return where_stable(g, (1 - g) ** 2 * mse if is_post_update(convention) else mse)


@closed_form
def step_response(g: Floats, time: Floats, *, convention: Convention = "pre-update") -> Floats:
    """Return the response to a unit step of the optimum at time 0, ``1 - (1-g)**t``.

    Parameters
    ----------
    g : float or array
        Gain per step [1]; any value, the unstable ones included.
    time : float or array
        Whole number of steps since the change [steps].
    convention : {"pre-update", "post-update"}
        Post-update is one step ahead: ``1 - (1-g)**(t+1)``.

    Returns
    -------
    float or array
        Trait as a fraction of the step [1].

    Examples
    --------
    >>> step_response(0.5, [0, 1, 2, 3])
    array([0.   , 0.5  , 0.75 , 0.875])

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return 1 - (1 - g) ** (time + is_post_update(convention))


@closed_form
def rise_time_63(g: Floats, *, whole_steps: bool = False) -> Floats:
    """Return the time to cover 63.2 % of a step, ``-1 / ln(abs(1-g))``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    whole_steps : bool
        True for the first whole step at which the envelope has fallen to ``1 / e``.

    Returns
    -------
    float or array
        Time [steps]. At ``g = 1`` all is done within one step: the limit 0, or 1 in whole
        steps. For ``g > 1`` the time of the envelope. nan unless ``0 < g < 2``.

    Examples
    --------
    >>> round(rise_time_63(0.1), 6), rise_time_63(0.1, whole_steps=True)
    (9.491222, 10.0)

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return where_stable(g, _decay_time(g, 1 / np.e, whole_steps))


@closed_form
def settling_time(g: Floats, *, band: Floats = 0.02, whole_steps: bool = False) -> Floats:
    """Return the time to stay within a band around the target, ``ln(band) / ln(abs(1-g))``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    band : float or array
        Half width of the band as a fraction of the step [1].
    whole_steps : bool
        True for the first whole step inside the band.

    Returns
    -------
    float or array
        Time [steps]; at ``g = 1`` it is 0, or 1 in whole steps; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> round(settling_time(0.1), 6), settling_time(0.1, whole_steps=True)
    (37.129877, 38.0)

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return where_stable(g, _decay_time(g, band, whole_steps))


@closed_form
def overshoot(g: Floats) -> Floats:
    """Return how far a step response passes its target, ``max(0, g - 1)``, reached at t = 1.

    Parameters
    ----------
    g : float or array
        Gain per step [1].

    Returns
    -------
    float or array
        Overshoot as a fraction of the step [1]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> overshoot(1.5), overshoot(0.3)
    (0.5, 0.0)

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return where_stable(g, np.maximum(0, g - 1))


@closed_form
def ramp_error(g: Floats, *, slope: Floats, convention: Convention = "pre-update") -> Floats:
    """Return how far the trait trails a steady ramp, ``slope / g``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    slope : float or array
        Speed of the optimum [trait / step].
    convention : {"pre-update", "post-update"}
        Post-update trails by one step less: ``slope * (1-g) / g``.

    Returns
    -------
    float or array
        Optimum minus trait in the long run [trait]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> ramp_error(0.25, slope=0.5)
    2.0

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return where_stable(g, slope * (1 / g - is_post_update(convention)))


@closed_form
def mean_lag(g: Floats, *, convention: Convention = "pre-update") -> Floats:
    """Return the mean of the impulse response, ``1 / g``, the phase lag of slow inputs.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    convention : {"pre-update", "post-update"}
        Post-update is shorter by exactly one step.

    Returns
    -------
    float or array
        Lag [steps], the only one that does not depend on the input; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> mean_lag(0.1), mean_lag(0.1, convention="post-update")
    (10.0, 9.0)

    References
    ----------
    Derived here; verified against the summed impulse response in tests/theory.
    """
    return where_stable(g, 1 / g - is_post_update(convention))


@closed_form
def recovery(g: Floats, time: Floats) -> Floats:
    """Return what is left of a perturbation, ``(1-g)**t``.

    Parameters
    ----------
    g : float or array
        Gain per step [1]; any value.
    time : float or array
        Whole number of steps since the perturbation [steps].

    Returns
    -------
    float or array
        Deviation over the initial deviation [1].

    Examples
    --------
    >>> recovery(0.5, 3)
    0.125

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return (1 - g) ** time


@closed_form
def return_rate(g: Floats) -> Floats:
    """Return the exponential rate of recovery, ``-ln(abs(1-g))``.

    Parameters
    ----------
    g : float or array
        Gain per step [1]; any value.

    Returns
    -------
    float or array
        Rate [1 / step]; infinite at ``g = 1``, negative where perturbations grow.

    Examples
    --------
    >>> round(return_rate(0.1), 6)
    0.105361

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return -np.log(np.abs(1 - g))


@closed_form
def lyapunov_exponent(g: Floats) -> Floats:
    """Return the rate at which neighbouring traits part, ``ln(abs(1-g))``.

    Parameters
    ----------
    g : float or array
        Gain per step [1]; any value.

    Returns
    -------
    float or array
        Exponent [1 / step]; minus infinity at ``g = 1``, 0 at the speed limit.

    Examples
    --------
    >>> round(lyapunov_exponent(0.3), 6)
    -0.356675

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return np.log(np.abs(1 - g))


@closed_form
def autocorrelation_1(g: Floats) -> Floats:
    """Return the lag-1 autocorrelation of a trait driven by white noise, ``1 - g``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].

    Returns
    -------
    float or array
        Autocorrelation [1], negative for ``g > 1``; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> autocorrelation_1(0.25)
    0.75

    References
    ----------
    Derived here; verified against simulation of the recursion in tests/theory.
    """
    return where_stable(g, 1 - g)


@closed_form
def noise_variance(g: Floats, *, observation_variance: Floats) -> Floats:
    """Return the stationary variance due to observation noise, ``g R / (2-g)``.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Variance of the trait [trait**2]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> round(noise_variance(0.4, observation_variance=0.5), 6)
    0.125

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    return where_stable(g, g * observation_variance / (2 - g))


@closed_form
def gradient_noise_variance(
    learning_rate: Floats, *, curvature: Floats, gradient_variance: Floats
) -> Floats:
    """Return the stationary variance of noisy descent, ``eta s2 / (lambda (2 - eta lambda))``.

    The step is ``x -= eta (lambda x + xi)``. The factor ``2 / (2 - eta lambda)`` over the
    continuous-time value matters at large steps.

    Parameters
    ----------
    learning_rate : float or array
        Learning rate eta [1 / curvature].
    curvature : float or array
        Curvature lambda of the loss.
    gradient_variance : float or array
        Variance s2 of the noise xi of one perceived gradient [gradient**2].

    Returns
    -------
    float or array
        Variance of the trait [trait**2]; nan unless ``0 < eta lambda < 2``.

    Examples
    --------
    >>> round(gradient_noise_variance(0.5, curvature=2.0, gradient_variance=0.3), 6)
    0.075

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    g = learning_rate * curvature
    return where_stable(g, learning_rate * gradient_variance / (curvature * (2 - g)))


@closed_form
def responsiveness_stability(g: Floats, *, observation_variance: Floats) -> Floats:
    """Return mean lag times noise variance, ``R / (2-g)``: the exact trade-off.

    No tracker of this first-order kind brings the product below ``R / 2``. Other linear
    filters can: a long triangular window reaches ``4 R / 9``, and weights of both signs less.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Product, in the pre-update convention [steps trait**2]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> responsiveness_stability(1.0, observation_variance=0.5)
    0.5

    References
    ----------
    Derived here; verified against ``mean_lag`` and ``noise_variance`` in tests/theory.
    """
    return where_stable(g, observation_variance / (2 - g))


@closed_form
def post_update_mse(mse: Floats, g: Floats, *, observation_variance: Floats = 0.0) -> Floats:
    """Return the error just after an update, ``(1-g)**2 mse + g**2 R``.

    Parameters
    ----------
    mse : float or array
        Mean squared error just before the update (pre-update convention) [trait**2].
    g : float or array
        Gain per step [1].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Mean squared error in the post-update convention [trait**2].

    Examples
    --------
    >>> round(post_update_mse(0.287037, 0.2, observation_variance=0.5), 6)
    0.203704

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return (1 - g) ** 2 * mse + g**2 * observation_variance


def _distance_squared(g: Floats, omega: Floats) -> Floats:
    """Squared distance of ``exp(i omega)`` from the pole 1 - g, without cancellation."""
    return g**2 + 4 * (1 - g) * np.sin(omega / 2) ** 2


def _decay_time(g: Floats, fraction: Floats, whole_steps: bool) -> Floats:
    time = np.log(fraction) / np.log(np.abs(1 - g))
    return np.maximum(1, np.ceil(time)) if whole_steps else time
