"""Synthetic ratings: users whose tastes drift rate items, some of which are seen by everybody."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import noise as numbers
from adaptsim.environments.tastes import turned, unit
from adaptsim.recommending.ratings import Ratings

if TYPE_CHECKING:
    from adaptsim.measures.measurement import Array


class Synthetic(NamedTuple):
    """Ratings and the truth behind them.

    Attributes
    ----------
    ratings : Ratings
        As if they had been read.
    items : numpy.ndarray
        Vectors of the items, shape ``(n_i, d)``, of length 1.
    tastes : numpy.ndarray
        Tastes of the users after their last rating, shape ``(n_u, d)``, of length 1.
    """

    ratings: Ratings
    items: Array
    tastes: Array


def synthetic_ratings(
    n_users: int = 200,
    n_items: int = 100,
    n: int = 10_000,
    *,
    dimension: int = 5,
    drift: float = 0.002,
    noise: float = 0.5,
    hazard: float = 0.0,
    zipf: float = 0.0,
    mean: float = 0.0,
    strength: float = 1.0,
    seed: int = 0,
) -> Synthetic:
    """Return ratings ``r = mean + strength p* . q + noise v`` of users chosen by chance.

    Before each of its ratings a user's taste, a point on the unit sphere, turns by a chord of
    square ``drift`` or, with the chance ``hazard``, becomes another. Items are points on the
    sphere; the one of rank k is shown in proportion to ``k^-zipf``.

    Parameters
    ----------
    n_users, n_items, n
        How many users, items and ratings.
    dimension
        Components d of tastes and items.
    drift
        Mean square W of the increment of a taste per rating of that user.
    noise
        Standard deviation sqrt(R) of a rating [rating].
    hazard
        Chance of another taste, per rating.
    zipf
        Exponent of the items' exposure; 0 for equal exposure.
    mean, strength
        Ratings are around ``mean``, by ``strength / sqrt(d)`` [rating].
    seed
        Same seed, same ratings.

    Raises
    ------
    ValueError
        Where a number is out of bounds.

    Examples
    --------
    >>> made = synthetic_ratings(5, 7, 100, seed=3)
    >>> len(made.ratings), made.items.shape
    (100, (7, 5))
    """
    _check(n_users=n_users, n_items=n_items, n=n)
    if dimension < 2 or not 0 <= drift <= 4 or not 0 <= hazard <= 1 or noise < 0:
        given = f"dimension {dimension}, drift {drift}, hazard {hazard}, noise {noise}"
        raise ValueError(
            f"dimension must be at least 2, drift from 0 to 4, hazard a chance, noise at least 0; "
            f"got {given}"
        )
    rng = np.random.default_rng(seed)
    users = rng.integers(n_users, size=n)
    exposure = np.arange(1, n_items + 1, dtype=float) ** -zipf
    shown = rng.choice(n_items, size=n, p=exposure / exposure.sum())
    keys = jax.random.split(jax.random.key(seed), 3)
    items = jax.vmap(unit)(numbers.normal(keys[0], (n_items, dimension)))
    tastes = jax.vmap(unit)(numbers.normal(keys[1], (n_users, dimension)))
    tastes, scores = _rated(tastes, items, users, shown, keys[2], drift, hazard)
    values = mean + strength * np.asarray(scores) + noise * rng.standard_normal(n)
    ids = np.arange(n_users), np.arange(n_items)
    ratings = Ratings(users, shown, values, np.arange(n, dtype=float), *ids, {"file": "synthetic"})
    return Synthetic(ratings, np.asarray(items), np.asarray(tastes))


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1; got {count}")


@functools.partial(jax.jit, donate_argnums=0)
def _rated(
    tastes: jax.Array, items: jax.Array, users: Any, shown: Any, key: Any, drift: Any, hazard: Any
) -> tuple[jax.Array, jax.Array]:
    """Return the tastes after all ratings, and ``p* . q`` of each, shape ``(n,)``."""

    def one(tastes: jax.Array, told: tuple[Any, Any, Any]) -> tuple[jax.Array, jax.Array]:
        user, item, place = told
        turn, whether, where = jax.random.split(jax.random.fold_in(key, place), 3)
        taste = turned(tastes[user], drift, turn)
        fresh = unit(numbers.normal(where, taste.shape))
        taste = jnp.where(jax.random.uniform(whether) < hazard, fresh, taste)
        return tastes.at[user].set(taste), taste @ items[item]

    return jax.lax.scan(one, tastes, (users, shown, jnp.arange(len(users))))
