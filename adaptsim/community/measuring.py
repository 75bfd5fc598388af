"""Measuring a community: densities, who lives on, and how it returns to rest, beside theory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from adaptsim import theory
from adaptsim.adaptation import row
from adaptsim.agents import Predator
from adaptsim.community.two_prey import SPECIES, Community
from adaptsim.dynamics import hopf_points
from adaptsim.environments import TwoPrey
from adaptsim.measures import Measurement
from adaptsim.measures.loop import loop_multipliers
from adaptsim.measuring import COLUMNS, student_interval
from adaptsim.rules import GradientDescent

if TYPE_CHECKING:
    import pandas as pd

    from adaptsim.scenarios import Scenario
    from adaptsim.trajectory import Trajectory

MOST = 32
"""Up to so many predators the whole step is differentiated with all of them."""

DECADES = 2.0
"""Hopf points are looked for up to so many powers of ten below and above the own rate."""

Found = tuple[str, Measurement, float | None]


def is_community(scenario: Scenario) -> bool:
    """Whether a scenario is one of predators and the two prey that feel them."""
    return isinstance(scenario.environment, TwoPrey) and isinstance(scenario.agent, Predator)


def measure_community(scenario: Scenario, trajectory: Trajectory) -> pd.DataFrame:
    """Return the tidy table of a community, one row a measure; columns as of any run.

    All predators live on the same prey, so there is one group. Densities are read after the burn-in
    (half the run if not said); intervals are Student's over replicates. ``leading_real_part`` is
    read off the derivative of the whole step, traits and world as one, ``hopf_rate`` off that of
    the flow which the step comes to as ``dt`` goes to 0.
    """
    import pandas as pd

    common = {
        "scenario": scenario.name,
        "kind": type(scenario.agent).__name__,
        "group": "",
        "convention": "pre-update",
    }
    rows = [
        common | {**vars(found), "variable": variable, "measure": found.name, "theory": _or_nan(of)}
        for variable, found, of in [
            *_densities(scenario, trajectory),
            *_whole(scenario, trajectory),
        ]
    ]
    return pd.DataFrame(rows, columns=COLUMNS.split())


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _densities(scenario: Scenario, trajectory: Trajectory) -> Iterator[Found]:
    """Yield mean, variability and least density of each species, and steps at the floor."""
    since, known = _since(scenario, trajectory), _known(scenario)
    rests = _rests(scenario, known)
    floored = np.asarray(trajectory.final.world.floored).reshape(-1, 3)
    for place, species in enumerate(SPECIES):
        course, name = trajectory.cue[since:, :, place], species.replace(" ", "_")
        died = float(np.mean(floored[:, place] > 0))
        told = f"died out in {died:.0%} of replicates" if died else ""
        mean = course.mean(axis=0)
        at = None if rests is None else rests[place]
        yield name, _over("mean_density", mean, "density", told), at
        spread = course.std(axis=0) / mean
        yield name, _over("variability", spread, "1", told), None if rests is None else 0.0
        yield name, _over("least_density", course.min(axis=0), "density", told), at
        yield name, _over("floored", floored[:, place], "steps", told, "counted, whole run"), None


def _whole(scenario: Scenario, trajectory: Trajectory) -> Iterator[Found]:
    known, rate = _known(scenario), _rate(scenario)
    alive = (np.asarray(trajectory.final.world.floored).reshape(-1, 3) == 0).all(axis=1)
    lasts = known is not None and _coexists(known) and rate is not None and rate > 0
    yield "community", _over("persistence", alive.astype(float), "1"), 1.0 if lasts else None
    if known is None or not np.isfinite(known.preference):
        return
    yield (
        "community",
        _leading(scenario, known),
        None if not rate else known.leading_real_part(rate),
    )
    if rate:
        yield from _hopf_rates(scenario, known, rate)
        if not any((*known.crowding, *known.handling)):
            yield "community", _drift(scenario, trajectory, known, rate), 0.0


def _over(name: str, values: Any, unit: str, flag: str = "", method: str = "") -> Measurement:
    """Return the mean over replicates."""
    each = np.asarray(values, dtype=float)
    low, high = student_interval(each)
    how = method or "mean over replicates, after the burn-in"
    return Measurement(name, float(each.mean()), unit, low, high, how, flag=flag, n=len(each))


def _since(scenario: Scenario, trajectory: Trajectory) -> int:
    if scenario.burn_in is None:
        return len(trajectory.steps) // 2
    return min(scenario.burn_in // scenario.stride, len(trajectory.steps) - 1)


def _known(scenario: Scenario) -> theory.community.Community | None:
    """Return the closed forms of a community whose predators differ in their rates only."""
    hunter = scenario.agent
    plain = not any(np.any(getattr(hunter, name)) for name in (
        "perception_lag", "observation_delay", "feedback_delay"))  # fmt: skip
    alike = all(np.ndim(leaf) == 0 for leaf in jax.tree.leaves(hunter))
    if not (isinstance(hunter, Predator) and hunter.mode == "intake" and plain and alike):
        return None
    return _flow(scenario, 1.0).theory()


def _flow(scenario: Scenario, rate: float) -> Community:
    return Community(row(scenario.agent, 0), scenario.environment, rate)  # type: ignore[arg-type]


def _rate(scenario: Scenario) -> float | None:
    """Return the learning rate per time of all predators together, of plain descent."""
    rate = getattr(scenario.rule, "learning_rate", None)
    if type(scenario.rule) is not GradientDescent or rate is None or callable(rate):
        return None
    return float(theory.community.mixed_rate(rate)) / float(scenario.environment.dt)  # type: ignore[attr-defined]


def _coexists(known: theory.community.Community) -> bool:
    """Whether it is proved that all live on: nothing handled, and all could live together."""
    return not any(known.handling) and bool((known.supply > 0).all())


def _rests(scenario: Scenario, known: theory.community.Community | None) -> list[float] | None:
    """Return the densities at which theory says it comes to rest, where it does."""
    rate = _rate(scenario)
    if (
        known is None
        or not rate
        or scenario.agent.observation_noise
        or scenario.agent.gradient_noise
    ):
        return None
    if not (np.isfinite(known.preference) and known.leading_real_part(rate) < 0):
        return None
    return [*known.prey, known.predators]


def _leading(scenario: Scenario, known: theory.community.Community) -> Measurement:
    """Return the real part per time of the leading eigenvalue of the whole step at rest."""
    world = scenario.environment.replace(
        prey_1=known.prey[0], prey_2=known.prey[1], predators=known.predators
    )
    kind, rule, size = (
        scenario.agent.replace(start_at=known.preference),
        scenario.rule,
        scenario.size,
    )
    method = "derivative of the whole step at rest"
    rate = getattr(rule, "learning_rate", None)
    if size > MOST and rate is not None and not callable(rate):
        rule, size = rule.replace(learning_rate=float(np.mean(rate))), 1
        method += f", {scenario.size} predators as one with their mean rate"
    values = loop_multipliers(kind, rule, world, size=size)
    moving = values[abs(values - 1) > 1e-9] if size > 1 else values  # shares of the learning: 1
    dt = float(world.dt)  # type: ignore[attr-defined]
    known_all = moving.size and np.isfinite(moving).all()
    value = math.log(abs(moving[0])) / dt if known_all else math.nan
    flag = f"in steps of {dt:g}; theory is of steps that go to 0"
    flag = f"unstable; {flag}" if value > 0 else flag
    return Measurement("leading_real_part", value, "1/time", method=method, flag=flag)


def _hopf_rates(
    scenario: Scenario, known: theory.community.Community, rate: float
) -> Iterator[Found]:
    """Yield the learning rates at which it begins or ceases to swing, within some decades."""
    low, high = rate * 10**-DECADES, rate * 10**DECADES
    exact = [one for one in known.hopf_rates() if low < one < high]
    if not any(known.crowding):  # all is neutral
        return
    flow = _flow(scenario, rate)
    found = hopf_points(flow.by_rate(), low, high, near=flow.near_rest())
    method = "derivative of the flow; a complex pair crosses the imaginary axis"
    for number, one in enumerate(found, 1):
        at = exact[number - 1] if len(exact) == len(found) else None
        told = Measurement(f"hopf_rate_{number}", one.value, "1/time", method=method)
        yield "community", told, at


def _drift(
    scenario: Scenario, trajectory: Trajectory, known: theory.community.Community, rate: float
) -> Measurement:
    """Return by how much what is conserved changed over the run, relative to its start."""
    preference = np.asarray(trajectory.followed["preference"].output).mean(axis=2)
    prey_1, prey_2, predators = np.moveaxis(trajectory.cue, 2, 0)
    value = np.asarray(known.conserved(prey_1, prey_2, predators, preference, rate=rate))
    drift = (value[-1] - value[0]) / abs(value[0])
    method = "last step less first, over first; exact as dt goes to 0"
    return _over("conserved_drift", drift, "1", method=method)
