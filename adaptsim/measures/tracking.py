"""How far the output is from its target, and why."""

from typing import NamedTuple, Unpack

import numpy as np
from numpy.typing import ArrayLike

from .lag import FirstOrder, FirstOrderFit
from .measurement import Array, Measurement, Options, Settings
from .moments import MomentEstimator, measure
from .series import Series, align

# Singular values of the regressors, relative to the largest, that count as zero.
COLLINEAR = 1e-10


def tracking_mse(output: ArrayLike, target: ArrayLike, **options: Unpack[Options]) -> Measurement:
    r"""Measure the mean squared distance from the target.

    .. math:: \overline{(x_t - y_t)^2}

    The convention matters: a tracker that has already seen y_t (post-update) is closer.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it
        Where the loss is least [trait].
    **options : Options
        burn_in, convention (recorded only), deterministic, forcing_period, level, n_resamples,
        seed: see `Settings`.

    Returns
    -------
    Measurement
        `tracking_mse` [trait^2].

    Examples
    --------
    >>> tracking_mse([0.0, 2.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0]).value
    1.0

    References
    ----------
    A definition; no source needed.
    """
    settings = Settings(**options)
    estimator = MomentEstimator(_squared_error, lambda means: means[0])
    series = align(output, target, burn_in=settings.burn_in)
    return measure("tracking_mse", "trait^2", "mean", estimator, series, settings, least=0.0)


class ErrorParts(NamedTuple):
    """The tracking error and its three parts, which sum to it [trait^2]."""

    total: Measurement
    """`tracking_mse`."""
    bias: Measurement
    """`squared_bias`: square of the mean error."""
    lag: Measurement
    """`lag_error`: variance of the error that follows from the target."""
    noise: Measurement
    """`noise_error`: variance of the error that does not."""


def mse_decomposition(
    output: ArrayLike, target: ArrayLike, **options: Unpack[Options]
) -> ErrorParts:
    r"""Split the mean squared error into bias, lag and noise.

    .. math:: \overline{e^2} = \bar e^2 + \overline{l^2} + \overline{r^2}, \qquad
              e_t - \bar e = l_t + r_t

    What follows from the target, l, is the least-squares projection of the error on two series:
    the target, and the response of the fitted tracker (`mean_lag`) to the target without noise.
    What is left, r, is uncorrelated with both, so the parts sum to the total. For a linear tracker
    of a noisy cue, l is the error of the noiseless tracker and r the perceived noise passed on,
    of variance g R / (2 - g). Fitting takes from r a share of about 3 / n_eff, which goes to bias
    and lag. A tracker of higher order leaves some of its lag in r.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it
        Where the loss is least, without the noise of its perception [trait].
    **options : Options
        As in `tracking_mse`; the convention here also decides which target the fit uses.

    Returns
    -------
    ErrorParts
        total, bias, lag, noise: each a `Measurement` [trait^2].

    Examples
    --------
    >>> import numpy as np
    >>> target = np.sin(np.arange(200) / 8)
    >>> parts = mse_decomposition(np.roll(target, 1)[1:] + 0.5, target[1:], deterministic=True)
    >>> round(parts.bias.value, 2), bool(parts.noise.value < 1e-20)
    (0.25, True)

    References
    ----------
    The split is this package's own definition, stated above.
    """
    settings = Settings(**options)
    series = align(output, target, burn_in=settings.burn_in, n_least=8)
    split = series if series.fault else _error_and_explained(series, settings)

    def part(name: str, estimator: MomentEstimator) -> Measurement:
        method = "projection of the error on target and noiseless response"
        return measure(name, "trait^2", method, estimator, split, settings, least=0.0)

    return ErrorParts(
        part("tracking_mse", MomentEstimator(lambda e, _: (e**2)[None], lambda mean: mean[0])),
        part("squared_bias", MomentEstimator(lambda e, _: e[None], lambda mean: mean[0] ** 2)),
        part("lag_error", MomentEstimator(lambda _, lag: (lag**2)[None], lambda mean: mean[0])),
        part("noise_error", MomentEstimator(_squared_rest, lambda mean: mean[0])),
    )


def _squared_error(output: Array, target: Array) -> Array:
    return ((output - target) ** 2)[None]


def _squared_rest(error: Array, explained: Array) -> Array:
    return ((error - error.mean(axis=0) - explained) ** 2)[None]


def _error_and_explained(series: Series, settings: Settings) -> Series:
    """Error e, and its part l that follows from the target, both (T, k, m)."""
    fit = FirstOrderFit(settings.convention == "post-update")
    error = series.output - series.target
    explained = np.empty_like(error)
    for j in range(series.n_realisations):
        output, target = series.output[:, j], series.target[:, j]
        with np.errstate(all="ignore"):
            fitted = fit.solve(fit.columns(output, target).mean(axis=1))
        for i in range(output.shape[1]):
            single = FirstOrder(*(coefficient[i] for coefficient in fitted))
            response = _noiseless(output[:, i], target[:, i], single, fit.post_update)
            explained[:, j, i] = _projection(error[:, j, i], target[:, i], response)
    return Series(error, explained)


def _noiseless(output: Array, target: Array, fitted: FirstOrder, post_update: bool) -> Array:
    """Response of the fitted tracker to the target alone, started where the output starts."""
    if not 0.0 < fitted.rate < 2.0:
        return target
    cue = target - target.mean()
    seen = cue[1:] if post_update else cue[:-1]
    start = output[0] - output.mean()
    kept = 1.0 - fitted.rate
    push = fitted.strength * seen + fitted.intercept
    from scipy import signal

    later, _ = signal.lfilter([1.0], [1.0, -kept], push, zi=[kept * start])
    return np.concatenate([[start], later])


def _projection(error: Array, target: Array, response: Array) -> Array:
    """Part of the centred error in the span of the centred target and response."""
    basis = np.stack([target, response], axis=1)
    left, size, _ = np.linalg.svd(basis - basis.mean(axis=0), full_matrices=False)
    left = left[:, size > COLLINEAR * max(float(size[0]), 1e-300)]
    return np.asarray(left @ (left.T @ (error - error.mean())))
