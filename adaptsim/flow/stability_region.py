"""Where steps are stable: how a method multiplies ``dy/dt = lambda y``, by theory and measured.

The closed forms of `adaptsim.theory.euler` cover the simple methods; for diffrax's Runge-Kutta
methods the stability function follows from the tableau of coefficients, and `measured_growth` is
what a step of diffrax really does.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.flow import checked
from adaptsim.flow.gradient_flow import SOLVERS, diffrax_solver
from adaptsim.part import Array
from adaptsim.theory import euler as theory

CLOSED: tuple[str, ...] = get_args(theory.Method.__value__)
"""Methods whose stability function is in `adaptsim.theory.euler`."""

METHODS = tuple(dict.fromkeys((*CLOSED, *SOLVERS)))
"""All methods of this file, by name."""

FURTHEST = 1e6
"""A method stable at every ``z`` from here to 0 counts as stable on the whole axis."""


class Region(NamedTuple):
    """Growth per step over a part of the complex plane; stable where below 1.

    Attributes
    ----------
    real, imaginary : array
        Axes of the grid, shapes ``(m,)`` and ``(n,)`` [1].
    growth : array
        Growth per step at ``real + i imaginary``, shape ``(n, m)`` [1].
    real_limit : float
        How far left of 0 the stable part of the real axis reaches [1].
    """

    real: np.ndarray
    imaginary: np.ndarray
    growth: np.ndarray
    real_limit: float


def amplification(method: str, z: Any, *, momentum: float = 0.9) -> np.ndarray:
    """Return by what a disturbance grows per step, at each ``z`` = step times lambda.

    Parameters
    ----------
    method
        One of `METHODS`.
    z
        Complex, any shape [1]; in a gradient flow ``-rate * curvature``.
    momentum
        Of HeavyBall and Nesterov [1].

    Returns
    -------
    array
        Shape of ``z`` [1].

    Examples
    --------
    >>> amplification("Euler", [-0.5, -2.0, -3.0]).tolist()
    [0.5, 1.0, 2.0]
    >>> amplification("Kvaerno5", -1e9) < 1e-6
    np.True_

    References
    ----------
    Hairer and Wanner, Solving Ordinary Differential Equations II, Springer 1996, IV.2 and IV.3.
    """
    checked.one_of("method", method, METHODS)
    if method in CLOSED:
        return np.asarray(theory.amplification(method, z, momentum=momentum))  # type: ignore[arg-type]
    return np.asarray(np.abs(tableau_growth(method, z)))


def tableau_growth(method: str, z: Any) -> np.ndarray:
    """Return R(z) of one of diffrax's Runge-Kutta methods from its coefficients.

    ``R(z) = 1 + z b' (I - z A)^-1 1``, stage by stage, as A is lower triangular.

    Parameters
    ----------
    method
        A solver of diffrax that has a tableau, for instance ``"Tsit5"``.
    z
        Complex, any shape [1].

    Examples
    --------
    >>> tableau_growth("Heun", -2.0).item()
    (1+0j)

    References
    ----------
    Hairer and Wanner, Solving Ordinary Differential Equations II, Springer 1996, equation IV.3.2.
    """
    import diffrax

    table = getattr(getattr(diffrax, method, None), "tableau", None)
    if not isinstance(table, diffrax.ButcherTableau):
        raise ValueError(f"method must be a Runge-Kutta method of diffrax; got {method!r}.")
    z = np.asarray(z, dtype=complex)
    diagonal = np.zeros(len(table.b_sol)) if table.a_diagonal is None else table.a_diagonal
    rows: list[Any] = [[], *table.a_lower]
    slopes: list[Any] = []
    with np.errstate(all="ignore"):
        for lower, own in zip(rows, diagonal, strict=True):
            known = sum((a * k for a, k in zip(lower, slopes, strict=True)), start=0.0)
            slopes.append((1 + z * known) / (1 - z * own))
    return np.asarray(1 + z * sum(b * k for b, k in zip(table.b_sol, slopes, strict=True)))


def measured_growth(solver: str, z: Any) -> np.ndarray:
    """Return by what one step of diffrax multiplies y, complex, at each ``z``.

    A step of length 1 on ``dy/dt = z y``, written as two real equations.

    Parameters
    ----------
    solver
        One of diffrax's, see `gradient_flow`.
    z
        Complex, any shape [1]; an implicit solver has no answer at its poles.

    Examples
    --------
    >>> measured_growth("Euler", [-1.9, 1j]).round(9).tolist()
    [(-0.9+0j), (1+1j)]

    References
    ----------
    Measured; compare `amplification`.
    """
    checked.one_of("solver", solver, SOLVERS)
    z = np.asarray(z, dtype=complex)
    steps = np.asarray(_steps(solver, jnp.stack([z.real.ravel(), z.imag.ravel()], axis=1)))
    return np.asarray((steps[:, 0] + 1j * steps[:, 1]).reshape(z.shape))


def real_stability_limit(method: str, *, momentum: float = 0.9) -> float:
    """Return how far left of 0 the stable part of the real axis reaches.

    Closed form where there is one; else the first ``x`` at which ``|R(-x)|`` passes 1.

    Parameters
    ----------
    method
        One of `METHODS`.
    momentum
        Of HeavyBall and Nesterov [1].

    Returns
    -------
    float
        Limit of ``rate * curvature`` [1]; infinite where it stays stable up to `FURTHEST`.

    Examples
    --------
    >>> round(real_stability_limit("RK4"), 4), round(real_stability_limit("Dopri5"), 4)
    (2.7853, 3.3066)

    References
    ----------
    As `amplification`.
    """
    checked.one_of("method", method, METHODS)
    if method in CLOSED:
        return theory.real_stability_limit(method, momentum=momentum)  # type: ignore[arg-type]
    from scipy.optimize import brentq

    def excess(x: float) -> float:
        return float(amplification(method, -x)) - 1

    along = np.geomspace(1e-2, FURTHEST, 4001)
    beyond = np.flatnonzero(amplification(method, -along) > 1)
    if not beyond.size:
        return np.inf
    return float(brentq(excess, along[beyond[0] - 1], along[beyond[0]], xtol=1e-14))


def stability_region(
    method: str,
    *,
    real: tuple[float, float] = (-6.0, 2.0),
    imaginary: tuple[float, float] = (-4.0, 4.0),
    points: tuple[int, int] = (161, 161),
    momentum: float = 0.9,
) -> Region:
    """Return the data of a picture: growth per step over a rectangle of the complex plane.

    Parameters
    ----------
    method
        One of `METHODS`.
    real, imaginary
        Ends of the two axes [1].
    points
        Points along the real and the imaginary axis.
    momentum
        Of HeavyBall and Nesterov [1].

    Examples
    --------
    >>> region = stability_region("Euler", points=(9, 5))
    >>> region.growth.shape, region.real_limit
    ((5, 9), 2.0)

    References
    ----------
    As `amplification`.
    """
    x, y = np.linspace(*real, points[0]), np.linspace(*imaginary, points[1])
    growth = amplification(method, x + 1j * y[:, None], momentum=momentum)
    return Region(x, y, growth, real_stability_limit(method, momentum=momentum))


@partial(jax.jit, static_argnames=("solver",))
def _steps(solver: str, z: Array) -> Array:
    """Return one step of diffrax from y = 1, real and imaginary part, for each row of z."""
    import diffrax

    method = diffrax_solver(solver, 1e-13, 1e-13)

    def turn(time: Any, y: Array, z: Array) -> Array:
        return jnp.stack([z[0] * y[0] - z[1] * y[1], z[1] * y[0] + z[0] * y[1]])

    def step(z: Array) -> Array:
        answer = diffrax.diffeqsolve(
            diffrax.ODETerm(turn), method, 0.0, 1.0, 1.0, jnp.array([1.0, 0.0]), z, throw=False
        )
        end: Array = answer.ys[0]
        return end

    return jax.vmap(step)(z)
