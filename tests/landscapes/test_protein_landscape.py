"""The AB protein: published energies, chains worked out by hand, and what must not matter."""

import itertools
import math
import re

import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import ProteinAB
from adaptsim.landscapes.folds import FOLDS
from adaptsim.landscapes.protein import CONVENTIONS, PUBLISHED, fibonacci_sequence
from adaptsim.part import WrongField

from .printed import printed

RIGHT = math.pi / 2
FOUND = {
    ("stillinger", 13): "-3.294078",
    ("stillinger", 21): "-6.197989",
    ("true_angle", 13): "-4.974604",
    ("true_angle", 21): "-12.326569",
    ("irback", 13): "-26.506621",
    ("irback", 21): "-52.933866",
    ("boskovic_brest", 13): "-6.996117",
    ("boskovic_brest", 21): "-16.554437",
}
"""Energies of section 2 of shared/optimization.md, to six decimals."""

in_space = pytest.mark.parametrize("convention", CONVENTIONS[1:])


def protein_of(which: tuple[str, int]) -> ProteinAB:
    return ProteinAB(convention=which[0], length=which[1])


@pytest.mark.parametrize("which", FOUND, ids=str)
def test_folds_have_the_energies_of_the_table(which: tuple[str, int]) -> None:
    """Six decimals of an angle are enough for six of the energy."""
    assert printed(protein_of(which).loss(jnp.asarray(FOLDS[which])), FOUND[which])


@pytest.mark.parametrize("which", PUBLISHED, ids=str)
def test_marks_of_published_energies(which: tuple[str, int]) -> None:
    """What is marked as found here is reached, to the digits published, by a fold that is here."""
    energy, found_here = PUBLISHED[which]
    assert found_here == (which in FOLDS)
    assert protein_of(which).lowest_energy == energy
    if found_here:
        found = float(protein_of(which).loss(jnp.asarray(FOLDS[which])))
        assert found <= energy + 5e-4 * (which[0] == "irback") + 5e-5


@pytest.mark.parametrize(
    "convention",
    [
        "stillinger",
        "irback",
        *(pytest.param(one, marks=pytest.mark.slow) for one in CONVENTIONS[1::2]),
    ],
)
def test_best_fold_is_a_minimum(convention: str) -> None:
    """Polished, it is at rest, and as near as six decimals to what is written down."""
    protein = ProteinAB(convention=convention)
    (lowest,) = protein.minima()
    assert np.abs(protein.gradient(lowest.theta)).max() < 1e-10
    assert protein.curvatures(lowest.theta)[0] > 0.01
    np.testing.assert_allclose(lowest.theta, FOLDS[convention, 13], atol=2e-6)


def test_curvatures_in_the_plane() -> None:
    """Those of section 2 of shared/optimization.md, and the speed limit."""
    protein = ProteinAB()
    curvatures = protein.curvatures(protein.minima()[0].theta)
    assert printed(curvatures[0], "1.3429")
    assert printed(curvatures[-1], "1206.465")
    assert printed(2 / curvatures[-1], "1.658e-3")


SQUARE = {
    "stillinger": ([RIGHT, RIGHT], 2 / 4 + 2 * 4 * (1 / 64 + 1 / 16)),
    "true_angle": ([2 * RIGHT, -RIGHT, 0.0], 2 / 4 + 2 * 4 * (1 / 64 + 1 / 16)),
    "irback": ([2 * RIGHT, -RIGHT, 0.0], 1 / 2 + 2 * 4 * (1 / 64 - 1 / 8) / 2),
    "boskovic_brest": ([2 * RIGHT, -RIGHT, 0.0], 2 / 4 + 1 / 4 + 2 * 4 * (1 / 64 + 1 / 16)),
}
"""Angles and energy of ABBA as a square: ends at 1, where nothing is gained; AB twice at sqrt 2."""


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_square_by_hand(convention: str) -> None:
    """Bends of 90 degrees; in space the first azimuth is 180, the second -90 degrees."""
    angles, energy = SQUARE[convention]
    protein = ProteinAB(sequence="ABBA", convention=convention)
    places = np.asarray(protein.fold(jnp.asarray(angles)))
    assert np.linalg.norm(places[3] - places[0]) == pytest.approx(1)
    assert np.linalg.norm(places[2] - places[0]) == pytest.approx(math.sqrt(2))
    assert float(protein.loss(jnp.asarray(angles))) == pytest.approx(energy, abs=1e-12)


