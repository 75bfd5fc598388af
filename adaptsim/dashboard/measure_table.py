"""Measure table: what was measured of each run, theory beside it."""

from __future__ import annotations

import math
from typing import Any

import solara

from adaptsim.dashboard.comparison import LETTERS

FIRST = (
    "phase_lag",
    "gain",
    "mean_lag",
    "broadband_lag",
    "broadband_gain",
    "ramp_lag",
    "steady_state_error",
    "rise_time_63",
    "settling_time",
    "overshoot",
    "tracking_mse",
    "stationary_variance",
    "autocorrelation_1",
    "speed_limit",
    "gain_margin",
    "spectral_radius",
)
"""Measures that the page shows, in this order; the rest is in the download."""

NAMES = {
    "phase_lag": "Lag",
    "mean_lag": "Lag, mean",
    "broadband_lag": "Lag, strongest period",
    "broadband_gain": "Gain, strongest period",
    "ramp_lag": "Lag behind the ramp",
    "tracking_mse": "Mean squared error",
    "stationary_variance": "Variance at rest",
    "autocorrelation_1": "Memory of one step",
    "rise_time_63": "Rise to 63 %",
    "gain_margin": "Stability margin",
    "speed_limit": "Speed limit of α",
}


def rows_shown(tables: tuple[Any, ...], variable: str) -> list[tuple[str, str, list[Any]]]:
    """Return name, unit and each run's row of the measures that are shown."""
    found: dict[str, list[Any]] = {}
    for index, table in enumerate(tables):
        if table is None:
            continue
        stable = table.measure.isin(("speed_limit", "gain_margin", "spectral_radius"))
        for one in table[(table.variable == variable) | stable].itertuples():
            row = found.setdefault(one.measure, [None] * len(tables))
            row[index] = row[index] or one
    shown = []
    for name in FIRST:
        if name in found:
            unit = next(one.unit for one in found[name] if one is not None)
            shown.append((name, "" if unit == "1" else unit, found[name]))
    return shown


@solara.component
def MeasureTable(snapshot: Any, variable: str) -> None:
    """Show the measures of a snapshot by rows, runs by columns, theory beside each."""
    tables = snapshot.tables
    shown = rows_shown(tables, variable)
    if not shown:
        solara.Text("Numbers appear after the first steps.", classes=["ad-help"])
        return
    runs = range(len(tables))
    head = [_cell("th", ["Measure"], scope="col")]
    head += [_cell("th", [_badge(run)], scope="col") for run in runs]
    body = [
        solara.v.Html(
            tag="tr",
            children=[
                _cell(
                    "th",
                    [
                        NAMES.get(name, name.replace("_", " ").capitalize()),
                        solara.v.Html(tag="small", children=[f" {unit}"]),
                    ],
                    scope="row",
                ),
                *[_numbers(name, LETTERS[run], row[run]) for run in runs],
            ],
        )
        for name, unit, row in shown
    ]
    solara.v.Html(
        tag="table",
        class_="ad-table",
        children=[
            solara.v.Html(tag="caption", children=["Measured, with theory in italics beside it"]),
            solara.v.Html(tag="thead", children=[solara.v.Html(tag="tr", children=head)]),
            solara.v.Html(tag="tbody", children=body),
        ],
        attributes={"data-testid": "measures"},
    )


def _badge(run: int) -> Any:
    return solara.v.Html(
        tag="span",
        class_="ad-badge",
        children=[LETTERS[run]],
        style_=f"border-color:var(--ad-run-{run + 1})",
    )


def _cell(tag: str, children: list[Any], **attributes: Any) -> Any:
    return solara.v.Html(tag=tag, children=children, attributes=attributes)


def _numbers(name: str, letter: str, one: Any) -> Any:
    if one is None:
        return _cell("td", ["–"])
    measured = solara.v.Html(
        tag="span",
        class_="ad-value",
        children=[number(one.value)],
        attributes={"data-testid": f"measured-{letter}-{name}"},
    )
    theory = solara.v.Html(
        tag="em",
        children=[number(one.theory)],
        attributes={
            "data-testid": f"theory-{letter}-{name}",
            "title": "theory" if math.isfinite(one.theory) else "no closed form is known",
        },
    )
    told = {"title": one.flag} if one.flag else {}
    return _cell("td", [measured, theory], **told)


def number(value: float) -> str:
    """Return a number as the page shows it.

    Examples
    --------
    >>> number(7.456342), number(123456.0), number(float("nan"))
    ('7.456', '1.235e+05', '–')
    """
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.4g}"
