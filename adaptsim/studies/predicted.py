"""Predictions for many cells at once: the closed forms of `predictions`, on arrays."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import jax
import numpy as np

from adaptsim import theory
from adaptsim.adaptation import Setting, row
from adaptsim.agents import Synapse, Thermostat, Walker
from adaptsim.predictions import (
    LINEAR,
    LinearTracker,
    as_linear_tracker,
    curvature_of,
    limit_of,
    predict,
)
from adaptsim.rules import GradientDescent

LIMITS = ("speed_limit", "gain_margin")
STABILITY = (*LIMITS, "spectral_radius", "lyapunov_exponent")


class Predicted:
    """What theory says of one group's individual in each of many cells of one structure.

    Parameters
    ----------
    settings
        The parts of each cell.
    alike
        Which cells are the same system (replicates are), one whole number each, ``(w,)``.
    member
        Row of the individual, ``None`` where individuals do not differ.
    """

    def __init__(self, settings: list[Setting], alike: np.ndarray, member: int | None) -> None:
        self.systems, self.alike = settings, alike
        if member is not None:
            self.systems = [
                Setting(row(kind, member), row(rule, member), environment)
                for kind, rule, environment in settings
            ]
        self.kind, self.rule, _ = self.systems[0]
        self.linear = cache(self._linear)
        self.stability = cache(self._stability)

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
        each = [None] * len(self.systems) if periods is None else periods.tolist()
        keys = list(zip(self.alike.tolist(), each, strict=True))
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
        return np.full(len(self.systems), math.nan)

    def _finite(self, values: Any) -> np.ndarray:
        whole = np.broadcast_to(np.asarray(values, dtype=float), len(self.systems))
        return np.where(np.isfinite(whole), whole, math.nan)

    def _linear(self, variable: str) -> LinearTracker | None:
        """Return the linear trackers that a variable is in all cells, its numbers as arrays."""
        each = [as_linear_tracker(*system, variable) for system in self.systems]
        known = [one for one in each if one is not None]
        if len(known) < len(each):
            return None
        environment = jax.tree.map(lambda *leaves: np.array(leaves, dtype=float),
                                   *(one.environment for one in known))  # fmt: skip
        one = known[0]
        numbers = {
            name: np.array([getattr(each, name) for each in known])
            for name in ("g", "observation_variance", "gradient_variance", "probability",
                         "curvature")
        }  # fmt: skip
        squares = None
        if one.mean_square is not None:
            squares = np.array([each.mean_square for each in known])
        return LinearTracker(
            environment=environment,
            observation_delay=one.observation_delay,
            feedback_delay=one.feedback_delay,
            mean_square=squares,  # type: ignore[arg-type]
            **numbers,  # type: ignore[arg-type]
        )

    def _stability(self, variable: str) -> dict[str, np.ndarray]:
        """Return speed limits and margins, radii and exponents, as `predictions` has them."""
        found = dict.fromkeys(STABILITY, self._none)
        curvatures = [curvature_of(kind, environment, variable)
                      for kind, _, environment in self.systems]  # fmt: skip
        rate = getattr(self.rule, "learning_rate", None)
        if rate is None or callable(rate) or None in curvatures:
            return found
        curvature = np.array(curvatures, dtype=float)
        rules = jax.tree.map(lambda *leaves: np.array(leaves, dtype=float),
                             *(rule for _, rule, _ in self.systems))  # fmt: skip
        rates = rules.learning_rate
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

    def _radius(self, g: np.ndarray) -> np.ndarray:
        delay = self.kind.feedback_delay
        if not delay:
            return np.abs(1 - g)
        return np.array([theory.delay.spectral_radius(one, delay=delay) for one in g.tolist()])
