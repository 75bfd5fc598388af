"""Runtime distributions: the share of (problem, target) pairs reached within a budget.

The curve of a rule is higher the more it solves and further left the faster it does; difficult
and easy targets stand in one picture, and no average hides the failures.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adaptsim.comparison.expected_time import simulated_restarts
from adaptsim.measures.measurement import Array


class Steps(NamedTuple):
    """An empirical distribution as steps, ready to be drawn with ``where="post"``."""

    evaluations: Array
    """Where it rises, ascending, shape ``(m,)`` [evaluations per dimension]."""
    fraction: Array
    """Share reached from there on, shape ``(m,)`` [1]."""

    def at(self, evaluations: Any) -> Array:
        """Return the share reached within so many evaluations per dimension.

        Examples
        --------
        >>> Steps(np.array([10.0, 20.0]), np.array([0.5, 0.75])).at([5.0, 10.0, 99.0]).tolist()
        [0.0, 0.5, 0.75]
        """
        place = np.searchsorted(self.evaluations, np.asarray(evaluations, float), side="right")
        return np.concatenate([[0.0], self.fraction])[place]


def runtime_distribution(runtimes: Any, dimension: Any = 1) -> Steps:
    """Return the empirical distribution of runtimes over problems, targets and repetitions.

    ``ECDF(x) = number of runtimes with RT / n <= x, over number of runtimes``.

    Parameters
    ----------
    runtimes : array
        Evaluations to targets, any shape; inf where it was never reached. Pairs that are nan (no
        known minimum) are left out.
    dimension : float or array, broadcastable to ``runtimes``
        Number of coordinates n, by which evaluations are divided; 1 leaves them alone.

    Returns
    -------
    Steps
        One step per different runtime; none where nothing was reached.

    Raises
    ------
    ValueError
        Where no runtime is left, or a dimension is not above 0.

    References
    ----------
    Hansen et al. (2016), COCO: performance assessment, arXiv:1605.03560, empirical cumulative
    distribution functions.

    Examples
    --------
    >>> runtime_distribution([[10.0, 40.0], [10.0, float("inf")]], dimension=2)
    Steps(evaluations=array([ 5., 20.]), fraction=array([0.5 , 0.75]))
    """
    told = np.asarray(runtimes, dtype=float)
    if not (np.asarray(dimension) > 0).all():
        raise ValueError(f"dimension must be above 0; got {dimension}.")
    per_dimension = (told / dimension)[~np.isnan(told)]
    if not per_dimension.size:
        raise ValueError("a distribution needs a runtime that is not nan; got none.")
    at, counts = np.unique(per_dimension[np.isfinite(per_dimension)], return_counts=True)
    return Steps(at, np.cumsum(counts) / per_dimension.size)


def area(steps: Steps, low: float, high: float) -> float:
    """Return the mean share reached between two budgets on the log scale, from 0 to 1.

    ``area = (integral of ECDF(x) d log x from low to high) / log(high / low)``. With everything
    reached in between, ``(1 - area) log(high / low)`` is the mean of ``log(runtime / low)``: the
    area between two curves is the log of how many times faster one is.

    Parameters
    ----------
    steps : Steps
        A runtime distribution.
    low, high : float
        Budgets, ``0 < low < high`` [evaluations per dimension].

    Returns
    -------
    float
        From 0 (nothing within ``high``) to 1 (everything within ``low``).

    Raises
    ------
    ValueError
        For other budgets.

    References
    ----------
    Hansen et al. (2021), COCO: a platform for comparing continuous optimizers in a black-box
    setting, Optimization Methods and Software 36:114 (the area and the mean log runtime).

    Examples
    --------
    >>> round(area(runtime_distribution([10.0, 10.0, 1000.0, float("inf")]), 1.0, 1000.0), 6)
    0.333333
    """
    if not 0 < low < high:
        raise ValueError(f"low and high must be 0 < low < high; got {low} and {high}.")
    rises = np.log(np.clip(steps.evaluations, low, high))
    share = np.diff(steps.fraction, prepend=0.0)
    return float(share @ (np.log(high) - rises) / np.log(high / low))


def restarted(hits: Any, budgets: Any, *, n_samples: int = 100, seed: int = 0) -> Array:
    """Return simulated runtimes of restarted rules for every (problem, target) pair.

    Without it the curve of a rule ends at the share of its walks that succeeded within the budget;
    with it, beyond the budget, at the share of pairs that any of its walks solved.

    Parameters
    ----------
    hits : array, shape (..., n)
        Evaluations to the target of ``n`` walks for each pair, inf where it was never reached.
    budgets : float or array, broadcastable to (..., n)
        Evaluations that each walk spent in all.
    n_samples : int
        Runtimes per pair at least, see `simulated_restarts`.
    seed : int
        Seed of the drawing; pairs are drawn independently.

    Returns
    -------
    numpy.ndarray
        Shape ``(..., whole multiple of n)`` [evaluations].

    References
    ----------
    As `adaptsim.comparison.expected_time.simulated_restarts`.

    Examples
    --------
    >>> inf = float("inf")
    >>> runtimes = restarted([[20.0, inf], [inf, inf]], 100.0, n_samples=1000)
    >>> runtimes.shape, runtime_distribution(runtimes).at([100.0, 1e9]).tolist()
    ((2, 1000), [0.25, 0.5])
    """
    told = np.asarray(hits, dtype=float)
    whole = np.broadcast_to(np.asarray(budgets, dtype=float), told.shape)
    pairs = zip(told.reshape(-1, told.shape[-1]), whole.reshape(-1, told.shape[-1]), strict=True)
    own = np.random.SeedSequence(seed).generate_state(told[..., 0].size)
    drawn = [
        simulated_restarts(hit, most, n_samples=n_samples, seed=int(one))
        for (hit, most), one in zip(pairs, own, strict=True)
    ]
    return np.stack(drawn).reshape(*told.shape[:-1], -1)
