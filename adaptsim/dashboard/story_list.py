"""Story list: the guided presets of a page, and the moves of the one that is open."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import solara

from adaptsim.dashboard.controls import Section
from adaptsim.dashboard.shell import Button
from adaptsim.dashboard.stories import Move, Story


@solara.component
def StoryList(
    stories: Sequence[Story],
    current: str,
    tell: Callable[[Story], Any],
    change: Callable[[int | None, str, Any], Any],
) -> None:
    """Show the stories of a page; ``tell`` opens one, ``change`` makes each change of a move."""
    with Section("Stories", opened=True):
        with solara.Div(classes=["ad-stories"]):
            for story in stories:
                Button(
                    story.title,
                    functools.partial(tell, story),
                    primary=story.name == current,
                    name=f"story-{story.name}",
                )
        opened = next((story for story in stories if story.name == current), None)
        if opened is None:
            solara.Text("Choose one, or turn the controls below.", classes=["ad-help"])
            return
        solara.Text(opened.text, classes=["ad-story"])
        for index, move in enumerate(opened.moves):
            Button(
                move.label,
                functools.partial(_make, move, change),
                icon="mdi-arrow-right",
                name=f"move-{index}",
            )


def _make(move: Move, change: Callable[[int | None, str, Any], Any]) -> None:
    for run, name, value in move.changes:
        change(run, name, value)
