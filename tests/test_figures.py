"""Figures: units on every axis, no global state, and what diverges stays readable."""

import matplotlib as mpl
import numpy as np
import pytest

import adaptsim
from adaptsim.figures import WONG, shades

SMALL = {"steps": 120, "replicates": 1}
SCENARIOS = {
    "tracker_tone": {"population.size": 3},
    "tracker_step": {},
    "tracker_ramp": {"population.size": 3},
    "tracker_noise": {"population.size": 16},
    "tracker_jumps": {},
    "predator_two_prey": {"population.size": 3},
    "thermostat_weather": {"steps": 600},
    "thermostat_story": {"steps": 30},
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_axis_has_a_label_and_every_picture_draws(name, tmp_path):
    before = dict(mpl.rcParams)
    figure = adaptsim.run(name, SMALL | SCENARIOS[name]).figure()
    figure.savefig(tmp_path / "figure.png")
    assert dict(mpl.rcParams) == before
    drawn = figure.get_axes()
    assert len(drawn) >= 2
    for axes in drawn:
        assert axes.get_ylabel()
    below = [axes for axes in drawn if axes.get_xlabel()]
    assert all("[" in a.get_xlabel() for a in below)


def test_long_names_of_groups_and_questions_stay_within_the_picture():
    question = "How much later is a light user followed than a heavy one? " * 3
    changes = SMALL | {"question": question.strip()}
    figure = adaptsim.run("recommender_users", changes).figure()
    figure.draw_without_rendering()
    frame = figure.bbox
    legends = [axes.get_legend() for axes in figure.get_axes()]
    for one in [figure._suptitle, *(legend for legend in legends if legend is not None)]:
        assert one.get_window_extent().x1 <= frame.x1
    course = figure.get_axes()[0].get_window_extent()
    assert course.width > 0.8 * frame.width


def test_the_optimum_stays_visible_where_something_diverges():
    figure = adaptsim.run("thermostat_rates").figure()
    low, high = figure.get_axes()[0].get_ylim()
    assert -50 < low < 5
    assert 10 < high < 70
    assert any("diverging" in text.get_text() for text in figure.get_axes()[0].texts)


def test_the_line_of_theory_is_theory_not_what_was_measured():
    result = adaptsim.run("tracker_jumps", {"steps": 300, "replicates": 2})
    axes = result.figure().get_axes()[-1]
    line = next(one for one in axes.get_lines() if one.get_label() == "theory")
    told = result.table.query("measure == 'tracking_mse'")["theory"].to_numpy()
    assert np.array_equal(line.get_ydata(), told)
    assert not np.allclose(
        told, result.table.query("measure == 'tracking_mse'")["value"], rtol=1e-4
    )


def test_few_groups_get_clearly_different_colours():
    assert shades(3) == list(WONG[:3])
    assert len({tuple(one) for one in shades(20)}) == 20
