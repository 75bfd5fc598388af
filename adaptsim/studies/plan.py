"""Plan: every run of a study, with its key, seed and parameters, made when they are asked for.

A run has a position: ``replicate * cells + row``. Positions serve to walk through a design, all
cells once before any is repeated, so that a study stopped half-way is an even sample. Keys and
seeds do not depend on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from adaptsim.studies.columns import parameter_column
from adaptsim.studies.designs import Cells
from adaptsim.studies.keys import cell_ids, run_ids, seed_of, text_of
from adaptsim.studies.study import Study
from adaptsim.studies.traces import chosen


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
        """Return how many positions there are: runs, as often as their cell is in the design."""
        return self.cells * self.study.replicates

    @cached_property
    def cells(self) -> int:
        """How many cells the design has."""
        return len(self.study.design)

    def row(self, position: Any) -> Any:
        """Return which cell of the design a run is of; also of many at once."""
        return position % self.cells

    def replicate(self, position: Any) -> Any:
        """Return which replicate of its cell a run is, from 0; also of many at once."""
        return position // self.cells

    def changes(self, position: int) -> dict[str, Any]:
        """Return what a run changes, by dotted name."""
        return self.study.changes(self.row(position))

    def columns(self, positions: np.ndarray) -> Cells:
        """Return what runs change: by dotted name a value for each."""
        rows = self.row(positions).tolist()
        cells = self.study.design.cells
        return {name: [values[row] for row in rows] for name, values in cells.items()}

    @cached_property
    def parameters(self) -> dict[str, pa.Array]:
        """Return what cells change as columns ``p_<name>`` of a table, one value per cell."""
        cells = self.study.design.cells
        return {f"p_{name}": parameter_column(values) for name, values in cells.items()}

    @cached_property
    def cell_ids(self) -> np.ndarray:
        """Return the names of cells as bytes, shape ``(cells,)``."""
        return cell_ids(self.study.study_id, self.study.design.cells, self.cells)

    @cached_property
    def run_ids(self) -> np.ndarray:
        """Return the names of runs as bytes, by position, shape ``(runs,)``."""
        return run_ids(self.cell_ids, self.study.replicates)

    @cached_property
    def distinct(self) -> np.ndarray:
        """Return the position of each run: the first one, where a design repeats a cell."""
        first = np.unique(self.run_ids, return_index=True)[1]
        return np.sort(first)

    @cached_property
    def traced(self) -> np.ndarray:
        """Return of which positions the course is kept, shape ``(runs,)``."""
        every = self.replicate(np.arange(len(self)))
        return chosen(self.study.trace, self.run_ids, every)

    def run_id(self, position: int) -> str:
        """Return the name of a run."""
        return bytes(self.run_ids[position]).decode()

    def seeds(self, positions: np.ndarray) -> np.ndarray:
        """Return the root seeds of runs, shape ``(n,)``."""
        if self.study.seeds == "common":
            return self._common_seeds[self.replicate(positions)]
        ids = self.run_ids[positions].astype(str).tolist()
        return np.array([seed_of(self.study.seed, one) for one in ids], dtype=np.int64)

    @cached_property
    def _common_seeds(self) -> np.ndarray:
        replicates = range(self.study.replicates)
        each = [seed_of(self.study.seed, f"replicate {one}") for one in replicates]
        return np.array(each, dtype=np.int64)

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
            if set(map(type, column)) != {float}
        }
        if not shaping:
            return np.zeros(self.cells, dtype=np.int64)
        rows = range(len(self.study.design))
        told = (text_of([column[row] for column in shaping.values()]) for row in rows)
        return np.array([known.setdefault(one, len(known)) for one in told], dtype=np.int64)

    def examples(self) -> list[dict[str, Any]]:
        """Return one cell of each kind."""
        _, first = np.unique(self.kinds, return_index=True)
        return [self.study.changes(int(row)) for row in sorted(first)]
