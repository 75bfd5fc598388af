"""Orbit diagrams against NumPy, closed forms of where bands meet, and hysteresis."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.dynamics import System, orbit_diagram
from adaptsim.theory import period_doubling

from .systems import COSINE, DOUBLE_WELL, LOGISTIC


def test_is_the_cubic_map():
    rates = np.linspace(0.3, 1.29, 12)  # no chaos: there engines part
    found = orbit_diagram(DOUBLE_WELL, rates, settle=30, keep=5)
    x = np.full(12, 0.5)
    for step in range(35):
        if step >= 30:
            np.testing.assert_allclose(found.positions[:, 0, step - 30, 0], x, rtol=1e-9)
        x = (1 + rates) * x - rates * x**3


def test_axes_are_values_starts_steps_coordinates():
    system = System.of_map(lambda x, a: a * x, [1.0, 2.0])
    found = orbit_diagram(system, [0.5, 1.0, 3.0], settle=100, keep=4, starts=np.ones((5, 2)))
    assert found.positions.shape == (3, 5, 4, 2)
    assert found.diverged.tolist() == [[False] * 5] * 2 + [[True] * 5]
    assert np.isnan(found.positions[2]).all()
    assert (found.positions[1] == 1.0).all()


def test_starts_are_kept_apart():
    found = orbit_diagram(DOUBLE_WELL, [0.5], starts=[[0.3], [-0.3]], keep=1)
    assert found.positions[0, :, 0, 0].tolist() == pytest.approx([1.0, -1.0])


def test_the_two_wells_merge_where_theory_says():
    merger = period_doubling.DOUBLE_WELL_MERGER
    found = orbit_diagram(DOUBLE_WELL, [merger - 1e-4, merger + 1e-4], settle=0, keep=200_000)
    lowest = found.positions[:, 0, :, 0].min(axis=1)
    assert lowest[0] > 0 > lowest[1]


def test_the_cosine_leaves_its_well_where_theory_says():
    escape = period_doubling.COSINE_ESCAPE
    found = orbit_diagram(COSINE, [escape - 1e-3, escape + 1e-2], settle=0, keep=20_000)
    reach = np.abs(found.positions[:, 0, :, 0]).max(axis=1)
    assert reach[0] < math.pi < reach[1]


def test_what_was_carried_shows_hysteresis_between_the_folds():
    """``tanh(3 x + h)``: the fold is where ``3 (1 - x^2) = 1``, at ``h = atanh x - 3 x``."""
    system = System.of_map(lambda x, h: jnp.tanh(3 * x + h), 0.0, "h")
    x = -math.sqrt(2 / 3)
    fold = math.atanh(x) - 3 * x
    values = np.linspace(-2, 2, 401)
    up = orbit_diagram(system, values, carried=True, settle=500, keep=1, starts=[-1.0])
    down = orbit_diagram(system, values[::-1], carried=True, settle=500, keep=1, starts=[1.0])
    jumps = [
        one.values[np.argmax(np.diff(np.sign(one.positions.ravel())) != 0)] for one in (up, down)
    ]
    assert jumps == pytest.approx([fold, -fold], abs=0.0151)
    apart = orbit_diagram(system, values, settle=500, keep=1, starts=[-1.0])
    assert apart.values[np.argmax(apart.positions.ravel() > 0)] < fold + 0.0151


def test_a_nudge_leaves_an_orbit_that_no_longer_attracts():
    values = np.linspace(0.9, 1.2, 7)
    still = orbit_diagram(DOUBLE_WELL, values, carried=True, keep=2, starts=[1.0], nudge=0.0)
    nudged = orbit_diagram(DOUBLE_WELL, values, carried=True, keep=2, starts=[1.0])
    assert np.ptp(still.positions[-1]) == 0.0
    places = sorted(nudged.positions[-1].ravel())
    expected = sorted(period_doubling.double_well_two_cycle(1.2))
    assert places == pytest.approx(expected, abs=1e-9)


def test_refuses_what_cannot_be_run():
    with pytest.raises(ValueError, match="values must be finite; got nan"):
        orbit_diagram(LOGISTIC, [3.0, math.nan])
    with pytest.raises(ValueError, match="values must have shape"):
        orbit_diagram(LOGISTIC, [[3.0]])
    with pytest.raises(ValueError, match="keep must be at least 1; got 0"):
        orbit_diagram(LOGISTIC, 3.0, keep=0)
    with pytest.raises(ValueError, match=r"starts must have shape \(s, 1\); got \(1, 2\)"):
        orbit_diagram(LOGISTIC, 3.0, starts=[0.1, 0.2])
