"""Report: a directory's document written to a file, with its tables beside it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from adaptsim.documents.document import Document
from adaptsim.documents.html import html
from adaptsim.outputs import check_writable

NAME = "report.html"


def place_of(directory: Path, out: Path | None) -> Path:
    """Return where a report goes: ``report.html`` in the directory, or where ``out`` says.

    Raises
    ------
    WrongRequest
        If that cannot be written to.

    Examples
    --------
    >>> str(place_of(Path("."), Path("told.html"))), str(place_of(Path("."), None))
    ('told.html', 'report.html')
    """
    told = out or directory
    place = told if told.suffix == ".html" and not told.is_dir() else told / NAME
    check_writable(place.parent)
    return place


def write_report(document: Document, place: Path) -> list[Path]:
    """Write a document as HTML, and its tables as CSV into ``analysis/`` beside it.

    Each file is written whole or not at all.

    Parameters
    ----------
    document : Document
        What to write.
    place : Path
        The HTML file.

    Returns
    -------
    list of Path
        What was written, the page first.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    page = html(document)
    written = [_write(place, page)]
    folder = place.parent / "analysis"
    for table in document.tables():
        if table.file:
            folder.mkdir(exist_ok=True)
            written.append(_write(folder / f"{table.file}.csv", table.frame.to_csv(index=False)))
    return written


def _write(path: Path, text: str) -> Path:
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(draft).chmod(0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return path
