"""Shown: which living system a page shows, with which numbers, and the link that says so."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import urlencode

from adaptsim.dashboard import link
from adaptsim.dashboard.asked import nearest, replaced
from adaptsim.dashboard.living import SYSTEMS
from adaptsim.dashboard.living.system import System
from adaptsim.dashboard.player import SPEEDS
from adaptsim.schema import WrongRequest, suggest

FIRST = "community"


@dataclasses.dataclass(frozen=True, eq=False)
class Shown:
    """A living system on a page.

    Attributes
    ----------
    name : str
        Which: a key of `SYSTEMS`.
    system : System
        With its numbers.
    speed : int
        Steps a second.

    Examples
    --------
    >>> shown = begin("bubble").changed("sharpness", 1e300)
    >>> shown.system.sharpness, shown.query()
    (6.0, 'system=bubble&sharpness=6')
    """

    name: str
    system: System
    speed: int = 50

    def changed(self, name: str, value: Any) -> Shown:
        """Return it with something changed.

        Parameters
        ----------
        name
            ``"system"``, ``"speed"`` or a field of the system.
        value
            From a browser: anything.

        Raises
        ------
        WrongRequest
            If there is no such thing to change, or it cannot be that.
        """
        if name == "system":
            return dataclasses.replace(begin(value), speed=self.speed)
        if name == "speed":
            return dataclasses.replace(self, speed=nearest(value, SPEEDS, name))
        system: Any = replaced(self.system, name, value, self.name)[0]
        return dataclasses.replace(self, system=system)

    def query(self) -> str:
        """Return the query string of a link that brings this back."""
        turned = link.differences("", type(self.system)(), self.system)
        told = [("system", self.name), *((name.lstrip("."), value) for name, value in turned)]
        if self.speed != Shown.speed:
            told.append(("speed", str(self.speed)))
        return urlencode(told)


def begin(name: Any) -> Shown:
    """Return a system with the numbers it begins with.

    Raises
    ------
    WrongRequest
        If there is none of that name.
    """
    if name not in SYSTEMS:
        raise WrongRequest(f"system: {suggest(str(name)[:40], SYSTEMS)}")
    return Shown(name, SYSTEMS[name]())


def from_query(query: str | None) -> tuple[Shown, list[str]]:
    """Return what a link shows, and sentences about what of it could not be done.

    Examples
    --------
    >>> shown, problems = from_query("system=synapses&methylation=0.5&paint=red")
    >>> shown.system.methylation, len(problems)
    (0.5, 1)
    """
    told, problems = link.told(query)
    try:
        shown = begin(told.pop("system", FIRST))
    except WrongRequest as error:
        shown, told = begin(FIRST), {}
        problems.append(str(error))
    for name, value in told.items():
        try:
            shown = shown.changed(name, value)
        except WrongRequest as error:
            problems.append(str(error))
    return shown, problems
