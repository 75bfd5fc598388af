"""Predictions for many cells at once: the closed forms of `predictions`, on arrays."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, cached_property
from typing import Any

import jax
import numpy as np

from adaptsim import theory
from adaptsim.adaptation import Setting, row
from adaptsim.agents import Forager, Synapse, Thermostat, Tracker, Walker
from adaptsim.predictions import (
    LINEAR,
    LinearTracker,
    as_linear_tracker,
    curvature_of,
    limit_of,
    predict,
)
from adaptsim.rules import GradientDescent
from adaptsim.studies.structure import Structure

ON_ARRAYS = (Tracker, Forager, Thermostat)
"""Kinds whose way to a linear tracker is arithmetic, so that it takes many at once."""

NUMBERS = ("g", "observation_variance", "gradient_variance", "probability", "curvature")
LIMITS = ("speed_limit", "gain_margin")
STABILITY = (*LIMITS, "spectral_radius", "lyapunov_exponent")


class Predicted:
    """What theory says of one group's individual in each of many cells of one structure.

    Parameters
    ----------
    structure
        What the cells share.
    numbers
        Every single number of every cell, ``(leaves, w)``.
    member
        Row of the individual.
    """

    def __init__(self, structure: Structure, numbers: np.ndarray, member: int) -> None:
        self.structure, self.numbers, self.member = structure, numbers, member
        self.kind, self.rule, _ = structure.one
        self.linear = cache(self._linear)
        self.stability = cache(self._stability)

    def __len__(self) -> int:
        return self.numbers.shape[1]

    @cached_property
    def systems(self) -> list[Setting]:
        """Return the individual of each cell, by itself."""
        whole = [self.structure.form.setting(one, self.structure.arrays)
                 for one in self.numbers.T.tolist()]  # fmt: skip
        if not self.structure.groups.name:
            return whole
        return [Setting(row(kind, self.member), row(rule, self.member), environment)
                for kind, rule, environment in whole]  # fmt: skip

    @cached_property
    def stacked(self) -> Setting:
        """Return all individuals as one, their numbers arrays ``(w,)``."""
        if not self.structure.groups.name:
            return self.structure.form.setting(self.numbers, self.structure.arrays)
        stacked: Setting = jax.tree.map(_stack, *self.systems)
        return stacked

    @cached_property
    def alike(self) -> list[int]:
        """Return which cells are the same system (replicates are), one whole number each."""
        return np.unique(self.numbers, axis=1, return_inverse=True)[1].reshape(-1).tolist()

    def of(self, variable: str, measure: str, periods: np.ndarray | None) -> np.ndarray:
        """Return predictions of a measure of a variable, ``(w,)``; nan where there is none."""
        if not self._own(variable):
            if measure in STABILITY:
                return self.stability(variable)[measure]
            linear = self.linear(variable)
            if linear is None or measure not in LINEAR:
                return self._none
            with np.errstate(all="ignore"):
                found = LINEAR[measure](linear, periods)
            return self._none if found is None else self._finite(found)
        each = [None] * len(self) if periods is None else periods.tolist()
        keys = list(zip(self.alike, each, strict=True))
        told: dict[Any, float] = {}
        for system, key in zip(self.systems, keys, strict=True):
            if key not in told:
                value = predict(*system, variable, measure, period=key[1])
                told[key] = math.nan if value is None else value
        return np.array([told[key] for key in keys])

    def _own(self, variable: str) -> bool:
        """Whether predictions may be those of the kind as a whole, asked one by one."""
        room = isinstance(self.kind, Thermostat) and self.kind.room
        return isinstance(self.kind, Synapse | Walker) or room

    @property
    def _none(self) -> np.ndarray:
        return np.full(len(self), math.nan)

    def _finite(self, values: Any) -> np.ndarray:
        whole = np.broadcast_to(np.asarray(values, dtype=float), len(self))
        return np.where(np.isfinite(whole), whole, math.nan)

    def _linear(self, variable: str) -> LinearTracker | None:
        """Return the linear trackers that a variable is in all cells, its numbers as arrays."""
        if type(self.kind) in ON_ARRAYS:
            return as_linear_tracker(*self.stacked, variable)
        each = [as_linear_tracker(*system, variable) for system in self.systems]
        known = [one for one in each if one is not None]
        if len(known) < len(each):
            return None
        one = known[0]
        numbers = {name: np.array([getattr(each, name) for each in known]) for name in NUMBERS}
        if one.mean_square is not None:
            numbers["mean_square"] = np.array([each.mean_square for each in known])
        environment = jax.tree.map(_stack, *(one.environment for one in known))
        return replace(one, environment=environment, **numbers)  # type: ignore[arg-type]

    def _stability(self, variable: str) -> dict[str, np.ndarray]:
        """Return speed limits and margins, radii and exponents, as `predictions` has them."""
        found = dict.fromkeys(STABILITY, self._none)
        rate = getattr(self.rule, "learning_rate", None)
        curvature = self._curvature(variable)
        if rate is None or callable(rate) or curvature is None:
            return found
        rules = self.stacked.rule
        rates = rules.learning_rate  # type: ignore[attr-defined]
        with np.errstate(all="ignore"):
            limit = limit_of(self.kind, rules, curvature)
            if limit is not None:
                found["speed_limit"] = self._finite(limit)
                found["gain_margin"] = self._finite(np.where(rates > 0, limit / rates, limit))
            if type(self.rule) is GradientDescent:
                radius = self._radius(rates * curvature)
                found["spectral_radius"] = self._finite(radius)
                found["lyapunov_exponent"] = self._finite(np.log(radius))
        return found

    def _curvature(self, variable: str) -> Any:
        """Return the curvatures at rest, ``None`` where no formula gives them."""
        if type(self.kind) in ON_ARRAYS and self.linear(variable) is not None:
            return curvature_of(self.stacked.kind, self.stacked.environment, variable)
        each = [curvature_of(kind, environment, variable) for kind, _, environment in self.systems]
        return None if None in each else np.array(each, dtype=float)

    def _radius(self, g: np.ndarray) -> np.ndarray:
        delay = self.kind.feedback_delay
        if not delay:
            return np.abs(1 - g)
        g = np.broadcast_to(g, len(self))
        return np.array([theory.delay.spectral_radius(one, delay=delay) for one in g.tolist()])


def _stack(*leaves: Any) -> np.ndarray:
    return np.array(leaves, dtype=float)
