"""The flip certificate, against one dimension, simulated descent, and 2-cycles found by Newton."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.curvature import flip as flip_of
from adaptsim.curvature import two_cycle
from adaptsim.curvature.lanczos import SMALL
from adaptsim.curvature.loss import argument
from adaptsim.landscapes import (
    Booth,
    Cosine,
    CubicWell,
    DoubleWell,
    GoldsteinPrice,
    Himmelblau,
    MatrixFactorisation,
    Rastrigin,
    Rosenbrock,
    ScalarFactorisation,
)
from adaptsim.theory import speed_limits

PAST = 1.01


def polynomial(coefficients: jax.Array, theta: jax.Array) -> jax.Array:
    """Return a_2 x^2/2 + a_3 x^3/6 + a_4 x^4/24."""
    x, (second, third, fourth) = theta[0], coefficients
    return second * x**2 / 2 + third * x**3 / 6 + fourth * x**4 / 24


@settings(max_examples=30, deadline=None)
@given(
    derivatives=st.tuples(st.floats(0.1, 10), st.floats(-10, 10), st.floats(-10, 10)),
)
def test_in_one_dimension_it_is_the_closed_form(derivatives: tuple[float, float, float]) -> None:
    loss = jax.tree_util.Partial(polynomial, jnp.array(derivatives))
    wanted = speed_limits.flip_coefficient(*derivatives)
    assert flip_of(loss, jnp.zeros(1)).coefficient == pytest.approx(wanted, rel=1e-9, abs=1e-9)


QUARTIC = jax.tree_util.Partial(polynomial, jnp.array([1.0, 0.0, 6.0]))


@pytest.mark.parametrize(
    ("loss", "minimum", "coefficient"),
    [
        (DoubleWell().loss, 1.0, 8.0),
        (Cosine().loss, 0.0, 1 / 3),
        (QUARTIC, 0.0, -2.0),
        (CubicWell().loss, 0.0, 4.0),
    ],
    ids=["double well", "cosine", "quartic", "cubic"],
)
def test_coefficients_of_the_known_wells(loss, minimum: float, coefficient: float) -> None:
    found = flip_of(loss, jnp.array([minimum]))
    assert found.coefficient == pytest.approx(coefficient, abs=1e-12)


def descended(
    loss, start: jax.Array, rate: float, steps: int = 40_000
) -> tuple[jax.Array, jax.Array]:
    """Return the last two places of gradient descent."""
    return _descended(argument(loss), start, rate, steps)


@jax.jit
def _descended(loss, start: jax.Array, rate: float, steps: int) -> tuple[jax.Array, jax.Array]:
    def step(_: int, theta: jax.Array) -> jax.Array:
        return theta - rate * jax.grad(loss)(theta)

    theta = jax.lax.fori_loop(0, steps, step, start)
    return theta, step(0, theta)


SUPERCRITICAL = {
    "double well": (DoubleWell(), [1.0]),
    "cosine": (Cosine(), [0.0]),
    "Rosenbrock": (Rosenbrock(), [1.0, 1.0]),
    "balanced factors": (ScalarFactorisation(), [1.0, 1.0]),
    "Himmelblau 1": (Himmelblau(), [3.0, 2.0]),
    "Himmelblau 2": (Himmelblau(), Himmelblau().minima()[1].theta),
    "Himmelblau 3": (Himmelblau(), Himmelblau().minima()[2].theta),
    "Himmelblau 4": (Himmelblau(), Himmelblau().minima()[3].theta),
}


@pytest.mark.parametrize("name", SUPERCRITICAL)
def test_past_the_limit_descent_oscillates_as_predicted(name: str) -> None:
    """Places to order a^3, half-width to order mu = 0.02: descent, Newton and prediction agree."""
    landscape, minimum = SUPERCRITICAL[name]
    found = flip_of(landscape.loss, jnp.asarray(minimum))
    assert found.outcome == "stable oscillation"
    rate = PAST * found.limit
    predicted = found.cycle(rate)
    one, other = descended(landscape.loss, predicted[0] + 1e-5, rate)
    again = float(jnp.linalg.norm(one - other)) / 2
    assert found.amplitude(rate) == pytest.approx(again, rel=0.02)
    nearest = min(float(jnp.linalg.norm(predicted[0] - end)) for end in (one, other))
    assert nearest < 0.05 * again
    exact = two_cycle(landscape.loss, found.centre, found.amplitude(rate) * found.direction, rate)
    assert bool(exact.found)
    assert float(exact.radius) < 1
    assert float(exact.half_width) == pytest.approx(again, rel=1e-6)


@pytest.mark.parametrize("name", ["double well", "Himmelblau 1", "Himmelblau 3"])
def test_predicted_places_are_right_to_the_third_order(name: str) -> None:
    """Ten times nearer to the limit in mu: a is 10^1/2, the error of a place 10^3/2 times less."""
    landscape, minimum = SUPERCRITICAL[name]
    found = flip_of(landscape.loss, jnp.asarray(minimum))
    errors = []
    for excess in (1e-3, 1e-4):
        rate = (1 + excess) * found.limit
        exact = two_cycle(
            landscape.loss, found.centre, found.amplitude(rate) * found.direction, rate
        )
        first = found.cycle(rate)[0]
        ends = (exact.first, exact.second)
        errors.append(min(float(jnp.linalg.norm(first - end)) for end in ends))
    assert math.log10(errors[0] / errors[1]) == pytest.approx(1.5, abs=0.1)


def test_subcritical_minimum_of_goldstein_and_price_throws_out() -> None:
    """Global minimum (0, -1), c < 0: below the limit an unstable 2-cycle; past it nothing near."""
    loss, minimum = GoldsteinPrice().loss, jnp.array([0.0, -1.0])
    found = flip_of(loss, minimum)
    assert found.coefficient < 0
    assert found.outcome == "blow-up"
    for below, precision in (((1 - 1e-6) * found.limit, 0.002), ((1 - 1e-5) * found.limit, 0.02)):
        half = found.amplitude(below)
        cycle = two_cycle(loss, minimum, half * found.direction, below)
        assert bool(cycle.found)
        assert float(cycle.radius) > 1
        assert float(cycle.half_width) == pytest.approx(half, rel=precision)
    inside = descended(loss, minimum + 0.5 * half * found.direction, below, 200_000)[0]
    assert float(jnp.linalg.norm(inside - minimum)) < 0.05 * half
    thrown = descended(loss, minimum + 1e-6 * found.direction, PAST * found.limit)[0]
    assert not float(jnp.linalg.norm(thrown - minimum)) < 0.05


def test_quartic_bowl_closes_its_basin_at_the_unstable_2_cycle() -> None:
    found, rate = flip_of(QUARTIC, jnp.zeros(1)), 1.99
    exact = math.sqrt((2 - rate) / rate)
    cycle = two_cycle(QUARTIC, jnp.zeros(1), found.amplitude(rate) * found.direction, rate)
    assert float(cycle.half_width) == pytest.approx(exact, rel=1e-12)
    assert found.amplitude(rate) == pytest.approx(exact, rel=0.005)
    assert math.isnan(found.amplitude(2.01))
    assert abs(float(descended(QUARTIC, jnp.array([0.99 * exact]), rate)[0][0])) < 1e-9
    assert math.isnan(float(descended(QUARTIC, jnp.array([1.01 * exact]), rate)[0][0]))


def coupled(strength: jax.Array, theta: jax.Array) -> jax.Array:
    """Return x^2/2 + x^4/4 + strength x^2 y + y^2/4: c = 8 strength^2 - 2."""
    x, y = theta
    return x**2 / 2 + x**4 / 4 + strength * x**2 * y + y**2 / 4


@pytest.mark.parametrize("strength", [0.3, 0.7])
def test_a_second_direction_turns_the_sign(strength: float) -> None:
    """The quartic bowl is subcritical; a soft neighbour that gives way makes it supercritical."""
    loss = jax.tree_util.Partial(coupled, jnp.asarray(strength))
    found = flip_of(loss, jnp.zeros(2))
    assert found.coefficient == pytest.approx(8 * strength**2 - 2, abs=1e-12)
    rate = PAST * found.limit
    end = descended(loss, jnp.array([1e-3, 0.0]), rate)[0]
    if found.coefficient < 0:
        assert not float(jnp.linalg.norm(end)) < 1
    else:
        assert abs(float(end[0])) == pytest.approx(found.amplitude(rate), rel=0.05)


def test_in_a_valley_it_drifts_to_where_the_limit_is_the_rate() -> None:
    loss, minimum = ScalarFactorisation().loss, jnp.array([2.0, 0.5])
    found = flip_of(loss, minimum)
    assert found.coefficient == math.inf
    assert found.outcome == "drift to a flatter minimum"
    rate = PAST * found.limit
    end = descended(loss, minimum + 1e-4 * found.direction, rate)[0]
    assert float(end[0] * end[1]) == pytest.approx(1, abs=1e-9)
    assert rate < 2 / float(jnp.sum(end**2)) < 1.05 * rate


@pytest.mark.slow
def test_balanced_matrix_factors_are_flattest_and_oscillate() -> None:
    landscape = MatrixFactorisation(rows=3, columns=2, rank=1)
    found = flip_of(landscape.loss, landscape.minima()[0].theta)
    assert found.coefficient == pytest.approx(4, abs=1e-9)


def padded(theta: jax.Array) -> jax.Array:
    """Return Himmelblau's function of two coordinates and soft, coupled bowls of all others."""
    rest = theta[2:]
    return Himmelblau().loss(theta[:2]) + jnp.sum((1 + jnp.arange(rest.size) % 7) * rest**2) / 2


