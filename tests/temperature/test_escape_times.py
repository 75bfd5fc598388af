"""Escape times of simulated walks beside exact ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chisquare

from adaptsim.landscapes import Bowl, CubicWell, DoubleWell, Noisy
from adaptsim.rules import Cyclical, GradientDescent, Momentum
from adaptsim.temperature import (
    Beyond,
    EscapeTimes,
    escape_phases,
    escape_theory,
    escape_times,
    mean_escape_steps,
    share_while_fast,
    slope_of,
)
from adaptsim.theory import noisy_descent
from adaptsim.theory.temperature import noise_of

ACROSS = {"start": -1.0, "arrived": Beyond(1.0)}


def errors_off(times: EscapeTimes, expected: float) -> float:
    error = times.steps.std(ddof=1) / math.sqrt(times.steps.size)
    return float(abs(times.steps.mean() - expected) / error)


@pytest.mark.parametrize(("eta", "noise", "steps"), [(0.2, 1.0, 309.4), (0.16, 1.0, 710.8)])
def test_steps_across_the_double_well_of_the_table(eta: float, noise: float, steps: float) -> None:
    felt = Noisy(landscape=DoubleWell(), level=noise)
    times = escape_times(felt, GradientDescent(learning_rate=eta), walks=1500, **ACROSS)
    theory = escape_theory(DoubleWell(), eta, noise, start=-1.0, target=1.0)
    assert theory.exact == pytest.approx(steps, abs=0.05)
    assert errors_off(times, theory.exact) < 4
    assert errors_off(times, theory.continuous) > 1.5
    found = mean_escape_steps(times)
    assert found.ci_low < found.value < found.ci_high
    assert (found.flag, found.n, found.unit) == ("", 1500, "steps")


def test_escape_at_one_tenth() -> None:
    """T = 0.1: 66.2686 in continuous time, less in steps of 0.1, as simulated."""
    noise = float(noise_of(0.1, learning_rate=0.1))
    theory = escape_theory(DoubleWell(), 0.1, noise, start=-1.0, target=1.0)
    assert 0.1 * theory.continuous == pytest.approx(66.2686, abs=5e-5)
    assert 0.1 * theory.kramers == pytest.approx(54.1254, abs=5e-5)
    felt = Noisy(landscape=DoubleWell(), level=noise)
    times = escape_times(felt, GradientDescent(learning_rate=0.1), walks=1500, **ACROSS)
    assert errors_off(times, theory.exact) < 4


def test_theory_is_the_same_from_either_side() -> None:
    there = escape_theory(DoubleWell(), 0.1, 1.0, start=-1.0, target=1.0)
    back = escape_theory(DoubleWell(), 0.1, 1.0, start=1.0, target=-1.0)
    np.testing.assert_allclose(there, back, rtol=1e-9)


def test_theory_over_the_rim_of_a_cubic_well() -> None:
    """Barrier 1/6, curvatures 1 and -1: Kramers' 2 pi exp(1 / (6 T))."""
    theory = escape_theory(CubicWell(), 0.1, 1.0, start=0.0, target=1.5)
    assert 0.1 * theory.kramers == pytest.approx(2 * math.pi * math.exp(1 / 0.3), rel=1e-9)
    assert math.isnan(escape_theory(CubicWell(), 0.1, 1.0, start=0.0, target=0.5).kramers)


def test_luck_of_a_walk_does_not_depend_on_how_many_walk() -> None:
    felt = Noisy(landscape=DoubleWell(), level=1.0)
    few, many = (
        escape_times(felt, GradientDescent(learning_rate=0.2), walks=walks, **ACROSS)
        for walks in (5, 1500)
    )
    assert few.steps.tolist() == many.steps[:5].tolist()
    assert len(set(many.steps.tolist())) > 20


def test_momentum_is_warmer_and_escapes_sooner() -> None:
    felt = Noisy(landscape=DoubleWell(), level=1.0)
    plain, heavy = (
        escape_times(felt, rule, walks=1500, **ACROSS)
        for rule in (GradientDescent(learning_rate=0.2), Momentum(learning_rate=0.2, momentum=0.5))
    )
    assert heavy.steps.mean() < plain.steps.mean() / 2


