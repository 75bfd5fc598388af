"""Loss that a better choice would have saved, summed over the run."""

from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from .measurement import Array, Measurement, Options, Settings
from .moments import MomentEstimator, measure
from .series import align


def dynamic_regret(
    loss: ArrayLike, best_loss: ArrayLike | None = None, **options: Unpack[Options]
) -> Measurement:
    r"""Measure the regret against a choice that may change at every step.

    .. math:: \sum_t [\ell_t(x_t) - \ell_t(x^*_t)]

    With the least possible loss of every step this is never negative; with the loss of another
    learner (a Kalman filter, an oracle) it is the regret against that learner.

    Parameters
    ----------
    loss : array, (T,), (T, k) or (T, k, m)
        Loss of every step [loss].
    best_loss : array that broadcasts with it, optional
        Loss to compare with [loss]; zero by default.
    **options : Options
        burn_in, convention (recorded only), deterministic, forcing_period, level, n_resamples,
        seed: see `Settings`.

    Returns
    -------
    Measurement
        `regret` [loss], summed over the steps after burn-in, averaged over members.

    Examples
    --------
    >>> dynamic_regret([3.0, 1.0, 2.0], [1.0, 1.0, 1.0]).value
    3.0

    References
    ----------
    The definition is common in online learning; no source consulted.
    """
    settings = Settings(**options)
    losses = np.asarray(loss, dtype=np.float64)
    best = np.zeros(losses.shape[:1]) if best_loss is None else best_loss
    series = align(losses, best, burn_in=settings.burn_in)
    estimator = MomentEstimator(lambda lost, least: (lost - least)[None], lambda means: means[0])
    method = "dynamic, sum over steps"
    return measure("regret", "loss", method, estimator, series, settings, total=True)


def static_regret(
    output: ArrayLike,
    target: ArrayLike,
    curvature: float = 1.0,
    **options: Unpack[Options],
) -> Measurement:
    r"""Measure the regret against the best constant trait in hindsight, for a quadratic loss.

    .. math:: \frac{\lambda}{2} \sum_t [(x_t - y_t)^2 - (\bar y - y_t)^2]

    Negative where adapting was better than any constant could have been.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it
        Where the loss is least [trait].
    curvature : float
        Second derivative of the loss, lambda [loss/trait^2].
    **options : Options
        As in `dynamic_regret`.

    Returns
    -------
    Measurement
        `static_regret` [loss].

    Examples
    --------
    >>> static_regret([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]).value
    -1.0

    References
    ----------
    The definition is common in online learning; no source consulted.
    """
    settings = Settings(**options)
    series = align(output, target, burn_in=settings.burn_in)
    estimator = MomentEstimator(
        _squares, lambda means: 0.5 * curvature * (means[0] - (means[2] - means[1] ** 2))
    )
    method = f"against the best constant, curvature {curvature:g}, sum over steps"
    return measure("static_regret", "loss", method, estimator, series, settings, total=True)


def _squares(output: Array, target: Array) -> Array:
    around = target - target.mean(axis=0)
    return np.stack([(output - target) ** 2, around, around**2])
