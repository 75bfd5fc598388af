"""Reading: one variable of one group of a run, in the shape the estimators want."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np

from adaptsim import measures
from adaptsim.adaptation import needs
from adaptsim.environments import Environment
from adaptsim.measures.tone import whole_periods
from adaptsim.scenarios import Scenario
from adaptsim.trajectory import Followed, Trajectory

FADED = 20.0
"""Burn-in in units of the slowest disturbance's time: what is left is e^-20 = 2e-9."""
CYCLES = 6
"""Cycles in a segment below which leakage biases lag and gain by more than about one percent."""
LEAST_BURN_IN = 10
"""Steps left out even where theory says that one would do."""
EXPLODED = 1e3
"""A tracking error this many times what it should be is called divergence."""


@dataclass(frozen=True)
class Reading:
    """One variable of one group, in the shape the estimators want.

    Attributes
    ----------
    followed : Followed
        Arrays of shape ``(T, k, m)``: k independent realisations, m that share a realisation.
    excess : numpy.ndarray
        Excess loss, the same shape.
    deterministic : bool
        Nothing was drawn and nothing fluctuates: one realisation says all.
    burn_in : int
        Recorded rows to leave out of measures of the long run.
    noisy : bool
        Whether individuals draw random numbers of their own.
    members : int
        Individuals of the group in one replicate.
    """

    scenario: Scenario
    kind: Any
    rule: Any
    variable: str
    followed: Followed
    excess: np.ndarray
    deterministic: bool
    burn_in: int
    noisy: bool
    members: int

    @property
    def options(self) -> dict[str, Any]:
        """Return what every estimator of the long run is told."""
        told: dict[str, Any] = {"burn_in": self.burn_in, "deterministic": self.deterministic}
        if self.period is not None:
            told["forcing_period"] = self.period
        return told

    @property
    def output(self) -> np.ndarray:
        """Return what adapts, ``(T, k, m)``."""
        return np.asarray(self.followed.output)

    @property
    def target(self) -> np.ndarray:
        """Return where it should be, ``(T, k, m)``."""
        return np.asarray(self.followed.target)

    @property
    def grouped(self) -> bool:
        """Whether statistics of the group were recorded rather than individuals."""
        return self.followed.squared_error is not None

    @cached_property
    def period(self) -> float | None:
        """Return the period of a tone in recorded rows, ``None`` if the world has none."""
        period = tone_period(self.scenario.environment)
        return None if period is None else float(period) / self.scenario.stride

    def drive_period(self) -> float | None:
        """Return the period asked for, else the one with most power in the drive [rows]."""
        if self.scenario.lag_period is not None:
            return self.scenario.lag_period / self.scenario.stride
        spectrum = measures.cross_spectrum(
            self.output, np.asarray(self.followed.drive), burn_in=self.burn_in
        )
        if not spectrum.omega.size:
            return None
        usable = np.isfinite(spectrum.lag) & (spectrum.omega > (CYCLES - 0.5) * spectrum.omega[0])
        if not usable.any():
            return None
        strongest = int(np.argmax(np.where(usable, spectrum.drive_power, -1.0)))
        return float(2 * math.pi / spectrum.omega[strongest])


def tone_period(environment: Environment) -> Any:
    """Return the period of a world's tone [steps], ``None`` if it has none."""
    for world in (environment, *getattr(environment, "parts", ())):
        if world.probe == "tone" and hasattr(world, "period"):
            return world.period
    return None


def read(
    scenario: Scenario,
    trajectory: Trajectory,
    group: int,
    variable: str,
    kind: Any,
    rule: Any,
    radius: float,
) -> Reading:
    """Return what is known of one variable of one group.

    ``kind`` and ``rule`` are those of one of its individuals, ``radius`` the spectral radius of its
    step at rest, which says how long the start is left out.
    """
    followed = trajectory.of(variable, group)
    excess = trajectory.excess[..., trajectory.columns(group)]
    noisy = any(needs(scenario.agent, scenario.rule))
    weather = scenario.environment.random
    sample = weather or scenario.environment.probe == "fluctuation"
    if not weather and noisy:
        followed, excess = jax.tree.map(lambda a: a.reshape(len(a), -1, 1), (followed, excess))
    elif not weather:
        followed, excess = jax.tree.map(lambda a: a[:, :1, :1], (followed, excess))
    return Reading(
        scenario=scenario,
        kind=kind,
        rule=rule,
        variable=variable,
        followed=followed,
        excess=excess,
        deterministic=not (sample or noisy),
        burn_in=rows_left_out(scenario, radius, len(trajectory.steps)),
        noisy=noisy,
        members=len(trajectory.groups.rows(group)),
    )


def rows_left_out(scenario: Scenario, radius: float, n_rows: int) -> int:
    """Return the recorded rows to leave out: until the slowest disturbance has faded."""
    half = n_rows // 2
    if scenario.burn_in is not None:
        return min(scenario.burn_in // scenario.stride, max(n_rows - 1, 0))
    if not 0 <= radius < 1:
        return half
    steps = -FADED / math.log(radius) if radius > 0 else 0.0
    return min(half, math.ceil(max(steps, LEAST_BURN_IN) / scenario.stride))


def probe_of(reading: Reading) -> str:
    """Return how what moves this variable moves: at rest, where the rest of the world does not."""
    drive = np.asarray(reading.followed.drive)
    return "rest" if np.ptp(drive) == 0 else reading.scenario.environment.probe


def diverged_at(reading: Reading) -> float | None:
    """Return the first step at which the error is beyond bounds, ``None`` if it never is.

    Bounds are a thousand times the largest of: the first error, the range of the target, the noise.
    """
    error = np.abs(reading.output - reading.target)
    if reading.grouped:
        error = np.sqrt(np.asarray(reading.followed.squared_error))
    known = np.where(np.isfinite(reading.target), reading.target, np.nan)
    scale = max(
        float(np.nanmax(error[0])) if np.isfinite(error[0]).any() else 0.0,
        float(np.nanmax(known) - np.nanmin(known)) if np.isfinite(known).any() else 0.0,
        float(reading.kind.observation_noise),
        float(reading.kind.gradient_noise),
        1e-12,
    )
    beyond = ~(error <= EXPLODED * scale)
    if not beyond.any():
        return None
    first = np.flatnonzero(beyond.any(axis=(1, 2)))[0]
    return float(first * reading.scenario.stride)


def over_whole_periods(reading: Reading, period: float) -> Reading:
    """Leave out more at the start, so that a whole number of periods remains."""
    rows = len(reading.output)
    kept = whole_periods(rows - reading.burn_in, period)
    return replace(reading, burn_in=rows - kept) if kept else reading
