"""Oja's rule: weights that turn to the principal component of their inputs.

``dw/dt = C w - (w' C w) w`` with the second moment ``C`` of the inputs, eigenvalues ``lambda_1 >
lambda_2 >= ...``. Gates ``phi``, one per synapse, multiply the right-hand side: they change the
path and the pace, not where it ends.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm

type Array = NDArray[Any]


def course(time: float, *, moment: ArrayLike, start: ArrayLike) -> Array:
    """Return the weights of the flow, all gates open.

    ``w(t) = e^(C t) w0 / sqrt(1 - |w0|^2 + w0' e^(2 C t) w0)``.

    Parameters
    ----------
    time : float
        Time ``t``, steps times rate [1/curvature].
    moment : array, shape (d, d)
        Second moment ``C`` of the inputs.
    start : array, shape (d,)
        Weights ``w0`` at time 0.

    Returns
    -------
    array, shape (d,)
        Weights ``w(t)``.

    Examples
    --------
    >>> course(50.0, moment=[[2.0, 0.0], [0.0, 1.0]], start=[0.1, 0.1]).round(6).tolist()
    [1.0, 0.0]

    References
    ----------
    Oja (1982), A simplified neuron model as a principal component analyzer, J Math Biol 15:267,
    for the rule; the solution is derived here.
    """
    first, second = np.asarray(start, float), np.asarray(moment, float)
    # All is divided by e^(lambda_1 t), so that nothing overflows.
    largest = np.linalg.eigvalsh(second)[-1]
    centred = second - largest * np.eye(first.size)
    grown = expm(centred * time) @ first
    left = (1 - first @ first) * np.exp(-2 * largest * time)
    return np.asarray(grown / np.sqrt(left + grown @ grown))


def rates(moment: ArrayLike, gates: ArrayLike = 1.0) -> Array:
    """Return the rates at which the flow approaches the principal component ``e1``, slowest first.

    Minus the eigenvalues of ``D (C - lambda_1 I - 2 lambda_1 e1 e1')``, ``D = diag(phi)``, all
    above 0 while every gate is open a little. With open gates they are ``lambda_1 - lambda_j`` (the
    angle) and ``2 lambda_1`` (the length).

    Parameters
    ----------
    moment : array, shape (d, d)
        Second moment ``C``, with one largest eigenvalue.
    gates : float or array, shape (d,)
        ``phi`` of each synapse.

    Returns
    -------
    array, shape (d,)
        Rates [curvature].

    Examples
    --------
    >>> rates([[2.0, 0.0], [0.0, 1.0]]).tolist()
    [1.0, 4.0]
    >>> rates([[2.0, 0.0], [0.0, 1.0]], [0.1, 1.0]).tolist()
    [0.4, 1.0]

    References
    ----------
    Derived here. ``D`` times a symmetric negative definite matrix has negative eigenvalues
    (Sylvester), so the end is stable whatever the gates.
    """
    second = np.asarray(moment, float)
    values, vectors = np.linalg.eigh(second)
    first = vectors[:, -1]
    pull = values[-1] * (np.eye(first.size) + 2 * np.outer(first, first)) - second
    root = np.sqrt(np.broadcast_to(np.asarray(gates, float), first.shape))
    return np.linalg.eigvalsh(root[:, None] * pull * root)


def speed_limit(moment: ArrayLike, gates: ArrayLike = 1.0) -> float:
    """Return the learning rate at which steps cease to hold the principal component.

    2 over the largest of `rates`; with open gates ``1 / lambda_1``, by the length.

    Parameters
    ----------
    moment, gates
        As for `rates`.

    Examples
    --------
    >>> round(speed_limit([[2.0, 0.8], [0.8, 1.0]]), 6)
    0.409266
    """
    return float(2 / rates(moment, gates)[-1])


def spectral_radius(rate: float, moment: ArrayLike, gates: ArrayLike = 1.0) -> float:
    """Return the largest ``|1 - eta r|`` over the `rates` ``r``, for a learning rate ``eta``.

    Examples
    --------
    >>> spectral_radius(0.1, [[2.0, 0.0], [0.0, 1.0]])
    0.9
    """
    return float(np.abs(1 - rate * rates(moment, gates)).max())
