"""Targets: how many evaluations a walk took to come within a precision of the minimum.

A number of evaluations is a quantity, a final loss is not: twice the evaluations is twice the
cost on every landscape. inf says that the walk never got there (its whole budget is a lower
bound), nan that nobody knows the minimum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adaptsim.comparison.order import failed_last
from adaptsim.measures.measurement import Array


def precisions(first: float = 1e2, last: float = 1e-8, count: int = 51) -> Array:
    """Return precisions evenly spaced on a log scale, by default the 51 of COCO.

    Parameters
    ----------
    first, last : float
        Easiest and hardest, both above 0 [loss].
    count : int
        How many.

    Returns
    -------
    numpy.ndarray
        Shape ``(count,)`` [loss].

    Raises
    ------
    ValueError
        For a precision that is not above 0.

    References
    ----------
    Hansen, Auger, Brockhoff, Tusar & Tusar (2016), COCO: performance assessment,
    arXiv:1605.03560: 51 targets from 1e2 to 1e-8.

    Examples
    --------
    >>> precisions(1e2, 1e-8, 6)
    array([1.e+02, 1.e+00, 1.e-02, 1.e-04, 1.e-06, 1.e-08])
    """
    if not (first > 0 and last > 0):
        raise ValueError(f"precisions must be above 0; got {first} and {last}.")
    return np.geomspace(first, last, count)


def best_so_far(loss: Any) -> Array:
    """Return the least finite loss recorded up to each moment.

    Parameters
    ----------
    loss : array, shape (..., k)
        Loss along walks.

    Returns
    -------
    numpy.ndarray
        Shape ``(..., k)`` [loss]; inf before there was a finite one.

    Examples
    --------
    >>> best_so_far([3.0, 1.0, 2.0, float("nan"), float("-inf"), 0.5]).tolist()
    [3.0, 1.0, 1.0, 1.0, 1.0, 0.5]
    """
    return np.asarray(np.minimum.accumulate(failed_last(loss), axis=-1))


def evaluations_to(precision: Any, loss: Any, evaluations: Any, best_known: Any = 0.0) -> Array:
    """Return the evaluations after which the best loss so far is within a precision of the minimum.

    The first recorded moment counts, so sparse records make it an upper bound.

    Parameters
    ----------
    precision : float or array, shape (t,)
        How far above the known minimum counts as solved, at least 0 [loss].
    loss : array, shape (..., k)
        Loss along walks; a value that is not finite reaches nothing.
    evaluations : array, shape (k,) or broadcastable to (..., k)
        Evaluations spent by each record, not decreasing.
    best_known : float or array, broadcastable to (...)
        The known minimum [loss]; nan where there is none.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)`` for one precision, ``(t, ...)`` for several [evaluations]; inf where a walk
        never got there, nan where the minimum is not known.

    Raises
    ------
    ValueError
        For evaluations that decrease or do not fit, or a precision below 0.

    References
    ----------
    Hansen et al. (2016), COCO: performance assessment, arXiv:1605.03560, runtime of a problem.

    Examples
    --------
    >>> loss = [[4.0, 1.0, 2.0, 0.1], [4.0, 3.0, 2.0, 1.0]]
    >>> evaluations_to([1.0, 0.5], loss, [0, 10, 20, 30])
    array([[10., 30.],
           [30., inf]])
    """
    best, spent = best_so_far(loss), spent_by_records(evaluations, np.shape(loss))
    known = np.asarray(best_known, dtype=float)
    wanted = np.asarray(precision, dtype=float)
    if wanted.ndim > 1 or not (wanted >= 0).all():
        raise ValueError(f"precision must be a number or a list, at least 0; got {precision}.")
    gap = best - known[..., None]
    reached = np.stack([_first(gap <= one, spent) for one in np.atleast_1d(wanted)])
    hits = np.where(np.isnan(known), np.nan, reached)
    return hits if wanted.ndim else hits[0]


def budget(loss: Any, evaluations: Any) -> Array:
    """Return the evaluations that each walk spent in all, shape ``(...)``.

    Parameters
    ----------
    loss, evaluations : array
        As for `evaluations_to`.

    Examples
    --------
    >>> budget([[4.0, 1.0], [4.0, 3.0]], [0, 10]).tolist()
    [10.0, 10.0]
    """
    return spent_by_records(evaluations, np.shape(loss))[..., -1].copy()


def falls_below(loss: Any, best_known: Any, slack: float = 1e-9) -> Array:
    """Return which walks found less than the known minimum, so that it was no minimum.

    Such a walk reaches every target; that says something about the landscape's entry, or about a
    landscape without a minimum, and nothing about the rule.

    Parameters
    ----------
    loss : array, shape (..., k)
        Loss along walks.
    best_known : float or array, broadcastable to (...)
        The known minimum [loss].
    slack : float
        What rounding may do, as a share of ``1 + |best_known|``.

    Returns
    -------
    numpy.ndarray
        Booleans, shape ``(...)``; false where no minimum is known.

    Examples
    --------
    >>> falls_below([[1.0, 0.0], [1.0, -0.5]], best_known=0.0).tolist()
    [False, True]
    """
    known = np.asarray(best_known, dtype=float)
    least = best_so_far(loss)[..., -1]
    return np.asarray(least < known - slack * (1 + np.abs(known)))


def share_of_descent(loss: Any, lowest: Any) -> Array:
    """Return how much of the way down is left, from 1 at the start to 0 at ``lowest``.

    The test of convergence of More and Wild is ``share_of_descent(loss, lowest) <= tau``, where
    ``lowest`` is the least loss that any solver found on that problem within the budget. It needs
    no known minimum: ``evaluations_to(tau, share_of_descent(loss, lowest), evaluations)``.

    Parameters
    ----------
    loss : array, shape (..., k)
        Loss along walks, the start first.
    lowest : float or array, broadcastable to (...)
        Least loss found by anybody [loss].

    Returns
    -------
    numpy.ndarray
        Shape ``(..., k)`` [1]. Where the start was the lowest already, or had no finite loss:
        0 at the lowest and inf above.

    References
    ----------
    More & Wild (2009), SIAM Journal on Optimization 20:172, eq. 2.2.

    Examples
    --------
    >>> share_of_descent([4.0, 2.0, 1.0], lowest=0.0).tolist()
    [1.0, 0.5, 0.25]
    """
    told, least = failed_last(loss), np.asarray(lowest, dtype=float)[..., None]
    way, left = told[..., :1] - least, told - least
    known = (way > 0) & np.isfinite(way)
    return np.divide(left, way, out=np.where(left > 0, np.inf, 0.0), where=known)


def spent_by_records(evaluations: Any, shape: tuple[int, ...]) -> Array:
    """Return evaluations in the shape of the losses, checked.

    Parameters
    ----------
    evaluations : array, shape (k,) or broadcastable to ``shape``
        Evaluations spent by each record.
    shape : tuple of int
        Shape of the losses ``(..., k)``.

    Returns
    -------
    numpy.ndarray
        Shape ``shape``; not to be written to.

    Raises
    ------
    ValueError
        For evaluations that decrease, are nan or do not fit.

    Examples
    --------
    >>> spent_by_records([0, 10], (3, 2)).tolist()
    [[0.0, 10.0], [0.0, 10.0], [0.0, 10.0]]
    """
    spent = np.asarray(evaluations, dtype=float)
    try:
        fitted = np.broadcast_to(spent, shape)
    except ValueError:
        raise ValueError(f"evaluations must fit loss {shape}; got shape {spent.shape}.") from None
    if np.isnan(spent).any() or not (np.diff(spent, axis=-1) >= 0).all():
        raise ValueError("evaluations must not decrease along a walk, and none may be nan.")
    return fitted


def _first(reached: Any, spent: Array) -> Array:
    """Return the evaluations at the first true record, inf without one."""
    place = np.argmax(reached, axis=-1)[..., None]
    first = np.take_along_axis(np.broadcast_to(spent, reached.shape), place, axis=-1)
    return np.where(reached.any(axis=-1), first[..., 0], np.inf)
