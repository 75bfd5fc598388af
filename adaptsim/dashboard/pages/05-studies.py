"""Studies: browse what was computed over many cells, look at it, start a small one and watch it."""

from __future__ import annotations

from typing import Any

import solara

from adaptsim.dashboard.bulletin import use_bulletin
from adaptsim.dashboard.chart import Chart
from adaptsim.dashboard.in_page import Address
from adaptsim.dashboard.shell import Button, Frame, Notice
from adaptsim.dashboard.studies import chart as study_chart
from adaptsim.dashboard.studies.controls import (
    WhatIsShown,
    WhatLiesOver,
    WhichCells,
    WhichStudy,
)
from adaptsim.dashboard.studies.files import StudyFiles
from adaptsim.dashboard.studies.frame_table import FrameTable
from adaptsim.dashboard.studies.list import StudyList, counts, progress_bar, state_mark
from adaptsim.dashboard.studies.live_study import LiveStudy, StudySnapshot
from adaptsim.dashboard.studies.own_study import OwnState, OwnStudy
from adaptsim.dashboard.studies.start import StudyStart
from adaptsim.dashboard.studies.start_card import StudyStartCard
from adaptsim.dashboard.studies.view import from_query, query
from adaptsim.figures.study_axes import label, words_of
from adaptsim.schema import WrongRequest
from adaptsim.studies.analysis.frame import PARAMETER
from adaptsim.studies.progress import duration

QUESTION = "What was found over many values, and how does it compare with theory?"


@solara.component
def Page() -> None:
    """Show the list of studies, or the study that the address names."""
    search = solara.use_router().search
    begun = solara.use_memo(lambda: from_query(search), [])
    asked, set_asked = solara.use_state(begun)
    notice, set_notice = solara.use_state("")
    seen, bulletin = use_bulletin(StudySnapshot())
    own, own_news = use_bulletin(OwnState())
    live: LiveStudy = solara.use_memo(lambda: LiveStudy(begun, bulletin.post), [])
    work: OwnStudy = solara.use_memo(lambda: OwnStudy(own_news.post), [])
    solara.use_effect(live.begin, [])
    solara.use_effect(lambda: work.close, [])

    def show(now: dict[str, str]) -> None:
        set_notice("")
        set_asked(now)
        live.show(now)

    def change(name: str, value: str) -> None:
        show({"study": value} if name == "study" else {**live.asked, name: value})

    def start(wanted: StudyStart) -> None:
        try:
            live.awaited = wanted.name
            work.start(wanted)
            change("study", wanted.name)
        except WrongRequest as error:
            set_notice(str(error))

    name = asked.get("study", "")
    here = seen if seen.name == name else StudySnapshot()
    controls = []
    if not name:
        controls.append(StudyStartCard(start, own.state in ("running", "ending")))
    else:
        names = [one.name for one in seen.studies]
        controls.append(WhichStudy(name, names, change))
        if here.stored is not None and here.view is not None:
            controls += [
                WhatIsShown(here.stored, here.view, change),
                WhichCells(here.stored, here.view, asked, change),
                *([WhatLiesOver(asked, names, change)] if here.view.shape == "curves" else []),
                StudyFiles(here),
            ]
    with Frame("Studies", QUESTION, controls=controls):
        Address(query=query(asked))
        if notice:
            Notice("Not started", notice, kind="warning")
        if own.state == "failed":
            Notice(f"{own.name} ended", own.problem, kind="warning")
        if not name:
            Listed(here, change)
        else:
            Opened(here, own, work, change)


@solara.component
def Listed(seen: StudySnapshot, change: Any) -> None:
    """Show all studies."""
    if seen.state == "loading":
        Notice("Reading", "Looking for studies in outputs/ …")
    elif seen.state == "damaged":
        Notice("The studies cannot be listed", seen.problem, kind="error")
    else:
        StudyList(seen.studies, lambda name: change("study", name))


@solara.component
def Opened(seen: StudySnapshot, own: OwnState, work: OwnStudy, change: Any) -> None:
    """Show one study: how far it is, its chart, its numbers, what failed."""
    with solara.Div(classes=["ad-row"]):
        Button("All studies", lambda: change("study", ""), icon="mdi-arrow-left", name="all")
    if seen.state == "loading":
        Notice("Reading", "The runs are being read …")
        return
    if seen.state == "damaged":
        Notice("This study cannot be shown", seen.problem, kind="error")
        return
    mine = own if own.name == seen.name else OwnState()
    Progress(seen, mine, work)
    if seen.view is None:
        Notice("No numbers yet", "The first cells are being computed and come in a moment."
               if mine.state == "running" or (seen.status or {}).get("at_work")
               else "No run of this study has finished, or its numbers do not differ.")  # fmt: skip
    else:
        if seen.problem:
            Notice("Nothing laid over", seen.problem, kind="warning")
        StudyChart(seen)
        Tables(seen)
    Failures(seen)


