"""Run: a scenario carried out, with its table, its picture and its files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.community.measuring import is_community, measure_community
from adaptsim.evolution import Evolved, evolve
from adaptsim.evolution.measuring import measure_evolution
from adaptsim.measuring import measure_run
from adaptsim.outputs import own_place, written_whole
from adaptsim.provenance import provenance
from adaptsim.scenarios import Scenario, load
from adaptsim.schema import WrongRequest
from adaptsim.simulation import simulate
from adaptsim.trajectory import Trajectory

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Run:
    """What came of a scenario.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    trajectory : Trajectory
        What it left behind.
    wall_time : float
        Seconds the simulation took, compilation included.
    """

    scenario: Scenario
    trajectory: Trajectory
    wall_time: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tidy table of measures, each beside its theory."""
        return measure_run(self.scenario, self.trajectory)

    def figure(self) -> Figure:
        """Return the picture of the run."""
        from adaptsim.figures import overview

        return overview(self)

    def provenance(self) -> dict[str, Any]:
        """Return everything needed to run this again and get the same bits."""
        report = getattr(self.scenario.environment, "report", None)
        found = {"data": report()} if report else {}
        asked = {"scenario": self.scenario.resolved}
        return provenance(asked, self.scenario.seed, self.wall_time) | found

    def write(self, directory: str | Path | None = None) -> Path:
        """Write measures.csv, trajectory.parquet, figure.png and run.json; return where.

        By default into ``outputs/<scenario>/<run id>/``. Written whole or not at all.
        """
        import pyarrow.parquet as pq

        place = Path(directory) if directory else own_place(self.scenario.name, self.scenario.seed)
        with written_whole(place) as draft:
            self.table.to_csv(draft / "measures.csv", index=False)
            pq.write_table(self.trajectory.table(), draft / "trajectory.parquet")
            self.figure().savefig(draft / "figure.png", dpi=200)
            text = json.dumps(self.provenance(), indent=2)
            (draft / "run.json").write_text(text + "\n", encoding="utf-8")
        return place


@dataclass(frozen=True)
class EvolutionRun(Run):
    """What came of a scenario in which generations follow each other."""

    trajectory: Evolved  # type: ignore[assignment]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tidy table of what evolved, each beside its theory."""
        return measure_evolution(self.scenario, self.trajectory)

    def figure(self) -> Figure:
        """Return the picture of the generations."""
        from adaptsim.figures.evolution import evolution_figure

        return evolution_figure(self)


@dataclass(frozen=True)
class CommunityRun(Run):
    """What came of predators and the prey that feel them."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tidy table of densities and stability, each beside its theory."""
        return measure_community(self.scenario, self.trajectory)

    def figure(self) -> Figure:
        """Return the picture of the community."""
        from adaptsim.figures.predator_community import community_figure

        return community_figure(self)


def run(
    scenario: str | Path | Scenario,
    changes: Mapping[str, Any] | None = None,
    *,
    progress: Callable[[int], Any] | None = None,
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    scenario
        A file, the name of a shipped scenario, or a `Scenario`.
    changes
        Values to set by dotted name, where a file or name is given.
    progress
        Called with the number of steps done since it was last called.

    Examples
    --------
    >>> result = run("thermostat_story", {"steps": 6})
    >>> result.trajectory.followed["setpoint"].output[:, 0, 0].round(5).tolist()
    [5.0, 6.5, 7.55, 8.285, 8.7995, 9.15965]
    """
    whole = scenario if isinstance(scenario, Scenario) else load(scenario, changes)
    began = time.perf_counter()
    if whole.evolution is not None:
        return _evolve(whole, progress, began)
    trajectory = simulate(
        whole.agent,
        whole.rule,
        whole.environment,
        size=whole.size,
        steps=whole.steps,
        seed=whole.seed,
        replicates=whole.replicates,
        record=whole.record,
        stride=whole.stride,
        progress=progress,
    )
    _refuse_cues(whole, trajectory)
    made = CommunityRun if is_community(whole) else Run
    return made(whole, trajectory, time.perf_counter() - began)


def _refuse_cues(whole: Scenario, trajectory: Trajectory) -> None:
    """Refuse a run in whose world densities are negative or none."""
    kind = whole.agent
    wrong = np.argwhere(trajectory.cue[..., : kind.positive_cues] <= 0)
    if not len(wrong):
        return
    row, replicate, part = wrong[0]
    name, step = whole.name or "the scenario", trajectory.steps[row]
    seen = f"{kind.cue_names[part]} = {trajectory.cue[row, replicate, part]:g} at step {step}"
    hint = "; environment.floor lifts it" if hasattr(whole.environment, "floor") else ""
    raise WrongRequest(
        f"{name}: environment shows {seen}; "
        f"the {kind.cue_label} that a {type(kind).__name__} sees must be above 0{hint}"
    )


def _evolve(whole: Scenario, progress: Callable[[int], Any] | None, began: float) -> EvolutionRun:
    assert whole.evolution is not None
    life = whole.evolution.life
    evolved = evolve(
        whole.agent,
        whole.rule,
        whole.environment,
        whole.evolution,
        size=whole.size,
        seed=whole.seed,
        replicates=whole.replicates,
        progress=(lambda done: progress(done * life)) if progress else None,
    )
    return EvolutionRun(whole, evolved, time.perf_counter() - began)
