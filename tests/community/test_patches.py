"""Predators among patches: input matching, the lag of their preference, and their Mesa face."""

import numpy as np
import pytest

from adaptsim import WrongField, theory
from adaptsim.community.patch_model import PatchModel
from adaptsim.community.patch_picture import PatchPicture
from adaptsim.community.patches import Patches, Searchers, input_matching, roam

SIDE, SIZE, STEPS = 6, 600, 200  # one shape, compiled once


def test_where_nothing_changes_use_matches_what_comes_in():
    calm = Patches(side=SIDE, amplitude=0.0, contrast=4.0)
    runs = [
        roam(calm, Searchers(), size=SIZE, steps=STEPS, burn_in=200, seed=seed) for seed in range(8)
    ]
    use = np.array([run.use.sum(axis=0) for run in runs])  # columns are of one quality
    expected = runs[0].expected.sum(axis=0)
    error = use.std(axis=0, ddof=1) / np.sqrt(len(use))
    assert (abs(use.mean(axis=0) - expected) < 4 * error).all()
    assert expected.max() / expected.min() == pytest.approx(4.0)


def test_preference_trails_a_tone_as_a_linear_tracker_does():
    period, steps = 40.0, STEPS
    run = roam(
        Patches(side=SIDE, period=period), Searchers(gain=0.15, matching=1.5), size=SIZE,
        steps=steps, burn_in=200,
    )  # fmt: skip
    omega = 2 * np.pi / period
    wave = np.exp(-1j * omega * np.arange(steps))
    ratio = (run.logit @ wave) / (run.target @ wave)
    assert -np.angle(ratio) / omega == pytest.approx(theory.tracker.phase_lag(0.15, omega))
    assert abs(ratio) == pytest.approx(theory.tracker.gain(0.15, omega))


def test_slow_learners_match_changing_inputs_less():
    world = Patches(side=SIDE, period=60.0, amplitude=3.0, travels=True)
    slow, fast = (
        roam(world, Searchers(gain=gain), size=SIZE, steps=STEPS, burn_in=200).mismatch.mean()
        for gain in (0.01, 0.5)
    )
    assert slow > fast


def test_input_matching_is_a_share_and_follows_quality():
    shares = np.asarray(input_matching(Patches(side=SIDE), Searchers(), 7))
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(shares / shares[0, 0], Patches(side=SIDE).quality(), rtol=1e-12)


def test_mesa_face_is_the_same_walk_and_has_agents_on_a_grid():
    model = PatchModel(patches=Patches(side=SIDE), searchers=Searchers(), size=SIZE, rng=3)
    model.run_for(STEPS)
    same = roam(Patches(side=SIDE), Searchers(), size=SIZE, steps=STEPS, burn_in=0, seed=3)
    np.testing.assert_array_equal(model.places, same.swarm.places)
    assert model.predators.sum() == SIZE
    assert model.expected.sum() == pytest.approx(SIZE)
    choosy = model.agents.select(lambda one: one.preference > 0.5)
    assert len(choosy) == (model.logits > 0).sum()
    assert all(one.cell in model.grid.all_cells for one in choosy)


def test_mesa_draws_every_patch_that_holds_predators_where_it_is():
    model = PatchModel(patches=Patches(side=SIDE), size=50, rng=3)
    model.run_for(5)
    picture = PatchPicture(model)
    assert picture.png(model.swarm).startswith(b"\x89PNG")
    drawn = np.concatenate([one.get_offsets() for one in picture.axes.collections]).astype(int)
    np.testing.assert_array_equal(np.unique(drawn, axis=0), np.unique(model.places, axis=0))
    ground = picture.axes.images[0].get_array()
    np.testing.assert_allclose(ground.T, model.patches.quality())
    assert len(model.grid.agents) == 50


def test_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="size must be at least 1"):
        roam(Patches(), Searchers(), size=0)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        roam(Patches(), Searchers(), steps=0)
    with pytest.raises(WrongField, match=r"Patches.side must be at least 3"):
        Patches(side=2)
