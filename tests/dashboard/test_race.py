"""Races: what a link may say, what becomes of walks, and what is shown of them."""

from __future__ import annotations

import math

import ipyvuetify
import numpy as np
import pytest

from adaptsim.dashboard.chart import Chart
from adaptsim.dashboard.landscape.controls import walks_table
from adaptsim.dashboard.landscape.live_race import LiveRace, found_limits, loss_range, walked
from adaptsim.dashboard.landscape.race import LENGTHS, begin, from_query
from adaptsim.dashboard.landscape.stories import LANDSCAPE_STORIES
from adaptsim.dashboard.offered_parts import landscapes
from adaptsim.schema import WrongRequest

from .test_pages import named, opened, shows

ONE = "landscape=Bowl&rules=1&steps=100"


def test_link_brings_back_the_race():
    told = (
        "landscape=Canyon&rules=3&b.rule.kind=Adam&c.rule.momentum=0.5"
        "&x=1.5&y=-0.5&steps=1000&speed=100&zoom=2"
    )
    race, problems = from_query(told)
    assert not problems
    again, problems = from_query(race.query())
    assert not problems
    assert again.query() == race.query()
    assert [type(one).__name__ for one in again.rules] == ["GradientDescent", "Adam", "Momentum"]
    assert (again.start, again.steps, again.speed, again.zoom) == ((1.5, -0.5), 1000, 100, 2.0)


def test_hostile_links_do_no_harm():
    hostile = "landscape=os:system&a.rule.kind=os:system&steps=1e99"
    race, problems = from_query(hostile)
    assert type(race.landscape).__name__ == "Himmelblau"
    assert "did you mean" in problems[0] or "Allowed" in problems[0]
    race, problems = from_query(
        ONE + "&a.rule.learning_rate=1e300&x=1e300&y=2&zz.a=1&landscape.dimension=9&speed=inf"
    )
    assert race.rules[0].learning_rate <= 1e9
    assert race.start == (1e9, 2.0)
    assert race.landscape.dimension == 2
    assert len(problems) == 3
    assert from_query("steps=1e99")[0].steps == LENGTHS[-1]
    for name, value in [("start", ("nan", 1)), ("start", "ab"), ("rule.x", 1), ("__class__", 1)]:
        with pytest.raises(WrongRequest):
            race.changed(0, name, value)


def test_every_story_opens_without_a_problem_and_its_moves_work():
    for story in LANDSCAPE_STORIES:
        race, problems = from_query(story.link)
        assert not problems
        for move in story.moves:
            for run, name, value in move.changes:
                race.changed(run, name, value)


@pytest.mark.parametrize(
    "names",
    [
        ("Canyon", "Easom", "MuellerBrown"),
        pytest.param(landscapes(2), marks=pytest.mark.slow, id="all"),
    ],
)
def test_landscapes_begin_with_a_view_that_holds_start_and_best_minimum(names):
    for name in names:
        race = begin(name)
        (x0, x1), (y0, y1) = race.view()
        assert x1 - x0 == pytest.approx(y1 - y0)
        places = [race.start, *[np.asarray(one.theta) for one in race.landscape.minima()[:1]]]
        for x, y in places:
            assert x0 <= x <= x1
            assert y0 <= y <= y1


def test_limits_are_those_of_the_sharpest_curvature_and_found_from_the_step():
    race, _ = from_query("landscape=Canyon&rules=2&b.rule.kind=Momentum&b.rule.momentum=0.5")
    largest = float(race.landscape.largest_curvature(np.zeros(2)))
    assert race.limit(0) == pytest.approx(2 / largest)
    assert race.limit(1) == pytest.approx(3 / largest)
    first = race.without(1)
    assert found_limits(first)[0] == pytest.approx(2 / largest, rel=1e-9)
    assert begin("MonkeySaddle").limit(0) is None


