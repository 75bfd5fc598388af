"""From tables of names and numbers to parts, with one clear message where that cannot be done."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from adaptsim.part import Part, WrongField, is_structure

FAMILIES = {
    "agent": "adaptsim.agents",
    "environment": "adaptsim.environments",
    "rule": "adaptsim.rules",
    "schedule": "adaptsim.rules",
    "landscape": "adaptsim.landscapes",
    "criterion": "adaptsim.rules",
    "gate": "adaptsim.rules",
    "measure": "adaptsim.measures",
    "evolution": "adaptsim.evolution",
    "scheme": "adaptsim.evolution",
}
BASES = {
    "agent": "Agent",
    "environment": "Environment",
    "rule": "Rule",
    "schedule": "Schedule",
    "landscape": "Landscape",
    "criterion": "Criterion",
    "gate": "Gate",
    "measure": "Measure",
    "evolution": "Evolution",
    "scheme": "Scheme",
}
USER_MODULE = "adaptsim user file "
SPACINGS = ("linear", "log")


class WrongRequest(ValueError):
    """What was asked for cannot be done as written; the message says where, what and what else."""


class FailedRun(RuntimeError):
    """A request was right and could yet not be carried out; the message says what failed."""


class Place(NamedTuple):
    """Where a table stands: which file, which table of it, in which folder, for how many.

    ``size`` is the number of individuals among whom a field may be spread, 0 where it may not.
    """

    source: str
    table: str
    folder: Path
    size: int = 0
    seed: int = 0

    def inside(self, key: str) -> Place:
        """Return the place of a table within this one."""
        return self._replace(table=f"{self.table}.{key}")

    def wrong(self, key: str, problem: str) -> WrongRequest:
        """Return the error that a field here is wrong."""
        where = f"{self.table}.{key}" if self.table and key else self.table or key
        return WrongRequest(f"{self.source}: {where} {problem}")


def suggest(got: str, allowed: Iterable[str]) -> str:
    """Return words that help after a name that does not exist.

    Examples
    --------
    >>> suggest("perod", ["period", "mean"])
    "did you mean 'period'? Allowed: mean, period"
    """
    known = sorted(allowed)
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(got.lower(), folded, 1, cutoff=0.5)
    hint = f"did you mean {folded[near[0]]!r}? " if near else ""
    return f"{hint}Allowed: {', '.join(known)}"


def catalogue(family: str) -> dict[str, type[Part]]:
    """Return the concrete parts of a family by name: what its package exports, nothing by hand.

    Examples
    --------
    >>> sorted(catalogue("agent"))
    ['Forager', 'Predator', 'Recommender', 'Synapse', 'Thermostat', 'Tracker', 'Walker']
    """
    package = importlib.import_module(FAMILIES[family])
    base = getattr(package, BASES[family])
    exported = {name: getattr(package, name) for name in package.__all__}
    return {
        name: part
        for name, part in exported.items()
        if isinstance(part, type) and issubclass(part, base) and not part.abstract  # type: ignore[attr-defined]
    }


def find_part(family: str, name: Any, place: Place) -> type[Part]:
    """Return the class a ``kind`` names: one of ours, or a user's own as ``module:Class``."""
    if not isinstance(name, str):
        raise place.wrong("kind", f"must name a kind of {family} as a text; got {name!r}")
    if ":" in name:
        return _own_part(family, name, place)
    known = catalogue(family)
    if name not in known:
        own = "or your own as 'module:Class'"
        raise place.wrong("kind", f"= {name!r} does not exist; {suggest(name, known)}, {own}")
    return known[name]


def load_part(name: str, place: Place) -> Any:
    """Return what stands behind ``module:Class`` or ``file.py:Class``."""
    module_name, colon, class_name = name.rpartition(":")
    if not colon:
        raise place.wrong("kind", f"= {name!r} must be FILE.py:Class or module:Class")
    module = _own_module(module_name, place)
    part = getattr(module, class_name, None)
    if part is None:
        classes = [key for key, value in vars(module).items() if isinstance(value, type)]
        raise place.wrong("kind", f"= {name!r}: no such class; {suggest(class_name, classes)}")
    return part


def _own_part(family: str, name: str, place: Place) -> type[Part]:
    part = load_part(name, place)
    base = getattr(importlib.import_module(FAMILIES[family]), BASES[family])
    if not (isinstance(part, type) and issubclass(part, base)):
        raise place.wrong("kind", f"= {name!r} must be a subclass of adaptsim.{BASES[family]}")
    return part


def _own_module(name: str, place: Place) -> Any:
    """Import a user's module: a file beside the scenario first, else anything importable."""
    for candidate in (place.folder / name, place.folder / f"{name.replace('.', '/')}.py"):
        if candidate.suffix == ".py" and candidate.is_file():
            return _module_from_file(candidate.resolve(), place)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        looked = f"looked for {name}.py in {place.folder} and among installed packages"
        raise place.wrong("kind", f"names the module {name!r}: {error}; {looked}") from None


