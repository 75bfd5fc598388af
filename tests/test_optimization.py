"""Optimizations: who wins where, with what certainty, and what is written of it."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from adaptsim import Adam, GradientDescent, Landscape, Momentum, WrongRequest
from adaptsim.landscapes import Bowl, Canyon, DoubleWell, Noisy, Rosenbrock
from adaptsim.optimization import line_of_starts, optimize
from adaptsim.theory import speed_limits

RULES = {"plain": GradientDescent(), "heavy": Momentum(momentum=0.8)}


@pytest.fixture(scope="module")
def canyon():
    rates = np.geomspace(1e-3, 0.1, 121)
    return optimize(Canyon(), RULES, rates=rates, starts=6, steps=1500)


@pytest.fixture(scope="module")
def suite():
    return optimize(["Booth", "Beale", "Himmelblau"], RULES, steps=400, starts=4)


def row(found, rule, measure):
    table = found.table
    return table[(table["rule"] == rule) & (table["measure"] == measure)].iloc[0]


def test_the_best_rate_on_a_quadratic_is_that_of_theory(canyon):
    best = row(canyon, "plain", "best_learning_rate")
    assert best["theory"] == pytest.approx(speed_limits.best_rate(1.0, 100.0))
    step = (0.1 / 1e-3) ** (1 / 120)
    assert best["ci_low"] / step <= best["theory"] <= best["ci_high"] * step


@pytest.mark.parametrize(("rule", "limit"), [("plain", 0.02), ("heavy", 0.036)])
def test_the_largest_rate_that_settles_brackets_the_speed_limit(canyon, rule, limit):
    settled = row(canyon, rule, "largest_settling_rate")
    assert settled["theory"] == pytest.approx(limit, rel=1e-9)
    # just below the limit walks are too slow to come to rest within the steps: one rate of slack
    step = (0.1 / 1e-3) ** (1 / 120)
    assert settled["ci_low"] <= limit <= settled["ci_high"] * step


def test_momentum_is_ahead_in_a_canyon_and_surely_so(canyon):
    table = canyon.ranking().table()
    assert table["rule"].tolist() == ["heavy", "plain"]
    assert table["verdict"].tolist() == ["best", "worse than the best"]
    spent = [row(canyon, name, "expected_evaluations")["value"] for name in ("heavy", "plain")]
    assert spent[0] < spent[1]
    assert row(canyon, "plain", "success_rate")["value"] == 1.0


def test_each_coordinate_shrinks_as_its_curvature_says(canyon):
    entry = canyon.entries["Canyon"]["plain"]
    places = entry.walks.places[entry.place, :, 0]
    exact = (1 - entry.walks.rates[entry.place] * np.array([1.0, 100.0])) ** 200
    np.testing.assert_allclose(places[:, 300], places[:, 100] * exact, rtol=1e-9)


def test_basins_know_the_limit(canyon):
    offsets, codes = canyon.basins("Canyon")["plain"]
    rates = canyon.contest.rates
    assert (codes[rates > 0.0201] == 4).all()
    assert (codes[(rates > 0.015) & (rates < 0.019)] == 0).all()
    assert len(offsets) == codes.shape[1]


def test_files_hold_what_was_found(canyon, tmp_path):
    place = canyon.write(tmp_path / "out")
    written = sorted(one.name for one in place.iterdir())
    assert written == [
        "figure.png",
        "measures.csv",
        "ranking.csv",
        "run.json",
        "trajectory.parquet",
    ]
    table = pd.read_csv(place / "measures.csv")
    columns = "scenario kind group measure value unit ci_low ci_high theory method convention flag"
    assert set(columns.split()) <= set(table.columns)
    told = json.loads((place / "run.json").read_text())
    assert told["optimize"]["landscapes"]["Canyon"]["condition_number"] == 100.0
    walks = pd.read_parquet(place / "trajectory.parquet")
    assert set(walks["rule"]) == {"plain", "heavy"}
    assert walks["loss"].notna().all()


def test_a_run_is_run_again_from_its_file(suite, tmp_path):
    place = suite.write(tmp_path / "out")
    again = optimize(str(place / "run.json"))
    pd.testing.assert_frame_equal(again.table, suite.table)


def test_the_pictures_say_what_their_axes_are(canyon, suite):
    for found in (canyon, suite):
        figure = found.figure()
        labels = " ".join(axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes)
        assert "gradients" in labels
    assert "[1/curvature]" in " ".join(one.get_xlabel() for one in canyon.figure().axes)


def test_many_coordinates_are_drawn_without_a_line_of_starts():
    found = optimize(Bowl(dimension=21), {"plain": GradientDescent()}, starts=1, steps=3)
    assert found.basins("Bowl") == {}
    titles = [axes.get_title(loc="left") for axes in found.figure().axes]
    assert titles[1:] == ["where walks end, by rate", "dot: mean rank; bar: places not ruled out"]


def test_a_suite_has_runtimes_and_profiles(suite):
    for rule in RULES:
        steps = suite.runtimes(rule)
        assert (np.diff(steps.fraction) > 0).all()
        assert 0 < steps.fraction[-1] <= 1
    profile = suite.profile()
    assert profile.fraction.shape[0] == 2
    assert profile.best.sum() >= profile.solved.max()
    assert set(suite.rankings()["landscape"]) == {"Booth", "Beale", "Himmelblau"}


def test_every_ranking_comes_with_its_uncertainty(suite):
    ranks = suite.table[suite.table["measure"] == "rank"]
    assert ranks[["ci_low", "ci_high"]].notna().all().all()
    assert (ranks["flag"] != "").all()


def test_noise_gives_every_seed_its_own_walk():
    noisy = Noisy(landscape=DoubleWell(), level=0.3)
    found = optimize(noisy, GradientDescent(), rates=[0.05], starts=1, seeds=5, steps=50)
    walks = found.entries["Noisy"]["GradientDescent"].walks
    assert len(np.unique(walks.end[0, 0, :, 0])) == 5


def test_what_diverges_or_is_not_a_number_is_a_result():
    found = optimize(Rosenbrock(), GradientDescent(), rates=[0.5, 1.0], steps=50)
    assert "100% of walks diverged" in set(found.table["flag"])
    import jax.numpy as jnp

    torn = Landscape.from_function(lambda x: jnp.sum(jnp.log(x)), 2, start=2.0)
    found = optimize(torn, Adam(), rates=[0.5], steps=50, starts=2)
    assert math.isnan(found.table.set_index("measure").loc["final_loss", "theory"])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"landscapes": "Booht"}, "did you mean 'Booth'?"),
        ({"landscapes": "Booth", "rules": "Adma"}, "did you mean 'Adam'?"),
        ({"landscapes": "Booth", "rates": [-1.0]}, "rates must be a number above 0; got -1.0"),
        ({"landscapes": "Booth", "rates": [0.0]}, "rates must be a number above 0; got 0.0"),
        ({"landscapes": "Booth", "rates": [math.inf]}, "rates must be a number above 0; got inf"),
        ({"landscapes": "Booth", "starts": [[99.0, 0.0]]}, "in the domain"),
        ({"landscapes": "Booth", "starts": [[1.0, 0.0, 0.0]]}, "2 coordinates on Booth; got 3"),
        ({"landscapes": "Booth", "steps": 0}, "steps must be a whole number"),
    ],
)
def test_a_wrong_request_is_one_clear_message(told, words):
    with pytest.raises(WrongRequest) as error:
        optimize(**({"rules": GradientDescent()} | told))
    assert words in str(error.value)


def test_a_line_of_starts_runs_through_the_minimum_within_the_domain():
    offsets, starts = line_of_starts(Rosenbrock())
    np.testing.assert_allclose(np.linalg.norm(starts - 1.0, axis=1), np.abs(offsets), rtol=1e-9)
    assert all(Rosenbrock().contains(start) for start in starts)


def test_losses_that_differ_by_rounding_only_are_ties():
    """Both rules come to rest, half of their walks in the other posture of the arm."""
    rules = {"plain": GradientDescent(learning_rate=0.3), "heavy": Momentum(learning_rate=0.1)}
    found = optimize("RobotArm", rules, rates=[0.2], starts=[[0.5, 0.5], [1.0, -1.0]], steps=3000)
    entries = found.entries["RobotArm"]
    ends = [one.walks.loss[0, :, 0, -1] for one in entries.values()]
    np.testing.assert_allclose(*ends, rtol=1e-12)
    assert found.ranked_by(entries) == "loss"
    assert set(found.ranking().mean_rank) == {1.5}
