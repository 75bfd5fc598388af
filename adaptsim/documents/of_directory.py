"""Which report a directory asks for, by what lies in it."""

from __future__ import annotations

from pathlib import Path

from adaptsim.documents.document import Document
from adaptsim.schema import WrongRequest, suggest

HOLDS = "a study's folder (study.json) or what run, optimize, stability or fit wrote (run.json)"


def of_directory(directory: Path) -> Document:
    """Return the document of a study, a run, or what another command wrote.

    Raises
    ------
    WrongRequest
        If there is no such directory, or nothing in it that a report can be made of.
    """
    if not directory.exists():
        raise WrongRequest(f"report {directory}: no such directory{_near(directory)}")
    if not directory.is_dir():
        raise WrongRequest(f"report {directory}: is a file; name {HOLDS}")
    if (directory / "study.json").is_file():
        from adaptsim.documents.of_study import of_study

        return of_study(directory)
    if (directory / "run.json").is_file():
        from adaptsim.documents.of_run import of_run

        return of_run(directory)
    raise WrongRequest(f"report {directory}: must be {HOLDS}{_inside(directory)}")


def _near(directory: Path) -> str:
    """Return words on directories of a similar name."""
    parent = directory.parent
    known = [one.name for one in parent.iterdir() if one.is_dir()] if parent.is_dir() else []
    hint = suggest(directory.name, known).partition("Allowed:")[0].strip() if known else ""
    return f"; {hint}" if hint else ""


def _inside(directory: Path) -> str:
    """Return words on the newest results in a directory of directories."""
    told = [*directory.glob("*/run.json"), *directory.glob("*/study.json")]
    if not told:
        return "; it holds neither"
    newest = max(told, key=lambda path: path.stat().st_mtime).parent
    return f"; it holds neither, but {newest} does"
