"""One of every landscape, and what is measured on each, in one compilation."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import landscapes
from adaptsim.landscapes import Landscape
from adaptsim.part import Array

TOLD: dict[str, dict[str, Any]] = {
    "Bowl": {"dimension": 3, "curvature": jnp.array([1.0, 2.0, 5.0])},
    "Canyon": {"dimension": 4, "condition_number": 30.0, "rotated": True, "seed": 3},
    "Rosenbrock": {"dimension": 5},
    "Rastrigin": {"dimension": 3},
    "Ackley": {"dimension": 3},
    "Griewank": {"dimension": 3},
    "Levy": {"dimension": 3},
    "Schwefel": {"dimension": 3},
    "Michalewicz": {"dimension": 3, "steepness": 6},
    "StyblinskiTang": {"dimension": 3},
    "MatrixFactorisation": {"rows": 2, "columns": 3, "rank": 1, "seed": 5},
    "RobotArm": {"target_x": 0.3, "target_y": -0.9, "link": 0.7},
}
"""Fields other than the defaults, which the table of the literature tries."""

APART = {"Bbob": "its own test, where the package is installed", "Noisy": "wraps another"}
"""Landscapes that cannot be made from their defaults."""


def classes() -> dict[str, type[Landscape]]:
    """Return all concrete landscapes by name."""
    exported = {name: getattr(landscapes, name) for name in landscapes.__all__}
    return {
        name: one
        for name, one in exported.items()
        if isinstance(one, type) and issubclass(one, Landscape) and not one.abstract
    }


def specimens() -> dict[str, Landscape]:
    """Return landscapes by name: each class, one wrapped and one of a function."""
    known = {name: one for name, one in classes().items() if name not in APART}
    own = Landscape.from_function(lambda x: jnp.sum(x**4 + x**2), 3, minima=[0.0])
    return {
        **{name: one(**TOLD.get(name, {})) for name, one in known.items()},
        "Noisy": landscapes.Noisy(landscape=landscapes.Beale(), level=1.0),
        "from_function": own,
    }


class Facts(NamedTuple):
    """What was computed, compiled and mapped, at random points, at the start and at rest."""

    points: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray
    differences: np.ndarray
    start_loss: np.ndarray
    hessian: np.ndarray
    bends: np.ndarray
    slopes_at_rest: np.ndarray


def random_points(landscape: Landscape, size: int = 120) -> Array:
    """Return points: a half all over the domain (or near the start), a half near the start."""
    low, high, start = map(np.asarray, (*landscape.domain(), landscape.start()))
    low, high = (np.where(np.isfinite(x), x, start + s) for x, s in ((low, -5), (high, 5)))
    drawn = np.random.default_rng(0).uniform(size=(size, landscape.dimension))
    wide, near = low + drawn * (high - low), np.clip(start + 2 * drawn - 1, low, high)
    return jnp.asarray(np.where(np.arange(size)[:, None] % 2, wide, near))


@jax.jit
def measured(landscape: Landscape, points: Array) -> tuple[Array, Array]:
    """Return losses and slopes at many points, compiled, the landscape an argument."""
    return jax.vmap(lambda theta: (landscape.loss(theta), landscape.gradient(theta)))(points)


@cache
def facts(name: str) -> Facts:
    """Return what is measured on one specimen."""
    landscape = specimens()[name]
    known = [one.theta for one in (*landscape.minima(), *landscape.saddles())]
    sets = [np.asarray(random_points(landscape)), landscape.start()[None], np.stack(known)]
    groups = np.split(np.concatenate(sets), np.cumsum([len(one) for one in sets])[:-1])
    steps = [1e-6 * (1 + np.abs(one)) for one in groups[:2]]
    aside = [
        one[:, None] + step[:, :, None] * np.eye(one.shape[1]) * sign
        for one, step in zip(groups[:2], steps, strict=True)
        for sign in (1, -1)
    ]
    d = landscape.dimension
    asked = [*groups, *(one.reshape(-1, d) for one in aside)]
    answers = measured(landscape, jnp.asarray(np.concatenate(asked)))
    cuts = np.cumsum([len(one) for one in asked])[:-1]
    losses, slopes = (np.split(np.asarray(one), cuts) for one in answers)
    return Facts(
        points=groups[0],
        losses=losses[0],
        gradients=slopes[0],
        differences=(losses[3] - losses[4]).reshape(-1, d) / (2 * steps[0]),
        start_loss=losses[1][0],
        hessian=np.asarray(landscape.hessian(landscape.start())),
        bends=(slopes[5] - slopes[6]) / (2 * steps[1][0][:, None]),
        slopes_at_rest=slopes[2],
    )
