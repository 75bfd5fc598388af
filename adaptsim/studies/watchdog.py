"""Watchdog: ends a process that hangs, and leaves the stack that says where."""

from __future__ import annotations

import faulthandler
import time
from pathlib import Path

GRACE = 0.25


class Watchdog:
    """Watches calls, each of which may take ``timeout`` seconds.

    It works while compiled code holds the interpreter, and leaves the stack of every thread in
    ``path``. To keep short calls cheap it is wound up again only every quarter of a second, so a
    call is stopped up to that much late.

    Parameters
    ----------
    timeout
        Seconds; None watches nothing.
    path
        Where the stack goes.
    """

    def __init__(self, timeout: float | None, path: Path) -> None:
        self.timeout, self.path = timeout, path
        self._file = path.open("w", encoding="utf-8") if timeout else None
        self._wound = -GRACE

    def wind(self) -> None:
        """Start the time of a call."""
        now = time.monotonic()
        if self._file and self.timeout and now - self._wound > GRACE:
            faulthandler.dump_traceback_later(self.timeout + GRACE, exit=True, file=self._file)
            self._wound = now

    def close(self) -> None:
        """Watch no longer; the file is removed."""
        if self._file:
            faulthandler.cancel_dump_traceback_later()
            self._file.close()
            self.path.unlink(missing_ok=True)


def stack_left(folder: Path, name: str) -> str:
    """Return the stack that a watchdog left of a batch when it ended the process, else nothing.

    The files are removed.
    """
    found = ""
    for path in folder.glob(f"{name}-*.stack"):
        found = found or path.read_text(encoding="utf-8").strip()
        path.unlink(missing_ok=True)
    return found
