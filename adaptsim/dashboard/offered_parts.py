"""Offered parts: landscapes and rules that a page may make, known by name."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

from adaptsim.landscapes import Landscape
from adaptsim.part import Part
from adaptsim.rules import Rule
from adaptsim.schema import WrongRequest, catalogue, suggest
from adaptsim.walks import swept


def landscapes(*dimensions: int) -> list[str]:
    """Return the names of the landscapes that have so many coordinates as they come.

    Examples
    --------
    >>> landscapes(1)[:3]
    ['Cosine', 'CubicWell', 'DoubleWell']
    """
    return sorted(name for name, part in _kinds("landscape") if _dimension(part) in dimensions)


def _kinds(family: str) -> Any:
    return catalogue(family).items()


@functools.cache
def _dimension(part: Any) -> int:
    made = _made(part)
    return int(made.dimension) if isinstance(made, Landscape) else 0


def rules(*, steady: bool = False) -> list[str]:
    """Return the names of the rules with a learning rate; ``steady``: those without chance.

    Examples
    --------
    >>> "Momentum" in rules(), "Langevin" in rules(steady=True)
    (True, False)
    """
    return sorted(name for name, part in _kinds("rule") if _walks(part, steady))


@functools.cache
def _walks(part: Any, steady: bool) -> bool:
    made = _made(part)
    return isinstance(made, Rule) and swept(made) and not (steady and made.randomness)


def _made(part: Any) -> Part | None:
    """Return a part as it comes, ``None`` where it needs to be told more or has no package."""
    try:
        made: Part = part()
    except (TypeError, ImportError):
        return None
    return made


def make(family: str, name: Any, allowed: Collection[str]) -> Any:
    """Return a part by name; one that is not among those allowed is refused.

    Examples
    --------
    >>> make("landscape", "DoubelWell", landscapes(1)[:3])
    Traceback (most recent call last):
        ...
    adaptsim.schema.WrongRequest: landscape = 'DoubelWell' does not exist here; \
did you mean 'DoubleWell'? Allowed: Cosine, CubicWell, DoubleWell
    """
    if name not in allowed:
        told = suggest(str(name)[:40], allowed)
        raise WrongRequest(f"{family} = {str(name)[:40]!r} does not exist here; {told}")
    return catalogue(family)[name]()
