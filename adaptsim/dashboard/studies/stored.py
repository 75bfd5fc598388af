"""Stored studies: the stores in ``outputs/``, known by name; a browser cannot name a folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from adaptsim.dashboard.limits import LARGEST_DESCRIPTION, MOST_ROWS, MOST_STORES
from adaptsim.documents.findings import Stored
from adaptsim.documents.of_study import read_study
from adaptsim.schema import WrongRequest, suggest
from adaptsim.studies.lock import RefusedStore
from adaptsim.studies.results import status

ROOT = Path("outputs")
"""Where stores are looked for, from the folder in which the dashboard was started."""


class StoredStudy(NamedTuple):
    """What the list of studies tells of one.

    Attributes
    ----------
    name : str
        Of its folder.
    question, design : str
        What it asks, and how its cells were chosen.
    cells, runs, done, failed : int
        How many there are.
    changed : datetime or None
        When something last happened.
    at_work : bool
        Whether a process computes runs of it.
    problem : str
        Why it cannot be read, empty where it can.
    """

    name: str
    question: str = ""
    design: str = ""
    cells: int = 0
    runs: int = 0
    done: int = 0
    failed: int = 0
    changed: dt.datetime | None = None
    at_work: bool = False
    problem: str = ""

    @property
    def state(self) -> str:
        """What it is at, in a word."""
        if self.problem:
            return "damaged"
        if self.at_work:
            return "at work"
        return "finished" if self.done + self.failed >= self.runs else "unfinished"


def places() -> dict[str, Path]:
    """Return the folders of all stores by name, the newest first; none that leaves the root."""
    root = ROOT.resolve()
    found = {
        path.parent.name: path.parent
        for path in ROOT.glob("*/study.json")
        if path.is_file() and path.resolve().is_relative_to(root)
    }
    newest = sorted(found, key=lambda name: -_changed(found[name]))
    return {name: found[name] for name in newest[:MOST_STORES]}


def place_of(name: str) -> Path:
    """Return the folder of a store; anything else than a name of one is refused."""
    known = places()
    if name not in known:
        near = f"; {suggest(name, known)}" if known else ""
        raise WrongRequest(f"study = {name!r} does not exist here{near}")
    return known[name]


def listed() -> Iterator[StoredStudy]:
    """Yield what there is, the newest first; a damaged store is told of, not passed over."""
    for name in places():
        try:
            yield _described(name)
        except WrongRequest as error:
            yield StoredStudy(name, problem=str(error))


def read(name: str) -> tuple[Stored, dict[str, Any]]:
    """Return what a store holds and how far it is, without taking its lock.

    Raises
    ------
    WrongRequest
        If there is none of that name, or it is damaged, or too large for a page.
    """
    place = place_of(name)
    with _told(name):
        _check_size(place)
        return read_study(place), status(place)


def signature(name: str) -> tuple[float, int]:
    """Return what changes when rows arrive: the latest change and the bytes of journals."""
    place = place_of(name)
    with contextlib.suppress(OSError):
        return _changed(place), sum(one.stat().st_size for one in place.glob("journal/*.runs"))
    return _changed(place), 0


def _described(name: str) -> StoredStudy:
    place = place_of(name)
    with _told(name):
        _check_size(place)
        told, counts = json.loads((place / "study.json").read_text(encoding="utf-8")), status(place)
        return StoredStudy(
            name,
            question=str(told["question"]),
            design=str(told["design"]["kind"]),
            cells=counts["runs"] // int(told["replicates"]),
            runs=counts["runs"],
            done=counts["done"],
            failed=counts["failed"],
            changed=dt.datetime.fromtimestamp(_changed(place)).astimezone(),
            at_work=counts["at_work"],
        )


def _check_size(place: Path) -> None:
    """Refuse what a page cannot show."""
    if (place / "study.json").stat().st_size > LARGEST_DESCRIPTION:
        raise WrongRequest(f"{place}: study.json is larger than {LARGEST_DESCRIPTION:,} bytes")
    rows = pq.read_metadata(place / "design.parquet").num_rows
    if rows > MOST_ROWS:
        told = f"{place}: {rows:,} runs are more than the {MOST_ROWS:,} that a page reads"
        raise WrongRequest(f"{told}; use adaptsim report {place}")


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Tell in a sentence what is wrong with a store that cannot be read."""
    try:
        yield
    except WrongRequest:
        raise
    except RefusedStore as bad:
        raise WrongRequest(str(bad)) from bad
    except (OSError, ValueError, LookupError, TypeError, AttributeError, pa.ArrowException) as bad:
        told = f"{ROOT / name}: is damaged or not yet whole: {type(bad).__name__}"
        raise WrongRequest(told) from bad


def _changed(place: Path) -> float:
    """Return when something in a store last changed [s since 1970]."""
    folders = ("study.json", "runs", "failures", "provenance", "journal")
    times = [0.0]
    for name in folders:
        with contextlib.suppress(OSError):
            times.append((place / name).stat().st_mtime)
    return max(times)
