"""Stiffness: walked steps against the formula; explicit steps pay for it, implicit ones do not."""

import numpy as np
import pytest

from adaptsim.flow import (
    crossings,
    descents,
    real_stability_limit,
    stiffness_ratio,
    work_precision,
)
from adaptsim.landscapes import Canyon, Rosenbrock, StrictSaddle
from adaptsim.theory.euler import quadratic_flow, stable_steps


def test_descent_walks_as_many_steps_as_the_formula_says():
    """691 steps per 1e-6 at condition number 100."""
    numbers = [1.5, 2.0, 10.0, 100.0, 1000.0, 10_000.0]
    walked = descents(numbers)
    assert (walked.steps == walked.theory).all()
    assert walked.steps[3] == 691
    assert walked.rate[3] == pytest.approx(2 / 101)
    slope = np.polyfit(np.log(numbers[3:]), np.log(walked.steps[3:]), 1)[0]
    assert slope == pytest.approx(1, abs=1e-3)


def test_other_factors_and_giving_up():
    walked = descents([10.0, 1000.0], factor=1e-3, most_steps=100)
    assert walked.steps[0] == walked.theory[0] == 35
    assert np.isnan(walked.steps[1])
    assert walked.theory[1] > 100


NUMBERS = (100.0, 1_000.0, 4_000.0)


def test_explicit_steps_are_bounded_by_stability():
    """Steps adapt to just what is stable: as many as curvature times time over 3.507, +- 2 %."""
    crossing = crossings("Tsit5", NUMBERS)
    assert crossing.stable_steps == pytest.approx(np.ceil(np.multiply(NUMBERS, 10) / 3.506847))
    assert crossing.accepted / crossing.stable_steps == pytest.approx(1, abs=0.02)
    slope = np.polyfit(np.log(NUMBERS), np.log(crossing.accepted), 1)[0]
    assert slope == pytest.approx(1, abs=0.01)
    assert (crossing.evaluations >= 6 * (crossing.accepted + crossing.rejected)).all()


def test_implicit_steps_are_not():
    """Forty times the stiffness costs a few more steps, for the start alone."""
    crossing = crossings("Kvaerno5", NUMBERS)
    assert (crossing.stable_steps == 1).all()
    assert crossing.accepted.max() < 30
    assert crossing.accepted[-1] - crossing.accepted[0] < 10


def test_explicit_solvers_pay_for_stability_at_every_tolerance():
    """Canyon (1, 100) for a time of 10, whose end is known."""
    canyon, tolerances = Canyon(), [1e-3, 1e-5, 1e-7]
    exact = quadratic_flow([1.0, 1.0], hessian=np.diag([1.0, 100.0]), time=10.0)
    rows = work_precision(
        canyon.loss, canyon.start(), 10.0, solvers=["Tsit5", "Kvaerno5"], tolerances=tolerances,
        reference=exact,
    )  # fmt: skip
    explicit, implicit = rows[:3], rows[3:]
    bound = stable_steps(10.0, largest_curvature=100.0, limit=real_stability_limit("Tsit5"))
    assert bound == 286
    assert min(row.accepted for row in explicit) >= bound
    assert max(row.accepted for row in implicit) < bound / 5
    assert all(row.linear_solves == 0 for row in explicit)
    assert all(row.linear_solves >= 6 * row.accepted for row in implicit)
    assert all(row.error <= row.accepted * row.tolerance * 2 for row in rows)
    assert np.all(np.diff([row.error for row in implicit]) < 0)
    assert np.all(np.diff([row.evaluations for row in implicit]) > 0)


@pytest.mark.parametrize(
    ("loss", "theta", "ratio"),
    [
        (Rosenbrock().loss, [1.0, 1.0], 2508.01),
        (Canyon(dimension=4, condition_number=37.0, rotated=True).loss, [1.0] * 4, 37.0),
        (StrictSaddle().loss, [0.0, 0.0], np.nan),
        (lambda theta: theta[0] ** 2, [1.0, 1.0], np.inf),
    ],
)
def test_stiffness_ratio(loss, theta, ratio):
    assert stiffness_ratio(loss, theta) == pytest.approx(ratio, abs=0.005, nan_ok=True)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: descents([0.5]), "condition_numbers must be at least 1; got 0.5"),
        (lambda: descents([-1.0]), "condition_numbers must be positive"),
        (lambda: descents([10.0], factor=1.0), "factor must be between 0 and 1; got 1.0"),
        (lambda: crossings("Euler", [10.0]), "give it a rate"),
    ],
)
def test_wrong_input_is_told(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()
