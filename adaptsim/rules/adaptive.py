"""Adaptive rules: each trait's gradient is measured in units of its own past size."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Descent

TINY = "keeps the division finite"


class RMSProp(Descent):
    """The gradient divided by a running root mean square of itself.

    ``epsilon_inside_root`` names a difference between libraries: optax puts epsilon inside the
    root by default, torch outside (and torch's decay is 0.99). The centered form, and one with
    momentum, are ``Rule.from_optax(optax.rmsprop, learning_rate=0.1, centered=True)``.

    References
    ----------
    Tieleman & Hinton (2012), lecture 6.5; optax.rmsprop.
    """

    decay: float = field(
        default=0.9, help="part of the mean square that is kept", at_least=0, at_most=1
    )
    epsilon: float = field(default=1e-8, unit="gradient", help=TINY, at_least=0)
    epsilon_inside_root: bool = field(
        default=True, help="add epsilon under the root, as optax does"
    )

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient over its root mean square."""
        return optax.scale_by_rms(
            decay=self.decay, eps=self.epsilon, eps_in_sqrt=self.epsilon_inside_root
        )


class Adam(Descent):
    """Running mean of the gradient over its running root mean square, both bias-corrected.

    Same algorithm and defaults as optax.adam and torch.optim.Adam. AMSGrad, which divides by the
    largest mean square so far, is not the same in both: with ``amsgrad="optax"`` the largest
    bias-corrected one is taken, with ``amsgrad="torch"`` the largest raw one, which is then
    bias-corrected.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1;
    Reddi, Kale & Kumar (2018), On the convergence of Adam and beyond, ICLR (AMSGrad, without bias
    correction).
    """

    first_decay: float = field(
        default=0.9, help="part of the mean that is kept", at_least=0, at_most=1
    )
    second_decay: float = field(
        default=0.999, help="part of the mean square that is kept", at_least=0, at_most=1
    )
    epsilon: float = field(default=1e-8, unit="gradient", help=TINY, at_least=0)
    amsgrad: str = field(
        default="off",
        help="whether to divide by the largest mean square so far, and whose way of taking it",
        choices=("off", "optax", "torch"),
    )

    def direction(self) -> optax.GradientTransformation:
        """Return the bias-corrected mean over root mean square."""
        makers = {
            "off": optax.scale_by_adam,
            "optax": optax.scale_by_amsgrad,
            "torch": scale_by_largest_raw,
        }
        make = makers[self.amsgrad]
        return make(b1=self.first_decay, b2=self.second_decay, eps=self.epsilon)


class Moments(NamedTuple):
    """What AMSGrad remembers: steps, mean, mean square and the largest of it, all raw."""

    steps: Array
    mean: Array
    square: Array
    largest: Array


def scale_by_largest_raw(b1: Any, b2: Any, eps: Any) -> optax.GradientTransformation:
    """Return AMSGrad as torch.optim.Adam has it: the maximum first, bias correction after it.

    Parameters
    ----------
    b1, b2
        Parts of mean and mean square that are kept.
    eps
        Added to the root [gradient].

    Examples
    --------
    >>> amsgrad = scale_by_largest_raw(0.5, 0.5, 0.0)
    >>> memory = amsgrad.init(jnp.zeros(1))
    >>> _, memory = amsgrad.update(jnp.array([3.0]), memory)
    >>> direction, _ = amsgrad.update(jnp.array([0.0]), memory)  # 1 / sqrt(4.5 / 0.75)
    >>> round(float(direction[0]), 6)
    0.408248
    """

    def begin(trait: Array) -> Moments:
        zero = jnp.zeros_like(trait)
        return Moments(jnp.asarray(0), zero, zero, zero)

    def update(gradient: Array, memory: Moments, params: Any = None) -> tuple[Array, Moments]:
        steps = memory.steps + 1
        mean = b1 * memory.mean + (1 - b1) * gradient
        square = b2 * memory.square + (1 - b2) * gradient**2
        largest = jnp.maximum(memory.largest, square)
        root = jnp.sqrt(largest / (1 - b2**steps))
        return mean / (1 - b1**steps) / (root + eps), Moments(steps, mean, square, largest)

    return optax.GradientTransformation(begin, update)


class AdaGrad(Descent):
    """The gradient divided by the root of the sum of all its squares so far.

    References
    ----------
    Duchi, Hazan & Singer (2011), JMLR 12:2121; optax.adagrad.
    """

    initial_sum: float = field(default=0.1, unit="gradient^2", help="sum before step 0", at_least=0)
    epsilon: float = field(default=1e-7, unit="gradient^2", help=TINY, at_least=0)

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient over the root of its summed squares."""
        return optax.scale_by_rss(
            initial_accumulator_value=self.initial_sum,
            eps=self.epsilon,
        )
