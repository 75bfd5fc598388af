"""Track: populations follow a moving optimum, live; up to four runs in one world."""

from __future__ import annotations

import dataclasses
import functools
import io
import zipfile
from typing import Any

import solara
import tomli_w

from adaptsim.dashboard import chart
from adaptsim.dashboard.chart import RUN_COLOURS, Chart
from adaptsim.dashboard.comparison import (
    LETTERS,
    WINDOWS,
    Comparison,
    from_query,
    table_of,
    variables,
)
from adaptsim.dashboard.controls import (
    Choice,
    PartControls,
    Section,
    Slider,
    perception_fields,
    words,
)
from adaptsim.dashboard.in_page import Address, CopyLink, Keyboard
from adaptsim.dashboard.limits import MOST_INDIVIDUALS, MOST_RUNS
from adaptsim.dashboard.live_comparison import LiveComparison, Snapshot
from adaptsim.dashboard.measure_table import MeasureTable
from adaptsim.dashboard.offered import offered
from adaptsim.dashboard.player import SPEEDS
from adaptsim.dashboard.shell import Button, Download, Frame, Notice
from adaptsim.dashboard.slider_range import slider_range
from adaptsim.dashboard.stories import STORIES, Story
from adaptsim.predictions import predict
from adaptsim.schema import WrongRequest, catalogue

QUESTION = "How far behind, how faithful, how stable is a follower of a moving optimum?"
KEYS = {" ": "play or pause", ".": "one step", "r": "reset"}
DASHES = ("solid", "dashed", "dotted", [10, 3, 2, 3])


@solara.component
def Page() -> None:
    """Show the page for what the address says."""
    search = solara.use_router().search
    (begun, problems) = solara.use_memo(lambda: from_query(search, "tracker_tone"), [])
    comparison, set_comparison = solara.use_state(begun)
    snapshot, set_snapshot = solara.use_state(Snapshot())
    notices, set_notices = solara.use_state(problems)
    story, set_story = solara.use_state("")
    live: LiveComparison = solara.use_memo(lambda: LiveComparison(begun, set_snapshot), [])
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
        Stories(story, tell, change),
        Scenario(comparison, scenario, change),
        Runs(comparison, snapshot, change, adopt, set_notices),
        World(comparison, change),
        Files(comparison, live),
    ]
    with Frame("Track", QUESTION, controls=controls):
        Keyboard(watched=list(KEYS), event_pressed=press)
        Address(query=comparison.query())
        Transport(live, comparison, snapshot, change)
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
def Transport(
    live: LiveComparison, comparison: Comparison, snapshot: Snapshot, change: Any
) -> None:
    """Show play, pause, step, reset, speed, and what each run does in a word."""
    playing = snapshot.state == "playing"
    with solara.Div(classes=["ad-transport"]):
        Button(
            "Pause" if playing else "Play",
            lambda: _toggle(live),
            primary=True,
            name="play",
            icon="mdi-pause" if playing else "mdi-play",
        )
        Button("Step", live.player.step, icon="mdi-skip-next", disabled=playing, name="step")
        Button("Reset", live.reset, icon="mdi-restart", name="reset")
        with solara.Div(classes=["ad-speed"]):
            Choice(
                "Speed [steps/s]",
                str(comparison.speed),
                map(str, SPEEDS),
                lambda word: change(None, "speed", word),
                name="speed",
            )
        solara.v.Html(
            tag="span",
            class_="ad-step",
            children=[f"step {snapshot.step:,}"],
            attributes={"data-testid": "step"},
        )
        solara.v.Html(tag="span", class_="ad-keys", children=["Keys: space, . (step), r (reset)"])
    with solara.v.Html(
        tag="div", class_="ad-words", attributes={"aria-live": "polite", "data-testid": "words"}
    ):
        for run, word in enumerate(snapshot.words):
            colour = f"border-color:var(--ad-run-{run + 1})"
            with solara.v.Html(tag="p", class_=f"ad-word ad-{word.mark}"):
                solara.v.Html(tag="span", class_="ad-badge", children=[LETTERS[run]], style_=colour)
                solara.v.Html(
                    tag="strong",
                    children=[word.word],
                    attributes={"data-testid": f"word-{LETTERS[run]}"},
                )
                solara.v.Html(tag="span", children=[word.sentence])


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
    return f" [{unit}]" if unit and unit != "1" else ""


