"""Session: the record of one go at a study: with what it was computed, and how far it came."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import time
from typing import Any, Self

from adaptsim.provenance import provenance
from adaptsim.studies.conductor import Tally
from adaptsim.studies.keys import digest
from adaptsim.studies.store import Store

EVERY = 2.0
LEVELS = ("avx512f", "avx2", "avx", "sse4_2")


class Session:
    """Keeps ``provenance/<session>.json`` up to date while a study runs.

    Parameters
    ----------
    store
        Where.
    name
        Name of the session.
    asked
        What was asked for beside the study.
    """

    def __init__(self, store: Store, name: str, **asked: Any) -> None:
        self.store, self.name = store, name
        self._began, self._noted = time.monotonic(), -EVERY
        self._told = {"session": name, "state": "running", "pid": os.getpid(), **asked}
        self._told |= {"machine_id": this_machine(), "simd": simd_level(), "started": _now()}
        self._told |= provenance({}, store.described["seed"], 0.0)

    def note(self, tally: Tally, end: str = "") -> None:
        """Write how far it came, at most every other second, and at the end."""
        if not end and time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        self._told |= {
            "todo": tally.todo,
            "done": tally.done,
            "failed": tally.failed,
            "runs_per_s": round(tally.rate, 3),
        }
        self._write(end)

    def _write(self, end: str) -> None:
        self._told["state"] = end or "running"
        self._told["updated"] = _now()
        self._told["finished"] = self._told["updated"] if end else None
        self._told["wall_time_s"] = round(time.monotonic() - self._began, 3)
        text = json.dumps(self._told, indent=2)
        self.store.write_text(f"provenance/{self.name}.json", text + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._write("interrupted" if issubclass(kind, KeyboardInterrupt) else "stopped")


def this_machine() -> str:
    """Return what tells this machine from others that share a folder, without its name."""
    return digest("machine", platform.node())


def simd_level() -> str:
    """Return which vector instructions the processor has, since last bits depend on them."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), [])
    except OSError:
        return ""
    return next((level for level in LEVELS if level in flags), "")


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
