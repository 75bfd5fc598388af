"""Plan: every run of a study, with its key, seed and parameters, made when they are asked for.

A run has a position: ``replicate * cells + row``. Positions serve to walk through a design, all
cells once before any is repeated, so that a study stopped half-way is an even sample. Keys and
seeds do not depend on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from adaptsim.studies.keys import cell_id, run_id, seed_of, text_of
from adaptsim.studies.study import Study

ID = "S20"


@dataclass(frozen=True)
class Plan:
    """The runs of a study.

    Attributes
    ----------
    study : Study
        The study.
    generation : int
        How often its cells have been refined.

    Examples
    --------
    >>> from adaptsim.studies.study import load
    >>> plan = Plan(load("learning_rate_by_period", {"study.replicates": 2}))
    >>> len(plan), plan.replicate(117), plan.changes(117) == plan.changes(0)
    (234, 1, True)
    """

    study: Study
    generation: int = 0

    def __len__(self) -> int:
        """Return how many runs there are."""
        return self.cells * self.study.replicates

    @cached_property
    def cells(self) -> int:
        """How many cells the design has."""
        return len(self.study.design)

    def row(self, position: int) -> int:
        """Return which cell of the design a run is of."""
        return position % self.cells

    def replicate(self, position: int) -> int:
        """Return which replicate of its cell a run is, from 0."""
        return position // self.cells

    def changes(self, position: int) -> dict[str, Any]:
        """Return what a run changes, by dotted name."""
        return self.study.changes(self.row(position))

    @cached_property
    def _cells(self) -> np.ndarray:
        study = self.study
        rows = range(len(study.design))
        return np.array([cell_id(study.study_id, study.changes(row)) for row in rows], dtype=ID)

    def cell_id(self, position: int) -> str:
        """Return the name of a run's cell."""
        return bytes(self._cells[self.row(position)]).decode()

    def run_id(self, position: int) -> str:
        """Return the name of a run."""
        return run_id(self.cell_id(position), self.replicate(position))

    def run_ids(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the names of runs as bytes, shape ``(n,)``."""
        return np.array([self.run_id(int(one)) for one in positions], dtype=ID)

    def seed(self, position: int) -> int:
        """Return the root seed of a run."""
        if self.study.seeds == "common":
            return self._common_seeds[self.replicate(position)]
        return seed_of(self.study.seed, self.run_id(position))

    @cached_property
    def _common_seeds(self) -> list[int]:
        replicates = range(self.study.replicates)
        return [seed_of(self.study.seed, f"replicate {one}") for one in replicates]

    @cached_property
    def kinds(self) -> np.ndarray:
        """Which cells of the design may share a batch, as whole numbers, shape ``(cells,)``.

        They differ in floats only: words, whole numbers and tables shape a computation. Where
        cells are computed one after another, any may.
        """
        if self.study.model.alone:
            return np.zeros(len(self.study.design), dtype=np.int64)
        known: dict[str, int] = {}
        shaping = {
            name: column
            for name, column in self.study.design.cells.items()
            if not all(isinstance(value, float) for value in column)
        }
        rows = range(len(self.study.design))
        told = (text_of([column[row] for column in shaping.values()]) for row in rows)
        return np.array([known.setdefault(one, len(known)) for one in told], dtype=np.int64)

    def examples(self) -> list[dict[str, Any]]:
        """Return one cell of each kind."""
        _, first = np.unique(self.kinds, return_index=True)
        return [self.study.changes(int(row)) for row in sorted(first)]
