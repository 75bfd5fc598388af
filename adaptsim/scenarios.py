"""Scenarios: a TOML file of names and numbers becomes a system that can be run."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from adaptsim.agents import Agent
from adaptsim.environments import Environment
from adaptsim.evolution import Evolution, check_heredity
from adaptsim.measures.base import Measure
from adaptsim.part import Part, WrongField
from adaptsim.rules import Rule
from adaptsim.schema import Place, WrongRequest, build, describe, suggest

RECORDS = ("auto", "individuals", "statistics")
DEFAULTS: dict[str, Any] = {
    "name": "",
    "question": "",
    "steps": None,
    "seed": 0,
    "replicates": 1,
    "record": "auto",
    "stride": 1,
    "burn_in": None,
    "step_length": "",
    "time_origin": 0.0,
    "lag_period": None,
    "measures": [],
}
TABLES = ("population", "environment", "agent", "rule", "evolution")
DEFAULT_STEPS = 1000


@dataclass(frozen=True)
class Scenario:
    """One story: who, where, how they learn, how long; see README for the file it is read from.

    Attributes
    ----------
    name, question : str
        What it is called and what it asks.
    steps, stride, replicates, seed, size : int
        Length, recording interval, repetitions, root seed and individuals.
    burn_in : int or None
        Steps left out of measures of the long run; ``None``: 20 times the time the slowest
        disturbance takes to fade, at most half the run.
    step_length : tuple[float, str] or None
        How long a step is, number and unit, where the scenario says so.
    time_origin : float
        What the clock shows at step 0, in the unit of ``step_length`` (a year, say).
    lag_period : float or None
        At which period [steps] lag and gain are read in a world of many; ``None``: the strongest.
    record : str
        As for :func:`adaptsim.simulation.simulate`.
    environment, agent, rule : Environment, Agent, Rule
        The parts.
    evolution : Evolution or None
        What is heritable and how it is selected, where generations follow each other; then
        ``steps`` are generations times life.
    measures : tuple[Measure, ...]
        The user's own, on top of those that fit the environment.
    resolved : dict
        Everything above as plain data with all defaults filled in: what ``run.json`` keeps.
    """

    name: str
    question: str
    steps: int
    seed: int
    replicates: int
    record: str
    stride: int
    burn_in: int | None
    step_length: tuple[float, str] | None
    time_origin: float
    lag_period: float | None
    size: int
    environment: Environment
    agent: Agent
    rule: Rule
    evolution: Evolution | None
    measures: tuple[Measure, ...]
    resolved: dict[str, Any]


def find(name: str | Path) -> Path:
    """Return the file of a scenario, given as a path or as the name of one that ships.

    Examples
    --------
    >>> find("predator_voles").name
    'predator_voles.toml'
    """
    path = Path(name)
    if path.is_file():
        return path
    shipped = {file.stem: file for folder in _folders() for file in sorted(folder.glob("*.toml"))}
    if str(name) in shipped:
        return shipped[str(name)]
    if path.suffix == ".toml" and path.stem in shipped and not path.exists():
        near = f"no such file; did you mean {str(shipped[path.stem])!r}?"
        raise WrongRequest(f"{name}: {near}")
    raise WrongRequest(f"{name}: no such scenario or file; {suggest(path.stem, shipped)}")


def _folders() -> list[Path]:
    """Return where scenarios are looked for: here, in a checkout, in an installed package."""
    package = Path(__file__).parent
    places = [package / "shipped_scenarios", package.parent / "scenarios", Path("scenarios")]
    return [place for place in places if place.is_dir()]


def shipped() -> dict[str, Path]:
    """Return all scenarios that can be run by name."""
    return {file.stem: file for folder in _folders() for file in sorted(folder.glob("*.toml"))}


def load(name: str | Path, changes: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario from a TOML file, or from the ``run.json`` of an earlier run.

    Parameters
    ----------
    name
        Path, or name of a shipped scenario.
    changes
        Values to set, by dotted name: ``{"rule.learning_rate": 0.2}``.

    Raises
    ------
    WrongRequest
        Saying where, what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> load("thermostat_story", {"steps": 12}).steps
    12
    """
    path = find(name)
    try:
        text = path.read_text(encoding="utf-8")
        table = json.loads(text)["scenario"] if path.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise WrongRequest(f"{path}: cannot be read: {error}") from None
    except KeyError:
        raise WrongRequest(f"{path}: holds no 'scenario'; is it the run.json of a run?") from None
    except OSError as error:
        raise WrongRequest(f"{path}: cannot be read: {error.strerror}") from None
    if not isinstance(table, dict):
        raise WrongRequest(f"{path}: must hold a table; got {type(table).__name__}")
    for dotted, value in (changes or {}).items():
        set_value(table, dotted, value, str(path))
    table.setdefault("name", path.stem)
    return from_table(table, source=str(path), folder=path.parent)


