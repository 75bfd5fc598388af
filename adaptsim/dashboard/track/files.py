"""Track files: what is on screen, to take away."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pandas as pd
import solara
import tomli_w

from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.controls import Section
from adaptsim.dashboard.in_page import CopyLink
from adaptsim.dashboard.shell import Download
from adaptsim.dashboard.track.comparison import Comparison, table_of
from adaptsim.dashboard.track.live_comparison import LiveComparison


@solara.component
def Files(comparison: Comparison, live: LiveComparison) -> None:
    """Show downloads and the link."""
    name = comparison.name
    with Section("Take it with you", opened=True, name="files"):
        with solara.Div(classes=["ad-row"]):
            Download(
                "CSV of the course",
                lambda: _csv(live),
                filename=f"{name}.csv",
                kind="text/csv",
                name="csv",
            )
            Download(
                "CSV of the measures",
                lambda: _measures(live),
                filename=f"{name}_measures.csv",
                kind="text/csv",
                name="measures",
            )
            one = comparison.table() is not None
            Download(
                "Scenario (TOML)",
                lambda: _toml(live),
                name="toml",
                filename=f"{name}.toml" if one else f"{name}.zip",
                kind="application/toml" if one else "application/zip",
            )
            CopyLink()
        solara.Text(
            "PNG and SVG stand at each chart. The address holds all settings.", classes=["ad-help"]
        )


def _csv(live: LiveComparison) -> str:
    tables = []
    for letter, run in zip(LETTERS, live.runs, strict=False):
        columns: dict[str, Any] = {}
        for variable, one in run.still().rows().items():
            columns |= {
                variable: one.output,
                f"{variable}_target": one.target,
                f"{variable}_variance": one.spread,
                f"{variable}_squared_error": one.squared_error,
            }
        table = pd.DataFrame(columns).rename_axis("step").reset_index()
        tables.append(table.assign(run=letter))
    return pd.concat(tables).to_csv(index=False)


def _measures(live: LiveComparison) -> str:
    found = [
        table.assign(run=letter)
        for letter, table in zip(LETTERS, live.snapshot.tables, strict=False)
        if table is not None
    ]
    return pd.concat(found).to_csv(index=False) if found else "run\n"


def _toml(live: LiveComparison) -> bytes:
    comparison, steps = live.comparison, max(1, live.snapshot.step)
    table = comparison.table()
    if table is not None:
        return tomli_w.dumps(table | {"steps": steps}).encode()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as files:
        for letter, one in zip(LETTERS, comparison.runs, strict=False):
            text = tomli_w.dumps(table_of(one) | {"steps": steps})
            files.writestr(f"{comparison.name}_{letter}.toml", text)
    return held.getvalue()
