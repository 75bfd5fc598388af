"""Comparison: what a page shows, as plain values: up to four runs in one world.

Immutable: a change is a new comparison. What comes from a browser passes `Comparison.changed` and
`from_query`, which let nothing in but numbers within limits, words to choose from, switches and
names of parts and scenarios that exist.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import jax
import numpy as np

from adaptsim.adaptation import row
from adaptsim.dashboard import link
from adaptsim.dashboard.asked import replaced
from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.controls import shown_fields
from adaptsim.dashboard.limits import MOST_INDIVIDUALS, MOST_RUNS, clean
from adaptsim.dashboard.offered import load_offered
from adaptsim.dashboard.player import SPEEDS
from adaptsim.groups import group_individuals
from adaptsim.part import Part
from adaptsim.scenarios import Scenario, from_table
from adaptsim.schema import WrongRequest, catalogue, describe, suggest

WINDOWS = (50, 100, 200, 400, 1000, 2000)
"""How many steps a chart shows."""
OWNERS = ("environment", "agent", "rule")
MOST_SEED = 2**32 - 1


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Up to four runs in one world.

    Attributes
    ----------
    name : str
        The scenario it began with.
    runs : tuple[Scenario, ...]
        Each with single numbers only; all in the same world, with as many individuals and the same
        seed, so that they see the same weather and have the same luck.
    shown : str
        Which variable charts show.
    speed : int
        Steps a second.
    window : int
        Steps that charts show.
    """

    name: str
    runs: tuple[Scenario, ...]
    shown: str
    speed: int = 25
    window: int = 200

    def changed(self, run: int | None, name: str, value: Any) -> Comparison:
        """Return the comparison with a number, word or switch changed.

        Parameters
        ----------
        run
            Which run; ``None`` for all, as the world always is.
        name
            Dotted, ``"rule.learning_rate"``; or ``"size"``, ``"seed"``, ``"speed"``, ``"window"``,
            ``"shown"``; or ``"rule.kind"`` with the name of a part.
        value
            From a browser: anything.

        Raises
        ------
        WrongRequest
            If there is no such thing to change, or it cannot be that.
        """
        if name in ("speed", "window", "shown"):
            return self._viewed(name, value)
        if name in ("size", "seed"):
            return self._peopled(name, value)
        owner, _, field = name.partition(".")
        if owner not in OWNERS or not field:
            raise WrongRequest(f"{name}: no such value; {suggest(owner, OWNERS)}")
        everywhere = run is None or owner == "environment"
        runs = tuple(
            _set(one, owner, field, value) if everywhere or index == run else one
            for index, one in enumerate(self.runs)
        )
        return self._with(runs)

    def _with(self, runs: tuple[Scenario, ...]) -> Comparison:
        names = variables(runs[0])
        shown = self.shown if self.shown in names else _default_variable(runs[0])
        return dataclasses.replace(self, runs=runs, shown=shown)

    def _viewed(self, name: str, value: Any) -> Comparison:
        if name == "shown":
            names = variables(self.runs[0])
            if value not in names:
                raise WrongRequest(
                    f"shown = {value!r} does not exist; {suggest(str(value), names)}"
                )
            return dataclasses.replace(self, shown=value)
        offered = SPEEDS if name == "speed" else WINDOWS
        number = clean(value, offered[0], offered[-1])
        if number is None:
            raise WrongRequest(f"{name} must be a number; got {value!r}")
        nearest = min(offered, key=lambda one: abs(one - number))
        return dataclasses.replace(self, **{name: nearest})  # type: ignore[arg-type]

    def _peopled(self, name: str, value: Any) -> Comparison:
        ends = (1, MOST_INDIVIDUALS) if name == "size" else (0, MOST_SEED)
        number = clean(value, *ends, whole=True)
        if number is None:
            raise WrongRequest(f"{name} must be a whole number; got {value!r}")
        runs = tuple(dataclasses.replace(one, **{name: number}) for one in self.runs)  # type: ignore[arg-type]
        return dataclasses.replace(self, runs=runs)

    def added(self) -> Comparison:
        """Return the comparison with one run more, like the last."""
        if len(self.runs) >= MOST_RUNS:
            raise WrongRequest(f"{MOST_RUNS} runs stand side by side at most")
        return dataclasses.replace(self, runs=(*self.runs, self.runs[-1]))

    def without(self, run: int) -> Comparison:
        """Return the comparison with one run less; the last one stays."""
        if len(self.runs) == 1 or not 0 <= run < len(self.runs):
            return self
        return dataclasses.replace(self, runs=self.runs[:run] + self.runs[run + 1 :])

    def query(self) -> str:
        """Return the query string of a link that brings this back."""
        return urlencode(list(self._told()))

    def _told(self) -> Iterator[tuple[str, Any]]:
        begun = begin(self.name)
        yield "scenario", self.name
        if len(self.runs) != len(begun.runs):
            yield "runs", len(self.runs)
        begun = _as_many(begun, len(self.runs))
        first, base = self.runs[0], begun.runs[0]
        for name in ("size", "seed"):
            if getattr(first, name) != getattr(base, name):
                yield name, getattr(first, name)
        yield from link.differences("environment", base.environment, first.environment)
        for letter, one, was in zip(LETTERS, self.runs, begun.runs, strict=False):
            for owner in ("agent", "rule"):
                yield from link.differences(
                    f"{letter}.{owner}", getattr(was, owner), getattr(one, owner)
                )
        for name in ("shown", "speed", "window"):
            if getattr(self, name) != getattr(begun, name):
                yield name, getattr(self, name)

    def table(self) -> dict[str, Any] | None:
        """Return one scenario's table that runs all this, ``None`` where kinds differ.

        Numbers in which runs differ become lists, shared by equal blocks of individuals.
        """
        tables = [table_of(one) for one in self.runs]
        merged = _merged(tables)
        if merged is not None:
            merged["population"] = {"size": self.runs[0].size * len(self.runs)}
        return merged


