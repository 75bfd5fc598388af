"""Benna and Fusi's chain: memories that fade as a power of time, and how long they last.

``C_k du_k/dt = g_(k-1) (u_(k-1) - u_k) + g_k (u_(k+1) - u_k)``, ``C_k = r^(k-1)``, ``g_k = g_1
r^(1-k)``, ``u_(m+1) = 0``. An event adds to ``u_1``; the synapse is ``u_1``. ``N`` synapses store
one random pattern per unit of time; an ideal observer who knows a pattern finds it at the ratio of
signal to noise ``SNR(t) = sqrt(N) u_1(t) / sqrt(int u_1^2)`` after a time ``t``.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

type Array = NDArray[Any]

RATIO, COUPLING = 2.0, 0.125
"""The constants of the paper, quoted at second hand."""


def _modes(variables: int, ratio: float, coupling: float) -> tuple[Array, Array]:
    """Return rates and weights: ``u_1(t) = sum_i weights_i e^(-rates_i t)`` after an event of 1."""
    if variables < 1:
        raise ValueError(f"variables must be at least 1; got {variables}")
    power = np.arange(variables)
    tube, volume = coupling * ratio**-power, ratio**power
    drained = tube + np.concatenate([[0.0], tube[:-1]])
    flow = np.diag(drained) - np.diag(tube[:-1], 1) - np.diag(tube[:-1], -1)
    rates, vectors = np.linalg.eigh(flow / np.sqrt(np.outer(volume, volume)))
    return rates, vectors[0] ** 2


def retention(
    time: ArrayLike, *, variables: int, ratio: float = RATIO, coupling: float = COUPLING
) -> Array:
    """Return ``u_1(t)`` after an event of size 1.

    Parameters
    ----------
    time : array, shape (t,)
        Time since the event [time].
    variables : int
        Length ``m`` of the chain.
    ratio, coupling : float
        ``r`` and ``g_1`` [1/time].

    Returns
    -------
    array, shape (t,)
        What is left.

    Examples
    --------
    >>> retention([0.0, 10.0, 100.0, 1000.0], variables=8).round(4).tolist()
    [1.0, 0.4202, 0.1334, 0.0425]
    >>> retention([8.0], variables=1).round(6).tolist()  # e^-1
    [0.367879]

    References
    ----------
    Benna & Fusi (2016), Nature Neuroscience 19:1697.
    """
    rates, weights = _modes(variables, ratio, coupling)
    return np.asarray(np.exp(-np.multiply.outer(np.asarray(time, float), rates)) @ weights)


def slowest_time(*, variables: int, ratio: float = RATIO, coupling: float = COUPLING) -> float:
    """Return the time after which the chain too forgets exponentially [time].

    Examples
    --------
    >>> round(slowest_time(variables=4))
    1091
    """
    return float(1 / _modes(variables, ratio, coupling)[0][0])


def power(
    first: float = 10.0,
    last: float = 1000.0,
    *,
    variables: int,
    ratio: float = RATIO,
    coupling: float = COUPLING,
) -> float:
    """Return the exponent of forgetting: the slope of ``ln u_1`` over ``ln t``, fitted.

    Over 201 times evenly spaced in ``ln t`` from ``first`` to ``last``.

    Examples
    --------
    >>> round(power(variables=12), 2)
    -0.5
    """
    times = np.geomspace(first, last, 201)
    left = retention(times, variables=variables, ratio=ratio, coupling=coupling)
    return float(np.polyfit(np.log(times), np.log(left), 1)[0])


def noise(
    *, variables: int, ratio: float = RATIO, coupling: float = COUPLING, in_steps: bool = False
) -> float:
    """Return ``int u_1^2 dt``, the variance that random events of size 1 leave in a synapse.

    Parameters
    ----------
    variables, ratio, coupling
        As for `retention`.
    in_steps
        Whether events come once a unit of time and not continually: the integral is then a sum,
        which includes the last event whole.

    Examples
    --------
    >>> noise(variables=1)  # half the time constant of 8
    4.0
    """
    rates, weights = _modes(variables, ratio, coupling)
    both = np.add.outer(rates, rates)
    return float(weights @ (1 / -np.expm1(-both) if in_steps else 1 / both) @ weights)


def signal_to_noise(
    time: ArrayLike,
    *,
    synapses: float,
    variables: int,
    ratio: float = RATIO,
    coupling: float = COUPLING,
    in_steps: bool = False,
) -> Array:
    """Return the ideal observer's ``SNR(t) = sqrt(N) u_1(t) / sqrt(int u_1^2)``.

    Parameters
    ----------
    time : array, shape (t,)
        Age of the memory [time].
    synapses : float
        Number ``N`` of synapses.
    variables, ratio, coupling, in_steps
        As for `noise`.

    Examples
    --------
    >>> signal_to_noise([0.0], synapses=400, variables=1).tolist()
    [10.0]
    """
    told: dict[str, Any] = {"variables": variables, "ratio": ratio, "coupling": coupling}
    variance = noise(**told, in_steps=in_steps)
    return retention(time, **told) * np.sqrt(synapses / variance)


def lifetime(
    *,
    synapses: float,
    variables: int,
    ratio: float = RATIO,
    coupling: float = COUPLING,
    in_steps: bool = False,
) -> float:
    """Return the age at which a memory's SNR falls below 1.

    Parameters
    ----------
    synapses, variables, ratio, coupling, in_steps
        As for `signal_to_noise`.

    Returns
    -------
    float
        Age [time]; 0 where it is below 1 at once.

    Examples
    --------
    >>> [round(lifetime(synapses=n, variables=8), 1) for n in (1e2, 1e3, 1e4)]
    [7.7, 76.9, 782.9]
    >>> [round(lifetime(synapses=n, variables=1), 1) for n in (1e2, 1e3, 1e4)]  # 4 ln(N / 4)
    [12.9, 22.1, 31.3]
    """
    told: dict[str, Any] = {"variables": variables, "ratio": ratio, "coupling": coupling}
    told["in_steps"] = in_steps

    def above(time: float) -> float:
        return float(np.log(signal_to_noise([time], synapses=synapses, **told)[0]))

    if above(0.0) <= 0:
        return 0.0
    last = 1.0
    while above(last) > 0:
        last *= 2
    return float(brentq(above, 0.0, last, rtol=1e-14))


def single_best_lifetime(synapses: float) -> float:
    """Return the longest lifetime of synapses of one variable, tuned to their number: ``N / e``.

    A decay in the time ``tau`` lasts ``(tau / 2) ln(2 N / tau)``, most at ``tau = 2 N / e``.

    Examples
    --------
    >>> round(single_best_lifetime(100), 4)
    36.7879
    """
    return synapses / np.e


def single_best_initial(synapses: float) -> float:
    """Return the initial SNR of those, ``sqrt(e)`` however many: the price of a long life.

    Examples
    --------
    >>> round(single_best_initial(1e4), 2)
    1.65
    """
    return float(np.sqrt(synapses * 2 / (2 * synapses / np.e)))
