"""Study start card: choose a study file, make it small, start it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import solara

from adaptsim.dashboard.controls import Choice, Slider
from adaptsim.dashboard.job import use_job
from adaptsim.dashboard.limits import MOST_STUDY_RUNS
from adaptsim.dashboard.shell import Button, Notice
from adaptsim.dashboard.studies.start import StudyStart, start_of, startable
from adaptsim.figures.study_axes import words_of

FIRST = "learning_rate_by_period"


@solara.component
def StudyStartCard(on_start: Callable[[StudyStart], Any], busy: bool) -> None:
    """Show the studies that can be started, and how small."""
    files = solara.use_memo(lambda: sorted(startable()), [])
    file, set_file = solara.use_state(FIRST if FIRST in files else files[0])
    turned, set_turned = solara.use_state(None)
    loading = use_job()
    solara.use_effect(lambda: loading.start(lambda report: start_of(file)), [file])
    loaded = loading.result if loading.state == "done" else None
    start = next((one for one in (turned, loaded) if one is not None and one.file == file), None)
    with solara.v.Html(tag="section", class_="ad-card ad-start"):
        solara.v.Html(tag="h2", class_="ad-heading", children=["Start a small study"])
        Choice("Study", file, files, set_file, name="start-file")
        if loading.state == "failed":
            Notice("Cannot be started here", loading.error, kind="warning")
        elif start is None:
            solara.Text("Reading the study …", classes=["ad-help"])
        else:
            solara.Text(start.study.question)
            _Sizes(start, lambda name, value: set_turned(start.changed(name, value)))
            with solara.Div(classes=["ad-row", "ad-middle"]):
                Button(
                    "Start",
                    lambda: on_start(start),
                    primary=True,
                    disabled=busy,
                    icon="mdi-play",
                    name="start",
                )
                solara.v.Html(
                    tag="span",
                    children=[f"{start.cells:,} cells × {start.replicates} = {start.runs:,} runs"],
                    attributes={"data-testid": "start-runs"},
                )
            solara.Text(
                f"It runs beside the pages, at most {MOST_STUDY_RUNS:,} runs, and ends when this "
                "tab is closed; finished runs are kept and are gone on from. Larger studies: "
                "adaptsim study in a terminal, watched here all the same.",
                classes=["ad-help"],
            )


def _Sizes(start: StudyStart, change: Callable[[str, float], None]) -> None:
    with solara.Div(classes=["ad-sizes"]):
        for name, values in start.values.items():
            Slider(
                f"Values of {words_of(name)}",
                start.counts[name],
                functools.partial(change, name),
                low=1,
                high=len(values),
                step=1,
                whole=True,
                name=f"values-{name}",
            )
        Slider(
            "Replicates of each cell",
            start.replicates,
            functools.partial(change, "replicates"),
            low=1,
            high=max(20, start.study.replicates),
            step=1,
            whole=True,
            name="replicates",
        )
