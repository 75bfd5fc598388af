"""Progress: what a person sees of a study while it runs and when it is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from adaptsim.studies.conductor import Tally
from adaptsim.studies.plan import Plan
from adaptsim.studies.running import Outcome

LINE_EVERY = 10.0


class Watcher:
    """Tells on standard error how a study gets on: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    quiet
        Whether to say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._task: Any = None
        self._told_at = time.monotonic()
        self._told_error = False
        self._begun = False

    def __call__(self, tally: Tally, plan: Plan, engine: str) -> None:
        """Show how far it is."""
        if self.quiet:
            return
        if not self._begun:
            self._begin(tally, plan, engine)
        if tally.first_error and not self._told_error:
            self._told_error = True
            self.console.print(f"first failure: {tally.first_error}", markup=False)
        if self._bar is not None:
            done = tally.done + tally.failed
            self._bar.update(self._task, completed=done, total=tally.todo, told=_rate(tally))
        elif time.monotonic() - self._told_at > LINE_EVERY:
            self._told_at = time.monotonic()
            done = tally.done + tally.failed
            self.console.print(f"{done} of {tally.todo} runs, {_rate(tally)}", soft_wrap=True)

    def _begin(self, tally: Tally, plan: Plan, engine: str) -> None:
        self._begun = True
        study = plan.study
        self.console.print(f"[bold]{study.name}[/bold]  {study.question}")
        runs = len(plan.distinct)
        cells = f"{runs // study.replicates} cells x {study.replicates} replicates"
        there = runs - tally.todo
        told = f"{cells} = {runs} runs: {there} there, {tally.todo} to do; {engine}"
        self.console.print(told, soft_wrap=True)
        if self._bar is not None:
            self._task = self._bar.add_task(study.name, total=tally.todo, told="")

    @contextmanager
    def shown(self) -> Iterator[Watcher]:
        """Show the bar while the study runs."""
        if self.quiet or not self.console.is_terminal:
            yield self
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        told = TextColumn("{task.fields[told]}")
        with Progress(*columns, told, console=self.console, transient=True) as self._bar:
            yield self


def _rate(tally: Tally) -> str:
    if not tally.rate:
        return "none finished yet"
    told = f"{tally.rate:.3g} runs/s, {duration(tally.left / tally.rate)} left"
    return f"{told}, {tally.failed} failed" if tally.failed else told


def duration(seconds: float) -> str:
    """Return a time as a person says it.

    Examples
    --------
    >>> duration(42), duration(3700), duration(200000)
    ('42 s', '1 h 01 min', '2 d 7 h')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 3600:
        return f"{minutes} min {whole % 60:02d} s"
    return f"{hours} h {minutes % 60:02d} min" if not days else f"{days} d {hours % 24} h"


def print_outcome(found: Outcome) -> None:
    """Print what came of it, with each error and how to see it again."""
    from adaptsim.studies.results import status

    console = Console(stderr=True, highlight=False)
    told = status(found.store.place)
    lasted = f"{found.computed} computed in {duration(found.seconds)}"
    console.print(
        f"{found.done} of {found.runs} runs done, {found.failed} failed; {lasted}", soft_wrap=True
    )
    print_failures(told, console)
    console.print(f"wrote {found.store.place}/: runs/, failures/, design.parquet, study.json")


def print_failures(told: dict[str, Any], console: Console) -> None:
    """Print how many runs failed of what."""
    if not told["failures"]:
        return
    table = Table("status", "runs", "error", "for example", box=None, padding=(0, 2, 0, 0))
    for one in told["failures"]:
        table.add_row(one["status"], str(one["runs"]), one["error"][:200], one["example"])
    console.print(table)
    console.print("try them again with --retry-failed; tracebacks stand in failures/")


def print_status(told: dict[str, Any]) -> None:
    """Print how far a study is."""
    console = Console(highlight=False)
    console.print(f"[bold]{told['study']}[/bold]  {told['question']}")
    counts = f"{told['done']} of {told['runs']} runs done, {told['failed']} failed"
    console.print(f"{counts}, {told['missing']} missing", soft_wrap=True)
    if told["at_work"]:
        left = told["seconds_left"]
        rate = f"{told['runs_per_s']:.3g} runs/s"
        console.print(f"at work: {rate}" + (f", {duration(left)} left" if left else ""))
        for one in told["workers"]:
            since = duration(one["seconds"])
            console.print(f"  process {one['pid']}: batch {one['batch']}, at its run for {since}")
    else:
        console.print("not at work")
    print_failures(told, console)
