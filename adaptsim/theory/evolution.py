"""Which learning rate evolves: heritable rates under a price on error and on learning itself.

Log fitness is ``-(s/2) MSE - c g``. Over many generations the rate wins that maximises it, so
``2 c / s`` is the price of a unit of rate in units of squared error. What remains is the least of
``MSE(g) + price g``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adaptsim.theory import autoregressive
from adaptsim.theory._closed_form import Floats, closed_form

BISECTIONS = 80
GENERATIONS = 20_000


def evolved_gain(
    error: Callable[[NDArray[Any]], Any], *, price: float = 0.0, most: float = 2.0
) -> float:
    """Return the gain of least ``error(g) + price g``, found numerically from 0 to ``most``.

    Parameters
    ----------
    error : callable
        Mean squared error [trait**2] of an array of gains; nan where it is not defined.
    price : float
        What a unit of gain costs, ``2 c / s`` [trait**2].
    most : float
        Where to stop looking, excluded [1].

    Returns
    -------
    float
        Gain per step [1]; 0 where learning does not pay; nan where no error is defined.

    Examples
    --------
    >>> round(evolved_gain(lambda g: (g - 0.3) ** 2, price=0.1), 6)
    0.25

    References
    ----------
    Definition; the search is on a grid of 240 gains (finer towards 0), then by Brent's method.
    """
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

    def dearness(g: Any) -> Any:
        return np.asarray(error(np.asarray(g, dtype=float))) + price * np.asarray(g)

    grid = np.concatenate([np.geomspace(1e-6, 0.01, 41)[:-1], np.linspace(0.01, most, 201)[:-1]])
    grid = np.concatenate([[0.0], grid])
    told = np.where(np.isfinite(dearness(grid)), dearness(grid), np.inf)
    best = int(np.argmin(told))
    if not np.isfinite(told[best]):
        return float("nan")
    if best == 0:
        return 0.0
    ends = (grid[best - 1], grid[min(best + 1, grid.size - 1)])
    options = {"xatol": 1e-12}
    return float(minimize_scalar(dearness, bounds=ends, method="bounded", options=options).x)


def autoregressive_gain(
    *,
    variance: float,
    correlation: float,
    observation_variance: float = 0.0,
    selection: float = 1.0,
    cost: float = 0.0,
) -> float:
    """Return the gain that wins behind an AR(1) optimum, least of ``MSE(g) + (2 c / s) g``.

    Parameters
    ----------
    variance : float
        Stationary variance V of the optimum [trait**2].
    correlation : float
        Lag-1 autocorrelation phi of the optimum [1].
    observation_variance : float
        Variance R of one observation [trait**2].
    selection : float
        Log fitness lost per half mean squared error, s [1 / trait**2], above 0.
    cost : float
        Log fitness lost per unit of gain, c [1].

    Returns
    -------
    float
        Gain per step [1]; without cost ``autoregressive.best_gain``.

    Examples
    --------
    >>> world = {"variance": 1.0, "correlation": 0.95, "observation_variance": 0.5}
    >>> round(autoregressive_gain(**world), 6)
    0.318704
    >>> round(autoregressive_gain(**world, selection=20.0, cost=10.0), 6)
    0.145549

    References
    ----------
    Derived here; verified against the root of the derivative in tests/theory.
    """

    def mse(g: NDArray[Any]) -> Any:
        return autoregressive.tracking_mse(
            g,
            variance=variance,
            correlation=correlation,
            observation_variance=observation_variance,
        )

    return evolved_gain(mse, price=2 * cost / selection)


@closed_form
def price_of_rate(
    *, noise_intensity: Floats = 0.0, cost: Floats = 0.0, selection: Floats = 1.0
) -> Floats:
    """Return the linear price k of an adaptation rate, ``R_c / 2 + 2 c / s``.

    Noise costs a continuous tracker ``rate R_c / 2``, in proportion to its rate, just as upkeep
    does: the two add up to one price.

    Parameters
    ----------
    noise_intensity : float or array
        Intensity R_c of the observation noise [trait**2 time].
    cost : float or array
        Log fitness lost per unit of rate, c [time].
    selection : float or array
        Log fitness lost per half mean squared error, s [1 / trait**2].

    Returns
    -------
    float or array
        Price k [trait**2 time].

    Examples
    --------
    >>> price_of_rate(noise_intensity=1.0, cost=0.5, selection=4.0)
    0.75

    References
    ----------
    Derived here.
    """
    return noise_intensity / 2 + 2 * cost / selection


@closed_form
def wandering_rate(*, reversion_rate: Floats, variance: Floats, price: Floats) -> Floats:
    """Return the rate that wins behind an Ornstein-Uhlenbeck optimum, ``sqrt(V gamma/k) - gamma``.

    It is hump-shaped in gamma, at most ``V / (4 k)`` (at ``gamma = V / (4 k)``), and 0 from
    ``gamma = V / k`` on: plasticity is lost gradually.

    Parameters
    ----------
    reversion_rate : float or array
        Rate gamma at which the optimum returns to its mean [1 / time].
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    price : float or array
        Price k of a unit of rate [trait**2 time].

    Returns
    -------
    float or array
        Adaptation rate [1 / time].

    Examples
    --------
    >>> wandering_rate(reversion_rate=0.5, variance=1.0, price=0.5)
    0.5
    >>> wandering_rate(reversion_rate=2.0, variance=1.0, price=0.5)
    0.0

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    best = np.sqrt(variance * reversion_rate / price) - reversion_rate
    return np.where(reversion_rate >= 0, np.maximum(best, 0.0), np.nan)


