"""Noise as temperature: what noisy descent does at rest in a quadratic valley.

Noisy descent is ``x' = x - eta (f'(x) + s xi)``, xi standard normal and fresh each step. For
small steps it is Langevin motion, ``x' = x - eta f'(x) + sqrt(2 eta T) xi``, at the temperature
``T = eta s**2 / 2`` (time being eta times steps), and rests with the Boltzmann density
``exp(-f(x) / T)``. For finite steps a quadratic valley still has exact answers, which are here.

With momentum b ("heavy ball") the step is ``v' = b v - eta (f'(x) + s xi)``, ``x' = x + v'``.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from adaptsim.theory._closed_form import Floats, closed_form

ROUNDING = 1e-9
"""A step that contracts by less than this counts as one that does not contract."""


@closed_form
def effective_temperature(
    learning_rate: Floats, *, noise: Floats, momentum: Floats = 0.0
) -> Floats:
    """Return the temperature of noisy descent, ``eta s**2 / (2 (1-b))``.

    Parameters
    ----------
    learning_rate : float or array
        Learning rate eta [1/curvature].
    noise : float or array
        Standard deviation s of the noise on each slope [loss/trait].
    momentum : float or array
        Heavy-ball momentum b [1].

    Returns
    -------
    float or array
        Temperature [loss]; nan for rates or noise below 0 and outside ``-1 < b < 1``.

    Examples
    --------
    >>> effective_temperature(0.1, noise=2.0)
    0.2

    References
    ----------
    Mandt, Hoffman & Blei (2017), J. Machine Learning Research 18, number 134.
    """
    possible = (learning_rate >= 0) & (noise >= 0) & (np.abs(momentum) < 1)
    return np.where(possible, learning_rate * noise**2 / (2 * (1 - momentum)), np.nan)


@closed_form
def noise_of(temperature: Floats, *, learning_rate: Floats) -> Floats:
    """Return the noise on each slope that makes a temperature, ``sqrt(2 T / eta)``.

    Parameters
    ----------
    temperature : float or array
        Temperature T [loss].
    learning_rate : float or array
        Learning rate eta [1/curvature].

    Returns
    -------
    float or array
        Standard deviation s [loss/trait].

    Examples
    --------
    >>> noise_of(0.2, learning_rate=0.1)
    2.0

    References
    ----------
    The inverse of ``effective_temperature`` without momentum.
    """
    return np.sqrt(2 * temperature / learning_rate)


@closed_form
def stationary_variance(
    learning_rate: Floats, *, curvature: Floats, noise: Floats, momentum: Floats = 0.0
) -> Floats:
    """Return the exact variance at rest, ``eta s**2 (1+b) / (lam (1-b) (2 (1+b) - eta lam))``.

    Without momentum this is ``eta s**2 / (lam (2 - eta lam))``.

    Parameters
    ----------
    learning_rate : float or array
        Learning rate eta [1/curvature].
    curvature : float or array
        Curvature lam of the quadratic ``lam x**2 / 2`` [loss/trait**2].
    noise : float or array
        Standard deviation s of the noise on the slope [loss/trait].
    momentum : float or array
        Heavy-ball momentum b [1].

    Returns
    -------
    float or array
        Variance [trait**2]; nan outside ``0 < eta lam < 2 (1+b)``, ``-1 < b < 1``.

    Examples
    --------
    >>> stationary_variance(1.5, curvature=1.0, noise=1.0)
    3.0
    >>> round(stationary_variance(0.1, curvature=1.0, noise=1.0, momentum=0.9), 10)
    0.5135135135

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    small = small_step_variance(learning_rate, curvature=curvature, noise=noise, momentum=momentum)
    return small * step_factor(learning_rate, curvature=curvature, momentum=momentum)


@closed_form
def small_step_variance(
    learning_rate: Floats, *, curvature: Floats, noise: Floats, momentum: Floats = 0.0
) -> Floats:
    """Return the variance at rest for small steps, ``eta s**2 / (2 lam (1-b)) = T / lam``.

    Parameters
    ----------
    learning_rate, curvature, noise, momentum : float or array
        As for ``stationary_variance``.

    Returns
    -------
    float or array
        Variance of the stochastic differential equation [trait**2]; nan for ``lam <= 0``.

    Examples
    --------
    >>> small_step_variance(1.5, curvature=1.0, noise=1.0)
    0.75

    References
    ----------
    Mandt, Hoffman & Blei (2017), J. Machine Learning Research 18, number 134.
    """
    warmth = effective_temperature(learning_rate, noise=noise, momentum=momentum)
    return np.where(curvature > 0, warmth / curvature, np.nan)


