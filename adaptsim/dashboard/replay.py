"""Replay: something that is computed whole and shown step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adaptsim.dashboard.player import Player, Stopped


class Replay:
    """Shows steps of what is there, from the first again when all have been shown.

    Subclasses write ``_length()``, how many steps there are, ``_make_ready()``, which computes what
    is missing, and ``_show()``, which sends a frame.

    Parameters
    ----------
    snapshot
        What the page tells at first: a named tuple with ``state``, ``step`` and ``problem``.
    speed
        Steps a second.
    tell
        Told a snapshot whenever something is new.
    """

    def __init__(self, snapshot: Any, speed: int, tell: Callable[[Any], Any]) -> None:
        self.snapshot, self._tell = snapshot, tell
        self.player = Player(self._advance, self._show, self._say)
        self.player.speed = speed
        self._again = False

    def toggle(self) -> None:
        """Play, from the first step if all have been shown, or pause."""
        if self.player.playing:
            self.player.pause()
        else:
            self._again = self.snapshot.step >= self._length()
            self.player.play()

    def step(self) -> None:
        """Show one step more, the first after the last."""
        self._again = self.snapshot.step >= self._length()
        self.player.step()

    def reset(self) -> None:
        """Show the start."""
        self._again = True
        self.player.refresh()

    def close(self) -> None:
        """End for good."""
        self.player.close()

    def _length(self) -> int:
        raise NotImplementedError

    def _make_ready(self) -> None:
        raise NotImplementedError

    def _show(self) -> int | None:
        raise NotImplementedError

    def _advance(self, steps: int) -> None:
        length = self._length()
        self._make_ready()
        before = 0 if self._again else min(self.snapshot.step, length)
        self._again = False
        self.snapshot = self.snapshot._replace(step=min(before + steps, length))
        if self.player.playing:
            if self.snapshot.step == length:
                raise Stopped("")
            self._tell(self.snapshot)

    def _say(self, state: str, why: str) -> None:
        over = state == "stopped" and not why
        self.snapshot = self.snapshot._replace(state="paused" if over else state)
        if why:
            self.snapshot = self.snapshot._replace(problem=why)
        self._tell(self.snapshot)
