"""Contests: rules to be compared on landscapes, from names, tables or TOML files."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from adaptsim.landscapes import Landscape
from adaptsim.landscapes.from_function import FromFunction
from adaptsim.rules import Rule
from adaptsim.scenarios import set_value
from adaptsim.schema import Place, WrongRequest, build, catalogue, describe, load_part, suggest
from adaptsim.subjects import check_slope, from_function

RULES = ("GradientDescent", "Momentum", "RMSProp", "Adam", "AdaGrad", "LBFGS")
DEFAULTS: dict[str, Any] = {
    "question": "",
    "steps": 2000,
    "seed": 0,
    "seeds": 1,
    "starts": 8,
    "stride": 0,
    "precision": 1e-6,
    "rates": {"from": 1e-5, "to": 10.0, "levels": 31},
}
TABLES = ("name", "landscape", "landscapes", "rules")
SUITES = ("classic", "bbob")


@dataclass(frozen=True)
class Contest:
    """Rules side by side on landscapes.

    Attributes
    ----------
    name, question : str
        What it is called and what it asks.
    landscapes, rules : dict
        The parts, by the names they have in tables.
    rates : numpy.ndarray
        Learning rates to sweep [1/curvature], shape ``(r,)``.
    starts : dict[str, numpy.ndarray]
        Where the walks start on each landscape, shape ``(p, d)``.
    seeds, seed, steps : int
        Repetitions of what is left to chance, the root seed, and the length of a walk.
    stride : int
        Steps from one record to the next; 0 for as often as memory allows.
    precision : float
        How far above the known minimum counts as solved [loss].
    resolved : dict
        Everything above as plain data: what ``run.json`` keeps.
    """

    name: str
    question: str
    landscapes: dict[str, Landscape]
    rules: dict[str, Rule]
    rates: np.ndarray
    starts: dict[str, np.ndarray]
    seeds: int
    seed: int
    steps: int
    stride: int
    precision: float
    resolved: dict[str, Any]


def load(
    targets: Sequence[str] | str,
    changes: Mapping[str, Any] | None = None,
    *,
    rules: Sequence[str] = (),
) -> Contest:
    """Return the contest on landscapes by name, on a suite, or of a TOML file.

    Parameters
    ----------
    targets
        Landscapes (``"Rosenbrock"``), a suite (``"classic"``: every landscape with a known minimum
        in a bounded domain; ``"bbob"``: the 24 functions of COCO, where it is installed), own ones
        (``"FILE.py:Class"`` or ``"FILE.py:function"``), or one contest file.
    changes
        Values to set, by dotted name: ``{"landscape.dimension": 10, "steps": 500}``.
    rules
        Rules by name; by default those of the file, or a set of common ones.

    Raises
    ------
    WrongRequest
        Saying where, what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> contest = load("Rosenbrock", {"landscape.dimension": 5}, rules=["Adam"])
    >>> contest.landscapes, list(contest.rules), contest.starts["Rosenbrock"].shape
    ({'Rosenbrock': Rosenbrock(dimension=5)}, ['Adam'], (8, 5))
    """
    named = [targets] if isinstance(targets, str) else list(targets)
    file = _file(named[0]) if len(named) == 1 else None
    table = _read(file) if file else _table_of(named)
    source, folder = (str(file), file.parent) if file else ("optimize", Path.cwd())
    if rules:
        table["rules"] = {name: {"kind": name} for name in rules}
    for dotted, value in (changes or {}).items():
        set_value(table, dotted, value, source)
    return from_table(table, source=source, folder=folder)


def shipped() -> dict[str, Path]:
    """Return the contests that can be run by name."""
    package = Path(__file__).parent
    places = [package / "shipped_scenarios", package.parent / "scenarios", Path("scenarios")]
    files = [file for place in places for file in sorted((place / "contests").glob("*.toml"))]
    return {file.stem: file for file in files}


def _file(name: str) -> Path | None:
    path = Path(name)
    told = path.suffix in (".toml", ".json") and path.is_file()
    return path if told else shipped().get(name)


def _read(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        table = json.loads(text)["optimize"] if file.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise WrongRequest(f"{file}: cannot be read: {error}") from None
    except KeyError:
        raise WrongRequest(f"{file}: holds no contest; is it run.json of optimize?") from None
    return {"name": file.stem} | table


def _table_of(named: Sequence[str]) -> dict[str, Any]:
    kinds = [table for name in named for table in _tables_of(name)]
    if len(kinds) == 1:
        return {"name": f"optimize_{_label(kinds[0])}", "landscape": kinds[0]}
    name = f"optimize_{named[0]}" if len(named) == 1 else "optimize"
    return {"name": name, "landscapes": {_label(table): table for table in kinds}}


def _label(table: Mapping[str, Any]) -> str:
    name = str(table["kind"]).rpartition(":")[2]
    return f"{name}_{table['function']}" if "function" in table else name


def _tables_of(name: str) -> list[dict[str, Any]]:
    if name == "bbob":
        return [{"kind": "Bbob", "function": number} for number in range(1, 25)]
    if name == "classic":
        return [{"kind": kind} for kind in _classic()]
    known = catalogue("landscape")
    if ":" not in name and name not in known:
        told = suggest(name, [*known, *SUITES, *shipped()])
        raise WrongRequest(f"optimize {name}: no such landscape, suite or contest; {told}")
    return [{"kind": name}]


def _classic() -> list[str]:
    """Return the landscapes with a bounded domain and a known minimum, none picked by hand."""
    bounded = {
        name: part
        for name, part in catalogue("landscape").items()
        if np.all(np.isfinite(part.box[0]))  # type: ignore[attr-defined]
    }
    ready = {name: part() for name, part in bounded.items() if name not in ("Bbob", "Noisy")}
    return [name for name, landscape in ready.items() if landscape.minima()]  # type: ignore[attr-defined]


def from_table(
    table: Mapping[str, Any], *, source: str = "contest", folder: Path | None = None
) -> Contest:
    """Return the contest that plain data describe.

    Examples
    --------
    >>> contest = from_table({"landscape": {"kind": "Canyon"}, "rules": {"plain": {
    ...     "kind": "GradientDescent"}}, "rates": [0.01, 0.02], "starts": [[1.0, 1.0]]})
    >>> contest.rates.tolist(), contest.starts["Canyon"].tolist()
    ([0.01, 0.02], [[1.0, 1.0]])
    """
    top = Place(source, "", folder or Path.cwd())
    for key in table:
        if key not in DEFAULTS and key not in TABLES:
            raise top.wrong(key, f"does not exist; {suggest(key, [*DEFAULTS, *TABLES])}")
    values = DEFAULTS | {key: value for key, value in table.items() if key in DEFAULTS}
    counts = {key: _whole(values, key, top) for key in ("steps", "stride", "seed", "seeds")}
    told = _landscapes(table, top)
    landscapes = {name: _landscape(one, top, name) for name, one in told.items()}
    ruled = table.get("rules") or {name: {"kind": name} for name in RULES}
    rules = {name: _rule(one, top, name) for name, one in ruled.items()}
    starts = {name: _starts(one, name, values, top) for name, one in landscapes.items()}
    resolved = values | {
        "name": table.get("name", "contest"),
        "landscapes": {name: _described(landscapes[name], told[name]) for name in told},
        "rules": {name: describe(rules[name], ruled[name]) for name in ruled},
        "starts": {name: one.tolist() for name, one in starts.items()},
        "rates": _rates(values["rates"], top).tolist(),
    }
    return Contest(
        name=resolved["name"],
        question=str(values["question"]),
        landscapes=landscapes,
        rules=rules,
        rates=_rates(values["rates"], top),
        starts=starts,
        precision=_positive(values["precision"], "precision", top),
        resolved=resolved,
        **counts,
    )


def _landscapes(table: Mapping[str, Any], top: Place) -> dict[str, Any]:
    one, many = table.get("landscape"), table.get("landscapes")
    if (one is None) == (many is None):
        raise top.wrong("landscape", "must be given once: one [landscape], or [landscapes.NAME]")
    if many is None:
        one = {"kind": one} if isinstance(one, str) else one
        kind = one.get("kind", "landscape") if isinstance(one, Mapping) else "landscape"
        return {str(kind).rpartition(":")[2]: one}
    if not isinstance(many, Mapping) or not many:
        raise top.wrong("landscapes", f"must be tables [landscapes.NAME]; got {many!r}")
    return dict(many)


def _landscape(table: Any, top: Place, name: str) -> Landscape:
    place = top._replace(table="landscape")
    kind = table.get("kind") if isinstance(table, Mapping) else None
    if isinstance(kind, str) and ":" in kind:
        own = load_part(kind, place)
        if callable(own) and not isinstance(own, type):
            options = {key: value for key, value in table.items() if key != "kind"}
            return from_function(own, options, place)
    landscape = cast(Landscape, build("landscape", table, place))
    if isinstance(kind, str) and ":" in kind:
        check_slope(landscape, place)
    return landscape


def _described(landscape: Landscape, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a landscape as plain data; that of a function is what was told of it."""
    return dict(told) if isinstance(landscape, FromFunction) else describe(landscape, told)