@closed_form
def tone_price(
    rate: Floats, omega: Floats, *, amplitude: Floats = 1.0, price: Floats = 0.0
) -> Floats:
    """Return what following a sine at a rate costs, ``(A^2/2) w^2/(alpha^2 + w^2) + k alpha``.

    Parameters
    ----------
    rate : float or array
        Adaptation rate alpha [1 / time].
    omega : float or array
        Angular frequency w of the optimum [rad / time].
    amplitude : float or array
        Amplitude A of the optimum [trait].
    price : float or array
        Price k of a unit of rate [trait**2 time].

    Returns
    -------
    float or array
        Mean squared error and price together [trait**2]; nan for negative rates.

    Examples
    --------
    >>> tone_price(0.5, 0.5, price=0.5), tone_price(0.0, 0.5, price=0.5)
    (0.5, 0.5)

    References
    ----------
    ``continuous_tracker.tone_mse`` and a linear price.
    """
    error = amplitude**2 / 2 * omega**2 / (rate**2 + omega**2)
    return np.where(rate >= 0, error + price * rate, np.nan)


@closed_form
def learner_rate(omega: Floats, *, amplitude: Floats = 1.0, price: Floats = 1.0) -> Floats:
    """Return the rate at which a learner behind a sine is at a local optimum, nan if there is none.

    With ``x = alpha / w`` the larger root of ``x / (1 + x^2)^2 = k w / A^2``; it exists up to
    ``metastable_omega``. Slow sines: about ``(A^2 w^2 / k)^(1/3)``.

    Parameters
    ----------
    omega : float or array
        Angular frequency w of the optimum [rad / time], above 0.
    amplitude : float or array
        Amplitude A of the optimum [trait].
    price : float or array
        Price k of a unit of rate [trait**2 time], above 0.

    Returns
    -------
    float or array
        Adaptation rate alpha [1 / time].

    Examples
    --------
    >>> [round(learner_rate(w, price=0.5), 4) for w in (0.05, 0.2, 0.4)]
    [0.1608, 0.3602, 0.4827]

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    steepness = price * omega / amplitude**2
    low = np.full_like(steepness, 1 / np.sqrt(3.0))
    high = np.maximum(low, steepness ** (-1 / 3))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = middle / (1 + middle**2) ** 2 > steepness
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    exists = (omega > 0) & (omega <= metastable_omega(amplitude=amplitude, price=price))
    return np.where(exists, (low + high) / 2 * omega, np.nan)


@closed_form
def tone_rate(omega: Floats, *, amplitude: Floats = 1.0, price: Floats = 1.0) -> Floats:
    """Return the best rate behind a sine: ``learner_rate`` below ``edge_omega``, else 0.

    At the edge the best rate is w itself (an eighth of a period late, gain 0.7071): plasticity is
    lost by a jump.

    Parameters
    ----------
    omega, amplitude, price : float or array
        As for ``learner_rate``.

    Returns
    -------
    float or array
        Adaptation rate alpha [1 / time].

    Examples
    --------
    >>> round(tone_rate(0.49999, price=0.5), 3), tone_rate(0.50001, price=0.5)
    (0.5, 0.0)

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    learns = learner_rate(omega, amplitude=amplitude, price=price)
    return np.where(omega < edge_omega(amplitude=amplitude, price=price), learns, 0.0)


