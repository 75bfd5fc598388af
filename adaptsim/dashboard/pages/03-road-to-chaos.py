"""Road to chaos: turn up the learning rate; rest gives way to cycles, and cycles to chaos."""

from __future__ import annotations

import math
from typing import Any

import solara

from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.bulletin import use_bulletin
from adaptsim.dashboard.chart import COLOURS, Chart
from adaptsim.dashboard.in_page import Address, Keyboard
from adaptsim.dashboard.job import Job, use_job
from adaptsim.dashboard.number_table import number
from adaptsim.dashboard.road.controls import Learner, Rates, RoadFiles
from adaptsim.dashboard.road.live_road import LiveRoad, RoadSnapshot
from adaptsim.dashboard.road.road import Road, first_doubling, from_query
from adaptsim.dashboard.road.stories import ROAD_STORIES
from adaptsim.dashboard.shell import Button, Figure, Frame, Notice
from adaptsim.dashboard.stories import Story
from adaptsim.dashboard.story_list import StoryList
from adaptsim.dashboard.transport import Transport, said
from adaptsim.schema import WrongRequest

QUESTION = "What happens beyond the speed limit?"
KEYS = {" ": "play or pause", ".": "one step", "+": "nearer", "-": "wider"}
RATE = "learning rate [1/(curvature step)]"
NAMES = {
    "cobweb": ("trait now [trait]", "trait a step later [trait]"),
    "return map": ("trait now [trait]", "trait a step later [trait]"),
    "phase": ("coordinate 1 [trait]", "coordinate 2 [trait]"),
}


@solara.component
def Page() -> None:
    """Show the page for what the address says."""
    search = solara.use_router().search
    begun, problems = solara.use_memo(lambda: from_query(search), [])
    road, set_road = solara.use_state(begun)
    snapshot, bulletin = use_bulletin(RoadSnapshot())
    notices, set_notices = solara.use_state(problems)
    story, set_story = solara.use_state("")
    live: LiveRoad = solara.use_memo(lambda: LiveRoad(begun, bulletin.post), [])
    solara.use_effect(lambda: live.close, [])
    job, doubling = use_job(), use_job()
    learner = (id(road.landscape), id(road.rule))

    def compute() -> None:
        job.start(lambda report: live.compute(road, report))

    def follow() -> None:
        """Find the first doubling once the diagram is there; one compilation after the other."""
        if job.state == "done":
            doubling.start(lambda report: _told(live, learner, first_doubling(road)))

    solara.use_effect(compute, [*learner, road.low, road.high])
    solara.use_effect(follow, [*learner, job.state == "done"])

    def adopt(changed: Road) -> None:
        set_notices([])
        if changed.landscape is not live.road.landscape or changed.rule is not live.road.rule:
            live.doubling = math.nan
        set_road(changed)
        live.adopt(changed)

    def change(name: str, value: Any) -> None:
        try:
            adopt(live.road.changed(name, value))
        except WrongRequest as error:
            set_notices([str(error)])

    def tell(story: Story) -> None:
        set_story(story.name)
        adopt(from_query(story.link)[0])

    def press(key: str) -> None:
        {
            " ": live.toggle,
            ".": live.step,
            "+": lambda: adopt(live.road.zoomed(0.4)),
            "-": lambda: adopt(live.road.zoomed(2.5)),
        }[key]()

    controls = [
        StoryList(ROAD_STORIES, story, tell, lambda _, name, value: change(name, value)),
        Rates(road, change, adopt),
        Learner(road, change),
        RoadFiles(live),
    ]
    with Frame("Road to chaos", QUESTION, controls=controls):
        Keyboard(watched=list(KEYS), event_pressed=press)
        Address(query=road.query())
        Transport(
            playing=snapshot.state == "playing",
            step=snapshot.step,
            speed=road.speed,
            on_toggle=live.toggle,
            on_step=live.step,
            on_speed=lambda word: change("speed", word),
            keys="space, . (step), + and - (zoom)",
            children=_said(road, snapshot),
        )
        Notices(snapshot, notices)
        Progress(job)
        Charts(live, road, snapshot, change)
        known = doubling.result if doubling.result and doubling.result[0] == learner else None
        Numbers(road, snapshot, None if known is None else known[1])


