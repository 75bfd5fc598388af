"""The AB protein: a chain of two kinds of beads that folds."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point
from adaptsim.landscapes.folds import FOLDS
from adaptsim.landscapes.newton import minimum_near
from adaptsim.part import Array, WrongField, field

CONVENTIONS = ("stillinger", "true_angle", "irback", "boskovic_brest")
"""The four energies, not equivalent, that all go by the name of the AB model."""


class Published(NamedTuple):
    """A lowest energy of the literature, to the decimals it is quoted with.

    ``found_here``: whether a fold of this energy is among `FOLDS`. Where none is, the number stands
    as it is quoted, unchecked.
    """

    energy: float
    found_here: bool


PUBLISHED = {
    ("stillinger", 13): Published(-3.2941, found_here=True),
    ("stillinger", 21): Published(-6.1980, found_here=True),
    ("stillinger", 34): Published(-10.8060, found_here=False),
    ("true_angle", 13): Published(-4.9746, found_here=True),
    ("true_angle", 21): Published(-12.3266, found_here=True),
    ("true_angle", 34): Published(-25.5113, found_here=False),
    ("irback", 13): Published(-26.507, found_here=True),
    ("irback", 21): Published(-52.917, found_here=True),
    ("irback", 34): Published(-98.3571, found_here=False),
    ("boskovic_brest", 13): Published(-6.9961, found_here=True),
    ("boskovic_brest", 21): Published(-16.5544, found_here=True),
    ("boskovic_brest", 34): Published(-31.4591, found_here=False),
}
"""Lowest energies by convention and length of the Fibonacci sequence, as the literature has them.

