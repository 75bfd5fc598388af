"""Road controls: the range and the rate, the learner, and downloads."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import solara

from adaptsim.dashboard.controls import Choice, PartControls, Section, Slider, shown_fields
from adaptsim.dashboard.in_page import CopyLink
from adaptsim.dashboard.offered_parts import landscapes, rules
from adaptsim.dashboard.road.live_road import LiveRoad
from adaptsim.dashboard.road.road import Road
from adaptsim.dashboard.shell import Button, Download
from adaptsim.dashboard.slider_range import nice

UNIT = "1/(curvature step)"


@solara.component
def Rates(road: Road, change: Any, adopt: Any) -> None:
    """Show the rate looked at, the range of rates, and buttons that zoom."""
    limit = road.limit()
    fine = _step(road.high - road.low)
    with Section("Learning rate α", opened=True, name="rates"):
        Slider(
            "Looked at",
            road.rate,
            functools.partial(change, "rate"),
            low=road.low,
            high=road.high,
            step=fine,
            unit=UNIT,
            mark=limit,
            mark_label=f"limit {limit:.3g}" if limit is not None else "",
            help="A click on the diagram chooses it.",
            name="rate",
        )
        reach = nice(max(road.high, 2 * (limit or 0.0)))
        for name, here in (("From", road.low), ("To", road.high)):
            Slider(
                name,
                here,
                functools.partial(_move, road, name, change),
                low=0.0,
                high=reach,
                step=_step(reach),
                unit=UNIT,
                name=name.lower(),
            )
        with solara.Div(classes=["ad-row"]):
            Button("Nearer", lambda: adopt(road.zoomed(0.4)), icon="mdi-magnify-plus", name="in")
            Button("Wider", lambda: adopt(road.zoomed(2.5)), icon="mdi-magnify-minus", name="out")
        solara.Text(
            "Or draw a box: the first button under the diagram. Keys: + and -.", classes=["ad-help"]
        )


def _step(width: float) -> float:
    return float(f"{width / 500:.1g}")


def _move(road: Road, name: str, change: Any, value: float) -> None:
    change("range", (value, road.high) if name == "From" else (road.low, value))


@solara.component
def Learner(road: Road, change: Any) -> None:
    """Show landscape and rule with their numbers."""
    with Section("Learner", opened=True):
        Choice(
            "Landscape",
            type(road.landscape).__name__,
            landscapes(1, 2),
            functools.partial(change, "landscape.kind"),
            name="landscape",
        )
        if [one for one in shown_fields(road.landscape) if one.name != "dimension"]:
            PartControls(road.landscape, change, prefix="landscape.", skip=("dimension",))
        Choice(
            "Rule",
            type(road.rule).__name__,
            rules(steady=True),
            functools.partial(change, "rule.kind"),
            name="rule",
        )
        PartControls(road.rule, change, prefix="rule.", skip=("learning_rate",))
        solara.Text(
            "Here are landscapes of one and two coordinates, and rules without chance.",
            classes=["ad-help"],
        )


@solara.component
def RoadFiles(live: LiveRoad) -> None:
    """Show downloads and the link."""
    name = type(live.road.landscape).__name__.lower()
    with Section("Take it with you", opened=True, name="files"):
        with solara.Div(classes=["ad-row"]):
            Download(
                "CSV of the orbits",
                lambda: orbit_table(live).to_csv(index=False),
                filename=f"{name}_orbits.csv",
                kind="text/csv",
                name="csv",
            )
            Download(
                "CSV of the exponents",
                lambda: exponent_table(live).to_csv(index=False),
                filename=f"{name}_exponents.csv",
                kind="text/csv",
                name="exponents",
            )
            CopyLink()
        solara.Text(
            "PNG and SVG stand at each chart. The address holds all settings.", classes=["ad-help"]
        )


def orbit_table(live: LiveRoad) -> pd.DataFrame:
    """Return the settled orbits, a row for each rate and step; nan where they diverged."""
    if live.scan is None:
        return pd.DataFrame(columns=["learning_rate", "step", "position"])
    rates, positions, _ = live.scan
    return pd.DataFrame(
        {
            "learning_rate": np.repeat(rates, positions.shape[1]),
            "step": np.tile(np.arange(positions.shape[1]), len(rates)),
            "position": positions.ravel(),
        }
    )


def exponent_table(live: LiveRoad) -> pd.DataFrame:
    """Return the Lyapunov exponents, a row for each rate; nan where orbits diverged."""
    if live.scan is None:
        return pd.DataFrame(columns=["learning_rate", "lyapunov_exponent"])
    return pd.DataFrame(
        {"learning_rate": live.scan.rates, "lyapunov_exponent": live.scan.exponents}
    )
