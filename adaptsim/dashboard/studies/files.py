"""Study files: the cells of a study as CSV, its report as one HTML file, and the link."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import solara

from adaptsim.dashboard.controls import Section
from adaptsim.dashboard.in_page import CopyLink
from adaptsim.dashboard.job import use_job
from adaptsim.dashboard.limits import LARGEST_REPORT
from adaptsim.dashboard.shell import Button, Download, Notice
from adaptsim.dashboard.studies import stored as stored_studies
from adaptsim.dashboard.studies.command_process import CommandProcess
from adaptsim.dashboard.studies.live_study import StudySnapshot
from adaptsim.schema import FailedRun

GLANCE = 0.2
WRITTEN = (0, 3)
"""Exit codes of a report that was written; 3: one of its analyses was refused."""


@solara.component
def StudyFiles(seen: StudySnapshot) -> None:
    """Show downloads and the link."""
    with Section("Take it with you", opened=True, name="files"):
        with solara.Div(classes=["ad-row"]):
            if seen.cells is not None:
                cells = seen.cells
                Download(
                    "CSV of the cells",
                    lambda: cells.to_csv(index=False),
                    filename=f"{seen.name}_cells.csv",
                    kind="text/csv",
                    name="csv",
                )
            CopyLink()
        Report(seen.name)
        solara.Text(
            "PNG and SVG stand at each chart. The address holds what is shown.",
            classes=["ad-help"],
        )


@solara.component
def Report(name: str) -> None:
    """Show a button that makes the report of a study, then one that hands it on."""
    job = use_job()
    done, page = job.result if job.state == "done" and job.result else ("", b"")
    made = done == name
    with solara.Div(classes=["ad-row", "ad-middle"]):
        if job.state == "running":
            solara.v.Html(tag="progress", attributes={"aria-label": "Report"})
            solara.Text("making the report …", classes=["ad-help"])
            Button("Cancel", job.cancel, name="cancel-report")
            return
        Button(
            "Make the report again" if made else "Make the report",
            lambda: job.start(lambda report: (name, made_report(name, report))),
            icon="mdi-file-document-outline",
            name="report",
        )
        if made:
            Download(
                "report.html",
                lambda: page,
                filename=f"{name}_report.html",
                kind="text/html",
                name="report",
            )
    if job.state == "failed":
        Notice("No report", job.error, kind="warning")


def made_report(name: str, report: Callable[[float], None]) -> bytes:
    """Return the page that ``adaptsim report`` makes of a study; nothing is left behind.

    It is made in a process of its own, which ends where nobody waits for it any more.

    Raises
    ------
    WrongRequest
        If there is no study of that name.
    FailedRun
        If there is no report of it, or it is too large.
    """
    place = stored_studies.place_of(name)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        process = CommandProcess(["report", str(place), "--out", str(page), "--quiet"])
        try:
            while process.code() is None:
                report(0.0)
                time.sleep(GLANCE)
            code = process.code()
        finally:
            process.end()
        if code not in WRITTEN:
            raise FailedRun(process.said() or f"the report of {name} ended with {code}")
        if page.stat().st_size > LARGEST_REPORT:
            raise FailedRun(f"{name}: its report is larger than {LARGEST_REPORT:,} bytes")
        return page.read_bytes()
