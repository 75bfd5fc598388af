"""Factors: users and items as vectors, and what one rating does to them."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.part import Array


class Factors(NamedTuple):
    """What a recommender believes: a row for every user and every item, the last entry its bias.

    Attributes
    ----------
    users, items : Array
        Vectors and biases, shapes ``(n_u, d + 1)`` and ``(n_i, d + 1)`` [sqrt(rating), rating].
    total, seen : Array
        Sum [rating] and count of the ratings behind the running mean, scalars.
    """

    users: Array
    items: Array
    total: Array
    seen: Array


class Learning(NamedTuple):
    """How a recommender learns from a rating.

    Attributes
    ----------
    rate : float or Array
        Learning rate eta [1].
    regularisation : float
        lam, pulls vectors and biases to 0 [1].
    biased : float
        1 to learn biases and the running mean, 0 for ``r = p . q`` alone.
    items : float
        1 to learn the items too, 0 to hold them fixed.
    """

    rate: float | Array
    regularisation: float = 0.0
    biased: float = 1.0
    items: float = 1.0


def random_factors(
    n_users: int, n_items: int, dimension: int, *, spread: float = 0.1, centre: float = 0.0,
    seed: int = 0,
) -> Factors:  # fmt: skip
    """Return small random vectors, no biases, and a mean that begins at ``centre``.

    Parameters
    ----------
    n_users, n_items, dimension
        How many users, items and components; 0 components leave the biases alone.
    spread
        Standard deviation of a component [sqrt(rating)].
    centre
        Counted as one rating in the running mean [rating].
    seed
        Of the random numbers.

    Examples
    --------
    >>> random_factors(3, 4, 2, centre=3.5).items.shape
    (4, 3)
    """
    keys = jax.random.split(jax.random.key(seed))
    users, items = (
        spread * jnp.pad(jax.random.normal(key, (n, dimension), dtype=float), ((0, 0), (0, 1)))
        for key, n in zip(keys, (n_users, n_items), strict=True)
    )
    return Factors(users, items, jnp.asarray(centre, dtype=float), jnp.asarray(1.0))


def predicted(factors: Factors, user: Array, item: Array, biased: float | Array = 1.0) -> Array:
    """Return the rating that is expected, ``mu + b_u + b_i + p . q``, a scalar.

    Examples
    --------
    >>> factors = random_factors(3, 4, 2, centre=3.5, spread=0.0)
    >>> float(predicted(factors, 0, 1))
    3.5
    """
    return _score(factors, factors.users[user], factors.items[item], biased)


def _score(factors: Factors, p: Array, q: Array, biased: float | Array) -> Array:
    rest = p[-1] + q[-1] + factors.total / factors.seen
    return p[:-1] @ q[:-1] + jnp.where(biased, rest, 0.0)


def learn(
    factors: Factors, user: Array, item: Array, rating: Array, learning: Learning
) -> tuple[Factors, Array]:
    """Return the factors after one rating, and the error of the prediction made before it.

    ``p += eta (e q - lam p)``, ``q += eta (e p - lam q)`` at once, and the same for the biases,
    with ``e = r - prediction``.

    Parameters
    ----------
    factors
        What is believed so far.
    user, item, rating
        Who rated what how, scalars.
    learning
        How to learn, scalars.

    Examples
    --------
    >>> rows = jnp.array([[1.2, 0.3, 0.0]]), jnp.array([[0.5, -0.4, 0.0]])
    >>> before = Factors(*rows, jnp.asarray(0.0), jnp.asarray(1.0))
    >>> after, error = learn(before, 0, 0, 2.0, Learning(rate=0.1, biased=0.0))
    >>> float(error.round(6)), float((2.0 - predicted(after, 0, 0, 0.0)).round(6))
    (1.52, 1.21403)

    References
    ----------
    Funk (2006); Koren, Bell & Volinsky (2009), Computer 42(8). Named from general knowledge.
    """
    p = jax.lax.dynamic_index_in_dim(factors.users, user, keepdims=False)
    q = jax.lax.dynamic_index_in_dim(factors.items, item, keepdims=False)
    # Read before anything is written: else XLA copies all factors at every rating.
    p, q = jax.lax.optimization_barrier((p, q))
    rate, decay, biased, moves = learning
    error = rating - _score(factors, p, q, biased)
    ahead_p = p + rate * (error * q.at[-1].set(biased) - decay * p)
    ahead_q = q + moves * rate * (error * p.at[-1].set(biased) - decay * q)
    moved = Factors(
        jax.lax.dynamic_update_index_in_dim(factors.users, ahead_p, user, 0),
        jax.lax.dynamic_update_index_in_dim(factors.items, ahead_q, item, 0),
        factors.total + rating,
        factors.seen + 1,
    )
    return moved, error
