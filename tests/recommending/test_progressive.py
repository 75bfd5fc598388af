"""Streams of ratings: the same as a plain loop, and the error that theory predicts."""

import numpy as np
import pytest

from adaptsim import theory
from adaptsim.recommending import (
    Learning,
    Ratings,
    learn,
    progress,
    random_factors,
    synthetic_ratings,
)
from adaptsim.recommending.progressive import Progress

TASTE = {"dimension": 4, "drift": 0.01, "rating_variance": 0.25}


@pytest.fixture(scope="module")
def made():
    return synthetic_ratings(60, 2000, 36_000, dimension=4, drift=0.01, noise=0.5, zipf=0.0, seed=2)


@pytest.fixture(scope="module")
def few():
    return synthetic_ratings(15, 12, 1000, drift=0.01, noise=0.5, mean=3.0, seed=4)


def plain(ratings, rate, factors, decay):
    """Return squared errors by a loop of NumPy, and the factors after it."""
    p, q = (np.array(one) for one in factors[:2])
    total, seen, errors = float(factors.total), 1.0, []
    for user, item, rating in zip(ratings.users, ratings.items, ratings.values, strict=True):
        row, column = p[user].copy(), q[item].copy()
        error = rating - (row[:-1] @ column[:-1] + row[-1] + column[-1] + total / seen)
        p[user] += rate * (error * np.append(column[:-1], 1.0) - decay * row)
        q[item] += rate * (error * np.append(row[:-1], 1.0) - decay * column)
        total, seen = total + rating, seen + 1
        errors.append(error)
    return np.array(errors) ** 2, p, q


