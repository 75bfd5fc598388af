"""Popularity: what was chosen often is shown, and so chosen, more often."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import noise

if TYPE_CHECKING:
    from adaptsim.measures.measurement import Array


def popularity_shares(
    start: Any = (1.0, 1.0),
    *,
    exponent: float = 1.0,
    draws: int = 3000,
    replicates: int = 1000,
    seed: int = 0,
) -> Array:
    """Return the shares of choices that options end with, shape ``(replicates, options)``.

    Each draw takes an option in proportion to ``count^gamma`` and adds 1 to its count. With
    ``gamma = 1`` this is Pólya's urn.

    Parameters
    ----------
    start
        Counts at first, above 0, shape ``(options,)``.
    exponent
        gamma [1].
    draws, replicates
        How many choices, and how often all is repeated.
    seed
        Of the draws.

    Raises
    ------
    ValueError
        For counts that are not above 0, an exponent that is not finite, draws below 0 or
        replicates below 1.

    Examples
    --------
    >>> shares = popularity_shares(exponent=2.0, draws=500, replicates=100)
    >>> bool(shares.max(axis=1).mean() > 0.95)
    True
    """
    counts = np.asarray(start, dtype=float)
    if counts.ndim != 1 or not counts.size or not (counts > 0).all():
        raise ValueError(f"start must hold counts above 0, shape (options,); got {start}")
    if not np.isfinite(exponent) or draws < 0 or replicates < 1:
        raise ValueError(
            "exponent must be finite, draws at least 0 and replicates at least 1; "
            f"got {exponent!r}, {draws!r} and {replicates!r}"
        )
    many = np.tile(counts, (replicates, 1))
    ended = np.asarray(_drawn(many, float(exponent), draws, jax.random.key(seed)))
    return np.asarray(ended / ended.sum(axis=1, keepdims=True))


@functools.partial(jax.jit)
def _drawn(counts: Any, exponent: Any, draws: Any, key: Any) -> jax.Array:
    def one(place: jax.Array, counts: jax.Array) -> jax.Array:
        weights = jnp.cumsum(counts**exponent, axis=1)
        luck = noise.uniform(jax.random.fold_in(key, place), (len(counts), 1))
        chosen = jnp.sum(luck * weights[:, -1:] >= weights, axis=1)
        return counts + (jnp.arange(counts.shape[1]) == chosen[:, None])

    return jax.lax.fori_loop(0, draws, one, counts)
