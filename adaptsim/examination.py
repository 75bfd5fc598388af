"""Examination: how fast one may learn, what happens just above that, and where chaos begins."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.agents import Agent, Walker
from adaptsim.curvature import Verdict, speed_limit_at, verdict
from adaptsim.dynamics import Cascade, Lyapunov, OrbitDiagram, System, doublings, lyapunov
from adaptsim.dynamics import orbit_diagram as orbits
from adaptsim.landscapes import Landscape, minimum_near
from adaptsim.measures import stability
from adaptsim.outputs import own_place, written_whole
from adaptsim.part import Array
from adaptsim.provenance import provenance
from adaptsim.rules import Rule
from adaptsim.schema import WrongRequest
from adaptsim.subjects import Subject, find

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DENSE = 64
"""Up to so many coordinates the step's whole Jacobian is made."""

FAR, SCOUTS = 4.0, 600
"""Up to how many speed limits orbits are followed by default, and how many look for the end."""

NUDGE = 1e-2
"""How far from rest orbits begin, relative to 1 + theta."""

BELOW, COUNT = 0.9, 8
"""Where the search for doublings begins, in speed limits, and how many are looked for."""

SETTLE, KEEP, EXPONENT_STEPS, OWN_STEPS, EXPONENTS = 2000, 128, 2000, 20_000, 400


