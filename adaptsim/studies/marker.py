"""Marker: which run of a batch a worker is at, for whoever asks, or finds it dead."""

from __future__ import annotations

import contextlib
import os
import struct
import time
from pathlib import Path
from typing import Any, Self

from adaptsim.studies.lock import is_locked

PLACE = struct.Struct("<qq")


class Marker:
    """A file of two numbers, place and process, removed when the batch is finished.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)

    def at(self, place: int) -> None:
        """Say that the run at a place of the batch is begun."""
        os.pwrite(self._file, PLACE.pack(place, os.getpid()), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        self.path.unlink(missing_ok=True)


def place_left(folder: Path, name: str) -> int | None:
    """Return where the worker of a batch was when it died; None if it had not begun.

    The files are removed.
    """
    found: int | None = None
    for path in folder.glob(f"{name}-*.at"):
        data = path.read_bytes()
        if len(data) == PLACE.size:
            found = max(found or 0, PLACE.unpack(data)[0])
        path.unlink(missing_ok=True)
    return found


def workers(folder: Path) -> list[dict[str, Any]]:
    """Return the living workers: process, batch, and seconds since they began the run they are at.

    A worker that was killed holds its batch's journal no longer.
    """
    found = []
    for path in sorted(folder.glob("*.at")):
        with contextlib.suppress(FileNotFoundError):  # finished meanwhile
            data, since = path.read_bytes(), time.time() - path.stat().st_mtime
            if len(data) == PLACE.size and is_locked(path.with_suffix(".runs")):
                told = {"pid": PLACE.unpack(data)[1], "batch": path.stem.rpartition("-")[0]}
                found.append(told | {"seconds": round(max(since, 0.0), 3)})
    return found