def test_a_stream_is_what_a_plain_loop_does(few, monkeypatch):
    monkeypatch.setattr("adaptsim.recommending.progressive.MANY", 500)
    found = progress(few.ratings, [0.03, 0.1], dimension=3, regularisation=0.05, centre=3.0)
    ratings = few.ratings
    start = random_factors(15, 12, 3, centre=3.0)
    for place, rate in enumerate((0.03, 0.1)):
        squares, p, q = plain(ratings, rate, start, 0.05)
        assert found.rmse[place] == pytest.approx(np.mean(squares) ** 0.5, rel=1e-9)
        by_user = np.bincount(ratings.users, squares)
        np.testing.assert_allclose(found.user_squares[place], by_user, rtol=1e-9)
        np.testing.assert_allclose(found.factors.users[place], p, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(found.factors.items[place], q, rtol=1e-8, atol=1e-12)
    assert found.block_counts.sum() == len(ratings) == found.user_counts.sum()


def test_known_items_leave_the_error_that_theory_predicts(made):
    rates = np.array([0.05, 0.15, 0.4])
    found = progress(
        made.ratings, rates, dimension=4, biased=False, regularisation=0.0, items=made.items,
        spread=0.0,
    )  # fmt: skip
    known = theory.recommender.deviation(rates, **TASTE, correlation=1 - TASTE["drift"] / 2)
    known = theory.recommender.prediction_mse(known, dimension=4, rating_variance=0.25)
    users = 60
    late = found.course[:, 25:] ** 2  # after 300 ratings of each user
    doubt = late.std(axis=1, ddof=1) / late.shape[1] ** 0.5
    assert (np.abs(late.mean(axis=1) - known) < 4 * doubt).all()
    assert (doubt < 0.02 * known).all()
    assert found.user_counts.size == users


def test_synthetic_items_are_seen_by_zipfs_law_and_tastes_jump():
    made = synthetic_ratings(10, 20, 20_000, drift=0.0, hazard=0.0, zipf=1.0, noise=0.0, seed=1)
    share = np.bincount(made.ratings.items, minlength=20) / 20_000
    known = 1 / np.arange(1, 21)
    known /= known.sum()
    assert (np.abs(share - known) < 4 * np.sqrt(known / 20_000)).all()
    exact = np.sum(made.tastes[made.ratings.users] * made.items[made.ratings.items], axis=1)
    np.testing.assert_allclose(made.ratings.values, exact, rtol=1e-9)  # tastes stood still
    jumped = synthetic_ratings(10, 20, 20_000, drift=0.0, hazard=0.5, noise=0.0, seed=1)
    np.testing.assert_allclose(np.linalg.norm(jumped.tastes, axis=1), 1.0)
    assert not np.allclose(jumped.tastes, made.tastes)


def test_diverging_rates_are_flagged_and_never_best(few, monkeypatch):
    monkeypatch.setattr("adaptsim.recommending.progressive.MANY", 500)
    found = progress(few.ratings, [0.05, 3.0], dimension=3)
    assert found.diverged.tolist() == [False, True]
    assert found.best()[0].value == 0.05
    with pytest.raises(ValueError, match="every rate diverged"):
        progress(few.ratings, [3.0, 4.0], dimension=3).best()


def test_intervals_are_those_of_resampled_users():
    rng = np.random.default_rng(0)
    counts = np.full(400, 10)
    squares = np.stack([rng.chisquare(10, 400), 1.02 * rng.chisquare(10, 400)])
    found = Progress(np.array([0.1, 0.2]), squares, squares, counts, counts, None)
    rate, error = found.best()
    spread = squares[0].std(ddof=1) / 400**0.5 / 10 / (2 * found.rmse[0])
    assert rate.value == 0.1
    assert (error.high - error.low) / 2 == pytest.approx(1.96 * spread, rel=0.15)
    assert found.best("blocks", seed=1)[1].value == error.value
    with pytest.raises(ValueError, match="over must be 'users' or 'blocks'"):
        found.best("items")


def test_one_user_and_one_rating():
    one = Ratings(*(np.array([0]),) * 2, np.array([4.0]), np.array([1.0]), *(np.array([7]),) * 2)
    found = progress(one, 0.1, centre=3.0, spread=0.0)
    assert found.rmse.tolist() == [1.0]
    assert np.isnan(found.best()[0].low)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rates": []}, "rates must be"),
        ({"rates": [0.1, -1.0]}, "above 0"),
        ({"rates": [np.nan]}, "finite"),
        ({"items": np.ones((3, 3))}, r"items must have the shape \(12, 8\); got \(3, 3\)"),
        ({"dimension": -2}, "dimension and regularisation must be at least 0; got -2"),
        ({"regularisation": -1.0}, "dimension and regularisation must be at least 0"),
    ],
)
def test_what_is_wrong_is_said(few, changes, told):
    with pytest.raises(ValueError, match=told):
        progress(few.ratings, **{"rates": [0.1]} | changes)


def test_synthetic_numbers_out_of_bounds_are_refused():
    with pytest.raises(ValueError, match="n_users must be at least 1; got 0"):
        synthetic_ratings(0)
    with pytest.raises(ValueError, match="drift from 0 to 4"):
        synthetic_ratings(drift=5.0)


def test_one_rating_obeys_the_identities_of_factorisation():
    factors = random_factors(1, 1, 3, spread=1.0, seed=5)._replace(total=np.float64(0.0))
    p, q = (np.array(one)[0, :-1] for one in factors[:2])
    after, error = learn(factors, 0, 0, 2.0, Learning(0.1, biased=0.0))
    p2, q2 = (np.array(one)[0, :-1] for one in after[:2])
    known = theory.recommender.error_after(
        error, 0.1, user_square=p @ p, item_square=q @ q, product=p @ q
    )
    assert 2.0 - p2 @ q2 == pytest.approx(known, rel=1e-12)
    balance = theory.recommender.imbalance_after(p @ p - q @ q, error, 0.1)
    assert p2 @ p2 - q2 @ q2 == pytest.approx(balance, rel=1e-12)
    assert (after.users[0, -1], after.items[0, -1]) == (0.0, 0.0)