def set_value(table: dict[str, Any], dotted: str, value: Any, source: str) -> None:
    """Set a value of nested tables by its dotted name; ``source`` says whose, in errors."""
    *parents, last = dotted.split(".")
    inner = table
    for parent in parents:
        inner = inner.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise WrongRequest(f"{source}: cannot set {dotted}: {parent} is not a table")
    inner[last] = value


def read_setting(text: str) -> tuple[str, Any]:
    """Return name and value of a ``table.key=value`` given on the command line.

    Examples
    --------
    >>> read_setting("rule.learning_rate=0.3")
    ('rule.learning_rate', 0.3)
    >>> read_setting("agent.kind=Forager")
    ('agent.kind', 'Forager')
    """
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key.strip()):
        raise WrongRequest(f"--set {text}: must be table.key=value, e.g. rule.learning_rate=0.3")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def from_table(
    table: Mapping[str, Any], *, source: str = "scenario", folder: Path | None = None
) -> Scenario:
    """Return the scenario that plain data describe.

    Examples
    --------
    >>> story = from_table({
    ...     "steps": 5,
    ...     "environment": {"kind": "Constant", "value": 10.0},
    ...     "agent": {"kind": "Tracker"},
    ...     "rule": {"kind": "GradientDescent", "learning_rate": 0.3},
    ... })
    >>> story.rule
    GradientDescent(learning_rate=0.3)
    """
    top = Place(source, "", folder or Path.cwd())
    for key in table:
        if key not in DEFAULTS and key not in TABLES:
            raise top.wrong(key, f"does not exist; {suggest(key, [*DEFAULTS, *TABLES])}")
    for key in ("environment", "agent"):
        if key not in table:
            raise top.wrong(key, f"is missing: write [{key}] with a kind")
    values = DEFAULTS | {key: value for key, value in table.items() if key in DEFAULTS}
    for key in ("name", "question", "step_length"):
        if not isinstance(values[key], str):
            raise top.wrong(key, f"must be a text; got {values[key]!r}")
    if values["name"] and not re.fullmatch(r"\w[\w .-]*", values["name"]):
        raise top.wrong("name", f"must be a word that can name a folder; got {values['name']!r}")
    seed = _whole(values, "seed", top, least=0)
    size = _population(table, top)
    place = top._replace(size=size, seed=seed)
    environment = cast(
        Environment, build("environment", table["environment"], top._replace(table="environment"))
    )
    agent = cast(Agent, build("agent", table["agent"], place._replace(table="agent")))
    told = table.get("rule", {})
    rule = cast(Rule, build("rule", told, place._replace(table="rule"), "GradientDescent"))
    evolution = _evolution(table, top, agent, rule)
    if evolution is not None:
        _only_generations(values, top)
        values["steps"] = _lives(evolution, values["steps"], top)
    elif values["steps"] is None:
        values["steps"] = environment.n_steps or DEFAULT_STEPS
    if values["record"] not in RECORDS:
        raise top.wrong(
            "record", f"= {values['record']!r}; {suggest(str(values['record']), RECORDS)}"
        )
    burn_in = values["burn_in"]
    numbers: dict[str, int] = {
        key: _whole(values, key, top, least=1) for key in ("steps", "replicates", "stride")
    }
    if numbers["stride"] > numbers["steps"]:
        told = f"must be at most steps, {numbers['steps']}; got {numbers['stride']}"
        raise top.wrong("stride", told)
    try:
        environment.require(numbers["steps"])
    except WrongField as error:
        raise top.wrong(f"environment.{error.field}", error.problem) from None
    scenario = Scenario(
        name=values["name"] or Path(source).stem,
        question=values["question"],
        seed=seed,
        record=values["record"],
        burn_in=None if burn_in is None else _whole(values, "burn_in", top, least=0),
        step_length=_step_length(values["step_length"], top),
        time_origin=_number(values, "time_origin", top),
        lag_period=_period(values, top),
        size=size,
        environment=environment,
        agent=agent,
        rule=rule,
        evolution=evolution,
        measures=_measures(values["measures"], top),
        resolved={},
        **numbers,
    )
    _check_fit(scenario, place)
    scenario.resolved.update(_resolved(scenario, values, table))
    return scenario


def _evolution(table: Mapping[str, Any], top: Place, agent: Agent, rule: Rule) -> Evolution | None:
    if "evolution" not in table:
        return None
    place = top._replace(table="evolution")
    built = cast(Evolution, build("evolution", table["evolution"], place, "Evolution"))
    try:
        check_heredity(agent, rule, built)
    except WrongField as error:
        raise place.wrong(error.field, error.problem) from None
    return built


def _only_generations(values: Mapping[str, Any], top: Place) -> None:
    """Refuse what says how single steps are recorded or measured: generations are."""
    for key in ("record", "stride", "lag_period", "measures"):
        if values[key] != DEFAULTS[key]:
            told = "must be left out with [evolution], which records and measures generations"
            raise top.wrong(key, f"{told}; got {values[key]!r}")


