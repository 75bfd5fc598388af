"""Lennard-Jones clusters: the classic test of finding the lowest of very many minima."""

from __future__ import annotations

import math
from functools import cache

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.landscapes.newton import minimum_near
from adaptsim.part import Array, field

ENERGIES = {
    2: -1.0, 3: -3.0, 4: -6.0, 5: -9.103852, 6: -12.712062, 7: -16.505384, 8: -19.821489,
    9: -24.113360, 10: -28.422532, 11: -32.765970, 12: -37.967600, 13: -44.326801,
    14: -47.845157, 15: -52.322627, 16: -56.815742, 17: -61.317995, 18: -66.530949,
    19: -72.659782, 20: -77.177043, 21: -81.684571, 22: -86.809782, 23: -92.844472,
    24: -97.348815, 25: -102.372663, 26: -108.315616, 30: -128.286571, 31: -133.586422,
    37: -167.033672, 38: -173.928427,
}  # fmt: skip
"""Lowest known energy by number of atoms [well depths], of the Cambridge Cluster Database."""

MOST_BUILT = 20
"""The largest cluster whose lowest minimum is built here."""

APART = 0.9
"""Least distance of two atoms at the start [sigma]."""


class LennardJones(Landscape):
    """A cluster of atoms that attract each other from afar and repel each other near by.

    ``f(x) = 4 sum_{i<j} (r_ij^-12 - r_ij^-6)``, ``r_ij = abs(x_i - x_j)``

    Energies are in units of the well's depth, lengths in units of sigma, where the energy of a pair
    is 0. ``theta`` is ``x, y, z`` of the first atom, then of the second, ...; ``d = 3 atoms``; no
    bounds. The loss is inf where two atoms meet, and its slope nan: nothing is clamped.

    The lowest minimum is given for 2 to 20 atoms: built as a part of a double icosahedron (or, for
    6 atoms, an octahedron), then polished. `ENERGIES` has the lowest known energies, from the
    literature, for more. Minima are not isolated: moving and turning a cluster costs nothing, which
    makes six curvatures zero (five for a pair); the speed limit is that of all others.

    The start is ours: atoms drawn from ``seed`` in a ball, 0.9 apart at least.

    Examples
    --------
    >>> cluster = LennardJones(atoms=3)
    >>> lowest = cluster.minima()[0]
    >>> round(lowest.loss, 9), round(float(cluster.speed_limit(lowest.theta)), 6)
    (-3.0, 0.011666)
    >>> ENERGIES[38]
    -173.928427

    References
    ----------
    Wales and Doye, J. Physical Chemistry A 101 (1997) 5111-5116 (the minima); Wales et al., The
    Cambridge Cluster Database (the energies).
    """

    atoms: int = field(13, help="how many atoms", at_least=2)
    seed: int = field(default=0, help="which start", at_least=0)

    @property
    def dimension(self) -> int:
        """Number of coordinates: three for each atom."""
        return 3 * self.atoms

    @property
    def lowest_energy(self) -> float:
        """Lowest known energy of the literature [well depths], to six decimals; nan if not here."""
        return ENERGIES.get(self.atoms, math.nan)

    def loss(self, theta: Array) -> Array:
        """Return the energy of a cluster, a scalar."""
        places = theta.reshape(self.atoms, 3)
        first, second = np.triu_indices(self.atoms, 1)
        squares = jnp.sum((places[first] - places[second]) ** 2, axis=1)
        attraction = squares**-3.0
        return 4 * jnp.sum(attraction * (attraction - 1))

    def start(self) -> Array:
        """Return atoms at random in a ball, shape ``(d,)``."""
        return jnp.asarray(_scattered(self.atoms, self.seed).ravel())

    def minima(self) -> tuple[Point, ...]:
        """Return the lowest minimum for 2 to 20 atoms; nothing for more."""
        if self.atoms > MOST_BUILT:
            return ()
        return (self.point(jnp.asarray(_lowest(self.atoms))),)


def double_icosahedron() -> np.ndarray:
    """Return the sites of two icosahedra that share seven, shape ``(19, 3)``, unit distances.

    Centre, top, upper ring of five, middle ring, second centre, lower ring, bottom. Nearly all
    clusters of up to 19 atoms are the first so many of them.

    Examples
    --------
    >>> sites = double_icosahedron()
    >>> np.linalg.norm(sites[1:13] - sites[0], axis=1).round(12).tolist() == [1.0] * 12
    True
    """
    height, radius = 1 / math.sqrt(5), 2 / math.sqrt(5)

    def ring(at: float, turned: float) -> np.ndarray:
        angles = 2 * math.pi * (np.arange(5) + turned) / 5
        flat = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return np.column_stack([flat, np.full(5, at)])

    axis = [np.array([[0.0, 0.0, at]]) for at in (0, 1, -1, -2)]
    rings = ring(height, 0.0), ring(-height, 0.5), ring(-1 - height, 0.0)
    return np.concatenate([*axis[:2], *rings[:2], axis[2], rings[2], axis[3]])


def _built(atoms: int) -> np.ndarray:
    """Return sites near the lowest minimum, shape ``(atoms, 3)``."""
    sites = double_icosahedron()
    if atoms == 6:
        return np.concatenate([np.eye(3), -np.eye(3)]) / math.sqrt(2)
    if atoms == 17:
        return np.concatenate([sites[:16], [_above(sites, 8, 9, 4)]])
    if atoms == 20:
        return np.concatenate([sites, [_above(sites, 2, 7, 11)]])
    return sites[:atoms]


def _above(sites: np.ndarray, *face: int) -> np.ndarray:
    """Return the site outwards of three, at the distance of a tetrahedron."""
    corners = sites[list(face)]
    middle = corners.mean(axis=0)
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    outwards = normal * np.sign(normal @ (middle - sites.mean(axis=0)))
    above: np.ndarray = middle + math.sqrt(2 / 3) * outwards / np.linalg.norm(normal)
    return above


@cache
def _lowest(atoms: int) -> np.ndarray:
    built = 2 ** (1 / 6) * _built(atoms)
    return np.asarray(minimum_near(LennardJones(atoms=atoms), jnp.asarray(built.ravel())).theta)


@cache
def _scattered(atoms: int, seed: int) -> np.ndarray:
    generator, radius = np.random.default_rng(seed), (atoms / 2) ** (1 / 3)
    places = np.empty((0, 3))
    while len(places) < atoms:
        drawn = generator.uniform(-radius, radius, 3)
        apart = np.linalg.norm(places - drawn, axis=1).min(initial=math.inf)
        if np.linalg.norm(drawn) <= radius and apart >= APART:
            places = np.vstack([places, drawn])
    return places
