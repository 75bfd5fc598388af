"""Tracking an optimum that is a stationary AR(1) process, from noisy observations.

The optimum has mean 0, stationary variance V and lag-1 autocorrelation phi; each step the
tracker of ``theory.tracker`` sees it plus noise of variance R. Only the autocovariance of
the optimum matters, so other processes with autocovariance ``V phi**k`` obey the same
formulas (see ``theory.jumps``).
"""

import numpy as np

from adaptsim.theory._closed_form import Convention, Floats, closed_form, is_post_update
from adaptsim.theory.tracker import post_update_mse


@closed_form
def tracking_mse(
    g: Floats,
    *,
    variance: Floats,
    correlation: Floats,
    observation_variance: Floats = 0.0,
    convention: Convention = "pre-update",
) -> Floats:
    """Return the mean squared tracking error.

    ``MSE(g) = (2 V (1-phi) / (1 - (1-g) phi) + g R) / (2-g)``, convex in g.

    Parameters
    ----------
    g : float or array
        Gain per step [1]; 0 means to rest at the mean of the optimum.
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1], within -1 to 1, ends excluded.
    observation_variance : float or array
        Variance R of one observation [trait**2].
    convention : {"pre-update", "post-update"}
        Whether the error is taken before or after the update of the same step.

    Returns
    -------
    float or array
        Mean squared error [trait**2]; nan unless ``0 <= g < 2`` and ``abs(phi) < 1``.

    Examples
    --------
    >>> round(tracking_mse(0.2, variance=1.0, correlation=0.95, observation_variance=0.5), 6)
    0.287037

    References
    ----------
    Derived here; verified against the discrete Lyapunov equation in tests/theory.
    """
    wander = 2 * variance * (1 - correlation) / (1 - (1 - g) * correlation)
    mse = (wander + g * observation_variance) / (2 - g)
    if is_post_update(convention):
        mse = post_update_mse(mse, g, observation_variance=observation_variance)
    return np.where((g >= 0) & (g < 2) & (np.abs(correlation) < 1), mse, np.nan)


@closed_form
def error_covariance(g: Floats, lag: Floats, *, variance: Floats, correlation: Floats) -> Floats:
    """Return the covariance of a noiseless tracker's errors at two times.

    ``a^k C - V (1-phi)^2/(1-a phi) (a^k - phi^k)/(a - phi)`` with ``a = 1-g`` and the error
    ``C = 2V (1-phi)/((2-g)(1-a phi))`` itself.

    Parameters
    ----------
    g : float or array
        Gain per step [1].
    lag : float or array
        Steps k between the two times, at least 0 [steps].
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1].

    Returns
    -------
    float or array
        Covariance [trait**2]; at lag 0 ``tracking_mse`` without noise.

    Examples
    --------
    >>> world = {"variance": 1.0, "correlation": 0.95}
    >>> round(error_covariance(0.3, 0, **world), 6), round(tracking_mse(0.3, **world), 6)
    (0.175593, 0.175593)

    References
    ----------
    Derived here from ``e' = a e + y' - y``; verified against its impulse response in tests/theory.
    """
    a, forgets = 1 - g, 1 - (1 - g) * correlation
    apart = np.where(np.abs(a - correlation) < 1e-6, np.nan, a - correlation)
    ratio = (a**lag - correlation**lag) / apart
    ratio = np.where(np.isnan(apart), lag * ((a + correlation) / 2) ** (lag - 1), ratio)
    error = 2 * variance * (1 - correlation) / ((2 - g) * forgets)
    told = a**lag * error - variance * (1 - correlation) ** 2 / forgets * ratio
    return np.where((g > 0) & (g < 2), told, np.nan)


