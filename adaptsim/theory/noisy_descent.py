"""Noisy descent of one coordinate at finite learning rates, by its transition probabilities.

The walk is ``x' = x - eta U'(x) + sqrt(2 eta T) xi`` (unadjusted Langevin; the same as a slope
felt with noise ``s``, ``T = eta s**2 / 2``), or that proposal accepted by Metropolis' rule. It is
watched inside an interval ``(low, high)``. Probabilities of moving are known there in closed form;
Gauss-Legendre quadrature turns them into a matrix, which is sharp to rounding where they are
smooth. A step that leaves the interval is an escape.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import linalg

from adaptsim.theory.boltzmann import Function, check_temperature
from adaptsim.theory.quadrature import panel_nodes

FEWEST_PANELS = 40
"""Panels at least; more where a panel would be wider than two standard deviations of a step."""

KEPT = 200
"""Transition matrices of different learning rates that are kept in memory (about 1 MB each)."""

SHIFT = 1e-9
"""How far from 1 the eigenvalue nearest to 1 is looked for."""


@dataclass(frozen=True)
class Chain:
    """A walk inside an interval: where it may be, and the probabilities of moving.

    Attributes
    ----------
    nodes : array, shape (n,)
        Places [trait].
    moves : array, shape (n, n)
        Probability of moving from a place (row) to the neighbourhood of another (column) [1].
    accepted : array, shape (n,)
        Probability that a step from a place is accepted [1].

    Examples
    --------
    >>> slope = lambda x: x**3 - x
    >>> chain = unadjusted(slope, 0.1, temperature=0.1, low=-2.5, high=2.5)
    >>> round(chain.mean(lambda x: x**2), 8)
    0.85929459
    """

    nodes: np.ndarray
    moves: np.ndarray
    accepted: np.ndarray

    def mean(self, function: Function) -> float:
        """Return the mean of a function at rest, in the function's unit."""
        return float(self.rest @ function(self.nodes))

    @property
    def acceptance(self) -> float:
        """Share of accepted steps at rest [1]."""
        return float(self.rest @ self.accepted)

    @property
    def escape_probability(self) -> float:
        """Probability per step of leaving the interval, at rest [1/step]."""
        return 1.0 - float((self.rest @ self.moves).sum())

    @cached_property
    def rest(self) -> np.ndarray:
        """Probabilities of places at rest, shape (n,).

        Where walks escape it is the law, no longer changing, of those that have not yet.
        """
        shifted = linalg.lu_factor((1 + SHIFT) * np.eye(len(self.nodes)) - self.moves.T)
        law = np.full(len(self.nodes), 1 / len(self.nodes))
        for _ in range(4):
            law = linalg.lu_solve(shifted, law)
            law = law / law.sum()
        return law


def unadjusted(
    slope: Function, learning_rate: float, temperature: float, *, low: float, high: float
) -> Chain:
    """Return noisy descent inside an interval.

    Parameters
    ----------
    slope
        The slope U' [loss/trait], of arrays of any shape [trait].
    learning_rate : float
        Learning rate eta [1/curvature], above 0.
    temperature : float
        Temperature T [loss], above 0.
    low, high : float
        The interval [trait]; where walks do not leave, its ends do not matter.

    Returns
    -------
    Chain

    Examples
    --------
    >>> chain = unadjusted(lambda x: x, 1.5, temperature=0.75, low=-15.0, high=15.0)
    >>> round(chain.mean(lambda x: x**2), 9)
    3.0

    References
    ----------
    Roberts & Tweedie, Bernoulli 2 (1996) 341-363 (the algorithm and its failures).
    """
    x, weights = _places(learning_rate, temperature, low, high)
    moves = _density(slope, learning_rate, temperature, x, x) * weights
    return Chain(x, moves, np.ones_like(x))


def metropolis(
    potential: Function,
    slope: Function,
    learning_rate: float,
    temperature: float,
    *,
    low: float,
    high: float,
) -> Chain:
    """Return Metropolis-adjusted Langevin motion inside an interval (steps outside are refused).

    It rests exactly with the Boltzmann density. The share of accepted steps is less sharp, to
    about 1e-5, since Metropolis' rule has a kink.

    Parameters
    ----------
    potential
        The potential U [loss], of arrays of any shape [trait].
    slope, learning_rate, temperature, low, high
        As for ``unadjusted``.

    Returns
    -------
    Chain

    Examples
    --------
    >>> wells, slope = lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x
    >>> chain = metropolis(wells, slope, 0.4, temperature=0.1, low=-2.4, high=2.4)
    >>> round(chain.mean(lambda x: x**2), 8), round(chain.acceptance, 4)
    (0.87136291, 0.8493)

    References
    ----------
    Roberts & Tweedie, Bernoulli 2 (1996) 341-363.
    """
    x, weights = _places(learning_rate, temperature, low, high, fewest=2 * FEWEST_PANELS)
    log_proposal = _log_density(slope, learning_rate, temperature, x, x)
    energy = potential(x) / temperature
    log_ratio = energy[:, None] - energy + log_proposal.T - log_proposal
    moves = np.exp(log_proposal + np.minimum(log_ratio, 0)) * weights
    accepted = moves.sum(axis=1)
    return Chain(x, moves + np.diag(1 - accepted), accepted)