def begin(name: str) -> Comparison:
    """Return what a scenario shows at first: one run, or one for each of up to four groups."""
    scenario = load_offered(name)
    if scenario.evolution is not None:
        raise WrongRequest(
            f"{name}: here individuals live for ever; generations that follow each other are run "
            f"by `adaptsim run {name}`"
        )
    groups = group_individuals(scenario.agent, scenario.rule, scenario.size)
    count = min(len(groups), MOST_RUNS)
    chosen = sorted({round(place) for place in np.linspace(0, len(groups) - 1, count)})
    size = min(max(1, scenario.size // len(groups)), MOST_INDIVIDUALS)
    runs = tuple(
        dataclasses.replace(
            scenario,
            agent=_single(scenario.agent, member),
            rule=_single(scenario.rule, member),
            size=size,
            replicates=1,
            stride=1,
            record="statistics",
            resolved={},
        )
        for member in (groups.first(group) for group in chosen)
    )
    return Comparison(name, runs, _default_variable(runs[0]), window=_window(scenario))


def _single(part: Any, member: int) -> Any:
    """Return the part of one individual, its numbers plain."""
    return jax.tree.map(lambda leaf: float(leaf) if np.ndim(leaf) == 0 else leaf, row(part, member))


def _window(scenario: Scenario) -> int:
    worlds = [scenario.environment, *getattr(scenario.environment, "parts", ())]
    periods = [float(world.period) for world in worlds if hasattr(world, "period")]
    wanted = 5 * max(periods) if periods else min(scenario.steps, 200)
    return next((one for one in WINDOWS if one >= wanted), WINDOWS[-1])


def variables(scenario: Scenario) -> list[str]:
    """Return what follows something in a scenario, in the kind's own order."""
    kind, cue = scenario.agent, scenario.environment.rest()
    return list(kind.tracking(kind.start(cue), kind.body(cue), cue))


def _default_variable(scenario: Scenario) -> str:
    return scenario.agent.shown() or variables(scenario)[-1]


def _set(scenario: Scenario, owner: str, field: str, value: Any) -> Scenario:
    part = getattr(scenario, owner)
    if field == "kind":
        return _of_kind(scenario, owner, value)
    changed, structural = replaced(part, field, value, owner)
    parts: dict[str, Any] = {owner: changed}
    return _fitting(dataclasses.replace(scenario, **parts), structural)


def _of_kind(scenario: Scenario, owner: str, name: Any) -> Scenario:
    """Return the scenario with another kind of part, which keeps the fields both kinds have."""
    known = catalogue(owner)
    if name not in known:
        raise WrongRequest(f"{owner}.kind = {name!r} does not exist; {suggest(str(name), known)}")
    old = getattr(scenario, owner)
    if type(old).__name__ == name:
        return scenario
    kept = {one.name: getattr(old, one.name) for one in shown_fields(old)}
    fields = {one.name for one in dataclasses.fields(known[name])}  # type: ignore[arg-type]
    table = {"kind": name} | {
        key: value for key, value in kept.items() if key in fields and not isinstance(value, Part)
    }
    whole = table_of(scenario) | {owner: table}
    return _read(scenario, whole)


def _fitting(scenario: Scenario, structural: bool) -> Scenario:
    return _read(scenario, table_of(scenario)) if structural else scenario


def _read(scenario: Scenario, table: Mapping[str, Any]) -> Scenario:
    """Return the scenario that a table describes, checked as a file's would be."""
    read = from_table(table, source="this page")
    return dataclasses.replace(
        scenario, environment=read.environment, agent=read.agent, rule=read.rule
    )


def table_of(scenario: Scenario) -> dict[str, Any]:
    """Return the table of a scenario, as its file would have it."""
    table: dict[str, Any] = {
        "name": scenario.name,
        "question": scenario.question,
        "steps": scenario.steps,
        "seed": scenario.seed,
        "population": {"size": scenario.size},
    }
    if scenario.step_length:
        number, unit = scenario.step_length
        table["step_length"] = f"{number:g} {unit}"
    return table | {owner: describe(getattr(scenario, owner), {}) for owner in OWNERS}


def from_query(query: str | None, fallback: str) -> tuple[Comparison, list[str]]:
    """Return what a link shows, and sentences about what of it could not be done.

    Examples
    --------
    >>> shown, problems = from_query("scenario=thermostat_story&a.rule.learning_rate=0.5", "x")
    >>> shown.runs[0].rule, problems
    (GradientDescent(learning_rate=0.5), [])
    """
    told, problems = link.told(query)
    try:
        comparison = begin(told.pop("scenario", fallback))
    except WrongRequest as error:
        comparison, told = begin(fallback), {}
        problems.append(str(error))
    comparison = _as_many(comparison, clean(told.pop("runs", None), 1, MOST_RUNS, whole=True))
    for name in sorted(told, key=lambda name: (not name.endswith(".kind"), name)):
        letter, _, rest = name.partition(".")
        run = LETTERS.index(letter) if len(letter) == 1 and letter in LETTERS and rest else None
        try:
            comparison = comparison.changed(run, rest if run is not None else name, told[name])
        except WrongRequest as error:
            problems.append(str(error))
    return comparison, problems


def _as_many(comparison: Comparison, runs: float | None) -> Comparison:
    """Return the comparison with so many runs: the first ones, or the last one repeated."""
    if runs is None:
        return comparison
    many = [comparison.runs[min(i, len(comparison.runs) - 1)] for i in range(int(runs))]
    return dataclasses.replace(comparison, runs=tuple(many))


def _merged(tables: list[Any]) -> Any:
    """Return one table for several that differ in numbers only, ``None`` if in anything else."""
    first = tables[0]
    if all(one == first for one in tables):
        return first
    if all(isinstance(one, dict) for one in tables):
        if any(one.keys() != first.keys() for one in tables):
            return None
        merged = {key: _merged([one[key] for one in tables]) for key in first}
        return None if any(value is None for value in merged.values()) else merged
    numeric = all(isinstance(one, float) and not isinstance(one, bool) for one in tables)
    return tables if numeric else None
