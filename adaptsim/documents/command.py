"""Command: what `adaptsim report` does with what it is told."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console

from adaptsim.documents.of_directory import of_directory
from adaptsim.documents.report import place_of, write_report
from adaptsim.documents.terminal import lines, records

DONE, REFUSED = 0, 3


def carry_out(directory: Path, out: Path | None, *, as_json: bool, quiet: bool) -> int:
    """Write the report of a directory and say what it says; return the exit code.

    0: done; 3: done, but an analysis was refused because too many cells failed.

    Raises
    ------
    WrongRequest
        If no report can be made of the directory, or written where it should go.
    """
    place = place_of(directory, out) if directory.is_dir() else directory
    document = of_directory(directory)
    written = write_report(document, place)
    if as_json:
        typer.echo(json.dumps(records(document)))
    elif quiet:
        typer.echo(place)
    else:
        Console(highlight=False).print(lines(document))
        beside = f", and {len(written) - 1} tables in analysis/" if len(written) > 1 else ""
        Console(stderr=True, highlight=False).print(f"wrote {place}{beside}", soft_wrap=True)
    return REFUSED if document.refused else DONE