@closed_form
def edge_omega(*, amplitude: Floats = 1.0, price: Floats = 1.0) -> Floats:
    """Return the frequency below which learning behind a sine pays, ``A^2 / (4 k)``.

    Parameters
    ----------
    amplitude : float or array
        Amplitude A of the optimum [trait].
    price : float or array
        Price k of a unit of rate [trait**2 time].

    Returns
    -------
    float or array
        Angular frequency [rad / time].

    Examples
    --------
    >>> edge_omega(price=0.5)
    0.5

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    return amplitude**2 / (4 * price)


@closed_form
def metastable_omega(*, amplitude: Floats = 1.0, price: Floats = 1.0) -> Floats:
    """Return the frequency up to which a learner stays one, ``(3 sqrt(3) / 16) A^2 / k``.

    Between the edge and this frequency slight mutants of a learner and of a non-learner both lose
    against their parents: which of the two a population is depends on its past.

    Parameters
    ----------
    amplitude : float or array
        Amplitude A of the optimum [trait].
    price : float or array
        Price k of a unit of rate [trait**2 time].

    Returns
    -------
    float or array
        Angular frequency [rad / time].

    Examples
    --------
    >>> round(metastable_omega(price=0.5), 6)
    0.649519

    References
    ----------
    Derived here; verified in tests/theory. Botero et al. (2015), PNAS 112:184, find such tipping
    points in evolved plasticity; quoted at second hand.
    """
    return 3 * np.sqrt(3.0) / 16 * amplitude**2 / price


@closed_form
def rare_jump_gain(*, hazard: Floats, variance: Floats, observation_variance: Floats) -> Floats:
    """Return the square-root law of rare jumps, ``sqrt(2 V h / R)``: memory as time^(1/2).

    Parameters
    ----------
    hazard : float or array
        Chance h of a jump to a fresh value [1 / step], small.
    variance : float or array
        Variance V of the values [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Gain per step [1].

    Examples
    --------
    >>> round(rare_jump_gain(hazard=1e-4, variance=1.0, observation_variance=2.0), 6)
    0.01

    References
    ----------
    Derived here, the limit of ``jumps.best_gain``. Lee, Flack & Krakauer (2024), Proc. R. Soc. B
    291:20241606, report a square-root law; abstract only.
    """
    return np.sqrt(2 * variance * hazard / observation_variance)


def scaling_exponent(x: Floats, y: Floats) -> float:
    """Return the exponent p of ``y = a x^p``, by least squares on logarithms.

    Parameters
    ----------
    x, y : array
        Positive numbers, at least two.

    Returns
    -------
    float
        Exponent [1].

    Examples
    --------
    >>> round(scaling_exponent([1.0, 4.0, 9.0], [1.0, 2.0, 3.0]), 12)
    0.5

    References
    ----------
    Definition.
    """
    return float(np.polyfit(np.log(np.asarray(x)), np.log(np.asarray(y)), 1)[0])


def loaded_gain(
    log_fitness: Callable[[NDArray[Any]], Any],
    *,
    mutation: float,
    lowest: float = 1e-4,
    highest: float = 2.0,
    points: int = 300,
) -> tuple[float, float]:
    """Return mean and variance of gains where selection and relative mutation are in balance.

    A population that mutates never sits at the best gain but around it, and where fitness falls
    more steeply to one side its mean is off: the mutation load shifts it. The balance is the
    leading eigenvector, by iteration, of "select by ``exp(log fitness)``, then multiply by
    ``1 + mu normal``" on a grid of logarithms of gains, without chance: an infinite population in
    a mean world.

    Parameters
    ----------
    log_fitness : callable
        Log fitness of an array of gains per generation [1].
    mutation : float
        Standard deviation mu of a mutation, as a fraction of the gain [1], below about 0.3.
    lowest, highest : float
        Ends of the grid [1], above 0.
    points : int
        Points of the grid.

    Returns
    -------
    tuple of float
        Mean gain [1] and variance of gains [1] before selection.

    Examples
    --------
    >>> mean, variance = loaded_gain(lambda g: -50 * (g - 0.5) ** 2, mutation=0.05)
    >>> round(mean, 4), round(variance, 5)
    (0.4957, 0.00281)

    References
    ----------
    Derived here; Kimura's (1965) continuum of alleles, named from general knowledge.
    """
    logs = np.linspace(np.log(lowest), np.log(highest), points)
    gains = np.exp(logs)
    told = np.asarray(log_fitness(gains), dtype=float)
    fitness = np.exp(np.where(np.isfinite(told), told - np.nanmax(told), -np.inf))
    factor = gains[:, None] / gains[None, :]  # from column to row
    density = np.exp(-0.5 * ((factor - 1) / mutation) ** 2) * factor  # in the logarithm
    spread = density / density.sum(axis=0)
    balance, shares = spread * fitness, np.full(points, 1 / points)
    for _ in range(GENERATIONS):
        before, shares = shares, balance @ shares
        shares = shares / shares.sum()
        if np.abs(shares - before).max() < 1e-14:
            break
    mean = float((shares * gains).sum())
    return mean, float((shares * (gains - mean) ** 2).sum())
