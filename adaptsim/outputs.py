"""Outputs: a directory of results that is written whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adaptsim.schema import WrongRequest


@contextmanager
def written_whole(directory: Path) -> Iterator[Path]:
    """Give a temporary folder beside a directory; on success it becomes the directory.

    An existing directory keeps its other files: only files of the same names are replaced, each at
    once. On any error, or an interruption, nothing remains of the attempt.

    Raises
    ------
    WrongRequest
        If the place cannot be written to; found before anything is computed by `check_writable`.
    """
    check_writable(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        yield draft
        _publish(draft, directory)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, directory: Path) -> None:
    draft.chmod(0o755)
    if not directory.exists():
        draft.rename(directory)
        return
    for file in sorted(draft.iterdir(), key=lambda file: file.name == "run.json"):
        os.replace(file, directory / file.name)


def check_writable(directory: Path) -> None:
    """Raise if results could not be written to a directory, before any work is done."""
    if directory.exists() and not directory.is_dir():
        raise WrongRequest(f"--out {directory}: is a file; name a directory")
    nearest = directory
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir():
        raise WrongRequest(f"--out {directory}: {nearest} is a file, not a directory")
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise WrongRequest(f"--out {directory}: cannot write there: {error.strerror}") from None


def own_place(name: str, seed: int) -> Path:
    """Return the directory of a new run where none is given: ``outputs/<name>/<run id>``."""
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S")
    stem = Path("outputs") / name / f"{now}-seed{seed}"
    place, count = stem, 1
    while place.exists():
        count += 1
        place = stem.with_name(f"{stem.name}-{count}")
    return place
