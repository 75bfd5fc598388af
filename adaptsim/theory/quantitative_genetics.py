"""Quantitative genetics: evolution as gradient ascent, and its lag behind a moving optimum.

A trait z is normal in a population, with mean z_bar, additive genetic variance G and environmental
variance E, so phenotypic variance ``P = G + E``. Fitness is ``exp(-(z - theta)^2 / (2 w^2))``. One
generation, in order: selection, reproduction, then the optimum moves on; values are those before
selection. The mean follows the optimum as the tracker of ``theory.tracker`` does, of gain
``G / (w^2 + P)``: additive genetic variance is the learning rate of evolution.
"""

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def response(selection_gradient: Floats, *, genetic_variance: Floats) -> Floats:
    """Return the change of the mean trait in a generation, ``G d(ln mean fitness)/d(mean trait)``.

    Gradient ascent on the logarithm of mean fitness, with G in the place of a learning rate.

    Parameters
    ----------
    selection_gradient : float or array
        Slope of ln mean fitness in the mean trait [1 / trait].
    genetic_variance : float or array
        Additive genetic variance G [trait**2].

    Returns
    -------
    float or array
        Change of the mean per generation [trait].

    Examples
    --------
    >>> response(0.1, genetic_variance=0.5)
    0.05

    References
    ----------
    Lande (1976), Evolution 30:314. Quoted from general knowledge; verified against a density
    selected numerically in tests/theory.
    """
    return genetic_variance * selection_gradient


@closed_form
def selection_gradient(
    mismatch: Floats, *, width: Floats, phenotypic_variance: Floats = 0.0
) -> Floats:
    """Return the slope of ln mean fitness in the mean trait, ``(theta - z_bar) / (w^2 + P)``.

    Parameters
    ----------
    mismatch : float or array
        Optimum minus mean trait, ``theta - z_bar`` [trait].
    width : float or array
        Width w of the fitness function [trait].
    phenotypic_variance : float or array
        Variance P of the trait before selection [trait**2].

    Returns
    -------
    float or array
        Gradient [1 / trait].

    Examples
    --------
    >>> selection_gradient(1.0, width=2.0, phenotypic_variance=1.0)
    0.2

    References
    ----------
    Lande (1976), as above; verified against quadrature in tests/theory.
    """
    return mismatch / (width**2 + phenotypic_variance)


@closed_form
def log_mean_fitness(
    mismatch: Floats, *, width: Floats, phenotypic_variance: Floats = 0.0, growth: Floats = 1.0
) -> Floats:
    """Return ln mean fitness, ``ln B + ln(w^2/(w^2+P))/2 - (theta - z_bar)^2 / (2 (w^2+P))``.

    Parameters
    ----------
    mismatch : float or array
        Optimum minus mean trait [trait].
    width : float or array
        Width w of the fitness function [trait].
    phenotypic_variance : float or array
        Variance P of the trait before selection [trait**2].
    growth : float or array
        Offspring B of an individual at the optimum [1 / generation].

    Returns
    -------
    float or array
        Growth rate of the population while nothing regulates it [1 / generation].

    Examples
    --------
    >>> round(log_mean_fitness(0.0, width=2.0, phenotypic_variance=1.0, growth=2.0), 6)
    0.581575

    References
    ----------
    Lande (1976), as above; verified against quadrature in tests/theory.
    """
    spread = width**2 + phenotypic_variance
    return np.log(growth) + np.log(width**2 / spread) / 2 - mismatch**2 / (2 * spread)


@closed_form
def gain(
    genetic_variance: Floats, *, width: Floats, environmental_variance: Floats = 0.0
) -> Floats:
    """Return the share of the mismatch of the mean that a generation makes up, ``G / (w^2 + P)``.

    It is the tracker's gain. Descent would be stable up to 2, but ``P >= G`` keeps it below 1:
    evolution under Gaussian selection can neither overshoot nor become unstable.

    Parameters
    ----------
    genetic_variance : float or array
        Additive genetic variance G [trait**2].
    width : float or array
        Width w of the fitness function [trait].
    environmental_variance : float or array
        Variance E that is not inherited [trait**2].

    Returns
    -------
    float or array
        Gain per generation [1].

    Examples
    --------
    >>> gain(1.0, width=2.0)
    0.2

    References
    ----------
    Derived here from Lande's equation; verified against a density selected numerically in
    tests/theory.
    """
    return genetic_variance / (width**2 + genetic_variance + environmental_variance)


