"""Measuring a run: which measures fit it, each beside what theory predicts.

What is measured follows from how the environment moves (its ``probe``): the answer to a step, lag
and gain at one frequency, lag behind many, the spread at rest. Stability is always read off the
step itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from adaptsim import measures
from adaptsim.adaptation import row
from adaptsim.measures import Measurement, stability
from adaptsim.predictions import predict
from adaptsim.reading import Reading, diverged_at, over_whole_periods, probe_of, read
from adaptsim.scenarios import Scenario
from adaptsim.schema import FailedRun
from adaptsim.trajectory import Trajectory

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "scenario kind group variable measure value unit ci_low ci_high theory method convention flag"
)
MOST_GROUPS = 1000
BATCHES = 10
"""Noisy answers to a step are averaged in so many batches, their spread gives the interval."""
ONE_COURSE = "one course of the world: the interval covers the individuals' noise only"


def measure_run(scenario: Scenario, trajectory: Trajectory) -> pd.DataFrame:
    """Return the tidy table of a run's measures, one row a measure.

    Columns: ``scenario, kind, group, variable, measure, value, unit, ci_low, ci_high, theory,
    method, convention, flag`` and, where the scenario says how long a step is, ``in_time`` and
    ``time_unit``. ``theory`` comes from :mod:`adaptsim.theory` and is empty where no closed form
    is known.
    """
    import pandas as pd

    rows = []
    for group in _groups_measured(trajectory):
        rows += list(_measure_group(scenario, trajectory, group))
    table = pd.DataFrame(rows, columns=COLUMNS.split())
    if scenario.step_length:
        table = _in_time(table, *scenario.step_length)
    return table


def _groups_measured(trajectory: Trajectory) -> list[int]:
    count = len(trajectory.groups)
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, MOST_GROUPS))})


def _in_time(table: pd.DataFrame, number: float, unit: str) -> pd.DataFrame:
    steps = table["unit"] == "steps"
    return table.assign(
        in_time=(table["value"] * number).where(steps), time_unit=steps.map({True: unit, False: ""})
    )


def _measure_group(
    scenario: Scenario, trajectory: Trajectory, group: int
) -> Iterator[dict[str, Any]]:
    member = trajectory.groups.first(group)
    kind, rule = row(scenario.agent, member), row(scenario.rule, member)
    common = {
        "scenario": scenario.name,
        "kind": type(scenario.agent).__name__,
        "group": trajectory.groups.labels[group],
    }
    tallies = list(_tallies(common, scenario, trajectory, group, kind))
    limited = "; ".join(
        f"{one['measure'].replace('_', ' ')} at times, which theory leaves out"
        for one in tallies
        if one["value"] > 0
    )
    settled = stability_of(scenario, kind, rule)
    primary = next(iter(trajectory.followed))
    for found in settled.measurements:
        yield _row(common, primary, found, scenario, kind, rule)
    for variable in trajectory.followed:
        reading = read(scenario, trajectory, group, variable, kind, rule, settled.radius)
        for found, period in _measurements(reading):
            made = _row(common, variable, found, scenario, kind, rule, period)
            if limited and variable == kind.shown() and math.isfinite(made["theory"]):
                made["flag"] = "; ".join(filter(None, [made["flag"], limited]))
            yield made
    yield from tallies


def _row(
    common: dict[str, Any],
    variable: str,
    found: Measurement,
    scenario: Scenario,
    kind: Any,
    rule: Any,
    period: float | None = None,
) -> dict[str, Any]:
    theory = predict(kind, rule, scenario.environment, variable, found.name, period=period)
    return common | {
        "variable": variable,
        "measure": found.name,
        "value": found.value,
        "unit": found.unit.replace("trait", variable),
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "theory": math.nan if theory is None else theory,
        "method": found.method,
        "convention": found.convention,
        "flag": found.flag,
    }


def _tallies(
    common: dict[str, Any], scenario: Scenario, trajectory: Trajectory, group: int, kind: Any
) -> Iterator[dict[str, Any]]:
    bodies = trajectory.final.state.body
    if not jax.tree.leaves(bodies):
        return
    rows = trajectory.groups.rows(group)
    for name, (counts, unit) in kind.tallies(bodies).items():
        found = Measurement(
            name, float(np.asarray(counts)[:, rows].mean()), unit, method="counted, whole run"
        )
        yield _row(common, next(iter(trajectory.followed)), found, scenario, kind, scenario.rule)


@dataclass(frozen=True)
class Stability:
    """What the step's own Jacobian says of one individual."""

    radius: float
    measurements: list[Measurement]


_LIMITS: dict[Any, float] = {}


