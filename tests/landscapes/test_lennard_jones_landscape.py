"""Lennard-Jones clusters: published energies, speed limits, and what must not change them."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from adaptsim.landscapes import LennardJones
from adaptsim.landscapes.lennard_jones import ENERGIES, MOST_BUILT

from .printed import printed

LIMITS = {2: ".017499", 3: ".011666", 4: ".008749", 7: ".007892", 13: ".003374", 20: ".002138"}
QUICK = (2, 3, 13)


def has_its_numbers(atoms: int) -> None:
    """Check the lowest minimum of a cluster: energy, rest, zero curvatures, speed limit."""
    cluster = LennardJones(atoms=atoms)
    (lowest,) = cluster.minima()
    assert printed(lowest.loss, f"{ENERGIES[atoms]:.6f}")
    assert cluster.lowest_energy == ENERGIES[atoms]
    assert np.abs(cluster.gradient(lowest.theta)).max() < 1e-12
    curvatures = np.asarray(cluster.curvatures(lowest.theta))
    free = 5 if atoms == 2 else 6
    assert np.abs(curvatures[:free]).max() < 1e-9 < 10 < curvatures[free]
    assert printed(
        cluster.speed_limit(lowest.theta), LIMITS.get(atoms, f"{2 / curvatures[-1]:.6f}")
    )


@pytest.mark.parametrize("atoms", QUICK)
def test_lowest_minimum_is_that_of_the_database(atoms: int) -> None:
    """Of small clusters and of the icosahedron."""
    has_its_numbers(atoms)


@pytest.mark.slow
@pytest.mark.parametrize("atoms", sorted(set(range(2, MOST_BUILT + 1)) - set(QUICK)))
def test_lowest_minimum_of_others_is_that_of_the_database(atoms: int) -> None:
    """Of all others that are built."""
    has_its_numbers(atoms)


def test_curvatures_in_closed_form_and_of_the_table() -> None:
    """A pair has 144 / 2^(1/3), the icosahedron those printed."""
    pair, icosahedron = LennardJones(atoms=2), LennardJones(atoms=13)
    largest = pair.largest_curvature(pair.minima()[0].theta)
    assert float(largest) == pytest.approx(144 / 2 ** (1 / 3), rel=1e-12)
    curvatures = icosahedron.curvatures(icosahedron.minima()[0].theta)
    assert printed(curvatures[6], "42.654")
    assert printed(curvatures[-1], "592.740")


def test_more_atoms_have_an_energy_but_no_place() -> None:
    """Where nothing is known, nothing is made up."""
    assert LennardJones(atoms=38).minima() == ()
    assert LennardJones(atoms=38).lowest_energy == -173.928427
    assert np.isnan(LennardJones(atoms=200).lowest_energy)


def test_table_of_energies_has_no_gross_slip() -> None:
    """Each atom more binds with 2 to 8 depths: tables in circulation have lost digits and signs."""
    sizes, energies = np.array(list(ENERGIES)), np.array(list(ENERGIES.values()))
    gained = -np.diff(energies) / np.diff(sizes)
    assert (np.diff(sizes) > 0).all()
    assert ((gained >= 2) & (gained <= 8)).all()


def test_loss_by_hand() -> None:
    """Three atoms on a line, at 1 and 2 and 3: pairs at 1, 1 and 2."""
    line = jnp.array([0.0, 0, 0, 1, 0, 0, 2, 0, 0])
    assert float(LennardJones(atoms=3).loss(line)) == pytest.approx(4 * (2.0**-12 - 2.0**-6))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_moving_turning_and_exchanging_cost_nothing(seed: int) -> None:
    """The energy is that of distances alone."""
    cluster, generator = LennardJones(atoms=5), np.random.default_rng(seed)
    places = np.asarray(cluster.start()).reshape(5, 3)
    turned = Rotation.random(rng=generator).apply(generator.permutation(places))
    moved = jnp.asarray((turned + generator.normal(size=3)).ravel())
    assert float(cluster.loss(moved)) == pytest.approx(float(cluster.loss(cluster.start())))


def test_meeting_atoms_are_not_smoothed_away() -> None:
    """The loss is inf and the slope nan: no clamp hides an overlap."""
    met = jnp.zeros(6)
    assert float(LennardJones(atoms=2).loss(met)) == np.inf
    assert np.isnan(LennardJones(atoms=2).gradient(met)).all()
    near = jnp.zeros(6).at[0].set(1e-3)
    assert float(LennardJones(atoms=2).gradient(near)[0]) == pytest.approx(-48e39, rel=1e-9)


def test_start_is_a_loose_cluster() -> None:
    """Atoms stand apart, but together; another seed, another start."""
    places = np.asarray(LennardJones(atoms=30).start()).reshape(30, 3)
    assert pdist(places).min() >= 0.9
    assert np.linalg.norm(places, axis=1).max() <= 15 ** (1 / 3)
    assert (LennardJones(atoms=30, seed=1).start() != places.ravel()).all()
