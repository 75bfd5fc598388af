"""Closed forms of speed limits, against the roots of each rule's own recursion."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptsim.theory import speed_limits

from .checks import Array

curvatures = st.floats(0.01, 100)
momenta = st.floats(0, 0.99)


def heavy_ball_step(x: float, v: float, a: float, b: float) -> tuple[float, float]:
    v = b * v + a * x
    return x - v, v


def nesterov_step(x: float, v: float, a: float, b: float) -> tuple[float, float]:
    v = b * v + a * x
    return x - (a * x + b * v), v


def averaged_step(x: float, v: float, a: float, b: float) -> tuple[float, float]:
    v = b * v + (1 - b) * a * x
    return x - v, v


def plain_step(x: float, v: float, a: float, b: float) -> tuple[float, float]:
    return x - a * x, 0.0


def multipliers(step: Callable[..., tuple[float, float]], a: float, b: float) -> Array:
    """Return the eigenvalues of a linear step of traits and velocity."""
    return np.linalg.eigvals(np.array([step(1.0, 0.0, a, b), step(0.0, 1.0, a, b)]).T)


LIMITS: list[tuple[Callable[..., tuple[float, float]], Callable[..., float]]] = [
    (plain_step, lambda curvature, _: speed_limits.gradient_descent(curvature)),
    (heavy_ball_step, speed_limits.heavy_ball),
    (nesterov_step, speed_limits.nesterov),
    (averaged_step, speed_limits.averaged_momentum),
]


@pytest.mark.parametrize(("step", "limit"), LIMITS)
@given(curvature=curvatures, momentum=momenta)
def test_a_multiplier_is_minus_one_at_the_limit(step, limit, curvature, momentum) -> None:
    """At the limit the loop has the multiplier -1; on either side the radius is below, above 1."""
    edge = limit(curvature, momentum) * curvature
    at = multipliers(step, edge, momentum)
    assert np.abs(at + 1).min() < 1e-7
    assert np.abs(multipliers(step, 0.999 * edge, momentum)).max() < 1
    assert np.abs(multipliers(step, 1.001 * edge, momentum)).max() > 1


@given(momentum=st.floats(-0.33, -0.01))
def test_nesterov_flips_first_down_to_minus_a_third(momentum: float) -> None:
    edge = speed_limits.nesterov(1.0, momentum)
    assert np.abs(multipliers(nesterov_step, 0.9999 * edge, momentum)).max() < 1
    assert np.abs(multipliers(nesterov_step, edge, momentum) + 1).min() < 1e-7


@given(momentum=st.floats(-0.49, -0.34))
def test_below_minus_a_third_nesterov_is_unstable_before_it_flips(momentum: float) -> None:
    flip = (2 + 2 * momentum) / (1 + 2 * momentum)
    assert math.isnan(speed_limits.nesterov(1.0, momentum))
    assert np.abs(multipliers(nesterov_step, 0.999 * flip, momentum)).max() > 1


@given(smallest=st.floats(0.01, 1), ratio=st.floats(1.1, 1e4))
def test_best_rate_gives_its_contraction_and_neighbours_are_worse(smallest, ratio) -> None:
    ends = np.array([smallest, smallest * ratio])
    rate = speed_limits.best_rate(*ends)

    def worst(rate: float) -> float:
        return float(np.abs(1 - rate * ends).max())

    assert worst(rate) == pytest.approx(speed_limits.best_contraction(*ends), abs=1e-12)
    assert worst(0.99 * rate) > worst(rate) < worst(1.01 * rate)


@given(smallest=st.floats(0.1, 1), ratio=st.floats(2, 1e3))
def test_polyak_gives_all_multipliers_the_root_of_the_momentum(smallest, ratio) -> None:
    ends = (smallest, smallest * ratio)
    rate, momentum = speed_limits.polyak_rate(*ends), speed_limits.polyak_momentum(*ends)
    inside = np.geomspace(*ends, 7)

    def radius(rate: float, momentum: float) -> float:
        loops = [multipliers(heavy_ball_step, rate * one, momentum) for one in inside]
        return float(np.abs(loops).max())

    best = math.sqrt(momentum)
    assert radius(rate, momentum) == pytest.approx(best, abs=1e-6)
    for other in ((0.98 * rate, momentum), (1.02 * rate, momentum), (rate, 0.98 * momentum)):
        assert radius(*other) > best + 1e-6


@pytest.mark.parametrize(
    ("derivatives", "expected"),
    [((2, 6, 6), 8), ((1, 0, -1), 1 / 3), ((1, 0, 6), -2), ((1, -2, 0), 4)],
)
def test_flip_coefficients_of_known_wells(derivatives, expected) -> None:
    """Double well, 1 - cos, quartic bowl, and the logistic map of x^2/2 - x^3/3 (c = f'''^2)."""
    assert speed_limits.flip_coefficient(*derivatives) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("excess", [1e-1, 1e-2, 1e-3])
def test_amplitude_against_exact_2_cycles(excess: float) -> None:
    """Double well: half-width sqrt(1 - 1/rate) / 2; quartic bowl: x^2 = (2 - rate) / rate below 2.

    For the double well add and subtract ``y = (1 + r) x - r x^3`` and its mirror image:
    ``x^2 + x y + y^2 = (2 + r) / r`` and ``x^2 - x y + y^2 = 1``, so ``(x - y)^2 = 1 - 1/r``.
    """
    rate = 1 + excess
    predicted = speed_limits.flip_amplitude(rate, 2.0, 8.0)
    assert predicted == pytest.approx(math.sqrt(1 - 1 / rate) / 2, rel=excess)
    below = 2 - excess
    predicted = speed_limits.flip_amplitude(below, 1.0, -2.0)
    assert predicted == pytest.approx(math.sqrt((2 - below) / below), rel=excess)


def test_escape_from_a_saddle_step_by_step() -> None:
    rate, curvature, nudge, reach = 0.1, -1.0, 1e-6, 1.0
    steps, x = 0, nudge
    while x < reach:
        x, steps = x - rate * curvature * x, steps + 1
    assert steps == math.ceil(speed_limits.escape_steps(rate, curvature, nudge, reach))


def test_no_answer_is_not_a_number() -> None:
    assert math.isnan(speed_limits.gradient_descent(-1.0))
    assert math.isnan(speed_limits.heavy_ball(1.0, 1.5))
    assert math.isnan(speed_limits.nesterov(1.0, 1.5))
    assert math.isnan(speed_limits.best_rate(-1.0, 2.0))
    assert math.isnan(speed_limits.flip_coefficient(0.0, 1.0, 1.0))
    assert math.isnan(speed_limits.flip_amplitude(0.9, 2.0, 8.0))
    assert math.isnan(speed_limits.escape_steps(0.1, 1.0, 1e-3, 1.0))


def test_arrays_in_arrays_out() -> None:
    limits = speed_limits.heavy_ball(np.array([1.0, 2.0]), np.array([0.0, 0.5]))
    assert np.allclose(limits, [2.0, 1.5], rtol=1e-15)
