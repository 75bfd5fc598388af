"""Stiffness: what a steep direction costs on the way along a flat one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.flow import checked
from adaptsim.flow.gradient_flow import Solver, gradient_flow
from adaptsim.flow.loss import Loss
from adaptsim.flow.stability_region import real_stability_limit
from adaptsim.landscapes import Canyon
from adaptsim.part import Array
from adaptsim.theory import euler as theory
from adaptsim.theory import speed_limits


class Descents(NamedTuple):
    """Steps of gradient descent at its best rate, per condition number, arrays of shape ``(n,)``.

    Attributes
    ----------
    condition_number : array
        Largest over least curvature [1].
    rate : array
        The best rate, ``2 / (1 + condition_number)`` [1 / curvature].
    steps : array
        Steps that were walked until the flattest direction had shrunk; nan where given up.
    theory : array
        Steps by `adaptsim.theory.euler.steps_to_shrink`.
    """

    condition_number: np.ndarray
    rate: np.ndarray
    steps: np.ndarray
    theory: np.ndarray


class Crossings(NamedTuple):
    """Steps of an adaptive solver over a canyon, per condition number, arrays of shape ``(n,)``.

    Attributes
    ----------
    condition_number : array
        Largest over least curvature; the least is 1 [1].
    accepted, rejected : array
        Steps that were kept and thrown away.
    evaluations : array
        Gradients that were taken.
    stable_steps : array
        Fewest equal steps that are stable, by `adaptsim.theory.euler.stable_steps`; 1 for a
        solver that is stable at any step. Steps that adapt may be a little fewer (below 1 %), as
        a step somewhat too long is paid for by a shorter one that damps more.
    """

    condition_number: np.ndarray
    accepted: np.ndarray
    rejected: np.ndarray
    evaluations: np.ndarray
    stable_steps: np.ndarray


def stiffness_ratio(loss: Loss, theta: Any) -> float:
    """Return the condition number of the Hessian: largest over least curvature.

    In terms of the flow: the slowest time scale over the fastest.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    theta
        Where, shape ``(d,)`` [trait].

    Returns
    -------
    float
        Ratio [1]; nan unless all curvatures are positive, infinite where the least is 0.

    Examples
    --------
    >>> from adaptsim.landscapes import Rosenbrock
    >>> round(stiffness_ratio(Rosenbrock().loss, [1.0, 1.0]), 2)
    2508.01

    References
    ----------
    Lambert, Numerical Methods for Ordinary Differential Systems, Wiley 1991, section 6.2.
    """
    theta = checked.place("theta", theta)
    curvatures = np.asarray(jnp.linalg.eigvalsh(jax.hessian(loss)(theta)))
    with np.errstate(divide="ignore"):
        return float(curvatures[-1] / curvatures[0]) if curvatures[0] >= 0 else np.nan


def descents(
    condition_numbers: Sequence[float], *, factor: float = 1e-6, most_steps: int = 10_000_000
) -> Descents:
    """Return the steps descent needs along a canyon, walked and by theory.

    Each walk starts at 1 along both axes and takes the best rate.

    Parameters
    ----------
    condition_numbers
        Canyons to walk, each at least 1.
    factor
        What is to be left of the distance along the flattest direction, between 0 and 1 [1].
    most_steps
        Where to give up.

    Examples
    --------
    >>> descents([10.0, 100.0]).steps.tolist()
    [69.0, 691.0]

    References
    ----------
    `adaptsim.theory.euler.steps_to_shrink`.
    """
    numbers = _conditions(condition_numbers)
    if not 0 < factor < 1:
        raise ValueError(f"factor must be between 0 and 1; got {factor!r}.")
    rates = np.asarray(speed_limits.best_rate(1.0, numbers))
    steps = np.asarray(_walks(numbers, rates, factor, most_steps), float)
    steps = np.where(steps < most_steps, steps, np.nan)
    return Descents(numbers, rates, steps, np.asarray(theory.steps_to_shrink(numbers, factor)))


def crossings(
    solver: Solver,
    condition_numbers: Sequence[float],
    *,
    time: float = 10.0,
    tolerance: float = 1e-4,
    most_steps: int = 1_000_000,
) -> Crossings:
    """Return the steps an adaptive solver takes over canyons, beside those stability asks for.

    Most of the time the steep direction has long settled, and nothing but stability keeps an
    explicit solver's steps short: they grow with the condition number. An implicit one's do not.

    Parameters
    ----------
    solver
        One that adapts its steps; see `gradient_flow`.
    condition_numbers
        Canyons to cross, each at least 1.
    time
        How long; the flattest direction settles like ``exp(-time)`` [1 / curvature].
    tolerance
        Relative and absolute tolerance of a step [trait].
    most_steps
        Where to give up.

    Examples
    --------
    >>> crossing = crossings("Tsit5", [100.0])
    >>> crossing.stable_steps[0].item(), (crossing.accepted[0] > 285).item()
    (286.0, True)

    References
    ----------
    Hairer and Wanner, Solving Ordinary Differential Equations II, Springer 1996, IV.1 and IV.2.
    """
    numbers = _conditions(condition_numbers)
    flows = [
        gradient_flow(
            canyon.loss, canyon.start(), time, solver=solver, rtol=tolerance, atol=tolerance,
            most_steps=most_steps,
        )
        for canyon in map(_canyon, numbers.tolist())
    ]  # fmt: skip
    limit = real_stability_limit(solver)
    return Crossings(
        numbers,
        np.array([flow.accepted for flow in flows]),
        np.array([flow.rejected for flow in flows]),
        np.array([flow.evaluations for flow in flows]),
        np.asarray(theory.stable_steps(time, largest_curvature=numbers, limit=limit)),
    )


def _canyon(condition_number: Any) -> Canyon:
    return Canyon(dimension=2, condition_number=condition_number, rotated=False, seed=0)


def _conditions(numbers: Sequence[float]) -> np.ndarray:
    conditions = np.atleast_1d(checked.positive("condition_numbers", numbers))
    if conditions.min() < 1:
        raise ValueError(f"condition_numbers must be at least 1; got {conditions.min():g}.")
    return conditions


@partial(jax.jit, static_argnames=("most_steps",))
def _walks(numbers: Array, rates: Array, factor: float, most_steps: int) -> Array:
    """Return the steps until the first coordinate, the flattest, has shrunk by a factor."""

    def walk(number: Array, rate: Array) -> Array:
        canyon = _canyon(number)
        start = canyon.start()

        def goes_on(now: tuple[Array, Array]) -> Array:
            theta, count = now
            return (jnp.abs(theta[0]) > factor * jnp.abs(start[0])) & (count < most_steps)

        def step(now: tuple[Array, Array]) -> tuple[Array, Array]:
            theta, count = now
            return theta - rate * jax.grad(canyon.loss)(theta), count + 1

        return jax.lax.while_loop(goes_on, step, (start, jnp.asarray(0)))[1]

    return jax.vmap(walk)(numbers, rates)
