"""Feedforward: a network of layers, its weights and biases in one row of numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array, WrongField


def checked_layers(part: str, layers: object) -> tuple[int, ...]:
    """Return the widths of a network, from inputs to outputs; WrongField where they are none.

    Examples
    --------
    >>> checked_layers("Perceptron", [1, 20, 1])
    (1, 20, 1)
    """
    widths = tuple(layers) if isinstance(layers, list | tuple) else ()
    if len(widths) < 2 or not all(isinstance(one, int) and one > 0 for one in widths):
        problem = f"must be two or more whole numbers above 0; got {layers!r}"
        raise WrongField(part, "layers", problem)
    return widths


def weight_count(layers: tuple[int, ...]) -> int:
    """Return how many weights and biases a network has.

    Examples
    --------
    >>> weight_count((1, 20, 20, 1))
    481
    """
    return sum(layer_sizes(layers))


def layer_sizes(layers: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many weights and biases each layer has, first layer first.

    Examples
    --------
    >>> layer_sizes((1, 20, 20, 1))
    (40, 420, 21)
    """
    return tuple((width + 1) * following for width, following in pairwise(layers))


def feedforward(
    theta: Array,
    layers: tuple[int, ...],
    inputs: Array,
    activation: Callable[[Array], Array] = jnp.tanh,
) -> Array:
    """Return what a network answers, shape ``(..., outputs)``, to ``(..., inputs)``.

    ``o(x) = A_L phi(... phi(A_1 x))``, ``A_l z = W_l^T z + b_l``, ``phi`` being the activation;
    ``theta`` is ``W_1`` row by row, ``b_1``, ``W_2``, ...

    Examples
    --------
    >>> feedforward(jnp.array([2.0, 0.5]), (1, 1), jnp.array([3.0])).tolist()
    [6.5]
    """
    active, used = inputs, 0
    for width, following in pairwise(layers):
        active = active if used == 0 else activation(active)
        affine = theta[used : used + (width + 1) * following].reshape(width + 1, following)
        active = active @ affine[:-1] + affine[-1]
        used += affine.size
    return active


class Jet(NamedTuple):
    """A field of ``b`` components at one place of ``a`` coordinates, with its derivatives.

    Attributes
    ----------
    value : Array
        The field, shape ``(b,)``.
    slopes : Array
        First derivatives by each coordinate, shape ``(a, b)``.
    bends : Array
        Second derivatives by each pair of coordinates, shape ``(a, a, b)``.
    """

    value: Array
    slopes: Array
    bends: Array


def feedforward_jet(theta: Array, layers: tuple[int, ...], place: Array) -> Jet:
    """Return what a network answers to one place, shape ``(a,)``, with two derivatives by it.

    They are carried forward together, layer by layer: ``tanh(z)`` has the second derivatives
    ``tanh'(z) z_ij + tanh''(z) z_i z_j``. Nested forward differentiation gives the same and takes
    twice as long.

    Examples
    --------
    >>> jet = feedforward_jet(jnp.array([1.0, 0.5, 2.0, 0.0]), (1, 1, 1), jnp.array([-0.5]))
    >>> jet.value.tolist(), jet.slopes.tolist(), jet.bends.tolist()
    ([0.0], [[2.0]], [[[0.0]]])
    """
    pairs = list(combinations_with_replacement(range(layers[0]), 2))
    z, used = place, 0
    firsts, seconds = list(jnp.eye(layers[0])), [jnp.zeros_like(place)] * len(pairs)
    for width, following in pairwise(layers):
        if used:
            z = jnp.tanh(z)
            steep = 1 - z**2
            seconds = [
                steep * (one - 2 * z * firsts[i] * firsts[j])
                for one, (i, j) in zip(seconds, pairs, strict=True)
            ]
            firsts = [steep * one for one in firsts]
        affine = theta[used : used + (width + 1) * following].reshape(width + 1, following)
        z = z @ affine[:-1] + affine[-1]
        firsts, seconds = ([one @ affine[:-1] for one in ones] for ones in (firsts, seconds))
        used += affine.size
    known = dict(zip(pairs, seconds, strict=True))
    every = range(layers[0])
    bends = [[known[min(i, j), max(i, j)] for j in every] for i in every]
    return Jet(z, jnp.stack(firsts), jnp.stack([jnp.stack(one) for one in bends]))


def random_weights(layers: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Return normal weights of variance 1 over the inputs of their layer, and no biases.

    Examples
    --------
    >>> random_weights((1, 20, 20, 1), np.random.default_rng(0)).shape
    (481,)
    """
    drawn = [
        np.vstack([generator.standard_normal(shape) / np.sqrt(shape[0]), np.zeros(shape[1])])
        for shape in pairwise(layers)
    ]
    return np.concatenate([one.ravel() for one in drawn])
