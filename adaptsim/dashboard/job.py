"""Job: long work in a thread, with progress, that ends when it is cancelled or the page goes."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

import solara

from adaptsim.dashboard.bulletin import use_bulletin
from adaptsim.schema import FailedRun, WrongRequest


class Cancelled(Exception):
    """Raised inside the work when nobody wants it any more."""


class Job:
    """Work that goes on while the page stays alive; made by `use_job`.

    Attributes
    ----------
    state : str
        ``"idle"``, ``"running"``, ``"done"``, ``"cancelled"`` or ``"failed"``.
    fraction : float
        How far it is, 0 to 1.
    result
        What the work returned.
    error : str
        Why it failed, in a sentence.
    """

    def __init__(self, changed: Callable[[], Any]) -> None:
        self.state, self.fraction, self.result, self.error = "idle", 0.0, None, ""
        self._changed = changed
        self._run = 0

    def start(self, work: Callable[[Callable[[float], None]], Any]) -> None:
        """Begin ``work(report)``; what ran before is cancelled.

        The work calls ``report(fraction)`` every tenth of a second or so: it raises `Cancelled`
        where nobody waits for the work any more.
        """
        self._run += 1
        run = self._run
        self.state, self.fraction, self.result, self.error = "running", 0.0, None, ""
        threading.Thread(
            target=self._work, args=(run, work), name="adaptsim job", daemon=True
        ).start()
        self._changed()

    def cancel(self) -> None:
        """End the work at its next report."""
        if self.state == "running":
            self._run += 1
            self.state = "cancelled"
            self._changed()

    def close(self) -> None:
        """End the work for good, telling nobody."""
        self._changed = lambda: None
        self._run += 1

    def _work(self, run: int, work: Callable[[Callable[[float], None]], Any]) -> None:
        def report(fraction: float) -> None:
            if run != self._run:
                raise Cancelled
            self.fraction = float(fraction)
            self._changed()

        state, result, error = "done", None, ""
        try:
            result = work(report)
        except Cancelled:
            return
        except (WrongRequest, FailedRun) as known:
            state, error = "failed", str(known)
        except Exception as unknown:
            traceback.print_exc()
            state, error = "failed", f"it failed: {type(unknown).__name__}"
        if run == self._run:
            self.state, self.result, self.error, self.fraction = state, result, error, 1.0
            self._changed()


def use_job() -> Job:
    """Return a job of this page; it ends when the page goes. A hook of Solara."""
    _, bulletin = use_bulletin(object())
    job: Job = solara.use_memo(lambda: Job(lambda: bulletin.post(object())), [])
    solara.use_effect(lambda: job.close, [])
    return job
