"""Loss curves: median and quantiles of many walks, read at the same numbers of evaluations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adaptsim.comparison.order import failed_last, quantile
from adaptsim.comparison.targets import best_so_far, spent_by_records
from adaptsim.measures.measurement import Array, Integers


class Curves(NamedTuple):
    """Quantiles of loss at common numbers of evaluations."""

    evaluations: Array
    """Where the curves are read, shape ``(m,)``."""
    shares: tuple[float, ...]
    """Shares of walks below each curve."""
    loss: Array
    """The curves, shape ``(len(shares), m)`` [loss]; inf where that share of walks failed."""
    running: Array
    """Share of walks whose budget lasted so long, shape ``(m,)``; others stand at their end."""


def loss_curves(
    loss: Any,
    evaluations: Any,
    at: Any = None,
    *,
    shares: tuple[float, ...] = (0.1, 0.5, 0.9),
    best: bool = True,
) -> Curves:
    """Return quantiles over all walks of their loss within given numbers of evaluations.

    Between two records a walk stands at the earlier one; nothing is interpolated. A loss that is
    not finite is behind all finite ones, so a curve turns inf where so many walks diverged.

    Parameters
    ----------
    loss : array, shape (..., k)
        Loss along walks; all axes but the last are walks.
    evaluations : array, shape (k,) or broadcastable to (..., k)
        Evaluations spent by each record, not decreasing.
    at : array, shape (m,), optional
        Numbers of evaluations to read at; by default `common_evaluations`.
    shares : tuple of float
        Shares of walks below each curve.
    best : bool
        The least loss so far (default), or the loss at the record.

    Returns
    -------
    Curves

    Raises
    ------
    ValueError
        For evaluations that decrease or do not fit.

    Examples
    --------
    >>> losses = [[4.0, 2.0, 1.0], [4.0, 3.0, 3.5], [4.0, float("inf"), float("nan")]]
    >>> loss_curves(losses, [0, 10, 20], [0, 15, 20], shares=(0.5,)).loss.tolist()
    [[4.0, 3.0, 3.0]]
    >>> loss_curves(losses, [0, 10, 20], [0, 15, 20], shares=(0.5, 1.0), best=False).loss.tolist()
    [[4.0, 3.0, 3.5], [4.0, inf, inf]]
    """
    told = best_so_far(loss) if best else failed_last(loss)
    spent = spent_by_records(evaluations, told.shape)
    places = common_evaluations(evaluations) if at is None else np.asarray(at, dtype=float)
    shared = np.ndim(evaluations) == 1
    read = _read_together(told, spent, places) if shared else _read_singly(told, spent, places)
    running = np.mean(spent[..., -1].reshape(-1, 1) >= places, axis=0)
    return Curves(places, shares, np.stack([quantile(read, one, 0) for one in shares]), running)


def common_evaluations(evaluations: Any, count: int = 200) -> Array:
    """Return numbers of evaluations to read walks at: the first, then others on a log scale.

    Parameters
    ----------
    evaluations : array, shape (..., k)
        Evaluations spent by each record.
    count : int
        How many at most besides the first; whole numbers, each once.

    Returns
    -------
    numpy.ndarray
        Ascending, from the first record to the largest budget.

    Examples
    --------
    >>> common_evaluations([0, 1, 10, 1000], count=4).tolist()
    [0.0, 1.0, 10.0, 100.0, 1000.0]
    """
    spent = np.asarray(evaluations, dtype=float)
    low, high = max(spent.min(), 1.0), spent.max()
    spaced = np.round(np.geomspace(low, max(high, low), count))
    return np.unique(np.clip(np.append(spaced, spent.min()), spent.min(), high))


def _read_together(loss: Array, spent: Array, at: Array) -> Array:
    """Return losses ``(walks, m)`` of walks that share their evaluations."""
    walks = loss.reshape(-1, loss.shape[-1])
    first = spent[(0,) * (spent.ndim - 1)]
    return _at(walks, np.searchsorted(first, at, side="right"))


def _read_singly(loss: Array, spent: Array, at: Array) -> Array:
    """Return losses ``(walks, m)`` of walks that have evaluations of their own."""
    pairs = zip(loss.reshape(-1, loss.shape[-1]), spent.reshape(-1, spent.shape[-1]), strict=True)
    return np.stack([_at(own, np.searchsorted(when, at, side="right")) for own, when in pairs])


def _at(walks: Array, records: Integers) -> Array:
    """Return the last of so many records; inf where there was none yet."""
    return np.where(records > 0, walks[..., np.maximum(records - 1, 0)], np.inf)
