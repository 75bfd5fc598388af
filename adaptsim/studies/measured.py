"""Measuring many cells at once: which measures fit them, each beside what theory predicts.

The same choice as `adaptsim.measuring` makes for one run, by the estimators of
`measures.side_by_side`; intervals are left out, since what a study has are cells to compare.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from adaptsim.measures import side_by_side as beside
from adaptsim.measures.measurement import joined
from adaptsim.measures.side_by_side import Numbers, SideBySide
from adaptsim.measures.side_by_side_spectrum import broadband
from adaptsim.measures.side_by_side_step import step_response
from adaptsim.measures.tone import longest_spans
from adaptsim.measuring import BATCHES
from adaptsim.reading import EXPLODED, rows_left_out, tone_period
from adaptsim.studies.predicted import Predicted
from adaptsim.studies.resting import Resting, at_rest
from adaptsim.studies.structure import Structure
from adaptsim.trajectory import Followed

STEP = ("rise_time_63", "rise_time_10_90", "settling_time", "overshoot")
TONE = ("phase_lag", "gain", "linear_phase_lag", "linear_gain", "tracking_mse")
FLUCTUATION = ("mean_lag", "cross_correlation_lag", "phase_lag", "gain", "tracking_mse")
INDIVIDUALLY = ("squared_bias", "lag_error", "noise_error", "static_regret")
RAMP = ("mean_lag", "steady_state_error")
REST = ("stationary_variance", "autocorrelation_1", "return_rate", "tracking_mse")
AT_REST = ("spectral_radius", "lyapunov_exponent")
TURNED = ("speed_limit", "gain_margin")
TIMES = {"phase_lag", "mean_lag", "cross_correlation_lag", *STEP} - {"overshoot"}


class Record(NamedTuple):
    """What a tile of cells left: arrays ``(T, w, r, m)``, and last bodies ``(w, r, n)``."""

    followed: dict[str, Followed]
    excess: np.ndarray
    bodies: Any
    individually: bool


def measures_of(structure: Structure) -> dict[str, tuple[str, str, int]]:
    """Return the measures of cells of a structure: column to measure, variable and group."""
    found = {}
    first, *_ = structure.variables
    for group, label in enumerate(structure.groups.labels):
        for variable, measure in _all(structure):
            name = measure if variable == first else f"{variable}.{measure}"
            found[f"{name}[{label}]" if label else name] = (measure, variable, group)
    return found


def _all(structure: Structure) -> Iterator[tuple[str, str]]:
    first, *_ = structure.variables
    for name in (*AT_REST, *(TURNED if structure.turned else ())):
        yield first, name
    own = [one.name for one in structure.scenario.measures]
    for variable, probe in structure.variables.items():
        for name in ("diverged_at", *_fitting(structure, probe), "regret", *own):
            yield variable, name
    for name in structure.tallies:
        yield first, name


def _fitting(structure: Structure, probe: str) -> tuple[str, ...]:
    """Return the measures that fit how a variable's drive moves."""
    if probe == "tone" and tone_period(structure.scenario.environment) is not None:
        return TONE
    if probe == "rest":
        return (*STEP, *(REST if structure.fluctuates else ()))
    kinds = {"step": STEP, "ramp": RAMP}
    whole = (*FLUCTUATION, *(INDIVIDUALLY if structure.individually else ()))
    return kinds.get(probe, whole)


def measure_cells(
    structure: Structure, numbers: np.ndarray, record: Record, count: int
) -> dict[str, np.ndarray]:
    """Return the measures of the first ``count`` cells of a tile, by column.

    Parameters
    ----------
    structure
        What they share.
    numbers
        Every single number of every cell, ``(leaves, w)``.
    record
        What they left.
    """
    found: dict[tuple[str, str, int], Numbers] = {}
    groups = structure.groups
    predicted = [Predicted(structure, numbers[:, :count], groups.first(group))
                 for group in range(len(groups))]  # fmt: skip
    periods: dict[tuple[str, int], np.ndarray] = {}
    for group in range(len(groups)):
        rest = at_rest(structure, numbers, group)
        for name, values in rest.numbers.items():
            found[name, structure.first, group] = values
        for variable in structure.variables:
            tile = _Tile(structure, record, group, variable, rest)
            for name, values in tile.measured().items():
                found[name, variable, group] = values
            periods[variable, group] = tile.period
        found |= _tallies(structure, record, group)
    columns: dict[str, np.ndarray] = {}
    for column, (name, variable, group) in measures_of(structure).items():
        values = found[name, variable, group]
        at = periods[variable, group][:count] if name in AT_A_PERIOD else None
        theories = predicted[group].of(variable, name, at)
        flags = _limited(structure, found, values.flag, theories, variable, group)
        columns[f"m_{column}"] = values.value[:count]
        columns[f"t_{column}"] = theories
        columns[f"f_{column}"] = np.array(flags[:count], dtype=object)
    return columns


AT_A_PERIOD = ("phase_lag", "gain", "linear_phase_lag", "linear_gain")