@pytest.mark.parametrize("letters", ["AAAAA", "BBBBB", "ABABA"])
def test_straight_chain_by_hand(letters: str) -> None:
    """No bend costs, bonds are parallel; distances are whole numbers."""
    pairs = [(i, j) for i, j in itertools.combinations(range(5), 2) if j >= i + 2]
    gain = {"AA": 1.0, "BB": 0.5, "AB": -0.5, "BA": -0.5}
    strong = {"AA": 1.0}
    plain = sum(
        4 * ((j - i) ** -12.0 - gain[letters[i] + letters[j]] * (j - i) ** -6.0) for i, j in pairs
    )
    irback = (
        (4 - 1)
        - (4 - 2) / 2
        + sum(
            4 * strong.get(letters[i] + letters[j], 0.5) * ((j - i) ** -12.0 - (j - i) ** -6.0)
            for i, j in pairs
        )
    )
    wanted = {"stillinger": plain, "true_angle": plain, "irback": irback}
    upwards = jnp.array([RIGHT] * 3 + [0.0] * 2)
    for convention, energy in wanted.items():
        theta = jnp.zeros(3) if convention == "stillinger" else upwards
        found = ProteinAB(sequence=letters, convention=convention).loss(theta)
        assert float(found) == pytest.approx(energy, rel=1e-12)
    azimuths = ProteinAB(sequence=letters, convention="boskovic_brest").loss(upwards)
    assert float(azimuths) == pytest.approx(plain + 3 / 4, rel=1e-12)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_bonds_have_length_1(convention: str) -> None:
    """Whatever the angles."""
    protein = ProteinAB(length=21, convention=convention)
    theta = jnp.asarray(np.random.default_rng(0).uniform(-4, 4, protein.dimension))
    places = np.asarray(protein.fold(theta))
    assert places.shape == (21, 2 if convention == "stillinger" else 3)
    np.testing.assert_allclose(np.linalg.norm(np.diff(places, axis=0), axis=1), 1, rtol=1e-13)


def test_flat_fold_in_space_is_that_of_the_plane() -> None:
    """With the true angle and no elevations, the two conventions agree."""
    bends = np.random.default_rng(1).normal(0, 0.5, 11)
    azimuths = RIGHT + np.cumsum(bends)
    space = ProteinAB(convention="true_angle").loss(jnp.append(azimuths, jnp.zeros(10)))
    assert float(space) == pytest.approx(float(ProteinAB().loss(jnp.asarray(bends))), rel=1e-11)


@in_space
def test_mirrored_fold_has_the_same_energy(convention: str) -> None:
    """All elevations reversed; in the plane all bends."""
    protein = ProteinAB(convention=convention)
    theta = protein.start()
    mirrored = theta.at[11:].multiply(-1)
    assert float(protein.loss(mirrored)) == pytest.approx(float(protein.loss(theta)), rel=1e-12)
    plane = ProteinAB()
    there = float(plane.loss(-plane.start()))
    assert there == pytest.approx(float(plane.loss(plane.start())), rel=1e-12)


@in_space
def test_conventions_differ(convention: str) -> None:
    """The same angles have another energy in each."""
    theta = ProteinAB(convention=convention).start()
    here = float(ProteinAB(convention=convention).loss(theta))
    others = [one for one in CONVENTIONS[1:] if one != convention]
    assert all(abs(float(ProteinAB(convention=one).loss(theta)) - here) > 0.1 for one in others)


def test_overlap_is_not_smoothed_away() -> None:
    """A chain that turns back on itself costs without bound: no distance is clamped."""
    assert float(ProteinAB(sequence="AAAA").loss(jnp.array([math.pi, 0.0]))) > 1e100
    nearly = jnp.array([math.pi - 1e-3, 0.0])
    assert float(ProteinAB(sequence="AAAA").loss(nearly)) == pytest.approx(4e36 + 4e36, rel=0.5)


@pytest.mark.parametrize(
    ("length", "word"),
    [
        (5, "ABBAB"),
        (13, "ABBABBABABBAB"),
        (21, "BABABBABABBABBABABBAB"),
        (34, "ABBABBABABBABBABABBABABBABBABABBAB"),
    ],
)
def test_fibonacci_sequences(length: int, word: str) -> None:
    """Those of the literature."""
    assert fibonacci_sequence(length) == word
    assert ProteinAB(length=length).letters == word


def test_own_sequence_has_no_published_energy() -> None:
    """Another word of the same length is another protein."""
    own = ProteinAB(sequence="A" * 13)
    assert np.isnan(own.lowest_energy)
    assert own.minima() == ()
    assert ProteinAB(sequence=fibonacci_sequence(13)).lowest_energy == -3.2941


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"length": 12}, "ProteinAB.length must be a Fibonacci number (5, 8, 13"),
        ({"sequence": "ABCA"}, "ProteinAB.sequence must be a word of at least 4 letters A and B"),
        ({"sequence": "AB"}, "must be a word of at least 4 letters A and B; got 'AB'"),
        ({"convention": "ab"}, "ProteinAB.convention must be one of 'stillinger', 'true_angle'"),
    ],
)
def test_fields_are_checked(told: dict, message: str) -> None:
    """A mistake says what is right."""
    with pytest.raises(WrongField, match=re.escape(message)):
        ProteinAB(**told)
