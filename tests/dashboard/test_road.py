"""The road to chaos: what a link may say, the diagram, the portrait, and the page."""

from __future__ import annotations

import math

import ipyvuetify
import numpy as np
import pytest

from adaptsim.dashboard.chart import Chart
from adaptsim.dashboard.job import Cancelled
from adaptsim.dashboard.road.controls import exponent_table, orbit_table
from adaptsim.dashboard.road.live_road import LiveRoad
from adaptsim.dashboard.road.road import KEEP, SHOWN, begin, from_query, portrait, scan
from adaptsim.dashboard.road.stories import ROAD_STORIES
from adaptsim.schema import WrongRequest
from adaptsim.theory.period_doubling import cubic_well_exponent

from .test_pages import named, opened, shows
from .test_race import Canvas


@pytest.fixture(scope="module")
def well():
    return begin("CubicWell")


def test_link_brings_back_the_road():
    told = "landscape=Cosine&rule=Momentum&rule.momentum=0.5&low=2&high=5&rate=3.3&speed=100"
    road, problems = from_query(told)
    assert not problems
    again, problems = from_query(road.query())
    assert not problems
    assert again.query() == road.query()
    assert (again.low, again.high, again.rate, again.rule.momentum) == (2.0, 5.0, 3.3, 0.5)
    assert road.limit() == pytest.approx(3.0)
    assert road.exponent() is None


def test_hostile_links_do_no_harm():
    road, problems = from_query("landscape=Perceptron&rule=os:system")
    assert type(road.landscape).__name__ == "CubicWell"
    assert len(problems) == 1
    road, problems = from_query(
        "landscape=DoubleWell&rule=Langevin&low=-1&high=1e300&rate=nan&speed=x&landscape.kind=a:b"
        "&rule.learning_rate=7&zz=1"
    )
    assert (road.low, road.high) == (0.0, 1e9)
    assert type(road.rule).__name__ == "GradientDescent"
    assert len(problems) == 6
    for value in ((1, 1), (1,), "x", None, ("nan", 2)):
        with pytest.raises(WrongRequest):
            road.changed("range", value)
    assert road.changed("range", (3, 2)).low == 2


@pytest.mark.parametrize("story", ROAD_STORIES, ids=lambda story: story.name)
def test_stories_open_without_a_problem(story):
    road, problems = from_query(story.link)
    assert not problems
    for move in story.moves:
        for _, name, value in move.changes:
            assert road.changed(name, value).rate == value


def test_diagram_grows_and_agrees_with_theory(well):
    parts, told = [], []
    found = scan(well, told.append, parts.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert [len(one.rates) for one in parts] == list(range(50, 401, 50))
    assert found.positions.shape == (400, KEEP)
    known = cubic_well_exponent(found.rates)
    settled = np.isfinite(known) & (np.abs(found.rates - 2) > 0.05) & (found.rates < 2.44)
    finite = settled & (known > -4)
    assert finite.sum() > 100
    np.testing.assert_allclose(found.exponents[finite], known[finite], atol=2e-3)
    resting = found.rates < 1.95
    assert np.abs(found.positions[resting]).max() < 1e-6
    assert np.isnan(found.positions[found.rates > 3.01]).all()

    def cancel(fraction):
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        scan(well, cancel)


@pytest.mark.parametrize(
    ("rate", "word"), [(1.5, "converged"), (2.2, "cycling"), (2.95, "chaotic"), (3.2, "diverged")]
)
def test_portrait_says_what_happens(well, rate, word):
    seen = portrait(well.changed("rate", rate))
    assert (seen.kind, seen.word.word) == ("cobweb", word)
    assert math.isnan(seen.exponent) == (word == "diverged")
    if word == "chaotic":
        assert seen.exponent > 0.1
    if word == "cycling":
        exact = well.changed("rate", rate).exponent()
        assert seen.exponent == pytest.approx(exact, rel=1e-6)
        assert len(np.unique(seen.settled.round(9), axis=0)) == 4  # two places, two corners each
    x, y = seen.curve.T
    np.testing.assert_allclose(y, x - rate * (x - x**2), atol=1e-12)


class Boards:
    """The three charts of the page, in memory."""

    def __init__(self, live):
        live.orbits, live.exponents, live.portrait = Canvas(), Canvas(), Canvas()
        self.orbits, self.portrait = live.orbits.frames, live.portrait.frames


def test_live_road_shows_steps_one_by_one_and_marks_the_rate(well):
    told = []
    live = LiveRoad(well.changed("rate", 2.2), told.append)
    boards = Boards(live)
    live.player.refresh()
    live.player.wait()
    assert told[-1].seen.word.word == "cycling"
    assert len(boards.portrait[-1][0]["first"]) == 2 * SHOWN + 1
    live.step()
    live.player.wait()
    assert len(boards.portrait[-1][0]["first"]) == 3
    assert len(boards.portrait[-1][0]["settled"]) == 0
    assert len(orbit_table(live)) == len(exponent_table(live)) == 0
    live.compute(live.road, lambda fraction: None)
    live.found(2.0)
    frame, axes = boards.orbits[-1]
    assert frame["rate"][0, 0] == 2.2
    assert frame["limit"][0, 0] == frame["doubling"][0, 0] == 2.0
    assert axes["x"] == (well.low, well.high)
    assert np.isfinite(frame["orbits"]).all()
    assert len(exponent_table(live)) == 400
    assert len(orbit_table(live)) == 400 * KEEP
    live.close()


def test_two_coordinates_and_memory_have_portraits_of_their_own():
    seen = portrait(from_query("landscape=Cosine&rule=Momentum&rule.momentum=0.5&rate=2")[0])
    assert (seen.kind, seen.word.word) == ("return map", "converged")
    assert seen.settled[-1] == pytest.approx([0, 0], abs=1e-6)
    seen = portrait(from_query("landscape=ScalarFactorisation&rate=0.5")[0])
    assert (seen.kind, seen.word.word) == ("phase", "converged")
    assert np.prod(seen.settled[-1]) == pytest.approx(1.0)


def test_page_obeys_its_sliders_clicks_and_zoom_but_nothing_tampered():
    context = opened("/road-to-chaos?landscape=CubicWell&low=1.8&high=2.6&rate=2.2")
    charts = {one.name: one for one in context.find(Chart).widgets}
    assert set(charts) == {"orbits", "exponents", "portrait"}

    def shown(name):
        return float(named(context, ipyvuetify.TextField, f"number-{name}").v_model)

    charts["orbits"].vue_clicked({"x": 2.5, "y": 0.0})
    shows(context, "number-rate", "2.5")
    charts["orbits"].vue_zoomed({"x": [2.4, 2.55], "y": [0, 1]})
    for name, text in (("from", "2.4"), ("to", "2.55"), ("rate", "2.5")):
        shows(context, f"number-{name}", text)
    for tampered in ({"x": [2.5, 2.5], "y": [0, 1]}, {"x": ["a", 1], "y": [0, 1]}, {"x": 1}):
        charts["orbits"].vue_zoomed(tampered)
    for tampered in (1e300, "os.system", float("nan"), {"a": 1}):
        named(context, ipyvuetify.Slider, "slider-rate").v_model = tampered
    assert (shown("from"), shown("to")) == (2.4, 2.55)
    assert 2.4 <= shown("rate") <= 2.55
    context.close()
