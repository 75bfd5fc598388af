"""Command: what `adaptsim study` does with what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import typer

from adaptsim.outputs import check_writable
from adaptsim.report import print_json
from adaptsim.scenarios import Scenario, read_setting
from adaptsim.schema import Place, WrongRequest
from adaptsim.studies import results
from adaptsim.studies.conductor import StoppedStudy
from adaptsim.studies.one_run import find_run
from adaptsim.studies.progress import Watcher, print_outcome, print_status
from adaptsim.studies.running import own_place, run_study
from adaptsim.studies.study import load, read_time

ALL_DONE, SOME_FAILED, INTERRUPTED = 0, 3, 130


def settings(changes: Sequence[str], seed: int | None) -> dict[str, Any]:
    """Return what ``--set`` and ``--seed`` change of a study's file, by dotted name."""
    wanted = dict(read_setting(text) for text in changes)
    return wanted | ({} if seed is None else {"study.seed": seed})


def carry_out(
    name: str,
    changes: Mapping[str, Any],
    out: Path | None,
    *,
    timeout: str | None,
    as_json: bool,
    quiet: bool,
    **how: Any,
) -> int:
    """Run a study and say what came of it; return the exit code."""
    if _is_store(name):
        raise WrongRequest(f"{name}: is a study's folder: name its file, with --out {name}")
    study = load(name, changes)
    place = out or own_place(study)
    check_writable(place)
    limit = read_time(timeout, Place("--timeout", "", Path()))
    watcher = Watcher(quiet=quiet or as_json)
    try:
        with watcher.shown():
            found = run_study(study, place, timeout=limit, watch=watcher, **how)
    except KeyboardInterrupt:
        told = f"interrupted: what was finished is kept in {place}; the same command goes on"
        watcher.console.print(f"adaptsim: {told}", soft_wrap=True)
        return INTERRUPTED
    except StoppedStudy as error:
        told = f"stopped at the first failure: {error}; what was finished is kept in {place}"
        watcher.console.print(f"adaptsim: {told}", soft_wrap=True, markup=False)
        return SOME_FAILED
    if as_json:
        print_json(results.table(place))
    elif quiet:
        typer.echo(place)
    else:
        print_outcome(found)
    return SOME_FAILED if found.failed else ALL_DONE


def one_run(
    scenario: str | None,
    study: str | None,
    run_id: str | None,
    changes: Sequence[str],
    seed: int | None,
) -> Scenario | None:
    """Return a run of a study as a scenario; of a function of one's own print what it returns."""
    if scenario or not (study and run_id):
        told = "name a scenario, or a run of a study by --from-study STUDY --run-id ID"
        raise WrongRequest(f"{told} (see adaptsim --help)")
    found = find_run(study, run_id, settings(changes, seed))
    story = found.scenario()
    if story is None:
        print_json(pd.DataFrame(found.results()))
    return story


def show(
    view: str, name: str, changes: Mapping[str, Any], out: Path | None, *, as_json: bool
) -> None:
    """Print status, digest or table of a study, which may be at work."""
    if out or _is_store(name):
        place = out or Path(name)
    else:
        place = own_place(load(name, changes))
    if view == "digest":
        typer.echo(results.digest(place))
    elif view == "status":
        told = results.status(place)
        typer.echo(json.dumps(told)) if as_json else print_status(told)
    elif as_json:
        print_json(results.table(place))
    else:
        typer.echo(results.table(place).to_csv(index=False), nl=False)


def _is_store(name: str) -> bool:
    return (Path(name) / "study.json").is_file()
