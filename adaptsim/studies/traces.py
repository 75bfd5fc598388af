"""Traces: the course of single runs, a file for each, there before the run's row is.

``traces/<ab>/<run_id>.parquet`` has the columns of ``trajectory.parquet`` of ``adaptsim run``, in
single precision. The row is the commit: a trace without one is that of a run still to be computed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FOLDER = "traces"
SAMPLE = re.compile(r"sample:([1-9]\d*)")
POLICIES = ("none", "first-replicate", "sample:100", "all")


@dataclass(frozen=True)
class Traces:
    """Where the courses of some runs go.

    Attributes
    ----------
    place : str
        Folder of the store.
    runs : tuple
        The name of each run whose course is kept, None for the others.
    every : int
        Of the recorded steps only every so many-th is kept.
    """

    place: str
    runs: tuple[str | None, ...]
    every: int

    def part(self, places: Sequence[int] | np.ndarray) -> Traces:
        """Return those of some of the runs."""
        return replace(self, runs=tuple(self.runs[place] for place in places))

    def write(self, run: int, trajectory: Any) -> None:
        """Write the course of one of the runs, whole."""
        name, table = self.runs[run], trajectory.table()
        steps = pc.unique(table["step"])[:: self.every]
        table = table.filter(pc.is_in(table["step"], steps))
        thin = [
            (one.name, pa.float32() if pa.types.is_floating(one.type) else one.type)
            for one in table.schema
        ]
        path = trace_path(self.place, str(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(self.place) / "tmp" / f"{name}-{os.getpid()}.tmp"
        pq.write_table(table.cast(pa.schema(thin)), draft, compression="zstd")
        os.replace(draft, path)


def trace_path(place: str | Path, run_id: str) -> Path:
    """Return the file of a run's trace.

    Examples
    --------
    >>> trace_path("outputs/x", "7e1e42").as_posix()
    'outputs/x/traces/7e/7e1e42.parquet'
    """
    return Path(place) / FOLDER / run_id[:2] / f"{run_id}.parquet"


def chosen(policy: str, run_ids: np.ndarray, replicates: np.ndarray) -> np.ndarray:
    """Return which runs of a design leave a trace, shape ``(n,)``.

    A sample is the runs whose names, which are hashes, come first.

    Examples
    --------
    >>> names, replicates = np.array([b"c", b"a", b"b"]), np.array([0, 1, 0])
    >>> chosen("sample:2", names, replicates).tolist()
    [False, True, True]
    >>> chosen("first-replicate", names, replicates).tolist()
    [True, False, True]
    """
    if match := SAMPLE.fullmatch(policy):
        return np.isin(run_ids, np.unique(run_ids)[: int(match[1])])
    if policy == "first-replicate":
        return np.asarray(replicates == 0)
    return np.full(len(run_ids), policy == "all")