@solara.component
def Progress(seen: StudySnapshot, own: OwnState, work: OwnStudy) -> None:
    """Show how far a study is, how fast it goes on, and how to stop it or go on with it."""
    status = seen.status
    with solara.v.Html(tag="section", class_="ad-card ad-study"):
        with solara.Div(classes=["ad-study-head"]):
            solara.v.Html(tag="h2", class_="ad-heading", children=[seen.name])
            state_mark(seen.name, _state(status, own))
        if status is not None:
            solara.Text(status["question"], classes=["ad-story"])
            progress_bar(seen.name, status["done"], status["failed"], status["runs"])
        with solara.Div(classes=["ad-row", "ad-middle"]):
            solara.v.Html(
                tag="span",
                children=[_far(status)],
                attributes={"data-testid": "progress", "aria-live": "polite"},
            )
            if own.state == "running":
                Button("Cancel", work.cancel, icon="mdi-stop", name="cancel")
        if status is not None and status["missing"] and not status["at_work"]:
            solara.Text("It stopped before its end. This goes on with it:", classes=["ad-help"])
            go_on = own.command or f"adaptsim study FILE.toml --out outputs/{seen.name}"
            solara.v.Html(tag="code", children=[go_on])


def _state(status: dict[str, Any] | None, own: OwnState) -> str:
    if own.state in ("running", "ending"):
        return {"running": "at work", "ending": "ending"}[own.state]
    if status is None:
        return own.state if own.state != "idle" else "waiting"
    if status["at_work"]:
        return "at work"
    return "unfinished" if status["missing"] else "finished"


def _far(status: dict[str, Any] | None) -> str:
    if status is None:
        return "The study is being prepared …"
    told = counts(status["done"], status["failed"], status["runs"])
    if status["at_work"] and status["runs_per_s"]:
        left = status["seconds_left"]
        rate = f", {status['runs_per_s']:.3g} runs/s"
        return f"{told}{rate}" + (f", {duration(left)} left" if left else "")
    return told


@solara.component
def StudyChart(seen: StudySnapshot) -> None:
    """Show the curves or the map of a study."""
    drawn = solara.use_memo(
        lambda: (
            study_chart.map_drawing(seen)
            if seen.field is not None
            else study_chart.curves_drawing(seen)
        ),
        [seen],
    )
    look = solara.use_memo(lambda: drawn.option, [drawn.key])
    told = study_chart.told_of(seen)
    with solara.v.Html(tag="section", class_="ad-card"):
        element = Chart.element(name="study", label=told, option=look, height="420px")
        solara.Text(told + ".", classes=["ad-help", "ad-caption"])

    def push() -> None:
        solara.get_widget(element).push(drawn.blocks, axes=drawn.axes)

    solara.use_effect(push, [drawn])


@solara.component
def Tables(seen: StudySnapshot) -> None:
    """Show the best rates, and the cells that count."""
    assert seen.stored is not None
    assert seen.view is not None
    assert seen.cells is not None
    units, measure = seen.stored.units, seen.view.measure
    if seen.best is not None:
        with solara.v.Html(tag="section", class_="ad-card"):
            FrameTable(
                seen.best,
                caption=f"Learning rate of least {words_of(measure)} in each environment, with "
                "95 % interval and theory's at the same rates",
                name="best",
                heads=_heads(seen.best, units)
                | {"best": "best rate", "best_low": "from", "best_high": "to",
                   "score": f"least {words_of(measure)}", "flag": ""},
            )  # fmt: skip
    cells = seen.cells.drop(columns=["cell_id", "sd", "n"])
    cells = cells.drop(columns=[name for name in ("theory", "ci_low", "ci_high", "failed")
                                if not cells[name].fillna(0).any()])  # fmt: skip
    with solara.v.Html(tag="section", class_="ad-card"):
        FrameTable(
            cells,
            caption=f"{len(cells):,} cells: {study_chart.mean_of(measure)} over replicates",
            name="cells",
            heads=_heads(cells, units)
            | {"value": label(measure, units), "ci_low": "from", "ci_high": "to"},
            where=" in the CSV",
        )


def _heads(frame: Any, units: Any) -> dict[str, str]:
    names = [str(name) for name in frame if str(name).startswith(PARAMETER)]
    return {name: label(name.removeprefix(PARAMETER), units) for name in names}


@solara.component
def Failures(seen: StudySnapshot) -> None:
    """Show which errors runs ended with."""
    failures = (seen.status or {}).get("failures")
    if not failures:
        return
    import pandas as pd

    with solara.v.Html(tag="section", class_="ad-card"):
        FrameTable(
            pd.DataFrame(failures)[["error", "status", "runs", "example"]],
            caption="Runs that failed; adaptsim study --retry-failed tries them again",
            name="failures",
            heads={"example": "for example run"},
        )
