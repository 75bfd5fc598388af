"""Methylation that gates plasticity: kinetics, the pace of each synapse, and stability.

A synapse learns at the effective rate ``rate * phi(m)``. The methylation ``m`` in [0, 1] is written
at the rate ``k_w`` and erased at ``k_e``, ``dm/dt = k_w (1 - m) - k_e m``. That ``phi`` falls with
``m`` is a hypothesis (see `adaptsim.rules.Methylated`); here it is what is handed in.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def equilibrium(writing: Floats, erasing: Floats) -> Floats:
    """Return the methylation at which writing and erasing balance, ``k_w / (k_w + k_e)``.

    Parameters
    ----------
    writing, erasing : float or array
        Rates ``k_w`` and ``k_e``, at least 0 [1/time].

    Returns
    -------
    float or array
        Methylation ``m*`` [1]; nan where both rates are 0.

    Examples
    --------
    >>> equilibrium(1.0, 3.0)
    0.25
    """
    return writing / (writing + erasing)


@closed_form
def time_constant(writing: Floats, erasing: Floats) -> Floats:
    """Return the time in which methylation settles, ``1 / (k_w + k_e)``.

    Examples
    --------
    >>> time_constant(0.02, 0.03)
    20.0
    """
    return 1 / (writing + erasing)


@closed_form
def course(time: Floats, *, start: Floats, writing: Floats, erasing: Floats) -> Floats:
    """Return methylation over time, ``m* + (m0 - m*) e^(-(k_w + k_e) t)``.

    Parameters
    ----------
    time : float or array
        Time ``t`` [time].
    start : float or array
        Methylation ``m0`` at time 0, in [0, 1].
    writing, erasing : float or array
        Rates ``k_w`` and ``k_e``, at least 0 [1/time].

    Returns
    -------
    float or array
        Methylation ``m(t)`` in [0, 1]; ``m0`` where both rates are 0.

    Examples
    --------
    >>> round(course(40.0, start=0.1, writing=0.02, erasing=0.03), 6)
    0.359399
    """
    both = writing + erasing
    level = np.where(both > 0, writing / both, start)
    return level + (start - level) * np.exp(-both * time)


@closed_form
def rise_time_63(rate: Floats, *, gate: Floats, curvature: Floats) -> Floats:
    """Return in how many steps a synapse makes good 63 % of its error, ``-1/ln|1 - eta phi lam|``.

    Parameters
    ----------
    rate : float or array
        Learning rate ``eta`` [1/curvature].
    gate : float or array
        ``phi(m)`` of the synapse.
    curvature : float or array
        Mean square ``lam`` of its input, uncorrelated with others.

    Returns
    -------
    float or array
        Time [steps]; 0 for a gain of 1, nan outside of the stable gains 0 to 2.

    Examples
    --------
    >>> [round(rise_time_63(0.1, gate=1 - m, curvature=1.0), 6) for m in (0, 0.5, 0.9, 0.99)]
    [9.491222, 19.495726, 99.499162, 999.499917]
    """
    gain = rate * gate * curvature
    return np.where((gain > 0) & (gain < 2), -1 / np.log(np.abs(1 - gain)), np.nan)


def speed_limit(moment: ArrayLike, gates: ArrayLike) -> float:
    """Return the learning rate at which synapses together lose stability.

    ``2 / lambda_max(D^(1/2) H D^(1/2))`` with ``D = diag(phi(m))``.

    Parameters
    ----------
    moment : array, shape (d, d)
        Second moment ``H`` of the inputs, symmetric.
    gates : array, shape (d,)
        ``phi(m)`` of each synapse, at least 0.

    Returns
    -------
    float
        Upper limit of the rate (excluded) [1/curvature]; inf where nothing is let through.

    Examples
    --------
    >>> H = [[2.0, 0.8], [0.8, 1.0]]
    >>> [round(speed_limit(H, [1 - m, 1 - n]), 6) for m, n in ((0, 0), (0.5, 0), (0, 0.5))]
    [0.818532, 1.277396, 0.913486]

    References
    ----------
    ``I - eta D H`` is similar to ``I - eta D^(1/2) H D^(1/2)``; derived here.
    """
    largest = float(np.linalg.eigvalsh(_gated(moment, gates))[-1])
    return 2 / largest if largest > 0 else float("inf")


def spectral_radius(rate: float, moment: ArrayLike, gates: ArrayLike) -> float:
    """Return the largest ``|1 - eta lambda|`` over the eigenvalues of ``D^(1/2) H D^(1/2)``.

    Parameters
    ----------
    rate : float
        Learning rate ``eta``.
    moment, gates
        As for `speed_limit`.

    Examples
    --------
    >>> spectral_radius(0.5, [[1.0, 0.0], [0.0, 1.0]], [1.0, 0.5])
    0.75
    """
    return float(np.abs(1 - rate * np.linalg.eigvalsh(_gated(moment, gates))).max())


def _gated(moment: ArrayLike, gates: ArrayLike) -> NDArray[Any]:
    second, open_ = np.asarray(moment, float), np.asarray(gates, float)
    if second.shape != (open_.size, open_.size):
        raise ValueError(f"moment must have shape {(open_.size,) * 2}; got {second.shape}")
    if not (open_ >= 0).all():
        raise ValueError(f"gates must be at least 0; got {open_.tolist()}")
    root = np.sqrt(open_)
    return root[:, None] * second * root


@closed_form
def error(
    time: Floats,
    *,
    rate: Floats,
    curvature: Floats,
    start: Floats,
    writing: Floats,
    erasing: Floats,
) -> Floats:
    """Return the part of an error that is left while methylation settles, gate ``1 - m``.

    ``exp(-eta lam I)`` with ``I = (1 - m*) t - (m0 - m*) tau (1 - e^(-t / tau))``, of the flow.

    Parameters
    ----------
    time : float or array
        Time ``t`` [time].
    rate, curvature : float or array
        ``eta`` [1/(curvature time)] and ``lam`` [curvature].
    start, writing, erasing : float or array
        As for `course`; at least one rate above 0.

    Returns
    -------
    float or array
        ``e(t) / e(0)`` [1].

    Examples
    --------
    >>> told = dict(rate=0.5, curvature=1.0, start=0.1, writing=0.02, erasing=0.03)
    >>> f"{error(40.0, **told):.6e}"
    '4.591017e-07'
    """
    level, tau = writing / (writing + erasing), 1 / (writing + erasing)
    passed = (1 - level) * time + (start - level) * tau * np.expm1(-time / tau)
    return np.exp(-rate * curvature * passed)


@closed_form
def mixed_error(time: Floats, *, pace: Floats) -> Floats:
    """Return the mean error over synapses of evenly spread methylation, ``(1 - e^(-k t))/(k t)``.

    The slowest synapses make a tail of ``1/t`` where each alone would forget its error
    exponentially.

    Parameters
    ----------
    time : float or array
        Time ``t`` [time].
    pace : float or array
        ``k``, the rate of a synapse that is not methylated [1/time].

    Returns
    -------
    float or array
        Mean of ``e(t) / e(0)`` [1]; 1 at time 0.

    Examples
    --------
    >>> [round(mixed_error(t, pace=0.2), 6) for t in (5.0, 50.0, 500.0)]
    [0.632121, 0.099995, 0.01]
    """
    way = pace * time
    return np.where(way == 0, 1.0, -np.expm1(-way) / np.where(way == 0, 1.0, way))


@closed_form
def mixed_error_in_steps(steps: Floats, *, gain: Floats) -> Floats:
    """Return the same after steps of finite size, ``[1 - (1 - g)^(n + 1)] / (g (n + 1))``.

    The mean of ``(1 - g (1 - m))^n`` over ``m`` evenly spread in [0, 1].

    Parameters
    ----------
    steps : float or array
        Number ``n`` of steps.
    gain : float or array
        ``g``, the gain of a synapse that is not methylated, above 0 and at most 1.

    Examples
    --------
    >>> mixed_error_in_steps(1, gain=0.5)  # the mean of 1 - u/2
    0.75
    """
    return (1 - (1 - gain) ** (steps + 1)) / (gain * (steps + 1))


@closed_form
def stored_signal(age: Floats, *, gain: Floats) -> Floats:
    """Return what is left of a pattern in synapses of evenly spread methylation, mean overlap.

    Each synapse stores patterns of mean square 1 one over the other, ``w' = w + g (1 - m) (xi -
    w)``; an age of 0 is right after storing. ``M(a) - M(a + 1)`` with `mixed_error_in_steps`
    ``M``.

    Parameters
    ----------
    age : float or array
        Age of the pattern [steps].
    gain : float or array
        ``g``, the gain of a synapse that is not methylated, above 0 and at most 1.

    Examples
    --------
    >>> stored_signal(0, gain=1.0)  # the mean of 1 - m
    0.5

    References
    ----------
    Derived here.
    """
    return mixed_error_in_steps(age, gain=gain) - mixed_error_in_steps(age + 1, gain=gain)


@closed_form
def stored_noise(gain: Floats) -> Floats:
    """Return the variance that all patterns leave in those synapses, ``-1 - (2/g) ln(1 - g/2)``.

    The mean of ``h / (2 - h)`` over ``h = g (1 - m)``.

    Parameters
    ----------
    gain : float or array
        ``g``, above 0 and below 2.

    Examples
    --------
    >>> round(stored_noise(1.0), 6)  # 2 ln 2 - 1
    0.386294
    """
    return -1 - 2 / gain * np.log1p(-gain / 2)


@closed_form
def running_mean_variance(steps: Floats, *, variance: Floats) -> Floats:
    """Return the variance of an estimate whose gate closes as ``1/(1 + t)``, ``R / t``.

    The estimate is then the running mean of what was seen.

    Parameters
    ----------
    steps : float or array
        Number ``t`` of steps, at least 1.
    variance : float or array
        ``R`` of what is seen [trait^2].

    Examples
    --------
    >>> running_mean_variance(50, variance=2.0)
    0.04
    """
    return variance / steps
