"""Luck of one life: equals differ in what they saw, and selection does not know it is luck.

An individual's error is that of the world, which all equals share, and that of its own noise. Over
a life of L steps its mean squared error differs from that of its equals with a variance that falls
as ``1/L``. Fitness that falls exponentially with error gains by such variance, so short lives
favour rates at which luck plays a larger part than where error alone is least.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adaptsim.theory._closed_form import Floats, closed_form


def error_variance(world: NDArray[Any], noise: NDArray[Any], *, life: float) -> NDArray[Any]:
    """Return how the mean squared error of one life varies among equals in one world.

    ``sum over k of (2 - [k = 0]) (1 - k/L) (2 N(k)^2 + 4 W(k) N(k)) / L``, with the covariances W
    of the error that all share and N of their own, normal, at lag k.

    Parameters
    ----------
    world, noise : array
        Covariances W and N [trait**2] at lags 0, 1, ..., along axis 0; lags that are not given
        count as 0.
    life : float
        Steps L of a life [steps].

    Returns
    -------
    array
        Variance [trait**4], averaged over worlds.

    Examples
    --------
    >>> float(error_variance(np.zeros(1), np.ones(1), life=50))
    0.04

    References
    ----------
    Derived here (Isserlis' theorem); verified by simulation in tests/theory.
    """
    lags = np.arange(len(noise)).reshape(-1, *[1] * (np.ndim(noise) - 1))
    weight = np.where(lags == 0, 1.0, 2.0) * np.maximum(1 - lags / life, 0.0)
    total: NDArray[Any] = (weight * (2 * noise**2 + 4 * world * noise)).sum(axis=0) / life
    return total


@closed_form
def log_mean_fitness(error: Floats, *, variance: Floats, selection: Floats) -> Floats:
    """Return the log of mean fitness of equals, ``-(M^2/v) ln(1 + s v / (2 M))``.

    Each has the fitness ``exp(-(s/2) e)``, its error e being distributed as gamma about M; without
    luck it is ``-(s/2) M``.

    Parameters
    ----------
    error : float or array
        Mean M of squared errors [trait**2].
    variance : float or array
        Their variance v among equals [trait**4].
    selection : float or array
        Log fitness lost per half squared error, s [1 / trait**2].

    Returns
    -------
    float or array
        Log fitness [1].

    Examples
    --------
    >>> log_mean_fitness(0.5, variance=0.0, selection=4.0)
    -1.0
    >>> round(log_mean_fitness(0.5, variance=0.05, selection=4.0), 6)
    -0.911608

    References
    ----------
    Derived here: the Laplace transform of a gamma distribution, exact for errors that are
    independent from step to step.
    """
    share = variance / np.maximum(error, 1e-300)
    lucky = -error / share * np.log1p(selection * share / 2)
    return np.where(share * selection > 1e-12, lucky, -selection * error / 2)
