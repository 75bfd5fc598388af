"""Progressive error: every rating is predicted before it is learnt from, at many rates at once."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.comparison.resampling import draws, expanded_tail
from adaptsim.recommending.factors import Factors, Learning, learn, random_factors
from adaptsim.recommending.ratings import Ratings

if TYPE_CHECKING:
    from adaptsim.measures.measurement import Array, Integers

MANY = 1 << 16
"""So many ratings go into a compiled call."""
BLOCKS = 50
"""So many blocks of time the errors are kept in."""
RESAMPLES = 1000
AT_ONCE = 50
"""So many resamples are drawn at a time."""


class Interval(NamedTuple):
    """A number and its interval from resampling."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Progress:
    """Squared errors of predictions made before learning, at several rates.

    Attributes
    ----------
    rates : numpy.ndarray
        Learning rates, shape ``(m,)`` [1].
    user_squares, block_squares : numpy.ndarray
        Sums of squared errors by user ``(m, n_u)`` and by block of time ``(m, b)`` [rating^2].
    user_counts, block_counts : numpy.ndarray
        How many ratings these sum, ``(n_u,)`` and ``(b,)``.
    factors : Factors
        What is believed at the end, a leading axis ``m``.
    """

    rates: Array
    user_squares: Array
    block_squares: Array
    user_counts: Integers
    block_counts: Integers
    factors: Factors

    @property
    def rmse(self) -> Array:
        """Return the root mean squared error at each rate, nan where it diverged [rating]."""
        return _root(self.block_squares.sum(axis=1), int(self.block_counts.sum()))

    @property
    def diverged(self) -> Array:
        """Return at which rates the factors grew without bound."""
        return np.isnan(self.rmse)

    @property
    def course(self) -> Array:
        """Return the error of each block of time, shape ``(m, b)`` [rating]."""
        return _root(self.block_squares, self.block_counts)

    def resampled(self, over: str = "users", resamples: int = RESAMPLES, seed: int = 0) -> Array:
        """Return the error in resamples of whole users, or of blocks of time: ``(resamples, m)``.

        Raises
        ------
        ValueError
            Where ``over`` is neither "users" nor "blocks".
        """
        if over not in ("users", "blocks"):
            raise ValueError(f"over must be 'users' or 'blocks'; got {over!r}")
        users = over == "users"
        squares = self.user_squares if users else self.block_squares
        counts = self.user_counts if users else self.block_counts
        rng, found = np.random.default_rng(seed), []
        for left in range(0, resamples, AT_ONCE):
            times = draws(len(counts), min(AT_ONCE, resamples - left), rng)
            found.append(_root(times @ squares.T, (times @ counts)[:, None]))
        return np.concatenate(found)

    def best(self, over: str = "users", seed: int = 0) -> tuple[Interval, Interval]:
        """Return the rate of least error and that error, with their 95 % intervals.

        The interval of the rate is that of the rates which are best in resamples: as fine as the
        rates that were tried. Of one user (or one block) there is none, nan.

        Raises
        ------
        ValueError
            Where every rate diverged.
        """
        if self.diverged.all():
            raise ValueError(f"every rate diverged, the least too, {self.rates.min():g}; lower it")
        chosen = int(np.nanargmin(self.rmse))
        rate, error = float(self.rates[chosen]), float(self.rmse[chosen])
        n = len(self.user_counts if over == "users" else self.block_counts)
        if n < 2:
            return Interval(rate, np.nan, np.nan), Interval(error, np.nan, np.nan)
        found = self.resampled(over, seed=seed)
        tail = expanded_tail(n, 0.95)
        ends = [tail, 1 - tail]
        best = self.rates[np.argmin(np.where(np.isnan(found), np.inf, found), axis=1)]
        low, high = np.quantile(best, ends, method="nearest")
        least, most = np.quantile(found[:, chosen], ends)
        return Interval(rate, float(low), float(high)), Interval(error, float(least), float(most))


def _root(squares: Array, counts: Any) -> Array:
    with np.errstate(all="ignore"):
        root = np.sqrt(squares / counts)
    return np.where(np.isfinite(root), root, np.nan)


