"""Own study: the one that a page has at work, in a process of its own. Knows no Solara.

It ends with the page, as if by Ctrl-C: finished runs are kept, and the same study, or the command
that the page shows, goes on with them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from adaptsim.dashboard.limits import MOST_STUDIES
from adaptsim.dashboard.studies.command_process import CommandProcess
from adaptsim.dashboard.studies.start import StudyStart
from adaptsim.schema import WrongRequest

GLANCE = 0.2
"""Seconds between two looks at the process."""

_at_work = threading.Semaphore(MOST_STUDIES)


class OwnState(NamedTuple):
    """How the page's own study is.

    Attributes
    ----------
    state : str
        ``"idle"``, ``"running"``, ``"ending"``, ``"done"``, ``"stopped"`` or ``"failed"``.
    name, command : str
        Its folder, and what goes on with it in a terminal.
    problem : str
        Why it failed.
    """

    state: str = "idle"
    name: str = ""
    command: str = ""
    problem: str = ""


class OwnStudy:
    """At most one study of a page; ``tell`` is told an `OwnState`, from a thread."""

    def __init__(self, tell: Callable[[OwnState], Any]) -> None:
        self._tell = tell
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self.now = OwnState()

    def start(self, start: StudyStart) -> None:
        """Begin a study.

        Raises
        ------
        WrongRequest
            If as many are at work as may be.
        """
        if self._thread is not None and self._thread.is_alive():
            raise WrongRequest(f"{self.now.name} is still at work on this page; cancel it first")
        if not _at_work.acquire(blocking=False):
            told = f"{MOST_STUDIES} studies of other pages are at work, as many as may be"
            raise WrongRequest(f"{told}; wait, or start it in a terminal: {start.command()}")
        self._wanted.set()
        self._say(OwnState("running", start.name, start.command()))
        self._thread = threading.Thread(
            target=self._run, args=(start,), name="adaptsim own study", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """End it; what was finished is kept."""
        if self.now.state == "running":
            self._wanted.clear()
            self._say(self.now._replace(state="ending"))

    def close(self) -> None:
        """End it, telling nobody."""
        self._tell = lambda state: None
        self._wanted.clear()

    def wait(self, timeout: float = 60.0) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _say(self, state: OwnState) -> None:
        self.now = state
        self._tell(state)

    def _run(self, start: StudyStart) -> None:
        try:
            process = CommandProcess([*start.arguments(), "--quiet"])
            while process.code() is None and self._wanted.is_set():
                time.sleep(GLANCE)
            code = process.code()
            process.end()
            state = {0: "done", 3: "done", None: "stopped", 130: "stopped"}.get(code, "failed")
            problem = process.said() if state == "failed" else ""
            self._say(self.now._replace(state=state, problem=problem))
        except OSError as error:
            self._say(self.now._replace(state="failed", problem=str(error.strerror)))
        finally:
            _at_work.release()
