"""Loss curves against numpy's quantiles, by hand, and with walks that diverge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from adaptsim.comparison import common_evaluations, loss_curves
from adaptsim.comparison.order import quantile

INF = np.inf


def test_walks_stand_at_their_last_record():
    loss, spent = [[8.0, 4.0, 6.0], [8.0, 2.0, 1.0]], [[0, 10, 20], [0, 5, 15]]
    at = [0, 4, 5, 10, 15, 20, 99]
    both = loss_curves(loss, spent, at, shares=(0.0, 1.0), best=False)
    np.testing.assert_array_equal(both.loss, [[8, 8, 2, 2, 1, 1, 1], [8, 8, 8, 4, 4, 6, 6]])
    np.testing.assert_array_equal(both.running, [1, 1, 1, 1, 1, 0.5, 0])
    best = loss_curves(loss, spent, at, shares=(1.0,))
    np.testing.assert_array_equal(best.loss, [[8, 8, 8, 4, 4, 4, 4]])


def test_before_the_first_record_nothing_is_known():
    assert loss_curves([[1.0, 0.5]], [3, 9], [2, 3], shares=(0.5,)).loss.tolist() == [[INF, 1.0]]


def test_diverged_walks_lift_the_upper_curves_only():
    fine = np.linspace(3.0, 1.0, 7)[:, None] * [1.0, 0.5]
    gone = np.array([[3.0, np.nan], [3.0, INF], [3.0, -INF]])
    found = loss_curves(
        np.concatenate([fine, gone]), [0, 1], [1], shares=(0.1, 0.5, 0.9), best=False
    )
    everyone = np.concatenate([fine[:, 1], [1e9] * 3])
    np.testing.assert_allclose(found.loss[:2, 0], np.quantile(everyone, [0.1, 0.5]))
    assert found.loss[2, 0] == INF
    assert np.isfinite(loss_curves(gone, [0, 1], [1]).loss).all()


@given(hnp.arrays(float, (4, 3, 6), elements=st.floats(-1e3, 1e3)), st.floats(0, 1))
@settings(deadline=None)
def test_finite_walks_have_numpys_quantiles(loss, share):
    found = loss_curves(loss, np.arange(6) * 2, np.arange(6) * 2 + 1, shares=(share,), best=False)
    expected = np.quantile(loss.reshape(12, 6), share, axis=0)
    np.testing.assert_allclose(found.loss[0], expected, rtol=1e-9, atol=1e-9)


@given(hnp.arrays(float, (5, 8), elements=st.floats(-50, 50) | st.just(np.nan) | st.just(INF)))
@settings(deadline=None)
def test_curves_never_cross_and_the_best_never_rises(loss):
    found = loss_curves(loss, np.arange(8))
    assert not np.isnan(found.loss).any()
    assert (found.loss[:-1] <= found.loss[1:]).all()
    assert (found.loss[:, 1:] <= found.loss[:, :-1]).all()
    singly = loss_curves(loss, np.broadcast_to(np.arange(8), loss.shape))
    np.testing.assert_array_equal(singly.loss, found.loss)


@given(hnp.arrays(float, 9, elements=st.integers(0, 9) | st.just(INF)), st.floats(0, 1))
@settings(deadline=None)
def test_a_quantile_is_infinite_just_where_a_failure_has_weight(scores, share):
    ours, finite = quantile(scores, share), np.where(np.isinf(scores), 10.0, scores)
    weight_of_failures = np.quantile(np.isinf(scores).astype(float), share)
    assert (ours == INF) == (weight_of_failures > 0)
    assert ours == INF or ours == pytest.approx(np.quantile(finite, share), rel=1e-9, abs=1e-9)


def test_common_evaluations_reach_from_the_first_record_to_the_largest_budget():
    found = common_evaluations(np.array([[0, 5, 10], [0, 40, 777]]), 20)
    assert (found[0], found[-1]) == (0, 777)
    assert (np.diff(found) > 0).all()
    assert (found == np.round(found)).all()
    assert len(found) <= 21
    assert common_evaluations([0, 0]).tolist() == [0]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: loss_curves([[1.0, 2.0]], [1, 0]), "must not decrease"),
        (
            lambda: loss_curves([[1.0, 2.0]], [0, 1], shares=(1.5,)),
            "share must lie between 0 and 1",
        ),
        (lambda: quantile([], 0.5), "at least one score"),
    ],
)
def test_bad_input_is_told(call, match):
    with pytest.raises(ValueError, match=match):
        call()
