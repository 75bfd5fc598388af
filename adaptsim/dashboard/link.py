"""Link: what a query string says, and what one must say to bring a page back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from adaptsim.dashboard.controls import shown_fields
from adaptsim.part import Part

LONGEST_QUERY = 4_000
"""Characters of a query string that are read."""
MOST_NAMES = 100
"""Names in one that are read."""


def told(query: str | None) -> tuple[dict[str, str], list[str]]:
    """Return what a query string says by name, and sentences about what of it cannot be read.

    Examples
    --------
    >>> told("?period=50&speed=25")
    ({'period': '50', 'speed': '25'}, [])
    """
    try:
        pairs = parse_qsl((query or "").lstrip("?")[:LONGEST_QUERY], max_num_fields=MOST_NAMES)
    except ValueError:
        return {}, ["The link is not a query string."]
    return dict(pairs), []


def differences(prefix: str, was: Part, now: Part) -> Iterator[tuple[str, Any]]:
    """Yield what must be changed to come from one part to another, by dotted name."""
    if type(was) is not type(now):
        yield f"{prefix}.kind", type(now).__name__
        was = type(now)() if _has_defaults(type(now)) else now
    for declared in shown_fields(now):
        name, new, old = declared.name, getattr(now, declared.name), getattr(was, declared.name)
        if isinstance(new, Part):
            if isinstance(old, Part):
                yield from differences(f"{prefix}.{name}", old, new)
        elif isinstance(new, bool):
            if new != old:
                yield f"{prefix}.{name}", str(new).lower()
        elif new != old:
            yield f"{prefix}.{name}", new if isinstance(new, str) else f"{new:.12g}"


def _has_defaults(part: type[Part]) -> bool:
    return all(
        one.default is not dataclasses.MISSING
        for one in dataclasses.fields(part)  # type: ignore[arg-type]
    )
