"""The route to chaos in closed form, against digits in print and maps iterated by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptsim.theory import period_doubling

from .checks import printed

rates = st.floats(0.05, 1.95)
places = st.floats(-1.2, 1.2)


def double_well(x, rate):
    return (1 + rate) * x - rate * x**3


def cubic_well(x, rate):
    return x - rate * (x - x**2)


def slope(well, x, rate):
    return {double_well: 1 + rate - 3 * rate * x**2, cubic_well: 1 - rate * (1 - 2 * x)}[well]


def test_the_third_logistic_threshold_is_the_root_of_a_known_polynomial() -> None:
    """Of degree 12, in print: Kotsireas and Karamanos (2004), and Bailey et al. before them."""
    printed_coefficients = [1, -12, 48, -40, -193, 392, 44, 8, -977, -604, 2108, 0, 4913]
    roots = np.roots(printed_coefficients)
    third = period_doubling.cubic_well_doublings(3)[2] + 1
    assert np.abs(roots - third).min() < 1e-10
    exactly = sum(c * Fraction(third) ** (12 - k) for k, c in enumerate(printed_coefficients))
    slope = sum((12 - k) * c * third ** (11 - k) for k, c in enumerate(printed_coefficients[:-1]))
    assert abs(float(exactly) / slope) < 1e-15


@pytest.mark.parametrize(
    ("doublings", "expected"),
    [
        (
            period_doubling.cubic_well_doublings,
            ["2", "2.449490", "2.544090", "2.564407", "2.568759", "2.569692", "2.569891"],
        ),
        (
            period_doubling.double_well_doublings,
            ["1", "1.236068", "1.288032", "1.299228", "1.301629", "1.302143", "1.302253"],
        ),
    ],
)
def test_thresholds_of_both_wells(doublings, expected) -> None:
    assert doublings(7).tolist() == [printed(text) for text in expected]


@pytest.mark.parametrize(
    ("doublings", "limit"),
    [
        (period_doubling.cubic_well_doublings, period_doubling.LOGISTIC_ACCUMULATION - 1),
        (period_doubling.double_well_doublings, 1.3022834627),
    ],
)
def test_doublings_accumulate_by_feigenbaums_ratio(doublings, limit) -> None:
    known = doublings(11)
    steps = np.diff(known)
    ratio = period_doubling.FEIGENBAUM_DELTA
    assert (steps[:-1] / steps[1:])[5] == pytest.approx(ratio, abs=1e-4)
    assert known[-1] + steps[-1] / (ratio - 1) == pytest.approx(limit, abs=5e-11)


def test_the_cubic_well_is_the_logistic_map() -> None:
    x, rate = np.linspace(-0.4, 0.9, 9), 2.7
    before = period_doubling.logistic_state(x, rate)
    after = period_doubling.logistic_state(cubic_well(x, rate), rate)
    np.testing.assert_allclose(after, (1 + rate) * before * (1 - before), rtol=1e-13)


@given(rate=st.floats(1.0, 2.0))
def test_the_two_cycle_of_the_double_well_closes_and_has_its_multiplier(rate) -> None:
    x, y = period_doubling.double_well_two_cycle(rate)
    assert double_well(x, rate) == pytest.approx(y, abs=1e-13)
    assert double_well(y, rate) == pytest.approx(x, abs=1e-13)
    product = slope(double_well, x, rate) * slope(double_well, y, rate)
    found = period_doubling.double_well_two_cycle_multiplier(rate)
    assert found == pytest.approx(product, abs=1e-12)


@pytest.mark.parametrize(
    ("exponent", "well", "tried"),
    [
        (period_doubling.double_well_exponent, double_well, [0.8, 0.9, 1.1, 1.2]),
        (period_doubling.cubic_well_exponent, cubic_well, [0.7, 1.4, 2.2, 2.4]),
    ],
)
def test_exponents_on_cycles_against_the_orbit(exponent, well, tried) -> None:
    for rate in tried:
        x, total = 0.6, 0.0
        for step in range(3000):
            total += math.log(abs(slope(well, x, rate))) if step >= 1000 else 0.0
            x = well(x, rate)
        assert exponent(rate) == pytest.approx(total / 2000, abs=1e-9)


def test_exponents_in_print() -> None:
    found = period_doubling.double_well_exponent([0.5, 0.9, 1.1, 1.2, 1.4, 2.0])
    assert found[:4].tolist() == [
        -math.inf, printed("-0.223144"), printed("-0.857399"), printed("-0.192831"),
    ]  # fmt: skip
    assert math.isnan(found[4])
    assert found[5] == printed("1.098612")
    assert period_doubling.cubic_well_exponent(3.0) == printed("0.693147")


def test_at_rate_two_an_angle_is_tripled() -> None:
    angle = np.linspace(0.1, 3.0, 20)
    tripled = double_well(math.sqrt(2) * np.cos(angle), 2.0)
    np.testing.assert_allclose(tripled, -math.sqrt(2) * np.cos(3 * angle), atol=1e-13)


@given(rate=rates)
def test_the_reach_is_thrown_from_side_to_side(rate) -> None:
    reach = period_doubling.double_well_reach(rate)
    assert double_well(reach, rate) == pytest.approx(-reach, rel=1e-12)
    x = 0.999 * reach
    for _ in range(200):
        x = double_well(x, rate)
    assert abs(x) < reach
    assert abs(double_well(1.001 * reach, rate)) > 1.001 * reach


def test_the_wells_merge_where_the_top_comes_back_to_zero() -> None:
    rate = period_doubling.DOUBLE_WELL_MERGER
    top = math.sqrt((1 + rate) / (3 * rate))
    assert double_well(double_well(top, rate), rate) == pytest.approx(0, abs=1e-14)
    assert rate == printed("1.598076")


def test_the_cosine_breaks_its_symmetry_and_leaves_its_well() -> None:
    rate = period_doubling.COSINE_SYMMETRY_BREAKING
    x = math.pi / 2
    assert x - rate * math.sin(x) == pytest.approx(-x)
    assert (1 - rate * math.cos(x)) ** 2 == pytest.approx(1)
    escape = period_doubling.COSINE_ESCAPE
    lowest = math.acos(1 / escape)
    assert lowest - escape * math.sin(lowest) == pytest.approx(-math.pi, abs=1e-14)
    assert escape == printed("4.603339")


@given(w=st.floats(-2, 2), rate=rates, target=st.floats(0.1, 2))
def test_the_residual_of_quadratic_regression(w, rate, target) -> None:
    after = w - rate * w * (w**2 - target)
    found = period_doubling.regression_residual(rate * (w**2 - target), rate * target)
    assert found == pytest.approx(rate * (after**2 - target), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("scaled", "rises"), [(0.82, False), (0.84, True)])
def test_the_loss_can_rise_only_past_the_first_phase(scaled, rises) -> None:
    z = np.linspace(-scaled, 3, 200_001)  # z = rate (w^2 - y) is at least -a
    z = z[np.abs(z) > 1e-3]
    inside = (z + scaled) / scaled < (2 + scaled) / scaled  # bounded starts
    grows = np.abs(period_doubling.regression_residual(z[inside], scaled)) > np.abs(z[inside])
    assert grows.any() == rises


def test_phases() -> None:
    edges = {0.828: "monotone", 0.829: "catapult", 1.0: "catapult", 1.302283: "periodic"}
    edges |= {1.302284: "chaotic", 2.0: "chaotic", 2.001: "divergent"}
    assert {edge: period_doubling.regression_phase(edge) for edge in edges} == edges
    with pytest.raises(ValueError, match="above 0"):
        period_doubling.regression_phase(0.0)


@given(u=places, v=places, rate=rates)
def test_the_imbalance_of_two_factors(u, v, rate) -> None:
    r = u * v - 1
    after = (u - rate * r * v) ** 2 - (v - rate * r * u) ** 2
    found = period_doubling.factorisation_imbalance(u**2 - v**2, rate, r)
    assert found == pytest.approx(after, abs=1e-11)


def test_no_answer_is_not_a_number() -> None:
    assert math.isnan(period_doubling.double_well_reach(2.1))
    assert math.isnan(period_doubling.double_well_two_cycle_multiplier(0.9))
    assert all(math.isnan(one) for one in period_doubling.double_well_two_cycle(0.9))
    with pytest.raises(ValueError, match="1 to 11; got 12"):
        period_doubling.double_well_doublings(12)