def _limited(
    structure: Structure,
    found: dict[tuple[str, str, int], Numbers],
    flags: list[str],
    theories: np.ndarray,
    variable: str,
    group: int,
) -> list[str]:
    """Say where a kind counted what theory leaves out."""
    if not structure.tallies or variable != structure.one.kind.shown():
        return flags
    told = list(flags)
    for place, theory in enumerate(theories.tolist()):
        for name in structure.tallies:
            if math.isfinite(theory) and found[name, structure.first, group].value[place] > 0:
                less = f"{name.replace('_', ' ')} at times, which theory leaves out"
                told[place] = joined(told[place], less)
    return told


def _tallies(
    structure: Structure, record: Record, group: int
) -> dict[tuple[str, str, int], Numbers]:
    if not structure.tallies:
        return {}
    rows = structure.groups.rows(group)
    found = {}
    for name, (counts, _) in structure.one.kind.tallies(record.bodies).items():
        means = np.asarray(counts)[:, :, rows].mean(axis=(1, 2))
        found[name, structure.first, group] = Numbers(means, [""] * len(means))
    return found


class _Tile:
    """One variable of one group of all cells of a tile, in the shape the estimators want."""

    def __init__(
        self,
        structure: Structure,
        record: Record,
        group: int,
        variable: str,
        rest: Resting,
    ) -> None:
        self.structure, self.record = structure, record
        self.scenario = structure.scenario
        columns = np.array([group])
        if record.individually:
            columns = np.flatnonzero(structure.groups.members == group)
        self.members = len(structure.groups.rows(group))
        self.noisy = any(structure.wanted)
        self.kind = structure.one.kind
        one = record.followed[variable]
        self.followed = Followed(*(self._shaped(part, columns) for part in one))
        self.excess = self._shaped(record.excess, columns)
        self.variable, self.group = variable, group
        rows = len(record.excess)
        left = [rows_left_out(self.scenario, radius, rows) for radius in rest.radius.tolist()]
        self.first, self.last = np.array(left), np.full(len(left), rows)
        self.period = np.full(len(left), math.nan)
        self.rest = rest
        self.stacked = structure.form.setting(rest.cells, structure.arrays)

    def _shaped(self, part: Any, columns: np.ndarray) -> Any:
        """Return ``(T, w, k, m)``: realisations, and members that share one; as `reading.read`."""
        if part is None:
            return None
        part = np.asarray(part)
        if len(columns) < part.shape[-1]:
            part = part[..., columns]
        if self.scenario.environment.random:
            return part
        if self.noisy:
            return part.reshape(*part.shape[:2], -1, 1)
        return part[:, :, :1, :1]

    @property
    def target(self) -> np.ndarray:
        return np.asarray(self.followed.target)

    @property
    def drive(self) -> np.ndarray:
        return self.target if self.followed.drive is None else np.asarray(self.followed.drive)

    def beside(self, target: np.ndarray, first: np.ndarray | None = None) -> SideBySide:
        begin = self.first if first is None else first
        return SideBySide(self.followed.output, target, begin, self.last)

    def measured(self) -> dict[str, Numbers]:
        """Return all measures of all cells, nan and ``diverged`` where a cell did."""
        since = self._diverged()
        wanted = _fitting(self.structure, self.structure.variables[self.variable])
        ways = {TONE: self._tone, STEP: self._step, RAMP: self._ramp}
        if wanted in ways:
            found = ways[wanted]()
        else:
            found = self._rest() if wanted[:4] == STEP else self._fluctuation()
        found["regret"] = self._regret()
        for own in self.scenario.measures:
            found[own.name] = self._own(own)
        for name in TIMES & found.keys():
            found[name] = found[name]._replace(value=found[name].value * self.scenario.stride)
        faults = ["diverged" if math.isfinite(at) else "" for at in since.value.tolist()]
        return {name: values.without(faults) for name, values in found.items()} | {
            "diverged_at": since
        }

    def _diverged(self) -> Numbers:
        """Return the first step at which the error is beyond bounds, as `reading.diverged_at`."""
        with np.errstate(all="ignore"):
            error = np.abs(self.followed.output - self.target)
            if self.followed.squared_error is not None:
                error = np.sqrt(self.followed.squared_error)
            start = np.where(np.isfinite(error[0]), error[0], 0.0).max(axis=(1, 2))
            known = np.isfinite(self.target)
            high = np.where(known, self.target, -np.inf).max(axis=(0, 2, 3))
            low = np.where(known, self.target, np.inf).min(axis=(0, 2, 3))
            scale = np.maximum(np.maximum(start, np.nan_to_num(high - low)), 1e-12)
            for name in ("observation_noise", "gradient_noise"):
                scale = np.maximum(scale, self.structure.level(self.stacked, name))
            beyond = ~(error <= EXPLODED * scale[:, None, None])
        beyond = beyond.any(axis=(2, 3))
        at = np.argmax(beyond, axis=0) * float(self.scenario.stride)
        return Numbers(np.where(beyond.any(axis=0), at, np.nan), [""] * len(at))

    def _tone(self) -> dict[str, Numbers]:
        period = np.asarray(tone_period(self.stacked.environment), dtype=float)
        periods = np.broadcast_to(period, len(self.last))
        self.period = periods
        periods = periods / self.scenario.stride
        rows = int(self.last[0])
        kept = longest_spans(rows - self.first, periods)
        begin = np.where(kept > 0, rows - kept, self.first)
        lag, gain = beside.tone(self.beside(self.drive, begin), periods)
        late, ratio = self.rest.response(2 * math.pi / self.period, self.variable)
        return {
            "phase_lag": lag,
            "gain": gain,
            "linear_phase_lag": late,
            "linear_gain": ratio,
            "tracking_mse": self._mse(begin),
        }

    def _mse(self, first: np.ndarray | None = None) -> Numbers:
        begin = self.first if first is None else first
        if self.followed.squared_error is None:
            return beside.tracking_mse(self.beside(self.target, begin))
        squares = np.asarray(self.followed.squared_error)
        return beside.window_mean(SideBySide(squares, squares, begin, self.last))

    def _step(self) -> dict[str, Numbers]:
        moved = np.diff(self.target[:, :, 0, 0], axis=0) != 0
        at = np.where(moved.any(axis=0), np.argmax(moved, axis=0) + 1, 0)
        return self._responses(at)

    def _responses(self, at: np.ndarray) -> dict[str, Numbers]:
        found = step_response(self._batches(self.followed.output), self._batches(self.target), at)
        return dict(zip(STEP, found, strict=True))

    def _batches(self, values: np.ndarray) -> np.ndarray:
        """Return means over batches of realisations ``(T, batches, w)``, as `measuring` does."""
        means = np.moveaxis(values.mean(axis=3), 2, 1)
        count = BATCHES if means.shape[1] >= 2 * BATCHES else 1
        parts = np.array_split(means, count, axis=1)
        return np.stack([part.mean(axis=1) for part in parts], axis=1)

    def _ramp(self) -> dict[str, Numbers]:
        late = self.target - self.followed.output
        cells = SideBySide(late, self.target, self.first, self.last)
        error = beside.window_mean(cells)
        return {"mean_lag": beside.ramp_lag(self.beside(self.target)), "steady_state_error": error}

    def _rest(self) -> dict[str, Numbers]:
        with np.errstate(all="ignore"):
            away = np.abs(self.followed.output[0] - self.target[0]).max(axis=(1, 2))
        noise = self.structure.level(self.stacked, "observation_noise")
        told = ["" if far else "starts at its target" for far in away > 4 * noise]
        found = self._responses(np.zeros(len(away), dtype=int))
        found = {name: values.without(told) for name, values in found.items()}
        if not self.structure.fluctuates:
            return found
        output = self.beside(self.followed.output)
        correlation = beside.autocorrelation_1(output)
        return found | {
            "stationary_variance": self._variance(output),
            "autocorrelation_1": correlation,
            "return_rate": beside.return_rate(correlation),
            "tracking_mse": self._mse(),
        }

    def _variance(self, output: SideBySide) -> Numbers:
        if self.followed.spread is None or self.members == 1:
            return beside.stationary_variance(output)
        spread = np.asarray(self.followed.spread) * self.members / (self.members - 1)
        return beside.window_mean(SideBySide(spread, spread, self.first, self.last))

    def _fluctuation(self) -> dict[str, Numbers]:
        behind, away = self.beside(self.drive), self.beside(self.target)
        asked, stride = self.scenario.lag_period, self.scenario.stride
        lag, gain, periods = broadband(behind, None if asked is None else asked / stride)
        self.period = periods * stride if asked is None else np.full(len(periods), asked)
        found = {
            "mean_lag": beside.mean_lag(behind),
            "cross_correlation_lag": beside.cross_correlation_lag(behind),
            "phase_lag": lag,
            "gain": gain,
            "tracking_mse": self._mse(),
        }
        if self.record.individually:
            found |= dict(zip(INDIVIDUALLY, beside.error_parts(away), strict=False))
            found["static_regret"] = beside.static_regret(away)
        return found

    def _regret(self) -> Numbers:
        start = np.zeros_like(self.first)
        mean = beside.window_mean(SideBySide(self.excess, self.excess, start, self.last))
        return mean._replace(value=mean.value * len(self.excess))

    def _own(self, own: Any) -> Numbers:
        """Return a user's own measure: mean over individuals and realisations."""
        _, w, k, m = self.followed.output.shape
        target = np.broadcast_to(self.target, self.followed.output.shape)
        values = np.full((w, k, m), math.nan)
        for cell, i, j in np.ndindex(w, k, m):
            kept = slice(self.first[cell], None)
            series = (part[kept, cell, i, j] for part in (self.followed.output, target))
            values[cell, i, j] = float(own.of(*series))
        return beside.averaged(values, [""] * w)
