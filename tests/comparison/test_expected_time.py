"""Expected running time against its closed form, and its interval against repetition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.comparison import (
    expected_time,
    expected_time_interval,
    simulated_restarts,
    success_rate,
)

INF = np.inf
BUDGET = 100.0


def walks(rng, shape, chance, mean=40.0):
    """Return hits: a success with some chance, then after an exponential time within the budget."""
    times = np.minimum(rng.exponential(mean, shape), BUDGET)
    return np.where(rng.random(shape) < chance, times, INF), mean * (1 - np.exp(-BUDGET / mean))


def truth(chance, mean_of_success):
    return BUDGET * (1 - chance) / chance + mean_of_success


@pytest.mark.parametrize("successes", range(1, 21))
def test_the_formula_is_exact_where_the_rate_is(successes):
    hits = np.array([30.0] * successes + [INF] * (20 - successes))
    chance = successes / 20
    assert expected_time(hits, BUDGET) == pytest.approx(truth(chance, 30.0), rel=1e-14)


@given(
    st.lists(st.floats(1, 100) | st.just(INF), min_size=1, max_size=20).filter(
        lambda hits: any(np.isfinite(hits))
    )
)
@settings(deadline=None)
def test_it_is_all_evaluations_over_all_successes(hits):
    spent = sum(min(one, BUDGET) for one in hits)
    successes = sum(np.isfinite(hits))
    assert expected_time(hits, BUDGET) == pytest.approx(spent / successes, rel=1e-12)
    assert expected_time(np.multiply(hits, 7.0), 7 * BUDGET) == pytest.approx(7 * spent / successes)


def test_many_at_once_failures_unknowns_and_own_budgets():
    hits = [[10.0, INF], [INF, INF], [np.nan, 3.0]]
    np.testing.assert_array_equal(expected_time(hits, [20.0, 50.0]), [60.0, INF, np.nan])


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_geometric_walks_cost_what_the_closed_form_says(chance):
    hits, mean = walks(np.random.default_rng(1), 40_000, chance)
    reached = np.isfinite(hits)
    value = expected_time(hits, BUDGET)
    left = np.where(reached, hits, BUDGET) - truth(chance, mean) * reached
    error = left.std() / np.sqrt(hits.size) / chance
    assert abs(value - truth(chance, mean)) < 4 * error
    assert error < 0.02 * value


def test_restarts_follow_the_geometric_law():
    drawn = simulated_restarts([30.0, INF, INF, INF], BUDGET, n_samples=40_000, seed=2)
    failures = (drawn - 30.0) / BUDGET
    np.testing.assert_array_equal(failures, np.round(failures))
    for count in range(8):
        expected = 0.25 * 0.75**count
        error = np.sqrt(expected * (1 - expected) / drawn.size)
        assert abs((failures == count).mean() - expected) < 4 * error


def test_the_mean_of_restarts_is_the_expected_time():
    hits = np.array([30.0, 70.0, INF, 10.0, INF])
    drawn = simulated_restarts(hits, BUDGET, n_samples=50_000, seed=3)
    error = drawn.std() / np.sqrt(drawn.size)
    assert abs(drawn.mean() - expected_time(hits, BUDGET)) < 4 * error


def test_walks_are_swept_through_before_chance_comes_in():
    hits = np.array([30.0, 70.0, INF, 10.0])
    drawn = simulated_restarts(hits, BUDGET, n_samples=10, seed=0).reshape(-1, 4)
    assert drawn.shape == (3, 4)
    assert (drawn[:, [0, 1, 3]] == [30.0, 70.0, 10.0]).all()
    assert (drawn[:, 2] > BUDGET).all()


def test_restarts_without_success_or_minimum():
    assert np.isinf(simulated_restarts([INF, INF], BUDGET, n_samples=4)).all()
    assert np.isnan(simulated_restarts([np.nan, 3.0], BUDGET, n_samples=4)).all()


# Newcombe (1998), Statistics in Medicine 17:857, table I: methods 3 (score) and 5 (exact).
NEWCOMBE = [
    ("wilson", 81, 263, 0.2553, 0.3662),
    ("wilson", 15, 148, 0.0624, 0.1605),
    ("wilson", 0, 20, 0.0, 0.1611),
    ("exact", 81, 263, 0.2527, 0.3676),
    ("exact", 15, 148, 0.0578, 0.1617),
    ("exact", 0, 20, 0.0, 0.1684),
]


@pytest.mark.parametrize(("method", "successes", "trials", "low", "high"), NEWCOMBE)
def test_success_rate_has_the_published_intervals(method, successes, trials, low, high):
    hits = [5.0] * successes + [INF] * (trials - successes)
    found = success_rate(hits, method=method)
    assert (found.successes, found.trials) == (successes, trials)
    assert found.value == pytest.approx(successes / trials)
    assert (found.ci_low, found.ci_high) == (
        pytest.approx(low, abs=5e-5),
        pytest.approx(high, abs=5e-5),
    )


def coverage(n, chance, repeats, seed):
    rng = np.random.default_rng(seed)
    inside = 0
    for _ in range(repeats):
        hits, mean = walks(rng, n, chance)
        found = expected_time_interval(hits, BUDGET, n_resamples=400)
        inside += found.ci_low <= truth(chance, mean) <= found.ci_high
    return inside / repeats


# What is documented: near 0.95 from 30 walks on, and from 0.88 up for 8.
@pytest.mark.parametrize(
    ("n", "chance", "low", "high"),
    [(30, 0.5, 0.92, 0.98), (30, 0.9, 0.91, 0.97), (8, 0.9, 0.86, 0.96), (15, 0.2, 0.94, 1.0)],
)
def test_the_interval_covers_what_it_says(n, chance, low, high):
    repeats = 400
    found = coverage(n, chance, repeats, seed=4)
    error = np.sqrt(0.95 * 0.05 / repeats)
    assert low - 4 * error < found < high + 4 * error


@pytest.mark.slow
@pytest.mark.parametrize("chance", [0.2, 0.5, 0.9])
@pytest.mark.parametrize(("n", "low"), [(8, 0.88), (30, 0.93), (100, 0.935)])
def test_the_interval_covers_what_it_says_more_sharply(n, low, chance):
    repeats = 4000
    found = coverage(n, chance, repeats, seed=5)
    assert found > low - 4 * np.sqrt(low * (1 - low) / repeats)
    assert n == 8 or found < 0.96 + 4 * np.sqrt(0.96 * 0.04 / repeats)


def test_without_success_the_lower_end_is_what_the_failures_allow():
    found = expected_time_interval([INF] * 20, BUDGET)
    assert (found.value, found.ci_high, found.runtime_50) == (INF, INF, INF)
    largest = 1 - 0.025 ** (1 / 20)
    assert found.ci_low == pytest.approx(BUDGET * (1 - largest) / largest, rel=1e-9)


def test_few_successes_leave_the_upper_end_open():
    assert expected_time_interval([30.0, INF, INF, INF, INF], BUDGET).ci_high == INF


def test_more_walks_narrow_the_interval_and_not_the_scatter():
    hits = np.array([30.0, 70.0, INF, 10.0, INF, 20.0, 90.0, 40.0])
    few, many = (expected_time_interval(np.tile(hits, k), BUDGET) for k in (1, 16))
    assert many.ci_high - many.ci_low < 0.4 * (few.ci_high - few.ci_low)
    assert many.value == pytest.approx(few.value)
    assert many.runtime_90 - many.runtime_10 > 0.8 * (few.runtime_90 - few.runtime_10)


def test_one_walk_has_no_interval_and_an_unknown_minimum_no_value():
    assert np.isnan(expected_time_interval([30.0], BUDGET).ci_low)
    unknown = expected_time_interval([np.nan, np.nan], BUDGET)
    assert np.isnan([unknown.value, unknown.ci_low, unknown.success.value]).all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: expected_time([10.0, 20.0], [1.0, 2.0, 3.0]), "budgets must fit"),
        (lambda: expected_time([10.0], 5.0), "at least the evaluations"),
        (lambda: expected_time([10.0], INF), "finite"),
        (lambda: expected_time([], 5.0), "at least one walk"),
        (lambda: success_rate([]), "at least one walk"),
        (lambda: success_rate([1.0], method="wald"), "wilson, exact; got 'wald'"),
        (lambda: expected_time_interval([1.0, 2.0], 5.0, level=1.5), "between 0 and 1; got 1.5"),
    ],
)
def test_bad_input_is_told(call, match):
    with pytest.raises(ValueError, match=match):
        call()
