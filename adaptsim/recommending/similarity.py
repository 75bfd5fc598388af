"""How alike users' choices are, and how unlike the items of one list."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def mean_jaccard(consumed: ArrayLike) -> float:
    """Return the mean over pairs of users of the overlap of what they consumed [1].

    Jaccard's index of two sets is the size of what they share over that of what either holds; two
    empty sets do not count.

    Parameters
    ----------
    consumed
        Whether a user consumed an item, shape ``(n_u, n_i)``, at least two users.

    Returns
    -------
    float
        From 0 (nothing in common) to 1; nan where all sets are empty.

    Raises
    ------
    ValueError
        For another shape.

    Examples
    --------
    >>> round(mean_jaccard([[1, 1, 0], [0, 1, 1], [0, 1, 1]]), 6)  # 1/3, 1/3 and 1
    0.555556
    """
    sets = np.asarray(consumed, dtype=bool).astype(float)
    if sets.ndim != 2 or len(sets) < 2:
        raise ValueError(f"consumed must have the shape (users, items), 2 users; got {sets.shape}")
    shared, sizes = sets @ sets.T, sets.sum(axis=1)
    either = sizes[:, None] + sizes - shared
    pairs = np.triu_indices(len(sets), 1)
    shared, either = shared[pairs], either[pairs]
    kept = either > 0
    return float((shared[kept] / either[kept]).mean()) if kept.any() else np.nan


def intra_list_diversity(lists: ArrayLike, items: ArrayLike) -> float:
    """Return the mean over lists of the mean distance ``1 - cosine`` between two of its items [1].

    Parameters
    ----------
    lists
        Items of each list, whole numbers, shape ``(n, k)`` with k at least 2.
    items
        Vectors of the items, shape ``(n_i, d)``, none 0.

    Returns
    -------
    float
        0 where the items of a list all point one way, about 1 where they point anywhere.

    Raises
    ------
    ValueError
        For lists of fewer than two items.

    Examples
    --------
    >>> intra_list_diversity([[0, 1], [0, 2]], [[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]])
    0.5
    """
    shown, vectors = np.asarray(lists), np.asarray(items, dtype=float)
    if shown.ndim != 2 or shown.shape[1] < 2:
        raise ValueError(f"lists must have the shape (n, k), k of 2 or more; got {shown.shape}")
    directions = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True))[shown]
    cosines = np.einsum("nid,njd->nij", directions, directions)
    k = shown.shape[1]
    total = cosines.sum(axis=(1, 2)) - np.trace(cosines, axis1=1, axis2=2)
    return float(np.mean(1 - total / (k * (k - 1))))
