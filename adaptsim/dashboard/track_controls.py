"""Track controls: stories, the scenario, a card for each run, and the world they share."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import solara

from adaptsim.dashboard.comparison import LETTERS, WINDOWS, Comparison, variables
from adaptsim.dashboard.controls import Choice, PartControls, Section, Slider, perception_fields
from adaptsim.dashboard.limits import MOST_INDIVIDUALS, MOST_RUNS
from adaptsim.dashboard.offered import offered
from adaptsim.dashboard.shell import Button
from adaptsim.dashboard.slider_range import slider_range
from adaptsim.dashboard.stories import STORIES
from adaptsim.predictions import predict
from adaptsim.schema import WrongRequest, catalogue


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
def Runs(comparison: Comparison, change: Any, adopt: Any, set_notices: Any) -> None:
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
