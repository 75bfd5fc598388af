"""Living systems: communities, searchers, bubbles, synapses and evolving rates, step by step."""

from __future__ import annotations

from typing import Any

import pandas as pd
import solara

from adaptsim.dashboard.bulletin import use_bulletin
from adaptsim.dashboard.chart import Chart
from adaptsim.dashboard.controls import PartControls, Section
from adaptsim.dashboard.in_page import Address, CopyLink, Keyboard
from adaptsim.dashboard.living import SYSTEMS
from adaptsim.dashboard.living.live import LiveSystem, LivingSnapshot
from adaptsim.dashboard.living.shown import Shown, from_query
from adaptsim.dashboard.living.stories import LIVING_STORIES
from adaptsim.dashboard.number_table import NumberTable
from adaptsim.dashboard.shell import Button, Download, Frame, Notice
from adaptsim.dashboard.stories import Story
from adaptsim.dashboard.story_list import StoryList
from adaptsim.dashboard.transport import Transport, said
from adaptsim.schema import WrongRequest

SHORT, TALL = "270px", "480px"
"""Height of a chart with another below it, and of the one beside both."""
KEYS = {" ": "play or pause", ".": "one step", "r": "reset"}


@solara.component
def Page() -> None:
    """Show the page for what the address says."""
    search = solara.use_router().search
    begun, problems = solara.use_memo(lambda: from_query(search), [])
    shown, set_shown = solara.use_state(begun)
    snapshot, bulletin = use_bulletin(LivingSnapshot())
    notices, set_notices = solara.use_state(problems)
    story, set_story = solara.use_state("")
    live: LiveSystem = solara.use_memo(lambda: LiveSystem(begun, bulletin.post), [])
    solara.use_effect(lambda: live.close, [])

    def adopt(changed: Shown) -> None:
        set_notices([])
        set_shown(changed)
        live.adopt(changed)

    def change(_: int | None, name: str, value: Any) -> None:
        try:
            adopt(live.shown.changed(name, value))
        except WrongRequest as error:
            set_notices([str(error)])

    def choose(name: str) -> None:
        set_story("")
        change(None, "system", name)

    def tell(story: Story) -> None:
        set_story(story.name)
        adopt(from_query(story.link)[0])
        live.reset()
        live.player.play()

    def press(key: str) -> None:
        {" ": live.toggle, ".": live.step, "r": live.reset}[key]()

    controls = [
        StoryList(LIVING_STORIES[shown.name], story, tell, change),
        Section(
            "What to turn",
            [
                PartControls(
                    shown.system,
                    lambda name, value: change(None, name, value),
                    marks=shown.system.marks(),
                )
            ],
            opened=True,
            name="numbers",
        ),
        Files(live),
    ]
    with Frame("Living systems", shown.system.question, controls=controls):
        Keyboard(watched=list(KEYS), event_pressed=press)
        Address(query=shown.query())
        Systems(shown, choose)
        course = snapshot.course
        Transport(
            playing=snapshot.state == "playing",
            step=snapshot.step,
            speed=shown.speed,
            on_toggle=live.toggle,
            on_step=live.step,
            on_speed=lambda word: change(None, "speed", word),
            on_reset=live.reset,
            keys="space, . (step), r (reset)",
            children=[said(course.word, "", "word")] if course else [],
        )
        Notices(snapshot, notices)
        Charts(live, shown).key(shown.name)
        with solara.Div(classes=["ad-card"]):
            rows = course.rows if course else ()
            NumberTable(
                rows,
                runs=len(rows[0].cells) if rows else 1,
                caption="Measured, with theory in italics beside it",
            )


@solara.component
def Systems(shown: Shown, choose: Any) -> None:
    """Show which systems there are."""
    with solara.v.Html(tag="nav", class_="ad-row", attributes={"aria-label": "Systems"}):
        for name, system in SYSTEMS.items():
            Button(
                system.title,
                lambda name=name: choose(name),
                primary=name == shown.name,
                name=f"system-{name}",
            )


@solara.component
def Notices(snapshot: LivingSnapshot, notices: list[str]) -> None:
    """Show what was refused, what failed, and what the page waits for."""
    for text in notices:
        Notice("Not done", text, kind="warning")
    if snapshot.problem:
        Notice("Nothing to show", snapshot.problem, kind="warning")
    elif snapshot.state == "preparing":
        Notice("Preparing", "The system is being computed; the first frame comes in a moment.")


@solara.component
def Charts(live: LiveSystem, shown: Shown) -> None:
    """Show the charts; frames come from the player, not from here."""
    system = type(shown.system)
    full = "400px" if len(system.looks) == 2 else SHORT
    heights = ("auto", full) if system.square else (full, "400px" if full != SHORT else TALL)
    even = system.square or full == SHORT
    with solara.Div(classes=["ad-maps" if even else "ad-charts"]):
        with solara.Div(classes=["ad-card", "ad-square", "ad-map"] if system.square
                        else ["ad-card"]):  # fmt: skip
            left = Chart.element(
                name="course",
                label=system.about[0],
                option=system.looks[0],
                height=heights[0],
            )
            more = [] if system.square else _below(system)
            solara.Text(system.legend, classes=["ad-help"])
        with solara.Div(classes=["ad-card"]):
            right = Chart.element(
                name="beside", label=system.about[1], option=system.looks[1], height=heights[1]
            )
            more = _below(system) if system.square else more

    def attach() -> Any:
        one, *others = (solara.get_widget(each) for each in (left, right, *more))
        one.on_drawn = live.player.drawn
        live.attach(one, *others)

        def detach() -> None:
            one.on_drawn = None
            live.detach(one)

        return detach

    solara.use_effect(attach, [])


def _below(system: Any) -> list[Any]:
    """Show the chart below another, where the system has one."""
    return [
        Chart.element(name="below", label=label, option=look, height="210px")
        for label, look in zip(system.about[2:], system.looks[2:], strict=True)
    ]


@solara.component
def Files(live: LiveSystem) -> None:
    """Show downloads and the link."""

    def table() -> str:
        course = live.snapshot.course
        return pd.DataFrame(course.columns if course else {}).to_csv(index=False)

    with Section("Take it with you", opened=True, name="files"):
        with solara.Div(classes=["ad-row"]):
            Download(
                "CSV of the course",
                table,
                filename=f"{live.shown.name}.csv",
                kind="text/csv",
                name="csv",
            )
            CopyLink()
        solara.Text(
            "PNG and SVG stand at each chart. The address holds all settings.", classes=["ad-help"]
        )
