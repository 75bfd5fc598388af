"""Deep linear networks: how fast each mode and each layer learns.

A network ``y = W_L ... W_1 x`` that is trained on whitened inputs with the loss
``abs(W_L ... W_1 - A)^2 / 2`` splits into the singular modes of ``A``. From a small balanced start,
where every layer holds the ``L``-th root of a mode's strength, each mode is a chain of ``L``
weights, ``u = a_1 ... a_L``, that climbs to its singular value ``s`` on its own:

``du/dt = L u^(2 - 2/L) (s - u)``.

Times are those of the gradient flow [1/curvature]; divided by a small learning rate they are steps.
`steps` adds what descent in steps of finite size takes longer or less. Layers that learn at rates
of their own, and chains that are not balanced, are in `chain_time` and `chain_speed_limit`.
"""

from collections.abc import Callable

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from adaptsim.theory._closed_form import Floats, closed_form

RELATIVE = 1e-12
"""Relative error asked of a quadrature."""


@closed_form
def strength(time: Floats, *, target: Floats, initial: Floats) -> Floats:
    """Return the strength of a mode of two layers, ``s e^(2 s t) / (e^(2 s t) - 1 + s / u0)``.

    Parameters
    ----------
    time : float or array
        Time ``t`` of the gradient flow [1/curvature].
    target : float or array
        Singular value ``s``, above 0.
    initial : float or array
        Strength ``u0`` at time 0, above 0.

    Returns
    -------
    float or array
        Strength ``u(t)``; nan where target or start are not above 0.

    Examples
    --------
    >>> round(strength(3.453377, target=1.0, initial=1e-3), 6)
    0.5

    References
    ----------
    Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, ICLR, arXiv 1312.6120.
    """
    left = np.exp(-2 * target * time)
    grown = target / (1 + (target / initial - 1) * left)
    return np.where((target > 0) & (initial > 0), grown, np.nan)


@closed_form
def learning_time(
    reached: Floats, *, target: Floats, initial: Floats, depth: Floats = 2.0
) -> Floats:
    """Return when a balanced mode of ``depth`` layers reaches a strength.

    ``t = int_u0^u du / (L u^(2 - 2/L) (s - u))``, by quadrature over ``ln u``. In closed form it is
    ``ln[(s - u0) / (s - u)]`` for one layer and ``ln[u (s - u0) / (u0 (s - u))] / (2 s)`` for two.
    The deeper, the longer the plateau before anything seems to be learnt.

    Parameters
    ----------
    reached : float or array
        Strength ``u`` that is waited for, between start and target.
    target, initial : float or array
        Singular value ``s`` and strength ``u0`` at first, above 0.
    depth : float or array
        Number of layers ``L``, at least 1.

    Returns
    -------
    float or array
        Time of the gradient flow [1/curvature]; nan where the strength is never reached.

    Examples
    --------
    >>> round(learning_time(0.5, target=1.0, initial=1e-3), 6)
    3.453377
    >>> round(learning_time(0.5, target=1.0, initial=1e-3, depth=8), 6)
    29.749612

    References
    ----------
    Saxe, McClelland & Ganguli (2014), arXiv 1312.6120 (two layers, and the law for more).
    """
    return np.vectorize(_learning_time, otypes=[float])(reached, target, initial, depth)


def _learning_time(reached: float, target: float, initial: float, depth: float) -> float:
    between = min(initial, target) <= reached <= max(initial, target) and reached != target
    if not (between and initial > 0 and target > 0 and depth >= 1):
        return float("nan")

    def pace(log: float) -> float:
        return float(np.exp((2 / depth - 1) * log) / (depth * (target - np.exp(log))))

    return _integral(pace, np.log(initial), np.log(reached))


