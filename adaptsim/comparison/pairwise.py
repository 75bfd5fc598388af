"""Who beats whom: all pairs of rules on common starts and seeds, with one error rate for all.

Only the two rules of a pair enter its comparison, so that no third rule can decide it, and only
who was better counts, so that losses of any scale, and failures, can be compared.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adaptsim.comparison.resampling import crossed
from adaptsim.measures.measurement import Array

MOST_ENUMERATED = 12
"""With so many blocks at most all sign flips are gone through; with more they are drawn."""
TIE = 1e-12


class Pairs(NamedTuple):
    """All pairs of rules."""

    margin: Array
    """Share of walks in which the row's rule is better than the column's, less the share in which
    it is worse, shape ``(r, r)``: from -1 to 1."""
    p_value: Array
    """How probable so large a margin of any pair is, were they equal: adjusted for all pairs,
    shape ``(r, r)``, 1 on the diagonal."""
    blocks: int
    """Independent repetitions that the p-values rest on."""


def pairwise(scores: Any, *, n_resamples: int = 4000, seed: int = 0) -> Pairs:
    """Return who beats whom, tested by flipping whole blocks.

    A block is a start (its seeds averaged), or a seed where there is one start. Were two rules
    equal, better and worse could be swapped in any block; the test statistic of a pair is
    ``|sum of d_b| / sqrt(sum of d_b**2)`` with ``d_b`` its margin in block b, and its p-value the
    share of flips in which the largest statistic of all pairs is as large. All pairs are flipped
    together, so the chance of any false claim is at most the level. With ``n`` blocks no p-value
    is below ``2 / 2**n``: five starts can resolve nothing at 0.05.

    Parameters
    ----------
    scores : array, shape (r, p) or (r, p, s)
        Losses or evaluations of ``r`` rules on common starts and seeds, less is better; not finite
        means failed, behind all others.
    n_resamples, seed : int
        Flips drawn where not all can be gone through, and the seed of the drawing.

    Returns
    -------
    Pairs

    Raises
    ------
    ValueError
        For other axes, or an empty one.

    References
    ----------
    Westfall & Young (1993), Resampling-based multiple testing (largest statistic); Benavoli,
    Corani & Mangili (2016), JMLR 17(5):1 (pairs rather than mean ranks).

    Examples
    --------
    >>> found = pairwise([[1.0, 2.0, 3.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 2.0, 9.0, 3.0]])
    >>> found.margin.tolist(), found.p_value.tolist()
    ([[0.0, 1.0], [-1.0, 0.0]], [[1.0, 0.03125], [0.03125, 1.0]])
    """
    told = crossed(scores)
    by_block = told if told.shape[1] > 1 else told.swapaxes(1, 2)
    better = np.sign(_differences(by_block)).mean(axis=-1)
    flips = _flips(better.shape[-1], n_resamples, seed)
    size = np.sqrt((better**2).sum(axis=-1))
    own = _per_size(np.abs(better.sum(axis=-1)), size)
    largest = np.zeros(len(flips))
    for row in range(len(told)):
        largest = np.maximum(largest, _per_size(np.abs(better[row] @ flips.T), size[row]).max(0))
    p_value = (largest >= own[..., None] - TIE).mean(axis=-1)
    return Pairs(better.mean(axis=-1), p_value, better.shape[-1])


def _differences(scores: Array) -> Array:
    """Return the column's score less the row's, shape ``(r, r, blocks, within)``; 0 if both inf."""
    mine, others = np.broadcast_arrays(scores[:, None], scores[None])
    return np.subtract(others, mine, out=np.zeros(mine.shape), where=mine != others)


def _flips(blocks: int, n_resamples: int, seed: int) -> Array:
    """Return signs of blocks, shape ``(flips, blocks)``, the first of them unflipped."""
    if blocks <= MOST_ENUMERATED:
        bits = np.arange(2**blocks)[:, None] >> np.arange(blocks) & 1
        return np.asarray(1.0 - 2.0 * bits, dtype=float)
    drawn = np.random.default_rng(seed).integers(0, 2, (n_resamples, blocks))
    return np.concatenate([np.ones((1, blocks)), 1.0 - 2.0 * drawn])


def _per_size(total: Array, size: Array) -> Array:
    whole = np.broadcast_to(size.reshape(size.shape + (1,) * (total.ndim - size.ndim)), total.shape)
    return np.divide(total, whole, out=np.zeros(total.shape), where=whole > 0)
