"""Bulletin: news from threads to a page, never faster than the page can show them.

A thread that changes a page's state while it renders makes it render again; on a slow machine that
never ends, and Solara gives up. A bulletin waits until its last news have been shown, and then
rests the longer the longer that took, so that many pages at once leave time for their frames.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import solara

PAUSE = 0.4
"""Seconds between two pieces of news, at least."""
REST = 4
"""A rest is so many times as long as the last news took to be shown."""
LONGEST = 3.0
"""Seconds between two pieces of news, at most."""
PATIENCE = 30.0
"""Seconds to wait for a page that does not show its news."""


def rest_after(took: float, pause: float = PAUSE) -> float:
    """Return how many seconds to rest after news that took so many to be shown.

    Examples
    --------
    >>> [rest_after(took) for took in (0.02, 0.25, 5.0)]
    [0.4, 1.0, 3.0]
    """
    return max(pause, min(REST * took, LONGEST))


class Bulletin:
    """Hands the latest news on by ``tell``, one at a time; made by `use_bulletin`.

    Examples
    --------
    >>> heard = []
    >>> bulletin = Bulletin(heard.append)
    >>> bulletin.post("rain")
    >>> bulletin.wait()
    >>> heard
    ['rain']
    """

    def __init__(self, tell: Callable[[Any], Any], *, pause: float = PAUSE) -> None:
        self._tell, self._pause = tell, pause
        self._news: list[Any] = []
        self._seen, self._closed = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def post(self, news: Any) -> None:
        """Tell news as soon as may be; only the latest count."""
        with self._lock:
            self._news = [news]
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="adaptsim bulletin", daemon=True
                )
                self._thread.start()

    def seen(self) -> None:
        """Hear that the page has shown the news."""
        self._seen.set()

    def close(self) -> None:
        """Tell nothing any more."""
        self._closed.set()
        self._seen.set()

    def wait(self) -> None:
        """Wait until the latest news have been handed on."""
        while self._news:
            self._closed.wait(0.01)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._news or self._closed.is_set():
                    self._thread = None
                    return
                news = self._news[0]
                self._seen.clear()
            began = time.perf_counter()
            self._tell(news)
            with self._lock:
                if self._news and self._news[0] is news:
                    self._news = []
            self._seen.wait(PATIENCE)
            took = time.perf_counter() - began
            self._closed.wait(rest_after(took, self._pause))


def use_bulletin(first: Any) -> tuple[Any, Bulletin]:
    """Return the latest news, ``first`` at first, and the bulletin to post to; a hook of Solara."""
    told, set_told = solara.use_state(_Told(first))
    bulletin: Bulletin = solara.use_memo(lambda: Bulletin(lambda news: set_told(_Told(news))), [])
    solara.use_effect(bulletin.seen, [told])
    solara.use_effect(lambda: bulletin.close, [])
    return told.news, bulletin


class _Told:
    """News in an envelope: the same news told twice are rendered twice, so that they are seen."""

    def __init__(self, news: Any) -> None:
        self.news = news
