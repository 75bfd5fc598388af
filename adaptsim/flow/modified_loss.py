"""The loss whose flow descent really follows: a step's error read as a change of landscape."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.tree_util import Partial

from adaptsim.flow.loss import Loss, as_argument
from adaptsim.part import Array


def modified_loss(loss: Loss, rate: float) -> Loss:
    """Return ``L + rate/4 |gradient of L|**2``, whose flow descent follows to second order.

    Descent with a rate leaves the flow of ``L`` by order ``rate`` in a given time, but the flow of
    this loss only by order ``rate**2``: a finite rate prefers flat places.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    rate
        Learning rate [1 / curvature].

    Examples
    --------
    >>> steeper = modified_loss(lambda theta: jnp.sum(theta**2) / 2, 0.1)
    >>> round(float(steeper(jnp.array([1.0]))), 6)
    0.525

    References
    ----------
    Hairer, Lubich and Wanner, Geometric Numerical Integration, Springer 2006, IX.1; for descent:
    Barrett and Dherin, Implicit gradient regularization, ICLR 2021.
    """
    return Partial(_modified, as_argument(loss), rate)


def _modified(loss: Loss, rate: Array, theta: Array) -> Array:
    value, slope = jax.value_and_grad(loss)(theta)
    return value + rate / 4 * jnp.sum(slope**2)