def _course(shown: str, unit: str, runs: int) -> dict[str, Any]:
    series: list[dict[str, Any]] = []
    for run, letter in enumerate(LETTERS):
        named = run < runs
        colour, several = RUN_COLOURS[run], runs > 1
        name = f"mean of {letter}" if several else "mean"
        series += [
            chart.band_series(f"band-{letter}", "", colour),
            chart.line_series(
                f"target-{letter}",
                "optimum" if run == 0 else "",
                "$ink" if run == 0 else colour,
                type="dashed",
                width=1.5,
            ),
            chart.line_series(
                f"mean-{letter}", name if named else "", colour, width=2.5, type=DASHES[run]
            ),
            chart.cloud_series(f"cloud-{letter}", "", colour),
        ]
    return chart.option("time [steps]", words(shown) + unit, series)


def _loop(shown: str, unit: str, runs: int) -> dict[str, Any]:
    series = [chart.line_series("diagonal", "perfect", "$faint", width=1, type="dashed")]
    for run, letter in enumerate(LETTERS):
        series += [
            chart.line_series(
                f"loop-{letter}", letter if run < runs else "", RUN_COLOURS[run], width=1.5
            ),
            chart.points_series(f"now-{letter}", "", RUN_COLOURS[run]),
        ]
    return chart.option(f"optimum{unit}", words(shown) + unit, series)


@solara.component
def Stories(current: str, tell: Any, change: Any) -> None:
    """Show the guided presets, and the moves of the one that is open."""
    with Section("Stories", opened=True):
        with solara.Div(classes=["ad-stories"]):
            for story in STORIES:
                Button(
                    story.title,
                    functools.partial(tell, story),
                    primary=story.name == current,
                    name=f"story-{story.name}",
                )
        opened = next((story for story in STORIES if story.name == current), None)
        if opened is None:
            solara.Text("Choose one, or turn the controls below.", classes=["ad-help"])
            return
        solara.Text(opened.text, classes=["ad-story"])
        for index, move in enumerate(opened.moves):
            Button(
                move.label,
                functools.partial(_make, move.changes, change),
                icon="mdi-arrow-right",
                name=f"move-{index}",
            )


def _make(changes: Any, change: Any) -> None:
    for run, name, value in changes:
        change(run, name, value)


@solara.component
def Scenario(comparison: Comparison, scenario: Any, change: Any) -> None:
    """Show which scenario is on, its question and which variable is shown."""
    with Section("Scenario", opened=True):
        Choice("Scenario", comparison.name, offered(), scenario, name="scenario")
        solara.Text(comparison.runs[0].question, classes=["ad-help"])
        names = variables(comparison.runs[0])
        if len(names) > 1:
            Choice(
                "Variable",
                comparison.shown,
                names,
                lambda word: change(None, "shown", word),
                name="shown",
            )
        Choice(
            "Steps in view",
            str(comparison.window),
            map(str, WINDOWS),
            lambda word: change(None, "window", word),
            name="window",
        )


