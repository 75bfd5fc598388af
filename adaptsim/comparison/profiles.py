"""Performance and data profiles: solvers side by side over many problems.

A performance profile asks by what factor a solver falls behind the best one of those compared; a
data profile asks what share of problems it solves with a given number of evaluations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adaptsim.comparison.ecdf import Steps, runtime_distribution
from adaptsim.measures.measurement import Array


class Profile(NamedTuple):
    """Performance profiles of solvers as steps, ready to be drawn with ``where="post"``."""

    ratio: Array
    """Ratios to the best at which a profile rises, ascending from 1, shape ``(m,)``."""
    fraction: Array
    """Share of problems solved within that ratio, shape ``(solvers, m)``."""
    best: Array
    """Share of problems on which the solver is the best or ties with it: rho(1), ``(solvers,)``."""
    solved: Array
    """Share of problems it solves at all: the limit of rho for large ratios, ``(solvers,)``."""

    def at(self, ratio: float) -> Array:
        """Return the share of problems each solver solves within a ratio, shape ``(solvers,)``.

        Examples
        --------
        >>> performance_profile([[10.0, 30.0], [20.0, 20.0]]).at(2.9).tolist()
        [1.0, 0.5]
        """
        place = int(np.searchsorted(self.ratio, ratio, side="right"))
        return self.fraction[:, place - 1] if place else np.zeros(len(self.fraction))


def performance_ratios(costs: Any) -> Array:
    """Return the costs of solvers over the least cost on each problem.

    Parameters
    ----------
    costs : array, shape (problems, solvers)
        Costs, at least 0; inf or nan where a solver failed.

    Returns
    -------
    numpy.ndarray
        Shape ``(problems, solvers)``; inf where a solver failed, also if all did. Where the least
        cost is 0 it is 1 for those that reach it and inf for others.

    Raises
    ------
    ValueError
        For another shape, no problem, or a negative cost.

    References
    ----------
    Dolan & More (2002), Mathematical Programming 91:201, r_ps.

    Examples
    --------
    >>> performance_ratios([[10.0, 30.0], [float("inf"), 5.0]]).tolist()
    [[1.0, 3.0], [inf, 1.0]]
    """
    told = _costs(costs)
    least = told.min(axis=1, keepdims=True)
    comparable = np.isfinite(told) & (least > 0)
    behind = np.where(np.isfinite(told) & (told == least), 1.0, np.inf)
    return np.divide(told, least, out=behind, where=comparable)


def performance_profile(costs: Any) -> Profile:
    """Return Dolan and More's performance profiles.

    ``rho_s(tau) = (number of problems with r_ps <= tau) / number of problems``. Profiles depend on
    who takes part: leaving out the fastest solver can swap the order of two others, so read off
    them who is best (rho(1)) and who solves most (the limit), and no order of the rest.

    Parameters
    ----------
    costs : array, shape (problems, solvers)
        Costs, at least 0; inf or nan where a solver failed. A problem that is nan for everybody (no
        known minimum) is left out; one that everybody failed counts.

    Returns
    -------
    Profile

    Raises
    ------
    ValueError
        As `performance_ratios`, or where no problem is left.

    References
    ----------
    Dolan & More (2002), Mathematical Programming 91:201; Gould & Scott (2016), ACM Transactions on
    Mathematical Software 43:15 (the order of the rest).

    Examples
    --------
    >>> inf = float("inf")
    >>> found = performance_profile([[10.0, 30.0], [20.0, 20.0], [inf, 5.0], [inf, inf]])
    >>> found.ratio.tolist(), found.fraction.tolist()
    ([1.0, 3.0], [[0.5, 0.5], [0.5, 0.75]])
    >>> found.best.tolist(), found.solved.tolist()
    ([0.5, 0.5], [0.5, 0.75])
    """
    ratios = performance_ratios(np.asarray(costs, dtype=float)[_known(costs)])
    rises = np.unique(np.append(ratios[np.isfinite(ratios)], 1.0))
    fraction = (ratios[:, :, None] <= rises).mean(axis=0)
    return Profile(rises, fraction, fraction[:, 0], np.isfinite(ratios).mean(axis=0))


def data_profiles(costs: Any, dimension: Any) -> list[Steps]:
    """Return More and Wild's data profiles, one for each solver.

    ``d_s(alpha) = (number of problems with t_ps / (n_p + 1) <= alpha) / number of problems``. The
    unit n + 1 is the cost of one gradient by differences; costs that count gradients already are
    read as they are with ``dimension=0``. Unlike performance profiles they do not depend on the
    other solvers, once the costs are given.

    Parameters
    ----------
    costs : array, shape (problems, solvers)
        Evaluations until a problem is solved, for More and Wild by the test of
        `adaptsim.comparison.targets.share_of_descent`; inf or nan as in `performance_profile`.
    dimension : float or array, shape (problems,)
        Number of coordinates of each problem.

    Returns
    -------
    list[Steps]
        One for each solver, in evaluations over ``n + 1``.

    Raises
    ------
    ValueError
        As `performance_ratios`, or for a negative dimension.

    References
    ----------
    More & Wild (2009), SIAM Journal on Optimization 20:172, eq. 2.8.

    Examples
    --------
    >>> one, other = data_profiles([[6.0, 30.0], [20.0, float("inf")]], dimension=[2, 4])
    >>> one.evaluations.tolist(), one.fraction.tolist(), other.at(10.0).tolist()
    ([2.0, 4.0], [0.5, 1.0], 0.5)
    """
    known = _known(costs)
    coordinates = np.broadcast_to(np.asarray(dimension, dtype=float), known.shape)[known]
    told = _costs(np.asarray(costs, dtype=float)[known])
    return [runtime_distribution(own, coordinates + 1) for own in told.T]


def _known(costs: Any) -> Any:
    """Return which problems are not nan for everybody."""
    told = np.asarray(costs, dtype=float)
    return ~np.isnan(told).all(axis=tuple(range(1, told.ndim)))


def _costs(costs: Any) -> Array:
    told = np.asarray(costs, dtype=float)
    if told.ndim != 2 or not told.size:
        raise ValueError(f"costs must be (problems, solvers), none empty; got shape {told.shape}.")
    if (told < 0).any():
        raise ValueError(f"costs must be at least 0; got {np.nanmin(told)}.")
    return np.where(np.isnan(told), np.inf, told)
