"""Running: a study carried out from where it stands, on the engine that is asked for."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from adaptsim.schema import WrongRequest, suggest
from adaptsim.studies.columns import failure_schema, run_schema
from adaptsim.studies.conductor import Conductor, Tally, new_session
from adaptsim.studies.designs.base import Cells
from adaptsim.studies.designs.refine import next_generation
from adaptsim.studies.engines import Engine
from adaptsim.studies.lock import locked
from adaptsim.studies.plan import Plan
from adaptsim.studies.session import Session
from adaptsim.studies.store import FAILURES, LAYOUT_VERSION, REFINED, RUNS, Store
from adaptsim.studies.study import Study

TARGET, TARGET_FAR = 0.5, 5.0


@dataclass(frozen=True)
class Outcome:
    """What came of running a study.

    Attributes
    ----------
    store : Store
        Where it lies.
    runs, done, failed : int
        Runs of the design, those with results, those that failed in the end; of a shard its own.
    computed : int
        Runs computed this time.
    seconds : float
        Time they took.
    """

    store: Store
    runs: int
    done: int
    failed: int
    computed: int
    seconds: float


def own_place(study: Study) -> Path:
    """Return where a study is kept if nothing is said: ``outputs/<name>``."""
    return Path("outputs") / study.name


def run_study(
    study: Study,
    place: str | Path | None = None,
    *,
    workers: int = 0,
    scheduler: str | None = None,
    shard: str | None = None,
    chunk: int | None = None,
    timeout: float | None = None,
    retry_failed: bool = False,
    fail_fast: bool = False,
    watch: Callable[[Tally, Plan, str], Any] = lambda tally, plan, engine: None,
) -> Outcome:
    """Compute what is missing of a study; what is there already is kept.

    Parameters
    ----------
    study
        The study.
    place
        Its folder, ``outputs/<name>`` if not given.
    workers
        Worker processes on this machine; 0 computes in this process, unless there is a timeout,
        which needs a process that can be ended.
    scheduler
        Address of a Dask scheduler, or a TOML file that describes a cluster to start.
    shard
        ``"i/n"``: only the i-th of n parts, i from 0. Shards may run at the same time.
    chunk
        Runs in a batch; by default found from what they cost.
    timeout
        Longest time of one run [s]; by default the study's.
    retry_failed
        Whether runs that failed before are tried again.
    fail_fast
        Whether the first run that fails stops the study.
    watch
        Called with tally, plan and engine's name while it runs.

    Raises
    ------
    WrongRequest
        If what is asked for cannot be done as written; nothing is then written.
    RefusedStore
        If the folder is at work or holds another study.
    StoppedStudy
        At the first run that fails, if that was asked for; what was finished is kept.
    """
    limit = timeout if timeout is not None else study.timeout
    part = _read_shard(shard, study)
    if workers and scheduler:
        raise WrongRequest("--workers and --scheduler exclude each other: choose one")
    plan = Plan(study)
    described = _described(plan)
    store = Store(place or own_place(study))
    began = time.monotonic()
    store.prepare()
    with _held(store, part), _terminated_like_interrupted():
        with locked(store.place / ".seal", wait=True):
            store = Store(store.place)
            store.open(plan, described)
        if part is None:
            store.clear_drafts()
            store.seal(lambda path: True)
        session = Session(store, new_session(), workers=workers, scheduler=scheduler, shard=shard)
        tally = Tally(0)
        with session, contextlib.ExitStack() as stack:
            engine = _Started(stack, workers, scheduler, limit)
            conductor: Conductor | None = None

            def look(now: Tally) -> None:
                session.note(now)
                watch(now, plan, engine.name)

            while True:
                todo = _todo(plan, store, part, retry_failed)
                tally.todo += len(todo)
                watch(tally, plan, engine.name)
                if len(todo):
                    conductor = conductor or Conductor(
                        store, engine.get(), session.name, chunk=chunk, timeout=limit, watch=look,
                        target=TARGET_FAR if scheduler else TARGET, fail_fast=fail_fast,
                    )  # fmt: skip
                    conductor.carry_out(plan, todo, tally)
                grown = _refined(plan, store)
                if grown is None:
                    break
                plan = grown
                if len(plan) > len(store.designed()):
                    store.write_design(plan)
            session.note(tally, end="done")
    return _outcome(plan, store, part, tally, time.monotonic() - began)


def _read_shard(told: str | None, study: Study) -> tuple[int, int] | None:
    if told is None:
        return None
    match = re.fullmatch(r"(\d+)/(\d+)", told)
    if not match or not 0 <= int(match[1]) < int(match[2]):
        raise WrongRequest(f"--shard {told}: must be i/n with i from 0 to n-1, as 0/4")
    if study.design.kind == REFINED:
        raise WrongRequest("--shard: a refined design cannot be split; its cells follow each other")
    return int(match[1]), int(match[2])


@contextlib.contextmanager
def _held(store: Store, part: tuple[int, int] | None) -> Iterator[None]:
    """Hold the store: alone, or a shard of it beside other shards."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(store.lock, shared=part is not None))
        if part:
            stack.enter_context(locked(store.place / f".shard-{part[0]}-of-{part[1]}"))
        yield


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM, which clusters send before they kill, end a study as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _described(plan: Plan) -> dict[str, Any]:
    """Return what ``study.json`` says."""
    study = plan.study
    schemas = {
        RUNS: run_schema(plan, study.model.columns(plan.examples())),
        FAILURES: failure_schema(plan),
    }
    if study.design.kind == REFINED:
        _check_outcome(study, schemas[RUNS].names)
    told = {
        "layout": LAYOUT_VERSION,
        "name": study.name,
        "question": study.question,
        "study_id": study.study_id,
        **study.identity,
        "replicates": study.replicates,
        "timeout": study.timeout,
        "trace": study.trace,
        "every": study.every,
        "design": study.design_table,
        "units": dict(study.model.units),
        "columns": {
            kind: {field.name: str(field.type) for field in schema}
            for kind, schema in schemas.items()
        },
    }
    return json.loads(json.dumps(told))


