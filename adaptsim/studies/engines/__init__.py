"""Engines: where batches are computed: here, in worker processes, or on a Dask cluster.

An engine submits a batch, waits until one is finished, and stops. Whatever it is, results are the
same to the bit, since a run's numbers depend on its key alone.
"""

from adaptsim.studies.engines.base import Engine, WorkerDied

__all__ = ["Engine", "WorkerDied"]
