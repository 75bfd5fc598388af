"""Live runs: what a page shows is what the command line would have computed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from adaptsim.dashboard.track import live_run
from adaptsim.dashboard.track.comparison import begin, from_query
from adaptsim.dashboard.track.live_comparison import LiveComparison
from adaptsim.dashboard.track.live_run import LiveRun
from adaptsim.runs import run
from adaptsim.schema import WrongRequest


@pytest.fixture(scope="module")
def tone():
    """Return a noisy tracker behind a sine, as the page begins with it."""
    query = "scenario=tracker_tone&runs=1&size=20&a.agent.observation_noise=0.2"
    return from_query(f"{query}&a.rule.learning_rate=0.3", "x")[0]


def live(comparison):
    """Return the runs of a comparison with a place for its frames."""

    class Place:
        def push(self, blocks, *, axes):
            self.blocks, self.axes = {one.id: one.numbers for one in blocks}, axes
            return 0

    made = LiveComparison(comparison)
    made.course, made.loop = Place(), Place()
    return made


def test_measures_are_those_of_the_command_line(tone):
    scenario = dataclasses.replace(tone.runs[0], steps=300)
    own = LiveRun(scenario)
    own.advance(300)
    ours, theirs = own.measured(), run(scenario).table
    assert ours.measure.tolist() == theirs.measure.tolist()
    assert {"phase_lag", "gain", "tracking_mse", "gain_margin"} <= set(ours.measure)
    for column in ("value", "theory", "ci_low"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-12)


def test_how_steps_are_taken_does_not_matter(tone):
    at_once, one_by_one = LiveRun(tone.runs[0]), LiveRun(tone.runs[0])
    at_once.advance(23)
    for _ in range(23):
        one_by_one.advance(1)
    assert np.array_equal(at_once.moment.state.trait, one_by_one.moment.state.trait)
    one, other = at_once.rows()["trait"], one_by_one.rows()["trait"]
    np.testing.assert_allclose(one.output, other.output, rtol=1e-12, atol=1e-15)


def test_a_changed_rate_acts_at_once_and_measures_begin_anew(tone):
    own = LiveRun(tone.runs[0])
    own.advance(100)
    before = own.measured()
    changed = tone.changed(0, "rule.learning_rate", 0.6).runs[0]
    own.change(changed, "rule.learning_rate = 0.6")
    told = own.measured(before).set_index("measure")
    assert told.value.isna()["phase_lag"]
    assert told.theory["gain_margin"] == pytest.approx(2 / 0.6)
    own.advance(120)
    measured = own.measured().set_index("measure")
    assert measured.value["gain_margin"] == pytest.approx(2 / 0.6)
    assert measured.value["phase_lag"] == pytest.approx(measured.theory["phase_lag"], abs=0.3)
    assert own.changes == [(100, "rule.learning_rate = 0.6")]


def test_runs_see_the_same_world_and_have_the_same_luck(tone):
    two = live(tone.added())
    two.open()
    two.player.wait()
    one, other = (made.rows()["trait"] for made in two.runs)
    assert np.array_equal(one.output, other.output)
    assert np.array_equal(one.target, other.target)


def test_an_unstable_run_diverges_by_name_and_others_go_on():
    comparison, _ = from_query(
        "scenario=tracker_noise&runs=2&size=4&a.rule.learning_rate=5&b.rule.learning_rate=0.5"
        "&a.agent.start_at=1&b.agent.start_at=1",
        "x",
    )
    made = live(comparison)
    made.open()
    made.player.wait()
    made.player.step(500)
    made.player.wait()
    assert made.runs[0].gone
    assert made.runs[1].steps > 500
    made.measure([one.still() for one in made.runs])
    assert [one.word for one in made.snapshot.words] == ["diverged", "tracking"]
    low, high = made.course.axes["y"]
    assert -10 < low < high < 10
    for numbers in made.course.blocks.values():
        assert np.isfinite(numbers[:, 0]).all()


def test_the_step_limit_is_told(tone, monkeypatch):
    monkeypatch.setattr(live_run, "MOST_STEPS", 130)
    made = live(tone)
    made.open()
    made.player.wait()
    made.player.play()
    made.player.wait()
    assert made.runs[0].steps == 130
    assert made.snapshot.state == "stopped"


def test_too_many_numbers_are_refused():
    scenario = dataclasses.replace(begin("tracker_noise").runs[0], size=10**6)
    with pytest.raises(WrongRequest, match="at most 20,000"):
        LiveRun(scenario)
    wide = begin("synapse_oja").changed(None, "size", 20_000)
    with pytest.raises(WrongRequest, match="smaller population"):
        LiveRun(wide.changed(None, "agent.feedback_delay", 1000).runs[0])
