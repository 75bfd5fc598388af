"""Conductor: carries out a study: hands out batches, seals their rows, copes with what goes wrong.

What can go wrong, and what then happens:

* A run raises an error: it is a row of failures, and the study goes on.
* A worker dies: what it had finished stays; the run that it was at is tried once more, alone, and
  is a failure with the status ``crashed`` if its worker dies again. Where a batch was one call, and
  the guilty run is not known, the batch is halved until it is.
* A call takes longer than the timeout: likewise, but a run that is alone is not tried again; its
  status is ``timeout``, with the stack that says where it hung.
* Ctrl-C or SIGTERM, or a failure where ``fail_fast`` is asked for: workers are ended, finished rows
  sealed.
* The disk is full: the study stops with the error; all rows that were written stay.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adaptsim.schema import FailedRun
from adaptsim.studies.batches import Batch, Report, Sizes
from adaptsim.studies.columns import byte_array, completed, identification
from adaptsim.studies.engines import Engine, WorkerDied
from adaptsim.studies.journal import Journal, read_journal
from adaptsim.studies.keys import ID
from adaptsim.studies.marker import place_left
from adaptsim.studies.plan import Plan
from adaptsim.studies.store import FAILURES, RUNS, Store
from adaptsim.studies.traces import Traces
from adaptsim.studies.watchdog import stack_left

SEAL_ROWS, SEAL_SECONDS, MOST_UNSEALED = 1000, 5.0, 20_000
TRIES = 2
MOST_UNBEGUN = 100
GLANCE = 0.2


class StoppedStudy(FailedRun):
    """A study was stopped by its first failure; what was finished is kept."""


@dataclass
class Tally:
    """What has come of a session so far.

    Attributes
    ----------
    todo, done, failed : int
        Runs to do when it began; runs finished since, and failed.
    began : float
        When, on the monotonic clock [s].
    first_error : str
        Of the first run that failed.
    """

    todo: int
    done: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)
    first_error: str = ""

    @property
    def left(self) -> int:
        """How many runs are still to do."""
        return self.todo - self.done - self.failed

    @property
    def rate(self) -> float:
        """Runs per second."""
        return (self.done + self.failed) / max(time.monotonic() - self.began, 1e-9)


Work = np.ndarray
"""Positions handed out together."""


class Conductor:
    """Carries out runs that are still to do.

    Parameters
    ----------
    store
        Where rows go.
    engine
        Where batches are computed.
    session
        Name of this session.
    target
        Seconds that a batch should take.
    chunk
        Runs in a batch; None: found from what they cost.
    timeout
        Longest time of one call [s].
    fail_fast
        Whether to stop at the first failure.
    watch
        Called with the tally now and then.
    """

    plan: Plan

    def __init__(
        self,
        store: Store,
        engine: Engine,
        session: str,
        *,
        target: float = 0.5,
        chunk: int | None = None,
        timeout: float | None = None,
        fail_fast: bool = False,
        watch: Callable[[Tally], Any] = lambda tally: None,
    ) -> None:
        self.store, self.engine, self.session = store, engine, session
        self.timeout, self.fail_fast, self.watch = timeout, fail_fast, watch
        self._target = min(target, timeout / 2) if timeout else target
        self._chunk = chunk
        self._sizes: dict[int, Sizes] = {}
        self._numbers = 0
        self._finished: set[str] = set()
        self._waiting_rows, self._sealed_at = 0, time.monotonic()
        self._again: deque[Work] = deque()
        self._deaths: dict[int, int] = {}
        self._unbegun = 0
        self._tried: dict[str, int] = {}

    def carry_out(self, plan: Plan, todo: np.ndarray, tally: Tally) -> None:
        """Compute runs of a plan at positions, in this order; count what comes of it in a tally.

        Raises
        ------
        OSError
            If rows cannot be written.
        KeyboardInterrupt
            After workers have been ended and finished rows sealed.
        StoppedStudy
            Likewise, if a run failed and that is to stop it.
        """
        self.plan, self._tried = plan, self.store.attempts()
        queues = self._queues(todo)
        live: dict[Any, tuple[Batch, Work]] = {}
        try:
            while queues or self._again or live:
                while (queues or self._again) and len(live) < self.engine.ahead:
                    work = self._next(queues)
                    batch = self._batch(work)
                    live[self.engine.submit(batch)] = (batch, work)
                for token in self.engine.wait(list(live), GLANCE):
                    batch, work = live.pop(token)
                    self._take(token, batch, work, tally)
                self._seal_now_and_then()
                self.watch(tally)
                if self.fail_fast and tally.failed:
                    raise StoppedStudy(tally.first_error)
        except BaseException:
            self.engine.stop(now=True)
            self._seal(everything=True)
            raise
        self._seal(everything=True)

    def _queues(self, todo: np.ndarray) -> dict[int, Work]:
        """Return positions by kind of batch."""
        kinds = self.plan.kinds[self.plan.row(todo)]
        return {int(kind): todo[kinds == kind] for kind in np.unique(kinds)}

    def _next(self, queues: dict[int, Work]) -> Work:
        """Return what to hand out: first what must be tried again, then the earliest positions."""
        if self._again:
            return self._again.popleft()
        kind = min(queues, key=lambda one: queues[one][0])
        queue, sizes = queues[kind], self._sizes_of(kind)
        size = sizes.next
        if sizes.fixed is None:  # leave something for the other workers
            size = min(size, max(len(queue) // self.engine.ahead, sizes.unit))
        queues[kind] = queue[size:]
        if not len(queues[kind]):
            del queues[kind]
        return queue[:size]

    def _sizes_of(self, kind: int) -> Sizes:
        if kind not in self._sizes:
            example = self.plan.changes(int(np.argmax(self.plan.kinds == kind)))
            unit = self.plan.study.model.unit(example)
            self._sizes[kind] = Sizes(self._target, unit, self._chunk)
        return self._sizes[kind]

    def _batch(self, work: Work) -> Batch:
        plan = self.plan
        self._numbers += 1
        runs = identification(plan, work)
        return Batch(
            place=str(self.store.place.resolve()),
            session=self.session,
            number=self._numbers,
            model=plan.study.model,
            kind=int(plan.kinds[plan.row(work[0])]),
            schemas=self.store.schemas,
            runs=runs,
            changes=plan.columns(work),
            attempts=self._attempts(work),
            traces=self._traces(work),
            timeout=self.timeout,
            parent=self.engine.parent,
        )

    def _traces(self, work: Work) -> Traces | None:
        plan = self.plan
        kept = plan.traced[work]
        if not kept.any():
            return None
        runs = (plan.run_id(one) if at else None for one, at in zip(work, kept, strict=True))
        return Traces(str(self.store.place.resolve()), tuple(runs), plan.study.every)

    def _attempts(self, work: Work) -> np.ndarray:
        """Return which attempt at each run the next one is, from 1."""
        if not self._tried:
            return np.ones(len(work), dtype=np.int64)
        return np.array([self._tried.get(self.plan.run_id(one), 0) + 1 for one in work])

    def _take(self, token: Any, batch: Batch, work: Work, tally: Tally) -> None:
        """Take in a finished batch, or find out what became of one whose worker died."""
        try:
            report = self.engine.result(token)
        except WorkerDied as error:
            self._mourn(batch, work, tally, str(error))
        else:
            self._sizes_of(batch.kind).learn(len(batch), report)
            self._count(tally, report)
        self._finished.add(batch.name)

    def _count(self, tally: Tally, report: Report) -> None:
        tally.done += report.done
        tally.failed += report.failed
        tally.first_error = tally.first_error or report.first_error
        self._waiting_rows += report.done + report.failed

    def _mourn(self, batch: Batch, work: Work, tally: Tally, told: str) -> None:
        """Keep what a dead worker had written; try again or give up the rest."""
        journal = self.store.place / "journal"
        at = place_left(journal, batch.name)
        stack = stack_left(journal, batch.name)
        if at is None:  # it had not begun with this batch
            self._unbegun += 1
            if self._unbegun > MOST_UNBEGUN:
                raise FailedRun(f"workers die before they begin: {told}")
            self._again.append(work)
            return
        written = [self._written(batch, kind) for kind in (RUNS, FAILURES)]
        self._count(tally, Report(len(written[0]), len(written[1]), 0.0, True))
        left = work[~np.isin(self.plan.run_ids[work], np.concatenate(written))]
        begun = work[at : at + 1] if batch.model.alone else left
        for one in begun:
            run = self.plan.run_id(one)
            self._tried[run] = self._tried.get(run, 0) + 1
        if len(begun) == 1 and begun[0] in left:
            self._judge(int(begun[0]), stack, told, tally)
            parts = [left[left != begun[0]]]
        else:
            parts = np.array_split(left, 2)
        self._again += [part for part in parts if len(part)]

    def _judge(self, position: int, stack: str, told: str, tally: Tally) -> None:
        """Try a run again that its worker died at, or record it as a failure."""
        self._deaths[position] = self._deaths.get(position, 0) + 1
        if not stack and self._deaths[position] < TRIES:
            self._again.append(np.array([position]))
            return
        status = "timeout" if stack else "crashed"
        error = f"took longer than {self.timeout:g} s" if stack else f"its worker died: {told}"
        known = identification(self.plan, np.array([position]))
        found = {
            "status": [status],
            "error_type": ["TimeoutError" if stack else "WorkerDied"],
            "error": [error],
            "traceback": [stack],
            "secs": [self.timeout if stack else None],
            "attempt": [self._tried[self.plan.run_id(position)]],
            "session": [self.session],
        }
        self._numbers += 1
        name = f"{self.session}-{self._numbers:06d}"
        with Journal(self.store.place / "journal" / f"{name}-judged.{FAILURES}") as journal:
            journal.write(completed(self.store.schemas[FAILURES], known, found))
        self._finished.add(name)
        self._count(tally, Report(0, 1, 0.0, True, first_error=f"{status}: {error}"))

    def _written(self, batch: Batch, kind: str) -> np.ndarray:
        """Return the names of the runs that a batch's worker wrote, as bytes."""
        paths = (self.store.place / "journal").glob(f"{batch.name}-*.{kind}")
        schema = self.store.schemas[kind]
        found = [byte_array(read_journal(path, schema)["run_id"]) for path in paths]
        return np.concatenate([np.array([], dtype=ID), *found])

    def _seal_now_and_then(self) -> None:
        waited = time.monotonic() - self._sealed_at
        if self._waiting_rows >= (SEAL_ROWS if waited > SEAL_SECONDS else MOST_UNSEALED):
            self._seal()

    def _seal(self, *, everything: bool = False) -> None:
        """Seal the finished batches of this session; at the end also those that were cut short."""
        mine = f"{self.session}-"
        done = self._finished
        self.store.seal(
            lambda path: (
                path.name.startswith(mine) and (everything or path.stem.rpartition("-")[0] in done)
            )
        )
        if everything:
            self.store.clear_marks(mine)
        self._finished = set()
        self._waiting_rows, self._sealed_at = 0, time.monotonic()


def new_session() -> str:
    """Return the name of a session: when it began, and something that is its own."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