def _check_outcome(study: Study, names: list[str]) -> None:
    outcome = study.design.options["outcome"]
    known = [name.removeprefix("m_") for name in names if name.startswith("m_")]
    if outcome not in known:
        raise WrongRequest(f"study.design.outcome = {outcome!r}; {suggest(outcome, known)}")


def _mine(plan: Plan, part: tuple[int, int] | None) -> np.ndarray:
    """Return the positions of a shard, which are scattered over the design."""
    positions = plan.distinct
    if part is None:
        return positions
    scattered = (positions.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
    return positions[scattered % np.uint64(part[1]) == np.uint64(part[0])]


def _todo(plan: Plan, store: Store, part: tuple[int, int] | None, retry_failed: bool) -> np.ndarray:
    """Return the positions that are neither done nor, unless retried, failed."""
    mine = _mine(plan, part)
    ids = plan.run_ids[mine]
    over = [store.run_ids(RUNS)] + ([] if retry_failed else [store.run_ids(FAILURES)])
    return mine[~np.isin(ids, np.concatenate(over))]


def _outcome(
    plan: Plan, store: Store, part: tuple[int, int] | None, tally: Tally, seconds: float
) -> Outcome:
    ids = plan.run_ids[_mine(plan, part)]
    done = np.isin(ids, store.run_ids(RUNS))
    failed = np.isin(ids, store.run_ids(FAILURES)) & ~done
    computed = tally.done + tally.failed
    return Outcome(store, len(ids), int(done.sum()), int(failed.sum()), computed, seconds)


def _refined(plan: Plan, store: Store) -> Plan | None:
    """Return the plan with the next generation of cells, or None if there is none."""
    study, options = plan.study, plan.study.design.options
    if study.design.kind != REFINED:
        return None
    if plan.generation >= options["generations"]:
        return None
    above = _above(plan, store)
    added = next_generation(study.design.axes, study.design.cells, above, options["points"])
    if not next(iter(added.values())):
        return None
    cells: Cells = {name: [*values, *added[name]] for name, values in study.design.cells.items()}
    grown = replace(study, design=replace(study.design, cells=cells))
    return Plan(grown, plan.generation + 1)


def _above(plan: Plan, store: Store) -> np.ndarray:
    """Return whether each cell's mean outcome is above the threshold, or not a number."""
    options = plan.study.design.options
    column = f"m_{options['outcome']}"
    table = store.table(RUNS, ["run_id", "cell_id", column]).to_pandas()
    means = table.groupby("cell_id")[column].mean()
    found = means.reindex(plan.cell_ids.astype(str)).to_numpy()
    return ~(found <= options["threshold"])


class _Started:
    """An engine that starts when it is first needed, and is stopped with the stack."""

    def __init__(
        self, stack: contextlib.ExitStack, workers: int, scheduler: str | None, limit: float | None
    ) -> None:
        self._stack, self._engine = stack, None
        self._workers, self._scheduler = workers or (1 if limit else 0), scheduler
        many = "process" if self._workers == 1 else "processes"
        here = f"{self._workers} worker {many}" if self._workers else "this process"
        self.name = f"Dask at {scheduler}" if scheduler else here

    _engine: Engine | None

    def get(self) -> Engine:
        """Return the engine, started."""
        if self._engine is None:
            self._engine = self._start()
            self._stack.push(self._stop)
        return self._engine

    def _start(self) -> Engine:
        if self._scheduler:
            from adaptsim.studies.engines.dask_cluster import DaskCluster

            return DaskCluster(self._scheduler)
        if self._workers:
            from adaptsim.studies.engines.processes import Processes

            return Processes(self._workers)
        from adaptsim.studies.engines.serial import Serial

        return Serial()

    def _stop(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._engine is not None:
            self._engine.stop(now=kind is not None)
