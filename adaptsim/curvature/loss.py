"""Loss: what every reading of curvature is given, and its products with vectors."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.tree_util import Partial

from adaptsim.part import Array, Part

type Loss = Callable[[Array], Any]
"""A function of one point ``theta``, shape ``(d,)``, written with ``jax.numpy``, to a scalar."""


def argument(loss: Loss) -> Partial:
    """Return a loss as something that may be an argument of a compiled function.

    The method of a part becomes the method of its class and the part, so that all landscapes of a
    class share what was compiled; any other function is structure, compiled once for each.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> float(argument(Canyon().loss)(jnp.ones(2)))
    50.5
    """
    if isinstance(loss, Partial):
        return loss
    if not callable(loss):
        raise ValueError(f"loss must be a function of one point; got {loss!r}")
    if inspect.ismethod(loss) and isinstance(loss.__self__, Part):
        return Partial(loss.__func__, loss.__self__)
    return Partial(loss)


def point(theta: Any) -> Array:
    """Return a point as a float array of shape ``(d,)``, or say what is wrong with it."""
    place = jnp.asarray(theta, float)
    if place.ndim != 1 or not place.size:
        raise ValueError(f"theta must be one point, shape (d,); got shape {place.shape}")
    return place


def value(loss: Loss, theta: Array) -> Array:
    """Return the loss as a real scalar, or say what it returned instead."""
    returned = jnp.asarray(loss(theta), float)
    if returned.shape != ():
        problem = f"got an array of shape {returned.shape}"
        raise ValueError(f"loss must return one number for one point; {problem}")
    return returned


def slope(loss: Loss, theta: Array) -> Array:
    """Return the gradient of a loss, shape ``(d,)``."""
    gradient: Array = jax.grad(lambda theta: value(loss, theta))(theta)
    return gradient


def products(loss: Loss, theta: Array) -> Callable[[Array], Array]:
    """Return the function that multiplies a vector by the Hessian at ``theta``.

    Forward over reverse: the derivative of the gradient along the vector. The gradient is
    linearised once, so that a product in a loop costs only what depends on the vector.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> products(Canyon().loss, jnp.zeros(2))(jnp.ones(2)).tolist()
    [1.0, 100.0]

    References
    ----------
    Pearlmutter (1994), Fast exact multiplication by the Hessian, Neural Computation 6:147.
    """
    return jax.linearize(lambda theta: slope(loss, theta), theta)[1]


def whole_hessian(loss: Loss, theta: Array) -> Array:
    """Return all second derivatives, shape ``(d, d)``, for up to a few hundred dimensions."""
    return jax.vmap(products(loss, theta))(jnp.eye(theta.size))
