"""The check of anything that has a contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adaptsim.agents import Agent
from adaptsim.environments import Environment
from adaptsim.measures.base import Measure
from adaptsim.part import Part
from adaptsim.rules import Rule, Schedule
from adaptsim.testing.agent import check_agent
from adaptsim.testing.contract import ContractError, name_of
from adaptsim.testing.environment import check_environment
from adaptsim.testing.measure import check_measure
from adaptsim.testing.rule import check_rule
from adaptsim.testing.schedule import check_schedule

CHECKS: dict[type[Part], Callable[[Any], None]] = {
    Agent: check_agent,
    Rule: check_rule,
    Environment: check_environment,
    Measure: check_measure,
    Schedule: check_schedule,
}
"""Which check goes with what a part is a subclass of."""


def check(part: Any) -> None:
    """Check anything that has a contract, by what it is a subclass of.

    Examples
    --------
    >>> from adaptsim import Adam, Sinusoid
    >>> check(Adam), check(Sinusoid(period=20))
    (None, None)
    """
    cls = part if isinstance(part, type) else type(part)
    for base, checked in CHECKS.items():
        if issubclass(cls, base):
            return checked(part)
    known = ", ".join(base.__name__ for base in CHECKS)
    raise ContractError(name_of(part), "any part", [f"must be a subclass of one of {known}"])
