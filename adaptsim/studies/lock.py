"""Lock: who may work on a store."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TRIES, PAUSE = 10, 0.02
"""How often a lock is tried for, seconds apart: who only looks (`is_locked`) is gone by then."""


class RefusedStore(RuntimeError):
    """A store is at work, or holds another study; the message says what and what to do."""


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold a lock on a file while something is done.

    The lock ends with the process, however it ends.

    Parameters
    ----------
    path
        The lock file; made if need be, and never removed.
    shared
        Whether others may hold it too, if they share it.
    wait
        Whether to wait for it; else it is refused at once.

    Raises
    ------
    RefusedStore
        If another process holds it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        if wait:
            fcntl.flock(file, kind)
        elif not _taken(file, kind):
            told = f"{path.parent}: is at work in {_holder(path)}; lock {path}"
            raise RefusedStore(told)
        if not shared:
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps({"pid": os.getpid()}).encode(), 0)
        yield
    finally:
        os.close(file)


def _taken(file: int, kind: int) -> bool:
    """Try to take a lock for a moment; return whether it was had."""
    for left in reversed(range(TRIES)):
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE if left else 0)
        else:
            return True
    return False


def is_locked(path: Path) -> bool:
    """Whether a living process of this machine holds a lock, on a store or on an open journal."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _holder(path: Path) -> str:
    try:
        return f"process {json.loads(path.read_text())['pid']}"
    except (OSError, ValueError, KeyError):
        return "another process"
