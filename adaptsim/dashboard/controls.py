"""Controls: sliders, choices and switches, generated from the fields of parts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
import solara

from adaptsim.agents import Agent
from adaptsim.dashboard.in_page import Select
from adaptsim.dashboard.limits import clean
from adaptsim.dashboard.slider_range import Mark, SliderRange, slider_range
from adaptsim.part import Part


@solara.component
def Slider(
    label: str,
    value: float,
    on_value: Callable[[float], None],
    *,
    low: float,
    high: float,
    step: float = 0.01,
    unit: str = "1",
    help: str = "",
    whole: bool = False,
    log: bool = False,
    mark: float | None = None,
    mark_label: str = "",
    mark_until: float | None = None,
    name: str = "",
) -> None:
    """Show a number with its unit as a slider and a box to type in.

    What comes back from the browser is a finite number within ``low`` and ``high``, or is ignored.

    Parameters
    ----------
    log
        Whether the slider goes by powers of ten; ``low`` must then be above 0, and ``step`` is in
        decades.
    mark, mark_label, mark_until
        A value to point at on the slider (a speed limit), what it is, and to where all is so.
    name
        ``slider-NAME`` and ``number-NAME`` for tests; the label if not given.
    """
    name = name or label.replace(" ", "-").lower()
    ends = _ends(low, high, step) if log else (low, high)
    shown = _on_grid(math.log10(value) if log else value, ends, step)

    def slid(place: Any) -> None:
        found = clean(place, *ends)
        if found is not None and found != shown:
            take(10.0**found if log else found)

    def take(number: Any) -> None:
        found = clean(number, low, high, whole=whole)
        if found is not None and found != value:
            on_value(found)

    spoken = label if unit in ("", "1") else f"{label} [{unit}]"
    with solara.Div(classes=["ad-slider"]):
        with solara.Div(classes=["ad-slider-head"]):
            solara.Text(label, classes=["ad-label"])
            box = solara.v.TextField(
                v_model=f"{value:.6g}",
                dense=True,
                hide_details=True,
                class_="ad-number",
                attributes={
                    "aria-label": f"{spoken}, typed",
                    "data-testid": f"number-{name}",
                    "inputmode": "decimal",
                },
            )
            solara.v.use_event(box, "change", lambda widget, event, text: take(text))
            solara.Text("" if unit == "1" else unit, classes=["ad-unit"])
        with solara.Div(classes=["ad-track"]):
            solara.v.Slider(
                v_model=shown,
                on_v_model=slid,
                min=ends[0],
                max=ends[1],
                step=step,
                dense=True,
                hide_details=True,
                attributes={"aria-label": spoken, "data-testid": f"slider-{name}"},
            )
            if mark is not None and low < mark < high:
                place = _share(mark, ends, log=log)
                if mark_until is not None:
                    wide = _share(min(mark_until, high), ends, log=log) - place
                    left, width = (f"{one:.4f} * (100% - 16px)" for one in (place, wide))
                    style = f"left:calc(8px + {left});width:calc({width})"
                    solara.v.Html(tag="span", class_="ad-window", style_=style)
                solara.HTML(
                    tag="span",
                    classes=["ad-mark"],
                    attributes={"data-testid": f"mark-{name}"},
                    unsafe_innerHTML=f"▲ {mark_label}" if place < 0.6 else f"{mark_label} ▲",
                    style=f"left:{100 * place:.2f}%"
                    if place < 0.6
                    else f"right:{100 * (1 - place):.2f}%",
                )
        if help:
            solara.Text(help, classes=["ad-help"])


def _share(value: float, ends: tuple[float, float], *, log: bool) -> float:
    """Return how far along a slider a value is, 0 to 1."""
    return ((math.log10(value) if log else value) - ends[0]) / (ends[1] - ends[0])


def _ends(low: float, high: float, step: float) -> tuple[float, float]:
    """Return the ends of a logarithmic slider, on its grid."""
    return _rounded(math.log10(low), step, math.floor), _rounded(math.log10(high), step, math.ceil)


def _rounded(place: float, step: float, how: Callable[[float], int]) -> float:
    return round(how(place / step - 1e-9 if how is math.ceil else place / step + 1e-9) * step, 9)


def _on_grid(place: float, ends: tuple[float, float], step: float) -> float:
    """Return the place that a slider shows: on its grid, else it moves there and says so."""
    offset = math.fmod(ends[0], step)
    decimals = max(0, -math.floor(math.log10(step)) + 1)
    nearest = round(round((place - offset) / step) * step + offset, decimals)
    return min(max(nearest, ends[0]), ends[1])


@solara.component
def Choice(
    label: str,
    value: str,
    values: Iterable[str],
    on_value: Callable[[str], None],
    *,
    help: str = "",
    name: str = "",
) -> None:
    """Show a choice among words; a word that is not among them is ignored."""
    allowed = list(values)

    def take(word: Any) -> None:
        if word in allowed and word != value:
            on_value(word)

    Select(label=label, name=name or label.lower(), value=value, values=allowed, event_chosen=take)
    if help:
        solara.Text(help, classes=["ad-help"])


@solara.component
def Switch(label: str, value: bool, on_value: Callable[[bool], None], *, name: str = "") -> None:
    """Show a yes or no."""
    solara.v.Switch(
        label=label,
        v_model=value,
        on_v_model=lambda word: on_value(word is True),
        dense=True,
        hide_details=True,
        class_="ad-switch",
        attributes={"data-testid": f"switch-{name or label.lower()}"},
    )


@solara.component
def Section(title: str, children: list[Any] = [], *, opened: bool = False, name: str = "") -> None:  # noqa: B006
    """Show something that unfolds."""
    inside = solara.v.Html(tag="div", class_="ad-section-body", children=children)
    summary = solara.v.Html(tag="summary", children=[title])
    known = {"data-testid": f"section-{name or title.lower().replace(' ', '-')}"}
    solara.v.Html(
        tag="details",
        class_="ad-section",
        children=[summary, inside],
        attributes=known | ({"open": "open"} if opened else {}),
    )


@solara.component
def PartControls(
    part: Part,
    on_change: Callable[[str, Any], None],
    *,
    prefix: str = "",
    only: Collection[str] | None = None,
    skip: Collection[str] = (),
    reach: Mapping[str, float] = {},
    marks: Mapping[str, Mark] = {},
) -> None:
    """Show a control for every field of a part, its nested parts too.

    Parameters
    ----------
    part
        A rule, kind, environment, schedule or landscape.
    on_change
        Told the dotted name of a field, with ``prefix``, and its new value: a number, a word or a
        switch, within the field's limits. Build the new part with ``part.replace`` and catch
        ``WrongField``: two fields may not fit each other.
    only, skip
        Which fields, by name.
    reach
        By field, up to where its slider goes at least (a speed limit).
    marks
        By field, a value to point at on its slider, what it is, and to where all is so.
    """
    ranges = solara.use_memo(lambda: _ranges(part, reach), [type(part), tuple(reach.items())])
    for declared in shown_fields(part):
        name, value = declared.name, getattr(part, declared.name)
        if name in skip or (only is not None and name not in only):
            continue
        if isinstance(value, Part):
            with Section(f"{words(name)}: {type(value).__name__}", opened=True):
                PartControls(value, on_change, prefix=f"{prefix}{name}.")
        else:
            _field(declared, value, on_change, prefix + name, ranges.get(name), marks.get(name))


def _field(
    declared: Any,
    value: Any,
    on_change: Callable[[str, Any], None],
    name: str,
    offered: SliderRange | None,
    mark: Mark | None,
) -> None:
    told = declared.metadata
    label = words(declared.name)

    def change(new: Any) -> None:
        on_change(name, new)

    if isinstance(value, bool):
        Switch(label, value, change, name=name)
    elif isinstance(value, str):
        Choice(label, value, told["choices"], change, help=told.get("help", ""), name=name)
    elif offered is not None:
        Slider(
            label,
            float(value),
            change,
            low=offered.low,
            high=max(offered.high, float(value)),
            step=offered.step,
            unit=told.get("unit", "1"),
            help=told.get("help", ""),
            whole=offered.whole,
            mark=mark.at if mark else None,
            mark_label=mark.label if mark else "",
            mark_until=mark.until if mark else None,
            name=name,
        )


def shown_fields(part: Part) -> list[Any]:
    """Return the fields that a page can turn: numbers, switches, words to choose from, parts."""
    fields: Any = dataclasses.fields(part)  # type: ignore[arg-type]
    return [one for one in fields if _turns(one, getattr(part, one.name))]


def _turns(declared: Any, value: Any) -> bool:
    if declared.metadata.get("unit") == "internal" or value is None or not declared.init:
        return False
    if isinstance(value, Part | bool):
        return True
    if isinstance(value, str):
        return bool(declared.metadata.get("choices"))
    return not isinstance(value, tuple) and np.ndim(value) == 0 and np.isreal(value)


def _ranges(part: Part, reach: Mapping[str, float]) -> dict[str, SliderRange]:
    return {
        one.name: slider_range(one, float(getattr(part, one.name)), reach=reach.get(one.name))
        for one in shown_fields(part)
        if not isinstance(getattr(part, one.name), Part | bool | str)
    }


def perception_fields() -> list[str]:
    """Return the fields that every kind has: how it perceives."""
    return [declared.name for declared in dataclasses.fields(Agent)]


def words(name: str) -> str:
    """Return a field's name as words.

    Examples
    --------
    >>> words("learning_rate")
    'Learning rate'
    """
    return name.replace("_", " ").capitalize()
