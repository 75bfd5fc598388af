"""Fit: learning rates inferred from what was observed, with all that is known of how well."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.fitting.estimation import estimate_all
from adaptsim.fitting.group import (
    Group,
    Members,
    drawn_like,
    estimates_and_profiles,
    rates_under,
)
from adaptsim.fitting.hypotheses import Hypothesis, chosen, numbers
from adaptsim.fitting.observations import Observations, read_observations
from adaptsim.fitting.recovery import Recovery, recover
from adaptsim.fitting.request import Problem, Request, pose
from adaptsim.outputs import own_place, written_whole
from adaptsim.provenance import provenance

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

POOLED = "pooled"


@dataclass(frozen=True)
class Fit:
    """What came of a fit.

    Attributes
    ----------
    name : str
        What the outputs are called.
    request : Request
        What was asked.
    observations : Observations
        What was recorded.
    problem : Problem
        What was fitted.
    groups : tuple[Group, ...]
        Each individual, and where there are several all of them with rates in common, last.
    recovery : Recovery or None
        What is found again of the last group's rate in simulated data, if asked for.
    wall_time : float
        Seconds, compilation included.
    """

    name: str
    request: Request
    observations: Observations
    problem: Problem
    groups: tuple[Group, ...]
    recovery: Recovery | None
    wall_time: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tidy table of measures."""
        from adaptsim.fitting.table import measure

        return measure(self)

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Return one row per group and hypothesis: likelihoods, criteria, tests."""
        from adaptsim.fitting.table import compare

        return compare(self)

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """What is to be said of each group in plain words."""
        from adaptsim.fitting.verdict import verdict

        return {group.name: verdict(self, group) for group in self.groups}

    def figure(self) -> Figure:
        """Return the picture: series and fitted course, profile with interval, comparison."""
        from adaptsim.figures.fit import fit_figure

        return fit_figure(self)

    def write(self, directory: str | Path | None = None) -> Path:
        """Write the results; return where.

        ``measures.csv``, ``fits.csv`` (hypotheses compared), ``profile.csv``,
        ``trajectory.parquet`` (what was seen beside what is fitted), ``recovered.csv`` if asked
        for, ``figure.png`` and ``run.json``. Written whole or not at all.
        """
        from adaptsim.fitting.table import profiles, recovered, trajectory

        place = Path(directory) if directory else own_place(self.name, self.request.seed)
        with written_whole(place) as draft:
            self.table.to_csv(draft / "measures.csv", index=False)
            self.comparison.to_csv(draft / "fits.csv", index=False)
            profiles(self).to_csv(draft / "profile.csv", index=False)
            trajectory(self).to_parquet(draft / "trajectory.parquet", index=False)
            if self.recovery is not None:
                recovered(self.recovery).to_csv(draft / "recovered.csv", index=False)
            self.figure().savefig(draft / "figure.png", dpi=200)
            text = json.dumps(self.provenance(), indent=2)
            (draft / "run.json").write_text(text + "\n", encoding="utf-8")
        return place

    def provenance(self) -> dict[str, Any]:
        """Return everything needed to do this again."""
        seen = self.observations
        data = {
            "file": seen.file, "sha256": seen.sha256, "environment": list(seen.environment),
            "observed": list(seen.observed), "time": seen.time,
            "individuals": list(seen.names) if seen.names != ("",) else [],
            "rows": [len(one) for one in seen.times],
        }  # fmt: skip
        asked = {"fit": self.problem.resolved, "data": data}
        return provenance(asked, self.request.seed, self.wall_time) | {"words": self.words}


def fit(
    data: str | Path | pd.DataFrame,
    *,
    environment: str | tuple[str, ...],
    observed: str | tuple[str, ...] = (),
    choice: str | None = None,
    time: str | None = None,
    individual: str | None = None,
    progress: Callable[[int], Any] | None = None,
    **options: Any,
) -> Fit:
    """Infer learning rates from observed series.

    Parameters
    ----------
    data
        CSV or Parquet file, or data frame.
    environment, observed, choice, time, individual
        Names of columns, see `adaptsim.fitting.read_observations`.
    progress
        Called with 1 when individuals are done, and again when all is done.
    **options
        Fields of `adaptsim.fitting.Request`.

    Raises
    ------
    WrongRequest
        Saying where, what was got and what is allowed.

    Examples
    --------
    >>> import pandas as pd
    >>> world = np.sin(np.arange(40) / 3)
    >>> trait = np.zeros(40)
    >>> for t in range(39):
    ...     trait[t + 1] = trait[t] + 0.3 * (world[t] - trait[t])
    >>> seen = trait + 0.05 * np.random.default_rng(1).normal(size=40)
    >>> frame = pd.DataFrame({"world": world, "trait": seen})
    >>> found = fit(frame, environment="world", observed="trait", models=("fixed",))
    >>> rate = found.table.query("measure == 'learning_rate'").iloc[0]
    >>> bool(rate["ci_low"] < 0.3 < rate["ci_high"])
    True
    """
    began = clock.perf_counter()
    request = Request(**options)
    hypotheses = chosen(tuple(request.models))
    observations = read_observations(
        data, environment=_several(environment), observed=_several(observed), choice=choice,
        time=time, individual=individual, gaps=request.gaps,
    )  # fmt: skip
    problem = pose(request, observations)
    tell = progress or (lambda done: None)
    many = len(observations.names)
    groups = _fitted(problem, request, hypotheses, each_alone(problem), list(observations.names))
    tell(1)
    if many > 1:
        groups += _fitted(problem, request, hypotheses, _together(problem), [POOLED])
    recovery = None
    if request.recover:
        recovery = recover(problem, groups[-1], request.recover, request.seed)
    tell(1)
    stem = Path(observations.file).stem if isinstance(data, str | Path) else "data"
    spent = clock.perf_counter() - began
    return Fit(f"fit_{stem}", request, observations, problem, tuple(groups), recovery, spent)


def _several(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def each_alone(problem: Problem) -> Members:
    """Return every individual for itself: ``b`` individuals in sets of one."""
    records = jax.tree.map(lambda a: a[:, None], problem.records)
    return Members(records, problem.guess[:, None], problem.scale)


def _together(problem: Problem) -> Members:
    """Return one set of all individuals."""
    records = jax.tree.map(lambda a: a[None], problem.records)
    return Members(records, problem.guess[None], problem.scale.mean()[None])


def _fitted(
    problem: Problem,
    request: Request,
    hypotheses: tuple[Hypothesis, ...],
    members: Members,
    names: list[str],
) -> list[Group]:
    """Return groups of which each set of members is one."""
    found, profile, limit = estimates_and_profiles(problem, members, hypotheses, request.level)
    told = numbers(hypotheses, problem.low, problem.high)
    groups = []
    for place, name in enumerate(names):
        records, own, curve = jax.tree.map(
            lambda a, place=place: a[place], (members.records, found, profile)
        )
        shown, spread = rates_under(problem.learner, problem.design, told, records, own)
        whole = range(len(problem.scale)) if name == POOLED else (place,)
        group = Group(
            name, tuple(whole), problem.design, hypotheses, records,
            own, jax.tree.map(np.asarray, curve), limit[place], request.level, shown, spread,
            None, {},
        )  # fmt: skip
        groups.append(_with_draws(problem, request, group))
    return groups


def _with_draws(problem: Problem, request: Request, group: Group) -> Group:
    """Return a group with what takes drawing: a law without a formula, bootstrap intervals."""
    design = problem.design
    changes: dict[str, Any] = {}
    if design.process or design.options:  # no law for the gain over no learning
        two = tuple(one for one in group.hypotheses if one.name in ("none", "fixed"))
        drawn = drawn_like(problem, group, group.place("none"), request.draws, request.seed)
        likely = np.asarray(_refitted(problem, drawn, two).log_likelihood)
        changes["drawn_ratios"] = np.maximum(2 * (likely[:, 1] - likely[:, 0]), 0)
    if request.interval == "bootstrap":
        changes["drawn"] = {
            one.name: np.asarray(
                _refitted(
                    problem,
                    drawn_like(problem, group, place, request.draws, request.seed),
                    (one,),
                ).shared[:, 0]
            )
            for place, one in enumerate(group.hypotheses)
            if one.parameters
        }
    return replace(group, **changes)


def _refitted(problem: Problem, drawn: Members, hypotheses: tuple[Hypothesis, ...]) -> Any:
    told = numbers(hypotheses, problem.low, problem.high)
    return estimate_all(
        problem.learner, problem.design, told, drawn.records, jnp.asarray(drawn.guess),
        jnp.asarray(drawn.scale),
    )  # fmt: skip
