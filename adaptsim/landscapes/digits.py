"""Handwritten digits: a small network that tells images apart, and how well it does on others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import ClassVar, NamedTuple

import jax
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

PIXELS, CLASSES = 64, 10
"""Pixels of an image (8 x 8), and how many digits there are."""

IMAGES = 1797
"""How many images scikit-learn ships."""

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"tanh": jnp.tanh, "relu": jax.nn.relu}
"""What a hidden unit does, by name."""


class Digits(Landscape):
    """Telling handwritten digits apart by a small network, over all its weights.

    ``f(theta) = mean_i e(o(x_i), y_i) + ridge abs(theta)^2 / 2``,
    ``o(x) = A_L phi(... phi(A_1 x))``, ``A_l z = W_l^T z + b_l``

    ``x_i`` is an image of 8 x 8 pixels, ``y_i`` its digit, ``phi`` tanh or relu. The ``error`` is

    * ``"cross_entropy"``: ``e(o, y) = ln(sum_k exp(o_k)) - o_y`` [nat];
    * ``"squared"``: ``e(o, y) = sum_k (o_k - [k = y])^2 / 2``.

    ``theta`` is ``W_1`` row by row, ``b_1``, ``W_2``, ...; without a hidden layer, ``(64, 10)``,
    and with cross-entropy this is multinomial logistic regression, and convex. ``samples`` of the
    1797 images are trained on, as many of each digit as its share of all; the others are held out.
    Pixels are brought to mean 0 and standard deviation 1 over all pixels of the images trained on.

    ``f`` is the mean of ``n_terms`` terms, one per image. Start: ``gain`` times weights that are
    normal of variance 1 over the inputs of their layer, no biases; it and the choice of images come
    from ``seed``. No bounds hold and no minimum is known. Pixels that are never written on leave
    flat directions, unless there is a ``ridge``.

    ``readings``: ``accuracy`` and ``held_out_accuracy``, the shares of images, trained on and held
    out, whose digit has the largest output.

    Needs the package ``scikit-learn``: ``pip install adaptsim[images]``.

    Examples
    --------
    >>> images = Digits(layers=(64, 16, 10))
    >>> images.dimension, images.n_terms
    (1210, 500)
    >>> told = images.readings(images.start())  # knows nothing yet
    >>> {name: round(float(share), 2) for name, share in told.items()}
    {'accuracy': 0.18, 'held_out_accuracy': 0.17}

    References
    ----------
    Data: Alpaydin and Kaynak, Optical recognition of handwritten digits, UCI Machine Learning
    Repository (1998), the test set, as scikit-learn ships it; Cohen, Kaur, Li, Kolter and
    Talwalkar, Gradient descent on neural networks typically occurs at the edge of stability,
    ICLR 2021 (full-batch descent on images).
    """

    reading_units: ClassVar[dict[str, str]] = {"accuracy": "1", "held_out_accuracy": "1"}

    layers: tuple[int, ...] = field((64, 16, 10), help="widths from pixels to digits")
    activation: str = field("tanh", help="what a hidden unit does", choices=tuple(ACTIVATIONS))
    error: str = field("cross_entropy", help="of an image", choices=("cross_entropy", "squared"))
    ridge: float = field(0.0, unit="loss/trait^2", help="cost of large weights", at_least=0)
    samples: int = field(
        500, help="how many images are trained on", at_least=CLASSES, at_most=IMAGES - CLASSES
    )
    seed: int = field(0, help="which start and which images", at_least=0)
    gain: float = field(1.0, help="size of the start's weights", above=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        layers = checked_layers("Digits", self.layers)
        if (layers[0], layers[-1]) != (PIXELS, CLASSES):
            problem = f"must begin with {PIXELS}, the pixels, and end with {CLASSES}, the digits"
            raise WrongField("Digits", "layers", f"{problem}; got {layers!r}")
        object.__setattr__(self, "layers", layers)
        if find_spec("sklearn") is None:
            problem = "Digits needs the package scikit-learn, which is not installed"
            raise ImportError(f"{problem}; write: pip install scikit-learn")

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
        """How many terms the loss is the mean of: the images trained on."""
        return self.samples

    def images(self) -> Images:
        """Return the images trained on and those held out; see `Images`."""
        return _images(self.samples, self.seed)

    def loss(self, theta: Array) -> Array:
        """Return the loss of weights and biases, a scalar."""
        data = self.images()
        errors = self._error(theta, jnp.asarray(data.inputs), jnp.asarray(data.digits))
        return jnp.mean(errors) + self._cost(theta)

    def term(self, theta: Array, index: Array) -> Array:
        """Return one term: the error of one image, with the whole ridge."""
        data = self.images()
        inputs, digit = jnp.asarray(data.inputs)[index], jnp.asarray(data.digits)[index]
        return self._error(theta, inputs, digit) + self._cost(theta)

    def outputs(self, theta: Array, inputs: Array) -> Array:
        """Return what the network answers, shape ``(..., 10)``, to ``(..., 64)``."""
        return feedforward(theta, self.layers, inputs, ACTIVATIONS[self.activation])

    def told(self, theta: Array, inputs: Array) -> Array:
        """Return which digits the network takes images for, shape ``(...)``, from ``(..., 64)``."""
        return jnp.argmax(self.outputs(theta, inputs), axis=-1)

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return which shares of the images, trained on and held out, are told apart."""
        data = self.images()
        seen = self.told(theta, jnp.asarray(data.inputs)) == data.digits
        others = self.told(theta, jnp.asarray(data.held_out)) == data.held_out_digits
        return {
            "accuracy": jnp.mean(seen, dtype=float),
            "held_out_accuracy": jnp.mean(others, dtype=float),
        }

    def tracked(self, theta: Array) -> dict[str, tuple[Array, Array]]:
        """Return the share of held-out images told apart, beside all of them."""
        return {"held_out_accuracy": (self.readings(theta)["held_out_accuracy"], jnp.ones(()))}

    def start(self) -> Array:
        """Return random weights and no biases, shape ``(d,)``."""
        drawn = random_weights(self.layers, np.random.default_rng(self.seed))
        return self.gain * jnp.asarray(drawn)

    def _error(self, theta: Array, inputs: Array, digits: Array) -> Array:
        outputs, wanted = self.outputs(theta, inputs), jax.nn.one_hot(digits, CLASSES)
        if self.error == "squared":
            return jnp.sum((outputs - wanted) ** 2, axis=-1) / 2
        return jax.nn.logsumexp(outputs, axis=-1) - jnp.sum(outputs * wanted, axis=-1)

    def _cost(self, theta: Array) -> Array:
        return self.ridge * jnp.sum(theta**2) / 2


class Images(NamedTuple):
    """Images that are trained on and others that are held out.

    Attributes
    ----------
    inputs, digits : numpy.ndarray
        Pixels, standardised, shape ``(n, 64)``, and what was written, shape ``(n,)``.
    held_out, held_out_digits : numpy.ndarray
        The same of the others, shapes ``(1797 - n, 64)`` and ``(1797 - n,)``.
    places, held_out_places : numpy.ndarray
        Which of scikit-learn's images they are, shapes ``(n,)`` and ``(1797 - n,)``.
    """

    inputs: np.ndarray
    digits: np.ndarray
    held_out: np.ndarray
    held_out_digits: np.ndarray
    places: np.ndarray
    held_out_places: np.ndarray


@cache
def _images(samples: int, seed: int) -> Images:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, digits = load_digits(return_X_y=True)
    seen, others = train_test_split(
        np.arange(IMAGES), train_size=samples, stratify=digits, random_state=seed
    )
    mean, spread = pixels[seen].mean(), pixels[seen].std()
    inputs = (pixels - mean) / spread
    return Images(inputs[seen], digits[seen], inputs[others], digits[others], seen, others)
