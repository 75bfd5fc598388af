"""The table of an examination: thresholds and exponents, beside what theory predicts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from adaptsim.agents import Walker
from adaptsim.environments import Constant, Stack
from adaptsim.landscapes import Bowl, Canyon, CubicWell, DoubleWell, Landscape
from adaptsim.landscapes.base import FLAT
from adaptsim.predictions import predict
from adaptsim.rules import AdaGrad, Adam, GradientDescent, Momentum, RMSProp
from adaptsim.theory import period_doubling

if TYPE_CHECKING:
    import pandas as pd

    from adaptsim.examination import Examination
    from adaptsim.subjects import Subject

COLUMNS = (
    "scenario", "kind", "rule", "group", "measure", "value", "unit", "ci_low", "ci_high", "theory",
    "method", "convention", "flag",
)  # fmt: skip
CLOSED = (GradientDescent, Momentum, RMSProp, Adam, AdaGrad)
"""Rules whose edge of stability is known in closed form, see `adaptsim.curvature.edge`."""

LIMIT = "theory: of an endless cascade"
"""Ratios of the first few doublings only tend to Feigenbaum's number."""

CHAOS = 5e-3
"""An exponent above this is taken for chaos [1/step]."""


def measure(found: Examination) -> pd.DataFrame:
    """Return the tidy table, one row a measure."""
    import pandas as pd

    common = {
        "scenario": found.name,
        "kind": found.subject.name,
        "rule": type(found.subject.rule).__name__,
        "group": "",
    }
    rows = [common | row for part in (_at_rest, _past, _chaos) for row in part(found)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _at_rest(found: Examination) -> Iterator[dict[str, Any]]:
    """Yield what the curvature says of the place itself."""
    told, how = found.verdict, "Hessian-vector products (Lanczos)"
    low, high = float(told.smallest.value), float(told.largest.value)
    bounds = [
        (float(one.value - one.bound), float(one.value + one.bound))
        for one in (told.smallest, told.largest)
    ]
    known = _known_curvatures(found.subject.landscape)
    yield _row("smallest_curvature", low, "loss/trait^2", how, ci=bounds[0], theory=known[0])
    kind = "" if told.kind == "minimum" else told.kind
    yield _row("largest_curvature", high, "loss/trait^2", how, kind, bounds[1], known[1])
    if low > FLAT * high:
        yield _row("condition_number", high / low, "1", how, theory=known[1] / known[0])
    flag = "no rate stabilises this point" if told.falls else ""
    yield _row(
        "speed_limit", math.nan if told.falls else found.limit, "1/curvature",
        "rate at which the spectral radius of the step passes 1", flag,
        theory=_known_limit(found),
    )  # fmt: skip
    yield from _at_own_value(found)
    if told.flip is not None:
        c = told.flip.coefficient
        how = "normal form of the flip, from four derivatives"
        yield _row("flip_coefficient", c, "1/trait^2", how, told.flip.outcome)


def _at_own_value(found: Examination) -> Iterator[dict[str, Any]]:
    """Yield how it fares at the value that the parameter has when nobody turns it."""
    radius, value = found.radius, float(found.own.values[0])
    flag = "unstable" if radius > 1 + 1e-9 else ""
    if math.isnan(radius):
        flag = "no derivative at rest"
    at = {"group": f"{value:.6g}"}
    how, known = "eigenvalues of the step at rest", _predicted_radius(found)
    yield _row("spectral_radius", radius, "1", how, flag, theory=known) | at
    exponent = float(found.own.exponents[0, 0])
    half = 1.96 * float(found.own.standard_error[0, 0])
    yield _row(
        "lyapunov_exponent", exponent, "1/step", "QR along the orbit", "; ".join(found.own.flags),
        (exponent - half, exponent + half), _known_exponent(found, value),
    ) | at  # fmt: skip


def _predicted_radius(found: Examination) -> float:
    """Return the closed form of the spectral radius, for agent kinds that have one."""
    walks = isinstance(found.subject.kind, Walker)
    return math.nan if walks else _predicted(found.subject, "spectral_radius")


def _past(found: Examination) -> Iterator[dict[str, Any]]:
    """Yield what happens to the cycle past the limit."""
    cascade, unit = found.cascade, _unit(found)
    known = _known_doublings(found, len(cascade.values))
    for place, one in enumerate(cascade.doublings):
        ends = (one.value - one.error, one.value + one.error)
        name = f"period_doubling_{place + 1}"
        flag = f"period {one.period} to {2 * one.period}"
        flag += "" if one.supercritical is not False else ", subcritical: no cycle takes over"
        yield _row(name, one.value, unit, "multiplier -1, bisected", flag, ends, known[place])
    for one in cascade.bifurcations:
        if one not in cascade.doublings:
            ends = (one.value - one.error, one.value + one.error)
            name = one.kind.lower().replace(" ", "_").replace("-", "_")
            flag = f"of the cycle of period {one.period}"
            yield _row(name, one.value, unit, "multiplier on the circle, bisected", flag, ends)
    for place, delta in enumerate(cascade.deltas):
        yield _row(
            f"feigenbaum_delta_{place + 1}", delta, "1", "ratio of distances of doublings",
            theory=period_doubling.FEIGENBAUM_DELTA,
        ) | {"convention": LIMIT}  # fmt: skip
    value, error = cascade.accumulation
    if math.isfinite(error):
        yield _row(
            "accumulation", value, unit, "doublings extrapolated (Aitken)",
            ci=(value - error, value + error), theory=_known_accumulation(found),
        )  # fmt: skip


def _chaos(found: Examination) -> Iterator[dict[str, Any]]:
    """Yield where chaos begins, how strong it gets, and where orbits leave."""
    unit, grown = _unit(found), found.exponents
    largest = grown.exponents[:, 0]
    chaotic = np.flatnonzero(largest > CHAOS)
    if chaotic.size:
        ends = _bracket(grown.values, int(chaotic[0]))
        how = "first value with a positive Lyapunov exponent; interval: from the value before"
        yield _row("onset_of_chaos", ends[1], unit, how, ci=ends)
        most = int(np.nanargmax(largest))
        half, rate = 1.96 * grown.standard_error[most, 0], float(grown.values[most])
        at = f"at {found.parameter.rpartition('.')[2]} {rate:.6g}"
        yield _row(
            "largest_lyapunov_exponent", largest[most], "1/step", "QR along the orbit", at,
            (largest[most] - half, largest[most] + half), _known_exponent(found, rate),
        )  # fmt: skip
    gone = np.flatnonzero(found.orbits.diverged[:, 0])
    if gone.size:
        ends = _bracket(found.orbits.values, int(gone[0]))
        how = "first value at which the orbit leaves; interval: from the value before"
        yield _row("diverges_at", ends[1], unit, how, ci=ends, theory=_known_end(found))


def _bracket(values: np.ndarray, place: int) -> tuple[float, float]:
    return float(values[max(place - 1, 0)]), float(values[place])


def _unit(found: Examination) -> str:
    turned = found.parameter.rpartition(".")[2]
    return "1/curvature" if turned == "learning_rate" else f"[{turned}]"


def _known_limit(found: Examination) -> float:
    """Return the closed form of the speed limit; nan where none is known.

    For a walker that feels its slope at once it is its rule's edge over the curvature. Other
    individuals have delays and bodies, which move the limit: `adaptsim.predictions` knows some.
    """
    subject, told = found.subject, found.verdict
    if told.kind != "minimum":
        return math.nan
    if isinstance(subject.kind, Walker):
        at_once = subject.kind.feedback_delay == 0
        return told.limit if at_once and isinstance(subject.rule, CLOSED) else math.nan
    return _predicted(subject, "speed_limit")


def _predicted(subject: Subject, measure: str) -> float:
    """Return what theory says of an agent kind that rests under a constant cue."""
    parts = tuple(Constant(value=float(one)) for one in subject.cue)
    world = parts[0] if len(parts) == 1 else Stack(parts=parts)
    kind, rule, cue = subject.kind, subject.rule, subject.cue
    followed = kind.tracking(jnp.asarray(kind.optimum(cue), float), kind.body(cue), cue)
    known = (predict(kind, rule, world, variable, measure) for variable in followed)
    return next((one for one in known if one is not None), math.nan)


def _known_curvatures(landscape: Landscape | None) -> tuple[float, float]:
    """Return the extreme curvatures where they are told by the landscape's own fields."""
    if isinstance(landscape, Canyon):
        return 1.0, float(landscape.condition_number)
    if isinstance(landscape, Bowl):
        return float(np.min(landscape.curvature)), float(np.max(landscape.curvature))
    return math.nan, math.nan


def _plain(found: Examination) -> Landscape | None:
    """Return the landscape, where it is the learning rate of plain descent that is turned."""
    turned = found.parameter == "rule.learning_rate"
    simple = type(found.subject.rule) is GradientDescent
    at_once = found.subject.kind.feedback_delay == 0
    return found.subject.landscape if turned and simple and at_once else None


def _known_doublings(found: Examination, count: int) -> np.ndarray:
    landscape, unknown = _plain(found), np.full(count, math.nan)
    if isinstance(landscape, CubicWell | DoubleWell):
        cubic, wanted = (
            isinstance(landscape, CubicWell),
            min(count, period_doubling.KNOWN_DOUBLINGS),
        )
        both = period_doubling.double_well_doublings, period_doubling.cubic_well_doublings
        known = both[cubic](wanted)
        unknown[: len(known)] = known
    return unknown


def _known_accumulation(found: Examination) -> float:
    landscape = _plain(found)
    if isinstance(landscape, CubicWell):
        return period_doubling.LOGISTIC_ACCUMULATION - 1
    if isinstance(landscape, DoubleWell):
        return period_doubling.double_well_accumulation()
    return math.nan


def _known_end(found: Examination) -> float:
    landscape = _plain(found)
    if isinstance(landscape, CubicWell):
        return period_doubling.CUBIC_WELL_DIVERGENCE
    if isinstance(landscape, DoubleWell):
        return period_doubling.DOUBLE_WELL_DIVERGENCE
    return math.nan


def _known_exponent(found: Examination, value: float) -> float:
    landscape = _plain(found)
    if isinstance(landscape, CubicWell):
        return float(period_doubling.cubic_well_exponent(value))
    if isinstance(landscape, DoubleWell):
        return float(period_doubling.double_well_exponent(value))
    return math.nan


def _row(
    name: str,
    value: float,
    unit: str,
    method: str,
    flag: str = "",
    ci: tuple[float, float] = (math.nan, math.nan),
    theory: float = math.nan,
) -> dict[str, Any]:
    told = {"measure": name, "value": float(value), "unit": unit, "theory": float(theory)}
    ends = {"ci_low": float(ci[0]), "ci_high": float(ci[1])}
    return told | ends | {"method": method, "convention": "", "flag": flag}
