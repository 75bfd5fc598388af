"""A study as a report sees it: what its store holds, and which measures matter most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from adaptsim.figures.study_axes import is_number
from adaptsim.studies import analysis
from adaptsim.studies.analysis.frame import MEASURE, PARAMETER

FIRST = (
    "tracking_mse",
    "phase_lag",
    "mean_lag",
    "gain",
    "rise_time_63",
    "overshoot",
    "stationary_variance",
    "cross_correlation_lag",
)
LAST = ("spectral_radius", "lyapunov_exponent", "speed_limit", "gain_margin", "diverged_at")
PATCHY = 0.2
"""Of the first measures those of which a larger share of runs has none come after the others."""


@dataclass(frozen=True)
class Stored:
    """What a store holds.

    Attributes
    ----------
    described : dict
        What ``study.json`` says.
    runs, failed, design : DataFrame
        Finished runs, failed attempts, and all runs that were asked for.
    units : dict
        Units of parameters and measures.
    refused : list of str
        Analyses that could not be made are noted here.
    """

    described: Mapping[str, Any]
    runs: pd.DataFrame
    failed: pd.DataFrame
    design: pd.DataFrame
    units: Mapping[str, str]
    refused: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Kind of the design."""
        return str(self.described["design"]["kind"])

    @property
    def replicates(self) -> int:
        """How often each cell was to be run."""
        return int(self.described["replicates"])

    @property
    def scenario(self) -> Mapping[str, Any] | None:
        """The resolved scenario; None for a function."""
        told: Mapping[str, Any] | None = self.described.get("model", {}).get("scenario")
        return told

    @property
    def varied(self) -> list[str]:
        """Parameters that differ between cells, in the design's order."""
        return analysis.parameters(self.design)

    def values(self, name: str) -> pd.Series[Any]:
        """Return the values of a parameter, each once, in order."""
        return self.design[PARAMETER + name].drop_duplicates().sort_values()

    @property
    def full(self) -> bool:
        """Whether every value of each parameter meets every value of the others."""
        wanted = math.prod(len(self.values(name)) for name in self.varied)
        line = self.kind == "zip" or len(self.varied) == 1
        places = self.design[[PARAMETER + name for name in self.varied]].drop_duplicates()
        return line or len(places) == wanted

    def numeric(self, names: Sequence[str] | None = None) -> list[str]:
        """Return the parameters that are numbers."""
        chosen = self.varied if names is None else names
        return [name for name in chosen if is_number(self.design[PARAMETER + name])]

    def measures(self) -> list[str]:
        """Return the measures that differ between runs, those that matter most first.

        Of a measure that a run has of several groups the first group comes before all second ones.
        """
        names = [name for name in analysis.measures(self.runs) if self._differs(name)]
        plain = {name: name.partition("[")[0] for name in names}
        early = [name for one in FIRST for name in names if plain[name] == one]
        late = [n for n in names if plain[n] in LAST or plain[n].startswith("linear_")]
        outcome = self.described["design"].get("outcome")
        rest = [name for name in names if name not in (*early, *late)]
        ordered = [*early, *rest, *late]
        before = {name: [plain[n] for n in ordered[:i]] for i, name in enumerate(ordered)}
        return sorted(
            ordered,
            key=lambda name: (
                name != outcome,
                before[name].count(plain[name]),
                name in early and self.runs[MEASURE + name].isna().mean() > PATCHY,
            ),
        )

    def _differs(self, name: str) -> bool:
        values = self.runs[MEASURE + name].to_numpy(float)
        known = values[np.isfinite(values)]
        return bool(known.size and np.ptp(known) > 1e-9 * np.abs(known).max())

    def interval(self) -> str:
        """Return words on what bands and bars are."""
        if self.replicates < 2:
            return ""
        return f" Bands and bars: 95 % interval of the mean over {self.replicates} replicates."
