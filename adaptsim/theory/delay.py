"""Tracking from old readings: ``x[t+1] = x[t] - g x[t-d]``, d being the delay in steps.

x is the deviation from a constant target. ``d = 0`` is the tracker of ``theory.tracker``:
it acts on the present deviation. Delays are whole numbers; the formulas interpolate
between them, but only whole ones describe a recursion. Negative delays give nan.
"""

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def speed_limit(delay: Floats) -> Floats:
    """Return the gain at which tracking stops converging, ``2 sin(pi / (2 (2 d + 1)))``.

    Parameters
    ----------
    delay : float or array
        Age d of a reading [steps].

    Returns
    -------
    float or array
        Upper limit of the gain per step (excluded) [1]; nan for negative delays.

    Examples
    --------
    >>> round(speed_limit(2), 6)
    0.618034

    References
    ----------
    Derived here; verified against the roots of ``z**(d+1) - z**d + g`` in tests/theory.
    Usually credited to Levin & May (1976), Theor. Popul. Biol. 9; not read.
    """
    return _where_possible(delay, 2 * np.sin(np.pi / (2 * (2 * delay + 1))))


@closed_form
def non_oscillatory_limit(delay: Floats) -> Floats:
    """Return the largest gain without oscillation, ``d**d / (d+1)**(d+1)``.

    Parameters
    ----------
    delay : float or array
        Age d of a reading [steps].

    Returns
    -------
    float or array
        Largest gain per step (included) [1]; nan for negative delays.

    Examples
    --------
    >>> round(non_oscillatory_limit(2), 6)
    0.148148

    References
    ----------
    Derived here (double real root); verified against polynomial roots in tests/theory.
    """
    return _where_possible(delay, delay**delay / (delay + 1) ** (delay + 1))


@closed_form
def slowest_root(delay: Floats) -> Floats:
    """Return the multiplier left at the largest gain without oscillation, ``d / (d+1)``.

    Parameters
    ----------
    delay : float or array
        Age d of a reading [steps].

    Returns
    -------
    float or array
        Factor per step by which a deviation shrinks in the long run [1].

    Examples
    --------
    >>> slowest_root(4)
    0.8

    References
    ----------
    Derived here (double real root); verified against polynomial roots in tests/theory.
    """
    return _where_possible(delay, delay / (delay + 1))


@closed_form
def boundary_period(delay: Floats) -> Floats:
    """Return the period of the oscillation at the speed limit, ``2 (2 d + 1)``.

    Parameters
    ----------
    delay : float or array
        Age d of a reading [steps].

    Returns
    -------
    float or array
        Period [steps]; nan for negative delays.

    Examples
    --------
    >>> boundary_period(2)
    10.0

    References
    ----------
    Derived here; verified against polynomial roots in tests/theory.
    """
    return _where_possible(delay, 2 * (2 * delay + 1))


@closed_form
def critical_delay(g: Floats) -> Floats:
    """Return the delay a gain can bear, ``(pi / (2 asin(g/2)) - 1) / 2``.

    The inverse of ``speed_limit``: whole delays below it are stable, others are not.

    Parameters
    ----------
    g : float or array
        Gain per step [1].

    Returns
    -------
    float or array
        Delay [steps]; nan unless ``0 < g <= 2``.

    Examples
    --------
    >>> round(critical_delay(1.0), 6)
    1.0

    References
    ----------
    Derived here; verified against ``speed_limit`` in tests/theory.
    """
    delay = (np.pi / (2 * np.arcsin(g / 2)) - 1) / 2
    return np.where((g > 0) & (g <= 2), delay, np.nan)


def spectral_radius(g: float, *, delay: int) -> float:
    """Return the largest modulus among the roots of ``z**(d+1) - z**d + g``.

    Parameters
    ----------
    g : float
        Gain per step [1]; any value.
    delay : int
        Age d of a reading [steps].

    Returns
    -------
    float
        Factor per step in the long run [1]; below 1 where stable.

    Examples
    --------
    >>> round(spectral_radius(1.0, delay=1), 6)
    1.0

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    polynomial = np.zeros(delay + 2)
    polynomial[:2] = 1, -1
    polynomial[-1] += g
    return float(np.abs(np.roots(polynomial)).max())


def _where_possible(delay: Floats, value: Floats) -> Floats:
    return np.where(delay >= 0, value, np.nan)
