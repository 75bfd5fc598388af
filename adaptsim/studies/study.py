"""Study: a design over a scenario, as read from a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from adaptsim import scenarios
from adaptsim.schema import Place, WrongRequest, suggest
from adaptsim.studies.axes import described
from adaptsim.studies.designs import Design, read_design
from adaptsim.studies.designs.kinds import flattened
from adaptsim.studies.keys import digest, text_of
from adaptsim.studies.models import FunctionModel, Model, ScenarioModel
from adaptsim.studies.traces import POLICIES, SAMPLE

TABLES = ("scenario", "changes", "study")
DEFAULTS: dict[str, Any] = {
    "name": "",
    "question": "",
    "seed": 0,
    "replicates": 1,
    "seeds": "common",
    "timeout": None,
    "trace": "none",
    "every": 1,
    "design": {},
}
FUNCTION = ("function", "measures", "parameters", "units", "version")
SEEDS = ("common", "independent")
SECONDS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Study:
    """Many runs of one model, and the question that they answer.

    Attributes
    ----------
    name, question : str
        What it is called and what it asks.
    seed : int
        Root of all random numbers.
    replicates : int
        How often each cell is run.
    seeds : str
        ``"common"``: the same replicate of all cells has the same random numbers, so that cells are
        compared in pairs; ``"independent"``: every run has its own.
    timeout : float or None
        Longest time [s] that one cell may take.
    model : Model
        What is computed.
    design : Design
        The cells.
    text : str
        The file as written.
    trace, every : str, int
        Of which runs the course is kept, and every how many-th recorded step of it.
    """

    name: str
    question: str
    seed: int
    replicates: int
    seeds: str
    timeout: float | None
    model: Model
    design: Design
    text: str
    trace: str = "none"
    every: int = 1

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Everything that is the same in all cells and decides their results."""
        return {"seed": self.seed, "seeds": self.seeds, "model": self.model.fixed()}

    @cached_property
    def study_id(self) -> str:
        """The name of all that is fixed: cells of other studies of the same name are the same."""
        return digest("study", text_of(self.identity))

    @cached_property
    def design_table(self) -> dict[str, Any]:
        """The design as plain data; its digest tells designs of other cells apart."""
        cells = self.design.cells
        told = {
            "kind": self.design.kind,
            **self.design.options,
            "parameters": {axis.name: described(axis) for axis in self.design.axes},
            "columns": list(cells),
        }
        if self.design.kind == "refine":  # its cells are found on the way
            return told
        columns = (text_of(column) for column in cells.values())
        return told | {"cells": len(self.design), "digest": digest("design", *columns)}

    def changes(self, row: int) -> dict[str, Any]:
        """Return what one cell of the design changes, by dotted name."""
        return {name: values[row] for name, values in self.design.cells.items()}


def load(name: str | Path, changes: Mapping[str, Any] | None = None) -> Study:
    """Read a study from a TOML file.

    Parameters
    ----------
    name
        Path, or name of a shipped study.
    changes
        Values of the file to set, by dotted name: ``{"study.replicates": 5}``.

    Raises
    ------
    WrongRequest
        Saying where, what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> study = load("learning_rate_by_period", {"study.replicates": 2})
    >>> study.name, study.replicates, list(study.design.cells)
    ('learning_rate_by_period', 2, ['rule.learning_rate', 'environment.period'])
    """
    path = find(name)
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongRequest(f"{path}: cannot be read: {error}") from None
    except OSError as error:
        raise WrongRequest(f"{path}: cannot be read: {error.strerror}") from None
    for dotted, value in (changes or {}).items():
        scenarios.set_value(table, dotted, value, str(path))
    return from_table(table, source=str(path), folder=path.parent, text=text)


def find(name: str | Path) -> Path:
    """Return the file of a study, given as a path or as the name of one that ships."""
    path = Path(name)
    if path.is_file():
        return path
    known = shipped()
    if str(name) in known:
        return known[str(name)]
    raise WrongRequest(f"{name}: no such study or file; {suggest(path.stem, known)}")


def shipped() -> dict[str, Path]:
    """Return all studies that can be run by name."""
    package = Path(__file__).parent.parent
    places = [package / "shipped_scenarios", package.parent / "scenarios", Path("scenarios")]
    files = [file for place in places for file in sorted((place / "studies").glob("*.toml"))]
    return {file.stem: file for file in files}


