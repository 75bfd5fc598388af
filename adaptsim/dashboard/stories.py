"""Story: a guided preset of a page, and the moves it offers."""

from __future__ import annotations

from typing import Any, NamedTuple


class Move(NamedTuple):
    """One thing to do in a story: what the button says, and which values it changes.

    ``changes`` are ``(run, name, value)`` as `Comparison.changed` takes them.
    """

    label: str
    changes: tuple[tuple[int | None, str, Any], ...]


class Story(NamedTuple):
    """A preset: what it is called, what to look for, the link that opens it, and its moves."""

    name: str
    title: str
    text: str
    link: str
    moves: tuple[Move, ...]
