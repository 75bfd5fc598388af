"""Measure table: what was measured of each run, theory beside it."""

from __future__ import annotations

from typing import Any

import solara

from adaptsim.dashboard.number_table import Cell, NumberTable, Row

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


def rows_shown(tables: tuple[Any, ...], variable: str) -> list[Row]:
    """Return the measures that are shown of each run's table, ``None`` where there is none yet."""
    found: dict[str, list[Any]] = {}
    for index, table in enumerate(tables):
        if table is None:
            continue
        stable = table.measure.isin(("speed_limit", "gain_margin", "spectral_radius"))
        for one in table[(table.variable == variable) | stable].itertuples():
            row = found.setdefault(one.measure, [None] * len(tables))
            row[index] = row[index] or one
    return [_row(name, found[name]) for name in FIRST if name in found]


def _row(name: str, ones: list[Any]) -> Row:
    unit = next(one.unit for one in ones if one is not None)
    return Row(
        name,
        NAMES.get(name, name.replace("_", " ").capitalize()),
        "" if unit == "1" else unit,
        [None if one is None else Cell(one.value, one.theory, one.flag) for one in ones],
    )


@solara.component
def MeasureTable(snapshot: Any, variable: str) -> None:
    """Show the measures of a snapshot by rows, runs by columns, theory beside each."""
    rows = rows_shown(snapshot.tables, variable)
    if not rows:
        solara.Text("Numbers appear after the first steps.", classes=["ad-help"])
        return
    NumberTable(
        rows,
        runs=len(snapshot.tables),
        caption="Measured, with theory in italics beside it",
        name="measures",
    )
