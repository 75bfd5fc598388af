"""Recurrent networks trained by back-propagation through time, on the route to chaos."""

import numpy as np
import pytest

from adaptsim.dynamics import System, doublings, lyapunov, orbit_diagram, periods
from adaptsim.rules import GradientDescent

from .systems import descent, driven_network

EIGHT = descent(driven_network(8, 0.01))
SIX = descent(driven_network(6, 0.0))
READ_OUT = descent(driven_network(6, 0.01, readout=True))
TWO_UNITS = descent(driven_network(6, 0.02, units=2, readout=True))

PRINTED = [
    (EIGHT, 1.0, [1.2052589, 1.5525660, 1.6350864], 6e-8),
    (SIX, 1.2, [1.5913053, 2.0440036, 2.1211625], 6e-8),
    (READ_OUT, 2.0, [2.634917, 3.609324], 6e-7),
    (TWO_UNITS, 1.0, [1.660918, 3.158676], 6e-7),
]


@pytest.mark.parametrize(
    ("system", "first", "expected", "half"), PRINTED, ids=["T=8", "T=6", "read out", "two units"]
)
def test_first_thresholds(system, first, expected, half):
    cascade = doublings(system, first, len(expected), settle=3000)
    assert cascade.values == pytest.approx(expected, abs=half)
    assert (cascade.errors < 1e-9).all()


def test_the_first_threshold_is_two_over_the_curvature():
    landscape = driven_network(8, 0.01)
    first = doublings(EIGHT, 1.0, 1, settle=3000).bifurcations[0]
    place = first.cycle.place[:-1]
    assert place == pytest.approx([0.65811489, 0.30723233], abs=6e-9)
    curvature = float(landscape.largest_curvature(place))
    assert curvature == pytest.approx(1.6593944399, abs=6e-11)
    assert first.value == pytest.approx(2 / curvature, abs=1e-10)


@pytest.mark.parametrize(
    ("system", "limit", "scale"),
    [
        (READ_OUT, 1.446, 2.634917),
        pytest.param(TWO_UNITS, 2.039, 1.660918, marks=pytest.mark.slow),
    ],
)
def test_periods_and_chaos_follow(system, limit, scale):
    edges = doublings(system, 0.9 * scale, 4, settle=3000).values / scale
    assert (edges < limit).all()
    middles = edges[:-1] + 0.5 * np.diff(edges)
    start = np.asarray(system.start)
    found = orbit_diagram(system, scale * middles, settle=20_000, keep=64, starts=start)
    assert periods(found.positions)[:, 0].tolist() == [2, 4, 8]
    beyond = scale * np.linspace(limit, 1.01 * limit, 8)
    grown = lyapunov(system, beyond, n=4000, settle=2000)
    assert (grown.exponents[:, 0] - 4 * grown.standard_error[:, 0] > 0).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "first", "rest", "limit", "ratios"),
    [
        (
            EIGHT, 1.0, [1.6535915, 1.6575257, 1.6583698, 1.6585506], 1.6585999,
            [4.2087, 4.4593, 4.7037, 4.6604, 4.6700],
        ),
        (SIX, 1.2, [2.1388410, 2.1426027, 2.1434104], 2.143631, []),
    ],
    ids=["T=8", "T=6"],
)  # fmt: skip
def test_whole_cascades(system, first, rest, limit, ratios):
    cascade = doublings(system, first, 7, settle=3000)
    assert cascade.values[3 : 3 + len(rest)] == pytest.approx(rest, abs=6e-8)
    assert cascade.deltas[: len(ratios)] == pytest.approx(ratios, abs=6e-5)
    found, error = cascade.accumulation
    assert error < 2e-6
    assert found == pytest.approx(limit, abs=1e-6)


@pytest.mark.slow
def test_the_largest_exponent_of_two_units():
    """Up to +0.47 (there is another attractor from 2.48 times the first threshold on)."""
    rates = 1.660918 * np.linspace(2.04, 2.47, 60)
    grown = lyapunov(TWO_UNITS, rates, n=20_000, settle=5000)
    assert grown.exponents.max() == pytest.approx(0.47, abs=0.01)


def test_the_rate_of_a_network_is_the_default_parameter():
    own = System.of(driven_network(6, 0.0), GradientDescent())
    assert own.parameter == "rule.learning_rate"
