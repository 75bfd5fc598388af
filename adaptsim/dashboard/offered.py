"""Offered: the scenarios that a page may load, known by name; a browser cannot name a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adaptsim import scenarios
from adaptsim.scenarios import Scenario
from adaptsim.schema import WrongRequest, suggest

_added: dict[str, Path] = {}


def offer(files: Sequence[str]) -> None:
    """Offer scenarios beside those that ship, given as files or names."""
    for file in files:
        path = scenarios.find(file)
        scenarios.load(path)
        _added[path.stem] = path


def offered() -> list[str]:
    """Return the names of all scenarios that a page may load.

    Examples
    --------
    >>> "tracker_tone" in offered()
    True
    """
    return sorted({**scenarios.shipped(), **_added})


def folders() -> list[Path]:
    """Return the folders of the scenarios that are offered beside those that ship."""
    return sorted({path.parent for path in _added.values()})


def load_offered(name: str) -> Scenario:
    """Return a scenario by name; anything else than a name that is offered is refused."""
    if name not in offered():
        raise WrongRequest(f"scenario = {name!r} does not exist; {suggest(name, offered())}")
    return scenarios.load({**scenarios.shipped(), **_added}[name])
