"""A tanh network and its mean squared error, as one loss of one vector."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

type Loss = Callable[[jax.Array], jax.Array]


def network(sizes: tuple[int, ...], inputs: jax.Array, targets: jax.Array) -> Loss:
    """Return the error of a network: weights and biases layer by layer, tanh in between."""

    def loss(theta: jax.Array) -> jax.Array:
        active, used = inputs, 0
        for layer, (n, m) in enumerate(pairwise(sizes)):
            weights = theta[used : used + n * m].reshape(n, m)
            bias = theta[used + n * m : used + n * m + m]
            used += n * m + m
            active = active @ weights + bias
            active = jnp.tanh(active) if layer < len(sizes) - 2 else active
        return jnp.mean((active - targets) ** 2)

    return loss


def initial(sizes: tuple[int, ...], rng: np.random.Generator) -> jax.Array:
    """Return normal weights of variance one over the fan-in, and biases of zero."""
    layers = []
    for n, m in pairwise(sizes):
        layers += [rng.standard_normal((n, m)).ravel() / np.sqrt(n), np.zeros(m)]
    return jnp.asarray(np.concatenate(layers))


@cache
def wide_network() -> tuple[Loss, jax.Array]:
    """Return the 20-64-64-64-10 network on 256 random points, 10,314 parameters, and its start."""
    sizes, rng = (20, 64, 64, 64, 10), np.random.default_rng(0)
    start = initial(sizes, rng)
    inputs, targets = rng.standard_normal((256, 20)), rng.standard_normal((256, 10))
    return network(sizes, jnp.asarray(inputs), jnp.asarray(targets)), start


@cache
def chebyshev_network(seed: int = 0) -> tuple[Loss, jax.Array]:
    """Return the 1-20-20-1 network on 20 points of Chebyshev's T5 (481 parameters), and a start."""
    sizes = (1, 20, 20, 1)
    x = np.linspace(-1, 1, 20)[:, None]
    targets = np.polynomial.chebyshev.Chebyshev.basis(5)(x)
    start = initial(sizes, np.random.default_rng(seed))
    return network(sizes, jnp.asarray(x), jnp.asarray(targets)), start


@cache
def hessian_of(loss: Loss) -> Callable[[jax.Array], jax.Array]:
    """Return the compiled whole Hessian of a loss, by JAX's own function."""
    return jax.jit(jax.hessian(loss))
