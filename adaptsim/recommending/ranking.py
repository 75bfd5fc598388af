"""How good a ranking is: gain at the top of a list, and what a better choice would have given."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def ndcg(relevance: ArrayLike, scores: ArrayLike, k: int = 10, *, seed: int = 0) -> float:
    """Return the normalised discounted cumulative gain of the first ``k``, mean over lists [1].

    ``DCG = sum_{i<=k} relevance_i / log2(i + 1)``, over that of the best order. Ties of scores are
    broken by chance, the same for the same seed. Lists without a relevant item do not count.

    Parameters
    ----------
    relevance
        True relevance of each item, at least 0, shape ``(n,)`` or ``(lists, n)``.
    scores
        What the ranking goes by, the same shape.
    k
        How many places count, at least 1.
    seed
        Of the breaking of ties.

    Returns
    -------
    float
        From 0 to 1; nan where no list has a relevant item.

    Raises
    ------
    ValueError
        For shapes that differ, relevance below 0, k below 1.

    Examples
    --------
    >>> round(ndcg([3.0, 2.0, 0.0], [0.1, 0.9, 0.5], k=2), 6)  # 2 / (3 + 2 / log2(3))
    0.469279

    References
    ----------
    Järvelin & Kekäläinen (2002), ACM TOIS 20(4); named from general knowledge. Compared with
    scikit-learn's in tests/recommending.
    """
    true, guess = np.atleast_2d(np.asarray(relevance, float)), np.atleast_2d(scores)
    if true.shape != guess.shape or (true < 0).any() or k < 1:
        given = f"{true.shape}, {guess.shape}, least relevance {true.min():g}, k = {k}"
        raise ValueError(
            f"relevance (at least 0) and scores must have one shape, k be at least 1; got {given}"
        )
    luck = np.random.default_rng(seed).random(guess.shape)
    order = np.lexsort((luck, -guess))[:, :k]
    discount = 1 / np.log2(np.arange(2, order.shape[1] + 2))
    best = np.sort(true, axis=1)[:, ::-1][:, :k] @ discount
    found = np.take_along_axis(true, order, axis=1) @ discount
    kept = best > 0
    return float((found[kept] / best[kept]).mean()) if kept.any() else np.nan


def utility_regret(best: ArrayLike, obtained: ArrayLike) -> float:
    """Return the utility forgone, ``sum (best - obtained)`` over choices [utility].

    Parameters
    ----------
    best
        True utility of the best item that could have been had, at each choice.
    obtained
        True utility of what was chosen, the same shape.

    Raises
    ------
    ValueError
        For shapes that differ.

    Examples
    --------
    >>> utility_regret([1.0, 1.0], [1.0, 0.25])
    0.75
    """
    most, had = np.asarray(best, float), np.asarray(obtained, float)
    if most.shape != had.shape:
        raise ValueError(f"best and obtained must have one shape; got {most.shape}, {had.shape}")
    return float((most - had).sum())
