"""The closed loop, bubbles and popularity: what must hold, and what theory predicts."""

import numpy as np
import pytest
from scipy import stats

from adaptsim import WrongField, theory
from adaptsim.recommending import Loop, consume, mean_jaccard, popularity_shares, score_gaps

SMALL = Loop(users=30, items=60, rounds=24, warm_up=10, shown=6, dimension=3, replays=3)


@pytest.fixture(scope="module")
def ways():
    return {way: consume(SMALL, way, seeds=6, seed=3) for way in ("ideal", "model", "popular")}


def test_policies_share_users_items_and_warm_up(ways):
    first, *others = ways.values()
    for one in others:
        np.testing.assert_array_equal(one.items, first.items)
        np.testing.assert_array_equal(one.tastes, first.tastes)  # nothing pulls
        np.testing.assert_array_equal(one.taken[:, :10], first.taken[:, :10])
        assert (one.taken[:, 10:] != first.taken[:, 10:]).any()


def test_nobody_takes_an_item_twice_or_off_the_list(ways):
    for one in ways.values():
        assert one.taken.shape == (6, 24, 30)
        assert (one.consumed().sum(axis=2) == 24).all()
        assert (one.lists == one.taken[..., None]).any(axis=3).all()
        assert (one.counts(10).sum(axis=1) == 14 * 30).all()


def test_utility_is_that_of_tastes_and_never_above_the_best(ways):
    one = ways["model"]
    scores = np.einsum("sud,sid->sui", one.tastes, one.items)
    seeds, _, users = np.indices(one.taken.shape)
    np.testing.assert_allclose(one.utility, scores[seeds, users, one.taken], rtol=1e-9, atol=1e-12)
    assert (one.utility <= one.best + 1e-12).all()
    np.testing.assert_allclose(one.best[:, 0], scores.max(axis=2), rtol=1e-9)


def test_without_doubt_the_ideal_gives_everybody_the_best():
    found = consume(SMALL.replace(doubt=0.0), "ideal", seeds=6)
    np.testing.assert_allclose(found.utility[:, 10:], found.best[:, 10:], rtol=1e-12)


def test_what_all_are_shown_makes_them_alike_and_serves_them_worse(ways):
    overlap = {
        way: np.array([mean_jaccard(sets) for sets in one.consumed(10)])
        for way, one in ways.items()
    }
    utility = {way: one.utility[:, 10:].mean(axis=(1, 2)) for way, one in ways.items()}
    more, less = overlap["popular"] - overlap["ideal"], utility["ideal"] - utility["popular"]
    for gap in (more, less):
        assert gap.mean() > 4 * gap.std(ddof=1) / len(gap) ** 0.5


def test_pull_brings_tastes_to_what_was_taken():
    found = consume(SMALL.replace(pull=1.0), "ideal", seeds=6)
    last = found.items[np.arange(6)[:, None], found.taken[:, -1]]
    np.testing.assert_allclose(found.tastes, last, rtol=1e-9)


def test_what_does_not_fit_is_refused():
    with pytest.raises(WrongField, match=r"Loop.items must be at least rounds \+ shown - 1, 69"):
        Loop(items=50)
    with pytest.raises(ValueError, match="policy must be one of model, frozen"):
        consume(SMALL, "magic")
    with pytest.raises(ValueError, match="rate must be in"):
        score_gaps([1.0], 0.0)
    with pytest.raises(ValueError, match="start must hold counts above 0"):
        popularity_shares([1.0, 0.0])
    with pytest.raises(ValueError, match="exponent must be finite, draws at least 0"):
        popularity_shares(exponent=np.nan)


def test_gaps_spread_below_the_pitchfork_and_rest_above_it():
    sharp = np.array([0.5, 3.0])
    found = score_gaps(sharp, 0.002, users=300, settle=6000, steps=1, start=0.5, seed=4)
    square = found.mean_square[0]
    known = theory.recommender.bubble_spread(0.5, 0.002) ** 2
    assert abs(square.mean() - known) < 4 * square.std(ddof=1) / 300**0.5
    size = found.mean_size[1]
    doubt = size.std(ddof=1) / 300**0.5
    assert abs(size.mean() - theory.recommender.bubble(3.0)) < 4 * doubt
    np.testing.assert_array_equal(found.mean_size, np.abs(found.last))


def test_an_urn_ends_in_its_beta_law():
    shares = popularity_shares((2.0, 3.0), draws=3000, replicates=2000, seed=6)[:, 0]
    assert stats.kstest(shares, stats.beta(2, 3).cdf).pvalue > 1e-4
    squares = (shares - 0.4) ** 2
    known = theory.recommender.urn_share_variance(2, 3)
    assert abs(squares.mean() - known) < 4 * squares.std(ddof=1) / 2000**0.5


def test_below_one_shares_become_equal_and_above_it_one_takes_all():
    tops = {
        gamma: popularity_shares(np.ones(3), exponent=gamma, draws=2000, replicates=200).max(axis=1)
        for gamma in (0.0, 3.0)
    }
    assert tops[0.0].mean() < 0.36
    assert tops[3.0].mean() > 0.99
    assert theory.recommender.is_monopoly([0.0, 3.0]).tolist() == [False, True]
