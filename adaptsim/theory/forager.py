"""A predator that learns its preference between two prey.

The preference u is the share of effort spent on prey 1, kept as its logit
``l = ln(u / (1-u))``. By generalised matching the best logit is
``l* = exponent * ln(v_1 / v_2)`` with v_i the value of prey i. Where nothing else is said
the preference follows the mismatch ``(l - l*)**2 / 2`` at a rate, ``dl/dt = rate (l* - l)``:
if the logarithm of the density ratio is a sinusoid then so is l, exactly, and the formulas
of ``theory.continuous_tracker`` hold. A preference that climbs the intake itself has a
different rate: see ``intake_gradient_rate``.
"""

import numpy as np

from adaptsim.theory import continuous_tracker, tracker
from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def prey_value(density: Floats, *, conversion: Floats, attack_rate: Floats) -> Floats:
    """Return the value of a prey, ``conversion * attack_rate * density``.

    Parameters
    ----------
    density : float or array
        Density of the prey [prey].
    conversion : float or array
        Predators gained per prey eaten [predator / prey].
    attack_rate : float or array
        Attack rate [1 / (prey time)].

    Returns
    -------
    float or array
        Value v [1 / time].

    Examples
    --------
    >>> prey_value(4.0, conversion=0.5, attack_rate=1.0)
    2.0

    References
    ----------
    A definition.
    """
    return conversion * attack_rate * density


@closed_form
def matching_exponent(effort_exponent: Floats) -> Floats:
    """Return the exponent of generalised matching, ``1 / (1-q)``.

    It follows from maximising the intake ``v_1 u**q + v_2 (1-u)**q``. An exponent of 1 is
    matching, above 1 switching (overmatching).

    Parameters
    ----------
    effort_exponent : float or array
        Exponent q of effort in the intake [1].

    Returns
    -------
    float or array
        Exponent of matching [1]; nan unless ``0 <= q < 1``.

    Examples
    --------
    >>> matching_exponent(0.5)
    2.0

    References
    ----------
    Derived here; verified against direct maximisation in tests/theory.
    """
    concave = (effort_exponent >= 0) & (effort_exponent < 1)
    return np.where(concave, 1 / (1 - effort_exponent), np.nan)


@closed_form
def target_logit(value_1: Floats, value_2: Floats, *, exponent: Floats = 1.0) -> Floats:
    """Return the logit of the best preference, ``exponent * ln(v_1 / v_2)``.

    Parameters
    ----------
    value_1, value_2 : float or array
        Values of the two prey [1 / time], positive.
    exponent : float or array
        Exponent of matching [1].

    Returns
    -------
    float or array
        Logit [1].

    Examples
    --------
    >>> round(target_logit(2.0, 1.0, exponent=2.0), 6)
    1.386294

    References
    ----------
    Derived here; verified against direct maximisation of intake in tests/theory.
    """
    return exponent * np.log(value_1 / value_2)


@closed_form
def target_preference(value_1: Floats, value_2: Floats, *, exponent: Floats = 1.0) -> Floats:
    """Return the best preference for prey 1, ``1 / (1 + (v_2 / v_1)**exponent)``.

    Parameters
    ----------
    value_1, value_2 : float or array
        Values of the two prey [1 / time], positive.
    exponent : float or array
        Exponent of matching [1].

    Returns
    -------
    float or array
        Share of effort on prey 1 [1].

    Examples
    --------
    >>> target_preference(2.0, 1.0, exponent=2.0)
    0.8

    References
    ----------
    Derived here; verified against direct maximisation of intake in tests/theory.
    """
    return 1 / (1 + (value_2 / value_1) ** exponent)


@closed_form
def preference_lag(rate: Floats, omega: Floats) -> Floats:
    """Return by how much the preference trails its target, ``atan(omega / rate) / omega``.

    It is also exactly the time between the target and the preference crossing 1/2.

    Parameters
    ----------
    rate : float or array
        Learning rate of the logit [1 / time].
    omega : float or array
        Angular frequency of the logarithm of the density ratio [rad / time].

    Returns
    -------
    float or array
        Lag [time]; nan unless ``rate > 0``.

    Examples
    --------
    >>> import math
    >>> round(preference_lag(0.05, 2 * math.pi / 100), 6)
    14.302254

    References
    ----------
    Derived here; verified against an integrated trajectory in tests/theory.
    """
    return continuous_tracker.phase_lag(rate, omega)


@closed_form
def logit_amplitude(
    rate: Floats, omega: Floats, *, amplitude: Floats, exponent: Floats = 1.0
) -> Floats:
    """Return the swing of the logit, ``b A rate / sqrt(rate**2 + omega**2)``.

    Parameters
    ----------
    rate : float or array
        Learning rate of the logit [1 / time].
    omega : float or array
        Angular frequency of the logarithm of the density ratio [rad / time].
    amplitude : float or array
        Amplitude A of the logarithm of the density ratio [1].
    exponent : float or array
        Exponent b of matching [1].

    Returns
    -------
    float or array
        Amplitude of the logit [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> import math
    >>> round(logit_amplitude(0.05, 2 * math.pi / 100, amplitude=1.2, exponent=2.0), 6)
    1.494425

    References
    ----------
    Derived here; verified against an integrated trajectory in tests/theory.
    """
    return exponent * amplitude * continuous_tracker.gain(rate, omega)


