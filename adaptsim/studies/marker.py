"""Marker: which run of a batch a worker is at, for whoever finds it dead."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Self

PLACE = struct.Struct("<q")


class Marker:
    """A file of one number, removed when the batch is finished.

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
        os.pwrite(self._file, PLACE.pack(place), 0)

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