def from_table(
    table: Mapping[str, Any], *, source: str = "study", folder: Path | None = None, text: str = ""
) -> Study:
    """Return the study that plain data describe.

    Examples
    --------
    >>> study = from_table({
    ...     "scenario": "tracker_tone",
    ...     "study": {"name": "rates", "design": {"rule": {"learning_rate": [0.1, 0.3]}}},
    ... })
    >>> len(study.design), study.changes(1)
    (2, {'rule.learning_rate': 0.3})
    """
    top = Place(source, "", folder or Path.cwd())
    for key in table:
        if key not in TABLES:
            raise top.wrong(key, f"does not exist; {suggest(key, TABLES)}")
    if "scenario" not in table:
        raise top.wrong("scenario", "is missing: name a scenario, or write one as [scenario]")
    told = table.get("study", {})
    place = top._replace(table="study")
    if not isinstance(told, Mapping):
        raise top.wrong("study", f"must be a table; got {told!r}")
    for key in told:
        if key not in DEFAULTS:
            raise place.wrong(key, f"does not exist; {suggest(key, DEFAULTS)}")
    values = DEFAULTS | dict(told)
    name = values["name"] or Path(source).stem
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w .-]*", name):
        raise place.wrong("name", f"must be a word that can name a folder; got {name!r}")
    if not isinstance(values["question"], str):
        raise place.wrong("question", f"must be a text; got {values['question']!r}")
    if values["seeds"] not in SEEDS:
        raise place.wrong("seeds", f"= {values['seeds']!r}; {suggest(str(values['seeds']), SEEDS)}")
    seed = _whole(values, "seed", place, least=0)
    model = _model(table, top)
    design = read_design(values["design"], seed, place.inside("design"))
    for dotted, column in design.cells.items():
        design.cells[dotted] = model.normal(dotted, column)
    study = Study(
        name=name,
        question=values["question"],
        seed=seed,
        replicates=_whole(values, "replicates", place, least=1),
        seeds=values["seeds"],
        timeout=read_time(values["timeout"], place),
        model=model,
        design=design,
        text=text,
        trace=_trace(values["trace"], model, place),
        every=_whole(values, "every", place, least=1),
    )
    model.check([study.changes(row) for row in telling_rows(design)])
    return study


def telling_rows(design: Design, most: int = 40) -> list[int]:
    """Return rows that hold the ends of every column, or each of its words: what to check.

    Examples
    --------
    >>> telling_rows(Design("grid", (), {}, {"rate": [0.1, 0.2, 0.3], "kind": ["a", "a", "b"]}))
    [0, 2]
    """
    rows: dict[int, None] = {0: None}
    for column in design.cells.values():
        if all(isinstance(value, int | float) for value in column):
            rows |= {int(np.argmin(column)): None, int(np.argmax(column)): None}
        else:
            first: dict[str, int] = {}
            for row, value in enumerate(column):
                first.setdefault(text_of(value), row)
            rows |= dict.fromkeys(first.values())
    return list(rows)[:most]


def read_time(told: Any, place: Place) -> float | None:
    """Return seconds from ``"10 min"``, ``"30 s"`` or a number of seconds.

    Examples
    --------
    >>> read_time("10 min", Place("study.toml", "study", Path(".")))
    600.0
    """
    if told is None:
        return None
    match = re.fullmatch(r"\s*(\d+\.?\d*(?:[eE][-+]?\d+)?)\s*([a-z]*)\s*", str(told))
    if isinstance(told, bool) or not match or (match[2] or "s") not in SECONDS:
        units = ", ".join(SECONDS)
        raise place.wrong("timeout", f"must be a time, as '10 min' ({units}); got {told!r}")
    seconds = float(match[1]) * SECONDS[match[2] or "s"]
    if seconds < 0.25:
        raise place.wrong("timeout", f"must be at least 0.25 s; got {told!r}")
    return seconds


def _whole(values: Mapping[str, Any], key: str, place: Place, *, least: int) -> int:
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise place.wrong(key, f"must be a whole number of at least {least}; got {value!r}")
    return value


