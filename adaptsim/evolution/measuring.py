"""Measuring what evolved, each beside what theory predicts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from adaptsim.environments import Ramp
from adaptsim.evolution.generations import Evolved
from adaptsim.evolution.heredity import declared_field
from adaptsim.evolution.predicted import (
    Setup,
    loaded_rate,
    predicted_lag,
    predicted_rate,
    predicted_variance,
)
from adaptsim.measures import Measurement
from adaptsim.measuring import COLUMNS, student_interval
from adaptsim.scenarios import Scenario

if TYPE_CHECKING:
    import pandas as pd

BURN_IN = 0.6
"""Share of the generations that is left out while genotypes come from where they started."""
LOADED = "mutation load and luck of a life included, drift not"


def measure_evolution(scenario: Scenario, evolved: Evolved) -> pd.DataFrame:
    """Return the tidy table of what evolved, one row a measure; columns as of any run.

    ``evolved_<field>``, mean genotype of the later generations, stands beside the rate that wins;
    ``evolved_<field>_loaded``, the same number, beside the mean at which mutation and selection
    are in balance, the luck of lives counted in. Intervals are Student's over replicates. A
    population that died out leaves its generations out and says so: ``extinct_share``,
    ``extinct_at`` and a flag.
    """
    import pandas as pd

    assert scenario.evolution is not None
    common = {
        "scenario": scenario.name,
        "kind": type(scenario.agent).__name__,
        "group": "",
        "variable": scenario.evolution.heritable.rpartition(".")[2],
        "convention": "pre-update",
    }
    rows = [
        common | {**vars(found), "measure": found.name, "theory": _known(theory)}
        for found, theory in _measurements(scenario, evolved)
    ]
    return pd.DataFrame(rows, columns=COLUMNS.split())


def _known(theory: float | None) -> float:
    return math.nan if theory is None else theory


def _measurements(
    scenario: Scenario, evolved: Evolved
) -> Iterator[tuple[Measurement, float | None]]:
    evolution = scenario.evolution
    assert evolution is not None
    setup = Setup(scenario.agent, scenario.rule, scenario.environment, evolution, scenario.size)
    declared = declared_field(scenario.agent, scenario.rule, evolution.heritable)
    name, unit = declared.name, declared.metadata.get("unit", "1")
    from_, told = _since(scenario, evolved), _flag(evolved)
    loaded = loaded_rate(setup)

    def later(called: str, values: np.ndarray, unit: str, method: str = "") -> Measurement:
        return _over_generations(called, values[from_:], unit, told, from_, method)

    yield later(f"evolved_{name}", evolved.genotype, unit), predicted_rate(setup)
    if loaded is not None:
        called = f"evolved_{name}_loaded"
        yield later(called, evolved.genotype, unit, LOADED), loaded[0]
    variance = predicted_variance(setup) if loaded is None else loaded[1]
    squared = unit if unit == "1" else f"({unit})^2"
    yield later("evolved_variance", evolved.variance, squared), variance
    yield later("evolved_loss", evolved.loss, "loss"), None
    if evolution.heritable == "agent.start_at" and isinstance(scenario.environment, Ramp):
        lag = evolved.cue[..., 0] - evolved.genotype
        yield later("evolutionary_lag", lag, unit), predicted_lag(setup)
    if evolution.scheme.absolute:
        yield from _extinction(evolved, told)


def _since(scenario: Scenario, evolved: Evolved) -> int:
    if scenario.burn_in is None:
        return int(BURN_IN * len(evolved.genotype))
    return min(scenario.burn_in // evolved.life, len(evolved.genotype) - 1)


def _flag(evolved: Evolved) -> str:
    gone, many = int(np.isfinite(evolved.extinct_at()).sum()), evolved.size.shape[1]
    return f"extinct in {gone} of {many} replicates" if gone else ""


def _over_generations(
    name: str, values: np.ndarray, unit: str, flag: str, since: int, more: str
) -> Measurement:
    """Return the mean over generations and replicates; replicates give the interval."""
    lived = values[:, np.isfinite(values).all(axis=0)].mean(axis=0)
    if not lived.size:
        return Measurement(name, math.nan, unit, flag=flag or "diverged")
    low, high = student_interval(lived)
    method = "; ".join(filter(None, [f"mean from generation {since} on", more]))
    mean = float(lived.mean())
    return Measurement(name, mean, unit, low, high, method=method, n=lived.size, flag=flag)


def _extinction(evolved: Evolved, flag: str) -> Iterator[tuple[Measurement, None]]:
    at = evolved.extinct_at()
    gone = np.isfinite(at)
    share = Measurement("extinct_share", float(gone.mean()), "1", method="counted", flag=flag)
    yield share, None
    low, high = student_interval(at[gone])
    when = float(at[gone].mean()) if gone.any() else math.nan
    method = "mean of those that died out"
    yield (
        Measurement(
            "extinct_at",
            when,
            "generations",
            low,
            high,
            method=method,
            n=int(gone.sum()),
            flag=flag,
        ),
        None,
    )
