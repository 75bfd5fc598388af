"""Truncation errors: numbers in print, closed forms, and the order 2."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.flow import bet_on_flatness, fitted_order, local_truncation_error, truncation_error
from adaptsim.landscapes import Canyon, Himmelblau, Rastrigin, Rosenbrock
from adaptsim.theory.euler import quadratic_flow

RATES = np.geomspace(1e-10, 1e-1, 37)


def third_derivative(loss, theta) -> float:
    """Return the third derivative of the loss along its own slope, ``D3 L [g, g, g]``."""
    gradient = jax.grad(loss)(theta)
    along = lambda rate: loss(theta - rate * gradient)  # noqa: E731
    return float(-jax.grad(jax.grad(jax.grad(along)))(0.0))


def test_rosenbrock_at_its_start():
    """g'Hg/2 = 40,792,778.4; error/rate^2 is 40,787,150 at 1e-6; the ratio on halving is not 4."""
    rates = [1e-6, 1.25e-4, 6.25e-5]
    bet = truncation_error(Rosenbrock().loss, [-1.2, 1.0], rates)
    assert bet.theory[0] / 1e-12 == pytest.approx(40_792_778.4, abs=0.05)
    assert bet.errors[0] / 1e-12 == pytest.approx(40_787_150, abs=0.5)
    assert bet.errors[1] / bet.errors[2] == pytest.approx(3.965, abs=5e-4)


@pytest.mark.parametrize("landscape", [Rosenbrock(), Himmelblau(), Rastrigin()], ids=str)
def test_forecast_error_is_of_order_two(landscape):
    """The slope misses 2 by no more than the next term of the series can bend the line."""
    bet = truncation_error(landscape.loss, landscape.start(), RATES)
    rates = bet.rates[bet.asymptotic]
    assert len(rates) >= 7
    next_term = abs(third_derivative(landscape.loss, landscape.start())) * rates**3 / 6
    rounding = 1e-3 * (rates[0] / rates) ** 2
    bend = next_term / bet.theory[bet.asymptotic] + rounding
    spread = np.log(rates) - np.log(rates).mean()
    assert abs(bet.order.order - 2) <= 1.1 * bend @ np.abs(spread) / (spread @ spread)
    assert bet.order.standard_error < 1e-3
    assert bet.errors[bet.asymptotic] == pytest.approx(
        bet.theory[bet.asymptotic], rel=1.1 * bend.max()
    )


@pytest.mark.parametrize("landscape", [Rosenbrock(), Canyon(dimension=5, rotated=True)], ids=str)
def test_step_leaves_the_flow_by_order_two(landscape):
    error = local_truncation_error(landscape.loss, landscape.start(), RATES)
    assert error.asymptotic.sum() >= 15
    assert abs(error.order.order - 2) < 1e-3
    assert error.order.standard_error < 1e-4
    kept = error.asymptotic
    assert error.errors[kept] == pytest.approx(error.theory[kept], rel=1e-3)


def test_step_error_on_a_canyon_is_known_at_every_rate():
    """``|(1 - rate H) x - exp(-rate H) x|``, below and above the speed limit 0.02."""
    curvatures, rates = np.array([1.0, 100.0]), np.geomspace(1e-4, 0.1, 9)
    flow = quadratic_flow([1.0, 1.0], hessian=np.diag(curvatures), time=rates)
    exact = np.linalg.norm(1 - rates[:, None] * curvatures - flow, axis=1)
    assert local_truncation_error(Canyon().loss, [1.0, 1.0], rates).errors == pytest.approx(
        exact, rel=1e-9
    )


def test_rounding_and_curvature_are_flagged():
    bet = truncation_error(Rosenbrock().loss, [-1.2, 1.0], RATES)
    kept, low, high = bet.asymptotic, *RATES[bet.asymptotic][[0, -1]]
    assert kept.sum() == ((RATES >= low) & (RATES <= high)).sum()
    hessian_gradient = np.array([[1330.0, 480.0], [480.0, 200.0]]) @ [-215.6, -88.0]
    curvature = np.linalg.norm(hessian_gradient) / np.hypot(215.6, 88.0)
    assert high * curvature <= 1e-3 < np.min(RATES[RATES > high]) * curvature
    far = np.abs(bet.errors / bet.theory - 1)
    assert far[RATES < low].max() > 1e-2 > far[kept].max()
    assert far[RATES > 1e-4].min() > 1e-2


def test_flat_landscape_keeps_its_word():
    """No curvature: the bet is won, there is nothing to fit, and the order says so."""
    bet = truncation_error(lambda theta: theta[0], [1.0, 1.0], [0.25, 0.5, 1.0])
    assert bet.errors.tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(bet.order.order)
    assert not bet.asymptotic.any()


def test_where_there_is_no_slope_there_is_no_order():
    error = local_truncation_error(Canyon().loss, [0.0, 0.0], np.geomspace(1e-4, 0.1, 9))
    assert np.isnan(error.errors).all()
    assert np.isnan(error.order.order)


def test_fitted_order_against_scipy():
    from scipy.stats import linregress

    rng = np.random.default_rng(1)
    rates = np.geomspace(1e-3, 1, 9)
    errors = 3 * rates**1.5 * np.exp(0.1 * rng.standard_normal(9))
    fit, line = fitted_order(rates, errors), linregress(np.log(rates), np.log(errors))
    assert (fit.order, fit.standard_error) == pytest.approx((line.slope, line.stderr))
    assert fitted_order([1.0, 2.0, 3.0], [0.0, np.nan, 1.0]).points == 1


def test_bet_on_flatness_of_a_canyon():
    """Slope (1, 100): gain 10001, bend 1000001; the curved forecast is the truth."""
    bet = bet_on_flatness(Canyon().loss, [1.0, 1.0], [0.01, 0.02], points=11)
    assert bet.best_rate == pytest.approx(10001 / 1000001)
    assert bet.loss == pytest.approx(bet.curved, abs=1e-9)
    assert bet.flat[0] == bet.loss[0] == 50.5
    assert np.diff(bet.flat) == pytest.approx(-10001 * np.diff(bet.rates))
    assert bet.landing_points.tolist() == [[0.99, 0.0], [0.98, -1.0]]
    assert bet.landing_loss == pytest.approx([0.99**2 / 2, (0.98**2 + 100) / 2])
    assert bet.rates[-1] == pytest.approx(0.022)
    (again,) = truncation_error(Canyon().loss, [1.0, 1.0], [bet.rates[-1]]).errors
    assert bet.loss[-1] - bet.flat[-1] == pytest.approx(again)


def test_bet_on_a_hilltop_has_no_best_rate():
    bet = bet_on_flatness(lambda theta: -jnp.sum(theta**2), [1.0], [0.1], reach=1.0)
    assert np.isnan(bet.best_rate)
    assert (bet.loss[1:] < bet.flat[1:]).all()