@closed_form
def speed_limit(*, width: Floats, phenotypic_variance: Floats) -> Floats:
    """Return the genetic variance from which Lande's equation is unstable, ``2 (w^2 + P)``.

    Two over the curvature of ln mean fitness, as for any descent. A population cannot reach it
    where P contains G; a linearised model with P held fixed can.

    Parameters
    ----------
    width : float or array
        Width w of the fitness function [trait].
    phenotypic_variance : float or array
        Variance P of the trait [trait**2], taken as given.

    Returns
    -------
    float or array
        Genetic variance [trait**2].

    Examples
    --------
    >>> speed_limit(width=2.0, phenotypic_variance=1.0)
    10.0

    References
    ----------
    Derived here; verified by iteration in tests/theory.
    """
    return 2 * (width**2 + phenotypic_variance)


@closed_form
def lag(
    rate: Floats, *, genetic_variance: Floats, width: Floats, environmental_variance: Floats = 0.0
) -> Floats:
    """Return how far the mean stays behind an optimum that moves steadily, ``k (w^2 + P) / G``.

    Parameters
    ----------
    rate : float or array
        Change k of the optimum per generation [trait / generation].
    genetic_variance : float or array
        Additive genetic variance G [trait**2].
    width : float or array
        Width w of the fitness function [trait].
    environmental_variance : float or array
        Variance E that is not inherited [trait**2].

    Returns
    -------
    float or array
        Lag [trait]; ``1 / gain`` generations of the optimum's way.

    Examples
    --------
    >>> lag(0.1, genetic_variance=1.0, width=2.0)
    0.5

    References
    ----------
    Lynch & Lande (1993), in Biotic interactions and global change; Buerger & Lynch (1995),
    Evolution 49:151. Quoted from general knowledge; verified by iteration in tests/theory.
    """
    return rate / gain(genetic_variance, width=width, environmental_variance=environmental_variance)


@closed_form
def critical_rate(
    *,
    genetic_variance: Floats,
    width: Floats,
    growth: Floats,
    environmental_variance: Floats = 0.0,
) -> Floats:
    """Return the rate of change of the optimum beyond which a population shrinks for ever.

    ``k_c = G sqrt(2 r / (w^2 + P))`` with ``r = ln B + ln(w^2 / (w^2 + P)) / 2``, the growth rate
    without a lag: at the steady lag of ``k_c`` mean fitness is 1.

    Parameters
    ----------
    genetic_variance : float or array
        Additive genetic variance G [trait**2].
    width : float or array
        Width w of the fitness function [trait].
    growth : float or array
        Offspring B of an individual at the optimum [1 / generation].
    environmental_variance : float or array
        Variance E that is not inherited [trait**2].

    Returns
    -------
    float or array
        Rate [trait / generation]; nan where the population shrinks even without a lag.

    Examples
    --------
    >>> round(critical_rate(genetic_variance=1.0, width=2.0, growth=2.0), 6)
    0.482317

    References
    ----------
    Lynch & Lande (1993), Buerger & Lynch (1995), as above; verified against ``lag`` and
    ``log_mean_fitness`` in tests/theory.
    """
    phenotypic = genetic_variance + environmental_variance
    spare = log_mean_fitness(0.0, width=width, phenotypic_variance=phenotypic, growth=growth)
    return genetic_variance * np.sqrt(2 * spare / (width**2 + phenotypic))


@closed_form
def genetic_variance(
    *,
    mutation_variance: Floats,
    width: Floats,
    environmental_variance: Floats = 0.0,
    size: Floats = np.inf,
) -> Floats:
    """Return the genetic variance where mutation and selection are in balance, without sex.

    Selection leaves ``G - G^2 / (w^2 + G + E)`` of it, drift in ``n`` individuals the share
    ``1 - 1/n`` of that, mutation adds M; the balance is the positive root. In an infinite
    population it is the variance of a Kalman filter that sees through noise of variance
    ``w^2 + E`` an optimum which drifts by M a generation, and the gain of evolution is its gain.

    Parameters
    ----------
    mutation_variance : float or array
        Variance M that mutation adds [trait**2 / generation].
    width : float or array
        Width w of the fitness function [trait].
    environmental_variance : float or array
        Variance E that is not inherited [trait**2].
    size : float or array
        Individuals n [1].

    Returns
    -------
    float or array
        Genetic variance G before selection [trait**2].

    Examples
    --------
    >>> round(genetic_variance(mutation_variance=0.01, width=1.0), 6)
    0.105125
    >>> from adaptsim.theory import random_walk
    >>> round(random_walk.kalman_mse(drift_variance=0.01, observation_variance=1.0), 6)
    0.105125

    References
    ----------
    Derived here for clones with normal mutations; verified by iteration in tests/theory.
    """
    kept, noise = 1 - 1 / size, width**2 + environmental_variance
    # G = kept G noise / (noise + G) + M, so G^2 + (noise (1 - kept) - M) G - M noise = 0
    half = (noise * (1 - kept) - mutation_variance) / 2
    return -half + np.sqrt(half**2 + mutation_variance * noise)


