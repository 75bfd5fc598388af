"""Closed forms of genetic drift, against the transition matrices of the chains."""

import numpy as np
import pytest
from scipy.stats import binom  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import genetic_drift

from .checks import Array

SIZE = 12


def moran_matrix(fitness: float) -> Array:
    """Return the chances from i mutants to j in one event."""
    chances = np.zeros((SIZE + 1, SIZE + 1))
    for i in range(SIZE + 1):
        birth = fitness * i / (fitness * i + SIZE - i)
        up, down = birth * (1 - i / SIZE), (1 - birth) * i / SIZE
        chances[i, min(i + 1, SIZE)] += up
        chances[i, max(i - 1, 0)] += down
        chances[i, i] += 1 - up - down
    return chances


def heterozygosity() -> Array:
    share = np.arange(SIZE + 1) / SIZE
    return 2 * share * (1 - share)


def test_wright_fisher_loses_heterozygosity() -> None:
    """(1 - 1/n)^t is what the binomial chain gives."""
    counts = np.arange(SIZE + 1)
    chances = binom.pmf(counts, SIZE, counts[:, None] / SIZE)
    left = np.linalg.matrix_power(chances, 7)[3] @ heterozygosity() / heterozygosity()[3]
    assert genetic_drift.wright_fisher_heterozygosity(7, size=SIZE) == pytest.approx(left, rel=1e-9)


def test_moran_loses_heterozygosity() -> None:
    """(1 - 2/n^2)^t is what the birth-death chain gives."""
    left = np.linalg.matrix_power(moran_matrix(1.0), 40)[5] @ heterozygosity() / heterozygosity()[5]
    assert genetic_drift.moran_heterozygosity(40, size=SIZE) == pytest.approx(left, rel=1e-9)


@pytest.mark.parametrize("fitness", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("copies", [1, 4])
def test_moran_fixation(fitness: float, copies: int) -> None:
    """Chances of fixation are those of absorption in the chain."""
    end = np.linalg.matrix_power(moran_matrix(fitness), 20_000)[copies, SIZE]
    found = genetic_drift.moran_fixation(size=SIZE, fitness=fitness, copies=copies)
    assert found == pytest.approx(end, rel=1e-8)
