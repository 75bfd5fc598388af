"""Order among scores some of which failed: a walk without an answer is behind all others.

A score is a loss, or a number of evaluations; less is better. One that is not finite is a walk
that diverged or never got there, whatever its sign: it becomes inf, and inf is last, not poison.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adaptsim.measures.measurement import Array


def failed_last(scores: Any) -> Array:
    """Return scores with inf for every one that is not finite.

    Parameters
    ----------
    scores : array
        Losses or evaluations, any shape.

    Returns
    -------
    numpy.ndarray
        The same shape; finite, or inf.

    Examples
    --------
    >>> failed_last([2.0, float("nan"), float("-inf")]).tolist()
    [2.0, inf, inf]
    """
    told = np.asarray(scores, dtype=float)
    return np.where(np.isfinite(told), told, np.inf)


def quantile(scores: Any, share: float, axis: int = -1) -> Array:
    """Return a quantile of scores some of which may be inf.

    Linear between neighbouring scores, as `numpy.quantile` is for finite ones; between a finite
    score and inf it is inf.

    Parameters
    ----------
    scores : array
        Finite or inf.
    share : float
        Share of scores below it, from 0 to 1.
    axis : int
        The axis that is summarised.

    Returns
    -------
    numpy.ndarray
        The shape of ``scores`` without that axis.

    Raises
    ------
    ValueError
        For a share outside 0 to 1, or no scores.

    References
    ----------
    Hyndman & Fan (1996), American Statistician 50:361, definition 7.

    Examples
    --------
    >>> scores = [3.0, 1.0, float("inf"), 2.0]
    >>> [float(quantile(scores, share)) for share in (0.0, 0.5, 0.9)]
    [1.0, 2.5, inf]
    """
    ordered = np.sort(np.moveaxis(np.asarray(scores, dtype=float), axis, -1), axis=-1)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share must lie between 0 and 1; got {share}.")
    if ordered.shape[-1] == 0:
        raise ValueError("a quantile needs at least one score; got none.")
    place = share * (ordered.shape[-1] - 1)
    below, above = ordered[..., int(np.floor(place))], ordered[..., int(np.ceil(place))]
    step = np.subtract(above, below, out=np.zeros_like(above), where=below < above)
    return np.asarray(below + (place % 1.0) * step if place % 1.0 else below)
