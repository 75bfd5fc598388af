"""Fitting: learning rates inferred from observed series, through the very step that simulates."""

from adaptsim.fitting.fit import Fit, fit
from adaptsim.fitting.group import Group, Test
from adaptsim.fitting.hypotheses import HYPOTHESES, Hypothesis
from adaptsim.fitting.observations import Observations, read_observations
from adaptsim.fitting.recovery import Recovery
from adaptsim.fitting.request import Request

__all__ = [
    "HYPOTHESES",
    "Fit",
    "Group",
    "Hypothesis",
    "Observations",
    "Recovery",
    "Request",
    "Test",
    "fit",
    "read_observations",
]
