"""A multilayer perceptron: the error of a small neural network over all its weights."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape
from adaptsim.landscapes.feedforward import (
    checked_layers,
    feedforward,
    layer_sizes,
    random_weights,
    weight_count,
)
from adaptsim.part import Array, WrongField, field

DEGREE = 5
"""Degree of the Chebyshev polynomial that the task "chebyshev" is about."""


class Perceptron(Landscape):
    """Mean squared error of a tanh network.

    ``f(theta) = mean_{i,k} (o_k(x_i) - y_ik)^2``, ``o(x) = A_L tanh(... tanh(A_1 x))``,
    ``A_l z = W_l^T z + b_l``

    ``theta`` is ``W_1`` row by row, ``b_1``, ``W_2``, ...; ``layers`` tells the widths from inputs
    to outputs, and no bounds hold. What is learnt:

    * ``"chebyshev"``: the polynomial ``T_5`` at ``samples`` points evenly spaced in ``[-1, 1]``;
      one input, one output. With the defaults 481 parameters: the laptop's edge of stability, where
      descent at the rate 0.2 brings ``0.2 lambda_max / 2`` to 1 and holds it there.
    * ``"gaussian"``: standard normal outputs for standard normal inputs, nothing but noise. With
      layers 20, 64, 64, 64, 10 and 256 samples 10,314 parameters: a trial for estimates of the
      largest curvature, which is 1.2570682519 at the start of seed 0.

    Start: weights normal of variance 1 over the inputs of their layer, no biases; it and then the
    Gaussian data are drawn from ``seed``. No minimum is known. ``f`` is the mean of ``n_terms``
    terms, one per sample. The whole Hessian has as many rows as there are parameters: take
    Hessian-vector products for thousands.

    Examples
    --------
    >>> network = Perceptron()
    >>> network.dimension, network.n_terms
    (481, 20)
    >>> Perceptron(layers=(20, 64, 64, 64, 10), task="gaussian", samples=256).dimension
    10314

    References
    ----------
    Cohen, Kaur, Li, Kolter and Talwalkar, Gradient descent on neural networks typically occurs at
    the edge of stability, ICLR 2021 (the Chebyshev task).
    """

    layers: tuple[int, ...] = field((1, 20, 20, 1), help="widths from inputs to outputs")
    task: str = field("chebyshev", help="what is learnt", choices=("chebyshev", "gaussian"))
    samples: int = field(20, help="how many samples are learnt from", at_least=1)
    seed: int = field(0, help="which start and which Gaussian data", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        layers = checked_layers("Perceptron", self.layers)
        if self.task == "chebyshev" and (layers[0], layers[-1]) != (1, 1):
            problem = f"must begin and end with 1 for the task 'chebyshev'; got {layers!r}"
            raise WrongField("Perceptron", "layers", problem)
        object.__setattr__(self, "layers", layers)

    @property
    def dimension(self) -> int:
        """Number of weights and biases."""
        return weight_count(self.layers)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """How many weights and biases each layer has."""
        return layer_sizes(self.layers)

    @property
    def n_terms(self) -> int:
        """How many terms the loss is the mean of: the samples."""
        return self.samples

    def loss(self, theta: Array) -> Array:
        """Return the loss of weights and biases, a scalar."""
        drawn = _drawn(self.layers, self.task, self.samples, self.seed)
        return jnp.mean((self.outputs(theta, jnp.asarray(drawn.inputs)) - drawn.targets) ** 2)

    def term(self, theta: Array, index: Array) -> Array:
        """Return one term: the error of one sample."""
        drawn = _drawn(self.layers, self.task, self.samples, self.seed)
        inputs, targets = jnp.asarray(drawn.inputs)[index], jnp.asarray(drawn.targets)[index]
        return jnp.mean((self.outputs(theta, inputs) - targets) ** 2)

    def outputs(self, theta: Array, inputs: Array) -> Array:
        """Return what the network answers, shape ``(..., outputs)``, to ``(..., inputs)``."""
        return feedforward(theta, self.layers, inputs)

    def start(self) -> Array:
        """Return random weights and no biases, shape ``(d,)``."""
        return jnp.asarray(_drawn(self.layers, self.task, self.samples, self.seed).start)


class Drawn(NamedTuple):
    """What a seed makes: a start, shape ``(d,)``, inputs ``(n, a)`` and targets ``(n, b)``."""

    start: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray


@cache
def _drawn(layers: tuple[int, ...], task: str, samples: int, seed: int) -> Drawn:
    generator = np.random.default_rng(seed)
    start = random_weights(layers, generator)
    if task == "chebyshev":
        inputs = np.linspace(-1.0, 1.0, samples)[:, None]
        return Drawn(start, inputs, np.polynomial.chebyshev.Chebyshev.basis(DEGREE)(inputs))
    inputs = generator.standard_normal((samples, layers[0]))
    return Drawn(start, inputs, generator.standard_normal((samples, layers[-1])))
