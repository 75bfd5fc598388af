"""Study list: the stored studies, one row each, and what to do where there is none."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Any

import solara

from adaptsim.dashboard.shell import Button
from adaptsim.dashboard.studies.stored import StoredStudy

MARKS = {"finished": "calm", "at work": "care", "unfinished": "soft", "damaged": "alarm"}


@solara.component
def StudyList(studies: Sequence[StoredStudy], on_open: Callable[[str], Any]) -> None:
    """Show the stores in ``outputs/``."""
    if not studies:
        with solara.v.Html(tag="section", class_="ad-card ad-empty"):
            solara.v.Html(tag="h2", class_="ad-heading", children=["No study here yet"])
            solara.Text(
                "A study runs one scenario many times: over a grid of values, or a sample of "
                "ranges. Start a small one here, or any in a terminal; it then stands here:"
            )
            solara.v.Html(tag="code", children=["adaptsim study learning_rate_by_period"])
        return
    with solara.v.Html(
        tag="ul", class_="ad-studies", attributes={"aria-label": "Studies in outputs/"}
    ):
        for study in studies:
            _row(study, on_open)


def _row(study: StoredStudy, on_open: Callable[[str], Any]) -> None:
    with solara.v.Html(
        tag="li", class_="ad-card ad-study", attributes={"data-testid": f"study-{study.name}"}
    ):
        with solara.Div(classes=["ad-study-head"]):
            solara.v.Html(tag="strong", children=[study.name])
            state_mark(study.name, study.state)
        solara.Text(study.problem or study.question, classes=["ad-story"])
        if not study.problem:
            progress_bar(study.name, study.done, study.failed, study.runs)
            with solara.Div(classes=["ad-study-foot"]):
                solara.Text(_told(study), classes=["ad-help"])
                Button(
                    "Open",
                    functools.partial(on_open, study.name),
                    icon="mdi-chart-line",
                    name=f"open-{study.name}",
                )


def _told(study: StoredStudy) -> str:
    when = f" · {ago(study.changed)}" if study.changed else ""
    kind = study.design.replace("_", " ")
    return f"{kind} of {study.cells:,} cells · {counts(study.done, study.failed, study.runs)}{when}"


def state_mark(name: str, state: str) -> None:
    """Show what a study is at."""
    solara.v.Html(
        tag="span",
        class_=f"ad-state ad-{MARKS.get(state, 'soft')}",
        children=[state],
        attributes={"data-testid": f"state-{name}"},
    )


def counts(done: int, failed: int, runs: int) -> str:
    """Return how far a study is.

    Examples
    --------
    >>> counts(70, 2, 1000), counts(8, 0, 8)
    ('70 of 1,000 runs done, 2 failed', '8 of 8 runs done')
    """
    return f"{done:,} of {runs:,} runs done" + (f", {failed:,} failed" if failed else "")


def progress_bar(name: str, done: int, failed: int, runs: int) -> None:
    """Show how many runs are done, and how many failed, of all."""
    shares = [f"{100 * part / max(runs, 1):.2f}%" for part in (done, failed)]
    parts = [
        solara.v.Html(tag="span", class_=f"ad-bar-{kind}", style_=f"width:{share}")
        for kind, share in zip(("done", "failed"), shares, strict=True)
    ]
    solara.v.Html(
        tag="div",
        class_="ad-bar",
        children=parts,
        attributes={
            "role": "progressbar",
            "aria-label": f"Runs of {name}",
            "aria-valuemin": "0",
            "aria-valuemax": str(runs),
            "aria-valuenow": str(done + failed),
            "aria-valuetext": counts(done, failed, runs),
        },
    )


def ago(when: dt.datetime) -> str:
    """Return how long ago something was, as a person says it."""
    seconds = (dt.datetime.now(dt.UTC) - when).total_seconds()
    if seconds < 60:
        return "just now"
    for size, unit in ((60, "min"), (3600, "h")):
        if seconds < 60 * size or (unit == "h" and seconds < 24 * size):
            return f"{seconds // size:.0f} {unit} ago"
    return when.strftime("%d %b %Y")
