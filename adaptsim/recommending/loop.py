"""The closed loop: users take what is recommended, and both learn from what was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import stream
from adaptsim.environments.tastes import unit
from adaptsim.part import Part, WrongField, field
from adaptsim.recommending.factors import Factors, Learning, learn, random_factors

if TYPE_CHECKING:
    from adaptsim.measures.measurement import Array

POLICIES = ("model", "frozen", "ideal", "random", "popular")


class Loop(Part):
    """Users, items, and a recommender between them.

    In a round each user is shown the ``shown`` items it has not had yet that score highest, takes
    the one that appeals most, ``p* . q + doubt * normal``, and rates it ``p* . q + rating_noise *
    normal``. Scores are, by policy:

    ``"model"``
        matrix factorisation, learnt from all ratings of a round, in an order of chance, and from
        ``replays`` older ones of each user;
    ``"frozen"``
        the same model, not learnt any more after ``warm_up`` rounds;
    ``"ideal"``
        the true utility: nothing is fed back;
    ``"random"``
        chance;
    ``"popular"``
        how often an item has been taken.

    In the first ``warm_up`` rounds, whatever the policy, everybody takes and rates an item of
    chance. What is taken may pull the taste, ``p* = normalise((1 - pull) p* + pull q)``. A share
    ``common`` of all tastes is the same for everybody.

    References
    ----------
    After Chaney, Stewart & Engelhardt (2018) and, for the pull, Jiang et al. (2019) and Dean &
    Morgenstern (2022), all quoted at second hand; the model here is our own.
    """

    users: int = field(100, help="users", at_least=2)
    items: int = field(200, help="items", at_least=2)
    dimension: int = field(5, help="components of tastes and items", at_least=2)
    rounds: int = field(60, help="rounds in all", at_least=1)
    warm_up: int = field(20, help="rounds with lists of chance", at_least=0)
    shown: int = field(10, help="length of a list", at_least=1)
    replays: int = field(8, help="older ratings of each user learnt again in a round", at_least=0)
    rate: float = field(0.2, help="learning rate eta of the model", above=0)
    regularisation: float = field(0.02, help="lam of the model", at_least=0)
    rating_noise: float = field(0.1, unit="utility", help="sqrt(R)", at_least=0)
    doubt: float = field(0.3, unit="utility", help="how little a user knows", at_least=0)
    pull: float = field(0.0, help="beta, how far what is taken pulls", at_least=0, at_most=1)
    common: float = field(0.0, help="share of taste that all have", at_least=0, at_most=1)

    def __post_init__(self) -> None:
        """Refuse rounds that the catalogue does not last for."""
        super().__post_init__()
        if self.rounds + self.shown - 1 > self.items:
            problem = f"must be at least rounds + shown - 1, {self.rounds + self.shown - 1}"
            raise WrongField("Loop", "items", f"{problem}; got {self.items}")


class Consumption(NamedTuple):
    """What happened in a loop, for each of ``s`` seeds.

    Attributes
    ----------
    taken : numpy.ndarray
        Which item each user took, shape ``(s, rounds, n_u)``.
    lists : numpy.ndarray
        What was shown, ``(s, rounds, n_u, shown)``.
    utility, best : numpy.ndarray
        True utility of what was taken, and of the best not yet had, ``(s, rounds, n_u)``.
    tastes : numpy.ndarray
        Tastes after the last round, ``(s, n_u, d)``.
    items : numpy.ndarray
        Vectors of the items, ``(s, n_i, d)``.
    """

    taken: Array
    lists: Array
    utility: Array
    best: Array
    tastes: Array
    items: Array

    def consumed(self, since: int = 0) -> Array:
        """Return whether a user took an item from a round on, shape ``(s, n_u, n_i)``."""
        s, n_u, n_i = len(self.taken), self.taken.shape[2], self.items.shape[1]
        sets = np.zeros((s, n_u, n_i), dtype=bool)
        places = np.indices(self.taken[:, since:].shape)
        sets[places[0], places[2], self.taken[:, since:]] = True
        return sets

    def counts(self, since: int = 0) -> Array:
        """Return how often each item was taken from a round on, shape ``(s, n_i)``."""
        return np.asarray(self.consumed(since).sum(axis=1))


class Between(NamedTuple):
    """Everything between two rounds."""

    tastes: jax.Array
    factors: Factors
    had: jax.Array
    past_items: jax.Array
    past_ratings: jax.Array


def consume(loop: Loop, policy: str, *, seeds: int = 10, seed: int = 0) -> Consumption:
    """Run a loop under a policy, once for each of so many seeds.

    Equal seeds have equal users, items and luck whatever the policy, and equal warm-ups: policies
    can be compared in pairs.

    Parameters
    ----------
    loop
        Users, items and how both learn.
    policy
        What lists go by; see `Loop`.
    seeds, seed
        How many repetitions, and the root seed.

    Raises
    ------
    ValueError
        For another policy.

    Examples
    --------
    >>> small = Loop(users=10, items=30, rounds=6, warm_up=2, shown=3)
    >>> found = consume(small, "ideal", seeds=2)
    >>> found.taken.shape, bool((found.utility <= found.best).all())
    ((2, 6, 10), True)
    """
    if policy not in POLICIES:
        raise ValueError(f"policy must be one of {', '.join(POLICIES)}; got {policy!r}")
    keys = jax.random.split(jax.random.key(seed), seeds)
    return Consumption(*map(np.asarray, _all_seeds(loop, keys, POLICIES.index(policy))))


@jax.jit
def _all_seeds(loop: Loop, keys: jax.Array, policy: Any) -> Consumption:
    return jax.lax.map(lambda key: _one_seed(loop, key, policy), keys)


def _one_seed(loop: Loop, key: jax.Array, policy: jax.Array) -> Consumption:
    shape = (loop.users, loop.dimension)
    shared = unit(jax.random.normal(stream(key, "common taste"), shape[1:]))
    own = jax.vmap(unit)(jax.random.normal(stream(key, "tastes"), shape))
    tastes = jax.vmap(unit)((1 - loop.common) * own + loop.common * shared)
    drawn = jax.random.normal(stream(key, "items"), (loop.items, loop.dimension))
    items = jax.vmap(unit)(drawn)
    start = Between(
        tastes,
        random_factors(loop.users, loop.items, loop.dimension),
        jnp.zeros((loop.users, loop.items), bool),
        jnp.zeros((loop.rounds, loop.users), int),
        jnp.zeros((loop.rounds, loop.users)),
    )

    def one(between: Between, now: jax.Array) -> tuple[Between, tuple[jax.Array, ...]]:
        return _round(loop, policy, items, between, now, jax.random.fold_in(key, now))

    end, told = jax.lax.scan(one, start, jnp.arange(loop.rounds))
    found: Any = (*told, end.tastes, items)
    return Consumption(*found)


def _round(
    loop: Loop,
    policy: jax.Array,
    items: jax.Array,
    between: Between,
    now: jax.Array,
    key: jax.Array,
) -> tuple[Between, tuple[jax.Array, ...]]:
    """Return the loop one round on; who took what, the lists, utilities, best utilities."""
    everybody = jnp.arange(loop.users)
    utility = between.tastes @ items.T
    chance = jax.random.uniform(stream(key, "lists"), utility.shape)
    warm = now < loop.warm_up
    scores = jnp.where(warm, chance, _scores(policy, utility, chance, between))
    _, lists = jax.lax.top_k(jnp.where(between.had, -jnp.inf, scores), loop.shown)
    doubts = jax.random.normal(stream(key, "doubts"), utility.shape)
    appeal = jnp.take_along_axis(utility + loop.doubt * doubts, lists, axis=1)
    taken = lists[everybody, jnp.where(warm, 0, jnp.argmax(appeal, axis=1))]
    got = utility[everybody, taken]
    best = jnp.max(jnp.where(between.had, -jnp.inf, utility), axis=1)
    ratings = got + loop.rating_noise * jax.random.normal(stream(key, "ratings"), got.shape)
    after = between._replace(
        tastes=jax.vmap(unit)((1 - loop.pull) * between.tastes + loop.pull * items[taken]),
        had=between.had.at[everybody, taken].set(True),
        past_items=between.past_items.at[now].set(taken),
        past_ratings=between.past_ratings.at[now].set(ratings),
    )
    learns = (policy == POLICIES.index("model")) | (warm & (policy == POLICIES.index("frozen")))
    factors = jax.lax.cond(learns, lambda: _learnt(loop, after, now, key), lambda: after.factors)
    after = after._replace(factors=factors)
    return after, (taken, lists, got, best)


def _scores(
    policy: jax.Array, utility: jax.Array, chance: jax.Array, between: Between
) -> jax.Array:
    """Return what lists go by, shape ``(n_u, n_i)``; chance breaks ties of what is popular."""
    p, q = between.factors.users, between.factors.items
    learnt = p[:, :-1] @ q[:, :-1].T + q[:, -1]
    every = {
        "model": learnt,
        "frozen": learnt,
        "ideal": utility,
        "random": chance,
        "popular": between.had.sum(axis=0) + chance,
    }
    return jnp.stack([every[name] for name in POLICIES])[policy]


def _learnt(loop: Loop, between: Between, now: jax.Array, key: jax.Array) -> Factors:
    """Return the factors after the ratings of a round, then replays, each in a chance order."""
    learning = Learning(loop.rate, loop.regularisation)
    turns = loop.replays + 1
    luck = jax.random.split(stream(key, "order"), turns)
    users = jax.vmap(lambda one: jax.random.permutation(one, loop.users))(luck)
    back = jax.random.uniform(stream(key, "replays"), (turns, loop.users)) * (now + 1)
    when = back.astype(int).at[0].set(now)

    def one(factors: Factors, told: tuple[jax.Array, ...]) -> tuple[Factors, None]:
        user, item, rating = told
        return learn(factors, user, item, rating, learning)[0], None

    past = between.past_items[when, users], between.past_ratings[when, users]
    return jax.lax.scan(one, between.factors, tuple(map(jnp.ravel, (users, *past))))[0]
