"""Work and precision: what solvers of one gradient flow cost, and how exact they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from adaptsim.flow import checked
from adaptsim.flow.gradient_flow import Flow, Solver, gradient_flow, tight_flow
from adaptsim.flow.loss import Loss, as_argument


class Work(NamedTuple):
    """One solver at one setting: its error and what it cost.

    Attributes
    ----------
    solver : str
        Name of the solver.
    tolerance : float
        Relative and absolute tolerance of its steps; nan where steps are constant.
    rate : float
        Constant step [1 / curvature]; nan where steps adapt.
    error : float
        Euclidean distance from the reference at the last time [trait]; nan where it failed.
    evaluations, linear_solves, accepted, rejected : int
        Costs, as in `Flow`.
    succeeded : bool
        Whether the end was reached.
    """

    solver: str
    tolerance: float
    rate: float
    error: float
    evaluations: int
    linear_solves: int
    accepted: int
    rejected: int
    succeeded: bool


def work_precision(
    loss: Loss,
    start: Any,
    time: float,
    *,
    solvers: Sequence[Solver] = ("Heun", "Tsit5", "Dopri5", "Kvaerno3", "Kvaerno5"),
    tolerances: Sequence[float] = (1e-3, 1e-5, 1e-7, 1e-9),
    reference: Any = None,
    most_steps: int = 1_000_000,
) -> tuple[Work, ...]:
    """Return cost and error of solvers whose steps adapt, one row per solver and tolerance.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    start
        Traits at time 0, shape ``(d,)`` [trait].
    time
        When the error is taken [1 / curvature].
    solvers, tolerances
        What is compared.
    reference
        Exact traits at that time, shape ``(d,)``, where known; else `tight_flow`.
    most_steps
        Where to give up.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> canyon = Canyon(condition_number=10.0)
    >>> rows = work_precision(
    ...     canyon.loss, canyon.start(), 1.0, solvers=["Tsit5"], tolerances=[1e-3, 1e-6]
    ... )
    >>> rows[1].error < rows[0].error < 1e-3, rows[1].evaluations > rows[0].evaluations
    (True, True)

    References
    ----------
    Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, Springer 1993, II.10.
    """
    exact = _reference(loss, start, time, reference)
    rows = []
    for solver in solvers:
        for tolerance in tolerances:
            flow = gradient_flow(
                loss, start, time, solver=solver, rtol=tolerance, atol=tolerance,
                most_steps=most_steps,
            )  # fmt: skip
            rows.append(_row(solver, flow, exact, tolerance=float(tolerance)))
    return tuple(rows)


def fixed_steps(
    loss: Loss,
    start: Any,
    time: float,
    *,
    solvers: Sequence[Solver] = ("Euler", "Heun", "Tsit5"),
    rates: Sequence[float],
    reference: Any = None,
    most_steps: int = 1_000_000,
) -> tuple[Work, ...]:
    """Return cost and error of solvers with constant steps, one row per solver and rate.

    Parameters
    ----------
    loss, start, time, solvers, reference, most_steps
        As in `work_precision`.
    rates
        Constant steps [1 / curvature]; explicit ones above the stability limit diverge.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> canyon = Canyon(condition_number=10.0)
    >>> rows = fixed_steps(
    ...     canyon.loss, canyon.start(), 1.0, solvers=["Euler"], rates=[1 / 64, 1 / 128]
    ... )
    >>> [row.accepted for row in rows], round(rows[0].error / rows[1].error, 1)
    ([64, 128], 2.0)

    References
    ----------
    As `work_precision`.
    """
    exact = _reference(loss, start, time, reference)
    rows = []
    for solver in solvers:
        for rate in rates:
            flow = gradient_flow(
                loss, start, time, solver=solver, rate=rate, rtol=1e-12, atol=1e-12,
                most_steps=most_steps,
            )  # fmt: skip
            rows.append(_row(solver, flow, exact, rate=float(rate)))
    return tuple(rows)


def _reference(loss: Loss, start: Any, time: float, known: Any) -> np.ndarray:
    start = checked.place("start", start)
    if known is None:
        return np.asarray(jax.jit(tight_flow)(as_argument(loss), start, time))
    exact = np.asarray(known, float)
    if exact.shape != start.shape:
        raise ValueError(f"reference must have shape {start.shape}; got {exact.shape}.")
    return exact


def _row(
    solver: str, flow: Flow, exact: np.ndarray, *, tolerance: float = np.nan, rate: float = np.nan
) -> Work:
    error = float(np.linalg.norm(flow.theta[-1] - exact)) if flow.succeeded else np.nan
    return Work(
        solver, tolerance, rate, error, flow.evaluations, flow.linear_solves,
        flow.accepted, flow.rejected, flow.succeeded,
    )  # fmt: skip
