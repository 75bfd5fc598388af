"""The bet on flatness: the loss along one step, as it is and as it is taken to be."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np

from adaptsim.flow import checked
from adaptsim.flow.loss import Loss


class Bet(NamedTuple):
    """A section of the loss along ``-g`` and where steps land on it.

    Attributes
    ----------
    rates : array
        Learning rates along the section, from 0, shape ``(m,)`` [1 / curvature].
    loss, flat, curved : array
        At ``theta - rate g``, shape ``(m,)`` [loss]: true; forecast of a flat landscape
        ``L - rate g'g``; forecast with curvature ``L - rate g'g + rate**2 g'Hg / 2``.
    landing_rates : array
        Learning rates of the steps shown, shape ``(k,)`` [1 / curvature].
    landing_points : array
        Where they land, shape ``(k, d)`` [trait].
    landing_loss : array
        True loss there, shape ``(k,)`` [loss].
    best_rate : float
        Where the forecast with curvature is least, ``g'g / g'Hg`` [1 / curvature]; nan where the
        landscape does not curve up. At twice this rate it forecasts no gain.
    """

    rates: np.ndarray
    loss: np.ndarray
    flat: np.ndarray
    curved: np.ndarray
    landing_rates: np.ndarray
    landing_points: np.ndarray
    landing_loss: np.ndarray
    best_rate: float


def bet_on_flatness(
    loss: Loss, theta: Any, landing_rates: Any, *, reach: float | None = None, points: int = 201
) -> Bet:
    """Return the data of a picture: what one step of descent bets on, and what it meets.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    theta
        Where the step begins, shape ``(d,)`` [trait].
    landing_rates
        Learning rates of the steps to show, shape ``(k,)`` [1 / curvature].
    reach
        Largest learning rate of the section; a tenth beyond the largest landing by default.
    points
        Points of the section ``m``, at least 2.

    Examples
    --------
    >>> bet = bet_on_flatness(lambda theta: 2 * theta[0] ** 2, [1.0], [0.25, 0.5], points=3)
    >>> bet.landing_loss.tolist(), bet.best_rate
    ([0.0, 2.0], 0.25)

    References
    ----------
    Cauchy, Comptes rendus 25 (1847) 536-538, for the best rate; Nocedal and Wright, Numerical
    Optimization, Springer 2006, section 3.3.
    """
    theta = checked.place("theta", theta)
    landings = np.atleast_1d(checked.positive("landing_rates", landing_rates))
    furthest = 1.1 * landings.max() if reach is None else float(checked.positive("reach", reach))
    if points < 2:
        raise ValueError(f"points must be at least 2; got {points!r}.")
    rates = np.linspace(0.0, furthest, points)
    gradient = jax.grad(loss)(theta)
    gain = float(gradient @ gradient)
    bend = float(gradient @ jax.jvp(jax.grad(loss), (theta,), (gradient,))[1])
    landing_points = theta - landings[:, None] * gradient
    along = jax.vmap(loss)
    flat = float(loss(theta)) - rates * gain
    return Bet(
        rates,
        np.asarray(along(theta - rates[:, None] * gradient)),
        flat,
        flat + rates**2 * bend / 2,
        landings,
        np.asarray(landing_points),
        np.asarray(along(landing_points)),
        gain / bend if bend > 0 else np.nan,
    )
