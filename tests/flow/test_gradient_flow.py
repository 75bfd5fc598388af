"""The gradient flow: exact solutions, scipy, and counts that can be worked out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from adaptsim.flow import euler, fitted_order, gradient_flow, modified_loss, tight_flow
from adaptsim.landscapes import Canyon, Rosenbrock
from adaptsim.theory.euler import quadratic_flow

CANYON = Canyon(dimension=3, condition_number=10.0, rotated=True)
TIMES = [0.0, 0.5, 1.0]


@pytest.mark.parametrize("solver", ["Heun", "Tsit5", "Kvaerno5"])
def test_flow_of_a_canyon_is_exponential(solver):
    """On a bowl errors only shrink: together no more than the tolerance of each step."""
    tolerance = 1e-6
    flow = gradient_flow(
        CANYON.loss, CANYON.start(), TIMES, solver=solver, rtol=tolerance, atol=tolerance
    )
    exact = quadratic_flow(CANYON.start(), hessian=CANYON.hessian(CANYON.start()), time=TIMES)
    allowed = flow.accepted * tolerance * (1 + np.abs(exact).max())
    assert np.abs(flow.theta - exact).max() <= allowed
    assert flow.succeeded
    assert flow.theta[0] == pytest.approx(np.asarray(CANYON.start()), abs=1e-15)


def test_implicit_euler_follows_too():
    """Its own error estimate is a higher order's, so it is held to the first order's size."""
    flow = gradient_flow(CANYON.loss, CANYON.start(), 1.0, solver="ImplicitEuler", rate=1 / 512)
    hessian = np.asarray(CANYON.hessian(CANYON.start()))
    left = np.linalg.matrix_power(np.linalg.inv(np.eye(3) + hessian / 512), 512)
    assert flow.theta[0] == pytest.approx(left @ np.asarray(CANYON.start()), abs=1e-6)
    assert flow.accepted == 512


@pytest.mark.parametrize(
    ("solver", "stages", "kept"),
    [
        ("Euler", 1, 0),
        ("Tsit5", 7, 1),
    ],
)
def test_evaluations_are_stages_times_steps(solver, stages, kept):
    """Some methods keep the last stage's gradient for the next step's first."""
    flow = gradient_flow(CANYON.loss, CANYON.start(), 1.0, solver=solver, rate=1 / 64)
    assert (flow.accepted, flow.rejected, flow.linear_solves) == (64, 0, 0)
    assert flow.evaluations == (stages - kept) * 64 + kept


def test_rejected_steps_are_paid_for():
    """Heun takes 2 gradients per step, thrown away or not."""
    steep = CANYON.replace(condition_number=1000.0)
    flow = gradient_flow(steep.loss, steep.start(), TIMES, solver="Heun", rtol=1e-3, atol=1e-3)
    assert flow.rejected > 0
    assert flow.evaluations == 2 * (flow.accepted + flow.rejected)


def test_each_newton_iteration_takes_one_gradient_and_one_solve():
    """Implicit Euler: one more gradient a step, for the error; a linear flow needs two solves."""
    flow = gradient_flow(CANYON.loss, CANYON.start(), 1.0, solver="ImplicitEuler", rate=1 / 64)
    assert flow.linear_solves == 2 * 64
    assert flow.evaluations == flow.linear_solves + 64


def test_same_counts_again():
    """The tally of one flow does not run on into the next."""
    first, second = (gradient_flow(CANYON.loss, CANYON.start(), TIMES) for _ in range(2))
    assert first.evaluations == second.evaluations > 0


def test_rosenbrock_against_scipy():
    start = np.array([-1.2, 1.0])

    def slope(_, place):
        x, y = place
        return [400 * x * (y - x**2) + 2 * (1 - x), -200 * (y - x**2)]

    theirs = solve_ivp(slope, (0, 2), start, method="LSODA", rtol=1e-12, atol=1e-13).y[:, -1]
    loss = Rosenbrock().loss
    assert np.asarray(tight_flow(loss, start, 2.0)) == pytest.approx(theirs, abs=1e-9)
    implicit = gradient_flow(loss, start, 2.0, solver="Kvaerno5", rtol=1e-9, atol=1e-9)
    assert implicit.theta[-1] == pytest.approx(theirs, abs=1e-7)
    assert implicit.accepted < 500


def test_too_long_a_step_of_descent_diverges_and_says_so():
    """Twice the speed limit 0.02, long enough to leave the range of numbers."""
    canyon = Canyon()
    flow = gradient_flow(canyon.loss, canyon.start(), 40.0, solver="Euler", rate=0.04)
    assert not flow.succeeded
    assert not np.isfinite(flow.theta).all()


def test_giving_up_is_a_result():
    flow = gradient_flow(CANYON.loss, CANYON.start(), [0.01, 9.0], solver="Heun", most_steps=5)
    assert not flow.succeeded
    assert np.isinf(flow.theta[-1]).all()


def test_a_loss_without_a_slope_is_given_up_at_once():
    """No step is short enough for nan."""
    flow = gradient_flow(lambda theta: jnp.sum(jnp.sqrt(-theta)), [1.0], 1.0, solver="Heun")
    assert not flow.succeeded
    assert flow.accepted + flow.rejected < 50


def test_descent_follows_the_flow_of_the_modified_loss():
    """Away from the flow of the loss by order 1, from that of the modified loss by order 2."""
    loss, start, time = Rosenbrock().loss, jnp.array([0.5, 0.5]), 0.05
    steps = np.array([256, 512, 1024])
    follow = jax.jit(tight_flow)
    ends = np.array([euler(loss, start, time / n, 1024)[n] for n in steps])
    plain = [follow(modified_loss(loss, 0.0), start, time) for n in steps]
    modified = [follow(modified_loss(loss, time / n), start, time) for n in steps]
    orders = [
        fitted_order(time / steps, np.linalg.norm(ends - np.array(flows), axis=1)).order
        for flows in (plain, modified)
    ]
    assert orders == pytest.approx([1, 2], abs=0.05)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"solver": "RK4"}, "solver must be one of Euler, Heun"),
        ({"solver": "Euler"}, "give it a rate"),
        ({"rate": -1.0}, "rate must be positive and finite; got -1"),
        ({"rtol": 0.0}, "rtol and atol must be positive"),
        ({"times": [1.0, 0.5]}, "times must rise"),
        ({"times": -1.0}, "times must rise"),
        ({"times": 0.0}, "times must rise"),
        ({"start": [[1.0]]}, r"start must be one point, shape \(d,\); got shape \(1, 1\)"),
        ({"loss": 3.0}, "loss must be a function of one point"),
    ],
)
def test_wrong_input_is_told(wrong, message):
    given = {"loss": CANYON.loss, "start": CANYON.start(), "times": 1.0, **wrong}
    with pytest.raises(ValueError, match=message):
        gradient_flow(given.pop("loss"), given.pop("start"), given.pop("times"), **given)
