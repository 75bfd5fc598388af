"""Command process: a command of adaptsim in a process of its own, which ends with its owner.

    python -m adaptsim.dashboard.studies.command_process study learning_rate_by_period ...

It holds on to its standard input: when that closes, because the dashboard is gone however it went,
the command is ended as Ctrl-C would end it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence

PATIENCE = 10.0
"""Seconds that a command may take to put away what it has finished."""
MOST_SAID = 2000
"""Letters of what it says that are kept."""


class CommandProcess:
    """A command under way.

    Parameters
    ----------
    arguments
        What would stand behind ``adaptsim`` in a terminal; no shell reads it.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._said, self._last = tempfile.TemporaryFile(), ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )

    def code(self) -> int | None:
        """Return how it ended, None while it runs."""
        return self._process.poll()

    def said(self) -> str:
        """Return the last of what it said, without the name of the program."""
        if not self._said.closed:
            self._said.seek(0)
            self._last = self._said.read()[-MOST_SAID:].decode(errors="replace")
        lines = self._last.strip().splitlines()
        return lines[-1].removeprefix("adaptsim: ") if lines else ""

    def end(self) -> None:
        """End it, as Ctrl-C would; return once it is gone."""
        if self._process.stdin:
            self._process.stdin.close()
        if self.code() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.said()
        self._said.close()


def _end_with_parent() -> None:
    while os.read(0, 1024):  # not by sys.stdin, whose lock a thread must not hold at the end
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from adaptsim.cli import main

    threading.Thread(target=_end_with_parent, daemon=True).start()
    main()
