"""Evaluations to targets against hand-made walks and COCO's definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from adaptsim.comparison import (
    best_so_far,
    budget,
    evaluations_to,
    falls_below,
    precisions,
    share_of_descent,
)

LOSSES = hnp.arrays(float, (3, 9), elements=st.floats(-5, 50) | st.just(np.nan) | st.just(np.inf))


def test_the_targets_of_coco():
    ours = precisions()
    assert (len(ours), ours[0], ours[-1]) == (51, 1e2, 1e-8)
    np.testing.assert_allclose(ours[:-1] / ours[1:], 10**0.2, rtol=1e-12)
    np.testing.assert_allclose(ours[::5], 10.0 ** np.arange(2, -9, -1), rtol=1e-12)


def test_walks_with_costs_of_their_own():
    loss = np.array([[[9.0, 3.0, 4.0, 1.0]], [[9.0, 5.0, 3.0, 2.5]]])
    spent = np.array([[[0, 1, 2, 3]], [[0, 7, 9, 30]]])
    hits = evaluations_to([8.0, 3.0, 0.0], loss, spent, best_known=1.0)
    assert hits.shape == (3, 2, 1)
    np.testing.assert_array_equal(hits[:, :, 0], [[0, 0], [1, 9], [3, np.inf]])
    np.testing.assert_array_equal(budget(loss, spent)[:, 0], [3, 30])


def test_each_walk_has_its_own_minimum_and_an_unknown_one_is_nan():
    loss = np.array([[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]])
    hits = evaluations_to(0.5, loss, [0, 10], best_known=[0.0, 0.5, np.nan])
    np.testing.assert_array_equal(hits, [np.inf, 10, np.nan])


def test_what_is_not_finite_reaches_nothing():
    loss = [[np.nan, np.inf, -np.inf], [5.0, -np.inf, np.nan]]
    assert np.isinf(evaluations_to(1.0, loss, [0, 1, 2])).all()


@given(LOSSES, st.floats(0, 40), st.floats(0, 40))
@settings(deadline=None)
def test_a_harder_target_never_takes_less_and_hits_are_records(loss, one, other):
    spent = np.arange(9) * 3.0
    easy, hard = evaluations_to([max(one, other), min(one, other)], loss, spent)
    assert (easy <= hard).all()
    assert set(easy[np.isfinite(easy)]) <= set(spent)


@given(LOSSES, st.floats(0, 40))
@settings(deadline=None)
def test_the_first_record_within_the_precision_counts(loss, precision):
    hits = evaluations_to(precision, loss, np.arange(9))
    for walk, hit in zip(loss, hits, strict=True):
        within = [k for k, one in enumerate(walk) if np.isfinite(one) and one <= precision]
        assert hit == (within[0] if within else np.inf)


@given(LOSSES)
@settings(max_examples=50, deadline=None)
def test_best_so_far_only_falls(loss):
    best = best_so_far(loss)
    assert not np.isnan(best).any()
    assert (best[:, 1:] <= best[:, :-1]).all()


def test_a_minimum_that_is_undercut_is_noticed_and_rounding_is_not():
    loss = [[1.0, -1e-13], [1.0, -1e-3], [np.nan, np.nan]]
    np.testing.assert_array_equal(falls_below(loss, 0.0), [False, True, False])
    np.testing.assert_array_equal(falls_below(loss, np.nan), [False, False, False])


def test_more_and_wilds_test_of_convergence():
    loss, lowest, tau = np.array([[10.0, 6.0, 2.9, 2.0], [10.0, 9.0, 4.0, 3.0]]), 2.0, 0.1
    hits = evaluations_to(tau, share_of_descent(loss, lowest), np.arange(4))
    by_definition = [loss[solver] <= lowest + tau * (10 - lowest) for solver in (0, 1)]
    np.testing.assert_array_equal(hits, [int(np.argmax(by_definition[0])), np.inf])
    assert hits[0] == 3


def test_a_start_at_the_lowest_has_no_way_to_go():
    left = share_of_descent([[1.0, 1.0, 2.0], [np.inf, 3.0, 1.0]], lowest=1.0)
    np.testing.assert_array_equal(left, [[0, 0, np.inf], [np.inf, np.inf, 0]])


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"evaluations": [0, 2, 1]}, "must not decrease"),
        ({"evaluations": [0, np.nan, 1]}, "none may be nan"),
        ({"evaluations": [0, 1]}, r"must fit loss \(3,\); got shape \(2,\)"),
        ({"precision": -1.0}, "at least 0; got -1"),
    ],
)
def test_bad_input_is_told(wrong, match):
    good = {"precision": 1.0, "loss": [3.0, 2.0, 1.0], "evaluations": [0, 1, 2]}
    with pytest.raises(ValueError, match=match):
        evaluations_to(**{**good, **wrong})


def test_targets_are_above_zero():
    with pytest.raises(ValueError, match="above 0"):
        precisions(1.0, 0.0)
