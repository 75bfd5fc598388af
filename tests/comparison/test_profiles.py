"""Performance and data profiles by hand, by definition, and by what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from adaptsim.comparison import data_profiles, performance_profile, performance_ratios

INF = np.inf
COSTS = hnp.arrays(
    float,
    st.tuples(st.integers(1, 7), st.integers(1, 4)),
    elements=st.integers(1, 60) | st.just(INF),
)


def test_profiles_by_hand():
    costs = [[10.0, 20.0, INF], [30.0, 30.0, 15.0], [8.0, 4.0, 40.0], [INF, 7.0, INF]]
    found = performance_profile(costs)
    np.testing.assert_array_equal(found.ratio, [1, 2, 10])
    np.testing.assert_array_equal(found.fraction, np.array([[1, 3, 3], [2, 4, 4], [1, 1, 2]]) / 4)
    np.testing.assert_array_equal(found.best, [0.25, 0.5, 0.25])
    np.testing.assert_array_equal(found.solved, [0.75, 1.0, 0.5])
    np.testing.assert_array_equal(found.at(9.99), [0.75, 1.0, 0.25])
    np.testing.assert_array_equal(found.at(0.5), [0, 0, 0])


def test_all_that_tie_are_best():
    np.testing.assert_array_equal(performance_profile([[5.0, 5.0], [1.0, 2.0]]).best, [1.0, 0.5])


def test_a_cost_of_nothing_is_only_matched_by_nothing():
    np.testing.assert_array_equal(performance_ratios([[0.0, 0.0, 3.0, INF]]), [[1, 1, INF, INF]])


def test_a_problem_without_known_minimum_is_left_out_and_one_that_all_failed_counts():
    known = [[1.0, 2.0], [INF, INF]]
    unknown = [*known, [np.nan, np.nan]]
    np.testing.assert_array_equal(performance_profile(unknown).solved, [0.5, 0.5])
    one, _ = data_profiles(unknown, 0)
    assert one.at(1e9) == 0.5
    np.testing.assert_array_equal(performance_profile([[1.0, np.nan]]).solved, [1, 0])


@given(COSTS, st.floats(1, 50))
@settings(deadline=None)
def test_rho_is_the_share_within_the_ratio(costs, tau):
    found = performance_profile(costs)
    assert ((found.fraction >= 0) & (found.fraction <= 1)).all()
    assert (np.diff(found.fraction, axis=1) >= 0).all()
    least = costs.min(axis=1, keepdims=True)
    within = np.isfinite(costs) & (costs / np.where(np.isinf(least), 1, least) <= tau)
    np.testing.assert_allclose(found.at(tau), within.mean(axis=0), atol=1e-12)
    solvable = np.isfinite(least).mean()
    assert found.best.max() <= solvable <= found.best.sum() + 1e-12


@given(COSTS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_solvers_and_the_scale_of_problems_do_not_matter(costs, random):
    order = list(range(costs.shape[1]))
    random.shuffle(order)
    scale = 2.0 ** np.array([random.randint(-6, 6) for _ in costs])
    plain, changed = (
        performance_profile(costs),
        performance_profile((costs * scale[:, None])[:, order]),
    )
    np.testing.assert_array_equal(changed.ratio, plain.ratio)
    np.testing.assert_array_equal(changed.fraction, plain.fraction[order])


def test_leaving_out_the_best_can_swap_the_others():
    """What Gould and Scott (2016) warn of, and the docstring."""
    costs = np.array(
        [[1.0, 4.0, 5.0], [1.0, 4.0, 5.0], [1.0, 4.0, 5.0], [8.0, 9.0, 2.0], [8.0, 9.0, 2.0]]
    )
    all_three, two = performance_profile(costs), performance_profile(costs[:, 1:])
    assert all_three.at(1.0)[1] < all_three.at(1.0)[2]
    assert two.at(1.0)[0] > two.at(1.0)[1]


@given(COSTS, st.integers(0, 9), st.floats(0.1, 80))
@settings(deadline=None)
def test_data_profiles_by_definition_and_without_regard_to_others(costs, dimension, alpha):
    found = data_profiles(costs, dimension)
    shares = [np.mean(own / (dimension + 1) <= alpha) for own in costs.T]
    assert [float(one.at(alpha)) for one in found] == pytest.approx(shares)
    (alone,) = data_profiles(costs[:, :1], dimension)
    np.testing.assert_array_equal(alone.fraction, found[0].fraction)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: performance_ratios([1.0, 2.0]), r"\(problems, solvers\).*got shape \(2,\)"),
        (lambda: performance_ratios([[1.0, -2.0]]), "at least 0; got -2"),
        (lambda: performance_profile([[np.nan, np.nan]]), "none empty"),
        (lambda: data_profiles([[1.0]], -1.0), "above 0"),
    ],
)
def test_bad_input_is_told(call, match):
    with pytest.raises(ValueError, match=match):
        call()
