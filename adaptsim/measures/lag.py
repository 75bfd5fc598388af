r"""Mean lag: the delay that does not depend on how the input varies.

A linear tracker has one impulse response h and many lags. The mean lag, sum(k h) / sum(h), belongs
to the tracker alone and is 1/g for x[t+1] = (1 - g) x[t] + g y[t]. The phase lag (`tone.py`,
`spectrum.py`) depends on the period, the cross-correlation lag (`cross_correlation.py`) on the
whole spectrum of the input. All are right; they are different quantities.
"""

from typing import NamedTuple, Unpack

import numpy as np
from numpy.typing import ArrayLike

from .measurement import Array, Measurement, Options, Settings, joined
from .moments import MomentEstimator, measure, time_means, undefined
from .series import Series, align, constant_series

# Determinant of the normal equations, relative to its diagonal, below which they have no solution.
SINGULAR = 1e-12
# A ramp may stray from a straight line by this fraction of its rise.
CROOKED = 1e-6


def mean_lag(output: ArrayLike, target: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure the mean lag of the impulse response from a first-order regression.

    .. math:: x_{t+1} = a x_t + b y_t + c, \qquad
              \sum_k k h_k / \sum_k h_k = 1 / (1 - a)

    This is the group delay at zero frequency, 1/g for a tracker, whatever the spectrum of the
    input. Post-update, y_{t+1} stands in place of y_t and the lag is one step shorter. Noise in
    what the tracker *perceives* does no harm; noise added to the recorded output or target biases
    a towards zero and so shortens the lag, and a tracker of higher order is not described.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it
        What it follows [trait].
    **options : Options
        burn_in, convention, deterministic, forcing_period, level, n_resamples, seed: see
        `Settings`.

    Returns
    -------
    Measurement
        `mean_lag` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> target = np.sin(np.arange(300) ** 1.1)
    >>> output = np.zeros(300)
    >>> for t in range(299):
    ...     output[t + 1] = 0.9 * output[t] + 0.1 * target[t]
    >>> round(mean_lag(output, target).value, 6)
    10.0

    References
    ----------
    Least squares for an ARX model is textbook system identification; derived and checked here, no
    source consulted.
    """
    settings = Settings(**options)
    method = "least-squares ARX(1,1), 1/(1-a)"
    series = align(output, target, burn_in=settings.burn_in, n_least=8)
    flag = series.fault or constant_series(series)
    if flag:
        return undefined("mean_lag", "steps", method, settings, flag)
    fit = FirstOrderFit(settings.convention == "post-update")
    estimator = MomentEstimator(fit.columns, fit.lag)
    warning = _fit_warning(fit, series)
    return measure("mean_lag", "steps", method, estimator, series, settings, warning)


def ramp_lag(output: ArrayLike, target: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure the mean lag from the steady error behind a target that rises in a straight line.

    .. math:: \overline{y_t - x_t} / v, \qquad y_t = v t + \text{const}

    Drop the transient with `burn_in`. For a tracker of unit gain this is 1/g steps.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it
        The ramp it follows [trait].
    **options : Options
        As in `mean_lag`.

    Returns
    -------
    Measurement
        `mean_lag` [steps].

    Examples
    --------
    >>> import numpy as np
    >>> ramp = 0.5 * np.arange(40.0)
    >>> ramp_lag(ramp - 2.0, ramp).value
    4.0

    References
    ----------
    Textbook control theory (velocity error); derived and checked here, no source consulted.
    """
    settings = Settings(**options)
    method = "steady error on a ramp / slope"
    series = align(output, target, burn_in=settings.burn_in, n_least=3)
    if series.fault:
        return undefined("mean_lag", "steps", method, settings, series.fault)
    slope, stray = _line(series.target)
    if np.any(slope == 0.0):
        return undefined("mean_lag", "steps", method, settings, "target does not move")
    straight = np.all(stray <= CROOKED * np.abs(slope) * series.n_steps)
    estimator = MomentEstimator(
        lambda x, y: np.stack([y - x, np.broadcast_to(_line(y)[0], x.shape)]),
        lambda means: means[0] / means[1],
    )
    flag = "" if straight else "target is not a straight ramp"
    return measure("mean_lag", "steps", method, estimator, series, settings, flag)


class FirstOrder(NamedTuple):
    """Coefficients of x[t+1] = a x[t] + b y + c, of centred output and target."""

    rate: Array
    """1 - a, the gain per step of a tracker."""
    strength: Array
    """b, equal to `rate` for a tracker of unit gain."""
    intercept: Array
    """c."""
    clarity: Array
    """Squared ratio of b to its standard error, per step."""


class FirstOrderFit:
    """Least squares of x[t+1] = a x[t] + b y + c, from time means.

    It is solved for 1 - a with the regressors y - x[t] and y, which stay well conditioned where x
    follows y closely.
    """

    def __init__(self, post_update: bool = False) -> None:
        self.post_update = post_update

    def columns(self, output: Array, target: Array) -> Array:
        """Return the products whose means give the fit, shape (9, T - 1, m)."""
        return np.stack(self.products(output, target))

    def products(self, output: Array, target: Array) -> list[Array]:
        """Return the columns one by one, each ``(T - 1, m)``."""
        x, y = output - output.mean(axis=0), target - target.mean(axis=0)
        seen = y[1:] if self.post_update else y[:-1]
        gap, change = seen - x[:-1], x[1:] - x[:-1]
        products = [gap * gap, gap * seen, seen * seen, gap * change, seen * change, change**2]
        return [gap, seen, change, *products]

    def solve(self, means: Array) -> FirstOrder:
        """Return the coefficients, `nan` where output and target are collinear."""
        gap, seen, change, gg, gs, ss, gc, sc, cc = means
        gg, gs, ss = gg - gap * gap, gs - gap * seen, ss - seen * seen
        gc, sc, cc = gc - gap * change, sc - seen * change, cc - change * change
        determinant = gg * ss - gs * gs
        determinant = np.where(determinant > SINGULAR * gg * ss, determinant, np.nan)
        rate, rest = (ss * gc - gs * sc) / determinant, (gg * sc - gs * gc) / determinant
        noise = np.maximum(cc - rate * gc - rest * sc, 1e-15 * cc)
        variance = noise * (gg + ss - 2.0 * gs) / determinant
        strength = rate + rest
        return FirstOrder(rate, strength, change - rate * gap - rest * seen, strength**2 / variance)

    def lag(self, means: Array) -> Array:
        """Return the mean lag [steps], `nan` where the fitted response does not die out."""
        rate = self.solve(means).rate
        rate = np.where((rate > 0.0) & (rate < 2.0), rate, np.nan)
        return 1.0 / rate - 1.0 if self.post_update else 1.0 / rate


def _fit_warning(fit: FirstOrderFit, series: Series) -> str:
    with np.errstate(all="ignore"):
        means = time_means(fit.columns, series)
        first_order = fit.solve(means)
    rate = first_order.rate
    if np.isnan(rate).all():
        return "output and target are collinear"
    dying = (rate > 0.0) & (rate < 2.0)
    # 4: two standard errors, the squared ratio being per step.
    weak = (
        np.nan_to_num(first_order.clarity).mean() * (series.n_steps - 4) * series.n_realisations
        < 4.0
    )
    return joined(
        "" if dying.any() else "fitted response does not die out",
        "no clear response to the target" if weak else "",
    )


def _line(values: Array) -> tuple[Array, Array]:
    """Least-squares slope per step and largest distance from the line, of each series."""
    time = np.arange(values.shape[0]) - 0.5 * (values.shape[0] - 1)
    slope = np.tensordot(time, values - values[0], axes=1) / np.sum(time**2)
    line = np.multiply.outer(time, slope) + values.mean(axis=0)
    return slope, np.abs(values - line).max(axis=0)