def test_cut_off_escapes_have_the_mean_of_their_law() -> None:
    """Geometric times cut off at half their mean: estimate and interval, 400 times over."""
    rng, truth = np.random.default_rng(0), 200.0
    values, covered = [], 0
    for _ in range(400):
        whole = rng.geometric(1 / truth, size=100)
        cut = EscapeTimes(np.minimum(whole, 100), whole <= 100, 100)
        found = mean_escape_steps(cut)
        values.append(1 / found.value)
        covered += found.ci_low < truth < found.ci_high
        assert "did not arrive" in found.flag
    error = np.std(values, ddof=1) / 20
    assert abs(np.mean(values) - 1 / truth) < 4 * error
    assert abs(covered / 400 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 400)


def test_no_arrival_gives_a_lower_end_only() -> None:
    felt = Noisy(landscape=DoubleWell(), level=0.1)
    times = escape_times(
        felt, GradientDescent(learning_rate=0.1), walks=1500, most_steps=100, **ACROSS
    )
    found = mean_escape_steps(times)
    assert math.isnan(found.value)
    assert found.ci_low == pytest.approx(150_000 / math.log(40))
    assert found.ci_high == math.inf
    assert found.flag == "1500 of 1500 walks did not arrive"
    assert times.survival.tolist() == [1.0] * 101


def test_walks_that_diverge_are_told_apart() -> None:
    steep = GradientDescent(learning_rate=3.0)
    times = escape_times(DoubleWell(), steep, start=-3.0, arrived=Beyond(1e300), walks=2)
    assert times.diverged.all()
    assert not times.arrived.any()
    assert mean_escape_steps(times).flag == "2 of 2 walks did not arrive; 2 diverged"


def test_arrival_at_the_start_takes_no_step() -> None:
    there = Beyond(1.0, coordinate=1)
    times = escape_times(Bowl(), GradientDescent(), start=[0.0, 2.0], arrived=there, walks=1)
    assert times.steps.tolist() == [0]
    assert times.survival[0] == 0
    assert mean_escape_steps(times).flag == "one walk"


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="walks must be at least 1; got 0"):
        escape_times(Bowl(), GradientDescent(), start=1.0, arrived=Beyond(0.0), walks=0)


CYCLE = Cyclical(lowest=0.05, highest=0.35, period=200.0)


def test_escapes_concentrate_where_the_rate_is_high() -> None:
    """Shares of escapes in each tenth of the cycle, simulated and by the exact law."""
    felt = Noisy(landscape=DoubleWell(), level=1.0)
    times = escape_times(felt, GradientDescent(learning_rate=CYCLE), walks=1500, **ACROSS)
    rates = np.asarray(CYCLE(np.arange(4000)))
    inside = noisy_descent.survival(
        slope_of(DoubleWell()), rates, 1.0, start=-1.0, low=-2.6, high=1.0
    )
    expected = escape_phases(inside, CYCLE.period)
    measured = escape_phases(times.survival, CYCLE.period)
    assert inside[-1] < 1e-9
    assert measured.sum() == pytest.approx(1)
    assert chisquare(1500 * measured, 1500 * expected).pvalue > 1e-4
    assert measured[[3, 4, 5, 6]].sum() > 0.8
    fast = share_while_fast(times, CYCLE)
    escapes = -np.diff(inside)
    exact = escapes[rates > rates.mean()].sum() / escapes.sum()
    assert abs(fast.value - exact) < 4 * math.sqrt(exact * (1 - exact) / 1500)
    assert fast.ci_low > 0.75
    assert fast.flag.endswith("of the steps were that fast")


def test_a_steady_rate_has_no_favourite_phase() -> None:
    """The control: the same cycle read off walks of one learning rate."""
    felt = Noisy(landscape=DoubleWell(), level=1.0)
    times = escape_times(felt, GradientDescent(learning_rate=0.15), walks=1500, **ACROSS)
    measured = escape_phases(times.survival, 200.0)
    inside = noisy_descent.survival(
        slope_of(DoubleWell()), [0.15] * 20_000, 1.0, start=-1.0, low=-2.6, high=1.0
    )
    assert chisquare(1500 * measured, 1500 * escape_phases(inside, 200.0)).pvalue > 1e-4
    assert np.ptp(measured) < 0.06


def test_no_escape_has_no_phase() -> None:
    none = EscapeTimes(np.array([9, 9]), np.array([False, False]), 9)
    assert np.isnan(escape_phases(none.survival, 3.0)).all()
    assert share_while_fast(none, CYCLE).flag == "no escape"
