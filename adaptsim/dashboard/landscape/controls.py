"""Landscape controls: the landscape, a card for each rule, the start, and downloads."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd
import solara

from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.controls import Choice, PartControls, Section, Slider, shown_fields
from adaptsim.dashboard.in_page import CopyLink
from adaptsim.dashboard.landscape.live_race import LiveRace
from adaptsim.dashboard.landscape.race import LENGTHS, ZOOMS, Race
from adaptsim.dashboard.limits import MOST_RUNS
from adaptsim.dashboard.offered_parts import landscapes, rules
from adaptsim.dashboard.run_card import RunCard
from adaptsim.dashboard.shell import Button, Download
from adaptsim.schema import catalogue


@solara.component
def Ground(race: Race, change: Any) -> None:
    """Show which landscape it is, its numbers, the start and what is in view."""
    names = landscapes(2)
    everywhere = functools.partial(change, None)
    with Section("Landscape", opened=True):
        Choice(
            "Landscape",
            type(race.landscape).__name__,
            names,
            functools.partial(everywhere, "landscape.kind"),
            name="landscape",
        )
        solara.Text(_first_line(race.landscape), classes=["ad-help"])
        if [one for one in shown_fields(race.landscape) if one.name != "dimension"]:
            PartControls(race.landscape, everywhere, prefix="landscape.", skip=("dimension",))
        for axis in (0, 1):
            _coordinate(race, axis, change)
        Choice(
            "Steps",
            str(race.steps),
            map(str, LENGTHS),
            functools.partial(everywhere, "steps"),
            name="steps",
        )
        Choice(
            "Look nearer [times]",
            f"{race.zoom:g}",
            [f"{one:g}" for one in ZOOMS],
            functools.partial(everywhere, "zoom"),
            name="zoom",
        )
        others = len(catalogue("landscape")) - len(names)
        solara.Text(
            f"Here are the {len(names)} landscapes of two coordinates; {others} more have one or "
            "many, or need to be told more.",
            classes=["ad-help"],
        )


def _first_line(part: Any) -> str:
    return (type(part).__doc__ or "").strip().splitlines()[0]


def _coordinate(race: Race, axis: int, change: Any) -> None:
    low, high = race.view()[axis]
    span = high - low

    def move(value: float) -> None:
        place = list(race.start)
        place[axis] = value
        change(None, "start", place)

    here = race.start[axis]
    Slider(
        f"Start, coordinate {axis + 1}",
        here,
        move,
        low=min(low, here),
        high=max(high, here),
        step=float(f"{span / 400:.1g}"),
        unit="trait",
        help="Or click or drag on the map." if axis else "",
        name=f"start-{axis + 1}",
    )


@solara.component
def Walkers(race: Race, change: Any, adopt: Any) -> None:
    """Show a card for each rule with its learning rate, the speed limit marked on it."""
    for run, rule in enumerate(race.rules):
        RunCard(
            run,
            rule,
            change,
            noun="rule",
            limit=race.limit(run),
            rules=rules(),
            on_remove=functools.partial(_remove, race, run, adopt) if len(race.rules) > 1 else None,
        )
    Button(
        "Add a rule",
        lambda: adopt(race.added()),
        icon="mdi-plus",
        disabled=len(race.rules) >= MOST_RUNS,
        name="add",
    )


def _remove(race: Race, run: int, adopt: Any) -> None:
    adopt(race.without(run))


@solara.component
def RaceFiles(live: LiveRace) -> None:
    """Show downloads and the link."""
    with Section("Take it with you", opened=True, name="files"):
        with solara.Div(classes=["ad-row"]):
            Download(
                "CSV of the walks",
                lambda: walks_table(live).to_csv(index=False),
                filename=f"{type(live.race.landscape).__name__.lower()}_walks.csv",
                kind="text/csv",
                name="csv",
            )
            CopyLink()
        solara.Text(
            "PNG and SVG stand at each chart. The address holds all settings.", classes=["ad-help"]
        )


def walks_table(live: LiveRace) -> pd.DataFrame:
    """Return the walks, a row for each step of each rule."""
    race, columns = live.race, ["rule", "kind", "learning_rate", "step", "x", "y", "above_minimum"]
    tables = [
        pd.DataFrame(
            {
                "rule": letter,
                "kind": type(rule).__name__,
                "learning_rate": getattr(rule, "learning_rate", float("nan")),
                "step": range(len(one.path)),
                "x": one.path[:, 0],
                "y": one.path[:, 1],
                "above_minimum": one.above,
            }
        )
        for letter, rule, one in zip(LETTERS, race.rules, live.snapshot.walked, strict=False)
    ]
    return pd.concat(tables) if tables else pd.DataFrame(columns=columns)
