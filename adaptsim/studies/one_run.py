"""One run: exactly one replicate of one cell of a study, computed again by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from adaptsim.scenarios import Scenario
from adaptsim.schema import WrongRequest
from adaptsim.studies.models import Columns, ScenarioModel
from adaptsim.studies.plan import Plan
from adaptsim.studies.store import REFINED, Store
from adaptsim.studies.study import Study, load


class OneRun(NamedTuple):
    """A run of a study: what it changes, and its seed."""

    study: Study
    changes: dict[str, Any]
    seed: int

    def scenario(self) -> Scenario | None:
        """Return it as a scenario, None where the study's model is a function of one's own."""
        model = self.study.model
        return model.built(self.changes, self.seed) if isinstance(model, ScenarioModel) else None

    def results(self) -> Columns:
        """Compute it as the study does, to the bit."""
        changes = {name: [value] for name, value in self.changes.items()}
        return self.study.model.results(changes, [self.seed])


def find_run(name: str | Path, run_id: str, changes: Mapping[str, Any] | None = None) -> OneRun:
    """Return a run of a study.

    Parameters
    ----------
    name
        The study: its file, its name where it ships, or the folder of its results.
    run_id
        Which run, as it is called in the study's tables.
    changes
        Values of the file that were set, by dotted name.

    Raises
    ------
    WrongRequest
        If the study has no such run, or its folder alone does not give it.

    Examples
    --------
    >>> study = load("learning_rate_by_period")
    >>> find_run("learning_rate_by_period", Plan(study).run_id(0)).changes
    {'rule.learning_rate': 0.01, 'environment.period': 10.0}
    """
    stored = Store(name) if (Path(name) / "study.json").is_file() else None
    study = load(stored.place / "study.toml" if stored else name, changes)
    if stored and study.study_id != stored.described["study_id"]:
        told = "its study.toml alone is another study: name the file that it was made from"
        raise WrongRequest(f"{name}: {told}, with the same --set")
    if stored and study.design.kind == REFINED:
        study = _as_found(study, stored)
    plan = Plan(study)
    at = np.flatnonzero(plan.run_ids == run_id.encode())
    if not len(at):
        told = "no run of this study, as it is told here; ids stand in its design.parquet"
        raise WrongRequest(f"--run-id {run_id}: {told}")
    return OneRun(study, plan.changes(int(at[0])), int(plan.seeds(at[:1])[0]))


def _as_found(study: Study, store: Store) -> Study:
    """Return a refined study with all the cells that were found."""
    rows = store.design().to_pydict()
    first = [place for place, replicate in enumerate(rows["replicate"]) if replicate == 0]
    names = list(study.design.cells)
    cells = {name: [rows[f"p_{name}"][place] for place in first] for name in names}
    return replace(study, design=replace(study.design, cells=cells))
