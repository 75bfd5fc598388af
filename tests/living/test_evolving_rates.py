"""The story of evolving rates: parts on a smaller scale, its picture, the whole."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scripts import as_a_reader, load

from adaptsim import theory

SMALLER = {
    "REPLICATES": 8,
    "SIZE": 200, "GENERATIONS": 150, "MANY": 320, "LATE": 256, "GROWN": 80, "SWERVE": 0.03,
}  # fmt: skip
APPROXIMATE = (
    "generations to extinction",  # theory leaves chance and lost variance out
    "lag of evolution at 0.8",  # few individuals lose variance when they must be fast
    "exponent of the best rate",  # the square root is a limit
)


@cache
def smaller():
    return load("living/evolving_rates", **SMALLER)


def assert_agrees(rows):
    """Assert that what was measured is theory, within 4 standard errors."""
    both = [row for row in rows if np.isfinite(row[2]) and np.isfinite(row[3])]
    assert both
    for name, measured, known, error in both:
        assert abs(measured - known) <= 4 * error, name


def test_a_moving_optimum_is_followed_with_the_lag_of_theory():
    script = smaller()
    lags = [script.lag_behind(share) for share in (0.2, 0.5)]
    assert_agrees([("lag", seen[0], known, seen[1]) for seen, known in lags])
    assert 0.3 < lags[0][1] < lags[1][1]


def test_beyond_the_critical_rate_populations_last_the_shorter_the_faster():
    """Theory leaves out what makes the end come sooner, so it is above; far beyond it is near."""
    script = smaller()
    lasted = [script.lasting(share) for share in script.FAST]
    measured, error, known = np.array([(*seen, told) for seen, told in lasted]).T
    assert (np.diff(measured) < 0).all()
    assert (measured < known + 4 * error).all()
    assert (measured > 0.6 * known).all()
    assert measured[-1] == pytest.approx(known[-1], rel=0.15)


def test_slopes_evolve_to_the_regression_on_the_cue():
    script = smaller()
    period = script.PERIODS[0]
    evolved, best, born = script.evolving_slope(period)
    assert best == pytest.approx(2 / 3 * np.cos(2 * np.pi / 20), rel=1e-12)
    assert_agrees([("slope", evolved[0], best, evolved[1])])
    kind = script.ReactionNorm(slope=born, observation_noise=script.BLUR**0.5)
    seen = script.followed(kind, script.AT_ONCE, period, seed=7, groups=script.REPLICATES)
    known = script.slope_theory(period)
    assert_agrees([(name, *pair, error) for name, (pair, error) in zip(
        script.MEASURED, [((one[0], told), one[1]) for one, told in zip(seen, known, strict=True)],
        strict=True)])  # fmt: skip


def test_a_population_that_only_evolves_is_late_as_theory_says():
    script = smaller()
    measured, known = script.evolving_trait(script.PERIODS[1])
    rows = [(name, *seen[:1], told, seen[1])
            for name, seen, told in zip(script.MEASURED, measured, known, strict=True)]  # fmt: skip
    assert_agrees(rows)


@pytest.mark.parametrize(("lag", "gain"), [(3.0, 0.5), (0.0, 1.0), (12.5, 0.1)])
def test_lag_and_gain_are_read_off_a_tone(lag, gain):
    time = np.arange(205)[:, None]
    drive = np.sin(2 * np.pi * time / 40)
    output = gain * np.sin(2 * np.pi * (time - lag) / 40) + 7
    late, seen = smaller().demodulated(output, drive[:, 0], 40)
    assert late == pytest.approx([lag], abs=1e-9)
    assert seen == pytest.approx([gain], rel=1e-9)


def test_each_way_is_best_somewhere():
    """Plasticity for a fast swing, learning for a slower one; evolution alone never, here."""
    script = smaller()
    periods, told = script.curves(9)
    errors = np.array([told[way][:, 3] for way in script.WAYS])
    ways = [script.WAYS[index] for index in errors.argmin(axis=0)]
    assert ways[0] == "plasticity"
    assert ways[-1] == "evolving rate"
    assert "evolving trait" not in ways
    assert (periods[[0, -1]] == script.PERIODS[[0, -1]]).all()
    assert (errors[0] >= errors[1]).all()  # a rate that evolves is as good as any other


def test_its_picture_has_units(tmp_path):
    script, rng = smaller(), np.random.default_rng(0)

    def rates(many):
        return [((0.1 + rng.random(), 0.01), 0.2, 0.19) for _ in range(many)]

    def pairs(many):
        return [((rng.random(), 0.1), 0.5) for _ in range(many)]

    ways = {way: [(rng.random((4, 2)), np.ones(4)) for _ in script.PERIODS] for way in script.WAYS}
    wide = np.geomspace(20, 1280, 5)
    figure = script.evolving_rates_figure(
        (script.CELLS, rates(len(script.CELLS))),
        (script.HAZARDS, rates(len(script.HAZARDS))),
        (script.REVERSIONS, rates(len(script.REVERSIONS)), 5.0),
        (2 * np.pi * script.SWINGS / 720, rng.random((2, len(script.SWINGS), 2)), 5.0),
        (script.SLOW, pairs(4), *pairs(1), script.FAST, pairs(4)),
        (script.PERIODS, ways, (wide, {way: np.ones((5, 4)) for way in script.WAYS})),
    )
    figure.set_layout_engine("none")  # which takes seconds
    figure.savefig(tmp_path / "figure.png", dpi=60)
    for axes in figure.get_axes():
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert label.endswith("]"), label


@pytest.mark.slow
def test_the_whole_story(tmp_path, monkeypatch, capsys):
    """More than a minute."""
    left, printed = as_a_reader("living/evolving_rates", tmp_path, monkeypatch, capsys)
    assert "slope evolved" in printed
    table: pd.DataFrame = left["table"]
    rows = [tuple(row) for row in table.itertuples(index=False)]
    winners = [row for row in rows if row[0].endswith("the winner")]
    others = [row for row in rows if row not in winners and not row[0].startswith(APPROXIMATE)]
    assert_agrees([row for row in others if row[2] > 0])
    lost = {name: measured for name, measured, known, _ in rows if known == 0}
    assert len(lost) == 3  # relative mutations come to 0 ever more slowly
    assert max(lost.values()) < 0.01
    found = {row[0]: row[1:] for row in rows}
    for name, measured, known, _ in winners:
        if known:
            assert measured == pytest.approx(known, rel=0.04), name
    at_edge = found["fastest swing at which learners stay [rad/step]"]
    assert theory.evolution.edge_omega(price=left["PRICE"]) < at_edge[0] < at_edge[1]
    lag, known, error = found["lag of evolution at 0.8 of the critical rate"]
    assert known < lag < 1.1 * known
    for share in left["FAST"]:
        measured, known, error = found[f"generations to extinction at {share:g} of it"]
        assert known * 0.6 < measured < known + 4 * error
