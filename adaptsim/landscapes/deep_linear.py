"""Deep linear: a network without kinks or bends, in which depth alone makes learning uneven."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.landscapes.feedforward import checked_layers
from adaptsim.part import Array, WrongField, field


class DeepLinear(Landscape):
    """Error of a deep linear network over all its weights, its inputs being whitened.

    ``f(W_1, ..., W_L) = abs(W_1 ... W_L - A)^2 / 2``, ``A`` diagonal, ``A_ii = singular_values_i``

    The axes of inputs and outputs are the singular vectors of what is to be learnt: any other
    axes are these, turned. ``theta`` is ``W_1`` row by row, ``W_2``, ...; ``W_l`` has the shape
    ``(layers[l - 1], layers[l])``. No bounds. Widths of 1 make a chain of weights whose product
    should be a number.

    Starts, all of the product's size ``strength`` (``u0``), with ``c = strength^(1/L)``:

    * ``"balanced"``: every layer holds ``c`` of each mode and nothing else. Modes then never mix:
      each climbs ``du/dt = L u^(2 - 2/L) (s - u)``, a long plateau and a sudden rise, the largest
      ``s`` first; ``strength = 1`` is the identity.
    * ``"orthogonal"``: ``c`` times random orthogonal matrices.
    * ``"gaussian"``: normal weights of variance ``c^2`` over the inputs of their layer.

    Minima 0, not isolated for two layers or more. Given is the balanced one, ``s^(1/L)`` of each
    mode in every layer, whose speed limit is ``2 / (L s^(2 - 2/L))`` with the largest ``s``. The
    origin is a saddle, flat from three layers on.

    ``readings`` are the strengths of the modes, ``mode_i = (W_1 ... W_L)_ii``, and of each layer
    the length of its gradient and of its weights, as matrices; as an agent's landscape the modes
    are what adapts, the singular values what they follow.

    Examples
    --------
    >>> network = DeepLinear(layers=(3, 3, 3), singular_values=[4.0, 2.0, 1.0], strength=0.01)
    >>> network.dimension, network.layer_sizes
    (18, (9, 9))
    >>> network.strengths(network.start()).round(9).tolist()
    [0.01, 0.01, 0.01]
    >>> round(float(network.speed_limit(network.minima()[0].theta)), 9)  # 2 / (2 * 4)
    0.25

    References
    ----------
    Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, ICLR 2014, arXiv 1312.6120.
    """

    layers: tuple[int, ...] = field((3, 3, 3), help="widths from inputs to outputs")
    singular_values: Any = field(
        (3.0, 2.0, 1.0), help="of what is to be learnt, one per mode, descending", above=0
    )
    beginning: str = field(
        "balanced", help="how weights start", choices=("balanced", "orthogonal", "gaussian")
    )
    strength: float = field(1e-3, help="size of the product at the start", above=0)
    seed: int = field(0, help="which random start", at_least=0)

    def __post_init__(self) -> None:
        layers = checked_layers("DeepLinear", self.layers)
        object.__setattr__(self, "layers", layers)
        values = self.singular_values
        if not isinstance(values, jax.Array):
            try:
                values = np.atleast_1d(np.asarray(values, float))
            except (TypeError, ValueError):
                problem = f"must be a list of numbers; got {values!r}"
                raise WrongField("DeepLinear", "singular_values", problem) from None
            object.__setattr__(self, "singular_values", values)
        super().__post_init__()
        count = np.shape(values)[0] if np.ndim(values) == 1 else 0
        if not 1 <= count <= min(layers):
            problem = f"must be 1 to {min(layers)} numbers, the least width; got {values!r}"
            raise WrongField("DeepLinear", "singular_values", problem)
        if isinstance(values, np.ndarray) and (np.diff(values) > 0).any():
            problem = f"must not ascend; got {values.tolist()}"
            raise WrongField("DeepLinear", "singular_values", problem)

    @property
    def depth(self) -> int:
        """Number of layers ``L``."""
        return len(self.layers) - 1

    @property
    def modes(self) -> int:
        """Number of singular values."""
        return int(np.shape(self.singular_values)[0])

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """How many weights each layer has."""
        return tuple(width * following for width, following in pairwise(self.layers))

    @property
    def dimension(self) -> int:
        """Number of weights."""
        return sum(self.layer_sizes)

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what is read."""
        units = {f"mode_{i + 1}": "1" for i in range(self.modes)}
        for layer in range(1, self.depth + 1):
            units |= {f"gradient_{layer}": "loss/trait", f"norm_{layer}": "trait"}
        return units

    def weights(self, theta: Array) -> list[Array]:
        """Return the matrices ``W_1, ..., W_L``."""
        parts = jnp.split(theta, np.cumsum(self.layer_sizes)[:-1])
        return [one.reshape(form) for one, form in zip(parts, pairwise(self.layers), strict=True)]

    def product(self, theta: Array) -> Array:
        """Return ``W_1 ... W_L``, shape ``(inputs, outputs)``: what the network does."""
        first, *others = self.weights(theta)
        for one in others:
            first = first @ one
        return first

    def strengths(self, theta: Array) -> Array:
        """Return the strengths of the modes, shape ``(modes,)``."""
        return jnp.diagonal(self.product(theta))[: self.modes]

    def loss(self, theta: Array) -> Array:
        """Return the loss of all weights, a scalar."""
        wanted = _diagonal((self.layers[0], self.layers[-1]), self.singular_values)
        return jnp.sum((self.product(theta) - wanted) ** 2) / 2

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return the strengths of modes, and the length of each layer's gradient and weights."""
        read = {f"mode_{i + 1}": one for i, one in enumerate(self.strengths(theta))}
        slopes = self.weights(jax.grad(self.loss)(theta))
        for layer, (slope, one) in enumerate(zip(slopes, self.weights(theta), strict=True), 1):
            read[f"gradient_{layer}"] = jnp.linalg.norm(slope)
            read[f"norm_{layer}"] = jnp.linalg.norm(one)
        return read

    def tracked(self, theta: Array) -> dict[str, tuple[Array, Array]]:
        """Return each mode's strength and its singular value."""
        found, due = self.strengths(theta), jnp.asarray(self.singular_values)
        return {f"mode_{i + 1}": (found[i], due[i]) for i in range(self.modes)}

    def start(self) -> Array:
        """Return the weights at the beginning, shape ``(d,)``."""
        scale = jnp.asarray(self.strength) ** (1 / self.depth)
        if self.beginning == "balanced":
            return self.balanced(jnp.full(self.modes, self.strength))
        return scale * jnp.asarray(_drawn(self.layers, self.beginning, self.seed))

    def balanced(self, strengths: Any) -> Array:
        """Return the weights, shape ``(d,)``, at which every layer holds the root of each mode.

        Examples
        --------
        >>> DeepLinear(layers=(1, 1, 1), singular_values=[4.0]).balanced([4.0]).tolist()
        [2.0, 2.0]
        """
        roots = jnp.asarray(strengths, float) ** (1 / self.depth)
        return jnp.concatenate([_diagonal(form, roots).ravel() for form in pairwise(self.layers)])

    def minima(self) -> tuple[Point, ...]:
        """Return the balanced minimum."""
        return (self.point(self.balanced(self.singular_values)),)

    def saddles(self) -> tuple[Point, ...]:
        """Return the origin where it is a saddle by its curvatures: for two layers."""
        return (self.point(jnp.zeros(self.dimension)),) if self.depth == 2 else ()


def _diagonal(form: tuple[int, int], values: Any) -> Array:
    places = np.arange(np.shape(values)[0])
    return jnp.zeros(form).at[places, places].set(jnp.asarray(values))


@cache
def _drawn(layers: tuple[int, ...], beginning: str, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    drawn = [generator.standard_normal(form) for form in pairwise(layers)]
    if beginning == "gaussian":
        return np.concatenate([(one / len(one) ** 0.5).ravel() for one in drawn])
    return np.concatenate([_orthogonal(one).ravel() for one in drawn])


def _orthogonal(normal: np.ndarray) -> np.ndarray:
    """Return the matrix nearest to a normal one that keeps lengths: all rotations are as likely."""
    left, _, right = np.linalg.svd(normal, full_matrices=False)
    nearest: np.ndarray = left @ right
    return nearest
