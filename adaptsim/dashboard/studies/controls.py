"""Study controls: which study, what of it is shown, which cells count, what lies over it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import solara

from adaptsim.dashboard.controls import Choice, Section
from adaptsim.dashboard.studies.view import (
    CELLS,
    NONE,
    SCALES,
    SHAPES,
    Asked,
    StudyView,
    mappable,
    stops,
    words_in,
)
from adaptsim.documents.findings import Stored
from adaptsim.figures.study_axes import label, words_of

ALL = "all studies"
ANY = "any"
Change = Callable[[str, str], None]


@solara.component
def WhichStudy(name: str, names: Sequence[str], change: Change) -> None:
    """Show the studies to choose from, and the way back to the list."""
    with Section("Study", opened=True):
        Choice(
            "Open",
            name if name in names else ALL,
            [ALL, *names],
            lambda word: change("study", "" if word == ALL else word),
            name="study",
        )


@solara.component
def WhatIsShown(stored: Stored, view: StudyView, change: Change) -> None:
    """Show what is drawn against what."""
    units = stored.units
    varied = {name: label(name, units) for name in stored.varied}
    measures = {name: label(name, units) for name in stored.measures()}
    planes = mappable(stored)
    with Section("Show", opened=True):
        if len(planes) > 1 and view.x in planes:
            Choice("As", view.shape, SHAPES, functools.partial(change, "shape"), name="shape")
        _Named("Measure", view.measure, measures, change, "measure")
        _Named("Along", view.x, varied, change, "x")
        others = {name: told for name, told in varied.items() if name != view.x}
        if view.shape == "map":
            few = {name: told for name, told in others.items() if name in planes}
            _Named("Up", view.across, few, change, "across")
        elif others:
            _Named("One curve for each", view.by or NONE, {NONE: NONE} | others, change, "by")
        Choice(
            "Scale of the measure",
            view.scale,
            SCALES,
            functools.partial(change, "scale"),
            name="scale",
        )


@solara.component
def WhichCells(stored: Stored, view: StudyView, asked: Asked, change: Change) -> None:
    """Show the values of each parameter that count, and the state of its runs."""
    with Section("Only cells", opened=True, name="filter"):
        for name in stored.numeric():
            offered = stops(stored, name)
            texts = [f"{one:.6g}" for one in offered]
            low, high = view.ranges.get(name, (offered[0], offered[-1]))
            solara.Text(label(name, stored.units), classes=["ad-label"])
            with solara.Div(classes=["ad-pair"]):
                _End("from", name, low, texts, change)
                _End("to", name, high, texts, change)
        for name in stored.varied:
            if name not in stored.numeric():
                words = {ANY: ANY} | {one: one for one in words_in(stored, name)}
                told = words_of(name).capitalize()
                _Named(told, view.only.get(name, ANY), words, change, f"is.{name}")
        Choice("Runs", view.cells, CELLS, functools.partial(change, "cells"), name="cells")


@solara.component
def WhatLiesOver(asked: Asked, names: Sequence[str], change: Change) -> None:
    """Show the studies whose curves can be laid over this one's."""
    others = [name for name in names if name != asked.get("study")]
    with Section("Compare", opened=True):
        Choice(
            "Lay over",
            asked.get("over") if asked.get("over") in others else NONE,
            [NONE, *others],
            lambda word: change("over", "" if word == NONE else word),
            help="Where both have the same measure along the same parameter.",
            name="over",
        )


@solara.component
def _End(which: str, name: str, value: float, texts: list[str], change: Change) -> None:
    key = f"{which}.{name}"
    Choice(which, f"{value:.6g}", texts, functools.partial(change, key), name=key)


def _Named(title: str, value: str, told: dict[str, str], change: Change, name: str) -> None:
    """Show a choice among names, each told in words; two that read alike keep their names."""
    texts = list(told.values())
    shown = {key: text if texts.count(text) == 1 else key for key, text in told.items()}
    back = {text: key for key, text in shown.items()}
    Choice(title, shown[value], back, lambda text: change(name, back[text]), name=name)
