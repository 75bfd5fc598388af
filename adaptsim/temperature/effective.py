"""How warm a walk was: its effective temperature, by two routes, with intervals."""

from __future__ import annotations

from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from adaptsim.landscapes import Landscape
from adaptsim.measures.measurement import Array, Measurement, Options, Settings
from adaptsim.measures.moments import MomentEstimator, measure, undefined
from adaptsim.measures.series import Series, align
from adaptsim.temperature.potential import slopes


def temperature_from_variance(
    positions: ArrayLike,
    landscape: Landscape,
    learning_rate: float,
    *,
    momentum: float = 0.0,
    **options: Unpack[Options],
) -> Measurement:
    """Measure the temperature by the spread about a quadratic landscape's minimum.

    ``T = mean_i <y_i^2> lam_i (1 - eta lam_i / (2 (1 + b)))``, y being the distance from the first
    known minimum along the i-th axis of the Hessian there. Exact in a quadratic valley at every
    learning rate if the noise on the slope is the same along all axes; elsewhere it holds for
    small steps in a cold valley.

    Parameters
    ----------
    positions : array, (steps, d) or (chains, steps, d)
        Walks [trait], every step or every so many steps; drop the transient with ``burn_in``.
    landscape
        Where they walked; its first known minimum must be where.
    learning_rate : float
        Learning rate eta [1/curvature].
    momentum : float
        Heavy-ball momentum b [1].
    **options : Options
        ``burn_in``, ``level``, ``n_resamples``, ``seed``: see `Settings`. Intervals are Student's
        over the chains, or the block bootstrap of the only one.

    Returns
    -------
    Measurement
        ``temperature_from_variance`` [loss]; it should be ``eta s^2 / (2 (1 - b))``. nan, with a
        flag, where the learning rate does not hold the minimum.

    Examples
    --------
    >>> from adaptsim.landscapes import Bowl
    >>> still = np.random.default_rng(0).normal(scale=2.0, size=(4, 5000, 1))
    >>> round(temperature_from_variance(still, Bowl(dimension=1), 1.0).value, 1)
    2.0

    References
    ----------
    The inverse of `adaptsim.theory.temperature.stationary_variance`.
    """
    settings, name = Settings(**options), "temperature_from_variance"
    method = "variance in the Hessian's axes, exact for a quadratic"
    minimum = landscape.minima()[0].theta
    curvatures, axes = np.linalg.eigh(np.asarray(landscape.hessian(minimum)))
    softening = 1 - learning_rate * curvatures / (2 * (1 + momentum))
    if not ((curvatures > 0) & (softening > 0)).all():
        return undefined(name, "loss", method, settings, "learning rate does not hold the minimum")
    walks = _steps_first(positions, landscape.dimension) - np.asarray(minimum)
    scaled = (walks @ axes) * np.sqrt(curvatures * softening)
    square = MomentEstimator(lambda y, _: y[None] ** 2, lambda means: means[0])
    series = align(scaled, burn_in=settings.burn_in, n_least=2)
    return measure(name, "loss", method, square, series, settings, least=0.0)


def temperature_from_virial(
    positions: ArrayLike,
    landscape: Landscape,
    learning_rate: float = 0.0,
    **options: Unpack[Options],
) -> Measurement:
    """Measure the temperature by equipartition: each coordinate times its slope is worth T.

    ``d T = <(theta - c) . g> - eta/2 <g . g>``, g the exact gradient of the loss and c the mean
    place of all walks. For plain noisy descent this is an identity, exact at every learning rate
    and in every landscape in which the walk rests: T is then ``eta <s^2> / 2``, s^2 the variance
    of the noise on a slope where the walk was. With ``learning_rate=0`` the last term is left
    out: exact for the Boltzmann density, and too large by that term, about
    ``eta T <laplacian of f> / (2 d)``, for descent in finite steps. A walk that has not seen all
    wells it rests in is not at rest.

    Parameters
    ----------
    positions : array, (steps, d) or (chains, steps, d)
        Walks [trait], every step or every so many steps; drop the transient with ``burn_in``.
    landscape
        Where they walked; of one felt with noise the exact slope is taken.
    learning_rate : float
        Learning rate eta [1/curvature], 0 for the plain virial.
    **options : Options
        As for `temperature_from_variance`.

    Returns
    -------
    Measurement
        ``temperature_from_virial`` [loss].

    Examples
    --------
    >>> from adaptsim.landscapes import Bowl
    >>> still = np.random.default_rng(0).normal(scale=2.0, size=(4, 5000, 1))
    >>> round(temperature_from_virial(still, Bowl(dimension=1)).value, 1)
    4.0
    >>> round(temperature_from_virial(still, Bowl(dimension=1), 1.0).value, 1)
    2.0

    References
    ----------
    The virial theorem; the identity at finite steps, from ``<|theta'|^2> = <|theta|^2>`` at rest,
    is derived here and verified against quadrature in tests/temperature.
    """
    settings, name = Settings(**options), "temperature_from_virial"
    method = "virial, exact for finite steps" if learning_rate else "virial, for small steps"
    walks = _steps_first(positions, landscape.dimension)[settings.burn_in :]
    felt = np.asarray(slopes(landscape, walks.reshape(-1, landscape.dimension)))
    virial = MomentEstimator(_products, lambda means: means[0] - learning_rate / 2 * means[1])
    series = _sane(align(walks, felt.reshape(walks.shape), n_least=2))
    centred = series if series.fault else Series(walks - walks.mean(axis=(0, 1)), series.target)
    return measure(name, "loss", method, virial, centred, settings)


def _products(place: Array, slope: Array) -> Array:
    return np.stack([place * slope, slope**2])


def _sane(series: Series) -> Series:
    """Call a walk diverged whose slope is no longer a number."""
    diverged = series.fault == "target not finite"
    return Series(series.output, series.target, "diverged") if diverged else series


def _steps_first(positions: ArrayLike, dimension: int) -> Array:
    """Turn walks to (steps, chains, d), as measures want them."""
    walks = np.asarray(positions, dtype=float)
    if walks.ndim not in (2, 3) or walks.shape[-1] != dimension:
        wanted = f"(steps, {dimension}) or (chains, steps, {dimension})"
        raise ValueError(f"positions must have shape {wanted}; got {walks.shape}")
    return walks[:, None] if walks.ndim == 2 else np.swapaxes(walks, 0, 1)
