"""Engine: what the conductor of a study needs of a place where batches are computed."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future
from typing import Any, Protocol

from adaptsim.studies.batches import Batch, Report


class WorkerDied(RuntimeError):
    """A worker ended while it computed a batch."""


class Engine(Protocol):
    """Where batches are computed.

    Attributes
    ----------
    name : str
        What it is called in messages and provenance.
    """

    name: str

    @property
    def slots(self) -> int:
        """How many batches it computes at once."""
        ...

    @property
    def ahead(self) -> int:
        """How many batches to hand over before the first is finished."""
        ...

    @property
    def parent(self) -> int:
        """The process whose end ends its workers; 0 if there is none."""
        ...

    def submit(self, batch: Batch) -> Any:
        """Hand over a batch; return a token whose outcome `result` tells."""
        ...

    def wait(self, tokens: Collection[Any], timeout: float) -> list[Any]:
        """Return the tokens that are finished, after ``timeout`` seconds perhaps none."""
        ...

    def result(self, token: Any) -> Report:
        """Return what a finished batch reported.

        Raises
        ------
        WorkerDied
            If its worker ended.
        OSError
            If its rows could not be written.
        """
        ...

    def stop(self, *, now: bool) -> None:
        """End all workers, at once or when they have nothing to do."""
        ...


def finished(tokens: Collection[Future[Report]], timeout: float) -> list[Future[Report]]:
    """Return the futures that are done."""
    from concurrent.futures import FIRST_COMPLETED, wait

    return list(wait(tokens, timeout, return_when=FIRST_COMPLETED).done)
