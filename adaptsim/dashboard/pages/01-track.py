"""Track: populations follow a moving optimum, live; up to four runs in one world."""

from __future__ import annotations

from typing import Any

import solara

from adaptsim.dashboard import chart
from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.bulletin import use_bulletin
from adaptsim.dashboard.chart import DASHES, RUN_COLOURS, Chart
from adaptsim.dashboard.controls import words
from adaptsim.dashboard.in_page import Address, Keyboard
from adaptsim.dashboard.shell import Frame, Notice
from adaptsim.dashboard.stories import Story
from adaptsim.dashboard.story_list import StoryList
from adaptsim.dashboard.track.comparison import Comparison, from_query
from adaptsim.dashboard.track.controls import Runs, Scenario, World
from adaptsim.dashboard.track.files import Files
from adaptsim.dashboard.track.live_comparison import LiveComparison, Snapshot
from adaptsim.dashboard.track.measure_table import MeasureTable
from adaptsim.dashboard.track.stories import TRACK_STORIES
from adaptsim.dashboard.transport import Transport, said_of_runs
from adaptsim.schema import WrongRequest

QUESTION = "How far behind, how faithful, how stable is a follower of a moving optimum?"
KEYS = {" ": "play or pause", ".": "one step", "r": "reset"}


@solara.component
def Page() -> None:
    """Show the page for what the address says."""
    search = solara.use_router().search
    (begun, problems) = solara.use_memo(lambda: from_query(search, "tracker_tone"), [])
    comparison, set_comparison = solara.use_state(begun)
    notices, set_notices = solara.use_state(problems)
    story, set_story = solara.use_state("")
    live: LiveComparison = solara.use_memo(lambda: LiveComparison(begun), [])
    solara.use_effect(lambda: live.close, [])

    def adopt(changed: Comparison, told: str = "") -> None:
        set_notices([])
        set_comparison(changed)
        live.adopt(changed, told)

    def change(run: int | None, name: str, value: Any) -> None:
        try:
            adopt(live.comparison.changed(run, name, value), f"{name} = {value}")
        except WrongRequest as error:
            set_notices([str(error)])

    def tell(story: Story) -> None:
        set_story(story.name)
        adopt(from_query(story.link, "tracker_tone")[0])
        live.player.play()

    def scenario(name: str) -> None:
        set_story("")
        found, told = from_query(f"scenario={name}", live.comparison.name)
        adopt(found)
        set_notices(told)

    def press(key: str) -> None:
        actions = {" ": lambda: _toggle(live), ".": live.player.step, "r": live.reset}
        actions[key]()

    controls = [
        StoryList(TRACK_STORIES, story, tell, change),
        Scenario(comparison, scenario, change),
        Runs(comparison, change, adopt, set_notices),
        World(comparison, change),
        Files(comparison, live),
    ]
    with Frame("Track", QUESTION, controls=controls):
        Keyboard(watched=list(KEYS), event_pressed=press)
        Address(query=comparison.query())
        Stage(live, comparison, notices, change)


@solara.component
def Stage(live: LiveComparison, comparison: Comparison, notices: list[str], change: Any) -> None:
    """Show what happens: the part of the page that news from the runs render again."""
    snapshot, bulletin = use_bulletin(live.snapshot)
    solara.use_effect(lambda: live.listen(bulletin.post), [])
    Transport(
        playing=snapshot.state == "playing",
        step=snapshot.step,
        speed=comparison.speed,
        on_toggle=lambda: _toggle(live),
        on_step=live.player.step,
        on_speed=lambda word: change(None, "speed", word),
        on_reset=live.reset,
        keys="space, . (step), r (reset)",
        children=said_of_runs(snapshot.words),
    )
    Notices(snapshot, notices)
    Charts(live, comparison)
    with solara.Div(classes=["ad-card"]):
        MeasureTable(snapshot, comparison.shown)


def _toggle(live: LiveComparison) -> None:
    if live.player.playing:
        live.player.pause()
    else:
        live.player.play()


@solara.component
def Notices(snapshot: Snapshot, notices: list[str]) -> None:
    """Show what was refused, why the run stopped, and what it waits for."""
    for text in notices:
        Notice("Not done", text, kind="warning")
    if snapshot.state == "stopped":
        Notice("Stopped", snapshot.problem or snapshot.why, kind="warning")
    elif snapshot.problem:
        Notice("Not measured", snapshot.problem, kind="warning")
    elif snapshot.state == "paused" and snapshot.why:
        Notice("Paused", f"{snapshot.why[0].upper()}{snapshot.why[1:]}; press Play to go on.")
    elif snapshot.state == "preparing":
        Notice("Preparing", "The step is being compiled; the first frame comes in a moment.")


@solara.component
def Charts(live: LiveComparison, comparison: Comparison) -> None:
    """Show the course and the loop; frames come from the player, not from here."""
    shown, unit = comparison.shown, _unit(comparison)
    runs = len(comparison.runs)
    looks = solara.use_memo(
        lambda: (_course(shown, unit, runs), _loop(shown, unit, runs)), [shown, unit, runs]
    )
    label = f"{words(shown)} of {runs} runs and their optimum against time in steps"
    with solara.Div(classes=["ad-charts"]):
        with solara.Div(classes=["ad-card"]):
            course = Chart.element(name="track", label=label, option=looks[0], height="400px")
        with solara.Div(classes=["ad-card"]):
            loop = Chart.element(
                name="loop",
                label=f"{words(shown)} against its optimum",
                option=looks[1],
                height="400px",
            )

    def attach() -> Any:
        live.course, live.loop = solara.get_widget(course), solara.get_widget(loop)
        live.course.on_drawn = live.player.drawn
        live.open()

        def detach() -> None:
            live.course.on_drawn = None
            live.course = live.loop = None

        return detach

    solara.use_effect(attach, [])


def _unit(comparison: Comparison) -> str:
    unit = comparison.runs[0].agent.units.get(comparison.shown, "")
    return f" [{unit or 1}]"


def _course(shown: str, unit: str, runs: int) -> dict[str, Any]:
    series: list[dict[str, Any]] = []
    for run, letter in enumerate(LETTERS[:runs]):
        colour, name = RUN_COLOURS[run], f"mean of {letter}" if runs > 1 else "mean"
        target, ink = ("optimum", "$ink") if run == 0 else ("", colour)
        series += [
            chart.band_series(f"band-{letter}", "", colour),
            chart.line_series(f"target-{letter}", target, ink, type="dashed", width=1.5),
            chart.line_series(f"mean-{letter}", name, colour, width=2.5, type=DASHES[run]),
            chart.cloud_series(f"cloud-{letter}", "", colour),
        ]
    label = {"color": "$fg", "hideOverlap": True, "showMaxLabel": False}
    return chart.option("time [steps]", words(shown) + unit, series, xAxis={"axisLabel": label})


def _loop(shown: str, unit: str, runs: int) -> dict[str, Any]:
    series = [chart.line_series("diagonal", "perfect", "$faint", width=1, type="dashed")]
    for run, letter in enumerate(LETTERS[:runs]):
        colour = RUN_COLOURS[run]
        series += [
            chart.line_series(f"loop-{letter}", letter, colour, width=1.5, type=DASHES[run]),
            chart.points_series(f"now-{letter}", "", colour),
        ]
    label = {"color": "$fg", "showMinLabel": False, "showMaxLabel": False}
    return chart.option(f"optimum{unit}", words(shown) + unit, series, xAxis={"axisLabel": label})