def _rule(table: Any, top: Place, name: str) -> Rule:
    return cast(Rule, build("rule", table, top._replace(table=f"rules.{name}")))


def _rates(told: Any, top: Place) -> np.ndarray:
    place = top._replace(table="rates")
    if isinstance(told, Mapping):
        ends = {"spacing": "log"} | DEFAULTS["rates"] | dict(told)
        for key in ends:
            if key not in ("from", "to", "levels", "spacing"):
                raise place.wrong(key, f"does not exist; {suggest(key, ('from', 'to', 'levels'))}")
        low, high = (_positive(ends.get(key), key, place) for key in ("from", "to"))
        levels = _whole({"levels": ends["levels"]} | {}, "levels", place, least=1)
        space = np.geomspace if ends["spacing"] == "log" else np.linspace
        return space(low, high, levels)
    listed = told if isinstance(told, list) else [told]
    return np.array([_positive(one, "", place) for one in listed])


def _starts(landscape: Landscape, name: str, values: Mapping[str, Any], top: Place) -> np.ndarray:
    told = values["starts"]
    if isinstance(told, Mapping) and name in told:
        told = told[name]
    if isinstance(told, list):
        try:
            return np.atleast_2d(np.array(told, float))
        except ValueError:
            raise top.wrong("starts", f"must be a number or a list of places; got {told}") from None
    return starts_on(
        landscape, _whole({"starts": told}, "starts", top, least=1), int(values["seed"])
    )