@dataclass(frozen=True)
class Examination:
    """What was found out about one individual and its rule.

    Attributes
    ----------
    subject : Subject
        Who was examined.
    parameter : str
        What was turned.
    place : Array
        The traits at which it was examined, shape ``(d,)``.
    verdict : Verdict
        What that place is, and what plain theory says of it.
    limit : float
        The learning rate at which its own step loses stability there; nan where that is not known.
    orbits : OrbitDiagram
        Where it stays, over values of the parameter.
    exponents : Lyapunov
        Largest Lyapunov exponents over values of the parameter.
    own : Lyapunov
        Largest Lyapunov exponent at the parameter's own value.
    radius : float
        Spectral radius of its own step at rest, at its own learning rate; nan where it has no
        derivative, or too many coordinates.
    cascade : Cascade
        Where the period doubles, located by the multiplier.
    wall_time : float
        Seconds, compilation included.
    """

    subject: Subject
    parameter: str
    place: Array
    verdict: Verdict
    limit: float
    orbits: OrbitDiagram
    exponents: Lyapunov
    own: Lyapunov
    radius: float
    cascade: Cascade
    wall_time: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tidy table of measures, each beside its theory."""
        from adaptsim.examination_table import measure

        return measure(self)

    @property
    def name(self) -> str:
        """What the outputs are called."""
        return f"stability_{self.subject.name}"

    @property
    def words(self) -> str:
        """The verdict on the place, and its own limit where delays or a body move it."""
        told = str(self.verdict)
        known = math.isfinite(self.limit) and math.isfinite(self.verdict.limit)
        if not known or math.isclose(self.limit, self.verdict.limit, rel_tol=1e-6):
            return told
        return (
            f"its own step, delays and body included, has the speed limit {self.limit:.6g}; "
            f"by the curvature alone: {told}"
        )

    @property
    def marks(self) -> dict[str, float]:
        """Values of the parameter at which something happens, by what it is called."""
        marks: dict[str, float] = {}
        for one in self.cascade.bifurcations:
            told = f"{one.period}→{2 * one.period}" if one in self.cascade.doublings else one.kind
            marks.setdefault(told, one.value)
        return marks

    def figure(self) -> Figure:
        """Return the picture: the orbit diagram, and the Lyapunov exponent under it."""
        from adaptsim.figures.examination import examination_figure

        return examination_figure(self)

    def diagram(self) -> pd.DataFrame:
        """Return orbits and exponents as a tidy table: one row per value and kept step."""
        import pandas as pd

        values, kept = self.orbits.values, self.orbits.positions[:, 0]
        value, step = np.indices(kept.shape[:2]).reshape(2, -1)
        exponent = np.interp(values, self.exponents.values, self.exponents.exponents[:, 0])
        traits = {f"trait_{i}": kept[..., i].ravel() for i in range(kept.shape[2])}
        return pd.DataFrame(
            {self.parameter: values[value], "step": step} | traits
            | {"lyapunov_exponent": exponent[value]}
        )  # fmt: skip

    def write(self, directory: str | Path | None = None) -> Path:
        """Write measures.csv, trajectory.parquet, figure.png and run.json; return where.

        By default into ``outputs/stability_<name>/<run id>/``. Written whole or not at all.
        """
        place = Path(directory) if directory else own_place(self.name, 0)
        with written_whole(place) as draft:
            self.table.to_csv(draft / "measures.csv", index=False)
            self.diagram().to_parquet(draft / "trajectory.parquet", index=False)
            self.figure().savefig(draft / "figure.png", dpi=200)
            asked = {"stability": self.subject.resolved | {"parameter": self.parameter}}
            told = provenance(asked, 0, self.wall_time) | {"verdict": self.words}
            text = json.dumps(told, indent=2, default=str)
            (draft / "run.json").write_text(text + "\n", encoding="utf-8")
        return place


def examine(
    target: str | Landscape | Agent,
    rule: Rule | str | None = None,
    *,
    parameter: str = "learning_rate",
    low: float | None = None,
    high: float | None = None,
    values: int = 1200,
    at: Any = None,
    changes: Mapping[str, Any] | None = None,
) -> Examination:
    """Find out how fast one may learn somewhere, what happens above that, and where chaos begins.

    Parameters
    ----------
    target
        A landscape, an agent kind, a scenario or a function of one's own; see
        `adaptsim.subjects.find`.
    rule
        How it learns; plain gradient descent, or what the scenario says, by default.
    parameter
        What to turn: any number of rule, agent or landscape; the learning rate by default.
    low, high, values
        From where to where, and at how many values orbits are followed. For the learning rate, by
        default from half the speed limit to where orbits leave, at most to four speed limits.
    at
        Which traits to examine, shape ``(d,)``: by default the lowest known minimum (or optimum);
        where none is known, the minimum below the customary start.
    changes
        Values to set, by dotted name, where names are given.

    Raises
    ------
    WrongRequest
        Saying what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> found = examine("DoubleWell", values=50)
    >>> print(found.verdict)
    minimum: speed limit 1, curvature 2 along (1);
        past it stable oscillation (c = 8), half-width 0.05 at 1 % past it
    >>> found.cascade.values[:3].round(6).tolist()
    [1.0, 1.236068, 1.288032]
    """
    began = time.perf_counter()
    if values < 2:
        raise WrongRequest(f"values must be at least 2; got {values}")
    subject = find(target, rule, changes)
    subject, place = _placed(subject, at)
    told = verdict(subject.loss, place, subject.rule)
    limit = _limit(subject, place)
    system, name = _system(subject, place, told, parameter)
    pace = limit if math.isfinite(limit) and limit > 0 else _guess(told)
    first, last = _range(system, name, pace, low, high)
    turned = np.linspace(first, last, values)
    diagram = orbits(system, turned, settle=SETTLE, keep=KEEP)
    fewer = turned[:: max(1, values // EXPONENTS)]
    grown = lyapunov(system, fewer, n=EXPONENT_STEPS, settle=SETTLE)
    cascade = _cascade(system, name, pace, first, last)
    own = lyapunov(system, _own_value(system), n=OWN_STEPS, settle=SETTLE)
    radius = _radius(subject) if place.size <= DENSE else math.nan
    spent = time.perf_counter() - began
    return Examination(
        subject, name, place, told, limit, diagram, grown, own, radius, cascade, spent
    )


def _own_value(system: System) -> float:
    """Return the value that the parameter has when nobody turns it."""
    parts, place = system.parts, system.place  # type: ignore[attr-defined]
    return float(jax.tree.leaves(parts)[place])


def _radius(subject: Subject) -> float:
    kind, rule = jax.tree.map(jnp.asarray, (subject.kind, subject.rule))
    return float(stability.spectral_radius(kind, rule, subject.cue))


def _placed(subject: Subject, at: Any) -> tuple[Subject, Array]:
    """Return the subject as it rests at the traits asked for, and those traits."""
    kind = subject.kind
    if at is not None:
        place = jnp.atleast_1d(jnp.asarray(at, float))
        wanted = kind.optimum(subject.cue).shape
        if place.shape != wanted:
            raise WrongRequest(f"--at must have {wanted[0]} numbers; got {place.size}")
    elif isinstance(kind, Walker) and not kind.landscape.minima():
        place = _lowest(kind.landscape)
    else:
        place = jnp.asarray(kind.optimum(subject.cue), float)
    if isinstance(kind, Walker):
        subject = subject._replace(kind=kind.resting_at(place - subject.cue))
    return subject, place


def _lowest(landscape: Landscape) -> Array:
    """Return the minimum below the customary start, or the start where Newton finds none."""
    start = landscape.start()
    if landscape.dimension > DENSE:
        return start
    found = minimum_near(landscape, start).theta
    return found if bool(jnp.isfinite(found).all()) else start


def _limit(subject: Subject, place: Array) -> float:
    """Return the speed limit by the step's own Jacobian; by the rule's edge where that is large."""
    if place.size <= DENSE:
        return stability.speed_limit(subject.kind, subject.rule, subject.cue)
    return speed_limit_at(subject.loss, place, subject.rule)


def _system(subject: Subject, place: Array, told: Verdict, parameter: str) -> tuple[System, str]:
    """Return the system that is turned, begun a little beside rest, and the parameter's name."""
    ends = (told.largest, told.smallest) if told.falls else (told.largest,)
    way = sum(np.nan_to_num(np.asarray(end.direction)) for end in ends)
    away = way if np.abs(way).max() > 0 else np.ones(place.size)
    begun = np.asarray(place) + NUDGE * (1 + np.abs(np.asarray(place))) * away
    try:
        system = System.of(subject.kind, subject.rule, parameter, cue=subject.cue, start=begun)
    except ValueError as error:
        raise WrongRequest(f"stability: {error}") from None
    return system, system.parameter


