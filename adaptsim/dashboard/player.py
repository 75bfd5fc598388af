"""Player: a loop in a thread that moves something on, as fast as asked and as the page can draw."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

FRAMES_PER_SECOND = 25
PATIENCE = 10.0
"""Seconds without a word from the browser after which the loop pauses."""
AHEAD = 2
"""Frames that may be on their way to the browser."""
SPEEDS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Steps a second that a page offers."""


class Stopped(Exception):
    """Raised by what is played when it cannot go on; says why, in a sentence."""


class Player:
    """Plays something: calls ``advance(steps)`` and ``show()`` until told to pause.

    Knows no Solara. One thread at a time, which ends with `pause` or `close`, when the browser has
    not drawn for ``PATIENCE`` seconds, or when ``advance`` raises.

    Parameters
    ----------
    advance
        Moves on by a number of steps, 0 where only a new frame is wanted; may raise `Stopped`.
    show
        Sends a frame and returns its number, or ``None`` if there is nobody to see it.
    tell
        Told each state: ``"playing"``, ``"paused"``, ``"preparing"`` or ``"stopped"``, and why.

    Examples
    --------
    >>> done = []
    >>> player = Player(done.append, lambda: None, lambda state, why: None)
    >>> player.step(3)
    >>> player.wait()
    >>> done
    [3]
    """

    def __init__(
        self,
        advance: Callable[[int], Any],
        show: Callable[[], int | None],
        tell: Callable[[str, str], Any],
    ) -> None:
        self.advance, self.show, self.tell = advance, show, tell
        self.speed = 25
        self.playing = False
        self._due: int | None = None
        self._sent = self._drawn = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def play(self) -> None:
        """Go on until told to pause."""
        with self._changed:
            self.playing = not self._closed
            self._start()

    def step(self, steps: int = 1) -> None:
        """Move on by some steps, then pause."""
        with self._changed:
            self.playing, self._due = False, steps
            self._start()

    def refresh(self) -> None:
        """Show what is there, in the loop's thread."""
        self.step(0)

    def pause(self) -> None:
        """Pause after the frame that is being made."""
        with self._changed:
            self.playing, self._due = False, None
            self._changed.notify_all()

    def close(self) -> None:
        """End for good."""
        with self._changed:
            self._closed = True
        self.pause()

    def drawn(self, frame: int) -> None:
        """Hear that the browser has drawn a frame."""
        with self._changed:
            self._drawn = max(self._drawn, frame)
            self._changed.notify_all()

    def wait(self, timeout: float = 60.0) -> None:
        """Wait until the loop has ended."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _start(self) -> None:
        if self._closed:
            return
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="adaptsim player", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        try:
            self._loop()
        except Stopped as reason:
            self.show()
            self._end("stopped", str(reason))
        except Exception as error:
            traceback.print_exc()
            self._end("stopped", f"it failed: {type(error).__name__}")

    def _end(self, state: str, why: str) -> None:
        with self._changed:
            self.playing, self._thread = False, None
        self._say(state, why)

    def _say(self, state: str, why: str = "") -> None:
        if not self._closed:
            self.tell(state, why)

    def _loop(self) -> None:
        while True:
            if self.playing:
                self._say("playing")
            self._frames()
            if not self._wait_for_browser():
                return self._end("paused", "this page was out of sight")
            with self._changed:
                if not self.playing and self._due is None:
                    self._thread = None  # the next command starts another
                    break
        return self._say("paused")

    def _frames(self) -> None:
        """Make frames while playing, or the one that is due."""
        while not self._closed:
            began = time.perf_counter()
            with self._changed:
                playing, due = self.playing, self._due
                self._due = None
            steps = max(1, round(self.speed / FRAMES_PER_SECOND)) if playing else due or 0
            self.advance(steps)
            self._sent = self.show() or self._drawn
            if not playing or self._behind():
                return
            pace = max(steps / self.speed, 1 / FRAMES_PER_SECOND)
            with self._changed:
                self._changed.wait_for(
                    lambda: not self.playing, max(0.0, began + pace - time.perf_counter())
                )

    def _behind(self) -> bool:
        return self._sent - self._drawn > AHEAD

    def _wait_for_browser(self) -> bool:
        """Wait while frames pile up; return whether the browser has caught up or nobody plays."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._behind() or not self.playing, timeout=PATIENCE
            )
