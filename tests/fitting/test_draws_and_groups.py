"""What is drawn, refitted, pooled and counted agrees with the same done in NumPy."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from adaptsim.fitting import fit
from adaptsim.fitting.group import drawn_like
from adaptsim.fitting.recovery import Recovery
from adaptsim.fitting.verdict import heterogeneity
from fitting.worlds import followed, watched

ROWS = 40
DRAWS = 150


@pytest.fixture(scope="module")
def moved():
    """An individual moved by noise, so slowly learning that its test is no foregone conclusion."""
    frame = watched(11, ROWS)
    rng = np.random.default_rng(11)
    frame["trait"] = followed(frame["world"].to_numpy(), 0.03, moved=0.2, rng=rng)
    options = {"noise": "process", "models": ("fixed",), "draws": DRAWS, "seed": 3}
    return fit(frame, environment="world", observed="trait", **options)


def gain_of_learning(world, trait, high):
    """Return twice the log likelihood that one rate from 0 to ``high`` gains over none."""
    x, y = world[:-1] - trait[:-1], np.diff(trait)
    slope = np.clip(x @ y / (x @ x), 0.0, high)
    return len(y) * np.log(np.sum(y**2) / np.sum((y - slope * x) ** 2))


def test_ratios_without_learning_are_those_of_regressions(moved):
    (group,) = moved.groups
    drawn = drawn_like(moved.problem, group, group.place("none"), DRAWS, moved.request.seed)
    worlds, traits = np.asarray(drawn.records.cue), np.asarray(drawn.records.observed)
    ratios = [
        gain_of_learning(world[0, :, 0], trait[0, :, 0], moved.problem.high)
        for world, trait in zip(worlds, traits, strict=True)
    ]
    assert group.drawn_ratios == pytest.approx(ratios, abs=1e-6)
    seen = moved.observations
    ratio = gain_of_learning(seen.cues[0][:, 0], seen.seen[0][:, 0], moved.problem.high)
    test = group.test(group.place("fixed"))
    assert test.statistic == pytest.approx(ratio, rel=1e-8)
    as_large = sum(one >= ratio for one in ratios)
    assert 0 < as_large < DRAWS
    assert test.p_value == pytest.approx((1 + as_large) / (1 + DRAWS))


def test_increments_are_drawn_with_the_noise_that_was_found(moved):
    (group,) = moved.groups
    drawn = drawn_like(moved.problem, group, group.place("none"), DRAWS, 5)
    steps = np.diff(np.asarray(drawn.records.observed)[:, 0, :, 0], axis=1)
    spread = float(group.spread[group.place("none"), 0, 0])
    error = spread / np.sqrt(2 * steps.size)
    assert abs(np.sqrt(np.mean(steps**2)) - spread) < 4 * error


def test_numbers_are_drawn_about_the_course_with_the_noise_that_was_found():
    found = fit(watched(12, ROWS), environment="world", observed="trait", models=("fixed",))
    (group,) = found.groups
    place = group.place("fixed")
    drawn = drawn_like(found.problem, group, place, DRAWS, 5)
    left = np.asarray(drawn.records.observed)[:, 0, :, 0] - group.shown[place, 0, :, 0]
    spread = float(group.spread[place, 0, 0])
    assert abs(np.sqrt(np.mean(left**2)) - spread) < 4 * spread / np.sqrt(2 * left.size)
    assert (abs(left.mean(axis=0)) < 4.5 * spread / np.sqrt(DRAWS)).all()


def test_intervals_that_hold_the_truth_are_counted():
    low, high = np.array([0.1, 0.5, 0.1, 0.6, 0.7]), np.array([0.9, 0.9, 0.5, 0.9, 0.2])
    found = Recovery(0.5, low, low, high, np.zeros(5, dtype=bool))
    assert found.covered.tolist() == [True, True, True, False, False]
    share, lower, upper = found.coverage
    z, n = stats.norm.ppf(0.975), 5
    middle = (share + z**2 / 2 / n) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + (z / 2 / n) ** 2)
    assert share == 0.6
    assert (lower, upper) == pytest.approx((middle - half, middle + half))


def test_individuals_are_compared_with_one_degree_less_than_there_are():
    rates = (0.1, 0.2, 0.4)
    frames = [watched(20 + i, 50, rate=rate).assign(who=i) for i, rate in enumerate(rates)]
    found = fit(
        pd.concat(frames), environment="world", observed="trait", individual="who",
        models=("fixed",),
    )  # fmt: skip
    alone = [
        fit(one, environment="world", observed="trait", models=("fixed",)).groups[0]
        for one in frames
    ]
    *_, pooled = found.groups
    statistic, chance, free = heterogeneity(found)
    each = sum(one.log_likelihoods[1] for one in alone)
    assert statistic == pytest.approx(2 * (each - pooled.log_likelihoods[1]), rel=1e-6)
    assert free == 2
    assert chance == pytest.approx(stats.chi2.sf(statistic, 2), rel=1e-9, abs=0)


def test_one_group_alone_is_not_compared():
    group = SimpleNamespace()
    assert heterogeneity(SimpleNamespace(groups=(group,))) is None


def test_draws_of_another_seed_are_others(moved):
    (group,) = moved.groups
    one, same, other = (
        np.asarray(drawn_like(moved.problem, group, 0, 2, seed).records.observed)
        for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert not (one[:, :, 1:] == other[:, :, 1:]).any()
    assert one.shape == (2, 1, ROWS, 1)