def progress(
    ratings: Ratings,
    rates: Any,
    *,
    dimension: int = 8,
    regularisation: float = 0.02,
    biased: bool = True,
    spread: float = 0.1,
    centre: float | None = None,
    items: Any = None,
    seed: int = 0,
) -> Progress:
    """Predict and then learn every rating in turn, at every rate, all rates in one compiled call.

    Parameters
    ----------
    ratings
        In the order of time.
    rates
        Learning rates, shape ``(m,)`` [1].
    dimension
        Components of a vector; 0 for biases alone.
    regularisation
        lam [1].
    biased
        Whether the running mean and biases of users and items are learnt too.
    spread
        Standard deviation of the vectors' components at the start [sqrt(rating)].
    centre
        What is predicted first of all [rating]; the middle between the least and the greatest
        rating, if not said.
    items
        Known vectors of the items, shape ``(n_i, dimension)``, that are held fixed; learnt
        otherwise.
    seed
        Of the vectors at the start.

    Raises
    ------
    ValueError
        For no rating, no rate, rates that are not above 0, fewer than no component, a penalty
        below 0, or items of another shape.

    Examples
    --------
    >>> from adaptsim.recommending import synthetic_ratings
    >>> made = synthetic_ratings(20, 10, 500, drift=0.0, noise=0.1, seed=1).ratings
    >>> found = progress(made, [0.01, 0.1], dimension=2)
    >>> found.rmse.shape, bool(found.diverged.any())
    ((2,), False)
    """
    rates = np.atleast_1d(np.asarray(rates, dtype=float))
    _check(ratings, rates)
    if dimension < 0 or not 0 <= regularisation < np.inf:
        raise ValueError(
            "dimension and regularisation must be at least 0; "
            f"got {dimension!r} and {regularisation!r}"
        )
    ends = float(ratings.values.min()), float(ratings.values.max())
    start = random_factors(
        ratings.n_users, ratings.n_items, dimension, spread=spread, seed=seed,
        centre=sum(ends) / 2 if centre is None else centre,
    )  # fmt: skip
    if items is not None:
        start = start._replace(items=_known(items, (ratings.n_items, dimension)))
    factors = jax.tree.map(lambda one: jnp.tile(one, (len(rates),) + (1,) * one.ndim), start)
    learning = Learning(rates, regularisation, float(biased), float(items is None))
    by_user = np.zeros((len(rates), ratings.n_users))
    blocks = np.arange(len(ratings)) * min(BLOCKS, len(ratings)) // len(ratings)
    by_block = np.zeros((len(rates), blocks[-1] + 1))
    for part in _parts(len(ratings)):
        told = ratings.users[part], ratings.items[part], ratings.values[part]
        factors, errors = _learn_all(factors, told, learning)
        with np.errstate(over="ignore", invalid="ignore"):  # a rate that diverges
            squares = np.asarray(errors) ** 2
        for square, users, over in zip(squares.T, by_user, by_block, strict=True):
            users += np.bincount(told[0], square, ratings.n_users)
            over += np.bincount(blocks[part], square, by_block.shape[1])
    counts = np.bincount(ratings.users, minlength=ratings.n_users)
    return Progress(rates, by_user, by_block, counts, np.bincount(blocks), factors)


def _check(ratings: Ratings, rates: Array) -> None:
    if not len(ratings):
        raise ValueError("there must be a rating; got none")
    if rates.ndim != 1 or not rates.size or not (np.isfinite(rates) & (rates > 0)).all():
        raise ValueError(f"rates must be finite numbers above 0, shape (m,); got {rates}")


def _known(items: Any, shape: tuple[int, int]) -> jax.Array:
    given = jnp.asarray(items, dtype=float)
    if given.shape != shape:
        raise ValueError(f"items must have the shape {shape}; got {given.shape}")
    return jnp.pad(given, ((0, 0), (0, 1)))


def _parts(count: int) -> Iterator[slice]:
    for left in range(0, count, MANY):
        yield slice(left, min(left + MANY, count))


@functools.partial(jax.jit, donate_argnums=0)
def _learn_all(
    factors: Factors, told: tuple[Any, Any, Any], learning: Learning
) -> tuple[Factors, jax.Array]:
    """Return factors at every rate after many ratings, and the errors, ``(n, m)``."""
    axes = Learning(0, None, None, None)  # type: ignore[arg-type]
    every = jax.vmap(learn, in_axes=(0, None, None, None, axes))

    def one(factors: Factors, rating: tuple[Any, Any, Any]) -> tuple[Factors, jax.Array]:
        return every(factors, *rating, learning)

    return jax.lax.scan(one, factors, told)
