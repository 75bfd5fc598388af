"""Work: what is done with a batch in whatever process it arrives."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from adaptsim.studies.batches import Batch, Report
from adaptsim.studies.columns import completed
from adaptsim.studies.journal import Journal
from adaptsim.studies.marker import Marker
from adaptsim.studies.models import Columns, calls
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
    known = (batch.runs["study_id"][0].as_py(), batch.kind)
    fresh = known not in _seen
    if fresh:  # import what is slow to import before calls are timed
        batch.model.prepare()
        pa.array(())
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
            for places in calls(batch.model, len(batch)):
                if batch.parent and os.getppid() != batch.parent:
                    rows.write()
                    os._exit(3)
                marker.at(places.start)
                for part, outcome, seconds in _outcomes(batch, places, watchdog):
                    rows.add(part, outcome, seconds)
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
        self.session = pa.scalar(batch.session)
        self._finished: list[tuple[range, Columns, float]] = []
        self._written = time.perf_counter()

    def add(self, places: range, outcome: Columns | Exception, seconds: float) -> None:
        if isinstance(outcome, Exception):
            self._fail(places, outcome, seconds)
        else:
            self._finished.append((places, outcome, seconds / len(places)))
        if time.perf_counter() - self._written >= AT_RISK:
            self.write()

    def _fail(self, places: range, error: Exception, seconds: float) -> None:
        told = failure("failed", error)
        self.first_error = self.first_error or f"{told['error_type']}: {told['error']}"
        found = {name: [value] for name, value in told.items()}
        self.bad.write(self._rows("failures", [(places, found, seconds)]))
        self.failed += 1

    def write(self) -> None:
        finished, self._finished = self._finished, []
        if finished:
            rows = self._rows("runs", finished)
            self.good.write(rows)
            self.done += len(rows)
        self._written = time.perf_counter()

    def _rows(self, kind: str, parts: list[tuple[range, Columns, float]]) -> pa.RecordBatch:
        """Return rows of a journal of the runs at some places of the batch."""
        batch, schema = self.batch, self.batch.schemas[kind]
        count = sum(len(places) for places, _, _ in parts)
        first, last = parts[0][0].start, parts[-1][0].stop
        at = slice(first, last)  # in most cases nothing is left out between
        known, attempts = batch.runs[at], batch.attempts[at]
        if last - first > count:
            some = np.concatenate([places for places, _, _ in parts]) - first
            known, attempts = known.take(pa.array(some)), attempts[some]
        found = {name: _joined([part[name] for _, part, _ in parts]) for name in parts[0][1]}
        spent = {
            "secs": [each for places, _, each in parts for _ in places],
            "attempt": attempts,
            "session": pa.repeat(self.session, count),
        }
        return completed(schema, known, found | spent)


def _joined(parts: list[Any]) -> Any:
    """Return the results of several calls as one column."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], list):
        return list(itertools.chain.from_iterable(parts))
    return np.concatenate(parts)


def _outcomes(
    batch: Batch, places: range, watchdog: Watchdog
) -> Iterator[tuple[range, Columns | Exception, float]]:
    """Yield results and seconds of runs at some places; a call that fails is halved.

    An error comes alone: with the run that it is of.
    """
    waiting = [places]
    while waiting:
        part = waiting.pop()
        cut = slice(part.start, part.stop)
        changes = {name: values[cut] for name, values in batch.changes.items()}
        seeds = batch.seeds[cut]
        traces = batch.traces.part(part) if batch.traces else None
        watchdog.wind()
        began = time.perf_counter()
        try:
            found: Columns | Exception = batch.model.results(changes, seeds, traces)
        except Exception as error:
            if len(part) > 1:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
                continue
            found = error
        yield part, found, time.perf_counter() - began


def failure(status: str, error: Exception) -> dict[str, str]:
    """Return the columns that say what went wrong."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return {
        "status": status,
        "error_type": type(error).__name__,
        "error": str(error),
        "traceback": "\n".join(lines[-TRACEBACK_LINES:]),
    }
