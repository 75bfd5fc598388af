"""The gradient flow ``d theta/dt = -gradient``: what descent follows as its rate goes to zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.flow import checked
from adaptsim.flow.loss import Loss, as_argument
from adaptsim.part import Array

type Solver = Literal[
    "Euler", "Heun", "Tsit5", "Dopri5", "Dopri8", "Kvaerno3", "Kvaerno5", "ImplicitEuler"
]
"""Solvers, by their names in diffrax; the last three are implicit."""

SOLVERS = ("Euler", "Heun", "Tsit5", "Dopri5", "Dopri8", "Kvaerno3", "Kvaerno5", "ImplicitEuler")

SHORTEST = 1e-14
"""Steps that adapt give up below this part of the whole time: no step is short enough for nan."""

TIGHT = 1e-13
"""Relative tolerance of a flow that stands for the exact one."""


class Flow(NamedTuple):
    """A gradient flow and what it cost.

    Attributes
    ----------
    times : array
        Times, shape ``(n,)`` [1 / curvature].
    theta : array
        Traits at these times, shape ``(n, d)`` [trait]; infinite where the solver did not get.
    accepted, rejected : int
        Steps that were kept, and steps that were thrown away because their error was too large.
    evaluations : int
        Gradients that were taken, those of rejected steps and of Newton's iterations included.
    linear_solves : int
        Iterations of Newton's method in an implicit solver: for each a Hessian was made and a
        system of linear equations solved.
    succeeded : bool
        Whether the end was reached, with all numbers finite.
    """

    times: np.ndarray
    theta: np.ndarray
    accepted: int
    rejected: int
    evaluations: int
    linear_solves: int
    succeeded: bool


def gradient_flow(
    loss: Loss,
    start: Any,
    times: Any,
    *,
    solver: Solver = "Tsit5",
    rate: float | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    most_steps: int = 1_000_000,
) -> Flow:
    """Return the gradient flow of a loss from a start, at given times.

    Gradients and linear solves are counted as they are computed, not by formula.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar. A function is compiled once, and so is the loss
        of a landscape, whatever the landscape's numbers are.
    start
        Traits at time 0, shape ``(d,)`` [trait].
    times
        When the flow is wanted: one time or several, rising, not before 0 [1 / curvature].
    solver
        Name of a diffrax solver. ``"Euler"`` is gradient descent and needs a ``rate``.
    rate
        Constant step [1 / curvature], made smaller where needed to divide the last time evenly;
        times between steps are interpolated. Without it steps adapt to the tolerances and land
        on every time.
    rtol, atol
        Relative and absolute [trait] tolerance: of a step, where steps adapt, and of Newton's
        iterations in an implicit solver.
    most_steps
        Where to give up.

    Raises
    ------
    ValueError
        If an argument is not allowed; says which are.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> canyon = Canyon()
    >>> flow = gradient_flow(canyon.loss, canyon.start(), [0.5, 1.0], solver="Kvaerno5")
    >>> flow.theta[:, 0].round(4).tolist(), flow.succeeded
    ([0.6065, 0.3679], True)

    References
    ----------
    Kidger, On Neural Differential Equations, thesis, Oxford 2021 (diffrax); Tsitouras, Comput.
    Math. Appl. 62 (2011) 770-775; Dormand and Prince, J. Comput. Appl. Math. 6 (1980) 19-26;
    Kvaerno, BIT 44 (2004) 489-502.
    """
    checked.one_of("solver", solver, SOLVERS)
    if solver == "Euler" and rate is None:
        raise ValueError("solver 'Euler' has no error of its own to adapt to: give it a rate.")
    clock, start = checked.clock(times), checked.place("start", start)
    pace = 0.0 if rate is None else float(checked.positive("rate", rate))
    checked.positive("rtol and atol", [rtol, atol])
    solve, tally = _compiled(solver, rate is None, most_steps)
    tally.clear()
    answer = jax.block_until_ready(solve(as_argument(loss), start, clock, pace, rtol, atol))
    jax.effects_barrier()
    theta, accepted, rejected, ended = answer
    return Flow(
        clock,
        np.asarray(theta),
        int(accepted),
        int(rejected),
        tally["gradient"],
        tally["linear solve"],
        bool(ended and jnp.isfinite(theta).all()),
    )


def tight_flow(loss: Loss, start: Array, time: Any, *, most_steps: int = 1_000_000) -> Array:
    """Return the end of a gradient flow to about 13 digits, shape ``(d,)``: the exact one.

    By the explicit method of order 8; may be compiled and mapped.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    start
        Traits at time 0, shape ``(d,)`` [trait].
    time
        How long [1 / curvature].
    most_steps
        Where to give up; the answer is then infinite.

    Examples
    --------
    >>> end = tight_flow(lambda theta: jnp.sum(theta**2) / 2, jnp.ones(2), 1.0)
    >>> bool(abs(end[0] - jnp.exp(-1)) < 1e-14)
    True

    References
    ----------
    Prince and Dormand, J. Comput. Appl. Math. 7 (1981) 67-75.
    """
    import diffrax

    answer = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, theta, args: -jax.grad(loss)(theta)),
        diffrax.Dopri8(),
        t0=0.0,
        t1=time,
        dt0=None,
        y0=start,
        stepsize_controller=diffrax.PIDController(
            rtol=TIGHT, atol=TIGHT / 100, dtmin=SHORTEST * time, force_dtmin=False
        ),
        max_steps=most_steps,
        adjoint=diffrax.ForwardMode(),
        throw=False,
    )
    end: Array = answer.ys[-1]
    return end


@cache
def _compiled(
    solver: Solver, adapts: bool, most_steps: int
) -> tuple[Callable[..., Any], Counter[str]]:
    """Return a compiled solver of flows, and the tally it keeps while it runs."""
    import diffrax

    tally: Counter[str] = Counter()
    slope = _counted_slope(tally)
    term = diffrax.ODETerm(lambda t, theta, loss: -slope(loss, theta))

    def solve(loss: Loss, start: Array, times: Array, rate: Array, rtol: Array, atol: Array) -> Any:
        steady = diffrax.ConstantStepSize()
        shortest = SHORTEST * times[-1]
        adaptive = diffrax.PIDController(rtol=rtol, atol=atol, dtmin=shortest, force_dtmin=False)
        answer = diffrax.diffeqsolve(
            term,
            diffrax_solver(solver, rtol, atol),
            t0=0.0,
            t1=times[-1],
            dt0=None if adapts else rate,
            y0=start,
            args=loss,
            saveat=diffrax.SaveAt(ts=times),
            stepsize_controller=(
                diffrax.ClipStepSizeController(adaptive, step_ts=times) if adapts else steady
            ),
            max_steps=most_steps,
            adjoint=diffrax.ForwardMode(),
            throw=False,
        )
        ended = answer.result == diffrax.RESULTS.successful
        counts = answer.stats
        return answer.ys, counts["num_accepted_steps"], counts["num_rejected_steps"], ended

    return jax.jit(solve), tally


def diffrax_solver(name: str, rtol: Any, atol: Any) -> Any:
    """Return a diffrax solver; an implicit one with Newton's full iteration.

    Diffrax's own choice for Kvaerno's methods makes one Hessian a step. On the curved flow of
    Rosenbrock's valley its iteration then fails so often that it takes ten times the steps.

    Parameters
    ----------
    name
        One of `SOLVERS`.
    rtol, atol
        Tolerances of Newton's iteration.

    Examples
    --------
    >>> type(diffrax_solver("Tsit5", 1e-6, 1e-9)).__name__
    'Tsit5'
    """
    import diffrax
    import optimistix

    kind = getattr(diffrax, name)
    implicit = issubclass(kind, diffrax.AbstractImplicitSolver)
    return kind(root_finder=optimistix.Newton(rtol, atol)) if implicit else kind()


def _counted_slope(tally: Counter[str]) -> Callable[[Loss, Array], Array]:
    """Return the gradient that counts how often it is taken, alone or with the Hessian."""

    @jax.custom_jvp
    def slope(loss: Loss, theta: Array) -> Array:
        jax.debug.callback(lambda: tally.update(["gradient"]))
        return jax.grad(loss)(theta)

    @slope.defjvp
    def curved(at: tuple[Loss, Array], along: tuple[Any, Array]) -> tuple[Array, Array]:
        jax.debug.callback(lambda: tally.update(["gradient", "linear solve"]))
        return jax.jvp(jax.grad(at[0]), at[1:], along[1:])

    return slope
