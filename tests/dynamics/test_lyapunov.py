"""Lyapunov exponents against closed forms and numbers measured elsewhere."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.agents import Tracker
from adaptsim.dynamics import System, find_cycle, lyapunov
from adaptsim.landscapes import Bowl, Canyon, DoubleWell, Landscape
from adaptsim.rules import GradientDescent, Langevin, Momentum
from adaptsim.theory import period_doubling

from .systems import CUBIC_WELL, DOUBLE_WELL, tanh_network, well


def test_cycles_of_the_double_well_have_the_exponents_of_theory():
    rates = [0.3, 0.8, 0.9, 1.1, 1.2]
    found = lyapunov(DOUBLE_WELL, rates, n=2000, settle=2000)
    expected = period_doubling.double_well_exponent(rates)
    assert found.exponents[:, 0] == pytest.approx(expected, abs=1e-9)
    assert (found.standard_error < 1e-6).all()
    assert found.flags == ()


@pytest.mark.parametrize(
    ("system", "rate", "exact"),
    [
        (DOUBLE_WELL, 2.0, period_doubling.double_well_exponent(2.0)),
        (CUBIC_WELL, 3.0, period_doubling.cubic_well_exponent(3.0)),
    ],
)
def test_whole_chaos(system, rate, exact):
    found = lyapunov(system, rate, n=400_000)
    assert abs(found.exponents[0, 0] - exact) <= 4 * found.standard_error[0, 0] < 1e-3


def test_the_double_well_as_measured_over_two_million_steps():
    printed = {1.1: -0.85740, 1.25: -0.17741, 1.30: -0.0588, 1.35: 0.2771, 1.45: 0.3037}
    printed |= {1.55: 0.1443, 1.65: 0.6917, 1.95: 0.9498, 1.4: 0.341, 1.5: 0.492}
    digits = {1.1: 5e-6, 1.25: 5e-6, 1.4: 5e-4, 1.5: 5e-4}
    found = lyapunov(DOUBLE_WELL, list(printed), n=400_000)
    off = np.abs(found.exponents[:, 0] - list(printed.values()))
    rounding = [digits.get(rate, 5e-5) for rate in printed]
    assert (off <= 4 * found.standard_error[:, 0] + rounding).all()


def test_the_scalar_recurrent_network():
    printed = {3.8: -0.349, 3.95: -0.136, 4.05: 0.172, 4.5: 0.395, 4.75: -0.533, 5.2: 0.384}
    found = lyapunov(well(tanh_network(2)), list(printed), n=100_000)
    off = np.abs(found.exponents[:, 0] - list(printed.values()))
    assert (off <= 4 * found.standard_error[:, 0] + 5e-4).all()


def test_linear_systems_have_the_logarithms_of_their_eigenvalues():
    found = lyapunov(System.of(Canyon(), GradientDescent()), [0.011, 0.015], n=2000, count=None)
    expected = np.log(np.abs(1 - np.array([[0.011], [0.015]]) * [1.0, 100.0]))
    assert found.exponents == pytest.approx(-np.sort(-expected, axis=1), abs=1e-3)
    late = System.of(Tracker(feedback_delay=2, curvature=0.5), GradientDescent(), cue=3.0)
    spectrum = lyapunov(late, 0.2, n=20_000, count=None).exponents[0]
    moduli = np.sort(np.log(np.abs(np.roots([1, -1, 0, 0.1]))))[::-1]
    assert spectrum == pytest.approx(moduli, abs=1e-3)  # a pair turns: its frame is not at once so


def test_the_spectrum_of_the_henon_map_sums_to_what_its_area_shrinks_by():
    system = System.of_map(
        lambda x, a: jnp.stack([1 - a * x[0] ** 2 + x[1], 0.3 * x[0]]), [0.1, 0.1]
    )
    found = lyapunov(system, 1.4, n=200_000, count=None)
    assert found.exponents.sum() == pytest.approx(math.log(0.3), abs=1e-9)
    off = abs(found.exponents[0, 0] - 0.41922)  # Sprott, Chaos and Time-Series Analysis (2003)
    assert off <= 4 * found.standard_error[0, 0] + 5e-6


def test_memory_counts():
    rule = Momentum(momentum=0.6)
    found = lyapunov(System.of(DoubleWell(), rule), 0.3, n=20_000, count=None)
    moduli = np.log(np.abs(find_cycle(System.of(DoubleWell(), rule), 0.3).multipliers))
    assert found.exponents[0] == pytest.approx(moduli, abs=1e-3)
    assert found.exponents.sum() == pytest.approx(math.log(0.6), abs=1e-9)


def test_flags():
    collapsed = lyapunov(DOUBLE_WELL, [0.5, 2.3], n=1000)
    assert collapsed.exponents[0, 0] == -math.inf
    assert math.isnan(collapsed.standard_error[0, 0])
    assert math.isnan(collapsed.exponents[1, 0])
    assert collapsed.flags == ("superstable", "diverged")
    assert lyapunov(System.of(Bowl(), Langevin()), 0.1, n=100).flags == ("noise left out",)
    whole = lyapunov(System.of(Bowl(dimension=2), GradientDescent()), 1.0, n=100, count=None)
    assert whole.exponents.tolist() == [[-math.inf] * 2]


def test_refuses_what_cannot_be_measured():
    with pytest.raises(ValueError, match="n must be a multiple of 20 and count at most 1; got 30"):
        lyapunov(DOUBLE_WELL, 1.0, n=30)
    with pytest.raises(ValueError, match="count must be at least 1; got 0"):
        lyapunov(DOUBLE_WELL, 1.0, count=0)
    with pytest.raises(ValueError, match="count at most 1; got 100000 and 2"):
        lyapunov(DOUBLE_WELL, 1.0, count=2)


def test_the_largest_exponent_is_found_whichever_coordinate_has_it():
    """Coordinates that do not feel each other: one calm, the other as in the double well."""
    landscape = Landscape.from_function(lambda x: x[0] ** 2 / 2 + (x[1] ** 2 - 1) ** 2 / 4)
    system = System.of(landscape, GradientDescent(), start=[0.0, 0.3])
    found = lyapunov(system, 1.1, n=2000, count=None)
    wanted = sorted([np.log(0.1), 0.5 * np.log(9 - 2 * 2.1**2)], reverse=True)
    np.testing.assert_allclose(found.exponents[0], wanted, atol=1e-6)
    alone = lyapunov(system, 1.1, n=2000, count=1)
    np.testing.assert_allclose(alone.exponents[0, 0], wanted[0], atol=1e-6)