@closed_form
def steps(
    reached: Floats, *, target: Floats, initial: Floats, depth: Floats, rate: Floats
) -> Floats:
    """Return after how many steps of descent a balanced mode reaches a strength.

    ``n = t / rate + ln[g(u) / g(u0)] / 2`` with the slope ``g(u) = u^(1 - 1/L) (s - u)`` of a
    weight: the time of the flow that descent really follows (its modified equation), to second
    order. What is left out is of the order of ``rate`` times the largest curvature [steps].

    Parameters
    ----------
    reached, target, initial, depth : float or array
        As for `learning_time`.
    rate : float or array
        Learning rate, above 0 and well below `speed_limit` [1/curvature].

    Returns
    -------
    float or array
        Steps; nan where the strength is never reached.

    Examples
    --------
    One layer is a bowl, where the exact answer is ``ln(999/500) / -ln(0.99) = 68.8675``:

    >>> round(steps(0.5, target=1.0, initial=1e-3, depth=1, rate=0.01), 3)
    68.869

    References
    ----------
    Derived here. Hairer, Lubich & Wanner, Geometric Numerical Integration, section IX.1 (the
    modified equation of Euler's method).
    """
    time = learning_time(reached, target=target, initial=initial, depth=depth)
    power = 1 - 1 / depth
    slopes = reached**power * (target - reached) / (initial**power * (target - initial))
    return np.where(rate > 0, time / rate + np.log(slopes) / 2, np.nan)


@closed_form
def layer_speed_ratio(weight: Floats, other: Floats) -> Floats:
    """Return how fast a layer of a mode learns beside another, ``abs(da/db) = abs(b / a)``.

    Each weight of a chain is pushed by the product of all the others: the weaker a layer, the
    faster it learns. ``a^2 - b^2`` is conserved by the flow (`imbalance`).

    Parameters
    ----------
    weight, other : float or array
        What the mode holds in the layer, ``a``, and in the other, ``b``.

    Returns
    -------
    float or array
        Ratio of speeds [1].

    Examples
    --------
    >>> layer_speed_ratio(0.1, 2.0)
    20.0

    References
    ----------
    Saxe, McClelland & Ganguli (2014), arXiv 1312.6120.
    """
    return np.abs(other / weight)


@closed_form
def imbalance(weight: Floats, other: Floats) -> Floats:
    """Return ``a^2 - b^2`` of two layers of a mode, which the gradient flow conserves.

    Descent in steps of size ``rate`` changes it by a term of the order of ``rate^2`` a step.

    Parameters
    ----------
    weight, other : float or array
        What the mode holds in the two layers.

    Examples
    --------
    >>> imbalance(3.0, 2.0)
    5.0

    References
    ----------
    Saxe, McClelland & Ganguli (2014), arXiv 1312.6120.
    """
    return weight**2 - other**2


@closed_form
def speed_limit(target: Floats, *, depth: Floats) -> Floats:
    """Return the learning rate at which descent ceases to hold the balanced minimum.

    ``2 / (L s^(2 - 2/L))``: the strongest mode has the largest curvature there,
    ``sum_l (s / a_l)^2`` with ``a_l = s^(1/L)``.

    Parameters
    ----------
    target : float or array
        Largest singular value ``s``, above 0.
    depth : float or array
        Number of layers ``L``, at least 1.

    Returns
    -------
    float or array
        Upper limit of the learning rate (excluded) [1/curvature]; nan outside of those ranges.

    Examples
    --------
    >>> speed_limit(4.0, depth=2), round(speed_limit(4.0, depth=3), 6)
    (0.25, 0.104993)

    References
    ----------
    Saxe, McClelland & Ganguli (2014), arXiv 1312.6120, for how it scales with depth; derived here.
    """
    limit = 2 / (depth * target ** (2 - 2 / depth))
    return np.where((target > 0) & (depth >= 1), limit, np.nan)


