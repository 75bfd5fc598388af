"""The player: plays, steps, paces itself by the browser, and ends."""

from __future__ import annotations

import threading
import time

import pytest

from adaptsim.dashboard import player as playing
from adaptsim.dashboard.player import Player, Stopped


class Film:
    """Something to play: counts steps, frames and what it is told."""

    def __init__(self, *, answers=True, breaks=None):
        self.steps, self.frames, self.told = 0, 0, []
        self.answers, self.breaks = answers, breaks
        self.player = Player(
            self.advance, self.show, lambda state, why: self.told.append((state, why))
        )

    def advance(self, steps):
        self.steps += steps
        if self.breaks and self.steps >= 3:
            raise self.breaks

    def show(self):
        self.frames += 1
        if self.answers:
            threading.Timer(0.001, self.player.drawn, [self.frames]).start()
        return self.frames


def until(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_steps_and_then_rests():
    film = Film()
    film.player.step(7)
    film.player.wait()
    assert (film.steps, film.frames, film.told[-1]) == (7, 1, ("paused", ""))


def test_plays_until_paused_and_again():
    film = Film()
    for _ in range(2):
        before = film.steps
        film.player.play()
        until(lambda: film.steps > before + 3)  # noqa: B023
        film.player.pause()
        film.player.wait()
        stopped = film.steps
        time.sleep(0.1)
        assert film.steps == stopped
    film.player.close()
    film.player.play()
    film.player.wait()
    assert film.steps == stopped


def test_makes_as_many_steps_a_second_as_asked():
    film = Film()
    film.player.speed = 1000
    film.player.step(0)
    film.player.wait()
    film.player.play()
    until(lambda: film.frames > 3)
    film.player.pause()
    film.player.wait()
    assert film.steps % 40 == 0
    assert film.steps >= 80


def test_waits_for_the_browser_and_gives_up(monkeypatch):
    monkeypatch.setattr(playing, "PATIENCE", 0.2)
    film = Film(answers=False)
    film.player.play()
    film.player.wait()
    assert film.frames == playing.AHEAD + 1
    assert film.told[-1] == ("paused", "this page was out of sight")
    assert not film.player.playing


@pytest.mark.parametrize(
    ("breaks", "why"),
    [(Stopped("the world ended"), "the world ended"), (KeyError("x"), "KeyError")],
)
def test_says_why_it_cannot_go_on(breaks, why, capsys):
    film = Film(breaks=breaks)
    film.player.play()
    film.player.wait()
    state, told = film.told[-1]
    assert state == "stopped"
    assert why in told
    assert not film.player.playing


def test_a_frame_asked_for_while_one_is_made_is_made_too():
    film = Film()
    asked = threading.Event()

    def show():
        film.frames += 1
        if film.frames == 1:
            film.player.refresh()
            asked.set()
        return None

    film.player.show = show
    film.player.refresh()
    assert asked.wait(20)
    until(lambda: film.frames == 2)
    film.player.wait()
    assert film.steps == 0
