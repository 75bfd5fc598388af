"""Processes: worker processes on this machine, by pebble.

A worker that dies costs the batch it had, and is replaced. Workers are started afresh (`spawn`) on
every system. They leave Ctrl-C to their parent, and end when it ends. They share the processors:
else each would start a thread for every processor, and wait for the others' more than it computes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Collection
from concurrent.futures import Future

from pebble import ProcessExpired, ProcessPool

from adaptsim.studies.batches import Batch, Report
from adaptsim.studies.engines.base import WorkerDied, finished
from adaptsim.studies.work import work


class Processes:
    """Computes in ``workers`` processes of this machine."""

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self.ahead = 2 * workers
        self.parent = os.getpid()
        self.name = f"{workers} worker {'process' if workers == 1 else 'processes'}"
        context = multiprocessing.get_context("spawn")
        threads = max((os.cpu_count() or 1) // workers, 1)
        self._pool = ProcessPool(
            workers, context=context, initializer=begin_worker, initargs=[threads]
        )

    def submit(self, batch: Batch) -> Future[Report]:
        """Queue a batch."""
        return self._pool.schedule(work, args=[batch])

    def wait(self, tokens: Collection[Future[Report]], timeout: float) -> list[Future[Report]]:
        """Return the tokens that are finished."""
        return finished(tokens, timeout)

    def result(self, token: Future[Report]) -> Report:
        """Return what the batch reported, or raise."""
        try:
            return token.result()
        except ProcessExpired as error:
            raise WorkerDied(str(error)) from None

    def stop(self, *, now: bool) -> None:
        """End the workers."""
        if now:
            self._pool.stop()
        else:
            self._pool.close()
        self._pool.join()


def begin_worker(threads: int) -> None:
    """Let a worker ignore Ctrl-C, which its parent answers, and compute in so many threads.

    The variable is read by XLA's CPU client when it starts; results do not depend on it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("NPROC", str(threads))
