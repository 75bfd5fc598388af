"""Closed forms of recommenders, against simulation and solvers that know none of them."""

import jax
import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from adaptsim.theory import recommender

UNIT = {"dimension": 5, "drift": 0.002, "rating_variance": 0.25}
GAUSSIAN = {"dimension": 4, "drift": 0.004, "rating_variance": 0.5, "item_variance": 1.0}


def lms(rate, users, steps, *, dimension, drift, rating_variance, item_variance=None, turn=None,
        chance=1.0, seed=0):  # fmt: skip
    """Return squared deviations of users in the last half, by plain NumPy, ``(steps, users)``."""
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((users, dimension))
    taste /= np.linalg.norm(taste, axis=1, keepdims=True)
    guess, kept = taste.copy(), []
    for step in range(steps):
        item = rng.standard_normal((users, dimension))
        if item_variance is None:
            item /= np.linalg.norm(item, axis=1, keepdims=True)
        else:
            item *= item_variance**0.5
        miss = ((taste - guess) * item).sum(axis=1)
        miss += rating_variance**0.5 * rng.standard_normal(users)
        felt = rng.random(users) < chance
        guess = guess + rate * (felt * miss)[:, None] * item
        if turn is None:
            taste = taste + (drift / dimension) ** 0.5 * rng.standard_normal(taste.shape)
        else:
            taste = turn(rng, taste)
        if step >= steps // 2:
            kept.append(((taste - guess) ** 2).sum(axis=1))
    return np.array(kept)


def assert_close(found, known):
    each = found.mean(axis=0)
    assert abs(each.mean() - known) < 4 * each.std(ddof=1) / len(each) ** 0.5
    assert each.std(ddof=1) / len(each) ** 0.5 < 0.02 * known


@pytest.mark.parametrize(
    ("rate", "told", "chance"),
    [(0.3, UNIT, 1.0), (0.3, UNIT, 0.4), (0.1, GAUSSIAN, 1.0), (0.15, GAUSSIAN, 0.5)],
)
def test_deviation_behind_a_free_walk(rate, told, chance):
    found = lms(rate, 2000, 400, chance=chance, **told)
    assert_close(found, recommender.deviation(rate, probability=chance, **told))


@pytest.mark.parametrize("hazard", [0.02, 0.3])
def test_deviation_behind_a_taste_that_jumps(hazard):
    """A bounded taste: its law has V = 1 and phi = 1 - h, whatever else it does."""

    def turn(rng, taste):
        fresh = rng.standard_normal(taste.shape)
        fresh /= np.linalg.norm(fresh, axis=1, keepdims=True)
        return np.where(rng.random((len(taste), 1)) < hazard, fresh, taste)

    told = {"dimension": 3, "drift": 2 * hazard, "rating_variance": 0.1}
    found = lms(0.5, 3000, 200, turn=turn, **told)
    assert_close(found, recommender.deviation(0.5, correlation=1 - hazard, **told))


def test_bounded_and_free_tastes_agree_where_drift_is_slow():
    slow = UNIT | {"drift": 1e-7}
    free = recommender.deviation(0.3, **slow)
    assert recommender.deviation(0.3, correlation=1 - 5e-8, **slow) == pytest.approx(free, rel=1e-6)


@pytest.mark.parametrize("told", [UNIT, GAUSSIAN])
@pytest.mark.parametrize("chance", [1.0, 0.3])
def test_best_rate_has_the_least_deviation(told, chance):
    limit = recommender.mean_square_limit(
        told["dimension"], item_variance=told.get("item_variance", np.nan)
    )
    least = minimize_scalar(
        lambda rate: recommender.deviation(rate, probability=chance, **told),
        bounds=(1e-6, limit - 1e-6), method="bounded", options={"xatol": 1e-12},
    )  # fmt: skip
    best = recommender.best_rate(probability=chance, **told)
    assert best == pytest.approx(least.x, rel=1e-6)


