"""Noisy: a landscape whose slope is felt with error."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.part import Array, WrongField, field


class Noisy(Landscape):
    """Another landscape whose gradient is perceived with noise; all else is that landscape's.

    ``g(theta, key) = gradient of f, or of the mean of ``batch`` of its terms, + level xi``;
    what all terms have in common is in every batch.

    In one call: ``batch`` terms are drawn independently (with replacement, so that the covariance
    is exactly that of one term over ``batch``); then ``xi`` is drawn for each coordinate, standard
    normal or Student's t. ``level`` is the standard deviation for ``tail = "gaussian"``. For
    ``"student"`` it is the scale: the standard deviation is
    ``level sqrt(degrees_of_freedom / (degrees_of_freedom - 2))`` above 2 degrees, and infinite up
    to 2; 1 is Cauchy's.

    Dimension, domain, minima and start are those of the landscape.

    Examples
    --------
    >>> from adaptsim.landscapes import Bowl
    >>> noisy = Noisy(landscape=Bowl(dimension=1), level=0.5)
    >>> keys = jax.random.split(jax.random.key(0), 10_000)
    >>> felt = jax.vmap(noisy.perceived_gradient, (None, 0))(jnp.ones(1), keys)
    >>> round(float(felt.mean()), 1), round(float(felt.std()), 2)
    (1.0, 0.5)

    References
    ----------
    Robbins and Monro, Annals of Mathematical Statistics 22 (1951) 400-407 (noisy slopes);
    Simsekli, Sagun and Gurbuzbalaban, A tail-index analysis of stochastic gradient noise in deep
    neural networks, ICML 2019 (heavy tails).
    """

    landscape: Landscape = field(help="the landscape that is perceived")
    level: float = field(0.0, unit="loss/trait", help="scale of the noise", at_least=0)
    tail: str = field("gaussian", help="law of the noise", choices=("gaussian", "student"))
    degrees_of_freedom: float = field(3.0, help="of Student's t; heavier if fewer", above=0)
    batch: int = field(0, unit="terms", help="how many terms are looked at; 0 for all", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.landscape, Landscape):
            problem = f"must be a landscape; got {self.landscape!r}"
            raise WrongField("Noisy", "landscape", problem)
        if self.batch and not hasattr(self.landscape, "term"):
            kind = type(self.landscape).__name__
            problem = f"must be 0: {kind} is no sum of terms (it has no term(theta, index))"
            raise WrongField("Noisy", "batch", f"{problem}; got {self.batch}")

    @property
    def dimension(self) -> int:
        """Number of coordinates of the landscape."""
        return self.landscape.dimension

    @property
    def source(self) -> str:
        """Where the landscape that is perceived comes from."""
        return self.landscape.source

    def loss(self, theta: Array) -> Array:
        """Return the loss without noise, a scalar."""
        return self.landscape.loss(theta)

    def gradient(self, theta: Array) -> Array:
        """Return the slope without noise, shape ``(d,)``."""
        return self.landscape.gradient(theta)

    def hessian(self, theta: Array) -> Array:
        """Return the second derivatives of the loss without noise, shape ``(d, d)``."""
        return self.landscape.hessian(theta)

    def batch_gradients(self, theta: Array, batches: int) -> Array:
        """Return the slopes of batches of the landscape's terms, without noise."""
        return self.landscape.batch_gradients(theta, batches)

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return what the landscape reads off a place, without noise."""
        return self.landscape.readings(theta)

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what the landscape reads."""
        return self.landscape.reading_units

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Sizes of the layers of the landscape."""
        return self.landscape.layer_sizes

    def tracked(self, theta: Array) -> dict[str, tuple[Array, Array]]:
        """Return what adapts in the landscape, without noise."""
        return self.landscape.tracked(theta)

    def perceived_gradient(self, theta: Array, key: Array) -> Array:
        """Return the slope as felt, shape ``(d,)``: the same for the same key."""
        theta = self._checked(theta, "perceived_gradient")
        terms, noise = jax.random.split(key)
        return self._slope(theta, terms) + self.level * self._noise(noise)

    def domain(self) -> tuple[Array, Array]:
        """Return the domain of the landscape."""
        return self.landscape.domain()

    def start(self) -> Array:
        """Return the start of the landscape."""
        return self.landscape.start()

    def minima(self) -> tuple[Point, ...]:
        """Return the known minima of the landscape."""
        return self.landscape.minima()

    def saddles(self) -> tuple[Point, ...]:
        """Return the known saddles of the landscape."""
        return self.landscape.saddles()

    def _slope(self, theta: Array, key: Array) -> Array:
        if not self.batch:
            return self.landscape.perceived_gradient(theta, key)
        whole: Any = self.landscape
        seen = jax.random.randint(key, (self.batch,), 0, whole.n_terms)
        slopes = jax.vmap(jax.grad(whole.term), (None, 0))(theta, seen)
        mean: Array = jnp.mean(slopes, axis=0)
        return mean + jax.grad(whole.common_term)(theta)

    def _noise(self, key: Array) -> Array:
        if self.tail == "gaussian":
            return jax.random.normal(key, (self.dimension,), float)
        return jax.random.t(key, self.degrees_of_freedom, (self.dimension,), float)
