"""The check of anything that has a contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adaptsim.agents import Agent
from adaptsim.environments import Environment
from adaptsim.landscapes import Landscape
from adaptsim.measures.base import Measure
from adaptsim.part import Part
from adaptsim.rules import Rule, Schedule
from adaptsim.testing.agent import problems_of_agent
from adaptsim.testing.contract import name_of, refuse
from adaptsim.testing.environment import problems_of_environment
from adaptsim.testing.landscape import problems_of_landscape
from adaptsim.testing.measure import problems_of_measure
from adaptsim.testing.rule import problems_of_rule
from adaptsim.testing.schedule import problems_of_schedule

CONTRACTS: dict[type[Part], tuple[str, Callable[[Any], list[str]]]] = {
    Agent: ("an agent kind", problems_of_agent),
    Rule: ("a rule", problems_of_rule),
    Environment: ("an environment", problems_of_environment),
    Landscape: ("a landscape", problems_of_landscape),
    Measure: ("a measure", problems_of_measure),
    Schedule: ("a schedule", problems_of_schedule),
}
"""By what a part is a subclass of: what it is called, and how its problems are found."""


def check(part: Any) -> None:
    """Check anything that has a contract, by what it is a subclass of.

    Examples
    --------
    >>> from adaptsim import Adam, Sinusoid
    >>> check(Adam), check(Sinusoid(period=20))
    (None, None)
    """
    what, found = _look(part)
    refuse(what, part, found)


def problems_of(part: Any) -> list[str]:
    """Return what is wrong with anything that has a contract, one sentence each.

    Examples
    --------
    >>> problems_of(7)
    ['int must be a subclass of Agent, Rule, Environment, Landscape, Measure or Schedule']
    """
    return _look(part)[1]


def _look(part: Any) -> tuple[str, list[str]]:
    cls = part if isinstance(part, type) else type(part)
    for base, (what, find) in CONTRACTS.items():
        if issubclass(cls, base):
            return what, find(part)
    *names, last = (base.__name__ for base in CONTRACTS)
    known = f"{', '.join(names)} or {last}"
    return "any part", [f"{name_of(part)} must be a subclass of {known}"]
