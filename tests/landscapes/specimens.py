"""One of every landscape, and what is measured on each."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import landscapes
from adaptsim.landscapes import Landscape
from adaptsim.part import Array

TOLD: dict[str, dict[str, Any]] = {
    "Bowl": {"dimension": 3, "curvature": [1.0, 2.0, 5.0]},
    "Canyon": {"dimension": 4, "condition_number": 30.0, "rotated": True, "seed": 3},
    "DeepLinear": {"layers": (3, 2, 2), "singular_values": [2.0, 0.5], "strength": 0.3},
    "DeepNetwork": {"depth": 3, "width": 4, "samples": 5, "bias_variance": 0.1},
    "Digits": {"layers": (64, 10), "samples": 20, "ridge": 0.01},
    "ElasticBar": {"layers": (1, 4, 1), "points": 8, "case": "waves"},
    "ElasticPlate": {"layers": (2, 3, 2), "points": 3, "plane": "stress"},
    "Rosenbrock": {"dimension": 5},
    "Rastrigin": {"dimension": 3},
    "Ackley": {"dimension": 3},
    "Griewank": {"dimension": 3},
    "LennardJones": {"atoms": 3},
    "Levy": {"dimension": 3},
    "LinearRecurrent": {"steps": 4, "target": 0.7},
    "Perceptron": {"layers": (2, 3, 2), "task": "gaussian", "samples": 6, "seed": 3},
    "Schwefel": {"dimension": 3},
    "Michalewicz": {"dimension": 3, "steepness": 6},
    "StyblinskiTang": {"dimension": 3},
    "MatrixFactorisation": {"rows": 2, "columns": 3, "rank": 1, "seed": 5},
    "RobotArm": {"target_x": 0.3, "target_y": -0.9, "link": 0.7},
}
"""Fields other than the defaults, which the table of the literature tries."""

APART = {"Bbob": "its own test, where the package is installed", "Noisy": "wraps another"}
if find_spec("sklearn") is None:
    APART["Digits"] = "needs scikit-learn, which is not installed"
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
    """What was computed at random points, at the start and at rest."""

    losses: np.ndarray
    hessian: np.ndarray
    bends: np.ndarray
    slopes_at_rest: list[np.ndarray]
    curvatures_at_minima: list[np.ndarray]
    curvatures_at_saddles: list[np.ndarray]


def random_points(landscape: Landscape, size: int = 120) -> Array:
    """Return points: a half all over the domain (or near the start), a half near the start."""
    low, high, start = map(np.asarray, (*landscape.domain(), landscape.start()))
    low, high = (np.where(np.isfinite(x), x, start + s) for x, s in ((low, -5), (high, 5)))
    drawn = np.random.default_rng(0).uniform(size=(size, landscape.dimension))
    wide, near = low + drawn * (high - low), np.clip(start + 2 * drawn - 1, low, high)
    return jnp.asarray(np.where(np.arange(size)[:, None] % 2, wide, near))


@jax.jit
def losses(landscape: Landscape, points: Array) -> Array:
    """Return the losses of many points."""
    return jax.vmap(landscape.loss)(points)


@cache
def facts(name: str) -> Facts:
    """Return what is measured on one specimen."""
    landscape = specimens()[name]
    minima, saddles = (
        [one.theta for one in known()] for known in (landscape.minima, landscape.saddles)
    )
    start = np.asarray(landscape.start())
    steps = np.diag(1e-6 * (1 + np.abs(start)))
    ahead, behind = (
        np.array([landscape.gradient(start + sign * step) for step in steps]) for sign in (1, -1)
    )
    return Facts(
        losses=np.asarray(losses(landscape, random_points(landscape))),
        hessian=np.asarray(landscape.hessian(start)),
        bends=(ahead - behind) / (2 * np.diag(steps)[:, None]),
        slopes_at_rest=[np.asarray(landscape.gradient(one)) for one in (*minima, *saddles)],
        curvatures_at_minima=[curvatures(landscape, one) for one in minima],
        curvatures_at_saddles=[curvatures(landscape, one) for one in saddles],
    )


def curvatures(landscape: Landscape, theta: Array) -> np.ndarray:
    """Return the eigenvalues of the Hessian by NumPy, in units of the largest; nan at a cusp."""
    bend = np.asarray(landscape.hessian(theta))
    if np.isnan(bend).any():
        return np.full(len(bend), np.nan)
    found = np.linalg.eigvalsh(bend)
    return found / max(np.abs(found).max(), 1e-300)