def _module_from_file(path: Path, place: Place) -> Any:
    name = f"{USER_MODULE}{path}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            del sys.modules[name]
            if isinstance(error, Exception):
                raise place.wrong("kind", f"has a mistake: {_mistake_in(path, error)}") from error
            raise
    return sys.modules[name]


def _mistake_in(path: Path, error: Exception) -> str:
    """Return where and what the mistake in a user's own file is, in one line."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
             if frame.filename == str(path)]  # fmt: skip
    line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
    where = f"{path}, line {line}" if line else str(path)
    told = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{where}: {type(error).__name__}: {told}"


def build(family: str, table: Any, place: Place, default: str | None = None) -> Part:
    """Return the part that a table of a scenario describes.

    Raises
    ------
    WrongRequest
        With file, table, field, what was got, what is allowed and the nearest name.

    Examples
    --------
    >>> place = Place("example.toml", "environment", Path("."))
    >>> build("environment", {"kind": "Sinusoid", "perod": 20}, place)
    Traceback (most recent call last):
        ...
    adaptsim.schema.WrongRequest: example.toml: environment.perod does not exist in Sinusoid; \
did you mean 'period'? Allowed: amplitude, mean, period, phase
    """
    if not isinstance(table, Mapping):
        raise place.wrong("", f"must be a table with a kind; got {table!r}")
    if "kind" not in table and default is None:
        raise place.wrong("kind", f"is missing; {suggest('', catalogue(family))}")
    part = find_part(family, table.get("kind", default), place)
    if part.shared:
        place = place._replace(size=0)
    declared = {f.name: f for f in fields(part) if f.init and f.metadata.get("unit") != "internal"}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key == "kind":
            continue
        if key not in declared:
            raise place.wrong(key, f"does not exist in {part.__name__}; {suggest(key, declared)}")
        values[key] = _value(declared[key], value, place, part)
    missing = [n for n, f in declared.items() if n not in values and f.default is MISSING]
    if missing:
        raise place.wrong(missing[0], f"is missing: {part.__name__} needs it")
    try:
        return part(**values)
    except WrongField as error:
        raise place.wrong(error.field, error.problem) from None
    except ImportError as error:  # of a package that only some have
        raise place.wrong("kind", f"= {part.__name__!r}: {error}") from None
    except Exception as error:  # an own __init__ or __post_init__ may do anything
        if not _is_own(part):
            raise
        mistake = _mistake_in(Path(_file_of(part)), error)
        raise place.wrong("kind", f"has a mistake: {mistake}") from error


def _value(declared: Field[Any], value: Any, place: Place, part: type[Part]) -> Any:
    text = str(declared.type)
    family = _family_of(text)
    if declared.metadata.get("unit") == "path" and isinstance(value, str):
        return _absolute(value, place.folder)
    if is_structure(declared):
        return tuple(value) if isinstance(value, list) else value
    if "tuple[float" in text and isinstance(value, list):
        return tuple(_numbers(value, place.inside(declared.name), "").tolist()) if value else ()
    if "tuple[" in text and isinstance(value, list):
        return tuple(
            build(cast(str, family), one, place.inside(f"{declared.name}[{index}]"))
            for index, one in enumerate(value)
        )
    if family and ("float" not in text or (isinstance(value, Mapping) and "kind" in value)):
        return build(family, value, place.inside(declared.name))
    if part.shared and isinstance(value, list):
        return _numbers(value, place.inside(declared.name), "")
    if isinstance(value, Mapping) and "kind" in value:
        raise place.wrong(declared.name, f"must be a number, not a part of its own; got {value!r}")
    if isinstance(value, Mapping | list):
        return spread(value, place.inside(declared.name))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.wrong(
            declared.name, f"must be a number [{declared.metadata.get('unit', '1')}]; got {value!r}"
        )
    return float(value)


def _family_of(annotation: str) -> str | None:
    """Return the family of the part that a field may hold, ``None`` if it holds numbers only."""
    return next((family for family, base in BASES.items() if base in annotation), None)


def _absolute(path: str, folder: Path) -> str:
    """Return a path that is found from anywhere; ``package:file`` stays as it is."""
    if ":" in path or Path(path).is_absolute():
        return path
    return str((folder / path).resolve())


def spread(table: Any, place: Place) -> np.ndarray:
    """Return one value per individual: from ``from/to``, ``values``, or a ``distribution``.

    * ``{ from = 0.01, to = 1.0, spacing = "log", levels = 7 }``: evenly spaced; with ``levels``
      that many values, shared by equal blocks of individuals, else one value each.
    * ``{ values = [0.1, 0.5] }`` or just the list: shared by equal blocks.
    * ``{ distribution = "lognorm", s = 0.5, scale = 0.1 }``: drawn; any continuous distribution
      of scipy.stats with its own parameters.

    Examples
    --------
    >>> place = Place("example.toml", "rule.learning_rate", Path("."), size=4)
    >>> spread({"from": 0.1, "to": 1000, "spacing": "log", "levels": 2}, place).tolist()
    [0.1, 0.1, 1000.0, 1000.0]
    """
    if place.size == 0:
        raise place.wrong("", "must be a single number: only agents and rules differ per agent")
    if isinstance(table, list):
        table = {"values": table}
    if "distribution" in table:
        return _drawn(table, place)
    if "values" in table:
        _only(table, ("values",), place)
        return _blocks(_numbers(table["values"], place), place)
    _only(table, ("from", "to", "spacing", "levels"), place)
    ends = [_number(table, key, place) for key in ("from", "to")]
    levels = table.get("levels", place.size)
    if not isinstance(levels, int) or isinstance(levels, bool) or levels < 1:
        raise place.wrong("levels", f"must be a whole number of at least 1; got {levels!r}")
    spacing = table.get("spacing", "linear")
    if spacing not in SPACINGS:
        raise place.wrong("spacing", f"= {spacing!r}; {suggest(str(spacing), SPACINGS)}")
    if spacing == "log" and min(ends) <= 0:
        raise place.wrong("from", f"and to must be above 0 for spacing = 'log'; got {ends}")
    space = np.geomspace if spacing == "log" else np.linspace
    return _blocks(space(ends[0], ends[1], levels), place)


def _only(table: Mapping[str, Any], allowed: tuple[str, ...], place: Place) -> None:
    for key in table:
        if key not in allowed:
            raise place.wrong(key, f"does not exist; {suggest(key, allowed)}")


def _number(table: Mapping[str, Any], key: str, place: Place) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        ways = "from = a, to = b; or values = [...]; or distribution = 'lognorm', ..."
        raise place.wrong(key, f"must be a number; got {value!r} (write {ways})")
    return float(value)


def _numbers(values: Any, place: Place, key: str = "values") -> np.ndarray:
    good = isinstance(values, list) and values
    if not good or any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        raise place.wrong(key, f"must be a list of numbers; got {values!r}")
    return np.asarray(values, dtype=float)


def _blocks(values: np.ndarray, place: Place) -> np.ndarray:
    if len(values) > place.size:
        raise place.wrong(
            "", f"has {len(values)} values for a population of {place.size}; set population.size"
        )
    spread_: np.ndarray = values[np.arange(place.size) * len(values) // place.size]
    return spread_


def _drawn(table: Mapping[str, Any], place: Place) -> np.ndarray:
    from scipy import stats

    name = table["distribution"]
    known = [n for n in dir(stats) if isinstance(getattr(stats, n), stats.rv_continuous)]
    if name not in known:
        near = difflib.get_close_matches(str(name), known, 3, cutoff=0.4)
        raise place.wrong(
            "distribution", f"= {name!r} is not in scipy.stats; near: {', '.join(near) or 'norm'}"
        )
    shape = {key: value for key, value in table.items() if key != "distribution"}
    stream = [place.seed, *place.table.encode()]
    try:
        drawn = getattr(stats, name).rvs(
            **shape, size=place.size, random_state=np.random.default_rng(stream)
        )
    except (TypeError, ValueError) as error:
        raise place.wrong("distribution", f"= {name!r} with {shape}: {error}") from None
    return np.asarray(drawn, dtype=float)


def describe(part: Part, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of a part with every default filled in, as ``run.json`` keeps it."""
    whole: dict[str, Any] = {"kind": _kind_name(part, table)}
    for declared in fields(part):  # type: ignore[arg-type]
        if declared.metadata.get("unit") == "internal":
            continue
        value = getattr(part, declared.name)
        given = table.get(declared.name)
        if value is None:
            continue
        if isinstance(value, Part):
            whole[declared.name] = describe(value, given or {})
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            pairs = zip(value, given or [{}] * len(value), strict=True)
            whole[declared.name] = [describe(one, told) for one, told in pairs]
        else:
            numeric = given is not None and not is_structure(declared)
            whole[declared.name] = given if numeric else _plain(value)
    return whole


def _kind_name(part: Part, table: Mapping[str, Any]) -> str:
    """Return a name under which the part's class is found again from anywhere."""
    if _is_own(type(part)):
        return f"{_file_of(type(part))}:{type(part).__name__}"
    return str(table.get("kind", type(part).__name__))


def _is_own(part: type) -> bool:
    return part.__module__.startswith(USER_MODULE)


def _file_of(part: type) -> str:
    return str(sys.modules[part.__module__].__file__)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
