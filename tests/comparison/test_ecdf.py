"""Runtime distributions against scipy, by hand, and by what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from adaptsim.comparison import area, evaluations_to, precisions, restarted, runtime_distribution

INF = np.inf
RUNTIMES = st.lists(st.integers(0, 500).map(float) | st.just(INF), min_size=1, max_size=30)


@given(RUNTIMES, st.integers(1, 40))
@settings(deadline=None)
def test_it_is_the_share_reached_and_only_rises(runtimes, dimension):
    found = runtime_distribution(runtimes, dimension)
    assert (np.diff(found.fraction) > 0).all()
    assert (np.diff(found.evaluations) > 0).all()
    for budget in (0.0, 3.0, 100 / dimension, 1e9):
        share = np.mean(np.array(runtimes) / dimension <= budget)
        assert found.at(budget) == pytest.approx(share, abs=1e-12)


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=30))
@settings(deadline=None)
def test_without_failures_it_is_scipys(runtimes):
    ours, theirs = runtime_distribution(runtimes), stats.ecdf(runtimes).cdf
    np.testing.assert_array_equal(ours.evaluations, theirs.quantiles)
    np.testing.assert_allclose(ours.fraction, theirs.probabilities, rtol=1e-12)


def test_pairs_without_known_minimum_are_left_out_and_failures_are_not():
    found = runtime_distribution([[2.0, np.nan], [INF, np.nan]])
    assert found.fraction.tolist() == [0.5]
    assert runtime_distribution([INF, INF]).at(1e9) == 0.0


def test_a_walk_that_gains_a_digit_per_step_gains_five_targets_per_step():
    loss = 100.0 / 10.0 ** np.arange(11) * (1 - 1e-12)
    found = runtime_distribution(evaluations_to(precisions(), loss, np.arange(11)))
    np.testing.assert_array_equal(found.evaluations, np.arange(11))
    np.testing.assert_allclose(found.fraction * 51, 1 + 5 * np.arange(11), rtol=1e-12)


@given(RUNTIMES.filter(lambda one: min(one) > 0), st.floats(0.5, 20), st.floats(1.1, 30))
@settings(deadline=None)
def test_area_is_the_integral_on_the_log_scale(runtimes, low, factor):
    found, high = runtime_distribution(runtimes), low * factor
    inside = np.log(found.evaluations[(found.evaluations > low) & (found.evaluations < high)])
    edges = np.concatenate([[np.log(low)], inside, [np.log(high)]])
    middle = found.at(np.exp((edges[1:] + edges[:-1]) / 2))
    by_hand = np.sum(middle * np.diff(edges)) / np.log(factor)
    assert area(found, low, high) == pytest.approx(by_hand, abs=1e-9)


def test_area_agrees_with_quadrature():
    found = runtime_distribution([3.0, 20.0, 20.0, 500.0, INF])
    breaks = np.log([3.0, 20.0, 500.0])
    whole, _ = integrate.quad(
        lambda log: float(found.at(np.exp(log))), 0.0, np.log(1e3), points=breaks, limit=200
    )
    assert area(found, 1.0, 1e3) == pytest.approx(whole / np.log(1e3), rel=1e-9)


def test_the_area_between_curves_is_the_log_of_how_much_faster_one_is():
    runtimes = np.array([10.0, 40.0, 90.0])
    slow, fast = (area(runtime_distribution(runtimes * k), 1.0, 1e4) for k in (3.0, 1.0))
    assert (fast - slow) * np.log(1e4) == pytest.approx(np.log(3.0), rel=1e-12)
    assert (1 - fast) * np.log(1e4) == pytest.approx(np.log(runtimes).mean(), rel=1e-12)


def test_restarts_change_nothing_within_the_budget_that_is_not_chance():
    hits = np.array([[10.0, 50.0, INF, INF], [5.0, 6.0, 7.0, 8.0], [INF, INF, INF, INF]])
    plain = runtime_distribution(hits)
    again = runtime_distribution(restarted(hits, 100.0, n_samples=4000))
    assert again.at([10.0, 50.0, 100.0]).tolist() == pytest.approx(plain.at([10.0, 50.0, 100.0]))
    assert plain.at(1e9) == pytest.approx(0.5)
    assert again.at(1e9) == pytest.approx(2 / 3)


def test_restarts_of_different_pairs_are_drawn_independently():
    hits = np.tile([10.0, INF, INF, INF], (2, 1))
    one, other = restarted(hits, 100.0, n_samples=400)
    assert (one != other).any()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: runtime_distribution([np.nan]), "not nan"),
        (lambda: runtime_distribution([1.0], dimension=0), "above 0; got 0"),
        (lambda: area(runtime_distribution([1.0]), 10.0, 1.0), "got 10.0 and 1.0"),
    ],
)
def test_bad_input_is_told(call, match):
    with pytest.raises(ValueError, match=match):
        call()