def stability_of(scenario: Scenario, kind: Any, rule: Any) -> Stability:
    """Return spectral radius, speed limit and gain margin of one individual at rest."""
    cue = scenario.environment.rest()
    kind, rule = jax.tree.map(np.float64, (kind, rule))
    numbers = stability.state_size(kind, rule, cue)
    if numbers > stability.MOST_EXAMINED:
        flag = f"not examined: {numbers} numbers in a state, more than {stability.MOST_EXAMINED}"
        method = "eigenvalues of the step's Jacobian at rest"
        none = Measurement("spectral_radius", math.nan, "1", method=method, flag=flag)
        return Stability(math.nan, [none])
    radius = float(stability.spectral_radius(kind, rule, cue))
    limit = _speed_limit(kind, rule, cue)
    rate = getattr(rule, "learning_rate", None)
    single = rate is not None and not callable(rate)
    pace = float(rate) if single else 0.0  # type: ignore[arg-type]
    margin = limit / pace if pace > 0 else math.nan
    flag = "no derivative at rest" if math.isnan(radius) else ""
    if radius > 1 + 1e-9:
        flag = "unstable"
    method = "eigenvalues of the step's Jacobian at rest"
    exponent = math.log(radius) if radius > 0 else math.copysign(math.inf, radius - 1)
    found = [
        Measurement("spectral_radius", radius, "1", method=method, flag=flag),
        Measurement("lyapunov_exponent", exponent, "1/step", method="ln spectral radius, at rest"),
    ]
    if single:
        search = "rate at which the spectral radius passes 1"
        flag = "no rate stabilises this point" if limit == 0 else ""
        found += [
            Measurement("speed_limit", limit, "1/curvature", method=search, flag=flag),
            Measurement("gain_margin", margin, "1", method="speed limit over learning rate"),
        ]
    return Stability(radius, found)


def _speed_limit(kind: Any, rule: Any, cue: Any) -> float:
    """Return the speed limit, kept for systems that differ in nothing but their learning rate."""
    idle = rule.replace(learning_rate=0.0) if hasattr(rule, "learning_rate") else rule
    leaves, tree = jax.tree.flatten((kind, idle, cue))
    key = (tree, tuple(np.asarray(leaf).tobytes() for leaf in leaves))
    if key not in _LIMITS:
        _LIMITS[key] = stability.speed_limit(kind, rule, cue)
    return _LIMITS[key]


def _measurements(reading: Reading) -> Iterator[tuple[Measurement, float | None]]:
    """Yield what fits the environment, each with the period it was read at, if any [steps]."""
    since = diverged_at(reading)
    if since is not None:
        yield Measurement("diverged_at", since, "steps", method="error beyond bounds"), None
    found: list[tuple[Measurement, float | None]] = []
    match probe_of(reading):
        case "tone":
            found += _tone(reading)
        case "step":
            found += [(one, None) for one in _step(reading, at=_step_at(reading))]
        case "ramp":
            found += [(one, None) for one in _ramp(reading)]
        case "rest":
            found += [(one, None) for one in _rest(reading)]
        case _:
            found += _fluctuation(reading)
    found.append((_regret(reading), None))
    found += [(_own(reading, own), None) for own in reading.scenario.measures]
    stride = reading.scenario.stride
    for one, period in found:
        scaled = _in_steps(one, stride)
        if since is None:
            yield scaled, period
        else:
            yield replace(scaled, value=math.nan, ci_low=math.nan, ci_high=math.nan,
                          flag="diverged"), period  # fmt: skip


def _in_steps(found: Measurement, stride: int) -> Measurement:
    """Return a time in rows as a time in steps."""
    if stride == 1 or found.unit != "steps":
        return found
    scaled = {name: getattr(found, name) * stride for name in ("value", "ci_low", "ci_high")}
    return replace(found, **scaled)


def _tone(reading: Reading) -> list[tuple[Measurement, float | None]]:
    drive, period = np.asarray(reading.followed.drive), reading.period
    if period is None:
        return _fluctuation(reading)
    steps = period * reading.scenario.stride
    reading = over_whole_periods(reading, period)
    options = {k: v for k, v in reading.options.items() if k != "forcing_period"}
    lag = measures.phase_lag(reading.output, drive, period, **options)
    ratio = measures.gain(reading.output, drive, period, **options)
    found = [(lag, steps), (ratio, steps), *_linear(reading, steps)]
    return [*found, (_mse(reading), None)]


def _linear(reading: Reading, period: float) -> list[tuple[Measurement, float | None]]:
    """Return lag and gain as the step's Jacobian has them, no simulation needed."""
    omega = 2 * math.pi / period
    kind, rule = jax.tree.map(np.float64, (reading.kind, reading.rule))
    try:
        ratio = complex(
            stability.linear_response(
                kind,
                rule,
                reading.scenario.environment.rest(),
                np.float64(omega),
                variable=reading.variable,
            )
        )
    except TypeError:  # an output that cannot be differentiated
        ratio = complex(math.nan, math.nan)
    late = -np.angle(ratio) % (2 * math.pi) / omega
    method = f"linear response of the step's Jacobian, period {period:g} steps"
    return [
        (Measurement("linear_phase_lag", float(late), "steps", method=method), period),
        (Measurement("linear_gain", abs(ratio), "1", method=method), period),
    ]


