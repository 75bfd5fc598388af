"""Landscape: rules walk down from one start; click or drag on the map to start elsewhere."""

from __future__ import annotations

from typing import Any

import solara

from adaptsim.dashboard import chart
from adaptsim.dashboard.axis_labels import INNER
from adaptsim.dashboard.badge import LETTERS
from adaptsim.dashboard.bulletin import use_bulletin
from adaptsim.dashboard.chart import DASHES, RUN_COLOURS, Chart
from adaptsim.dashboard.in_page import Address, Keyboard
from adaptsim.dashboard.job import use_job
from adaptsim.dashboard.landscape.controls import Ground, RaceFiles, Walkers
from adaptsim.dashboard.landscape.live_race import LiveRace, RaceSnapshot, floor_of, found_limits
from adaptsim.dashboard.landscape.race import Race, from_query
from adaptsim.dashboard.landscape.stories import LANDSCAPE_STORIES
from adaptsim.dashboard.number_table import Cell, NumberTable, Row
from adaptsim.dashboard.shell import Frame, Notice
from adaptsim.dashboard.stories import Story
from adaptsim.dashboard.story_list import StoryList
from adaptsim.dashboard.transport import Transport, said_of_runs
from adaptsim.schema import WrongRequest

QUESTION = "Who gets down, how fast, and how fast is too fast?"
LEGEND = "○ start: click or drag. ◆ known minimum, ▲ known saddle; clear ground is low."
KEYS = {" ": "play or pause", ".": "one step", "r": "reset"}


@solara.component
def Page() -> None:
    """Show the page for what the address says."""
    search = solara.use_router().search
    begun, problems = solara.use_memo(lambda: from_query(search), [])
    race, set_race = solara.use_state(begun)
    snapshot, bulletin = use_bulletin(RaceSnapshot())
    notices, set_notices = solara.use_state(problems)
    story, set_story = solara.use_state("")
    live: LiveRace = solara.use_memo(lambda: LiveRace(begun, bulletin.post), [])
    solara.use_effect(lambda: live.close, [])

    def adopt(changed: Race, *, replay: bool = False) -> None:
        set_notices([])
        set_race(changed)
        live.adopt(changed, replay=replay)

    def change(run: int | None, name: str, value: Any) -> None:
        try:
            adopt(live.race.changed(run, name, value), replay=name == "start")
        except WrongRequest as error:
            set_notices([str(error)])

    def tell(story: Story) -> None:
        set_story(story.name)
        adopt(from_query(story.link)[0], replay=True)

    def press(key: str) -> None:
        {" ": live.toggle, ".": live.step, "r": live.reset}[key]()

    controls = [
        StoryList(LANDSCAPE_STORIES, story, tell, change),
        Walkers(race, change, adopt),
        Ground(race, change),
        RaceFiles(live),
    ]
    with Frame("Landscape", QUESTION, controls=controls):
        Keyboard(watched=list(KEYS), event_pressed=press)
        Address(query=race.query())
        Transport(
            playing=snapshot.state == "playing",
            step=snapshot.step,
            speed=race.speed,
            on_toggle=live.toggle,
            on_step=live.step,
            on_speed=lambda word: change(None, "speed", word),
            on_reset=live.reset,
            keys="space, . (step), r (reset)",
            children=said_of_runs([one.word for one in snapshot.walked]),
        )
        Notices(snapshot, notices)
        Charts(live, race, change)
        Numbers(race, snapshot)


@solara.component
def Notices(snapshot: RaceSnapshot, notices: list[str]) -> None:
    """Show what was refused, what failed, and what the page waits for."""
    for text in notices:
        Notice("Not done", text, kind="warning")
    if snapshot.problem:
        Notice("No walk", snapshot.problem, kind="warning")
    elif snapshot.state == "preparing":
        Notice("Preparing", "The step is being compiled; the walks come in a moment.")


