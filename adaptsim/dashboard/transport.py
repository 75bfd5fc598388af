"""Transport: play, step, reset and speed, and what happens in a word for each run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import solara

from adaptsim.dashboard.badge import LETTERS, badge
from adaptsim.dashboard.controls import Choice
from adaptsim.dashboard.player import SPEEDS
from adaptsim.dashboard.shell import Button
from adaptsim.dashboard.state_words import StateWord


@solara.component
def Transport(
    *,
    playing: bool,
    step: int,
    speed: int,
    on_toggle: Callable[[], Any],
    on_step: Callable[[], Any],
    on_speed: Callable[[str], Any],
    on_reset: Callable[[], Any] | None = None,
    keys: str,
    children: list[Any] = [],  # noqa: B006
) -> None:
    """Show the buttons and the step, and below them ``children``, what happens in words."""
    with solara.Div(classes=["ad-transport"]):
        Button(
            "Pause" if playing else "Play",
            on_toggle,
            primary=True,
            name="play",
            icon="mdi-pause" if playing else "mdi-play",
        )
        Button("Step", on_step, icon="mdi-skip-next", disabled=playing, name="step")
        if on_reset is not None:
            Button("Reset", on_reset, icon="mdi-restart", name="reset")
        with solara.Div(classes=["ad-speed"]):
            Choice("Speed [steps/s]", str(speed), map(str, SPEEDS), on_speed, name="speed")
        solara.v.Html(
            tag="span",
            class_="ad-step",
            children=[f"step {step:,}"],
            attributes={"data-testid": "step"},
        )
        solara.v.Html(tag="span", class_="ad-keys", children=[f"Keys: {keys}"])
    solara.v.Html(
        tag="div",
        class_="ad-words",
        attributes={"aria-live": "polite", "data-testid": "words"},
        children=children,
    )


def said(word: StateWord, mark: Any, name: str = "word") -> Any:
    """Show a word and its sentence behind a badge; tests find it by ``name``."""
    strong = solara.v.Html(tag="strong", children=[word.word], attributes={"data-testid": name})
    told = solara.v.Html(tag="span", children=[word.sentence])
    return solara.v.Html(tag="p", class_=f"ad-word ad-{word.mark}", children=[mark, strong, told])


def said_of_runs(words: Sequence[StateWord]) -> list[Any]:
    """Show the word of each run behind the run's own badge."""
    return [said(word, badge(run), f"word-{LETTERS[run]}") for run, word in enumerate(words)]
