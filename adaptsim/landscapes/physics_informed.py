"""A network that stands for a field, and what it owes to a law of physics."""

from __future__ import annotations

from functools import cache, partial
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape
from adaptsim.landscapes.feedforward import (
    Jet,
    checked_layers,
    feedforward_jet,
    random_weights,
    weight_count,
)
from adaptsim.part import Array, WrongField, field


class PhysicsInformed(Landscape):
    """How much a tanh network breaks a law of physics: subclass it and write the law.

    ``f(theta) = mean_{i,k} (law(o)_k - law(exact)_k)^2(x_i) + common_term(theta)``, ``o`` being the
    field that the network makes

    The law is a differential operator of second order at most, its load that under which a known
    field is exact, by differentiation: a manufactured solution. No value of the exact field inside
    is told to the network. Subclasses write

    * ``coordinates`` and ``components``: how many numbers a place and the field have there;
    * ``exact(place)``: the exact field, shape ``(b,)``, at a place, shape ``(a,)``;
    * ``law(jet)``: the operator, shape ``(k,)``, of a field and its derivatives at one place;
    * ``places()``: where the law is asked for, shape ``(n, a)``, and ``checked_at()``: where the
      error is taken, other places;
    * ``network(theta, place)``, if boundary conditions are built in; ``common_term(theta)``, if
      they are asked for.

    Start: weights normal of variance 1 over the inputs of their layer, no biases, drawn from
    ``seed``. `readings` has the error of each component against the exact field, the root of the
    sum of squares over that of the field itself.

    References
    ----------
    Raissi, Perdikaris & Karniadakis, Journal of Computational Physics 378 (2019) 686-707.
    """

    abstract: ClassVar[bool] = True
    coordinates: ClassVar[int] = 1
    components: ClassVar[tuple[str, ...]] = ("u",)

    layers: tuple[int, ...] = field((1, 20, 20, 1), help="widths from coordinates to components")
    points: int = field(64, help="places where the law is asked for", at_least=2)
    seed: int = field(0, help="which start", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        name, layers = type(self).__name__, checked_layers(type(self).__name__, self.layers)
        ends = self.coordinates, len(self.components)
        if (layers[0], layers[-1]) != ends:
            problem = f"must begin with {ends[0]} and end with {ends[1]}; got {layers!r}"
            raise WrongField(name, "layers", problem)
        object.__setattr__(self, "layers", layers)

    def exact(self, place: Array) -> Array:
        """Return the exact field at a place, shape ``(b,)``."""
        raise NotImplementedError(f"{type(self).__name__} must define exact(place)")

    def law(self, jet: Jet) -> Array:
        """Return the operator of a field at a place, shape ``(k,)``."""
        raise NotImplementedError(f"{type(self).__name__} must define law(jet)")

    def places(self) -> Array:
        """Return where the law is asked for, shape ``(n, a)``."""
        raise NotImplementedError(f"{type(self).__name__} must define places()")

    def checked_at(self) -> Array:
        """Return where the error is taken, shape ``(m, a)``."""
        raise NotImplementedError(f"{type(self).__name__} must define checked_at()")

    def network(self, theta: Array, place: Array) -> Jet:
        """Return the network's field at a place, with its derivatives."""
        return feedforward_jet(theta, self.layers, place)

    def exact_jet(self, place: Array) -> Jet:
        """Return the exact field at a place, with its derivatives."""
        first = jax.jacfwd(self.exact)
        slopes, bends = first(place), jax.jacfwd(first)(place)
        return Jet(self.exact(place), jnp.moveaxis(slopes, 0, -1), jnp.moveaxis(bends, 0, -1))

    def load(self, place: Array) -> Array:
        """Return the load under which the field is exact, ``-law(exact)``, shape ``(k,)``."""
        return -self.law(self.exact_jet(place))

    def residual(self, theta: Array, place: Array) -> Array:
        """Return by how much the law is broken at a place, shape ``(k,)``."""
        return self.law(self.network(theta, place)) + self.load(place)

    def fields(self, theta: Array, places: Array) -> Array:
        """Return the network's field, shape ``(m, b)``, at places ``(m, a)``."""
        return jax.vmap(lambda place: self.network(theta, place).value)(places)

    def exact_fields(self, places: Array) -> Array:
        """Return the exact field, shape ``(m, b)``, at places ``(m, a)``."""
        return jax.vmap(self.exact)(places)

    @property
    def dimension(self) -> int:
        """Number of weights and biases."""
        return weight_count(self.layers)

    @property
    def n_terms(self) -> int:
        """How many terms the loss is the mean of: the places."""
        return len(jax.eval_shape(self.places))

    def loss(self, theta: Array) -> Array:
        """Return the mean square of the residual and what is asked for beside it, a scalar."""
        broken = jax.vmap(partial(self.residual, theta))(self.places())
        return jnp.mean(broken**2) + self.common_term(theta)

    def term(self, theta: Array, index: Array) -> Array:
        """Return one term: the mean square of the residual at one place."""
        return jnp.mean(self.residual(theta, self.places()[index]) ** 2)

    def start(self) -> Array:
        """Return random weights and no biases, shape ``(d,)``."""
        return jnp.asarray(_drawn(self.layers, self.seed))

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return the relative L2 error of each component, at places the network did not learn."""
        places = self.checked_at()
        exact = self.exact_fields(places)
        missed = jnp.linalg.norm(self.fields(theta, places) - exact, axis=0)
        errors = missed / jnp.linalg.norm(exact, axis=0)
        return {f"error_{name}": errors[i] for i, name in enumerate(self.components)}

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what it reads."""
        return {f"error_{name}": "1" for name in self.components}

    def tracked(self, theta: Array) -> dict[str, tuple[Array, Array]]:
        """Return each component where the exact one is largest, and the exact one there."""
        places = self.checked_at()
        exact = self.exact_fields(places)
        where = jnp.argmax(jnp.abs(exact), axis=0)
        found = jax.vmap(lambda place: self.network(theta, place).value)(places[where])
        return {name: (found[i, i], exact[where[i], i]) for i, name in enumerate(self.components)}


@cache
def _drawn(layers: tuple[int, ...], seed: int) -> np.ndarray:
    return random_weights(layers, np.random.default_rng(seed))


def middles(count: int) -> Array:
    """Return the middles of ``count`` equal parts of the unit interval, shape ``(count,)``.

    Examples
    --------
    >>> middles(2).tolist()
    [0.25, 0.75]
    """
    return (jnp.arange(count) + 0.5) / count
