"""Subjects: what stability is asked of: a landscape, an agent kind, a scenario or a function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp

from adaptsim.adaptation import row
from adaptsim.agents import Agent, Walker
from adaptsim.landscapes import Landscape
from adaptsim.part import Array
from adaptsim.rules import GradientDescent, Rule
from adaptsim.schema import Place, WrongRequest, build, catalogue, describe, load_part, suggest

TABLES = ("landscape", "agent", "rule", "cue")
FUNCTION_OPTIONS = ("dimension", "start", "low", "high", "minima")


class Subject(NamedTuple):
    """One individual, the rule it learns by, and the cue about which it rests.

    Attributes
    ----------
    name : str
        What it is called.
    kind, rule : Agent, Rule
        The individual; a `Walker` where a landscape was asked for.
    cue : Array
        What it sees, shape ``(c,)``.
    resolved : dict
        The same as plain data.
    """

    name: str
    kind: Agent
    rule: Rule
    cue: Array
    resolved: dict[str, Any]

    @property
    def landscape(self) -> Landscape | None:
        """The landscape it walks on, if it is a walker."""
        return self.kind.landscape if isinstance(self.kind, Walker) else None

    def loss(self, trait: Array) -> Array:
        """Return its loss at traits ``(d,)``, a scalar."""
        return self.kind.loss(trait, self.cue)


def find(
    target: str | Landscape | Agent,
    rule: Rule | str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Subject:
    """Return the individual that a target names.

    Parameters
    ----------
    target
        A landscape or agent kind, by name or itself; a scenario, by name or file; or an own one, as
        ``"FILE.py:Class"`` or ``"FILE.py:function"`` (a function of one point is a landscape).
    rule
        How it learns, by name or itself; by default as the scenario says, else plain descent.
    changes
        Values to set, by dotted name: ``{"landscape.dimension": 3, "rule.momentum": 0.5}``; for a
        kind also ``cue``, a list of numbers.

    Raises
    ------
    WrongRequest
        Saying what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> find("Rosenbrock", "Momentum", {"landscape.dimension": 3}).kind.landscape
    Rosenbrock(dimension=3)
    """
    from adaptsim import scenarios

    if isinstance(target, Landscape):
        target = Walker(landscape=target)
    if isinstance(target, Agent):
        return _of_parts(target, rule)
    if target in scenarios.shipped() or Path(target).suffix in (".toml", ".json"):
        return _of_scenario(target, rule, changes or {})
    table: dict[str, Any] = {}
    for dotted, value in (changes or {}).items():
        scenarios.set_value(table, dotted, value, "stability")
    return _of_names(target, rule, table)


def _of_parts(kind: Agent, rule: Rule | str | None) -> Subject:
    own = rule if isinstance(rule, Rule) else _rule(rule, {})
    shown = kind.landscape if isinstance(kind, Walker) else kind
    resolved = {"agent": describe(kind, {}), "rule": describe(own, {})}
    return Subject(type(shown).__name__, kind, own, _cue(kind, {}), resolved)


def _of_scenario(target: str, rule: Rule | str | None, changes: Mapping[str, Any]) -> Subject:
    from adaptsim import scenarios

    story = scenarios.load(target, changes)
    own = (
        row(story.rule, 0) if rule is None else rule if isinstance(rule, Rule) else _rule(rule, {})
    )
    kind, cue = row(story.agent, 0), story.environment.rest()
    return Subject(story.name, kind, own, cue, {"scenario": story.resolved, "rule": repr(own)})


def _of_names(target: str, rule: Rule | str | None, table: dict[str, Any]) -> Subject:
    for key in table:
        if key not in TABLES:
            raise WrongRequest(f"--set {key}: does not exist; {suggest(key, TABLES)}")
    place = Place("stability", "", Path.cwd())
    kind, resolved = _kind(target, table, place)
    told = table.get("rule", {})
    own = rule if isinstance(rule, Rule) else _rule(rule, told)
    cue = _cue(kind, table)
    resolved |= {"rule": describe(own, told), "cue": cue.tolist()}
    return Subject(target.rpartition(":")[2], kind, own, cue, resolved)


def _kind(target: str, table: dict[str, Any], place: Place) -> tuple[Agent, dict[str, Any]]:
    family = _family(target, place)
    told = {"kind": target} | table.get(family, {})
    here = place._replace(table=family)
    if family == "function":
        options = table.get("landscape", {})
        shape = from_function(load_part(target, place), options, place._replace(table="landscape"))
        return Walker(landscape=shape), {"landscape": {"kind": target} | options}
    if family == "agent":
        kind = cast(Agent, build("agent", told, here))
        return kind, {"agent": describe(kind, told)}
    landscape = cast(Landscape, build("landscape", told, here))
    check_slope(landscape, here)
    return Walker(landscape=landscape), {"landscape": describe(landscape, told)}


def _family(target: str, place: Place) -> str:
    """Return which family a name belongs to; ``"function"`` for a user's own function."""
    if ":" in target:
        own = load_part(target, place)
        if isinstance(own, type) and issubclass(own, Agent | Landscape):
            return "agent" if issubclass(own, Agent) else "landscape"
        if callable(own) and not isinstance(own, type):
            return "function"
        raise WrongRequest(f"{target}: must be an agent kind, a landscape or a function")
    for family in ("landscape", "agent"):
        if target in catalogue(family):
            return family
    from adaptsim.scenarios import shipped

    known = [*catalogue("landscape"), *catalogue("agent"), *shipped()]
    raise WrongRequest(f"{target}: no such landscape, agent kind or scenario; "
                       f"{suggest(target, known)}")  # fmt: skip


def from_function(function: Any, options: Mapping[str, Any], place: Place) -> Landscape:
    """Return a user's function as a landscape; options as `Landscape.from_function` has them."""
    for key in options:
        if key not in FUNCTION_OPTIONS:
            raise place.wrong(key, f"does not exist; {suggest(key, FUNCTION_OPTIONS)}")
    try:
        landscape = Landscape.from_function(function, **options)
    except (TypeError, ValueError) as error:
        raise place.wrong("kind", f"cannot be a landscape: {error}") from None
    check_slope(landscape, place)
    return landscape


def check_slope(landscape: Landscape, place: Place) -> None:
    """Refuse a landscape of a user's own that cannot be differentiated, in plain words."""
    from adaptsim.testing.contract import Failed, compiled

    try:
        compiled(landscape, "loss", jax.grad(landscape.loss), landscape.start())
    except Failed as error:
        raise place.wrong("kind", f"cannot be a landscape: {error}") from None


def _rule(name: str | None, table: Mapping[str, Any]) -> Rule:
    place = Place("stability", "rule", Path.cwd())
    kind = {} if name is None else {"kind": name}
    return cast(Rule, build("rule", kind | dict(table), place, GradientDescent.__name__))


def _cue(kind: Agent, table: Mapping[str, Any]) -> Array:
    """Return the cue asked for; by default the origin for walkers, numbers near 1 for others."""
    if "cue" in table:
        try:
            return jnp.atleast_1d(jnp.asarray(table["cue"], float))
        except (TypeError, ValueError):
            raise WrongRequest(f"--set cue: must be numbers; got {table['cue']!r}") from None
    if isinstance(kind, Walker):
        return jnp.zeros(1)
    return 1.0 + 0.5 * jnp.arange(len(kind.cue_names) or 1)
