"""A deep network at random: how slopes vanish or explode on their way back through the layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape
from adaptsim.landscapes.feedforward import feedforward, layer_sizes
from adaptsim.part import Array, field

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "linear": lambda h: h,
    "relu": jax.nn.relu,
}
"""Activations by name."""


class DeepNetwork(Landscape):
    """Mean squared error of a deep network of one width, with random weights of a given variance.

    ``f(theta) = mean_i (o(x_i) - y_i)^2``, ``o(x) = A_L phi(... phi(A_1 x))``,
    ``A_l z = W_l^T z + b_l``

    ``depth`` counts the layers of weights ``L``; all have ``width`` inputs and outputs, but the
    last, which has one output. ``theta`` is ``W_1`` row by row, ``b_1``, ``W_2``, ...; no bounds,
    no minimum known. Learnt is ``y = sin(sum_j x_j / sqrt(width))`` at ``samples`` standard normal
    inputs.

    Start: weights normal of variance ``weight_variance / width``, biases of ``bias_variance``. In
    a wide network the squared length of a layer's gradient is ``chi`` times that of the layer
    after it (`adaptsim.theory.signal_propagation.gradient_ratio`), exactly so for one sample, since
    the slopes of several may cancel. ``readings`` are these lengths, ``gradient_1`` (at the inputs)
    to ``gradient_L``. ``f`` is the mean of ``n_terms`` terms, one per sample. With relu the slope
    jumps where a unit falls silent.

    Examples
    --------
    >>> network = DeepNetwork(depth=6, width=16, activation="sigmoid", weight_variance=4.0)
    >>> network.layer_sizes
    (272, 272, 272, 272, 272, 17)
    >>> lengths = network.readings(network.start())
    >>> bool(lengths["gradient_2"] < 0.1 * lengths["gradient_5"])  # they vanish
    True

    References
    ----------
    Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, Deep information propagation, ICLR 2017,
    arXiv 1611.01232; Hochreiter (1991), diploma thesis, Munich (vanishing slopes).
    """

    depth: int = field(4, unit="layers", help="layers of weights", at_least=1)
    width: int = field(8, unit="units", help="inputs, and units of each hidden layer", at_least=1)
    activation: str = field("tanh", help="bend of the hidden units", choices=tuple(ACTIVATIONS))
    weight_variance: float = field(
        1.0, unit="trait^2", help="variance of the weights times the inputs of a layer", above=0
    )
    bias_variance: float = field(
        0.0, unit="trait^2", help="variance of the biases at the start", at_least=0
    )
    samples: int = field(16, help="how many samples are learnt from", at_least=1)
    seed: int = field(0, help="which samples and which start", at_least=0)

    @property
    def layers(self) -> tuple[int, ...]:
        """Widths from inputs to outputs."""
        return (*[self.width] * self.depth, 1)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """How many weights and biases each layer has."""
        return layer_sizes(self.layers)

    @property
    def dimension(self) -> int:
        """Number of weights and biases."""
        return sum(self.layer_sizes)

    @property
    def n_terms(self) -> int:
        """How many terms the loss is the mean of: the samples."""
        return self.samples

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what is read."""
        return {f"gradient_{layer + 1}": "loss/trait" for layer in range(self.depth)}

    def outputs(self, theta: Array, inputs: Array) -> Array:
        """Return what the network answers, shape ``(..., 1)``, to ``(..., width)``."""
        return feedforward(theta, self.layers, inputs, ACTIVATIONS[self.activation])

    def loss(self, theta: Array) -> Array:
        """Return the loss of weights and biases, a scalar."""
        inputs, targets = _task(self.width, self.samples, self.seed)
        return jnp.mean((self.outputs(theta, jnp.asarray(inputs))[:, 0] - targets) ** 2)

    def term(self, theta: Array, index: Array) -> Array:
        """Return one term: the error of one sample."""
        inputs, targets = map(jnp.asarray, _task(self.width, self.samples, self.seed))
        return jnp.sum((self.outputs(theta, inputs[index]) - targets[index]) ** 2)

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return the length of the gradient of each layer."""
        ends = np.cumsum(self.layer_sizes)[:-1]
        slopes = jnp.split(jax.grad(self.loss)(theta), ends)
        return {f"gradient_{i}": jnp.linalg.norm(one) for i, one in enumerate(slopes, 1)}

    def start(self) -> Array:
        """Return the random weights and biases of the landscape's own seed, shape ``(d,)``."""
        return self.random_start(self.seed)

    def random_start(self, seed: int) -> Array:
        """Return the random weights and biases of another seed, shape ``(d,)``."""
        drawn = _drawn(self.depth, self.width, seed)
        weights = jnp.sqrt(jnp.asarray(self.weight_variance)) * drawn.weights
        return weights + jnp.sqrt(jnp.asarray(self.bias_variance)) * drawn.biases


class Drawn(NamedTuple):
    """Weights of variance 1 over their inputs with no biases, and biases alone; both ``(d,)``."""

    weights: np.ndarray
    biases: np.ndarray


@cache
def _task(width: int, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    inputs = np.random.default_rng(seed).standard_normal((samples, width))
    return inputs, np.sin(inputs.sum(axis=1) / width**0.5)


def _drawn(depth: int, width: int, seed: int) -> Drawn:
    generator = np.random.default_rng([seed, 1])
    weights, biases = [], []
    for form in pairwise((*[width] * depth, 1)):
        drawn = generator.standard_normal((form[0] + 1, form[1]))
        scaled, kept = drawn / form[0] ** 0.5, drawn.copy()
        scaled[-1], kept[:-1] = 0.0, 0.0
        weights.append(scaled.ravel())
        biases.append(kept.ravel())
    return Drawn(np.concatenate(weights), np.concatenate(biases))
