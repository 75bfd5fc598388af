"""Truncation error: what descent loses per step by taking the landscape for flat.

Two errors, both of order ``rate**2``: of the loss that the slope forecasts for the next point, and
of the next point itself against the gradient flow after the same time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.flow import checked
from adaptsim.flow.gradient_flow import tight_flow
from adaptsim.flow.loss import Loss, as_argument
from adaptsim.flow.order import Order, fitted_order
from adaptsim.part import Array
from adaptsim.theory import euler as theory

ROUNDING = 1e-3
"""Rounding may make up this part of an error that still counts as truncation."""

BENT = 1e-3
"""Largest ``rate * curvature`` along the step at which the first term of an error stands alone."""


class Truncation(NamedTuple):
    """An error per learning rate, beside its theory.

    Attributes
    ----------
    rates : array
        Learning rates, shape ``(n,)`` [1 / curvature].
    errors : array
        Measured errors, shape ``(n,)`` [loss, or trait].
    theory : array
        First term of the error in the rate, shape ``(n,)``, same unit.
    asymptotic : array
        Where the first term should stand alone, shape ``(n,)``, decided without looking at the
        theory: rounding at most `ROUNDING` of the error and ``rate * curvature`` at most `BENT`.
    order : Order
        Fitted over the asymptotic rates; 2 in theory.
    """

    rates: np.ndarray
    errors: np.ndarray
    theory: np.ndarray
    asymptotic: np.ndarray
    order: Order


def truncation_error(loss: Loss, theta: Any, rates: Any) -> Truncation:
    """Return the error of the linear forecast of one step's loss, per learning rate.

    ``|L(theta - rate g) - (L(theta) - rate g'g)|``, in theory ``rate**2 g'Hg / 2``, with the
    Hessian times the slope by differentiation along the slope.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    theta
        Where the step begins, shape ``(d,)`` [trait].
    rates
        Learning rates, shape ``(n,)`` [1 / curvature].

    Examples
    --------
    >>> from adaptsim.landscapes import Rosenbrock
    >>> bet = truncation_error(Rosenbrock().loss, [-1.2, 1.0], [1e-8, 1e-7, 5e-7, 0.01])
    >>> round(float(bet.theory[0] / 1e-8**2), 1)
    40792778.4
    >>> round(bet.order.order, 3), bet.asymptotic.tolist()
    (2.0, [True, True, True, False])

    References
    ----------
    `adaptsim.theory.euler.forecast_error`.
    """
    rates, theta = np.atleast_1d(checked.positive("rates", rates)), checked.place("theta", theta)
    here, gradient, product = map(np.asarray, _slopes(as_argument(loss), theta))
    landed = np.asarray(_landings(as_argument(loss), theta, rates))
    errors = np.abs(landed - (here - rates * (gradient @ gradient)))
    expected = np.abs(theory.forecast_error(rates, gradient=gradient, hessian_gradient=product))
    floor = np.finfo(float).eps * (abs(here) + np.abs(landed))
    return _answer(rates, errors, expected, floor, gradient, product)


def local_truncation_error(loss: Loss, theta: Any, rates: Any) -> Truncation:
    """Return how far one step lands from the gradient flow after the same time, per learning rate.

    ``|theta - rate g - flow(rate)|`` (Euclidean), in theory ``rate**2 |H g| / 2``. The flow is
    solved to 13 digits in units of the step itself, so that small steps do not drown in rounding.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    theta
        Where the step begins, shape ``(d,)`` [trait]; where it has no slope, errors are nan.
    rates
        Learning rates, shape ``(n,)`` [1 / curvature].

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> error = local_truncation_error(Canyon().loss, [1.0, 1.0], [1e-7, 1e-6, 1e-5])
    >>> round(error.order.order, 3)
    2.0

    References
    ----------
    `adaptsim.theory.euler.local_truncation_error`.
    """
    rates, theta = np.atleast_1d(checked.positive("rates", rates)), checked.place("theta", theta)
    _, gradient, product = map(np.asarray, _slopes(as_argument(loss), theta))
    errors = np.asarray(_departures(as_argument(loss), theta, rates))
    expected = theory.local_truncation_error(rates, hessian_gradient=product)
    floor = np.finfo(float).eps * rates * np.linalg.norm(gradient) * 1e2
    return _answer(rates, errors, expected, floor, gradient, product)


def _answer(
    rates: np.ndarray,
    errors: np.ndarray,
    expected: np.ndarray,
    floor: np.ndarray,
    gradient: np.ndarray,
    product: np.ndarray,
) -> Truncation:
    """Put together an answer; the curvature along the step is ``|H g| / |g|``."""
    with np.errstate(all="ignore"):
        curvature = np.linalg.norm(product) / np.linalg.norm(gradient)
    asymptotic = (floor <= ROUNDING * errors) & (rates * curvature <= BENT)
    order = fitted_order(rates[asymptotic], errors[asymptotic])
    return Truncation(rates, errors, expected, asymptotic, order)


@jax.jit
def _slopes(loss: Loss, theta: Array) -> tuple[Array, Array, Array]:
    """Return loss, gradient g and Hessian times gradient H g at a point."""
    gradient = jax.grad(loss)(theta)
    product = jax.jvp(jax.grad(loss), (theta,), (gradient,))[1]
    return loss(theta), gradient, product


@jax.jit
def _landings(loss: Loss, theta: Array, rates: Array) -> Array:
    """Return the loss where a step of each rate lands, shape ``(n,)``."""
    gradient = jax.grad(loss)(theta)
    return jax.vmap(lambda rate: loss(theta - rate * gradient))(rates)


@jax.jit
def _departures(loss: Loss, theta: Array, rates: Array) -> Array:
    """Return the distance between step and flow for each rate, shape ``(n,)``.

    In units of the step's length ``s = rate |g|`` and time ``rate``, the flow is that of the loss
    ``L(theta + s u) / (s |g|)`` from ``u = 0`` for one unit of time; the step is ``-g / |g|``.
    """
    gradient = jax.grad(loss)(theta)
    steepness = jnp.linalg.norm(gradient)

    def departure(rate: Array) -> Array:
        length = rate * steepness

        def scaled(u: Array) -> Array:
            return loss(theta + length * u) / (length * steepness)

        end = tight_flow(scaled, jnp.zeros_like(theta), 1.0)
        return length * jnp.linalg.norm(end + gradient / steepness)

    return jax.vmap(departure)(rates)