def time_to_extinction(
    rate: float,
    *,
    genetic_variance: float,
    width: float,
    growth: float,
    size: float,
    most: int = 100_000,
) -> float:
    """Return when fewer than one are expected to live behind a moving optimum, about.

    The mean falls behind by ``lag (1 - (1 - gain)^t)``, and the expected number is multiplied by
    mean fitness each generation, never beyond ``size``. Chance and the loss of genetic variance
    in few individuals are left out; both make the end come sooner, and few who live long later.

    Parameters
    ----------
    rate : float
        Change k of the optimum per generation [trait / generation].
    genetic_variance : float
        Additive genetic variance G, all of the variance [trait**2].
    width : float
        Width w of the fitness function [trait].
    growth : float
        Offspring B of an individual at the optimum [1 / generation].
    size : float
        Ceiling and number at the start [1].
    most : int
        Generations after which to give up.

    Returns
    -------
    float
        Time [generations]; infinite at rates below the critical one.

    Examples
    --------
    >>> told = {"genetic_variance": 1.0, "width": 2.0, "growth": 2.0, "size": 100.0}
    >>> time_to_extinction(0.4, **told), time_to_extinction(0.8, **told)
    (inf, 14.0)

    References
    ----------
    Derived here, in the spirit of Buerger & Lynch (1995), as above; an approximation.
    """
    told = {"genetic_variance": genetic_variance, "width": width}
    if rate <= critical_rate(growth=growth, **told):
        return float("inf")
    behind, back = float(lag(rate, **told)), 1 - float(gain(genetic_variance, width=width))
    generations = np.arange(most)
    mismatch = behind * (1 - back**generations)
    grown = np.asarray(
        log_mean_fitness(mismatch, width=width, phenotypic_variance=genetic_variance, growth=growth)
    )
    left = np.log(size)
    for generation, change in enumerate(grown):
        left = min(left + change, np.log(size))
        if left < 0:
            return float(generation + 1)
    return float("inf")


@closed_form
def cyclic_error(life: Floats, *, gain: Floats, omega: Floats, amplitude: Floats = 1.0) -> Floats:
    """Return the mean squared mismatch of the mean trait behind a sine, lives of many steps.

    Selection acts on the mean optimum over a life of L steps; the mean trait is the same all that
    while. With ``D = exp(i w (L-1)/2) sin(w L/2) / (L sin(w/2))`` a life's mean of the sine and
    ``H`` the tracker's response at ``w L``, it is ``(A^2/2) (1 - 2 Re(H) |D|^2 + |H|^2 |D|^2)``.

    Parameters
    ----------
    life : float or array
        Steps L of a life [steps].
    gain : float or array
        Share of the mismatch made up in a generation [1].
    omega : float or array
        Angular frequency of the optimum [rad / step].
    amplitude : float or array
        Amplitude A of the optimum [trait].

    Returns
    -------
    float or array
        Mean squared mismatch [trait**2].

    Examples
    --------
    >>> from adaptsim.theory import tracker
    >>> one = cyclic_error(1, gain=0.3, omega=0.1)
    >>> round(one - tracker.tone_mse(0.3, 0.1), 12)
    0.0

    References
    ----------
    Derived here; verified against the recursion in tests/theory.
    """
    seen = np.sin(omega * life / 2) / (life * np.sin(omega / 2))
    follows = gain / (np.exp(1j * omega * life) - (1 - gain))
    share = seen**2 * (np.abs(follows) ** 2 - 2 * np.real(follows))
    return amplitude**2 / 2 * (1 + share)