def test_numbers_of_the_specification():
    deviation, best = recommender.deviation, recommender.best_rate
    wide = {"dimension": 10, "drift": 0.01, "rating_variance": 1.0}
    eight = {"dimension": 8, "drift": 0.01, "rating_variance": 0.2, "item_variance": 0.5}
    found = [deviation(0.3, **UNIT), deviation(0.5, **wide), deviation(0.1, **GAUSSIAN),
             deviation(0.1, **eight), best(**UNIT), best(**wide)]  # fmt: skip
    quoted = [0.240196, 3.466667, 0.171429, 0.24, 0.085532, 0.095125]
    np.testing.assert_allclose(found, quoted, atol=5e-7)
    mse = recommender.prediction_mse(found[0], dimension=5, rating_variance=0.25)
    assert mse == pytest.approx(0.298039, abs=5e-7)


@pytest.mark.parametrize("variance", [np.nan, 0.7])
def test_deviation_ends_at_the_limit(variance):
    limit = recommender.mean_square_limit(6, item_variance=variance)
    told = {"dimension": 6, "rating_variance": 1.0, "item_variance": variance}
    assert recommender.deviation(limit * 0.999, **told) > 100
    assert np.isnan(recommender.deviation(limit * 1.001, **told))
    assert np.isnan(recommender.deviation(0.0, **told))


def test_mean_lasts_longer_than_the_mean_square():
    assert recommender.mean_limit(1 / 6) == pytest.approx(12.0)
    assert recommender.mean_limit(0.7, regularisation=0.3) == pytest.approx(2.0)
    assert recommender.mean_limit(1 / 6) > recommender.mean_square_limit(6)


def test_lag_grows_with_features_and_gaps():
    np.testing.assert_allclose(recommender.lag([0.25, 0.5], dimension=5, mean_gap=[1, 4]), [20, 40])
    assert np.isnan(recommender.lag(2.0, dimension=5))


@pytest.mark.parametrize("score", [-1.5, 0.0, 2.0])
def test_pairwise_limit_is_two_over_the_curvature(score):
    difference = np.array([0.6, -1.1, 0.4])
    taste = score * difference / (difference @ difference)
    jax.config.update("jax_enable_x64", True)

    def loss(p):
        return -jax.nn.log_sigmoid(p @ difference) + 0.1 * (p @ p) / 2

    largest = float(np.linalg.eigvalsh(jax.hessian(loss)(taste))[-1])
    limit = recommender.pairwise_limit(difference @ difference, score=score, regularisation=0.1)
    assert limit == pytest.approx(2 / largest, rel=1e-9)
    sure = 8 / (difference @ difference + 4 * 0.1)
    assert limit >= sure * (1 - 1e-12)


def test_factors_lose_a_rating_just_above_their_limit():
    limit = recommender.factorisation_limit(4.0, 4.0)

    def left(rate):
        p, q = 2.001, 1.999
        for _ in range(2000):
            miss = 4.0 - p * q
            p, q = p + rate * miss * q, q + rate * miss * p
        return abs(4.0 - p * q)

    assert left(0.99 * limit) < 1e-9
    assert left(1.01 * limit) > 0.01


@pytest.mark.parametrize("k", [2.0001, 2.05, 2.2, 3.0, 4.0, 20.0])
def test_bubble_is_the_root(k):
    root = brentq(lambda x: x - np.tanh(k * x / 2), 1e-3, 1.0, xtol=1e-14)
    assert recommender.bubble(k) == pytest.approx(root, rel=1e-8)
    assert recommender.bubble([0.5, 2.0]).tolist() == [0.0, 0.0]


def test_bubble_spread_is_the_variance_of_the_linear_recursion():
    k, rate = 1.5, 0.01
    variance = 0.0
    for _ in range(100_000):
        variance = (1 - rate * (1 - k / 2)) ** 2 * variance + rate**2
    assert recommender.bubble_spread(k, rate) == pytest.approx(variance**0.5, rel=1e-9)
    assert np.isnan(recommender.bubble_spread(2.0, rate))


def test_urn_variance_is_that_of_its_beta_law():
    from scipy import stats

    assert recommender.urn_share_variance(2, 5) == pytest.approx(stats.beta(2, 5).var(), rel=1e-12)
