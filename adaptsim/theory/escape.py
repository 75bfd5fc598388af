"""Escape from a well by noise, in continuous time: ``dx = -U'(x) dt + sqrt(2 T) dW``.

Kramers' rate is the limit of a barrier many temperatures high; the mean first-passage time is
exact at every temperature. For noisy descent time is learning rate times steps; the exact numbers
at finite learning rates are in ``theory.noisy_descent``.
"""

import math

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form
from adaptsim.theory.boltzmann import Function, check_temperature, support
from adaptsim.theory.quadrature import panel_nodes, unit_nodes

PANELS = 400
"""Panels on either side of the start."""


@closed_form
def kramers_rate(
    temperature: Floats, *, barrier: Floats, well_curvature: Floats, top_curvature: Floats
) -> Floats:
    """Return Kramers' rate of crossing, ``sqrt(a b) / (2 pi) exp(-dU / T)``.

    Parameters
    ----------
    temperature : float or array
        Temperature T [loss].
    barrier : float or array
        Height dU of the top above the well's bottom [loss].
    well_curvature : float or array
        Curvature a at the bottom [loss/trait**2].
    top_curvature : float or array
        Curvature at the top [loss/trait**2]; b is its size, whatever its sign.

    Returns
    -------
    float or array
        Crossings per time [1/time, that is curvature]; it is twice this at the top itself, since
        half of those that reach the top turn back. nan for ``T <= 0`` and for wells that are none.

    Examples
    --------
    >>> rate = kramers_rate(0.05, barrier=0.25, well_curvature=2.0, top_curvature=-1.0)
    >>> print(f"{rate:.6e}")
    1.516571e-03

    References
    ----------
    Kramers, Physica 7 (1940) 284-304, the overdamped case.
    """
    possible = (temperature > 0) & (barrier >= 0) & (well_curvature > 0)
    pace = np.sqrt(well_curvature * np.abs(top_curvature)) / (2 * np.pi)
    return np.where(possible, pace * np.exp(-barrier / temperature), np.nan)


@closed_form
def kramers_time(
    temperature: Floats, *, barrier: Floats, well_curvature: Floats, top_curvature: Floats
) -> Floats:
    """Return the mean time to the next well by Kramers, one over ``kramers_rate``.

    Parameters
    ----------
    temperature, barrier, well_curvature, top_curvature : float or array
        As for ``kramers_rate``.

    Returns
    -------
    float or array
        Time [1/curvature].

    Examples
    --------
    >>> round(kramers_time(0.05, barrier=0.25, well_curvature=2.0, top_curvature=-1.0), 4)
    659.3823

    References
    ----------
    As for ``kramers_rate``.
    """
    return 1 / kramers_rate(
        temperature, barrier=barrier, well_curvature=well_curvature, top_curvature=top_curvature
    )


def mean_first_passage_time(
    potential: Function,
    temperature: float,
    *,
    start: float,
    target: float,
    wall: float | None = None,
) -> float:
    """Return the exact mean time from a start until a target is first reached.

    For a target to the right (the left is its mirror image)

    ``1/T  integral_start^target dy exp(U(y)/T)  integral_wall^y dz exp(-U(z)/T)``

    All terms are positive and are summed as logarithms: no barrier is too high.

    Parameters
    ----------
    potential
        The potential U [loss], of arrays of any shape [trait].
    temperature : float
        Temperature T [loss], above 0.
    start, target : float
        Where it starts, and what it is to reach [trait].
    wall : float, optional
        A reflecting wall on the far side of the start [trait]; none if not given.

    Returns
    -------
    float
        Mean time [1/curvature]; inf where it exceeds the largest float.

    Raises
    ------
    ValueError
        If the potential does not confine on the side away from the target and no wall is given.

    Examples
    --------
    >>> wells = lambda x: (x**2 - 1) ** 2 / 4
    >>> round(mean_first_passage_time(wells, 0.05, start=-1.0, target=1.0), 4)
    729.6707

    References
    ----------
    Gardiner, Handbook of Stochastic Methods, Springer 1985, section 5.2.7; Pontryagin, Andronov
    & Vitt (1933), not read.
    """
    check_temperature(temperature)
    if target < start:
        mirrored, end = lambda x: potential(-x), None if wall is None else -wall
        return mean_first_passage_time(
            mirrored, temperature, start=-start, target=-target, wall=end
        )
    wall = _far_side(potential, temperature, start, target) if wall is None else wall
    if wall > start:
        raise ValueError(f"wall must lie beyond the start, away from the target; got {wall:g}.")
    edges = np.concatenate([np.linspace(wall, start, PANELS), np.linspace(start, target, PANELS)])
    log_inner, log_outer = _log_terms(lambda x: potential(x) / temperature, np.unique(edges))
    after = np.unique(edges)[:-1] >= start
    total = np.logaddexp.reduce((log_inner + log_outer)[after], axis=None)
    with np.errstate(over="ignore"):
        return float(np.exp(total - math.log(temperature)))


def _far_side(potential: Function, temperature: float, start: float, target: float) -> float:
    """Where the potential left of the target is 50 T above both the lowest place and the start."""
    height = float(potential(np.array([start]))[0])
    return min(support(potential, temperature, high=target, above=height)[0], start)


def _log_terms(energy: Function, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of ``integral_-^y exp(-energy)`` and ``exp(energy(y)) dy``, (panels, ORDER) each.

    The inner integral has quadrature nodes of its own between the left edge and each y.
    """
    unit, unit_weights = unit_nodes()
    y, weights = panel_nodes(edges)
    left, width = edges[:-1, None], np.diff(edges)[:, None]
    z = left[..., None] + (width * unit)[..., None] * unit
    log_z = np.log((width * unit)[..., None] * unit_weights) - energy(z)
    whole = np.logaddexp.reduce(np.log(weights) - energy(y), axis=1)
    before = np.concatenate([[-np.inf], np.logaddexp.accumulate(whole)[:-1]])
    inner = np.logaddexp(before[:, None], np.logaddexp.reduce(log_z, axis=2))
    return inner, np.log(weights) + energy(y)
