"""Work against precision: errors that are known, tolerances that are kept."""

import numpy as np
import pytest

from adaptsim.flow import amplification, fitted_order, fixed_steps, work_precision
from adaptsim.landscapes import Canyon
from adaptsim.theory.euler import quadratic_flow

GENTLE, STEEP = Canyon(condition_number=10.0), Canyon()
EXACT = quadratic_flow([1.0, 1.0], hessian=np.diag([1.0, 10.0]), time=1.0)


@pytest.mark.parametrize("solver", ["Euler", "Heun", "Tsit5"])
def test_error_at_constant_steps_is_known(solver):
    """After n steps ``R(-rate * curvature)**n`` is left along each axis."""
    steps = np.array([16, 64, 256])
    rows = fixed_steps(
        GENTLE.loss, GENTLE.start(), 1.0, solvers=[solver], rates=1 / steps, reference=EXACT
    )
    growth = amplification(solver, np.multiply.outer(-1 / steps, [1.0, 10.0]))
    expected = np.linalg.norm(growth ** steps[:, None] - EXACT, axis=1)
    assert [row.error for row in rows] == pytest.approx(expected, rel=1e-5, abs=1e-12)
    assert [row.accepted for row in rows] == steps.tolist()


@pytest.mark.parametrize(("solver", "order"), [("Euler", 1), ("Heun", 2)])
def test_error_at_constant_steps_is_of_the_methods_order(solver, order):
    """Halving the step divides the error by ``2**order``, up to a step times curvature of 2 %."""
    rates = [2**-9, 2**-10, 2**-11]
    rows = fixed_steps(
        GENTLE.loss, GENTLE.start(), 1.0, solvers=[solver], rates=rates, reference=EXACT
    )
    assert fitted_order(rates, [row.error for row in rows]).order == pytest.approx(order, abs=0.02)


def test_without_a_reference_the_tight_flow_is_taken():
    given = fixed_steps(
        GENTLE.loss, GENTLE.start(), 1.0, solvers=["Euler"], rates=[0.1], reference=EXACT
    )
    (own,) = fixed_steps(GENTLE.loss, GENTLE.start(), 1.0, solvers=["Euler"], rates=[0.1])
    assert own.error == pytest.approx(given[0].error, rel=1e-11)
    assert own.error == pytest.approx(np.hypot(0.9**10 - EXACT[0], EXACT[1]), rel=1e-9)


def test_constant_steps_beyond_the_limit_fail_and_say_so():
    (stable, unstable) = fixed_steps(
        STEEP.loss, STEEP.start(), 40.0, solvers=["Euler"], rates=[0.019, 0.04]
    )
    assert stable.succeeded
    assert stable.error < 1e-12
    assert not unstable.succeeded
    assert np.isnan(unstable.error)


def test_wrong_reference_is_told():
    with pytest.raises(ValueError, match=r"reference must have shape \(2,\); got \(3,\)"):
        work_precision(STEEP.loss, STEEP.start(), 1.0, reference=[0.0, 0.0, 0.0])
