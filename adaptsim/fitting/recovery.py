"""Recovery: rates found again in data simulated with known ones, as a check of a whole design."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from adaptsim.fitting.group import Group, drawn_like, estimates_and_profiles
from adaptsim.fitting.request import Problem


class Recovery(NamedTuple):
    """What became of a known rate in simulated data.

    Attributes
    ----------
    truth : float
        The rate that the data were simulated with.
    found, low, high : numpy.ndarray
        Most likely rate and interval in each, ``(n,)``.
    bounded : numpy.ndarray
        Whether an end of the interval is only a bound of what was tried, ``(n,)``.
    """

    truth: float
    found: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bounded: np.ndarray

    @property
    def covered(self) -> np.ndarray:
        """Whether the interval holds the truth, ``(n,)``."""
        inside: np.ndarray = (self.low <= self.truth) & (self.truth <= self.high)
        return inside

    @property
    def coverage(self) -> tuple[float, float, float]:
        """Share of intervals that hold the truth, and Wilson's 95 % interval of that share."""
        done = stats.binomtest(int(self.covered.sum()), len(self.covered))
        ends = done.proportion_ci(method="wilson")
        return float(self.covered.mean()), float(ends.low), float(ends.high)


def recover(problem: Problem, group: Group, draws: int, seed: int) -> Recovery:
    """Return what is found again of a group's one learning rate in data simulated with it."""
    model = group.place("fixed")
    members = drawn_like(problem, group, model, draws, seed)
    fixed = (group.hypotheses[model],)
    _, profile, _ = estimates_and_profiles(problem, members, fixed, group.level)
    flat = {name: np.asarray(getattr(profile, name))[:, 0] for name in profile._fields}
    return Recovery(
        float(group.estimate.shared[model, 0]), flat["top"], flat["low"], flat["high"],
        flat["open_low"] | flat["open_high"],
    )  # fmt: skip
