"""One step of the classical Runge-Kutta method, and of Euler's, for any vector field."""

from __future__ import annotations

from collections.abc import Callable

from adaptsim.part import Array

Field = Callable[[Array], Array]
"""From a state, shape ``(s,)``, to its change per time, the same shape."""


def runge_kutta(field: Field, state: Array, dt: Array | float) -> Array:
    """Return the state ``dt`` later by the classical method of fourth order, shape ``(s,)``.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> round(float(runge_kutta(lambda x: -x, jnp.array([1.0]), 0.1)[0]), 7)  # exp(-0.1)
    0.9048375

    References
    ----------
    Kutta, Z. Math. Phys. 46 (1901) 435-453; Hairer, Norsett and Wanner, Solving Ordinary
    Differential Equations I, Springer 1993, II.1.
    """
    first = field(state)
    second = field(state + dt / 2 * first)
    third = field(state + dt / 2 * second)
    fourth = field(state + dt * third)
    return state + dt / 6 * (first + 2 * second + 2 * third + fourth)


def euler(field: Field, state: Array, dt: Array | float) -> Array:
    """Return the state ``dt`` later by Euler's method, shape ``(s,)``.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> float(euler(lambda x: -x, jnp.array([1.0]), 0.5)[0])
    0.5
    """
    return state + dt * field(state)