def _trace(told: Any, model: Model, place: Place) -> str:
    known = told in POLICIES or (isinstance(told, str) and SAMPLE.fullmatch(told))
    if not known:
        raise place.wrong("trace", f"= {told!r}; {suggest(str(told), POLICIES)}")
    if told != "none" and not isinstance(model, ScenarioModel):
        raise place.wrong("trace", "needs a scenario: a function of one's own has no course")
    return str(told)


def _model(table: Mapping[str, Any], top: Place) -> Model:
    told, changes = table["scenario"], table.get("changes", {})
    if not isinstance(changes, Mapping):
        raise top.wrong("changes", f"must be a table; got {changes!r}")
    flat = flattened(changes)
    if isinstance(told, Mapping) and "function" in told:
        return _function(told, flat, top)
    if isinstance(told, str):
        return _named(told, flat, top)
    if not isinstance(told, Mapping):
        raise top.wrong("scenario", f"must be a name, a file or a table; got {told!r}")
    return _scenario(dict(told), flat, top.source, top.folder)


def _named(told: str, changes: Mapping[str, Any], top: Place) -> ScenarioModel:
    beside = top.folder / told
    try:
        path = beside if beside.is_file() else scenarios.find(told)
        with path.open("rb") as file:
            table = tomllib.load(file)
    except WrongRequest as error:
        raise top.wrong("scenario", f"= {error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise top.wrong("scenario", f"= {told!r} cannot be read: {error}") from None
    table.setdefault("name", path.stem)
    return _scenario(table, changes, path.name, path.parent)


def _scenario(
    table: dict[str, Any], changes: Mapping[str, Any], source: str, folder: Path
) -> ScenarioModel:
    for dotted, value in changes.items():
        scenarios.set_value(table, dotted, value, source)
    resolved = scenarios.from_table(table, source=source, folder=folder).resolved
    return ScenarioModel(told_of(resolved, table), resolved, source, str(folder.resolve()))


def told_of(resolved: Any, table: Any) -> Any:
    """Return the resolved values of what a table tells, without the defaults.

    A cell that changes a kind must not meet the defaults of another kind.

    Examples
    --------
    >>> told_of({"kind": "Momentum", "learning_rate": 0.1, "momentum": 0.9}, {"kind": "Momentum"})
    {'kind': 'Momentum'}
    """
    if isinstance(table, Mapping) and isinstance(resolved, Mapping):
        return {key: told_of(resolved.get(key, value), value) for key, value in table.items()}
    if isinstance(table, list) and isinstance(resolved, list) and len(table) == len(resolved):
        return [told_of(*pair) for pair in zip(resolved, table, strict=True)]
    return resolved


def _function(told: Mapping[str, Any], changes: Mapping[str, Any], top: Place) -> FunctionModel:
    place = top._replace(table="scenario")
    for key in told:
        if key not in FUNCTION:
            raise place.wrong(key, f"does not exist beside a function; {suggest(key, FUNCTION)}")
    measures, parameters = told.get("measures"), told.get("parameters", {})
    if not isinstance(told["function"], str):
        raise place.wrong("function", f"must be FILE.py:name; got {told['function']!r}")
    words = isinstance(measures, list) and all(isinstance(one, str) for one in measures)
    if not words or not measures:
        raise place.wrong("measures", f"must list the names it returns; got {measures!r}")
    if not isinstance(parameters, Mapping):
        raise place.wrong("parameters", f"must be a table; got {parameters!r}")
    parameters = {**parameters, **changes}
    return FunctionModel(
        told["function"],
        tuple(measures),
        parameters,
        _whole({"version": 1} | dict(told), "version", place, least=1),
        top.source,
        str(top.folder.resolve()),
        _units(told.get("units", {}), [*parameters, *measures], place),
    )


def _units(told: Any, names: Sequence[str], place: Place) -> dict[str, str]:
    if not isinstance(told, Mapping):
        raise place.wrong("units", f"must be a table of units by name; got {told!r}")
    for name, unit in told.items():
        if name not in names:
            raise place.wrong(
                "units", f"{name}: no such parameter or measure; {suggest(name, names)}"
            )
        if not isinstance(unit, str) or not unit:
            raise place.wrong(
                "units", f"{name}: must be a text such as 'steps', or '1'; got {unit!r}"
            )
    return dict(told)
