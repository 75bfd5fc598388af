"""The contract of a schedule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp

from adaptsim.rules import GradientDescent, Schedule
from adaptsim.testing.contract import both, name_of, problems_of, refuse
from adaptsim.testing.rule import problems_of_rule

COUNTS = (0, 1, 10, 1000, 100_000)


def check_schedule(schedule: Any) -> None:
    """Raise `ContractError` unless a schedule is right.

    Checked: each rate is one finite number of at least 0 and can be compiled; gradient descent
    by it is a right rule.

    Examples
    --------
    >>> class Late(Schedule):
    ...     def __call__(self, count):
    ...         return 0.1 if count > 10 else 0.0
    >>> check_schedule(Late)
    Traceback (most recent call last):
        ...
    adaptsim.testing.contract.ContractError: Late does not keep the contract of a schedule:
      1. Late.__call__ decides in Python (if, and, or, not, min, max, while) by a number that is
      not known yet when JAX compiles it; write jnp.where(condition, then, otherwise),
      jnp.minimum, ...
    """
    refuse("a schedule", schedule, problems_of_schedule(schedule))


def problems_of_schedule(schedule: Any) -> list[str]:
    """Return what is wrong with a schedule, one sentence each; see `check_schedule`.

    Examples
    --------
    >>> from adaptsim.rules import WarmUp
    >>> problems_of_schedule(WarmUp(duration=10.0))
    []
    """
    return problems_of(schedule, Schedule, lambda one: one, [_rate], [_rule])


def _rate(schedule: Schedule) -> Iterator[str]:
    if type(schedule).transformation is not Schedule.transformation:
        return
    name = f"{name_of(schedule)}.__call__"
    for count in COUNTS:
        rate = both(schedule, "__call__", jnp.asarray(count))
        if jnp.shape(rate) != ():
            yield f"{name} must return one number, shape (); got shape {jnp.shape(rate)}"
            return
        if not (math.isfinite(rate) and rate >= 0):
            problem = f"must return a finite learning rate of at least 0; got {float(rate):g}"
            yield f"{name} {problem} at count {count}"
            return


def _rule(schedule: Schedule) -> Iterator[str]:
    yield from problems_of_rule(GradientDescent(learning_rate=schedule))
