"""Serial: batches are computed here, one after another, with nothing to start."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future

from adaptsim.studies.batches import Batch, Report
from adaptsim.studies.work import work


class Serial:
    """Computes in this process. A run that kills its process kills the study's with it."""

    name = "this process"
    slots = 1
    ahead = 1
    parent = 0

    def submit(self, batch: Batch) -> Future[Report]:
        """Compute a batch now."""
        done: Future[Report] = Future()
        try:
            done.set_result(work(batch))
        except Exception as error:
            done.set_exception(error)
        return done

    def wait(self, tokens: Collection[Future[Report]], timeout: float) -> list[Future[Report]]:
        """Return all tokens: they are done."""
        return list(tokens)

    def result(self, token: Future[Report]) -> Report:
        """Return what the batch reported, or raise."""
        return token.result()

    def stop(self, *, now: bool) -> None:
        """Do nothing: there is nothing to end."""
