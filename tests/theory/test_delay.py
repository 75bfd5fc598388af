"""Closed forms of tracking from old readings."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptsim.theory import delay

from .checks import Array, largest_root, printed

delays = st.integers(0, 30)


def polynomial(g: float, age: int) -> Array:
    """Return the coefficients of ``z**(d+1) - z**d + g``."""
    coefficients = np.zeros(age + 2)
    coefficients[0] = 1
    coefficients[1] -= 1
    coefficients[-1] += g
    return coefficients


def iterate(g: float, age: int, n_steps: int) -> Array:
    """Iterate ``x[t+1] = x[t] - g x[t-d]`` from 1."""
    x = np.ones(age + 1 + n_steps)
    for t in range(age, age + n_steps):
        x[t + 1] = x[t] - g * x[t - age]
    return x


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, "2"),
        (1, "1"),
        (2, "0.618034"),
        (3, "0.445042"),
        (5, "0.284630"),
        (10, "0.149460"),
        (24, "0.064103"),
    ],
)
def test_speed_limit_numbers(age: int, expected: str) -> None:
    """Limits come to the numbers of the science sheet, to 6 digits."""
    assert delay.speed_limit(age) == pytest.approx(float(expected), abs=5.000001e-7)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, "1.000000"),
        (1, "0.250000"),
        (2, "0.148148"),
        (3, "0.105469"),
        (5, "0.066980"),
        (10, "0.035049"),
    ],
)
def test_non_oscillatory_numbers(age: int, expected: str) -> None:
    """Limits of smooth approach come to the numbers of the science sheet."""
    assert delay.non_oscillatory_limit(age) == printed(expected)


@given(age=delays)
def test_speed_limit_by_polynomial_roots(age: int) -> None:
    """The spectral radius crosses 1 at the limit, with the stated period."""
    limit = float(delay.speed_limit(age))
    assert largest_root(polynomial(0.999 * limit, age)) < 1
    assert largest_root(polynomial(1.001 * limit, age)) > 1
    roots = np.roots(polynomial(limit, age))
    leading = roots[np.abs(roots).argmax()]
    assert abs(leading) == pytest.approx(1, abs=1e-9)
    period = 2 * math.pi / abs(np.angle(leading))
    assert period == pytest.approx(delay.boundary_period(age), rel=1e-6)


@given(age=st.integers(1, 20))
def test_non_oscillatory_limit_by_polynomial_roots(age: int) -> None:
    """The leading root is real just below the limit and complex just above."""
    limit = float(delay.non_oscillatory_limit(age))
    for factor, is_real in ((0.999, True), (1.001, False)):
        roots = np.roots(polynomial(factor * limit, age))
        leading = roots[np.abs(roots).argmax()]
        assert bool(abs(leading.imag) < 1e-9) is is_real
        assert abs(leading) == pytest.approx(delay.slowest_root(age), abs=0.05)
    slowest = delay.slowest_root(age)
    assert np.polyval(polynomial(limit, age), slowest) == pytest.approx(0, abs=1e-12)
    slope = np.polyder(polynomial(limit, age))
    assert np.polyval(slope, slowest) == pytest.approx(0, abs=1e-12)


@given(age=st.integers(0, 8), fraction=st.floats(0.2, 1.1))
def test_spectral_radius_by_iteration(age: int, fraction: float) -> None:
    """Long iterations grow or shrink by the spectral radius per step."""
    g = fraction * float(delay.speed_limit(age))
    radius = delay.spectral_radius(g, delay=age)
    assert radius == pytest.approx(largest_root(polynomial(g, age)), abs=1e-12)
    if abs(fraction - 1) > 0.02 and radius > 0.4:
        x = np.abs(iterate(g, age, 700))
        growth = math.log(x[-300:].max() / x[-600:-300].max()) / 300
        assert growth == pytest.approx(math.log(radius), abs=0.02)


def test_smooth_and_ringing_iterations() -> None:
    """At the smooth limit nothing crosses zero; at four times the limit it does."""
    for age in (1, 2, 5):
        limit = float(delay.non_oscillatory_limit(age))
        assert iterate(limit, age, 300).min() > 0
        assert iterate(4 * limit, age, 300).min() < 0


@given(g=st.floats(0.01, 1.99))
def test_critical_delay_inverts_the_speed_limit(g: float) -> None:
    """The limit at the critical delay is the gain itself."""
    assert delay.speed_limit(delay.critical_delay(g)) == pytest.approx(g, rel=1e-9)
    bearable = math.ceil(float(delay.critical_delay(g))) - 1
    assert bearable < 0 or delay.spectral_radius(g, delay=bearable) < 1
    assert delay.spectral_radius(g, delay=bearable + 1) >= 1 - 1e-9


def test_impossible_arguments() -> None:
    """Negative delays and gains that are never stable give nan."""
    assert np.isnan(delay.speed_limit(-1))
    assert np.isnan(delay.non_oscillatory_limit(-1))
    assert np.isnan(delay.boundary_period(-1))
    assert np.all(np.isnan(np.asarray(delay.critical_delay(np.array([0.0, -1.0, 2.1])))))
