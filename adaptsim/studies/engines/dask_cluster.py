"""Dask: batches are computed by the workers of a cluster, near or far.

The workers need this package and the folder of the study at the same path, so a file system that
all share; rows go to the folder from where they are computed, not over the scheduler. A worker that
is lost costs the batch it had: what the scheduler then computes twice is stored once.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from adaptsim.schema import WrongRequest
from adaptsim.studies.batches import Batch, Report
from adaptsim.studies.engines.base import WorkerDied
from adaptsim.studies.work import work

SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.comm.timeouts.connect": "30 s",
    "distributed.deploy.lost-worker-timeout": "600 s",  # a worker that died may start slowly
}


class DaskCluster:
    """Computes on a Dask cluster.

    Parameters
    ----------
    scheduler
        The address of a scheduler (``tcp://host:8786``), or a TOML file that describes a cluster
        to start: ``kind = "dask_jobqueue:SLURMCluster"``, how many ``jobs``, and what that class
        takes (``cores``, ``memory``, ``queue``, ``walltime``, ...).

    Raises
    ------
    WrongRequest
        If the scheduler does not answer, or the file does not describe a cluster.
    """

    parent = 0

    def __init__(self, scheduler: str) -> None:
        try:
            import dask
            from distributed import Client
        except ImportError:
            told = "needs Dask: pip install 'adaptsim[study]'"
            raise WrongRequest(f"--scheduler {scheduler}: {told}") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        with contextlib.ExitStack() as stack:
            stack.enter_context(dask.config.set(SETTINGS))
            cluster = None
            if scheduler.endswith(".toml"):
                cluster = stack.enter_context(contextlib.closing(_cluster(scheduler)))
            try:
                client = Client(cluster or scheduler)
            except (OSError, ValueError) as error:
                told = f"no Dask scheduler answers: {error}"
                raise WrongRequest(f"--scheduler {scheduler}: {told}") from None
            self._client = stack.enter_context(contextlib.closing(client))
            self._held = stack.pop_all()
        self.name = f"Dask at {scheduler}"

    @property
    def slots(self) -> int:
        """How many workers there are now."""
        return max(len(self._client.nthreads()), 1)

    @property
    def ahead(self) -> int:
        """Two batches for each worker: Dask's memory grows with what waits."""
        return 2 * self.slots

    def submit(self, batch: Batch) -> Any:
        """Queue a batch."""
        return self._client.submit(work, batch, pure=False, key=batch.name)

    def wait(self, tokens: Collection[Any], timeout: float) -> list[Any]:
        """Return the tokens that are finished."""
        from distributed import wait

        try:
            return list(wait(tokens, timeout=timeout, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []

    def result(self, token: Any) -> Report:
        """Return what the batch reported, or raise."""
        from distributed import CancelledError, KilledWorker

        try:
            report: Report = token.result()
        except (KilledWorker, CancelledError) as error:
            raise WorkerDied(type(error).__name__) from None
        finally:
            token.release()
        return report

    def stop(self, *, now: bool) -> None:
        """Leave the scheduler, and end the cluster if it was started here."""
        self._held.close()


def _cluster(name: str) -> Any:
    """Start the cluster that a file describes."""
    try:
        told = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongRequest(f"--scheduler {name}: cannot be read: {error}") from None
    module, _, kind = str(told.pop("kind", "")).partition(":")
    jobs = told.pop("jobs", None)
    try:
        made = getattr(importlib.import_module(module), kind)(**told)
    except (ImportError, AttributeError, ValueError) as error:
        told_ = "kind must name a class, as 'dask_jobqueue:SLURMCluster'"
        raise WrongRequest(f"--scheduler {name}: {told_}: {error}") from None
    except (TypeError, RuntimeError) as error:
        raise WrongRequest(f"--scheduler {name}: {error}") from None
    if jobs is not None:
        made.adapt(minimum_jobs=jobs, maximum_jobs=jobs)  # replaces jobs that are cancelled
    return made
