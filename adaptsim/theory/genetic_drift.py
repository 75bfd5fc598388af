"""Genetic drift: what chance alone does to a population, in the models of Wright-Fisher and Moran.

``n`` haploid individuals, no mutation. Heterozygosity is the chance that two draws with
replacement differ.
"""

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def wright_fisher_heterozygosity(generations: Floats, *, size: Floats) -> Floats:
    """Return the share of heterozygosity left after so many generations, ``(1 - 1/n)^t``.

    Parameters
    ----------
    generations : float or array
        How many, t [generations].
    size : float or array
        Individuals n [1].

    Returns
    -------
    float or array
        Expected heterozygosity over that at the start [1]; variance of genotypes falls alike.

    Examples
    --------
    >>> wright_fisher_heterozygosity(2, size=10)
    0.81

    References
    ----------
    Wright (1931), Genetics 16:97. Named from general knowledge; verified against the chain's
    transition matrix in tests/theory.
    """
    return (1 - 1 / size) ** generations


@closed_form
def moran_heterozygosity(events: Floats, *, size: Floats) -> Floats:
    """Return the share of heterozygosity left after so many births and deaths, ``(1 - 2/n^2)^t``.

    Parameters
    ----------
    events : float or array
        Births, each with a death, t [events].
    size : float or array
        Individuals n [1].

    Returns
    -------
    float or array
        Expected heterozygosity over that at the start [1].

    Examples
    --------
    >>> moran_heterozygosity(1, size=10)
    0.98

    References
    ----------
    Moran (1958), Math. Proc. Camb. Phil. Soc. 54:60. Named from general knowledge; verified
    against the chain's transition matrix in tests/theory.
    """
    return (1 - 2 / size**2) ** events


@closed_form
def moran_fixation(*, size: Floats, fitness: Floats = 1.0, copies: Floats = 1.0) -> Floats:
    """Return the chance that a mutant takes over a Moran population.

    ``(1 - r^-i) / (1 - r^-n)`` for ``i`` copies of relative fitness r; ``i / n`` for r = 1.

    Parameters
    ----------
    size : float or array
        Individuals n [1].
    fitness : float or array
        Fitness r of the mutant relative to the others [1], above 0.
    copies : float or array
        Mutants i at the start [1].

    Returns
    -------
    float or array
        Chance of fixation [1].

    Examples
    --------
    >>> moran_fixation(size=10), round(moran_fixation(size=10, fitness=2.0), 6)
    (0.1, 0.500489)

    References
    ----------
    Moran (1958), as above; verified against the chain's absorption in tests/theory.
    """
    neutral = np.abs(fitness - 1) < 1e-12
    ratio = np.where(neutral, 2.0, fitness)
    chance = (1 - ratio**-copies) / (1 - ratio**-size)
    return np.where(neutral, copies / size, chance)
