"""Slow: intervals hold the truth as often as they say, whatever made the data."""

import itertools

import jax
import numpy as np
import pandas as pd
import pytest

from adaptsim.fitting import fit
from adaptsim.fitting.fit import each_alone
from adaptsim.fitting.group import Members, estimates_and_profiles
from adaptsim.fitting.hypotheses import HYPOTHESES
from adaptsim.fitting.observations import read_observations
from adaptsim.fitting.request import Request, pose
from fitting.worlds import bandit, followed, wandering, watched

SETS = 200
FIXED = (HYPOTHESES["fixed"],)


def covered(frames, truth, environment, *, observed=(), choice=None, **options):
    """Return the share of 95 % intervals that hold the truth, data made apart from the package."""
    numbered = [frame.assign(one=number) for number, frame in enumerate(frames)]
    seen = read_observations(
        pd.concat(numbered), environment=environment, observed=observed, choice=choice,
        individual="one",
    )  # fmt: skip
    problem = pose(Request(**options), seen)
    _, profile, _ = estimates_and_profiles(problem, each_alone(problem), FIXED, 0.95)
    low, high = (np.asarray(end)[:, 0] for end in (profile.low, profile.high))
    return float(np.mean((low <= truth) & (truth <= high)))


@pytest.mark.slow
@pytest.mark.parametrize("rows", [200, 12])
def test_a_tracker_watched_with_noise(rows):
    frames = [watched(seed, rows) for seed in range(SETS)]
    share = covered(frames, 0.2, ("world",), observed=("trait",))
    assert 0.90 <= share <= 0.99, share


@pytest.mark.slow
def test_a_tracker_that_is_moved_by_noise():
    frames = []
    for seed in range(SETS):
        rng = np.random.default_rng(seed)
        world = wandering(rng, 100)
        frames.append(pd.DataFrame({
            "world": world, "trait": followed(world, 0.2, moved=0.2, rng=rng),
        }))  # fmt: skip
    share = covered(frames, 0.2, ("world",), observed=("trait",), noise="process")
    assert 0.90 <= share <= 0.99, share


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "rate", "temperature"),
    [(300, 0.3, 4.0), (100, 0.3, 4.0), (40, 0.3, 4.0), (40, 0.1, 8.0), (40, 0.6, 2.0)],
)
def test_choices_among_two_arms(rows, rate, temperature):
    drawn = (bandit(seed, rows, rate, temperature) for seed in itertools.count())
    both = (frame for frame in drawn if frame["choice"].nunique() == 2)  # else a fit is refused
    frames = list(itertools.islice(both, SETS))
    share = covered(frames, rate, ("A", "B"), choice="choice", feedback="chosen")
    assert 0.90 <= share <= 0.99, share


@pytest.mark.slow
def test_several_with_one_rate():
    each, rows, sets = 5, 60, SETS
    frames = [watched(seed, rows).assign(one=seed) for seed in range(each * sets)]
    seen = read_observations(
        pd.concat(frames), environment=("world",), observed=("trait",), individual="one"
    )
    problem = pose(Request(), seen)
    records = jax.tree.map(lambda a: a.reshape(sets, each, *a.shape[1:]), problem.records)
    guess = problem.guess.reshape(sets, each, -1)
    members = Members(records, guess, problem.scale.reshape(sets, each).mean(axis=1))
    _, profile, _ = estimates_and_profiles(problem, members, FIXED, 0.95)
    low, high = (np.asarray(end)[:, 0] for end in (profile.low, profile.high))
    assert 0.90 <= np.mean((low <= 0.2) & (high >= 0.2)) <= 0.99


@pytest.mark.slow
def test_pooled_and_each_agree_and_differences_are_noticed():
    same = [watched(seed, 60).assign(bird=f"b{seed}") for seed in range(3)]
    found = fit(
        pd.concat(same), environment="world", observed="trait", individual="bird",
        models=("fixed",), recover=40,
    )  # fmt: skip
    pooled = found.groups[-1]
    assert pooled.name == "pooled"
    ends = [group.interval(0) for group in found.groups]
    assert ends[-1][1] - ends[-1][0] < min(high - low for low, high in ends[:-1])
    assert found.recovery.coverage[2] > 0.9
    other = [*same[:2], watched(9, 60, rate=0.6).assign(bird="b9")]
    told = fit(pd.concat(other), environment="world", observed="trait", individual="bird",
               models=("fixed",))  # fmt: skip
    chance = told.table.query("measure == 'heterogeneity_p_value'")["value"].iloc[0]
    assert chance < 0.01


@pytest.mark.slow
def test_bootstrap_and_profile_intervals_are_alike():
    frame = watched(3, 60)
    ask = {"environment": "world", "observed": "trait", "models": ("fixed",)}
    profile = fit(frame, **ask).groups[0].interval(0)
    drawn = fit(frame, **ask, interval="bootstrap", draws=400).groups[0].interval(0)
    width = profile[1] - profile[0]
    assert np.allclose(profile, drawn, atol=0.2 * width)


@pytest.mark.slow
def test_a_test_of_learning_is_wrong_as_often_as_it_says():
    chances = []
    frames = [watched(seed, 60, rate=0.0).assign(one=seed) for seed in range(SETS)]
    told = fit(
        pd.concat(frames), environment="world", observed="trait", individual="one",
        models=("fixed",),
    )  # fmt: skip
    for group in told.groups[:-1]:
        chances.append(group.test(group.place("fixed")).p_value)
    rejected = np.sum(np.array(chances) < 0.05)
    error = np.sqrt(0.05 * 0.95 / SETS)
    assert abs(rejected / SETS - 0.05) < 4 * error
    at_bound = np.mean(np.array(chances) == 1.0)
    assert abs(at_bound - 0.5) < 4 * np.sqrt(0.25 / SETS)