def _guess(told: Verdict) -> float:
    """Return a rate of about the right size where no limit is known: 2 over the curvature."""
    largest = max(abs(float(end.value)) for end in (told.smallest, told.largest))
    return 2 / largest if math.isfinite(largest) and largest > 0 else 1.0


def _range(
    system: System, name: str, pace: float, low: float | None, high: float | None
) -> tuple[float, float]:
    """Return from where to where the parameter is turned."""
    if name != "rule.learning_rate" and (low is None or high is None):
        short = name.rpartition(".")[2]
        raise WrongRequest(f"--from and --to are needed: {short} has no limit to go by")
    first = 0.5 * pace if low is None else float(low)
    last = _where_orbits_leave(system, pace) if high is None else float(high)
    if not (math.isfinite(first) and math.isfinite(last) and first < last):
        raise WrongRequest(f"--from must be below --to, both finite; got {first:g} and {last:g}")
    return first, last


def _where_orbits_leave(system: System, pace: float) -> float:
    scouted = orbits(system, pace * np.linspace(1, FAR, SCOUTS), settle=SETTLE, keep=1)
    gone = np.flatnonzero(scouted.diverged[:, 0])
    last = scouted.values[gone[0]] if gone.size else scouted.values[-1]
    return float(max(last, 1.1 * pace))


def _cascade(system: System, name: str, pace: float, first: float, last: float) -> Cascade:
    known = name == "rule.learning_rate" and first < pace < last
    begin = max(first, BELOW * pace) if known else first
    return doublings(system, begin, COUNT, until=last)