def mean_exit_steps(
    slope: Function,
    learning_rate: float,
    temperature: float,
    *,
    start: float,
    low: float,
    high: float,
) -> float:
    """Return the exact mean number of steps until noisy descent is first outside an interval.

    For the time to reach a target at ``high``, let ``low`` be so far that no walk gets there. For
    small steps it is, times the learning rate, ``escape.mean_first_passage_time`` to a target
    that is farther by 0.5826 standard deviations of a step: walks in steps overshoot.

    Parameters
    ----------
    slope, learning_rate, temperature, low, high
        As for ``unadjusted``.
    start : float
        Where the walk starts, inside the interval [trait].

    Returns
    -------
    float
        Mean number of steps.

    Examples
    --------
    >>> round(mean_exit_steps(lambda x: x**3 - x, 0.1, 0.05, start=-1.0, low=-2.4, high=1.0), 1)
    7055.3

    References
    ----------
    Derived here: ``m = 1 + P m`` for the mean number m of steps from each place. The overshoot is
    that of Siegmund, Sequential Analysis, Springer 1985 (from memory; checked in tests/theory).
    """
    _check_start(start, low, high)
    x, weights = _places(learning_rate, temperature, low, high)
    onward = _density(slope, learning_rate, temperature, x, x) * weights
    steps = np.linalg.solve(np.eye(len(x)) - onward, np.ones(len(x)))
    first = _density(slope, learning_rate, temperature, np.array([start]), x)[0] * weights
    return float(1 + first @ steps)


def survival(
    slope: Function,
    learning_rates: Iterable[float],
    noise: float,
    *,
    start: float,
    low: float,
    high: float,
) -> np.ndarray:
    """Return the exact probability that noisy descent has never been outside an interval.

    The learning rate may change from step to step; the noise on the slope is the same throughout,
    so that the temperature ``eta s**2 / 2`` changes with the learning rate.

    Parameters
    ----------
    slope, low, high
        As for ``unadjusted``.
    learning_rates : numbers, one per step
        Learning rates [1/curvature], above 0.
    noise : float
        Standard deviation s of the noise on the slope [loss/trait].
    start : float
        Where the walk starts, inside the interval [trait].

    Returns
    -------
    array, shape (steps + 1,)
        Probabilities after 0, 1, 2, ... steps; differences are the law of the escape time.

    Examples
    --------
    >>> inside = survival(lambda x: x**3 - x, [0.1] * 3, 1.0, start=-1.0, low=-2.4, high=0.0)
    >>> inside.round(6).tolist()
    [1.0, 1.0, 1.0, 1.0]

    References
    ----------
    Derived here: the law of the walks inside is moved on step by step.
    """
    _check_start(start, low, high)
    rates = [float(rate) for rate in learning_rates]
    least = min(rates, default=0.0)
    x, weights = _places(least, least * noise**2 / 2, low, high)

    @lru_cache(maxsize=KEPT)
    def moves(eta: float) -> np.ndarray:
        return _density(slope, eta, eta * noise**2 / 2, x, x) * weights

    first, begin = rates[0], np.array([start])
    law = _density(slope, first, first * noise**2 / 2, begin, x)[0] * weights
    inside = [1.0, law.sum()]
    for eta in rates[1:]:
        law = law @ moves(eta)
        inside.append(law.sum())
    return np.array(inside)


def _places(
    learning_rate: float,
    temperature: float,
    low: float,
    high: float,
    fewest: int = FEWEST_PANELS,
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on the interval, both (n,), fine enough for the noise of a step."""
    check_temperature(temperature)
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be above 0; got {learning_rate!r}.")
    if not -math.inf < low < high < math.inf:
        raise ValueError(f"low must lie below high, both finite; got {low!r} and {high!r}.")
    panels = math.ceil((high - low) / (2 * math.sqrt(2 * learning_rate * temperature)))
    nodes, weights = panel_nodes(np.linspace(low, high, max(panels, fewest) + 1))
    return nodes.ravel(), weights.ravel()


def _log_density(
    slope: Function, learning_rate: float, temperature: float, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Logarithm of the density of stepping from x, shape (n,), to y, shape (m,): (n, m)."""
    variance = 2 * learning_rate * temperature
    miss = y - (x - learning_rate * slope(x))[:, None]
    return -(miss**2) / (2 * variance) - math.log(2 * math.pi * variance) / 2


def _density(
    slope: Function, learning_rate: float, temperature: float, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    return np.exp(_log_density(slope, learning_rate, temperature, x, y))


def _check_start(start: float, low: float, high: float) -> None:
    if not low < start < high:
        raise ValueError(f"start must lie inside ({low:g}, {high:g}); got {start!r}.")
