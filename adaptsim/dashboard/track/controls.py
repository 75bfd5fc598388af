"""Track controls: the scenario, a card for each run, and the world they share."""

from __future__ import annotations

import functools
from typing import Any

import solara

from adaptsim.dashboard.controls import Choice, PartControls, Section, Slider, perception_fields
from adaptsim.dashboard.limits import MOST_INDIVIDUALS, MOST_RUNS
from adaptsim.dashboard.offered import offered
from adaptsim.dashboard.run_card import RunCard
from adaptsim.dashboard.shell import Button
from adaptsim.dashboard.track.comparison import WINDOWS, Comparison, variables
from adaptsim.predictions import predict
from adaptsim.schema import WrongRequest, catalogue


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

    perception = perception_fields()
    for run, one in enumerate(comparison.runs):
        turned = functools.partial(change, run)
        with RunCard(
            run,
            one.rule,
            change,
            limit=_limit(comparison, run),
            rules=sorted(catalogue("rule")),
            on_remove=functools.partial(_remove, comparison, run, adopt)
            if len(comparison.runs) > 1
            else None,
        ):
            solara.Text(type(one.agent).__name__, classes=["ad-subtitle"])
            PartControls(one.agent, turned, prefix="agent.", skip=perception)
            solara.Text("Perception", classes=["ad-subtitle"])
            PartControls(one.agent, turned, prefix="agent.", only=perception)
    Button(
        "Add a run", add, icon="mdi-plus", disabled=len(comparison.runs) >= MOST_RUNS, name="add"
    )


def _remove(comparison: Comparison, run: int, adopt: Any) -> None:
    adopt(comparison.without(run))


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
