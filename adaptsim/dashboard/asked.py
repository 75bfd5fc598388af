"""Asked: what a browser asks for, made into values that may be."""

from __future__ import annotations

from typing import Any

from adaptsim.dashboard.controls import shown_fields
from adaptsim.dashboard.limits import LARGEST, MOST_WHOLE, clean
from adaptsim.part import Part, WrongField, is_structure
from adaptsim.schema import WrongRequest, suggest


def replaced(part: Part, field: str, value: Any, where: str) -> tuple[Part, bool]:
    """Return a part with a field changed, and whether that needs a new start."""
    first, _, rest = field.partition(".")
    fields = {one.name: one for one in shown_fields(part)}
    if first not in fields:
        raise WrongRequest(f"{where}.{first} does not exist here; {suggest(first, fields)}")
    old = getattr(part, first)
    if isinstance(old, Part):
        inner, structural = replaced(old, rest, value, f"{where}.{first}")
        return part.replace(**{first: inner}), structural
    new = _read_value(fields[first], old, value, f"{where}.{first}")
    try:
        return part.replace(**{first: new}), is_structure(fields[first])
    except WrongField as error:
        raise WrongRequest(f"{where}.{error.field} {error.problem}") from None


def _read_value(declared: Any, old: Any, value: Any, where: str) -> Any:
    if isinstance(old, bool):
        return value is True or str(value).lower() == "true"
    if isinstance(old, str):
        if value not in declared.metadata["choices"]:
            raise WrongRequest(f"{where}: {suggest(str(value), declared.metadata['choices'])}")
        return value
    whole = is_structure(declared)
    most = MOST_WHOLE if whole else LARGEST
    number = clean(value, -most, most, whole=whole)
    if number is None:
        raise WrongRequest(f"{where} must be a number; got {str(value)[:40]!r}")
    low, high = declared.metadata.get("at_least"), declared.metadata.get("at_most")
    number = number if low is None else max(number, low)
    return number if high is None else min(number, high)


def nearest(value: Any, offered: tuple[Any, ...], name: str) -> Any:
    """Return which of some values is nearest to what a browser sent."""
    number = clean(value, offered[0], offered[-1])
    if number is None:
        raise WrongRequest(f"{name} must be a number; got {str(value)[:40]!r}")
    return min(offered, key=lambda one: abs(one - number))
