"""Basins against exact borders."""

import numpy as np
import pytest

from adaptsim.agents import Tracker
from adaptsim.dynamics import OUTCOMES, System, basin, grid
from adaptsim.landscapes import ScalarFactorisation
from adaptsim.rules import GradientDescent
from adaptsim.theory import period_doubling

from .systems import CUBIC_WELL, DOUBLE_WELL, descent


def test_bounded_starts_of_the_double_well():
    rates = np.array([0.3, 0.8, 1.1, 1.4, 1.9])
    reach = period_doubling.double_well_reach(rates)
    starts = np.linspace(-3, 3, 601)
    found = basin(DOUBLE_WELL, grid(starts), rates, settle=500, keep=256)
    expected = np.abs(starts) > reach[:, None]
    assert (np.abs(np.abs(starts) - reach[:, None]) > 1e-4).all()
    np.testing.assert_array_equal(found.names == "diverged", expected)


def test_nothing_stays_beyond_rate_two():
    found = basin(DOUBLE_WELL, grid(np.linspace(-1.3, 1.3, 40)), [1.999, 2.01], settle=5000)
    assert set(found.names[0]) == {"chaotic"}
    assert set(found.names[1]) == {"diverged"}


def test_outcomes_by_name_along_the_route_to_chaos():
    found = basin(DOUBLE_WELL, [[0.3], [9.0]], [0.7, 1.1, 1.25, 1.45, 1.9], settle=5000)
    assert found.names[:, 0].tolist() == ["converged", "cycling", "cycling", "chaotic", "chaotic"]
    assert found.periods[:, 0].tolist() == [1, 2, 4, 0, 0]
    assert (found.names[:, 1] == "diverged").all()
    assert (found.periods[:, 1] == -1).all()
    assert found.exponents[1, 0] == pytest.approx(period_doubling.double_well_exponent(1.1))


def test_what_turns_without_a_period_is_not_chaotic():
    """At the limit of a delay of one step the pair turns by 60 degrees; beside it, by another."""
    late = System.of(Tracker(feedback_delay=1), GradientDescent(), cue=1.0)
    found = basin(late, [[0.0]], [1.0, 1.0 - 1e-9], settle=100, tolerance=1e-12)
    assert found.names[0, 0] == "cycling"
    assert found.periods[0, 0] == 6
    assert found.names[1, 0] == "wandering"


def test_a_plane_of_starts():
    axis = np.linspace(-2.5, 2.5, 21)
    found = basin(descent(ScalarFactorisation()), grid(axis, axis), [0.2], settle=3000, keep=64)
    names = found.names.reshape(21, 21)
    assert names[10, 10] == "converged"  # the saddle, exactly
    assert (names == names.T).all()
    assert (names == names[::-1, ::-1]).all()
    assert found.starts.shape == (441, 2)


def test_the_cubic_well_is_left_past_rate_three():
    found = basin(CUBIC_WELL, grid(np.linspace(0.05, 0.9, 30)), [2.9999, 3.05], settle=5000)
    assert "diverged" not in found.names[0]
    assert set(found.names[1]) == {"diverged"}
    assert set(np.unique(found.names)) <= set(OUTCOMES)


def test_refuses_what_cannot_be_judged():
    with pytest.raises(ValueError, match="starts are missing"):
        basin(DOUBLE_WELL, None, [1.0])
    with pytest.raises(ValueError, match="keep must be at least 2; got 1"):
        basin(DOUBLE_WELL, [[0.3]], [1.0], keep=1)
