"""Kinds of designs, by the names they have in study files, with the options each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adaptsim.schema import Place, suggest
from adaptsim.studies.axes import Axis, read_axis
from adaptsim.studies.designs.base import Cells, Design
from adaptsim.studies.designs.grid import grid
from adaptsim.studies.designs.refine import first_generation
from adaptsim.studies.designs.sensitivity import fast, morris, saltelli
from adaptsim.studies.designs.space_filling import latin_hypercube, random, sobol
from adaptsim.studies.designs.table import table
from adaptsim.studies.designs.zipped import zipped
from adaptsim.studies.keys import seed_of

REQUIRED = object()


class Kind(NamedTuple):
    """How cells are made, and which options that takes, with defaults."""

    make: Callable[[Sequence[Axis], Mapping[str, Any], int, Place], Cells]
    options: Mapping[str, Any]


KINDS: dict[str, Kind] = {
    "grid": Kind(grid, {}),
    "zip": Kind(zipped, {}),
    "table": Kind(table, {"file": REQUIRED}),
    "random": Kind(random, {"points": REQUIRED}),
    "latin_hypercube": Kind(latin_hypercube, {"points": REQUIRED}),
    "sobol": Kind(sobol, {"points": REQUIRED}),
    "saltelli": Kind(saltelli, {"points": REQUIRED, "second_order": True}),
    "morris": Kind(morris, {"trajectories": REQUIRED, "levels": 4}),
    "fast": Kind(fast, {"points": REQUIRED, "harmonics": 4}),
    "refine": Kind(
        first_generation,
        {"outcome": REQUIRED, "threshold": REQUIRED, "generations": 4, "points": 20},
    ),
}
WORDS = ("file", "outcome")
AXIS_KEYS = ("from", "to", "distribution", "levels", "spacing", "kind")


def read_design(told: Any, seed: int, place: Place) -> Design:
    """Return the design that the table ``[study.design]`` describes.

    Raises
    ------
    WrongRequest
        Saying which entry, what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> from pathlib import Path
    >>> place = Place("study.toml", "study.design", Path("."))
    >>> read_design({"rule": {"learning_rate": [0.1, 0.3]}}, 1, place).cells
    {'rule.learning_rate': [0.1, 0.3]}
    """
    if not isinstance(told, Mapping):
        raise place.wrong("", f"must be a table of parameters; got {told!r}")
    name = told.get("kind", "grid")
    if name not in KINDS:
        raise place.wrong("kind", f"= {name!r} does not exist; {suggest(str(name), KINDS)}")
    kind = KINDS[name]
    options = {key: _option(key, told, default, place) for key, default in kind.options.items()}
    rest = {key: value for key, value in told.items() if key not in (*kind.options, "kind")}
    axes = tuple(read_axis(key, value, place) for key, value in flattened(rest).items())
    if not axes and name not in ("table", "grid"):
        raise place.wrong("", f"of kind {name!r} names no parameter to vary")
    cells = kind.make(axes, options, seed_of(seed, "design", name), place)
    return Design(name, axes, options, cells)


def flattened(told: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return values by dotted name; a table that describes values or a part stays as it is.

    Examples
    --------
    >>> flattened({"rule": {"learning_rate": {"from": 0.1, "to": 1}}, "steps": 5})
    {'rule.learning_rate': {'from': 0.1, 'to': 1}, 'steps': 5}
    """
    flat: dict[str, Any] = {}
    for key, value in told.items():
        dotted = f"{above}.{key}" if above else key
        if isinstance(value, Mapping) and value and not _is_value(value):
            flat |= flattened(value, dotted)
        else:
            flat[dotted] = value
    return flat


def _is_value(table: Mapping[str, Any]) -> bool:
    """Whether a table describes an axis or a part, rather than holding parameters."""
    return any(key in table and not isinstance(table[key], list) for key in AXIS_KEYS)


def _option(key: str, told: Mapping[str, Any], default: Any, place: Place) -> Any:
    value = told.get(key, default)
    if value is REQUIRED:
        raise place.wrong(key, f"is missing: the kind {told['kind']!r} needs it")
    if key in WORDS:
        good, wanted = isinstance(value, str), "a text"
    elif isinstance(default, bool):
        good, wanted = isinstance(value, bool), "true or false"
    elif key == "threshold":
        good = isinstance(value, int | float) and not isinstance(value, bool)
        wanted = "a number"
    else:
        good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        wanted = "a whole number of at least 1"
    if not good:
        raise place.wrong(key, f"must be {wanted}; got {value!r}")
    return value