def starts_on(landscape: Landscape, count: int, seed: int) -> np.ndarray:
    """Return places to start: the landscape's own, then others spread over its domain.

    The others are a Latin hypercube of the domain, or, where that is not bounded, standard normal
    about the landscape's own start.

    Returns
    -------
    numpy.ndarray
        Shape ``(count, d)`` [trait].

    Examples
    --------
    >>> from adaptsim.landscapes import Himmelblau
    >>> starts_on(Himmelblau(), 3, seed=0).shape
    (3, 2)
    """
    from scipy.stats import qmc

    low, high = (np.asarray(end) for end in landscape.domain())
    own, rng = np.asarray(landscape.start()), np.random.default_rng([seed, 1])
    if count == 1:
        return own[None]
    if np.isfinite(low).all() and np.isfinite(high).all():
        others = qmc.LatinHypercube(len(own), rng=rng).random(count - 1) * (high - low) + low
    else:
        others = own + rng.standard_normal((count - 1, len(own)))
    return np.concatenate([own[None], np.clip(others, low, high)])


def _whole(values: Mapping[str, Any], key: str, place: Place, *, least: int | None = None) -> int:
    least = (0 if key in ("seed", "stride") else 1) if least is None else least
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise place.wrong(key, f"must be a whole number of at least {least}; got {value!r}")
    return value


def _positive(value: Any, key: str, place: Place) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value <= 0:
        raise place.wrong(key, f"must be a number above 0; got {value!r}")
    return float(value)
