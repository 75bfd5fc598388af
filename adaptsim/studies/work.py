"""Work: what is done with a batch in whatever process it arrives."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path

from adaptsim.studies.batches import Batch, Report
from adaptsim.studies.columns import batch_of
from adaptsim.studies.journal import Journal
from adaptsim.studies.marker import Marker
from adaptsim.studies.models import Row, groups
from adaptsim.studies.watchdog import Watchdog

TRACEBACK_LINES = 30
AT_RISK = 0.005
"""Seconds of finished work that may be lost with a process, beside the run that it was at."""

_one_at_a_time = threading.Lock()
_seen: set[tuple[str, int]] = set()


def work(batch: Batch) -> Report:
    """Compute a batch; rows go to its journals at once, or together if found in five milliseconds.

    An error of one run is a row of failures. Nothing is raised but what concerns the store.

    Raises
    ------
    OSError
        If rows could not be written.
    """
    with _one_at_a_time:
        return _work(batch)


def _work(batch: Batch) -> Report:
    folder = Path(batch.place) / "journal"
    if not folder.is_dir():
        raise FileNotFoundError(f"{batch.place}: a worker cannot see this folder; share it")
    began = time.perf_counter()
    known = (batch.runs[0]["study_id"], batch.kind)
    fresh = known not in _seen
    if fresh:  # import what is slow to import before calls are timed
        batch.model.prepare()
        batch_of(batch.schemas["runs"], ())
    name = f"{batch.name}-{uuid.uuid4().hex[:6]}"  # a cluster may compute a batch twice
    watchdog = Watchdog(batch.timeout, folder / f"{name}.stack")
    with (
        Journal(folder / f"{name}.runs") as good,
        Journal(folder / f"{name}.failures") as bad,
        Marker(folder / f"{name}.at") as marker,
        contextlib.closing(watchdog),
    ):
        rows = _Rows(batch, good, bad)
        try:
            for part in groups(batch.model, batch.runs):
                if batch.parent and os.getppid() != batch.parent:
                    rows.write()
                    os._exit(3)
                marker.at(part.start)
                rows.add(*_call(batch, part, watchdog))
        finally:
            rows.write()
    _seen.add(known)
    seconds = time.perf_counter() - began
    return Report(rows.done, rows.failed, seconds, fresh, rows.first_error)


class _Rows:
    """Rows of a batch on their way to its journals: at once, or together if they come fast."""

    def __init__(self, batch: Batch, good: Journal, bad: Journal) -> None:
        self.batch, self.good, self.bad = batch, good, bad
        self.done = self.failed = 0
        self.first_error = ""
        self._finished: list[Row] = []
        self._broken: list[Row] = []
        self._written = time.perf_counter()

    def add(self, finished: list[Row], broken: list[Row]) -> None:
        self._finished += finished
        self._broken += broken
        if broken and not self.first_error:
            self.first_error = f"{broken[0]['error_type']}: {broken[0]['error']}"
        if time.perf_counter() - self._written >= AT_RISK:
            self.write()

    def write(self) -> None:
        finished, self._finished = self._finished, []
        broken, self._broken = self._broken, []
        if finished:
            self.good.write(batch_of(self.batch.schemas["runs"], finished))
        if broken:
            self.bad.write(batch_of(self.batch.schemas["failures"], broken))
        self.done, self.failed = self.done + len(finished), self.failed + len(broken)
        self._written = time.perf_counter()


def _call(batch: Batch, part: slice, watchdog: Watchdog) -> tuple[list[Row], list[Row]]:
    """Return finished and failed rows of the runs of one call."""
    finished: list[Row] = []
    broken: list[Row] = []
    runs, attempts = batch.runs[part], batch.attempts[part]
    for place, outcome, seconds in _outcomes(batch, part, watchdog):
        spent = {"secs": seconds, "attempt": attempts[place], "session": batch.session}
        told = runs[place] | spent
        if isinstance(outcome, Exception):
            broken.append(told | failure("failed", outcome))
        else:
            finished.append(told | outcome)
    return finished, broken


def _outcomes(
    batch: Batch, part: slice, watchdog: Watchdog
) -> Iterator[tuple[int, Row | Exception, float]]:
    """Yield place, results or error, and seconds of each run; a call that fails is halved."""
    changes = batch.changes[part]
    seeds = [run["seed"] for run in batch.runs[part]]
    waiting = [range(len(changes))]
    while waiting:
        places = waiting.pop()
        watchdog.wind()
        began = time.perf_counter()
        try:
            rows = batch.model.rows([changes[p] for p in places], [seeds[p] for p in places])
        except Exception as error:
            if len(places) == 1:
                yield places[0], error, time.perf_counter() - began
            else:
                middle = len(places) // 2
                waiting += [places[middle:], places[:middle]]
            continue
        each = (time.perf_counter() - began) / len(places)
        for place, row in zip(places, rows, strict=True):
            yield place, row, each


def failure(status: str, error: Exception) -> Row:
    """Return the columns that say what went wrong."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return {
        "status": status,
        "error_type": type(error).__name__,
        "error": str(error),
        "traceback": "\n".join(lines[-TRACEBACK_LINES:]),
    }
