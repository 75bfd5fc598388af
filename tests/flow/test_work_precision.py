"""Work against precision: orders of methods, tolerances that are kept, costs that can be bounded."""

import numpy as np
import pytest

from adaptsim.flow import fitted_order, fixed_steps, work_precision
from adaptsim.landscapes import Canyon, Rosenbrock
from adaptsim.theory.euler import quadratic_flow, real_stability_limit, stable_steps

GENTLE, STEEP = Canyon(condition_number=10.0), Canyon()
EXACT = quadratic_flow([1.0, 1.0], hessian=np.diag([1.0, 10.0]), time=1.0)


@pytest.mark.parametrize(
    ("solver", "order", "rates"),
    [
        ("Euler", 1, [2**-9, 2**-10, 2**-11]),
        ("Heun", 2, [2**-7, 2**-8, 2**-9]),
        ("Tsit5", 5, [2**-4, 2**-5, 2**-6]),
        ("ImplicitEuler", 1, [2**-9, 2**-10, 2**-11]),
        ("Kvaerno3", 3, [2**-6, 2**-7, 2**-8]),
    ],
)
def test_error_at_constant_steps_is_of_the_methods_order(solver, order, rates):
    rows = fixed_steps(
        GENTLE.loss, GENTLE.start(), 1.0, solvers=[solver], rates=rates, reference=EXACT
    )
    fit = fitted_order(rates, [row.error for row in rows])
    assert fit.order == pytest.approx(order, abs=0.15 if order > 3 else 0.1)
    assert [row.accepted for row in rows] == [round(1 / rate) for rate in rates]


def test_without_a_reference_the_tight_flow_is_taken():
    given = fixed_steps(
        GENTLE.loss, GENTLE.start(), 1.0, solvers=["Euler"], rates=[0.1], reference=EXACT
    )
    (own,) = fixed_steps(GENTLE.loss, GENTLE.start(), 1.0, solvers=["Euler"], rates=[0.1])
    assert own.error == pytest.approx(given[0].error, rel=1e-11)
    assert own.error == pytest.approx(np.hypot(0.9**10 - EXACT[0], EXACT[1]), rel=1e-9)


def test_explicit_solvers_pay_for_stability_at_every_tolerance():
    """Canyon (1, 100) for a time of 10; the exact end is known."""
    exact = quadratic_flow([1.0, 1.0], hessian=np.diag([1.0, 100.0]), time=10.0)
    tolerances = [1e-3, 1e-5, 1e-7]
    rows = work_precision(
        STEEP.loss, STEEP.start(), 10.0, solvers=["Heun", "Kvaerno5"], tolerances=tolerances,
        reference=exact,
    )  # fmt: skip
    explicit, implicit = rows[:3], rows[3:]
    bound = stable_steps(10.0, largest_curvature=100.0, limit=real_stability_limit("Heun"))
    assert bound == 500
    assert min(row.accepted for row in explicit) > bound
    assert max(row.accepted for row in implicit) < bound / 5
    assert all(row.linear_solves == 0 for row in explicit)
    assert all(row.linear_solves >= 6 * row.accepted for row in implicit)
    for row in rows:
        assert row.error <= row.accepted * row.tolerance * 2
        assert row.succeeded
    assert np.all(np.diff([row.error for row in implicit]) < 0)
    assert np.all(np.diff([row.evaluations for row in implicit]) > 0)


def test_explicit_solver_keeps_its_tolerance_in_rosenbrocks_valley():
    start = Rosenbrock().start()
    rows = work_precision(
        Rosenbrock().loss, start, 1.0, solvers=["Tsit5"], tolerances=[1e-4, 1e-6, 1e-8]
    )
    for row in rows:
        assert row.error <= row.accepted * row.tolerance * 2
    assert rows[-1].error < 1e-4 * rows[0].error * 10
    assert np.isnan([row.rate for row in rows]).all()


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