def _lives(evolution: Evolution, steps: Any, top: Place) -> int:
    """Return the steps of all generations' lives; what a scenario says of steps must agree."""
    lived = evolution.generations * evolution.life
    if steps not in (None, lived):
        told = f"must be left out, or {lived}: evolution.generations times evolution.life"
        raise top.wrong("steps", f"{told}; got {steps!r}")
    return lived


def _whole(values: Mapping[str, Any], key: str, place: Place, *, least: int) -> int:
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise place.wrong(key, f"must be a whole number of at least {least}; got {value!r}")
    return value


def _population(table: Mapping[str, Any], place: Place) -> int:
    population = table.get("population", {})
    if not isinstance(population, Mapping):
        raise place.wrong("population", f"must be a table with size; got {population!r}")
    for key in population:
        if key != "size":
            raise place.wrong(f"population.{key}", f"does not exist; {suggest(key, ['size'])}")
    return _whole(
        {"size": 1} | dict(population), "size", place._replace(table="population"), least=1
    )


def _step_length(text: str, place: Place) -> tuple[float, str] | None:
    if not text:
        return None
    match = re.fullmatch(r"\s*(\d+\.?\d*(?:[eE][-+]?\d+)?)\s*([A-Za-z]+)\s*", text)
    if not match or float(match[1]) <= 0:
        raise place.wrong("step_length", f"must be a number and a unit, as '1 h'; got {text!r}")
    return float(match[1]), match[2]


def _number(values: Mapping[str, Any], key: str, place: Place) -> float:
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise place.wrong(key, f"must be a number; got {value!r}")
    return float(value)


def _period(values: Mapping[str, Any], place: Place) -> float | None:
    if values["lag_period"] is None:
        return None
    period = _number(values, "lag_period", place)
    if period <= 2:
        raise place.wrong("lag_period", f"must be above 2 [steps]; got {period:g}")
    return period


def _measures(tables: Any, place: Place) -> tuple[Measure, ...]:
    if not isinstance(tables, list):
        raise place.wrong("measures", f"must be a list of names 'module:Class'; got {tables!r}")
    named = [{"kind": one} if isinstance(one, str) else one for one in tables]
    built = []
    for index, one in enumerate(named):
        here = place._replace(table=f"measures[{index}]")
        own = cast(Measure, build("measure", one, here))
        _check_measure(own, here)
        built.append(own)
    return tuple(built)


def _check_measure(own: Measure, place: Place) -> None:
    from adaptsim import measures
    from adaptsim.testing import problems_of_measure

    if own.name in measures.__all__:
        raise place.wrong("kind", f"would be called {own.name!r}, as a built-in; rename the class")
    problems = problems_of_measure(own)
    if problems:
        raise place.wrong("kind", f"is not in order: {'; '.join(problems)}")


def _check_fit(scenario: Scenario, place: Place) -> None:
    """Try one step, so that parts that do not fit each other are found before the run."""
    import jax

    from adaptsim.adaptation import Setting, needs, observe, replicate_key, start, step
    from adaptsim.testing.contract import other_form

    setting = Setting(scenario.agent, scenario.rule, scenario.environment)
    wanted = needs(scenario.agent, scenario.rule)

    def once(setting: Setting) -> Any:
        moment = start(setting, replicate_key(0), size=scenario.size)
        after = step(setting, moment, wanted)
        return moment, after, observe(setting, after)

    names = " + ".join(type(part).__name__ for part in setting)
    unfit = f"{place.source}: {names} do not fit together: "
    try:
        before, after, _ = jax.eval_shape(once, setting)
    except Exception as error:
        told = str(error).strip().splitlines()
        first = f"{type(error).__name__}: {told[0] if told else ''}"
        raise WrongRequest(unfit + (_own_mistakes(setting) or first)) from error
    changed = other_form((before.state, before.world), (after.state, after.world))
    if changed:
        raise WrongRequest(unfit + (_own_mistakes(setting) or f"in a step {changed}"))


def _own_mistakes(parts: Iterable[Part]) -> str:
    """Return what the contract checks find wrong with a user's own parts, in one line."""
    from adaptsim.testing import problems_of

    own = [part for part in parts if not type(part).__module__.startswith("adaptsim.")]
    return "; ".join(problem for part in own for problem in problems_of(part))


def _resolved(
    scenario: Scenario, values: Mapping[str, Any], table: Mapping[str, Any]
) -> dict[str, Any]:
    plain = {key: value for key, value in values.items() if value is not None}
    return plain | {
        "name": scenario.name,
        "measures": [
            describe(own, told if isinstance(told, Mapping) else {})
            for own, told in zip(scenario.measures, values["measures"], strict=True)
        ],
        "population": {"size": scenario.size},
        "environment": describe(scenario.environment, table["environment"]),
        "agent": describe(scenario.agent, table["agent"]),
        "rule": describe(scenario.rule, table.get("rule", {})),
        **_resolved_evolution(scenario, table),
    }


def _resolved_evolution(scenario: Scenario, table: Mapping[str, Any]) -> dict[str, Any]:
    if scenario.evolution is None:
        return {}
    return {"evolution": describe(scenario.evolution, table["evolution"])}