@solara.component
def Charts(live: LiveRace, race: Race, change: Any) -> None:
    """Show map and losses; frames come from the player, not from here."""
    kinds = tuple(type(rule).__name__ for rule in race.rules)
    known = bool(race.landscape.minima())
    looks = solara.use_memo(lambda: (_map(len(kinds)), _losses(kinds, known)), [kinds, known])
    with solara.Div(classes=["ad-maps"]):
        with solara.Div(classes=["ad-card", "ad-square", "ad-map"]):
            paths = Chart.element(
                name="map",
                label="Map of the landscape with the paths of the rules; drag the start",
                option=looks[0],
                draggable=True,
                height="auto",
            )
            solara.Text(LEGEND, classes=["ad-help"])
        with solara.Div(classes=["ad-card"]):
            losses = Chart.element(
                name="losses",
                label="Loss of each rule against steps, logarithmic",
                option=looks[1],
                height="480px",
            )

    def attach() -> Any:
        live.map, live.losses = solara.get_widget(paths), solara.get_widget(losses)
        live.map.on_drawn = live.player.drawn
        live.map.on_click = lambda x, y: change(None, "start", (x, y))
        live.map.on_drag = lambda x, y: live.adopt(live.race.changed(None, "start", (x, y)))
        live.player.refresh()

        def detach() -> None:
            live.map.on_drawn = live.map.on_click = live.map.on_drag = None
            live.map = live.losses = None

        return detach

    solara.use_effect(attach, [])


@solara.component
def Numbers(race: Race, snapshot: RaceSnapshot) -> None:
    """Show where rules ended and their speed limits, found from their own steps, beside theory."""
    job = use_job()
    parts = (race.landscape, tuple(rule.replace(learning_rate=1.0) for rule in race.rules))
    key = str(parts)
    ready = bool(snapshot.walked)  # one compilation after the other

    def find() -> None:
        if ready:
            job.start(lambda report: (key, found_limits(race)))

    solara.use_effect(find, [key, ready])
    runs = len(race.rules)
    limits = job.result[1] if job.result and job.result[0] == key else [None] * runs
    theory = [race.limit(run) for run in range(runs)]
    rates = [float(rule.learning_rate) for rule in race.rules]  # type: ignore[attr-defined]
    ended = [snapshot.walked[i].loss if i < len(snapshot.walked) else None for i in range(runs)]
    floor = floor_of(race) if race.landscape.minima() else None
    rows = [
        Row("loss", "Loss at the end", "", _cells(ended, [floor] * runs)),
        Row("limit", "Speed limit of α", "1/curvature", _cells(limits, theory)),
        Row(
            "margin",
            "Stability margin",
            "",
            _cells(_margins(limits, rates), _margins(theory, rates)),
        ),
    ]
    with solara.Div(classes=["ad-card"]):
        NumberTable(
            rows,
            runs=runs,
            caption="Found by walking and from the rule's own step, with theory in italics beside "
            "it; limits are those of the lowest known minimum",
        )
        if job.state == "failed":
            solara.Text(f"The limits could not be found: {job.error}", classes=["ad-help"])


def _cells(found: Any, theory: Any) -> list[Cell]:
    return [Cell(*both) for both in zip(found, theory, strict=True)]


def _margins(limits: Any, rates: list[float]) -> list[float | None]:
    return [
        one / rate if one is not None and rate else None
        for one, rate in zip(limits, rates, strict=True)
    ]


def _map(runs: int) -> dict[str, Any]:
    series = [
        chart.points_series("minima", "", "$ink", symbol="diamond", symbolSize=13),
        chart.points_series("saddles", "", "$faint", symbol="triangle", symbolSize=9),
        chart.points_series(
            "start", "", "$ink", symbol="emptyCircle", symbolSize=15, z=6, silent=True
        ),
    ]
    for run, letter in enumerate(LETTERS):
        name = letter if run < runs else ""
        halo = chart.line_series(f"halo-{letter}", "", "$paper", width=5, opacity=0.7)
        path = chart.line_series(f"path-{letter}", name, RUN_COLOURS[run], type=DASHES[run])
        dots = {"symbol": "circle", "symbolSize": 4, "showSymbol": True, "showAllSymbol": False}
        series += [
            halo | {"z": 3, "silent": True},
            path | dots | {"z": 4},
            chart.points_series(f"now-{letter}", "", RUN_COLOURS[run], symbolSize=13, z=5),
        ]
    return chart.option(
        "coordinate 1 [trait]",
        "coordinate 2 [trait]",
        series,
        tooltip={"trigger": "item", "show": False},
        xAxis=INNER | {"splitLine": {"show": False}},
        yAxis=INNER | {"splitLine": {"show": False}},
    )


def _losses(kinds: tuple[str, ...], known: bool) -> dict[str, Any]:
    series = [
        chart.line_series(
            f"loss-{letter}",
            f"{letter} {kinds[run]}" if run < len(kinds) else "",
            RUN_COLOURS[run],
            width=2.5,
            type=DASHES[run],
        )
        for run, letter in enumerate(LETTERS)
    ]
    told = "loss above the lowest known minimum [loss]" if known else "loss [loss]"
    return chart.option("steps", told, series, yAxis={"type": "log"})