def chain_time(reached: float, *, target: float, weights: Floats, rates: Floats = 1.0) -> float:
    """Return when a chain reaches a strength, balanced or not, each layer at a rate of its own.

    A layer of relative rate ``r`` moves as ``da_l/dt = r_l (u / a_l) (s - u)``, so that
    ``a_l^2 / r_l`` grows by the same amount ``x`` in all layers, ``dx/dt = 2 u (s - u)`` and

    ``t = int_0^X dx / (2 u (s - u))``, ``u(x)^2 = prod_l (a_l(0)^2 + r_l x)``, ``u(X) = u``.

    Where ``r_l`` is proportional to ``a_l(0)^2`` an unbalanced chain learns as a balanced one does.

    Parameters
    ----------
    reached : float
        Strength that is waited for, from the product of the weights to below the target.
    target : float
        Singular value ``s``, above 0.
    weights : array, shape (L,)
        Weights ``a_l`` at first, above 0.
    rates : float or array, shape (L,)
        Relative rates ``r_l``, at least 0, one above it.

    Returns
    -------
    float
        Time of the flow, in units of one over the learning rate that the relative rates multiply;
        nan where the strength is never reached.

    Examples
    --------
    >>> round(chain_time(0.5, target=1.0, weights=[0.1, 0.1, 0.1]), 6)  # as `learning_time`
    9.144747
    >>> round(chain_time(0.5, target=1.0, weights=[0.001, 1.0]), 6)
    0.597029

    References
    ----------
    Derived here from the conserved quantities of Saxe, McClelland & Ganguli (2014).
    """
    weights, rates = _chain(weights, rates)
    if not float(np.prod(weights)) <= reached < target:
        return float("nan")

    def pace(log: float) -> float:
        grown = np.expm1(log)
        product = float(np.sqrt(np.prod(weights**2 + rates * grown)))
        return float(np.exp(log) / (2 * product * (target - product)))

    return _integral(pace, 0.0, np.log1p(_growth(reached, weights, rates)))


def chain_end(target: float, *, weights: Floats, rates: Floats = 1.0) -> np.ndarray:
    """Return the weights of a chain when it has learnt, ``sqrt(a_l(0)^2 + r_l X)``.

    Parameters
    ----------
    target, weights, rates
        As for `chain_time`.

    Returns
    -------
    array, shape (L,)
        Weights whose product is the target.

    Examples
    --------
    >>> chain_end(1.0, weights=[0.1, 0.1]).round(6).tolist()
    [1.0, 1.0]
    """
    weights, rates = _chain(weights, rates)
    ended: np.ndarray = np.sqrt(weights**2 + rates * _growth(target, weights, rates))
    return ended


def chain_speed_limit(target: float, *, weights: Floats, rates: Floats = 1.0) -> float:
    """Return the learning rate at which a chain ceases to hold the minimum that its flow reaches.

    ``2 / sum_l r_l (s / a_l)^2`` with the weights of `chain_end`.

    Parameters
    ----------
    target, weights, rates
        As for `chain_time`.

    Returns
    -------
    float
        Upper limit (excluded) of the learning rate that the relative rates multiply.

    Examples
    --------
    >>> round(chain_speed_limit(4.0, weights=[0.1, 0.1]), 9)  # as `speed_limit`
    0.25
    >>> round(chain_speed_limit(4.0, weights=[0.1, 0.1], rates=[1.0, 0.0]), 6)  # a bowl
    200.0
    """
    _, own = _chain(weights, rates)
    ended = chain_end(target, weights=weights, rates=rates)
    return float(2 / np.sum(own * (target / ended) ** 2))


def _chain(weights: Floats, rates: Floats) -> tuple[np.ndarray, np.ndarray]:
    known = np.atleast_1d(np.asarray(weights, float))
    relative = np.broadcast_to(np.asarray(rates, float), known.shape)
    if not (known > 0).all():
        raise ValueError(f"weights must be above 0; got {known.tolist()}")
    if not ((relative >= 0).all() and (relative > 0).any()):
        raise ValueError(f"rates must be at least 0, one above it; got {relative.tolist()}")
    return known, relative


def _growth(reached: float, weights: np.ndarray, rates: np.ndarray) -> float:
    """Return ``X``, by how much ``a_l^2 / r_l`` has grown when the product is ``reached``."""

    def short(growth: float) -> float:
        return float(np.sum(np.log(weights**2 + rates * growth)) / 2 - np.log(reached))

    if short(0.0) >= 0:
        return 0.0
    moving = rates > 0
    alone = (reached / np.prod(weights)) ** 2 * np.min(weights[moving] ** 2 / rates[moving])
    return float(brentq(short, 0.0, alone, xtol=1e-300, rtol=4 * np.finfo(float).eps))


def _integral(pace: Callable[[float], float], low: float, high: float) -> float:
    return float(quad(pace, low, high, epsabs=0.0, epsrel=RELATIVE, limit=200)[0])
