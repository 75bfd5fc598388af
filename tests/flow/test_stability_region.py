"""Stability: closed forms and tableaus against steps that diffrax really takes."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.flow import (
    METHODS,
    SOLVERS,
    amplification,
    descent,
    measured_growth,
    real_stability_limit,
    stability_region,
    tableau_growth,
)
from adaptsim.landscapes import Bowl
from adaptsim.rules import GradientDescent, Momentum
from adaptsim.theory import euler as theory

REAL = np.array([-0.5, -1.99, -2.01, -3.4, -8.0, 0.3])
COMPLEX = np.array([1j, -0.3 + 0.7j, -2 - 1j, -0.1 + 2.8j])
PLACES = np.concatenate([REAL, COMPLEX])


class RK4(diffrax.AbstractERK):
    """The classical method, which diffrax does not have, as a tableau that diffrax steps."""

    tableau = diffrax.ButcherTableau(
        c=np.array([0.5, 0.5, 1.0]),
        b_sol=np.array([1, 2, 2, 1]) / 6,
        b_error=np.zeros(4),
        a_lower=(np.array([0.5]), np.array([0.0, 0.5]), np.array([0.0, 0.0, 1.0])),
    )
    interpolation_cls = diffrax.ThirdOrderHermitePolynomialInterpolation.from_k

    def order(self, terms):
        return 4


class Trapezoidal(diffrax.AbstractESDIRK):
    """The trapezoidal rule as a tableau that diffrax steps."""

    tableau = diffrax.ButcherTableau(
        c=np.array([1.0]),
        b_sol=np.array([0.5, 0.5]),
        b_error=np.zeros(2),
        a_lower=(np.array([0.5]),),
        a_diagonal=np.array([0.0, 0.5]),
        a_predictor=(np.array([1.0]),),
    )
    interpolation_cls = diffrax.ThirdOrderHermitePolynomialInterpolation.from_k
    root_finder: diffrax.VeryChord = diffrax.VeryChord(rtol=1e-12, atol=1e-12)
    root_find_max_steps: int = 10

    def order(self, terms):
        return 2


def stepped(method, places):
    """Return by what one step of a diffrax method multiplies 1, at each place."""

    @jax.jit
    @jax.vmap
    def step(z):
        turn = jnp.array([[z[0], -z[1]], [z[1], z[0]]])
        term = diffrax.ODETerm(lambda t, y, args: turn @ y)
        return diffrax.diffeqsolve(term, method, 0.0, 1.0, 1.0, jnp.array([1.0, 0.0])).ys[0]

    steps = np.asarray(step(np.stack([places.real, places.imag], axis=1)))
    return steps[:, 0] + 1j * steps[:, 1]


@pytest.mark.parametrize("solver", ["Euler", "Heun", "ImplicitEuler"])
def test_closed_form_is_what_diffrax_does(solver):
    exact = theory.stability_function(solver, PLACES)
    assert measured_growth(solver, PLACES) == pytest.approx(exact, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("solver", ["Tsit5", "Kvaerno3"])
def test_tableau_is_what_diffrax_does(solver):
    size = 1 + np.abs(PLACES).max() ** 7
    exact = tableau_growth(solver, PLACES)
    assert measured_growth(solver, PLACES) == pytest.approx(exact, rel=1e-11, abs=1e-16 * size)


@pytest.mark.parametrize("method", [RK4(), Trapezoidal()], ids=lambda one: type(one).__name__)
def test_closed_forms_of_methods_that_diffrax_lacks(method):
    exact = theory.stability_function(type(method).__name__, PLACES)
    assert stepped(method, PLACES) == pytest.approx(exact, rel=1e-11, abs=1e-12)


def test_heun_by_tableau_is_heun_by_formula():
    exact = theory.stability_function("Heun", PLACES)
    assert tableau_growth("Heun", PLACES) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("solver", ["Heun", "Tsit5", "Dopri5", "Dopri8", "Kvaerno3", "Kvaerno5"])
def test_growth_has_the_series_of_exp_to_the_order_of_the_method(solver):
    """Coefficients by Cauchy's formula on a circle, inside of all poles."""
    order, radius = getattr(diffrax, solver)().order(None), 1.0
    circle = radius * np.exp(2j * np.pi * np.arange(64) / 64)
    coefficients = np.fft.fft(tableau_growth(solver, circle)) / 64
    exact = 1 / np.cumprod([1, *range(1, 15)])
    same = np.abs(coefficients[: order + 2] - exact[: order + 2]) < 1e-12
    assert same.tolist() == [True] * (order + 1) + [False]


@pytest.mark.parametrize("method", METHODS)
def test_limits_are_where_growth_passes_one(method):
    limit = real_stability_limit(method)
    reach = min(limit, 1e5)
    inside = np.linspace(1e-3, 0.9999, 500) * reach
    assert (amplification(method, -inside) < 1).all()
    if np.isfinite(limit):
        assert amplification(method, -1.0001 * limit) > 1


def test_limits_in_print():
    """Hairer and Wanner II, IV.2: about 3.3 for Dormand and Prince of order 5."""
    assert real_stability_limit("RK4") == pytest.approx(2.785293563405282)
    assert real_stability_limit("Dopri5") == pytest.approx(3.3066, abs=5e-5)
    assert real_stability_limit("Kvaerno3") == real_stability_limit("Kvaerno5") == np.inf


@pytest.mark.parametrize(
    ("method", "rule"),
    [
        ("Euler", GradientDescent(learning_rate=1.0)),
        ("HeavyBall", Momentum(learning_rate=1.0, momentum=0.6)),
        ("Nesterov", Momentum(learning_rate=1.0, momentum=0.6, nesterov=True)),
    ],
)
@pytest.mark.parametrize("part", [0.3, 0.98, 1.02])
def test_rules_grow_as_their_method_says(method, rule, part):
    """A real walk on a parabola obeys ``x[n+2] = a x[n+1] + b x[n]``: its roots are compared."""
    gain = part * real_stability_limit(method, momentum=0.6)
    bowl = Bowl(dimension=1, curvature=2.0)
    rule = rule.replace(learning_rate=gain / 2)
    walk = np.asarray(descent(bowl.loss, [1.0], rule, 3))[:, 0]
    recurrence = np.linalg.lstsq([walk[1::-1], walk[2:0:-1]], walk[2:], rcond=1e-9)[0]
    growth = np.abs(np.roots([1, *-recurrence])).max()
    expected = float(amplification(method, -gain, momentum=0.6))
    assert growth == pytest.approx(expected, rel=1e-9)
    assert (growth < 1) == (part < 1)


@pytest.mark.parametrize("method", ["RK4", "Tsit5", "Nesterov"])
def test_region_is_the_grid_it_says(method):
    region = stability_region(method, points=(7, 5))
    place = region.real[3] + 1j * region.imaginary[1]
    assert region.growth.shape == (5, 7)
    assert region.growth[1, 3] == pytest.approx(float(amplification(method, place)))
    assert region.growth == pytest.approx(region.growth[::-1])
    assert region.real_limit == real_stability_limit(method)


def test_wrong_names_are_told():
    with pytest.raises(ValueError, match="method must be one of Euler, Heun, RK4"):
        amplification("Leapfrog", -1.0)
    with pytest.raises(ValueError, match="Runge-Kutta method of diffrax; got 'Euler'"):
        tableau_growth("Euler", -1.0)
    with pytest.raises(ValueError, match="solver must be one of"):
        measured_growth("RK4", -1.0)
    assert set(SOLVERS) < set(METHODS)
