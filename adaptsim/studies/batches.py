"""Batches: what is handed to a worker, what it reports, and how large the next one should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from adaptsim.studies.models import Model
from adaptsim.studies.traces import Traces

MOST = 4096
GROWTH = 8


@dataclass(frozen=True, eq=False)
class Batch:
    """Runs to be computed together.

    Attributes
    ----------
    place : str
        Folder of the store.
    session, number : str, int
        Which session's batch.
    model : Model
        What is computed.
    kind : int
        Batches of one kind are compiled alike.
    schemas : dict[str, pyarrow.Schema]
        Columns of results and failures.
    runs : pyarrow.RecordBatch
        Identification of each run, as its row is to say.
    changes : dict[str, list]
        What they change, a value for each by dotted name.
    attempts : ndarray
        Which attempt at each run this is, from 1.
    traces : Traces or None
        Where the courses of some of them go.
    timeout : float or None
        Longest time [s] of one call; None for none.
    parent : int
        Process whose end ends the work; 0 for none.
    """

    place: str
    session: str
    number: int
    model: Model
    kind: int
    schemas: dict[str, pa.Schema]
    runs: pa.RecordBatch
    changes: dict[str, list[Any]]
    attempts: np.ndarray
    traces: Traces | None
    timeout: float | None
    parent: int

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self.runs)

    @cached_property
    def seeds(self) -> list[int]:
        """The root seed of each run."""
        seeds: list[int] = self.runs["seed"].to_pylist()
        return seeds

    @property
    def name(self) -> str:
        """What its journals are called."""
        return f"{self.session}-{self.number:06d}"


@dataclass(frozen=True)
class Report:
    """What a worker tells of a batch that it finished.

    Attributes
    ----------
    done, failed : int
        Runs with results, runs with an error.
    seconds : float
        Time it took.
    fresh : bool
        Whether a batch like this was the first in its process, which then compiles.
    first_error : str
        Of the first run that failed, if any.
    """

    done: int
    failed: int
    seconds: float
    fresh: bool
    first_error: str = ""


@dataclass
class Sizes:
    """How many runs a batch of one kind should hold, from what earlier ones cost.

    A batch holds whole units, the runs that are computed side by side, and grows eightfold at most
    from one to the next. What the first batch of a process takes includes compiling, and so is only
    an upper bound. What a unit needs in memory is bounded where it is computed.

    Attributes
    ----------
    target : float
        Seconds a batch should take.
    unit : int
        Runs computed side by side: fewer cost as much.
    fixed : int or None
        The size, where it is given.

    Examples
    --------
    >>> sizes = Sizes(target=0.5)
    >>> sizes.next
    1
    >>> sizes.learn(1, Report(done=1, failed=0, seconds=0.1, fresh=False))
    >>> sizes.next
    5
    """

    target: float
    unit: int = 1
    fixed: int | None = None
    cost: float | None = None
    next: int = field(init=False)

    def __post_init__(self) -> None:
        self.next = self.fixed or self.unit

    def learn(self, size: int, report: Report) -> None:
        """Take a finished batch of ``size`` runs into account."""
        if self.fixed is not None:
            return
        units = -(-size // self.unit)
        each = report.seconds / units
        if not report.fresh:
            self.cost = each if self.cost is None else 0.7 * self.cost + 0.3 * each
        elif self.cost is None and report.seconds < self.target:
            self.cost = each
        if self.cost is None:  # it compiled for longer than a batch should last: look again
            return
        most = min(self.target / max(self.cost, 1e-9), units * GROWTH, MOST / self.unit)
        self.next = max(int(most), 1) * self.unit
