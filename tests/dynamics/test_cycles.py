"""Cycles against closed forms, in one dimension and more, stable and not."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.agents import Tracker
from adaptsim.dynamics import System, find_cycle
from adaptsim.landscapes import DoubleWell
from adaptsim.rules import GradientDescent, Momentum
from adaptsim.theory import period_doubling

from .systems import DOUBLE_WELL, LOGISTIC

HENON = System.of_map(
    lambda x, a: jnp.stack([1 - a * x[0] ** 2 + x[1], 0.3 * x[0]]), [0.1, 0.1], "a"
)


@pytest.mark.parametrize("rate", [1.05, 1.2, 1.7])
def test_the_two_cycle_of_the_double_well(rate):
    place = period_doubling.double_well_two_cycle(rate)
    cycle = find_cycle(DOUBLE_WELL, rate, 2, near=place[0] + 0.01, settle=0)
    assert cycle.found
    assert sorted(cycle.positions[:, 0]) == pytest.approx(sorted(place), abs=1e-12)
    expected = period_doubling.double_well_two_cycle_multiplier(rate)
    assert cycle.multipliers[0] == pytest.approx(expected, abs=1e-10)
    assert cycle.stable == (abs(expected) < 1)
    assert cycle.miss < 1e-14


def test_a_repelling_cycle_in_chaos():
    """At r = 4 the logistic map doubles an angle: all 3-cycles have the multiplier +-8."""
    place = math.sin(math.pi / 7) ** 2
    cycle = find_cycle(LOGISTIC, 4.0, 3, near=place + 1e-4, settle=0)
    assert cycle.found
    assert cycle.least_period == 3
    assert cycle.positions[0, 0] == pytest.approx(place, abs=1e-12)
    assert abs(cycle.multipliers[0]) == pytest.approx(8, abs=1e-9)


def test_a_longer_period_may_turn_out_to_be_shorter():
    cycle = find_cycle(LOGISTIC, 3.2, 4)
    assert (cycle.found, cycle.least_period) == (True, 2)
    assert cycle.multipliers[0] == pytest.approx((4 + 6.4 - 10.24) ** 2, abs=1e-9)


def test_the_two_cycle_of_the_henon_map():
    """``a^2 x^2 - a (1-b) x + (1-b)^2 - a = 0``; the product of the multipliers is ``b^2``."""
    a, b = 0.5, 0.3
    places = np.roots([a**2, -a * (1 - b), (1 - b) ** 2 - a])
    cycle = find_cycle(HENON, a, 2)
    assert sorted(cycle.positions[:, 0]) == pytest.approx(sorted(places), abs=1e-12)
    assert np.prod(cycle.multipliers) == pytest.approx(b**2, abs=1e-12)
    jacobians = [np.array([[-2 * a * x, 1], [b, 0]]) for x in cycle.positions[:, 0]]
    expected = np.linalg.eigvals(jacobians[1] @ jacobians[0])
    assert sorted(cycle.multipliers.real) == pytest.approx(sorted(expected.real), abs=1e-10)


def test_rest_under_momentum_and_delay_has_complex_multipliers():
    cycle = find_cycle(System.of(DoubleWell(), Momentum(momentum=0.9)), 0.1)
    expected = np.roots([1, -(1.9 - 0.1 * 2), 0.9])
    assert np.sort_complex(cycle.multipliers) == pytest.approx(np.sort_complex(expected), abs=1e-9)
    late = System.of(Tracker(feedback_delay=2), GradientDescent(), cue=3.0)
    found = np.sort_complex(find_cycle(late, 0.2).multipliers)
    assert found == pytest.approx(np.sort_complex(np.roots([1, -1, 0, 0.2])), abs=1e-9)


def test_says_where_there_is_none():
    nowhere = System.of_map(lambda x, a: x + 1 + x**2, 0.0)
    cycle = find_cycle(nowhere, 1.0, settle=0)
    assert not cycle.found
    assert not cycle.stable
    gone = find_cycle(DOUBLE_WELL, 2.5)
    assert not gone.found
    assert np.isnan(gone.multipliers).all()
    with pytest.raises(ValueError, match="period must be at least 1; got 0"):
        find_cycle(LOGISTIC, 3.0, 0)
