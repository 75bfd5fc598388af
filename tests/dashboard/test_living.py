"""Living systems: courses beside theory, links, what a browser sends, and the page as widgets."""

from __future__ import annotations

import threading
import time

import ipyvuetify
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import theory
from adaptsim.dashboard.chart import Chart
from adaptsim.dashboard.living import SYSTEMS
from adaptsim.dashboard.living.live import LiveSystem
from adaptsim.dashboard.living.patches import SIZE
from adaptsim.dashboard.living.shown import Shown, begin, from_query
from adaptsim.dashboard.living.stories import LIVING_STORIES
from adaptsim.recommending import gap_courses, score_gaps
from adaptsim.schema import WrongRequest

from .test_pages import named, opened, shows


def cells(course):
    return {row.name: row.cells[0] for row in course.rows}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_course_has_a_word_rows_and_frames_at_every_step(name):
    system = SYSTEMS[name]()
    course = system.course()
    assert course.word.word
    assert course.word.sentence.endswith(".")
    assert any(np.isfinite(row.cells[0].theory) for row in course.rows)
    known = [{one["id"] for one in look["series"]} for look in system.looks]
    for step in (0, 1, system.steps):
        shown = [one(step) for one in (course.left, course.right, course.below) if one]
        for frame, series in zip(shown, known, strict=True):
            assert {one.id for one in frame.blocks} <= series
            for low, high in frame.axes.values():
                assert np.isfinite([low, high]).all()
                assert low < high
    assert len({len(column) for column in course.columns.values()}) == 1


@pytest.mark.parametrize(
    ("rate", "word"), [(0.3, "prey cycle"), (1.4, "at rest"), (5.0, "learning cycles")]
)
def test_a_community_rests_inside_the_window_of_learning_rates_only(rate, word):
    course = begin("community").changed("learning_rate", rate).system.course()
    assert course.word.word == word
    found = cells(course)
    for name in ("growth", "from", "to"):
        assert found[name].found == pytest.approx(found[name].theory, rel=1e-9)
    resting = abs(found["mean-prey-1"].found - found["mean-prey-1"].theory) < 0.01
    assert resting == (word == "at rest")


def test_the_window_is_marked_where_there_is_one_and_drawn_beside_what_grows():
    system = begin("community").system
    low, _, high = system.marks()["learning_rate"]
    known = system.community().theory()
    assert [low, high] == pytest.approx(known.hopf_rates())
    drawn = {one.id: one.numbers for one in system.course().below(0).blocks}
    assert drawn["window"][:, 0] == pytest.approx([low, high])
    inside = (drawn["growth"][:, 0] > low) & (drawn["growth"][:, 0] < high)
    np.testing.assert_array_equal(drawn["growth"][:, 1] < 0, inside)
    rich = begin("community").changed("capacity", 6.0).changed("learning_rate", 1.35).system
    assert rich.community().theory().hopf_rates().size == 2  # another pair of them is unstable
    assert rich.marks() == {}
    assert rich.course().word.word == "cycling"


def test_a_community_that_cannot_live_says_so():
    shown = begin("community").changed("capacity", 1.0).changed("handling", 0.8)
    assert shown.system.course().word.word == "lost"
    assert shown.system.marks() == {}


def test_searchers_follow_as_a_linear_tracker_and_match_inputs():
    found = cells(begin("patches").system.course())
    for name in ("lag", "gain"):
        assert found[name].found == pytest.approx(found[name].theory, rel=1e-3)
    share = found["share"].theory
    effective = SIZE * 3  # of 150 steps with predators that keep their places for tens of them
    assert abs(found["share"].found - share) < 4 * np.sqrt(share * (1 - share) / effective)


def test_predators_stand_where_the_ideal_free_distribution_has_them():
    course = begin("patches").changed("amplitude", 0.0).system.course()
    drawn = {one.id: one.numbers[:, 1] for one in course.below(300).blocks}
    assert drawn["ideal"].sum() == pytest.approx(1)
    assert drawn["found"].sum() == pytest.approx(1)
    error = np.sqrt(drawn["ideal"] * (1 - drawn["ideal"]) / SIZE)  # of one step: many are alike
    assert (np.abs(drawn["found"] - drawn["ideal"]) < 4 * error).all()
    correlation = np.corrcoef(drawn["found"], drawn["ideal"])[0, 1]
    assert correlation > 0.9


def test_gaps_step_by_step_are_those_of_the_bubble():
    courses = gap_courses(3.0, 0.1, users=5, steps=40, seed=2)
    last = score_gaps([3.0], 0.1, users=5, settle=0, steps=40, seed=2).last
    np.testing.assert_array_equal(courses[-1], last[0])


def test_small_steps_bring_users_to_the_pitchfork():
    slow = begin("bubble").changed("sharpness", 4.0).changed("rate_a", 0.05)
    size = cells(slow.system.course())["size"]
    assert size.theory == pytest.approx(float(theory.recommender.bubble(4.0)))
    assert size.found == pytest.approx(size.theory, abs=0.012)  # 4 errors of 400 users
    open_ = cells(begin("bubble").changed("sharpness", 1.0).system.course())["spread"]
    error = open_.theory / np.sqrt(2 * 400)  # at least so many independent users
    assert abs(open_.found - open_.theory) < 4 * error + 0.05 * open_.theory


