"""Euler's method: errors, steps and stability against iteration, scipy and numbers in print."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from adaptsim.theory import euler, speed_limits
from tests.theory.checks import printed

ONE_STEP = ("Euler", "Heun", "RK4", "ImplicitEuler", "Trapezoidal")
PLACES = np.array([-0.5, -1.9, -2.7, -10.0, 0.5, 1j, -0.3 + 0.7j, -2 - 1j])


def bowl(seed: int, dimension: int = 4):
    """Return a random Hessian, positive definite, and a random point."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((dimension, dimension))
    return root @ root.T + 0.1 * np.eye(dimension), rng.standard_normal(dimension)


@pytest.mark.parametrize("seed", range(3))
def test_forecast_error_is_exact_on_quadratics(seed):
    hessian, theta = bowl(seed)
    gradient = hessian @ theta

    def loss(x):
        return x @ hessian @ x / 2

    rates = np.array([1e-3, 0.1, 2.0])
    true = [loss(theta - rate * gradient) for rate in rates]
    forecast = loss(theta) - rates * (gradient @ gradient)
    error = euler.forecast_error(rates, gradient=gradient, hessian_gradient=hessian @ gradient)
    assert true - forecast == pytest.approx(error, rel=1e-9)


def test_forecast_error_at_rosenbrocks_start():
    """Slope and Hessian at (-1.2, 1) by hand."""
    x, y = -1.2, 1.0
    gradient = np.array([-400 * x * (y - x**2) - 2 * (1 - x), 200 * (y - x**2)])
    hessian = np.array([[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200.0]])
    assert gradient == pytest.approx([-215.6, -88.0], rel=1e-12)
    error = euler.forecast_error(1.0, gradient=gradient, hessian_gradient=hessian @ gradient)
    assert float(error) == printed("40792778.4")


@pytest.mark.parametrize("seed", range(3))
def test_local_truncation_error_against_the_exact_flow(seed):
    """The next term of the series, ``rate**3 |H H g| / 6``, bounds the difference."""
    hessian, theta = bowl(seed)
    gradient = hessian @ theta
    for rate in np.array([1e-3, 1e-2]) / np.linalg.norm(hessian, 2):
        landed = theta - rate * gradient
        true = np.linalg.norm(landed - scipy.linalg.expm(-hessian * rate) @ theta)
        error = euler.local_truncation_error(rate, hessian_gradient=hessian @ gradient)
        rounding = 8 * np.finfo(float).eps * np.linalg.norm(theta)
        assert abs(true - error) <= rate**3 * np.linalg.norm(hessian @ hessian @ gradient) / 6 + (
            rounding
        )


@pytest.mark.parametrize("seed", range(3))
def test_quadratic_flow_against_scipy(seed):
    hessian, start = bowl(seed)
    times = np.array([0.0, 0.3, 2.0])
    expected = [scipy.linalg.expm(-hessian * time) @ start for time in times]
    assert euler.quadratic_flow(start, hessian=hessian, time=times) == pytest.approx(
        np.array(expected), rel=1e-10, abs=1e-14
    )
    assert euler.quadratic_flow(start, hessian=hessian, time=0.3) == pytest.approx(
        expected[1], rel=1e-10
    )


@given(st.floats(0.01, 10.0), st.floats(1.0, 1e4))
def test_best_rate_is_the_best(least, ratio):
    """No other rate shrinks the worse of the two ends more."""
    largest = least * ratio

    def left(rate):
        return max(abs(1 - rate * least), abs(1 - rate * largest))

    best = speed_limits.best_rate(least, largest)
    assert left(best) == pytest.approx(speed_limits.best_contraction(least, largest), abs=1e-9)
    found = minimize_scalar(left, bounds=(0, 2 / largest), method="bounded")
    assert left(best) <= found.fun + 1e-12


def test_canyon_of_the_seed():
    """Curvatures 1 and 100: rate 2/101, factor 99/101, 691 steps per 1e-6."""
    assert speed_limits.best_rate(1.0, 100.0) == printed("0.0198020")
    assert speed_limits.best_contraction(1.0, 100.0) == pytest.approx(99 / 101)
    assert euler.steps_to_shrink(100.0, 1e-6) == 691


@pytest.mark.parametrize("condition_number", [1.0, 1.5, 10.0, 333.0])
@pytest.mark.parametrize("factor", [0.5, 1e-6])
def test_steps_to_shrink_by_multiplying(condition_number, factor):
    left, steps = 1.0, 0
    while left > factor:
        left, steps = left * (condition_number - 1) / (condition_number + 1), steps + 1
    assert euler.steps_to_shrink(condition_number, factor) == steps


def test_steps_grow_as_stiffness_does():
    """``k / 2 ln(1 / factor)``; the next term of the series is smaller by ``1 / (3 k**2)``."""
    numbers = np.array([1e3, 1e4, 1e5])
    steps = euler.steps_to_shrink(numbers, 1e-6)
    assert np.abs(steps - numbers / 2 * np.log(1e6)).max() <= 1


@pytest.mark.parametrize("method", ONE_STEP[:3])
@pytest.mark.parametrize("time", [0.37, 10.0])
def test_stable_steps_are_the_fewest(method, time):
    limit = euler.real_stability_limit(method)
    steps = euler.stable_steps(time, largest_curvature=100.0, limit=limit)
    assert euler.amplification(method, -100 * time / steps) <= 1 + 1e-12
    assert euler.amplification(method, -100 * time / (steps - 1)) > 1


def test_implicit_methods_need_no_more_than_one_step():
    assert euler.stable_steps(10.0, largest_curvature=1e9, limit=np.inf) == 1