@pytest.mark.parametrize(
    ("rate", "word"), [(0.5, "converged"), (2.0, "cycling"), (2.5, "diverged")]
)
def test_a_walk_on_a_bowl_does_what_theory_says(rate, word):
    race, _ = from_query(f"{ONE}&a.rule.learning_rate={rate}")
    (one,) = walked(race)
    assert one.word.word == word
    steps = np.arange(20)
    theory = race.landscape.loss(np.array(race.start)) * (1 - rate) ** (2 * steps)
    np.testing.assert_allclose(one.above[:20], np.maximum(theory, 1e-16), rtol=1e-9)
    low, high = loss_range((one,))
    assert 1e-16 <= low < high < 1e5


class Canvas:
    """A chart that remembers."""

    def __init__(self):
        self.frames, self.image = [], None

    def push(self, blocks, *, axes=None):
        self.frames.append(({one.id: one.numbers for one in blocks}, axes))
        return 0


def test_live_race_shows_all_then_replays_from_a_new_start():
    race, _ = from_query(f"{ONE}&a.rule.learning_rate=0.5&speed=1000")
    told = []
    live = LiveRace(race, told.append)
    live.map, live.losses = Canvas(), Canvas()
    live.player.refresh()
    live.player.wait()
    assert told[0].state == "preparing"
    assert told[-1].step == 100
    assert live.map.image["source"].startswith("data:image/png;base64,")
    assert len(live.map.frames[-1][0]["path-a"]) == 101
    assert len(live.map.frames[-1][0]["path-b"]) == 0
    live.adopt(race.changed(None, "start", (0.5, -1.5)), replay=True)
    live.player.wait()
    first, last = live.map.frames[-2][0], live.map.frames[-1][0]
    assert len(first["path-a"]) <= 100 < len(last["path-a"])
    np.testing.assert_allclose(last["path-a"][0], [0.5, -1.5])
    np.testing.assert_allclose(last["now-a"][0], [0, 0], atol=1e-9)
    assert live.snapshot.state == "paused"
    live.reset()
    live.player.wait()
    assert live.snapshot.step == 0
    live.step()
    live.player.wait()
    assert live.snapshot.step == 1
    table = walks_table(live)
    assert len(table) == 101
    assert table["above_minimum"].iloc[0] == pytest.approx(
        float(race.landscape.loss(np.array([0.5, -1.5])))
    )
    live.close()


def test_a_path_that_leaves_is_cut_off_far_outside():
    race, _ = from_query(f"{ONE}&a.rule.learning_rate=3.5")
    live = LiveRace(race, lambda snapshot: None)
    live.map, live.losses = Canvas(), Canvas()
    live.player.refresh()
    live.player.wait()
    path = live.map.frames[-1][0]["path-a"]
    assert 1 < len(path) < 20
    assert math.isfinite(np.abs(path).max())
    live.close()


def test_page_obeys_its_slider_and_its_map_but_nothing_tampered():
    context = opened(f"/landscape?{ONE}&a.rule.learning_rate=0.5")
    assert {one.name for one in context.find(Chart).widgets} == {"map", "losses"}
    named(context, ipyvuetify.Slider, "slider-rate-a").v_model = 1.5
    shows(context, "number-rate-a", "1.5")
    for tampered in (1e300, "os.system", float("nan"), {"a": 1}):
        named(context, ipyvuetify.Slider, "slider-rate-a").v_model = tampered
        shown = float(named(context, ipyvuetify.TextField, "number-rate-a").v_model)
        assert 0 <= shown <= 2.5
    chart = next(one for one in context.find(Chart).widgets if one.name == "map")
    chart.vue_clicked({"x": -0.5, "y": 0.25})
    shows(context, "number-start-1", "-0.5")
    for data in ({"x": "1", "y": 2}, {"x": float("nan"), "y": 1}, None):
        chart.vue_clicked(data)
    shows(context, "number-start-2", "0.25")
    context.close()
