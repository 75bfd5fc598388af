"""Store: the folder of a study, what is in it, and how rows get there for good.

Layout::

    study.toml                      the file as written
    study.json                      everything that decides results, and the columns
    design.parquet                  one row per run: key, seed, parameters
    runs/part-*.parquet             finished runs, each once
    failures/part-*.parquet         runs that failed, one row per attempt
    traces/<ab>/<run_id>.parquet    courses of runs, where they are kept
    provenance/<session>.json       versions, engine, counts of one session
    journal/                        rows not yet sealed
    tmp/                            files not yet whole

A part is written to ``tmp/``, flushed to the disk and renamed, so it is whole or absent. It names
the journals it absorbed; one that is still there after a kill is then known to be done with.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adaptsim.schema import WrongRequest
from adaptsim.studies.columns import byte_array, design_rows
from adaptsim.studies.journal import read_journal
from adaptsim.studies.keys import text_of
from adaptsim.studies.lock import RefusedStore, is_locked, locked
from adaptsim.studies.plan import Plan

LAYOUT_VERSION = 1
RUNS, FAILURES = "runs", "failures"
REFINED = "refine"
FOLDERS = (RUNS, FAILURES, "provenance", "journal", "tmp")
ABSORBED = b"adaptsim.journals"
BLOCK = 50_000


class Store:
    """The folder of a study.

    Parameters
    ----------
    place
        The folder; it need not exist.

    Attributes
    ----------
    described : dict
        What ``study.json`` says; empty where there is none.
    schemas : dict[str, pyarrow.Schema]
        Columns of ``"runs"`` and ``"failures"``.
    """

    def __init__(self, place: str | Path) -> None:
        self.place = Path(place)
        self.described: dict[str, Any] = {}
        self.schemas: dict[str, pa.Schema] = {}
        path = self.place / "study.json"
        if path.is_file():
            try:
                self._know(json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise RefusedStore(damaged(path, error, "move this folder away")) from error

    @classmethod
    def existing(cls, place: str | Path) -> Store:
        """Return the store in a folder.

        Raises
        ------
        WrongRequest
            If there is none.
        """
        store = cls(place)
        if not store.described:
            raise WrongRequest(f"{place}: holds no study (no study.json)")
        return store

    def _know(self, described: dict[str, Any]) -> None:
        self.described = described
        self.schemas = {
            kind: pa.schema([(n, _type(t)) for n, t in described["columns"][kind].items()])
            for kind in (RUNS, FAILURES)
        }

    @property
    def lock(self) -> Path:
        """The file that whoever works here holds locked."""
        return self.place / ".lock"

    def at_work(self) -> bool:
        """Whether a process of this machine works here."""
        return is_locked(self.lock)

    def prepare(self) -> None:
        """Make the folder, so that it can be locked."""
        for folder in FOLDERS:
            (self.place / folder).mkdir(parents=True, exist_ok=True)

    def open(self, plan: Plan, described: Mapping[str, Any]) -> None:
        """Take up a study here: a new one, the stored one, or the stored one with more runs.

        Parameters
        ----------
        plan
            Its runs.
        described
            What ``study.json`` is to say.

        Raises
        ------
        RefusedStore
            If another study is stored here; the message shows what differs.
        """
        told, lost = dict(described), not self._design.is_file()
        if self.described == told and not lost:
            return
        refined = bool(self.described) and told["design"]["kind"] == REFINED
        if self.described:
            self._refuse_another(told)
            if refined:
                self._refuse_other_refinement(told)
            elif not lost:
                self._refuse_fewer(plan, told)
        if lost or not refined:  # whose cells were found on the way
            self.write_design(plan)
        self.write_text("study.toml", plan.study.text)
        self.write_text("study.json", json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        self._know(told)

    def _refuse_another(self, told: dict[str, Any]) -> None:
        grown = ("design", "replicates", "question", "name", "timeout", "trace", "every", "units")
        old, new = (
            {key: value for key, value in one.items() if key not in grown}
            for one in (self.described, told)
        )
        if old == new:
            return
        if old | {"columns": 0} != new | {"columns": 0}:
            self._refuse("holds another study, so its results cannot be continued", old, new)
        self._refuse(
            "rows that are stored do not have the columns of this design (a parameter or a kind "
            "that was not varied before; or whole numbers that are now broken)", old, new,
            "write this one elsewhere with --out and read both tables together, or undo the change",
        )  # fmt: skip

    def _refuse_fewer(self, plan: Plan, told: dict[str, Any]) -> None:
        """Raise unless all runs of the stored design are in the new one."""
        stored = self.designed()
        count = int((~np.isin(stored, plan.run_ids)).sum())
        if count:
            old, new = self._designs(told)
            self._refuse(
                f"{count} of {len(stored)} stored runs are not in this design; values and "
                "replicates can be added, not taken away", old, new,
            )  # fmt: skip

    def _refuse_other_refinement(self, told: dict[str, Any]) -> None:
        """Raise unless a refined design differs from the stored one by more generations only."""
        old, new = self._designs(told)
        fewer = new["design"]["generations"] < old["design"]["generations"]
        new["design"] |= {"generations": old["design"]["generations"]} if not fewer else {}
        if old != new:
            self._refuse(
                "the cells of a refined design follow from those before, so it can have more "
                "generations, and nothing else", old, new,
            )  # fmt: skip

    def _designs(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"design": dict(one["design"]), "replicates": one["replicates"]}
            for one in (self.described, told)
        ]

    def _refuse(
        self,
        why: str,
        old: dict[str, Any],
        new: dict[str, Any],
        end: str = "write this one elsewhere with --out, or undo the change",
    ) -> NoReturn:
        lines = [f"{self.place}: {why}:", *difference(old, new)]
        raise RefusedStore("\n  ".join(lines) + f"\n{end}")

    @property
    def _design(self) -> Path:
        return self.place / "design.parquet"

    def design(self, columns: list[str] | None = None) -> pa.Table:
        """Return the stored design, one row per run.

        Raises
        ------
        RefusedStore
            If it is missing or damaged.
        """
        if not self._design.is_file():
            raise RefusedStore(f"{self._design}: is missing; the same study run again writes it")
        return read_part(self._design, columns)

    def designed(self) -> np.ndarray:
        """Return the names of the runs of the stored design, by position, as bytes."""
        return byte_array(self.design(["run_id"])["run_id"])

    def write_design(self, plan: Plan) -> None:
        """Write the design anew, whole."""
        schema = design_rows(plan, np.arange(0)).schema
        with (
            self._whole(self.place / "design.parquet") as draft,
            pq.ParquetWriter(draft, schema, compression="zstd") as writer,
        ):
            for start in range(0, len(plan), BLOCK):
                block = np.arange(start, min(start + BLOCK, len(plan)))
                writer.write_batch(design_rows(plan, block))

    def write_text(self, name: str, text: str) -> None:
        """Write a small file whole."""
        with self._whole(self.place / name) as draft:
            draft.write_text(text, encoding="utf-8")

    @contextlib.contextmanager
    def _whole(self, path: Path) -> Iterator[Path]:
        """Give a temporary file that becomes ``path`` once it is on the disk."""
        draft = self.place / "tmp" / f"{path.name}.{uuid.uuid4().hex[:8]}.tmp"
        try:
            yield draft
            _flush(draft)
            os.replace(draft, path)
            _flush(path.parent)
        finally:
            draft.unlink(missing_ok=True)

    # What is there

    def parts(self, kind: str) -> list[Path]:
        """Return the sealed files of ``"runs"`` or ``"failures"``."""
        return sorted((self.place / kind).glob("part-*.parquet"))

    def journals(self, kind: str) -> list[Path]:
        """Return the journals, growing ones too."""
        return sorted((self.place / "journal").glob(f"*.{kind}"))

    def table(self, kind: str = RUNS, columns: list[str] | None = None) -> pa.Table:
        """Return all rows, sealed or not, each run of ``"runs"`` once."""
        schema = self.schemas[kind]
        while True:
            with contextlib.suppress(FileNotFoundError):  # sealed while being read
                return self._table(kind, schema, columns)

    def _table(self, kind: str, schema: pa.Schema, columns: list[str] | None) -> pa.Table:
        waiting = [read_journal(path, schema) for path in self.journals(kind)]
        sealed = [read_part(path, columns) for path in self.parts(kind)]
        sealed += [one.select(columns) if columns else one for one in waiting]
        wanted = pa.schema([schema.field(name) for name in columns]) if columns else schema
        whole = pa.concat_tables([one.cast(wanted) for one in sealed] or [wanted.empty_table()])
        return whole if kind == FAILURES else once(whole)

    def run_ids(self, kind: str = RUNS) -> np.ndarray:
        """Return the names of all runs in ``kind`` as sorted bytes, each once."""
        return np.unique(byte_array(self.table(kind, ["run_id"])["run_id"]))

    def attempts(self) -> dict[str, int]:
        """Return how often each failed run was tried."""
        table = self.table(FAILURES, ["run_id", "attempt"])
        tried: dict[str, int] = {}
        pairs = zip(table["run_id"].to_pylist(), table["attempt"].to_pylist(), strict=True)
        for run, attempt in pairs:
            tried[run] = max(attempt, tried.get(run, 0))
        return tried

    # Sealing

    def seal(self, chosen: Callable[[Path], bool]) -> int:
        """Move the rows of journals that are no longer written into one part for each kind.

        Parameters
        ----------
        chosen
            Which journals; the others are left alone.

        Returns
        -------
        int
            How many rows of finished runs were sealed.
        """
        with locked(self.place / ".seal", wait=True):
            counts = [self._seal(kind, chosen) for kind in (RUNS, FAILURES)]
        return counts[0]

    def _seal(self, kind: str, chosen: Callable[[Path], bool]) -> int:
        ready = [path for path in self.journals(kind) if chosen(path) and not is_locked(path)]
        if not ready:
            return 0
        absorbed = self._absorbed(kind)
        tables = [
            read_journal(path, self.schemas[kind]) for path in ready if path.name not in absorbed
        ]
        rows = pa.concat_tables(tables) if tables else self.schemas[kind].empty_table()
        if kind == RUNS and len(rows):
            rows = self._new(once(rows))
        if len(rows):
            self._write_part(kind, rows, [path.name for path in ready])
        for path in ready:
            path.unlink(missing_ok=True)
        return len(rows)

    def _new(self, rows: pa.Table) -> pa.Table:
        """Return the rows whose runs are not sealed yet."""
        sealed = [read_part(path, ["run_id"]) for path in self.parts(RUNS)]
        if not sealed:
            return rows
        known = pc.is_in(rows["run_id"], pa.concat_tables(sealed)["run_id"].combine_chunks())
        return rows.filter(pc.invert(known))

    def _write_part(self, kind: str, rows: pa.Table, journals: list[str]) -> None:
        told = {ABSORBED: json.dumps(journals).encode()}
        name = f"part-{time.time_ns():x}-{uuid.uuid4().hex[:6]}.parquet"
        with self._whole(self.place / kind / name) as draft:
            pq.write_table(rows.replace_schema_metadata(told), draft, compression="zstd")

    def _absorbed(self, kind: str) -> set[str]:
        found: set[str] = set()
        for path in self.parts(kind):
            told = read_part(path, []).schema.metadata or {}
            found |= set(json.loads(told.get(ABSORBED, b"[]")))
        return found

    def clear_marks(self, names: str) -> None:
        """Remove what says where killed workers were, of journals whose names begin so."""
        for ending in ("at", "stack"):
            for path in self.place.glob(f"journal/{names}*.{ending}"):
                path.unlink(missing_ok=True)

    def clear_drafts(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.place.glob("tmp/*.tmp"):
            path.unlink(missing_ok=True)
        self.clear_marks("")


def read_part(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Return the rows of a sealed file.

    Raises
    ------
    RefusedStore
        If it is damaged.
    OSError
        If the system does not let it be read; that may pass.
    """
    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns)
    except (pa.ArrowInvalid, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        told = "move it away, and the same study run again makes what it held"
        raise RefusedStore(damaged(path, error, told)) from error


def damaged(path: Path, error: Exception, what_to_do: str) -> str:
    """Return what to say of a file that cannot be read.

    Examples
    --------
    >>> damaged(Path("a/study.json"), ValueError("no colon"), "move it away")
    'a/study.json: is damaged (no colon); move it away'
    """
    why = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    return f"{path}: is damaged ({why}); {what_to_do}"


def once(rows: pa.Table) -> pa.Table:
    """Return each run once, the first row of it that comes."""
    ids = byte_array(rows["run_id"])
    _, first = np.unique(ids, return_index=True)
    return rows if len(first) == len(ids) else rows.take(np.sort(first))


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return lines that say what differs between nested tables.

    Examples
    --------
    >>> difference({"rule": {"rate": 0.1}, "seed": 1}, {"rule": {"rate": 0.2}, "seed": 1})
    ['rule.rate: stored 0.1, asked 0.2']
    """
    before, after = _leaves(old), _leaves(new)
    names = [*before, *(name for name in after if name not in before)]
    return [
        f"{name}: stored {before.get(name, 'nothing')}, asked {after.get(name, 'nothing')}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _leaves(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{above}.{key}" if above else str(key)
        found |= _leaves(value, name) if isinstance(value, Mapping) else {name: text_of(value)}
    return found


def _type(name: str) -> pa.DataType:
    return pa.type_for_alias(name)


def _flush(path: Path) -> None:
    """Have the system write a file or folder to the disk now."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