@closed_form
def highest_preference(
    rate: Floats, omega: Floats, *, amplitude: Floats, exponent: Floats = 1.0
) -> Floats:
    """Return the largest preference of a cycle: the logistic of ``logit_amplitude``.

    The smallest preference is 1 minus it. Both hold for prey of equal mean value.

    Parameters
    ----------
    rate : float or array
        Learning rate of the logit [1 / time].
    omega : float or array
        Angular frequency of the logarithm of the density ratio [rad / time].
    amplitude : float or array
        Amplitude of the logarithm of the density ratio [1].
    exponent : float or array
        Exponent of matching [1].

    Returns
    -------
    float or array
        Share of effort on prey 1 [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> import math
    >>> round(highest_preference(0.2, 2 * math.pi / 50, amplitude=1.0), 6)
    0.699881

    References
    ----------
    Derived here; verified against an integrated trajectory in tests/theory.
    """
    swing = logit_amplitude(rate, omega, amplitude=amplitude, exponent=exponent)
    return np.asarray(1 / (1 + np.exp(-swing)))


@closed_form
def mean_square_mismatch(
    rate: Floats, omega: Floats, *, amplitude: Floats, exponent: Floats = 1.0
) -> Floats:
    """Return the mean of ``(l* - l)**2``, ``(b A)**2 / 2 * omega**2 / (rate**2 + omega**2)``.

    The mean loss of the predator is half of it.

    Parameters
    ----------
    rate : float or array
        Learning rate of the logit [1 / time].
    omega : float or array
        Angular frequency of the logarithm of the density ratio [rad / time].
    amplitude : float or array
        Amplitude A of the logarithm of the density ratio [1].
    exponent : float or array
        Exponent b of matching [1].

    Returns
    -------
    float or array
        Mean square [1]; nan unless ``rate > 0``.

    Examples
    --------
    >>> import math
    >>> round(mean_square_mismatch(0.2, 2 * math.pi / 50, amplitude=1.0), 6)
    0.141522

    References
    ----------
    Derived here; verified against an integrated trajectory in tests/theory.
    """
    return continuous_tracker.tone_mse(rate, omega, amplitude=exponent * amplitude)


@closed_form
def intake_gradient_rate(
    rate: Floats, value_1: Floats, value_2: Floats, *, effort_exponent: Floats
) -> Floats:
    """Return the local rate of a preference that climbs its intake, ``dl/dt = rate dW/du``.

    The intake is ``W = v_1 u**q + v_2 (1-u)**q``. Small deviations from its maximum shrink
    at ``rate u (1-u) q (1-q) (v_1 u**(q-2) + v_2 (1-u)**(q-2))``, u being the best
    preference. Behind a slow optimum the preference trails by 1 over this rate, not by
    ``1 / rate``.

    Parameters
    ----------
    rate : float or array
        Learning rate of the logit per unit slope of intake.
    value_1, value_2 : float or array
        Values of the two prey [1 / time], positive.
    effort_exponent : float or array
        Exponent q of effort in the intake [1].

    Returns
    -------
    float or array
        Local rate [1 / time]; for equal values ``rate q (1-q) v 2**(1-q)``.

    Examples
    --------
    >>> round(intake_gradient_rate(0.4, 1.0, 1.0, effort_exponent=0.5), 6)
    0.141421

    References
    ----------
    Derived here; verified against a numerical Jacobian in tests/theory. The dynamics are
    those of Abrams & Matsuda and of Kondoh (2003), Science 299; neither read.
    """
    q = effort_exponent
    u = target_preference(value_1, value_2, exponent=matching_exponent(q))
    bend = q * (1 - q) * (value_1 * u ** (q - 2) + value_2 * (1 - u) ** (q - 2))
    return rate * u * (1 - u) * bend


@closed_form
def count_noise_variance(
    g: Floats, *, attack_rate: Floats, density: Floats, dt: Floats = 1.0
) -> Floats:
    """Return the variance of a moving average of Poisson counts, ``g lambda / (2-g)``.

    The expected count of encounters per step is ``lambda = attack_rate density dt``, and a
    Poisson count has its mean as variance.

    Parameters
    ----------
    g : float or array
        Gain per step of the exponential moving average [1].
    attack_rate : float or array
        Attack rate [1 / (prey time)].
    density : float or array
        Density of the prey [prey].
    dt : float or array
        Length of a step [time].

    Returns
    -------
    float or array
        Variance of the averaged count [1]; nan unless ``0 < g < 2``.

    Examples
    --------
    >>> round(count_noise_variance(0.5, attack_rate=1.5, density=2.0), 6)
    1.0

    References
    ----------
    Derived here; verified against simulation of the recursion in tests/theory.
    """
    return tracker.noise_variance(g, observation_variance=attack_rate * density * dt)
