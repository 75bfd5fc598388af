"""Units of a study's parameters and measures, for the axes and tables of its report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from adaptsim.schema import BASES, Place, WrongRequest, find_part

MEASURES = {
    "autocorrelation_1": "1",
    "cross_correlation_lag": "steps",
    "diverged_at": "steps",
    "evolved_learning_rate": "1/(curvature step)",
    "evolved_learning_rate_loaded": "1/(curvature step)",
    "evolved_loss": "loss",
    "evolved_variance": "(1/(curvature step))^2",
    "floored": "steps",
    "gain": "1",
    "gain_margin": "1",
    "heater_limited": "steps",
    "hopf_rate_1": "1/time",
    "hopf_rate_2": "1/time",
    "leading_real_part": "1/time",
    "least_density": "density",
    "lag_error": "trait^2",
    "linear_gain": "1",
    "linear_phase_lag": "steps",
    "lyapunov_exponent": "1/step",
    "mean_density": "density",
    "mean_lag": "steps",
    "noise_error": "trait^2",
    "overshoot": "1",
    "persistence": "1",
    "phase_lag": "steps",
    "regret": "loss",
    "return_rate": "1/step",
    "rise_time_10_90": "steps",
    "rise_time_63": "steps",
    "settling_time": "steps",
    "spectral_radius": "1",
    "speed_limit": "1/curvature",
    "squared_bias": "trait^2",
    "static_regret": "loss",
    "stationary_variance": "trait^2",
    "steady_state_error": "trait",
    "tracking_mse": "trait^2",
    "variability": "1",
}
"""Units of the measures that a store keeps by name only; a test holds them against a run's."""

OTHERS = {"steps": "steps", "population.size": "individuals", "replicates": "1"}


def units_of(
    names: Iterable[str], measures: Iterable[str], scenario: Mapping[str, Any] | None
) -> dict[str, str]:
    """Return the units of parameters and measures that are known.

    Parameters
    ----------
    names : iterable of str
        Dotted names of parameters.
    measures : iterable of str
        Names of measures, a second variable's name before a dot, a group behind in brackets.
    scenario : mapping or None
        The resolved scenario, whose parts declare the units of their fields.

    Examples
    --------
    >>> scenario = {"rule": {"kind": "GradientDescent"}, "agent": {"kind": "Tracker"}}
    >>> units_of(["rule.learning_rate"], ["mean_lag[0.1]"], scenario)
    {'rule.learning_rate': '1/(curvature step)', 'mean_lag[0.1]': 'steps'}
    """
    found = {name: _of_parameter(name.split("."), scenario or {}) for name in names}
    for measure in measures:
        plain = measure.partition("[")[0].rpartition(".")
        unit = MEASURES.get(plain[2], "")
        found[measure] = unit.replace("trait", plain[0]) if plain[0] else unit
    return {name: unit for name, unit in found.items() if unit}


def _of_parameter(path: list[str], scenario: Mapping[str, Any]) -> str:
    dotted = ".".join(path)
    if dotted in OTHERS:
        return OTHERS[dotted]
    table: Any = scenario
    for key in path[:-1]:
        table = table.get(key) if isinstance(table, Mapping) else None
    kind = table.get("kind") if isinstance(table, Mapping) else None
    return _of_field(kind, path[-1]) if isinstance(kind, str) else ""


def _of_field(kind: str, name: str) -> str:
    for family in BASES:
        try:
            part = find_part(family, kind, Place("", "", Path()))
        except WrongRequest:
            continue
        known = {one.name: one for one in dataclasses.fields(part)}  # type: ignore[arg-type]
        if name in known:
            return str(known[name].metadata.get("unit", ""))
    return ""
