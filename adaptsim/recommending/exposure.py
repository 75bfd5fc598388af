"""How evenly the items of a catalogue are seen or consumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

if TYPE_CHECKING:
    from adaptsim.measures.measurement import Array


def coverage(counts: ArrayLike) -> float:
    """Return the share of the catalogue that was seen at all [1].

    Parameters
    ----------
    counts
        How often each item was seen, shape ``(n,)``; none below 0, not all 0.

    Raises
    ------
    ValueError
        For other counts.

    Examples
    --------
    >>> coverage([3, 0, 1, 0])
    0.5
    """
    return float((_counts(counts) > 0).mean())


def exposure_entropy(counts: ArrayLike) -> float:
    """Return Shannon's entropy of the exposure, ``-sum s_i log2 s_i`` [bit].

    At most ``log2 n``, where all items are seen equally often.

    Parameters
    ----------
    counts
        As for `coverage`.

    Examples
    --------
    >>> exposure_entropy([2, 2, 2, 2])
    2.0
    """
    return float(stats.entropy(_counts(counts), base=2))


def exposure_gini(counts: ArrayLike) -> float:
    """Return Gini's coefficient of the exposure, the mean difference over twice the mean [1].

    ``sum_i sum_j |x_i - x_j| / (2 n^2 mean)``: 0 where all are seen equally often, ``1 - 1/n``
    where one item is all that is seen.

    Parameters
    ----------
    counts
        As for `coverage`.

    Examples
    --------
    >>> exposure_gini([0, 0, 0, 8])
    0.75
    """
    ordered = np.sort(_counts(counts))
    n = len(ordered)
    weights = 2 * np.arange(1, n + 1) - n - 1
    return float(weights @ ordered / (n * ordered.sum()))


def _counts(counts: ArrayLike) -> Array:
    found = np.asarray(counts, dtype=float)
    if found.ndim != 1 or not np.isfinite(found).all() or (found < 0).any() or not found.sum() > 0:
        raise ValueError(f"counts must be of at least 0, shape (n,), and not all 0; got {found}")
    return found
