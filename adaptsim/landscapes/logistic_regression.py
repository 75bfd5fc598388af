"""Logistic regression on a small real data set."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.landscapes.newton import minimum_near
from adaptsim.part import Array, field

FEATURES = ("sepalLength", "sepalWidth", "petalLength", "petalWidth")
"""What was measured on each flower [cm]."""

SPECIES = ("versicolor", "virginica")
"""The two species of iris that a straight line does not quite tell apart."""


class LogisticRegression(Landscape):
    """Telling *Iris versicolor* from *Iris virginica* by four lengths.

    ``f(w) = mean_i ln(1 + exp(-s_i w . x_i)) + ridge abs(w)^2 / 2``

    100 flowers, ``s_i`` +1 for *virginica*; ``x_i`` is 1 and then lengths and widths of sepal and
    petal, each brought to mean 0 and standard deviation 1. ``d = 5``, no bounds. Convex; ``ridge``
    also holds the intercept, and makes the one minimum exist and be found: it is *computed*, by
    Newton's method. ``f`` is the mean of ``n_terms`` terms, one per flower. Start: the origin.

    The data are ``iris.json`` of the package vega_datasets (copied from R's ``iris``).

    Examples
    --------
    >>> landscape = LogisticRegression(ridge=0.01)
    >>> round(float(landscape.loss(landscape.start())), 6)
    0.693147
    >>> landscape.kind_of_point(landscape.minima()[0].theta)
    'minimum'

    References
    ----------
    Cox, The regression analysis of binary sequences, J. Royal Statistical Society B 20 (1958)
    215-242; data: Fisher, The use of multiple measurements in taxonomic problems, Annals of
    Eugenics 7 (1936) 179-188, measured by Anderson.
    """

    dimension = 5
    starts_at = 0.0

    ridge: float = field(0.01, unit="loss/trait^2", help="cost of large weights", above=0)

    @property
    def n_terms(self) -> int:
        """How many terms the loss is the mean of: the flowers."""
        return len(flowers()[1])

    def loss(self, theta: Array) -> Array:
        """Return the loss of weights, a scalar [nat]."""
        inputs, signs = (jnp.asarray(one) for one in flowers())
        misfit = jnp.mean(jax.nn.softplus(-signs * (inputs @ theta)))
        return misfit + self.ridge * jnp.sum(theta**2) / 2

    def term(self, theta: Array, index: Array) -> Array:
        """Return one term: that of a flower, with the whole ridge."""
        inputs, signs = (jnp.asarray(one) for one in flowers())
        misfit = jax.nn.softplus(-signs[index] * (inputs[index] @ theta))
        return misfit + self.ridge * jnp.sum(theta**2) / 2

    def minima(self) -> tuple[Point, ...]:
        """Return the one minimum, computed once for each ridge."""
        return (self.point(jnp.asarray(_minimum(float(self.ridge)))),)


@cache
def flowers() -> tuple[np.ndarray, np.ndarray]:
    """Return inputs, shape ``(100, 5)``, the first of each 1, and signs of the species, ``(100,)``.

    Examples
    --------
    >>> inputs, signs = flowers()
    >>> inputs.shape, signs.sum().item()
    ((100, 5), 0.0)
    """
    package = find_spec("vega_datasets")  # found, not imported: it would bring pandas
    if package is None or package.origin is None:
        raise ImportError("LogisticRegression needs the package vega_datasets; install it")
    text = (Path(package.origin).parent / "_data" / "iris.json").read_text("utf-8")
    rows = [row for row in json.loads(text) if row["species"] in SPECIES]
    lengths = np.array([[row[name] for name in FEATURES] for row in rows], dtype=float)
    scaled = (lengths - lengths.mean(axis=0)) / lengths.std(axis=0)
    signs = np.array([1.0 if row["species"] == SPECIES[1] else -1.0 for row in rows])
    return np.column_stack([np.ones(len(rows)), scaled]), signs


@cache
def _minimum(ridge: float) -> np.ndarray:
    return np.asarray(minimum_near(LogisticRegression(ridge=ridge), jnp.zeros(5)).theta)