def slopes_and_sums(method: str, z: complex) -> complex:
    """Take one step of a method as textbooks write it, on ``dy/dt = z y`` from 1 with step 1."""
    slope = z
    match method:
        case "Euler":
            return 1 + slope
        case "Heun":
            return 1 + (slope + z * (1 + slope)) / 2
        case "RK4":
            second = z * (1 + slope / 2)
            third = z * (1 + second / 2)
            return 1 + (slope + 2 * second + 2 * third + z * (1 + third)) / 6
        case "ImplicitEuler":
            turn = np.array([[z.real, -z.imag], [z.imag, z.real]])
            return complex(*np.linalg.solve(np.eye(2) - turn, [1.0, 0.0]))
    turn = np.array([[z.real, -z.imag], [z.imag, z.real]]) / 2
    return complex(*np.linalg.solve(np.eye(2) - turn, (np.eye(2) + turn) @ [1.0, 0.0]))


@pytest.mark.parametrize("method", ONE_STEP)
def test_stability_function_against_one_step_as_written(method):
    expected = [slopes_and_sums(method, complex(z)) for z in PLACES]
    assert euler.stability_function(method, PLACES) == pytest.approx(np.array(expected), rel=1e-12)


@pytest.mark.parametrize(("method", "order"), [*zip(ONE_STEP, (1, 2, 4, 1, 2), strict=True)])
def test_stability_function_agrees_with_exp_to_its_order(method, order):
    """``R(z) - exp(z) = C z**(order+1) + ...``: halving z divides it by ``2**(order+1)``."""
    z = 0.02j
    miss = [abs(euler.stability_function(method, part) - np.exp(part)) for part in (z, z / 2)]
    assert np.log2(miss[0] / miss[1]) == pytest.approx(order + 1, abs=0.02)


def matrix_of(method: str, gain: float, momentum: float):
    """Return what a step does to (trait, velocity) on a parabola, from the update itself."""

    def step(trait, velocity):
        ahead = trait - momentum * velocity if method == "Nesterov" else trait
        velocity = momentum * velocity + gain * ahead
        return trait - velocity, velocity

    return np.array([step(1.0, 0.0), step(0.0, 1.0)]).T


@pytest.mark.parametrize("method", ["HeavyBall", "Nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("gain", [0.01, 0.7, 1.3, 3.0])
def test_two_step_roots_are_the_eigenvalues_of_the_update(method, momentum, gain):
    roots = euler.two_step_roots(method, -gain, momentum=momentum)
    eigenvalues = np.linalg.eigvals(matrix_of(method, gain, momentum))
    assert roots.sum() == pytest.approx(eigenvalues.sum(), abs=1e-12)
    assert roots.prod() == pytest.approx(eigenvalues.prod(), abs=1e-12)
    growth = euler.amplification(method, -gain, momentum=momentum)
    assert growth == pytest.approx(np.abs(eigenvalues).max(), abs=1e-7)


@pytest.mark.parametrize("method", ["HeavyBall", "Nesterov"])
def test_without_momentum_it_is_gradient_descent(method):
    expected = euler.amplification("Euler", PLACES)
    assert euler.amplification(method, PLACES, momentum=0.0) == pytest.approx(expected)
    assert euler.real_stability_limit(method, momentum=0.0) == 2


@pytest.mark.parametrize("method", ["Euler", "Heun", "RK4", "HeavyBall", "Nesterov"])
@pytest.mark.parametrize("momentum", [0.3, 0.9])
def test_real_limit_is_where_growth_passes_one(method, momentum):
    def excess(x):
        return euler.amplification(method, -x, momentum=momentum) - 1 - 1e-13

    limit = euler.real_stability_limit(method, momentum=momentum)
    assert brentq(excess, 0.9 * limit, 1.1 * limit, xtol=1e-14) == pytest.approx(limit, rel=1e-6)
    inside = np.linspace(0.01, 0.999, 200) * limit
    assert (euler.amplification(method, -inside, momentum=momentum) < 1).all()


def test_limits_in_print():
    assert euler.real_stability_limit("RK4") == printed("2.785293563405")
    assert euler.real_stability_limit("HeavyBall", momentum=0.9) == pytest.approx(3.8)
    assert euler.real_stability_limit("Nesterov", momentum=0.5) == pytest.approx(1.5)
    assert euler.amplification("RK4", 2j * np.sqrt(2)) == pytest.approx(1)


@given(st.floats(-1e6, 0), st.floats(-1e6, 1e6))
def test_implicit_methods_are_stable_on_the_whole_left_half(real, imaginary):
    for method in ("ImplicitEuler", "Trapezoidal"):
        assert euler.amplification(method, complex(real, imaginary)) <= 1 + 1e-12
        assert euler.real_stability_limit(method) == np.inf


def test_only_implicit_euler_damps_what_is_infinitely_stiff():
    assert euler.amplification("ImplicitEuler", -1e12) < 1e-11
    assert euler.amplification("Trapezoidal", -1e12) == pytest.approx(1)


def test_no_answer_is_nan():
    assert np.isnan(speed_limits.best_rate(2.0, 1.0))
    assert np.isnan(speed_limits.best_rate(-1.0, 1.0))
    assert np.isnan(speed_limits.best_contraction(1.0, 0.5))
    assert np.isnan(euler.steps_to_shrink([0.5, 10.0, 10.0], [0.1, 0.0, 1.0])).all()
    assert np.isnan(euler.real_stability_limit("HeavyBall", momentum=1.0))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: euler.stability_function("HeavyBall", -1.0),
        lambda: euler.two_step_roots("Euler", -1.0),
        lambda: euler.amplification("Leapfrog", -1.0),
        lambda: euler.real_stability_limit("Leapfrog"),
    ],
)
def test_unknown_methods_are_refused(ask):
    with pytest.raises(ValueError, match="method must be one of"):
        ask()