def test_hasty_scores_leave_their_bubbles_and_slow_ones_do_not():
    shown = begin("bubble").changed("sharpness", 3.0).changed("rate_b", 0.5)
    slow, fast = {row.name: row.cells for row in shown.system.course().rows}["flips"]
    assert slow.found < 0.05 < 0.5 < fast.found


def test_a_neuron_is_calm_from_the_methylation_of_theory_on():
    for methylation, calm in ((0.3, False), (0.5, True)):
        course = begin("synapses").changed("methylation", methylation).system.course()
        found = cells(course)
        assert found["critical"].found == pytest.approx(found["critical"].theory, abs=1e-9)
        assert found["radius"].found == pytest.approx(found["radius"].theory, rel=1e-12)
        assert (course.word.word != "oscillating") == calm
        assert (found["swing"].found < 0.1) == calm


def test_only_swings_that_were_seen_whole_are_drawn():
    frame = begin("synapses").system.course().right(0)
    drawn = {one.id: one.numbers for one in frame.blocks}
    assert 0 not in drawn["largest"][:, 0]  # such a swing lasts longer than the page looks
    assert len(drawn["largest"]) == len(drawn["least"]) > 15
    assert (drawn["largest"][:, 1] >= drawn["least"][:, 1]).all()


def test_a_population_evolves_to_the_rate_of_theory():
    course = begin("evolution").system.course()
    found = cells(course)
    assert found["rate"].found == pytest.approx(found["rate"].theory, rel=0.08)  # one population
    late = course.columns["mean_squared_error"][150:].reshape(15, 10).mean(axis=1)
    error = late.std(ddof=1) / np.sqrt(len(late))
    assert found["error"].found == pytest.approx(late.mean())
    assert abs(found["error"].found - found["error"].theory) < 4 * error


def test_every_story_opens_and_every_move_fits():
    assert set(LIVING_STORIES) == set(SYSTEMS)
    for name, stories in LIVING_STORIES.items():
        for story in stories:
            shown, problems = from_query(story.link)
            assert not problems
            assert shown.name == name
            for move in story.moves:
                for _, field, value in move.changes:
                    assert getattr(shown.changed(field, value).system, field) == value


@settings(deadline=None)
@given(st.sampled_from(sorted(SYSTEMS)), st.data())
def test_whatever_a_browser_sends_stays_within_limits_and_links_bring_it_back(name, data):
    shown = begin(name)
    field = data.draw(
        st.sampled_from([one.name for one in shown.system.__dataclass_fields__.values()])
    )
    value = data.draw(st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans()))
    try:
        changed = shown.changed(field, value)
    except WrongRequest:
        return
    told = type(shown.system).__dataclass_fields__[field].metadata
    assert told["at_least"] <= getattr(changed.system, field) <= told["at_most"]
    again, problems = from_query(changed.query())
    assert not problems
    assert again.query() == changed.query()


def test_what_is_not_offered_is_refused_with_the_nearest_name():
    for name, value, told in (
        ("system", "bubbel", "bubble"),
        ("sharpnes", 1.0, "sharpness"),
        ("sharpness", "os", "must be a number"),
        ("speed", "fast", "must be a number"),
    ):
        with pytest.raises(WrongRequest, match=told):
            begin("bubble").changed(name, value)
    shown, problems = from_query("?system=../etc&x=1")
    assert (shown.name, len(problems)) == ("community", 1)


class Screen:
    """A chart that draws at once."""

    def __init__(self):
        self.image, self.frames = {}, []

    def push(self, blocks, *, axes=None):
        self.frames.append(blocks)
        return len(self.frames)


def until(happened, seconds=60.0):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_system_plays_from_the_start_to_the_end_and_is_gone_when_closed():
    told = []
    live = LiveSystem(Shown("patches", SYSTEMS["patches"](), speed=1000), told.append)
    left, right = Screen(), Screen()
    left_push = left.push

    def push(blocks, *, axes=None):
        number = left_push(blocks, axes=axes)
        live.player.drawn(number)
        return number

    left.push = push
    live.attach(left, right)
    until(lambda: live.snapshot.step == 300 and right.frames)
    assert left.image["source"].startswith("data:image/png")
    live.toggle()
    until(lambda: any(one.state == "playing" and 0 < one.step < 300 for one in told))
    until(lambda: told[-1].state == "paused" and told[-1].step == 300)
    assert len(right.frames) > 5
    live.adopt(live.shown.changed("system", "bubble"))
    until(lambda: live.snapshot.step == 400 and left.image == {})
    live.close()
    live.player.wait()
    assert not [one for one in threading.enumerate() if one.name == "adaptsim player"]


def test_the_page_obeys_its_slider_and_not_a_tampered_one():
    context = opened("/living-systems?system=bubble&sharpness=2.5")
    slider = named(context, ipyvuetify.Slider, "slider-sharpness")
    slider.v_model = 4.0
    shows(context, "number-sharpness", "4")
    for tampered in (1e300, "os.system", float("nan"), {"a": 1}):
        named(context, ipyvuetify.Slider, "slider-sharpness").v_model = tampered
        assert 0 <= float(named(context, ipyvuetify.TextField, "number-sharpness").v_model) <= 6
    assert {one.name for one in context.find(Chart).widgets} == {"course", "beside"}