def test_above_the_small_dimensions_conjugate_gradients_give_the_same() -> None:
    small = flip_of(Himmelblau().loss, jnp.array([3.0, 2.0]))
    theta = jnp.zeros(SMALL + 2).at[:2].set(jnp.array([3.0, 2.0]))
    large = flip_of(padded, theta)
    assert large.coefficient == pytest.approx(small.coefficient, rel=1e-6)
    assert np.allclose(large.bend[:2], small.bend, rtol=1e-6)


def test_equal_curvatures_and_quadratics_are_told() -> None:
    assert not flip_of(Rastrigin().loss, jnp.zeros(2)).alone
    booth = flip_of(Booth().loss, jnp.array([1.0, 3.0]))
    assert booth.alone
    assert booth.coefficient == 0
    assert booth.outcome == "undecided"


def test_no_derivatives_no_certificate() -> None:
    found = flip_of(lambda theta: jnp.sqrt(theta[0]), -jnp.ones(1))
    assert math.isnan(found.coefficient)
    assert found.outcome == "undecided"
    top = flip_of(DoubleWell().loss, jnp.zeros(1))
    assert math.isnan(top.coefficient)


def test_2_cycle_in_closed_form_and_its_multiplier() -> None:
    """Double well: (x - y)^2 = 1 - 1/rate, multiplier 9 - 2 (1 + rate)^2."""
    for rate in (1.05, 1.1, 1.2):
        half = flip_of(DoubleWell().loss, jnp.ones(1)).amplitude(rate)
        cycle = two_cycle(DoubleWell().loss, jnp.ones(1), half * jnp.ones(1), rate)
        assert float(2 * cycle.half_width) == pytest.approx(math.sqrt(1 - 1 / rate), rel=1e-12)
        assert float(cycle.radius) == pytest.approx(abs(9 - 2 * (1 + rate) ** 2), abs=1e-10)


def test_an_unstable_2_cycle_is_found_that_no_simulation_shows() -> None:
    cycle = two_cycle(DoubleWell().loss, jnp.ones(1), 0.25 * jnp.ones(1), 1.28)
    assert bool(cycle.found)
    assert float(cycle.radius) > 1


def test_where_there_is_no_2_cycle_none_is_found() -> None:
    cycle = two_cycle(DoubleWell().loss, jnp.ones(1), 0.01 * jnp.ones(1), 0.9)
    assert not bool(cycle.found)
    assert math.isnan(float(cycle.radius))