@solara.component
def Runs(
    comparison: Comparison, snapshot: Snapshot, change: Any, adopt: Any, set_notices: Any
) -> None:
    """Show a card for each run: its rule, learning rate and kind."""

    def add() -> None:
        try:
            adopt(comparison.added())
        except WrongRequest as error:
            set_notices([str(error)])

    for run, one in enumerate(comparison.runs):
        letter = LETTERS[run]
        limit = _limit(comparison, run)
        with solara.v.Html(
            tag="section",
            class_="ad-run",
            style_=f"border-color:var(--ad-run-{run + 1})",
            attributes={"aria-label": f"Run {letter}"},
        ):
            with solara.Div(classes=["ad-run-head"]):
                solara.v.Html(
                    tag="span",
                    class_="ad-badge",
                    children=[letter],
                    style_=f"border-color:var(--ad-run-{run + 1})",
                )
                solara.Text(type(one.rule).__name__)
                if len(comparison.runs) > 1:
                    Button(
                        "Remove",
                        lambda run=run: adopt(comparison.without(run)),
                        name=f"remove-{letter}",
                    )
            rate = getattr(one.rule, "learning_rate", None)
            if isinstance(rate, float):
                RateSlider(
                    rate,
                    functools.partial(change, run, "rule.learning_rate"),
                    letter,
                    limit,
                    one.rule,
                )
            with Section(f"More of run {letter}", name=f"more-{letter}"):
                Choice(
                    "Rule",
                    type(one.rule).__name__,
                    sorted(catalogue("rule")),
                    functools.partial(change, run, "rule.kind"),
                    name=f"rule-{letter}",
                )
                PartControls(
                    one.rule,
                    functools.partial(change, run),
                    prefix="rule.",
                    skip=("learning_rate",) if isinstance(rate, float) else (),
                )
                solara.Text(type(one.agent).__name__, classes=["ad-subtitle"])
                perception = perception_fields()
                PartControls(
                    one.agent, functools.partial(change, run), prefix="agent.", skip=perception
                )
                solara.Text("Perception", classes=["ad-subtitle"])
                PartControls(
                    one.agent, functools.partial(change, run), prefix="agent.", only=perception
                )
    Button(
        "Add a run", add, icon="mdi-plus", disabled=len(comparison.runs) >= MOST_RUNS, name="add"
    )


@solara.component
def RateSlider(rate: float, on_value: Any, letter: str, limit: float | None, rule: Any) -> None:
    """Show the learning rate of a run, with its speed limit marked where a closed form has it."""
    declared = next(one for one in dataclasses.fields(rule) if one.name == "learning_rate")
    offered_range = solara.use_memo(
        lambda: slider_range(declared, rate, reach=limit), [type(rule), limit]
    )
    Slider(
        "Learning rate α",
        rate,
        on_value,
        low=offered_range.low,
        high=max(offered_range.high, rate),
        step=offered_range.step,
        unit=declared.metadata.get("unit", "1"),
        mark=limit,
        mark_label=f"limit {limit:.3g}" if limit is not None else "",
        name=f"rate-{letter}",
    )


def _limit(comparison: Comparison, run: int) -> float | None:
    one = comparison.runs[run]
    return predict(one.agent, one.rule, one.environment, comparison.shown, "speed_limit")


@solara.component
def World(comparison: Comparison, change: Any) -> None:
    """Show what all runs share: the environment, how many there are, the seed."""
    first = comparison.runs[0]
    everywhere = functools.partial(change, None)
    with Section(f"World: {type(first.environment).__name__}", opened=True, name="world"):
        PartControls(first.environment, everywhere, prefix="environment.")
        Slider(
            "Individuals in a run",
            first.size,
            functools.partial(everywhere, "size"),
            low=1,
            high=MOST_INDIVIDUALS,
            step=0.02,
            log=True,
            whole=True,
            name="size",
        )
        Slider(
            "Seed",
            first.seed,
            functools.partial(everywhere, "seed"),
            low=0,
            high=1000,
            step=1,
            whole=True,
            name="seed",
            help="Runs share it: same weather, same luck.",
        )


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
    import pandas as pd

    tables = []
    for letter, run in zip(LETTERS, live.runs, strict=False):
        columns = {}
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
    import pandas as pd

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