They are quoted at second hand. That of ("irback", 21) is above the one found here, -52.933866.
"""


class ProteinAB(Landscape):
    """Energy of a chain of beads of kinds A and B, all bonds of length 1, over its angles.

    ``f(theta) = bending + pairs``, the pairs being all ``i, j`` with ``j >= i + 2``; ``b_i`` is the
    bond from bead ``i``, ``r_ij`` a distance. Four conventions circulate:

    * ``"stillinger"``: in the plane, ``sum_i (1 - cos theta_i) / 4 + 4 sum_ij (r^-12 - C r^-6)``,
      ``C`` 1 for AA, 1/2 for BB, -1/2 for AB;
    * ``"true_angle"``: the same in space, ``cos theta_i`` being ``b_i . b_(i+1)``;
    * ``"irback"``: in space, ``sum_i b_i . b_(i+1) - sum_i b_i . b_(i+2) / 2``
      ``+ 4 sum_ij e (r^-12 - r^-6)``, ``e`` 1 for AA and 1/2 for all others;
    * ``"boskovic_brest"``: in space, the first formula with azimuths for ``theta_i``. An azimuth is
      no angle between bonds: energies are lower than with the true angle.

    In the plane ``theta`` is the ``n - 2`` angles by which each bond turns from the one before. In
    space it is ``n - 2`` azimuths, those of all bonds but the first (which points along y), then
    ``n - 3`` elevations, those of all but the first two (which lie level). Angles repeat, so there
    are no bounds. The loss is inf where two beads meet, and its slope nan: nothing is clamped.

    The sequence is Fibonacci's, ``S_(i+1) = S_(i-1) S_i`` from A and B (5, 8, 13, 21, 34, 55, ...
    beads), unless another is given, as a word of A and B. The best known fold is given for 13 and
    21 beads of it in all conventions: found by basin hopping. No proof is known that there is no
    lower one. The start is ours: normal angles of standard deviation 1/2, drawn from ``seed``.

    Examples
    --------
    >>> protein = ProteinAB()
    >>> protein.letters, protein.dimension
    ('ABBABBABABBAB', 11)
    >>> straight = jnp.zeros(11)
    >>> protein.fold(straight)[-1].tolist()
    [12.0, 0.0]

    References
    ----------
    Stillinger, Head-Gordon and Hirshfeld, Physical Review E 48 (1993) 1469-1477; Irback, Peterson,
    Potthast and Sommelius, J. Chemical Physics 107 (1997) 273-282; Hsu, Mehra and Grassberger,
    Physical Review E 68 (2003) 037703; Boskovic and Brest, arXiv 1710.07031 and 1903.01456.
    """

    length: int = field(13, unit="beads", help="of the Fibonacci sequence", at_least=5)
    sequence: str = field(default="", help="a word of A and B in place of the Fibonacci sequence")
    convention: str = field("stillinger", help="which energy", choices=CONVENTIONS)
    seed: int = field(default=0, help="which start", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sequence and (set(self.sequence) - {"A", "B"} or len(self.sequence) < 4):
            problem = f"must be a word of at least 4 letters A and B; got {self.sequence!r}"
            raise WrongField("ProteinAB", "sequence", problem)
        if not self.sequence and len(fibonacci_sequence(self.length)) != self.length:
            problem = f"must be a Fibonacci number (5, 8, 13, 21, 34, 55, ...); got {self.length}"
            raise WrongField("ProteinAB", "length", f"{problem}; or give a sequence")

    @property
    def letters(self) -> str:
        """The sequence, one letter per bead."""
        return self.sequence or fibonacci_sequence(self.length)

    @property
    def dimension(self) -> int:
        """Number of angles: ``n - 2`` in the plane, ``2 n - 5`` in space."""
        beads = len(self.letters)
        return beads - 2 if self.convention == "stillinger" else 2 * beads - 5

    @property
    def lowest_energy(self) -> float:
        """Lowest energy of the literature for this sequence and convention; nan if none is here."""
        known = PUBLISHED.get((self.convention, len(self.letters)))
        usual = known and self.letters == fibonacci_sequence(len(self.letters))
        return known.energy if known and usual else math.nan

    def bonds(self, theta: Array) -> Array:
        """Return the bonds, unit vectors, shape ``(n - 1, 2)`` or ``(n - 1, 3)``."""
        if self.convention == "stillinger":
            turned = jnp.cumsum(jnp.concatenate([jnp.zeros(1), theta]))
            return jnp.stack([jnp.cos(turned), jnp.sin(turned)], axis=1)
        azimuths, elevations = jnp.split(theta, [len(self.letters) - 2])
        around = jnp.concatenate([jnp.full(1, math.pi / 2), azimuths])
        above = jnp.concatenate([jnp.zeros(2), elevations])
        level = jnp.stack([jnp.cos(around), jnp.sin(around)]) * jnp.cos(above)
        return jnp.stack([*level, jnp.sin(above)], axis=1)

    def fold(self, theta: Array) -> Array:
        """Return where the beads are, the first at the origin, shape ``(n, 2)`` or ``(n, 3)``."""
        bonds = self.bonds(theta)
        return jnp.concatenate([jnp.zeros((1, bonds.shape[1])), jnp.cumsum(bonds, axis=0)])

    def loss(self, theta: Array) -> Array:
        """Return the energy of a fold, a scalar."""
        first, second = np.triu_indices(len(self.letters), 2)
        places, bonds = self.fold(theta), self.bonds(theta)
        attraction = jnp.sum((places[first] - places[second]) ** 2, axis=1) ** -3.0
        alike, depth = _pairs(self.letters)
        if self.convention == "irback":
            stiffness = jnp.sum(bonds[:-1] * bonds[1:]) - jnp.sum(bonds[:-2] * bonds[2:]) / 2
            return stiffness + 4 * jnp.sum(depth * attraction * (attraction - 1))
        if self.convention == "boskovic_brest":
            cosines = jnp.cos(theta[: len(self.letters) - 2])
        else:
            cosines = jnp.sum(bonds[:-1] * bonds[1:], axis=1)
        return jnp.sum(1 - cosines) / 4 + 4 * jnp.sum(attraction * (attraction - alike))

    def start(self) -> Array:
        """Return random angles, shape ``(d,)``."""
        return jnp.asarray(np.random.default_rng(self.seed).standard_normal(self.dimension) / 2)

    def minima(self) -> tuple[Point, ...]:
        """Return the best known fold of 13 or 21 beads in Fibonacci's order; of others nothing."""
        if math.isnan(self.lowest_energy) or (self.convention, len(self.letters)) not in FOLDS:
            return ()
        return (self.point(jnp.asarray(_best_fold(self.convention, len(self.letters)))),)


@cache
def fibonacci_sequence(length: int) -> str:
    """Return the first word of ``S_(i+1) = S_(i-1) S_i``, from A and B, of at least a length.

    Examples
    --------
    >>> fibonacci_sequence(13)
    'ABBABBABABBAB'
    """
    before, word = "A", "B"
    while len(word) < length:
        before, word = word, before + word
    return word


@cache
def _pairs(letters: str) -> tuple[np.ndarray, np.ndarray]:
    """Return ``C`` and ``e`` of all pairs of beads that are not neighbours."""
    is_a = np.array([letter == "A" for letter in letters])
    first, second = np.triu_indices(len(letters), 2)
    both, neither = is_a[first] & is_a[second], ~(is_a[first] | is_a[second])
    return np.select([both, neither], [1.0, 0.5], -0.5), np.where(both, 1.0, 0.5)


@cache
def _best_fold(convention: str, length: int) -> np.ndarray:
    near = jnp.asarray(FOLDS[convention, length])
    return np.asarray(minimum_near(ProteinAB(length=length, convention=convention), near).theta)
