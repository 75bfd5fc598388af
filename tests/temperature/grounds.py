"""What the tests of temperature walk on, and how walks are had from it."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes import Landscape, Noisy
from adaptsim.part import Array, field
from adaptsim.rules import GradientDescent, Rule
from adaptsim.walks import walk


class Valley(Landscape):
    """A quadratic valley of any Hessian, its slope felt with noise of any covariance."""

    shared: ClassVar[bool] = True
    minima_at = (0.0,)
    bend: Any = field(unit="loss/trait^2", help="Hessian")
    root: Any = field(unit="loss/trait", help="square root of the covariance of the noise")

    @property
    def dimension(self) -> int:
        return int(self.bend.shape[0])

    def loss(self, theta: Array) -> Array:
        return theta @ self.bend @ theta / 2

    def perceived_gradient(self, theta: Array, key: Array) -> Array:
        return self.gradient(theta) + self.root @ jax.random.normal(key, theta.shape, float)


class LeastSquares(Landscape):
    """One weight fitted to points: the noise of one point is stronger far from the minimum."""

    dimension = 1
    n_terms = 8

    def loss(self, theta: Array) -> Array:
        return jnp.mean(jax.vmap(self.term, (None, 0))(theta, jnp.arange(self.n_terms)))

    def term(self, theta: Array, index: Array) -> Array:
        inputs = jnp.array([0.2, -0.4, 0.6, -0.8, 1.0, -1.2, 1.4, -1.6])
        errors = jnp.array([0.5, 0.3, -0.2, 0.4, -0.5, 0.2, 0.1, 0.3])
        return (inputs[index] * theta[0] - errors[index]) ** 2 / 2

    def minima(self) -> Any:
        at = jnp.array([-self.gradient(jnp.zeros(1))[0] / self.hessian(jnp.zeros(1))[0, 0]])
        return (self.point(at),)


def places(
    landscape: Landscape, rule: Rule, *, start: Any = None, level: float = 0.0, **more: Any
) -> np.ndarray:
    """Return walks of one rule from one start, shape ``(seeds, records, d)``."""
    felt = Noisy(landscape=landscape, level=level) if level else landscape
    found = walk(felt, rule, starts=start, places=True, **more)
    (walked,) = found.values()
    assert walked.places is not None
    return walked.places[0, 0]


MINIBATCH_RATE = 0.8


@cache
def minibatch_walks() -> np.ndarray:
    """Return walks at rest that saw one point of `LeastSquares` a step, ``(300, 91, 1)``."""
    felt, rule = (
        Noisy(landscape=LeastSquares(), batch=1),
        GradientDescent(learning_rate=MINIBATCH_RATE),
    )
    start = LeastSquares().minima()[0].theta
    return places(felt, rule, start=start, seeds=300, steps=1000, stride=10)[:, 10:]