def _step_at(reading: Reading) -> int:
    """Return the recorded row at which the target first has its new value."""
    moved = np.flatnonzero(np.diff(reading.target[:, 0, 0]))
    return int(moved[0]) + 1 if moved.size else 0


def _batches(values: np.ndarray) -> np.ndarray:
    """Return means over batches of realisations, ``(T, batches)``: a single one is too noisy."""
    values = values.mean(axis=2)
    count = BATCHES if values.shape[1] >= 2 * BATCHES else 1
    parts = np.array_split(values, count, axis=1)
    return np.stack([part.mean(axis=1) for part in parts], axis=1)


def _step(reading: Reading, at: int) -> list[Measurement]:
    output, target = _batches(reading.output), _batches(reading.target)
    if at >= len(output) - 2:
        return []
    told: dict[str, Any] = {"target": target, "deterministic": reading.deterministic}
    return [
        measures.rise_time_63(output, at, **told),
        measures.rise_time_10_90(output, at, **told),
        measures.settling_time(output, at, **told),
        measures.overshoot(output, at, **told),
    ]


def _ramp(reading: Reading) -> list[Measurement]:
    lag = measures.ramp_lag(reading.output, reading.target, **reading.options)
    kept = slice(reading.burn_in, None)
    late = (reading.target - reading.output)[kept]
    error = measures.tracking_mse(late, np.zeros_like(late), deterministic=True)
    steady = replace(
        error,
        name="steady_state_error",
        unit="trait",
        value=float(late.mean()),
        method="mean of target - output",
    )
    return [lag, steady]


def _rest(reading: Reading) -> list[Measurement]:
    output, target = reading.output, reading.target
    found: list[Measurement] = []
    if np.abs(output[0] - target[0]).max() > 4 * float(reading.kind.observation_noise):
        found += _step(reading, at=0)
    if not reading.noisy and not reading.scenario.environment.random:
        return found
    options = reading.options
    return [
        *found,
        _variance(reading),
        measures.autocorrelation_1(output, **options),
        measures.return_rate(output, **options),
        _mse(reading),
    ]


def _variance(reading: Reading) -> Measurement:
    members = reading.members
    if not reading.grouped or members == 1:
        return measures.stationary_variance(reading.output, **reading.options)
    spread = np.sqrt(np.asarray(reading.followed.spread) * members / (members - 1))
    found = measures.tracking_mse(spread, np.zeros_like(spread), **reading.options)
    return replace(found, name="stationary_variance", method=f"among {members} members")


def _mse(reading: Reading) -> Measurement:
    if not reading.grouped:
        return measures.tracking_mse(reading.output, reading.target, **reading.options)
    error = np.sqrt(np.asarray(reading.followed.squared_error))
    return measures.tracking_mse(error, np.zeros_like(error), **reading.options)


def _fluctuation(reading: Reading) -> list[tuple[Measurement, float | None]]:
    output, target, options = reading.output, reading.target, reading.options
    drive = np.asarray(reading.followed.drive)
    found: list[tuple[Measurement, float | None]] = [
        (measures.mean_lag(output, drive, **options), None),
        (measures.cross_correlation_lag(output, drive, **options), None),
    ]
    period = reading.drive_period()
    if period is not None:
        steps = period * reading.scenario.stride
        given = "" if reading.scenario.environment.random else ONE_COURSE
        spectral = [
            measures.broadband_lag(output, drive, period, **options),
            measures.broadband_gain(output, drive, period, **options),
        ]
        found += [(one.flagged(given if reading.noisy else ""), steps) for one in spectral]
    found.append((_mse(reading), None))
    if not reading.grouped:
        parts = measures.mse_decomposition(output, target, **options)
        found += [(one, None) for one in (parts.bias, parts.lag, parts.noise)]
        found.append((measures.static_regret(output, target, **options), None))
    return found


def _regret(reading: Reading) -> Measurement:
    return replace(
        measures.dynamic_regret(reading.excess, deterministic=reading.deterministic), name="regret"
    )


def _own(reading: Reading, own: Any) -> Measurement:
    """Return a user's own measure: mean over individuals, t interval over realisations."""
    output, target = reading.output, np.broadcast_to(reading.target, reading.output.shape)
    kept = slice(reading.burn_in, None)
    _, k, m = output.shape
    try:
        single = [
            [float(own.of(output[kept, i, j], target[kept, i, j])) for j in range(m)]
            for i in range(k)
        ]
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise FailedRun(f"measure {type(own).__name__} failed on this run: {told}") from error
    each = np.array(single).mean(axis=1)
    low, high = student_interval(each)
    return Measurement(
        own.name, float(each.mean()), own.unit, low, high, method=type(own).__name__, n=k
    )


def student_interval(values: np.ndarray) -> tuple[float, float]:
    """Return Student's 95 % interval of the mean of independent values; nan of fewer than two."""
    if len(values) < 2:
        return math.nan, math.nan
    from scipy import stats

    error = values.std(ddof=1) / math.sqrt(len(values))
    half = float(stats.t.ppf(0.975, len(values) - 1) * error)
    return float(values.mean()) - half, float(values.mean()) + half
