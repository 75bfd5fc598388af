"""Periods of tails whose period is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.dynamics import orbit_diagram, periods
from adaptsim.theory import period_doubling

from .systems import DOUBLE_WELL


@settings(max_examples=40, deadline=None)
@given(period=st.integers(1, 64), seed=st.integers(0, 1000), phase=st.integers(0, 63))
def test_finds_the_least_period(period, seed, phase):
    cycle = np.random.default_rng(seed).permutation(period)[:, None] * np.array([1.0, -0.5])
    tail = cycle[(np.arange(128) + phase) % period]
    assert periods(tail) == period


def test_many_at_once_of_every_kind():
    t = np.arange(130.0)
    tails = np.stack([np.cos(np.pi * t), np.zeros(130), t, np.where(t == 50, np.nan, 0.0)])
    assert periods(tails.reshape(2, 2, 130, 1)).tolist() == [[2, 1], [0, -1]]


@pytest.mark.parametrize(("jitter", "expected"), [(1e-8, 3), (1e-4, 0)])
def test_tolerance(jitter, expected):
    noise = np.random.default_rng(0).uniform(-jitter, jitter, (120, 1))
    tail = np.resize([0.0, 1.0, 3.0], 120)[:, None] + noise
    assert periods(tail) == expected


def test_a_period_must_be_seen_twice():
    cycle = np.arange(10.0)
    assert periods(np.resize(cycle, 20)[:, None]) == 10
    assert periods(np.resize(cycle, 19)[:, None]) == 0
    assert periods(np.resize(cycle, 40)[:, None], most=9) == 0


def test_periods_between_the_doublings_of_the_double_well():
    edges = np.append(0.5, period_doubling.double_well_doublings(7))
    middles = edges[:-1] + 0.6 * np.diff(edges)  # nearer to where multipliers vanish
    found = orbit_diagram(DOUBLE_WELL, middles, settle=20_000, keep=256)
    assert periods(found.positions)[:, 0].tolist() == [1, 2, 4, 8, 16, 32, 64]


def test_refuses_what_is_no_tail():
    with pytest.raises(ValueError, match="k at least 2"):
        periods([1.0, 2.0])
    with pytest.raises(ValueError, match="most must be at least 1; got 0"):
        periods(np.zeros((4, 1)), most=0)
