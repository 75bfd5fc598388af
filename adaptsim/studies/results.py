"""Results: what a study's folder holds, whether it is at work or not."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adaptsim.schema import WrongRequest
from adaptsim.studies.columns import NOT_RESULTS
from adaptsim.studies.marker import workers
from adaptsim.studies.session import this_machine
from adaptsim.studies.store import FAILURES, RUNS, Store
from adaptsim.studies.traces import trace_path

if TYPE_CHECKING:
    import pandas as pd

SILENT = 30.0
"""Seconds without a sign of life after which a session on another machine counts as gone."""


def table(place: str | Path) -> pd.DataFrame:
    """Return all finished runs, one row each, sealed or not, by run id.

    Columns: ``run_id, cell_id, study_id, replicate, seed``, parameters ``p_<dotted name>``,
    measures ``m_<name>`` with theory ``t_<name>`` and flags ``f_<name>``, then ``secs``,
    ``attempt`` and ``session``.
    """
    return Store.existing(place).table(RUNS).sort_by("run_id").to_pandas()


def trace(place: str | Path, run_id: str) -> pd.DataFrame:
    """Return the course of a run, as ``trajectory.parquet`` of ``adaptsim run`` has it.

    Raises
    ------
    WrongRequest
        If it was not kept.
    """
    path = trace_path(Store.existing(place).place, run_id)
    if not path.is_file():
        told = 'no course of it was kept; see trace = "all" and "sample:k" under [study]'
        raise WrongRequest(f"{place}: run {run_id}: {told}")
    return pq.read_table(path).to_pandas()


def failures(place: str | Path) -> pd.DataFrame:
    """Return all failed attempts, the last of each run last."""
    rows = Store.existing(place).table(FAILURES)
    return rows.sort_by([("run_id", "ascending"), ("attempt", "ascending")]).to_pandas()


def digest(place: str | Path) -> str:
    """Return 16 hexadecimal digits that are the same for the same results, to the bit.

    The order of runs and what their computation cost do not count.
    """
    rows = Store.existing(place).table(RUNS).sort_by("run_id")
    found = hashlib.sha256()
    for name in sorted(set(rows.column_names) - set(NOT_RESULTS)):
        found.update(name.encode() + b"\x1f")
        found.update(_bits(rows[name]))
    return found.hexdigest()[:16]


def _bits(column: pa.ChunkedArray) -> bytes:
    if pa.types.is_floating(column.type):
        values = np.asarray(column.to_numpy(), dtype="<f8") + 0.0
        values[np.isnan(values)] = np.nan
        return values.tobytes()
    return "\x1f".join(str(value) for value in column.to_pylist()).encode()


def status(place: str | Path) -> dict[str, Any]:
    """Return how far a study is, at work here, elsewhere or not at all.

    Returns
    -------
    dict
        ``study``, ``runs`` (in the design), ``done``, ``failed``, ``missing``, ``at_work``,
        ``runs_per_s`` and ``seconds_left`` of the sessions at work, ``workers`` (process, batch,
        seconds at the run they are at), ``failures`` (error: how often), ``sessions``.
    """
    store = Store.existing(place)
    total = len(np.unique(store.designed()))
    done = store.run_ids(RUNS)
    failed = np.setdiff1d(store.run_ids(FAILURES), done)
    sessions = [json.loads(path.read_text()) for path in _sessions(store)]
    here = store.at_work()
    live = [one for one in sessions if one["state"] == "running" and (here or _is_fresh(one))]
    rate = sum(one.get("runs_per_s", 0.0) for one in live)
    missing = total - len(done) - len(failed)
    return {
        "study": store.described["name"],
        "question": store.described["question"],
        "runs": total,
        "done": len(done),
        "failed": len(failed),
        "missing": missing,
        "at_work": bool(live) or here,
        "runs_per_s": rate,
        "seconds_left": missing / rate if rate else None,
        "workers": workers(store.place / "journal"),
        "failures": _errors(store, failed),
        "sessions": sessions,
    }


def _sessions(store: Store) -> list[Path]:
    return sorted((store.place / "provenance").glob("*.json"))


def _is_fresh(session: dict[str, Any]) -> bool:
    """Return whether a session of another machine, whose locks may not be seen, was heard of."""
    if session.get("machine_id") == this_machine():
        return False
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(session["updated"])
    return age.total_seconds() < SILENT


def _errors(store: Store, failed: np.ndarray) -> list[dict[str, Any]]:
    """Return each error, how many runs it has, and one of them."""
    columns = ["run_id", "status", "error_type", "error"]
    rows = store.table(FAILURES, columns).to_pandas().drop_duplicates("run_id", keep="last")
    rows = rows[np.isin(rows["run_id"].to_numpy().astype("S20"), failed)]
    return [
        {"status": kind, "error": f"{name}: {group['error'].iloc[0]}", "runs": len(group),
         "example": group["run_id"].iloc[0]}
        for (kind, name), group in rows.groupby(["status", "error_type"])
    ]  # fmt: skip