@closed_form
def best_gain(
    *, variance: Floats, correlation: Floats, observation_variance: Floats = 0.0
) -> Floats:
    """Return the gain of least pre-update error.

    ``g* = (z - a) / phi`` with ``a = 1 - phi`` and
    ``z = V (1 - phi**2) / (V a + sqrt(V**2 a**2 + R V (1 - phi**2)))``; 0 where
    ``phi <= critical_correlation``. Without noise ``g* = (3 phi - 1) / (2 phi)``.

    Parameters
    ----------
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Gain per step [1], from 0 to 1; nan unless ``abs(phi) < 1``.

    Examples
    --------
    >>> round(best_gain(variance=1.0, correlation=0.95, observation_variance=0.5), 6)
    0.318704

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    a = 1 - correlation
    innovation = variance * (1 - correlation**2)
    root = np.sqrt((variance * a) ** 2 + observation_variance * innovation)
    z = innovation / (variance * a + root)
    threshold = critical_correlation(variance=variance, observation_variance=observation_variance)
    best = np.where(correlation > threshold, (z - a) / correlation, 0.0)
    return np.where(np.abs(correlation) < 1, best, np.nan)


@closed_form
def critical_correlation(*, variance: Floats, observation_variance: Floats = 0.0) -> Floats:
    """Return the autocorrelation above which learning pays, ``(V + R) / (3 V + R)``.

    Below it the best tracker rests at the mean of the optimum.

    Parameters
    ----------
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Lag-1 autocorrelation [1], from 1/3 (no noise) towards 1.

    Examples
    --------
    >>> critical_correlation(variance=1.0, observation_variance=1.0)
    0.5

    References
    ----------
    Derived here; verified against the slope of ``tracking_mse`` at 0 in tests/theory.
    """
    return (variance + observation_variance) / (3 * variance + observation_variance)


@closed_form
def life_limited_mse(
    g: Floats,
    n_steps: int,
    *,
    variance: Floats,
    correlation: Floats,
    observation_variance: Floats = 0.0,
) -> Floats:
    """Return the mean squared error averaged over a life that starts at the mean.

    With c the covariance of trait and optimum and S the variance of the trait, both 0 at
    birth, the error of a step is ``V - 2 c + S``, then
    ``c' = phi ((1-g) c + g V)`` and ``S' = (1-g)**2 S + g**2 (V+R) + 2 g (1-g) c``.
    The average runs over steps 0 to ``n_steps - 1``, so it counts the error at birth.

    Parameters
    ----------
    g : float or array
        Gain per step [1]; any value, since a finite life cannot diverge.
    n_steps : int
        Length of life [steps].
    variance : float or array
        Stationary variance V of the optimum [trait**2].
    correlation : float or array
        Lag-1 autocorrelation phi of the optimum [1].
    observation_variance : float or array
        Variance R of one observation [trait**2].

    Returns
    -------
    float or array
        Mean squared error in the pre-update convention [trait**2].

    Examples
    --------
    >>> round(life_limited_mse(0.5, 2, variance=1.0, correlation=0.5), 6)
    0.875

    References
    ----------
    Derived here; verified against iteration of the joint covariance in tests/theory.
    """
    covariance = trait_variance = total = np.zeros_like(g)
    for _ in range(int(n_steps)):
        total = total + variance - 2 * covariance + trait_variance
        news = g**2 * (variance + observation_variance) + 2 * g * (1 - g) * covariance
        trait_variance = (1 - g) ** 2 * trait_variance + news
        covariance = correlation * ((1 - g) * covariance + g * variance)
    return total / n_steps


def life_limited_best_gain(
    n_steps: int, *, variance: float, correlation: float, observation_variance: float = 0.0
) -> float:
    """Return the gain that minimises ``life_limited_mse``, found numerically.

    Short lives want larger gains; the limit of long lives is ``best_gain``.

    Parameters
    ----------
    n_steps : int
        Length of life [steps]; nan below 2, where the gain has no effect.
    variance : float
        Stationary variance V of the optimum [trait**2].
    correlation : float
        Lag-1 autocorrelation phi of the optimum [1].
    observation_variance : float
        Variance R of one observation [trait**2].

    Returns
    -------
    float
        Gain per step [1], sought between 0 and 2.

    Examples
    --------
    >>> round(
    ...     life_limited_best_gain(5, variance=1.0, correlation=0.99, observation_variance=1.0), 6
    ... )
    0.363057

    References
    ----------
    Derived here; verified against a fine grid in tests/theory.
    """
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

    def mse(g: Floats) -> Floats:
        return life_limited_mse(
            g,
            n_steps,
            variance=variance,
            correlation=correlation,
            observation_variance=observation_variance,
        )

    if n_steps < 2:
        return float("nan")
    grid = np.linspace(0, 2, 201)
    guess = grid[np.argmin(mse(grid))]
    bounds = (max(guess - 0.01, 0), guess + 0.01)
    found = float(minimize_scalar(mse, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x)
    return found if mse(found) < mse(0.0) else 0.0
