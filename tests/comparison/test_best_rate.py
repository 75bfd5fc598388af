"""The best rate of a sweep: where theory knows it, how sure, and what is flagged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.comparison import best_rate

INF = np.inf
RATES = np.geomspace(1e-3, 10.0, 13)


def descents(rates, starts, curvatures=(1.0, 4.0), steps=40):
    """Return losses after gradient descent on a quadratic, shape (rates, starts)."""
    curvature = np.array(curvatures)
    with np.errstate(over="ignore"):
        end = (1 - rates[:, None] * curvature) ** steps
        return 0.5 * np.sum(curvature * (starts * end[:, None]) ** 2, axis=-1)


def test_descent_on_a_quadratic_is_best_at_two_over_the_sum_of_curvatures():
    rates = np.linspace(0.02, 0.6, 59)
    found = best_rate(rates, descents(rates, np.ones((1, 2))))
    assert found.rate == pytest.approx(2 / (1 + 4), abs=0.0101)
    assert found.medians[-1] > 1 > found.score
    assert np.isnan([found.ci_low, found.ci_high]).all()


def test_failed_rates_are_no_poison():
    losses = np.array([[3.0, 2.0, 4.0], [1.0, 2.0, INF], [np.nan, 0.0, INF], [INF, -INF, np.nan]])
    found = best_rate([0.1, 0.2, 0.4, 0.8], losses)
    np.testing.assert_array_equal(found.medians, [3.0, 2.0, INF, INF])
    assert (found.rate, found.score, found.flag) == (
        0.2,
        2.0,
        "interval reaches the low end of the swept range: widen the sweep",
    )


def test_where_half_of_the_walks_fail_at_every_rate_there_is_none():
    found = best_rate([0.1, 0.2], [[1.0, INF, INF], [INF, INF, 2.0]])
    assert np.isnan([found.rate, found.ci_low, found.sensible_low]).all()
    assert found.flag == "no rate succeeded in half of the walks"


@pytest.mark.parametrize(("best", "word"), [(0, "low end"), (12, "high end"), (6, "")])
def test_a_best_at_the_edge_asks_for_a_wider_sweep(best, word):
    scores = 1 + np.abs(np.arange(13) - best)[:, None] + np.linspace(0, 0.1, 5)
    found = best_rate(RATES, scores)
    assert found.rate == RATES[best]
    assert found.flag == (f"best at the {word} of the swept range: widen the sweep" if word else "")


def test_the_sensible_range_is_the_unbroken_run_within_the_factor():
    medians = np.array([5.0, 1.9, 2.1, 1.5, 1.0, 2.0, 2.0, 3.0, 1.0 + 1e-9, INF])
    rates = np.arange(1.0, 11.0)
    found = best_rate(rates, medians[:, None])
    assert (found.sensible_low, found.sensible_high) == (4.0, 7.0)
    assert found.tolerance == 7 / 4
    raised = best_rate(rates, medians[:, None] + 100, floor=100)
    assert (raised.sensible_low, raised.sensible_high) == (4.0, 7.0)
    assert best_rate(rates, medians[:, None], factor=3).sensible_high == 9.0


def test_below_the_floor_no_factor_makes_sense():
    for floor in (0.0, np.nan):
        found = best_rate([1.0, 2.0, 3.0], [[1.0], [-1.0], [2.0]], floor=floor)
        assert found.rate == 2.0
        assert np.isnan(found.tolerance)
        assert found.flag == "the best score has no floor below it: no rate is called sensible"
    rounding = best_rate([1.0, 2.0, 3.0], [[1.0], [-1e-15], [2.0]])
    assert (rounding.sensible_low, rounding.flag) == (2.0, "")


def test_of_equals_the_middle_one_is_taken_and_said():
    found = best_rate(np.arange(1.0, 6.0), [[9.0], [20.0], [20.0], [20.0], [INF]], factor=1)
    assert found.flag == "best at the low end of the swept range: widen the sweep"
    tied = best_rate(np.arange(1.0, 6.0), [[30.0], [20.0], [20.0], [20.0], [INF]], factor=1)
    assert (tied.rate, tied.sensible_low, tied.sensible_high) == (3.0, 2.0, 4.0)
    assert tied.flag == "3 rates share the best score"


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rates_does_not_matter(random):
    order = list(range(len(RATES)))
    random.shuffle(order)
    noise = np.random.default_rng(1).exponential(1.0, (len(RATES), 6, 2))
    scores = noise * (1 + np.log10(RATES / 0.1)[:, None, None] ** 2)
    plain, mixed = best_rate(RATES, scores), best_rate(RATES[order], scores[order])
    np.testing.assert_array_equal(mixed.medians, plain.medians[order])
    assert (mixed.rate, mixed.ci_low, mixed.ci_high) == (plain.rate, plain.ci_low, plain.ci_high)


def sweeps(repeats, starts, seeds, seed):
    """Yield scores whose median is least at RATES[6], with luck of every start and seed repeated.

    What one start, or one seed, does to the rates cannot be told from what the rates do.
    """
    rng = np.random.default_rng(seed)
    depth = 0.15 * np.abs(np.arange(13) - 6)[:, None, None]
    for _ in range(repeats):
        of_starts, of_seeds = (13, starts, 1), (13, 1, seeds)
        luck = (starts > 1) * rng.standard_normal(of_starts)
        luck = luck + (seeds > 1) * rng.standard_normal(of_seeds)
        shared = 3 * rng.standard_normal((1, starts, 1))
        yield np.exp(depth + 0.3 * luck + shared)


@pytest.mark.parametrize(("starts", "seeds"), [(10, 1), (1, 20), (6, 6)])
def test_the_interval_covers_the_best_rate(starts, seeds):
    repeats = 150
    found = [best_rate(RATES, one, n_resamples=150) for one in sweeps(repeats, starts, seeds, 2)]
    inside = np.mean([one.ci_low <= RATES[6] <= one.ci_high for one in found])
    assert inside > 0.95 - 4 * np.sqrt(0.95 * 0.05 / repeats)
    assert all(one.ci_low <= one.rate <= one.ci_high for one in found)


def test_more_walks_narrow_the_interval():
    widths = [
        np.mean([np.log(one.ci_high / one.ci_low) for one in found])
        for found in (
            [best_rate(RATES, scores, n_resamples=100) for scores in sweeps(20, starts, 1, 3)]
            for starts in (10, 320)
        )
    ]
    assert widths[1] < 0.6 * widths[0]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"rates": [1.0]}, "must be 2 numbers above 0"),
        ({"rates": [1.0, -2.0]}, r"got \[1.0, -2.0\]"),
        ({"rates": [1.0, 1.0]}, "differ"),
        ({"factor": 0.5}, "at least 1; got 0.5"),
        ({"level": 1.0}, "between 0 and 1; got 1.0"),
    ],
)
def test_bad_input_is_told(change, match):
    good = {"rates": [1.0, 2.0], "scores": [[1.0, 2.0], [2.0, 3.0]]}
    with pytest.raises(ValueError, match=match):
        best_rate(**{**good, **change})
