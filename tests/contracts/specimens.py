"""One or more specimens of every class in the catalogue, made from what its fields declare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

import pytest

from adaptsim.environments import AutoRegressive, Environment, Sinusoid
from adaptsim.part import Part, WrongField
from adaptsim.rules import Cosine, GradientDescent
from adaptsim.schema import catalogue

SHIPPED = {"path": "adaptsim:data/hare_lynx_pelts.csv", "columns": ("lynx",)}
CUES = {"Thermostat": [20.0, 5.0], "Predator": [1.0, 1.0, 1.0]}
"""Cues a kind can reach, where others are out of reach: no heater cools a room, and a predator that
climbs its intake rests among prey of equal worth only."""


def specimen(part: type[Part]) -> Part:
    """Return a part with its defaults, and something sensible where it has none."""
    required = [f for f in fields(part) if f.default is MISSING]
    return part(**{f.name: _sensible(f) for f in required})


def _sensible(declared: Field[Any]) -> Any:
    text = str(declared.type)
    known = {
        "Environment": Sinusoid(),
        "Rule": GradientDescent(),
        "Schedule": Cosine(),
        "float": 1.0,
        "int": 1,
    }
    if declared.name in SHIPPED:
        return SHIPPED[declared.name]
    if text.startswith("tuple[Environment"):
        return (Sinusoid(), AutoRegressive())
    found = next(value for word, value in known.items() if word in text)
    return (found, found) if text.startswith("tuple[") else found


def variants(part: type[Part]) -> Iterator[Part]:
    """Yield a specimen, and one more for each choice and switch that its fields offer."""
    first = specimen(part)
    yield first
    for declared in fields(part):
        value = getattr(first, declared.name)
        others = (not value,) if isinstance(value, bool) else declared.metadata.get("choices") or ()
        for other in others:
            if other != value:
                yield _changed(first, {declared.name: other})


def _changed(part: Part, changes: dict[str, Any]) -> Part:
    """Change fields; where another field must then change too, double it."""
    try:
        return part.replace(**changes)
    except WrongField as error:
        return part.replace(**changes, **{error.field: 2 * getattr(part, error.field)})


def everything(family: str) -> list[Any]:
    """Return all variants of all parts of a family, as parameters with readable names."""
    found = [one for part in catalogue(family).values() for one in variants(part)]
    names = [f"{type(one).__name__}-{place}" for place, one in enumerate(found)]
    return [pytest.param(one, id=name) for one, name in zip(found, names, strict=True)]


def cue_of(environment: Environment) -> int:
    """Return how many components the cue of an environment has."""
    return int(environment.rest().size)
