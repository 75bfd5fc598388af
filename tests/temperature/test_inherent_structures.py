"""Inherent structures: the minima below places, told apart, and changes from one to the next."""

import numpy as np
import pytest

from adaptsim.flow import gradient_flow
from adaptsim.landscapes import DoubleWell, MuellerBrown, ProteinAB
from adaptsim.rules import Langevin
from adaptsim.temperature import InherentStructures, inherent_structures
from adaptsim.walks import walk

SURFACE = MuellerBrown()


def test_all_minima_of_a_surface_and_no_others():
    low, high = (np.asarray(end) for end in SURFACE.domain())
    places = np.random.default_rng(1).uniform(low, high, (60, 2))
    found = inherent_structures(SURFACE, places)
    known = SURFACE.minima()
    assert found.settled == 1.0
    np.testing.assert_allclose(found.levels, [one.loss for one in known], rtol=1e-9)
    np.testing.assert_allclose(found.minima, [one.theta for one in known], atol=1e-6)


def test_the_minimum_is_that_of_steepest_descent():
    """Against the gradient flow by a stiff solver, from places all over the surface."""
    low, high = (np.asarray(end) for end in SURFACE.domain())
    places = np.random.default_rng(2).uniform(low, high, (12, 2))
    found = inherent_structures(SURFACE, places, longest=0.02)
    for place, label in zip(places, found.labels, strict=True):
        flow = gradient_flow(SURFACE.loss, place, 1.0, solver="Kvaerno5", rtol=1e-8)
        np.testing.assert_allclose(flow.theta[-1], SURFACE.minima()[label].theta, atol=1e-4)


def test_barriers_of_a_double_well_are_changes_of_sign():
    rule = Langevin(learning_rate=0.05, temperature=0.2)
    (found,) = walk(
        DoubleWell(), rule, starts=[1.0], seeds=3, steps=2000, stride=20, places=True
    ).values()
    places = found.places[0, 0]
    structures = inherent_structures(DoubleWell(), places)
    side = places[..., 0] > 0
    labels = structures.labels  # both wells are of one level: which is first is open
    assert ((labels == labels[0, 0]) == (side == side[0, 0])).all()
    crossings = (np.diff(side, axis=-1)).sum(axis=-1)
    assert crossings.min() > 3
    assert structures.crossings.tolist() == crossings.tolist()
    assert structures.visited.tolist() == [2, 2, 2]


def test_a_walk_that_stays_put_crosses_nothing():
    stays = np.full((2, 9, 1), 0.7)
    found = inherent_structures(DoubleWell(), stays)
    assert found.crossings.tolist() == [0, 0]
    assert found.visited.tolist() == [1, 1]
    assert found.levels == pytest.approx([0.0], abs=1e-9)


def test_places_that_are_lost_have_no_minimum_and_cross_nothing():
    places = np.array([[np.nan], [1.2], [np.inf], [0.8], [-1.0]])
    found = inherent_structures(DoubleWell(), places)
    assert found.labels.tolist() == [-1, 1, -1, 1, 0]
    assert int(found.crossings) == 1
    assert found.settled == pytest.approx(0.6)
    assert np.isnan(found.loss[[0, 2]]).all()


def test_mirrored_folds_are_one_level_and_two_places():
    protein = ProteinAB(length=13)
    theta = protein.minima()[0].theta
    pair = np.array([theta, -theta])
    assert inherent_structures(protein, pair, closer=None).labels.tolist() == [0, 0]
    assert sorted(inherent_structures(protein, pair).labels.tolist()) == [0, 1]


def test_crossings_are_counted_by_hand():
    labels = np.array([[0, 0, 1, 1, 0], [-1, 2, -1, 2, 1], [-1, -1, -1, -1, -1]])
    found = InherentStructures(np.zeros((3, 5)), labels, np.zeros(3), np.zeros((3, 1)))
    assert found.crossings.tolist() == [2, 1, 0]
    assert found.visited.tolist() == [2, 2, 0]
    assert found.settled == pytest.approx(8 / 15)


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"slope": 0.0}, "slope"), ({"longest": -1.0}, "longest"), ({"loss_tolerance": 0.0}, "loss")],
)
def test_what_is_not_allowed_is_said(changes, told):
    with pytest.raises(ValueError, match=told):
        inherent_structures(DoubleWell(), [[1.0]], **changes)


def test_places_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(\.\.\., k, 1\)"):
        inherent_structures(DoubleWell(), [1.0])
