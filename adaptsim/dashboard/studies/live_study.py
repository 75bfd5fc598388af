"""Live study: reads stores while they fill, in a thread. Knows no Solara.

Nothing here holds a store up: rows are read as they lie there, sealed or not, by whichever process
they are written.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from adaptsim.dashboard.studies import stored as stored_studies
from adaptsim.dashboard.studies.stored import StoredStudy
from adaptsim.dashboard.studies.view import (
    Asked,
    Curve,
    StudyView,
    best_table,
    cell_table,
    curves,
    field_table,
    resolved,
)
from adaptsim.documents.findings import Stored
from adaptsim.schema import WrongRequest

GLANCE = 1.0
"""Seconds between two looks at the stores, at least."""
REST = 4.0
"""How much longer a look is rested from than it took: a large study at work is read less often."""


@dataclass(frozen=True, eq=False)
class StudySnapshot:
    """What the page tells about stores.

    Attributes
    ----------
    state : str
        ``"loading"``, ``"list"``, ``"shown"``, ``"waiting"`` (for a store or its first row) or
        ``"damaged"``.
    studies : tuple[StoredStudy, ...]
        All there are; of a study that is open only the names are up to date.
    name : str
        Of the study that is open, empty for the list.
    stored, status : Stored and dict, or None
        What it holds, and how far it is.
    view, cells, lines, field, best : StudyView, tables and curves, or None
        What is shown of it.
    over, over_name : list of Curve, str
        Curves of another study, laid over the first one's.
    problem : str
        Why there is nothing to see, or no second study.
    """

    state: str = "loading"
    studies: tuple[StoredStudy, ...] = ()
    name: str = ""
    stored: Stored | None = None
    status: dict[str, Any] | None = None
    view: StudyView | None = None
    cells: pd.DataFrame | None = None
    lines: tuple[Curve, ...] = ()
    field: pd.DataFrame | None = None
    best: pd.DataFrame | None = None
    over: tuple[Curve, ...] = ()
    over_name: str = ""
    problem: str = ""


class LiveStudy:
    """Stores under watch: tells a `StudySnapshot` whenever something is new.

    Parameters
    ----------
    asked
        What is shown at first, words by name: ``study``, ``over``, and what `resolved` takes.
    tell
        Told each snapshot, from a thread.
    """

    def __init__(self, asked: Asked, tell: Callable[[StudySnapshot], Any]) -> None:
        self.asked, self._tell = dict(asked), tell
        self.awaited = ""
        self._closed, self._woken = threading.Event(), threading.Event()
        self._seen: Any = None
        self._ticks = 0
        self._known: dict[str, tuple[Any, tuple[Stored, dict[str, Any]]]] = {}
        self._thread = threading.Thread(target=self._run, name="adaptsim study", daemon=True)

    def begin(self) -> Callable[[], None]:
        """Begin to watch; return what ends it."""
        self._thread.start()
        return self.close

    def close(self) -> None:
        """End for good."""
        self._closed.set()
        self._woken.set()

    def show(self, asked: Asked) -> None:
        """Show something else."""
        self.asked = dict(asked)
        self._woken.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._woken.clear()
            began = time.monotonic()
            try:
                self.look()
            except WrongRequest as error:
                self._say(StudySnapshot("damaged", self._names(), self._name(), problem=str(error)))
            except Exception as error:
                traceback.print_exc()
                told = f"it could not be shown: {type(error).__name__}"
                self._say(StudySnapshot("damaged", self._names(), self._name(), problem=told))
            self._woken.wait(max(GLANCE, REST * (time.monotonic() - began)))

    def _say(self, snapshot: StudySnapshot) -> None:
        if not self._closed.is_set():
            self._tell(snapshot)

    def look(self) -> None:
        """Look whether anything is new, and tell it."""
        asked = dict(self.asked)
        name, over = asked.get("study", ""), asked.get("over", "")
        known = stored_studies.places()
        if name and name == self.awaited and name not in known:
            seen: Any = ("waiting", name)
        else:
            open_now = [one for one in (name, over) if one in known]
            signs = [(one, stored_studies.signature(one)) for one in (open_now or known)]
            seen = (asked, list(known), signs, self._is_fresh(open_now))
        if seen == self._seen:
            return
        self._seen = seen
        self._known = {one: held for one, held in self._known.items() if one in (name, over)}
        if not name:
            self._say(StudySnapshot("list", tuple(stored_studies.listed())))
        elif seen[0] == "waiting":
            self._say(StudySnapshot("waiting", self._names(), name))
        else:
            self._open(name, over, asked)

    def _is_fresh(self, names: list[str]) -> int:
        """Return a number that changes as long as an open study is at work: its rate does too."""
        at_work = [self._known[one][1][1]["at_work"] for one in names if one in self._known]
        self._ticks += any(at_work)
        return self._ticks

    def _open(self, name: str, over: str, asked: Asked) -> None:
        stored, status = self._read(name)
        snapshot = StudySnapshot("shown", self._names(), name, stored, status)
        view = resolved(asked, stored)
        if view is None:
            self._say(replace(snapshot, state="waiting"))
            return
        cells = cell_table(stored, view)
        snapshot = replace(
            snapshot,
            view=view,
            cells=cells,
            lines=tuple(curves(stored, view, cells)),
            field=field_table(stored, view, cells) if view.shape == "map" else None,
        )
        if over and over != name:
            snapshot = self._with_over(snapshot, view, over)
        self._say(snapshot)
        best = best_table(stored, view, cells)  # slower than all the rest
        if best is not None:
            self._say(replace(snapshot, best=best))

    def _with_over(self, snapshot: StudySnapshot, view: StudyView, over: str) -> StudySnapshot:
        try:
            other = self._read(over)[0]
            lines = laid_over(other, view)
        except WrongRequest as error:
            return replace(snapshot, problem=str(error))
        return replace(snapshot, over=tuple(lines), over_name=over)

    def _read(self, name: str) -> tuple[Stored, dict[str, Any]]:
        """Return a store, read again only where something in it is new."""
        sign = (stored_studies.signature(name), self._ticks)
        if name not in self._known or self._known[name][0] != sign:
            self._known[name] = sign, stored_studies.read(name)
        return self._known[name][1]

    def _name(self) -> str:
        return self.asked.get("study", "")

    def _names(self) -> tuple[StoredStudy, ...]:
        return tuple(StoredStudy(name) for name in stored_studies.places())


def laid_over(other: Stored, view: StudyView) -> list[Curve]:
    """Return the curves of another study under the same measure, along the same parameter.

    Raises
    ------
    WrongRequest
        If it has no such measure or parameter.
    """
    told = {"x": view.x, "measure": view.measure, "by": view.by or "none"}
    theirs = resolved(told, other)
    if theirs is None or (theirs.x, theirs.measure) != (view.x, view.measure):
        raise WrongRequest(
            f"{other.described['name']}: has no {view.measure} along {view.x} to lay over"
        )
    return curves(other, theirs, cell_table(other, theirs))
