"""Contract checks: run them on an own kind, rule, environment, measure or schedule.

``check_agent``, ``check_rule``, ``check_environment``, ``check_landscape``, ``check_measure`` and
``check_schedule`` return nothing when all is well and raise one `ContractError` that lists all that
is wrong; ``check`` chooses among them. ``problems_of_agent`` and its like, and ``problems_of`` for
any part, return the same list without raising. A class may be given in place of an object if all
its fields have defaults.

Checks come in stages: can the functions be called and have their results the right form; are the
numbers right; does it work in a run. A later stage is only tried when the one before is in order,
so that one mistake is not told twice.

A field without help is no problem, but a warning (`Undocumented`).
"""

from adaptsim.testing.agent import check_agent, problems_of_agent
from adaptsim.testing.any_part import check, problems_of
from adaptsim.testing.contract import ContractError, Undocumented, undocumented
from adaptsim.testing.environment import check_environment, problems_of_environment
from adaptsim.testing.landscape import check_landscape, problems_of_landscape
from adaptsim.testing.measure import check_measure, problems_of_measure
from adaptsim.testing.rule import check_rule, problems_of_rule
from adaptsim.testing.schedule import check_schedule, problems_of_schedule

__all__ = [
    "ContractError",
    "Undocumented",
    "check",
    "check_agent",
    "check_environment",
    "check_landscape",
    "check_measure",
    "check_rule",
    "check_schedule",
    "problems_of",
    "problems_of_agent",
    "problems_of_environment",
    "problems_of_landscape",
    "problems_of_measure",
    "problems_of_rule",
    "problems_of_schedule",
    "undocumented",
]
