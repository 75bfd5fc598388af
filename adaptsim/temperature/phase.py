"""When in a cycle of the learning rate walks escape."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from adaptsim.measures.measurement import Measurement
from adaptsim.rules import Schedule
from adaptsim.temperature.escape import EscapeTimes


def escape_phases(survival: ArrayLike, period: float, *, bins: int = 10) -> np.ndarray:
    """Return the share of escapes in each part of a cycle.

    Parameters
    ----------
    survival : array, shape (steps + 1,)
        Share (or number) of walks that have not arrived after 0, 1, 2, ... steps: measured
        (`EscapeTimes.survival`) or exact (`adaptsim.theory.noisy_descent.survival`).
    period : float
        Period of the learning rate [steps]; a cycle starts with step 0.
    bins : int
        Equal parts of the cycle.

    Returns
    -------
    array, shape (bins,)
        Shares, in sum 1; all nan where there was no escape.

    Examples
    --------
    >>> escape_phases([1.0, 1.0, 0.4, 0.3, 0.2], period=4, bins=2).round(3).tolist()
    [0.75, 0.25]
    """
    escapes = -np.diff(np.asarray(survival, dtype=float))
    phase = (np.arange(escapes.size) / period) % 1.0
    place = np.minimum((phase * bins).astype(int), bins - 1)
    with np.errstate(invalid="ignore"):
        shares: np.ndarray = np.bincount(place, weights=escapes, minlength=bins) / escapes.sum()
    return shares


def share_while_fast(times: EscapeTimes, schedule: Schedule, *, level: float = 0.95) -> Measurement:
    """Measure the share of escapes made at more than the mean learning rate.

    Parameters
    ----------
    times
        What `escape_times` returned for a rule with this schedule.
    schedule
        The learning rate as a function of the steps done. Its mean is that over all steps until
        the last escape.
    level : float
        Coverage of Wilson's interval.

    Returns
    -------
    Measurement
        ``share_while_fast`` [1]; its flag says what share of the steps was fast.

    Examples
    --------
    >>> from adaptsim.rules import Cyclical
    >>> times = EscapeTimes(np.array([20, 50, 52, 150]), np.ones(4, dtype=bool), 1000)
    >>> share_while_fast(times, Cyclical(period=100.0)).value
    0.75

    References
    ----------
    Wilson, J. American Statistical Association 22 (1927) 209-212 (the interval, from memory).
    """
    made = times.steps[times.arrived] - 1
    name, method = "share_while_fast", "escapes above the mean learning rate; Wilson interval"
    if made.size == 0 or made.min() < 0:
        return Measurement(name, float("nan"), "1", method=method, flag="no escape")
    rates = np.asarray(schedule(np.arange(made.max() + 1)))  # type: ignore[arg-type]
    fast = rates > rates.mean()
    share, n = float(fast[made].mean()), made.size
    low, high = _wilson(share, n, level)
    flag = f"{fast.mean():.2f} of the steps were that fast"
    return Measurement(name, share, "1", low, high, method, flag=flag, n=n, n_eff=n)


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    z: Any = special.ndtri(0.5 + level / 2)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return float(centre - half), float(centre + half)