def _said(road: Road, snapshot: RoadSnapshot) -> list[Any]:
    if snapshot.seen is None:
        return []
    mark = solara.v.Html(tag="span", class_="ad-badge", children=[f"α = {road.rate:.5g}"])
    return [said(snapshot.seen.word, mark)]


def _told(live: LiveRoad, learner: Any, found: float) -> Any:
    live.found(found)
    return learner, found


@solara.component
def Notices(snapshot: RoadSnapshot, notices: list[str]) -> None:
    """Show what was refused, what failed, and what the page waits for."""
    for text in notices:
        Notice("Not done", text, kind="warning")
    if snapshot.problem:
        Notice("No portrait", snapshot.problem, kind="warning")
    elif snapshot.state == "preparing":
        Notice("Preparing", "The step is being compiled; the portrait comes in a moment.")


@solara.component
def Progress(job: Job) -> None:
    """Show how far the diagram is, and a way to stop it."""
    with solara.Div(classes=["ad-row", "ad-progress"]):
        if job.state == "running":
            solara.v.Html(
                tag="progress",
                attributes={"value": f"{job.fraction:.2f}", "max": "1", "aria-label": "Diagram"},
            )
            solara.Text(f"{job.fraction:.0%} of the diagram", classes=["ad-help"])
            Button("Cancel", job.cancel, name="cancel")
        elif job.state == "failed":
            Notice("No diagram", job.error, kind="warning")
        elif job.state == "cancelled":
            solara.Text("Cancelled: part of the diagram is missing.", classes=["ad-help"])
        else:
            solara.Text("The diagram is complete.", classes=["ad-help"])


@solara.component
def Charts(live: LiveRoad, road: Road, snapshot: RoadSnapshot, change: Any) -> None:
    """Show diagram, exponent and portrait; their numbers come from threads, not from here."""
    kind = snapshot.seen.kind if snapshot.seen else "cobweb"
    low, high = road.low, road.high
    upper = solara.use_memo(lambda: _orbits(low, high), [low, high])
    lower = solara.use_memo(_exponents, [])
    look = solara.use_memo(lambda: _portrait(kind), [kind])
    with solara.Div(classes=["ad-charts"]):
        with solara.Div(classes=["ad-card"]):
            orbits = Chart.element(
                name="orbits",
                label="Orbit diagram: where the learner stays, against its learning rate; "
                "a click chooses a rate",
                option=upper,
                height="340px",
            )
            exponents = Chart.element(
                name="exponents",
                label="Largest Lyapunov exponent against the learning rate",
                option=lower,
                height="210px",
            )
        with solara.Div(classes=["ad-card", "ad-square"]):
            portrait = Chart.element(
                name="portrait",
                label=f"{kind.capitalize()} at the chosen learning rate",
                option=look,
                height="auto",
            )
            solara.Text(TOLD[kind], classes=["ad-help"])

    def attach() -> Any:
        live.orbits, live.exponents = solara.get_widget(orbits), solara.get_widget(exponents)
        live.portrait = solara.get_widget(portrait)
        live.portrait.on_drawn = live.player.drawn
        live.orbits.on_click = lambda x, y: change("rate", x)
        live.exponents.on_click = lambda x, y: change("rate", x)
        live.orbits.on_zoom = lambda x, y: _zoom(live, x, change)
        live.draw_diagram()
        live.player.refresh()

        def detach() -> None:
            live.portrait.on_drawn = live.orbits.on_click = live.orbits.on_zoom = None
            live.orbits = live.exponents = live.portrait = None

        return detach

    solara.use_effect(attach, [])


