"""Run card: a run's rule, its learning rate with the speed limit marked, and its other numbers."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import solara

from adaptsim.dashboard.badge import LETTERS, badge, run_colour
from adaptsim.dashboard.controls import Choice, PartControls, Section, Slider
from adaptsim.dashboard.shell import Button
from adaptsim.dashboard.slider_range import slider_range


@solara.component
def RunCard(
    run: int,
    rule: Any,
    change: Callable[..., Any],
    *,
    noun: str = "run",
    limit: float | None,
    rules: Sequence[str],
    on_remove: Callable[[], Any] | None,
    children: list[Any] = [],  # noqa: B006
) -> None:
    """Show a run; ``children`` stand below the numbers of its rule.

    ``change(run, name, value)`` hears of what is turned; ``limit`` is the speed limit in closed
    form, ``noun`` what the page calls a run, ``on_remove`` is ``None`` where the last one stays.
    """
    letter = LETTERS[run]
    with solara.v.Html(
        tag="section",
        class_="ad-run",
        style_=run_colour(run),
        attributes={"aria-label": f"{noun.capitalize()} {letter}"},
    ):
        with solara.Div(classes=["ad-run-head"]):
            badge(run)
            solara.Text(type(rule).__name__)
            if on_remove is not None:
                Button("Remove", on_remove, name=f"remove-{letter}")
        rate = getattr(rule, "learning_rate", None)
        if isinstance(rate, float):
            turned = functools.partial(change, run, "rule.learning_rate")
            _RateSlider(rate, turned, letter, limit, rule)
        with Section(f"More of {noun} {letter}", name=f"more-{letter}"):
            Choice(
                "Rule",
                type(rule).__name__,
                rules,
                functools.partial(change, run, "rule.kind"),
                name=f"rule-{letter}",
            )
            PartControls(
                rule,
                functools.partial(change, run),
                prefix="rule.",
                skip=("learning_rate",) if isinstance(rate, float) else (),
            )
            solara.v.Html(tag="div", children=children)


@solara.component
def _RateSlider(rate: float, on_value: Any, letter: str, limit: float | None, rule: Any) -> None:
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