@closed_form
def step_factor(learning_rate: Floats, *, curvature: Floats, momentum: Floats = 0.0) -> Floats:
    """Return by how much finite steps widen the rest, ``2 (1+b) / (2 (1+b) - eta lam)``.

    Parameters
    ----------
    learning_rate, curvature, momentum : float or array
        As for ``stationary_variance``.

    Returns
    -------
    float or array
        Exact variance over that for small steps [1]; nan outside ``0 < eta lam < 2 (1+b)``.

    Examples
    --------
    >>> step_factor(1.5, curvature=1.0)
    4.0

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    limit, reach = 2 * (1 + momentum), learning_rate * curvature
    stable = (reach > 0) & (reach < limit) & (np.abs(momentum) < 1)
    return np.where(stable, limit / (limit - reach), np.nan)


def stationary_covariance(
    hessian: ArrayLike,
    noise_covariance: ArrayLike,
    learning_rate: float,
    momentum: float = 0.0,
) -> np.ndarray:
    """Return the exact covariance at rest in a quadratic valley of ``d`` coordinates.

    Without momentum the solution C of ``H C + C H - eta H C H = eta S``; with it, that of the
    discrete Lyapunov equation of position and velocity together.

    Parameters
    ----------
    hessian : array, shape (d, d)
        Second derivatives H, symmetric [loss/trait**2].
    noise_covariance : array, shape (d, d)
        Covariance S of the noise on the gradient [loss**2/trait**2].
    learning_rate : float
        Learning rate eta [1/curvature].
    momentum : float
        Heavy-ball momentum b [1].

    Returns
    -------
    array, shape (d, d)
        Covariance C of the position [trait**2]; all nan where the step does not contract.

    Examples
    --------
    >>> stationary_covariance([[1.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], 0.5).round(6)
    array([[0.333333, 0.      ],
           [0.      , 0.25    ]])

    References
    ----------
    Derived here; the small-step form is that of Mandt, Hoffman & Blei (2017), see above.
    """
    bend, shocks = _matrices(hessian, noise_covariance)
    d = len(bend)
    pull = learning_rate * bend
    speed = momentum * np.eye(d)
    step = np.block([[np.eye(d) - pull, speed], [-pull, speed]])
    if not np.abs(np.linalg.eigvals(step)).max() < 1 - ROUNDING:
        return np.full((d, d), np.nan)
    joint = solve_discrete_lyapunov(step, learning_rate**2 * np.tile(shocks, (2, 2)))
    return np.asarray(joint)[:d, :d]


def small_step_covariance(
    hessian: ArrayLike, noise_covariance: ArrayLike, learning_rate: float
) -> np.ndarray:
    """Return the covariance at rest for small steps: C of ``H C + C H = eta S``.

    Parameters
    ----------
    hessian, noise_covariance, learning_rate
        As for ``stationary_covariance``.

    Returns
    -------
    array, shape (d, d)
        Covariance C of the Ornstein-Uhlenbeck process [trait**2]; all nan where a curvature is
        not positive.

    Examples
    --------
    >>> small_step_covariance([[1.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], 0.5)
    array([[0.25 , 0.   ],
           [0.   , 0.125]])

    References
    ----------
    Mandt, Hoffman & Blei (2017), J. Machine Learning Research 18, number 134.
    """
    bend, shocks = _matrices(hessian, noise_covariance)
    if not np.linalg.eigvalsh(bend).min() > 0:
        return np.full_like(bend, np.nan)
    return np.asarray(solve_continuous_lyapunov(bend, learning_rate * shocks))


def _matrices(hessian: ArrayLike, noise_covariance: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    bend, shocks = np.asarray(hessian, dtype=float), np.asarray(noise_covariance, dtype=float)
    if bend.ndim != 2 or bend.shape[0] != bend.shape[1] or shocks.shape != bend.shape:
        got = f"{bend.shape} and {shocks.shape}"
        raise ValueError(f"hessian and noise_covariance must both be (d, d); got {got}.")
    return bend, shocks