TOLD = {
    "cobweb": "Up to the curve, across to the diagonal: one step. Thin: the first steps; strong: "
    "where it stays.",
    "return map": "Where it is against where it goes next. Thin: the first steps; dots: where it "
    "stays.",
    "phase": "One coordinate against the other. Thin: the first steps; dots: where it stays.",
}


def _zoom(live: LiveRoad, x: tuple[float, float], change: Any) -> None:
    if x != (live.road.low, live.road.high):
        change("range", x)


@solara.component
def Numbers(road: Road, snapshot: RoadSnapshot, doubling: float | None) -> None:
    """Show the first doubling and the exponent, theory beside each."""
    limit, exact = road.limit(), road.exponent()
    found = snapshot.seen.exponent if snapshot.seen else None
    with solara.Div(classes=["ad-card", "ad-row", "ad-figures"]):
        Figure(
            "First period doubling",
            "…" if doubling is None else _shown(doubling, "none"),
            "" if limit is None else f"{limit:.7g}",
            unit="1/curvature",
            name="doubling",
            flag="no closed form: no minimum is known, or the rule has no fixed limit",
        )
        Figure(
            "Lyapunov exponent at α",
            "…" if found is None else _shown(found, "–"),
            "" if exact is None else number(exact),
            unit="1/step",
            name="exponent",
            flag="no closed form here",
        )
        Figure(
            "Stability margin at α",
            "–" if limit is None or not road.rate else number(limit / road.rate),
            unit="",
            name="margin",
            flag="below 1: past the limit",
        )


def _shown(value: float, missing: str) -> str:
    return (
        missing if math.isnan(value) else f"{value:.7g}" if math.isfinite(value) else number(value)
    )


def _marks() -> list[dict[str, Any]]:
    return [
        chart.line_series("rate", "α", "$ink", width=1.5),
        chart.line_series("limit", "speed limit (theory)", "$run2", width=3, type="dashed"),
        chart.line_series("doubling", "first doubling (found)", "$run3", width=1.5, type="dotted"),
    ]


def _orbits(low: float, high: float) -> dict[str, Any]:
    return chart.option(
        RATE,
        "after settling [trait]",
        [chart.cloud_series("orbits", "", "$run1", 1.5), *_marks()],
        xAxis=INNER | {"min": low, "max": high},
        yAxis=INNER,
        tooltip={"show": False},
        toolbox={
            "left": 10,
            "bottom": 2,
            "iconStyle": {"borderColor": "$fg"},
            "feature": {
                "dataZoom": {
                    "yAxisIndex": "none",
                    "filterMode": "none",
                    "title": {"zoom": "Draw a box", "back": "Back"},
                }
            },
        },
    )


def _exponents() -> dict[str, Any]:
    chaos = chart.line_series("chaos", "chaos", "$run2", width=2.5)
    return chart.option(
        RATE,
        "exponent [1/step]",
        [
            chart.line_series("zero", "", "$ink", width=1),
            chart.line_series("exponent", "Lyapunov exponent", COLOURS[0], width=1.5),
            chaos | {"areaStyle": {"opacity": 0.3}},
            *[one | {"name": ""} for one in _marks()],
        ],
        tooltip={"show": False},
        xAxis=INNER,
        yAxis=INNER,
    )


def _portrait(kind: str) -> dict[str, Any]:
    series = [
        chart.line_series("map", "", "$run1", width=2.5),
        chart.line_series("diagonal", "", "$faint", width=1, type="dashed"),
        chart.line_series("first", "", "$fg", width=1, opacity=0.7),
        chart.line_series("settled", "", "$run2", width=2),
        chart.points_series("places", "", "$run2", symbolSize=6),
        chart.points_series("now", "", "$ink", symbolSize=10),
    ]
    return chart.option(
        *NAMES[kind], series, legend=False, tooltip={"show": False}, xAxis=INNER, yAxis=INNER
    )
