"""Systems of the tests: descent on wells and recurrent networks trained through time."""

import jax.numpy as jnp
import numpy as np

from adaptsim.dynamics import System
from adaptsim.landscapes import Cosine, CubicWell, DoubleWell, Landscape
from adaptsim.rules import GradientDescent


def descent(landscape, start=None):
    """Return plain descent, turned by its learning rate."""
    return System.of(landscape, GradientDescent(), start=start)


def well(loss, start=0.7):
    """Return descent on a loss of one number."""
    return descent(Landscape.from_function(lambda theta: loss(theta[0]), 1, start=start))


CUBIC_WELL = descent(CubicWell())
DOUBLE_WELL = descent(DoubleWell())
COSINE = descent(Cosine())
LOGISTIC = System.of_map(lambda x, r: r * x * (1 - x), 0.3, "r")


def tanh_network(steps, decay=0.0):
    """Return the loss of ``h_t = tanh(w h_t-1)``, ``h_0 = 1``, whose last should be 0.5."""

    def loss(w):
        h = 1.0
        for _ in range(steps):
            h = jnp.tanh(w * h)
        return (h - 0.5) ** 2 / 2 + decay * w**2 / 2

    return loss


def driven_network(steps, decay, units=1, readout=False):
    """Return the landscape of a recurrent network that should repeat its input one step later.

    ``h_t = tanh(W h_t-1 + u x_t)``, ``h_-1 = 0``, ``x_t = sin(2 pi t / T)``; what it says, ``h_t``
    or ``v h_t``, should be half the input before. The gradient is that of back-propagation
    through time. Parameters: ``W`` row by row, ``u``, ``v``.
    """
    times = np.arange(steps)
    drive = np.sin(2 * np.pi * times / steps)
    target = 0.5 * np.sin(2 * np.pi * (times - 1) / steps)
    size = units**2 + units * (2 if readout else 1)

    def loss(theta):
        inner = theta[: units**2].reshape(units, units)
        inward, outward = theta[units**2 :][:units], theta[units**2 + units :]
        h, total = jnp.zeros(units), 0.0
        for x, y in zip(drive, target, strict=True):
            h = jnp.tanh(inner @ h + inward * x)
            total += ((outward @ h if readout else h[0]) - y) ** 2
        return total / steps + decay * jnp.sum(theta**2)

    start = 0.5 if units == 1 else 0.3 * np.random.default_rng(1).standard_normal(size)
    return Landscape.from_function(loss, size, start=start)
