"""Stability of a closed loop: individuals and the world that feels them, differentiated as one."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import Setting, Wanted, start, step
from adaptsim.agents.base import Agent
from adaptsim.dynamics.newton import root
from adaptsim.dynamics.state import real_state
from adaptsim.part import Array
from adaptsim.rules.base import Rule

MISSED = 1e-9
"""A state that a step changes by more than this, relative to ``1 +`` it, is not at rest."""


def loop_multipliers(kind: Agent, rule: Rule, environment: object, *, size: int = 1) -> np.ndarray:
    """Return the multipliers of one step of a whole population and its world, at rest.

    Eigenvalues of the derivative of the step, the largest first, shape ``(s,)``; nan where Newton's
    method finds no state in which all stays. It begins at the parts' own starts: let them be near
    the rest that is meant. Noise is left out.

    Parameters
    ----------
    kind, rule, environment
        The parts; an environment that responds.
    size
        Individuals; the derivative has the square of what all carry, so some dozens at most.

    Examples
    --------
    Predators and two prey which they eat, begun beside their rest, in steps of 0.01:

    >>> from adaptsim import GradientDescent, Predator, TwoPrey
    >>> hunter = Predator(conversion_1=0.5, conversion_2=0.25, start_at=0.66)
    >>> world = TwoPrey(
    ...     crowding_1=1 / 3, crowding_2=1 / 3, prey_1=0.4, prey_2=0.8, predators=1.2, dt=0.01
    ... )
    >>> values = loop_multipliers(hunter, GradientDescent(learning_rate=0.01), world)
    >>> round(float(np.log(abs(values[0])) / 0.01), 2)  # -1/15 as dt goes to 0
    -0.07
    """
    setting = Setting(kind, rule, environment)  # type: ignore[arg-type]
    jacobian, miss = _derivative(jax.tree.map(jnp.asarray, setting), size=size)
    matrix = np.asarray(jacobian)
    if not (np.isfinite(matrix).all() and float(miss) <= MISSED):
        return np.full(len(matrix), np.nan, complex)
    values = np.linalg.eigvals(matrix).astype(complex)
    largest_first: np.ndarray = values[np.argsort(-abs(values), kind="stable")]
    return largest_first


@functools.partial(jax.jit, static_argnames=("size",))
def _derivative(setting: Setting, *, size: int) -> tuple[Array, Array]:
    """Return the derivative of a step at rest, shape ``(s, s)``, and by how much rest is missed."""
    moment = start(setting, jax.random.key(0), size=size)
    vector, rebuild = real_state((moment.state, moment.world))

    def moved(vector: Array) -> Array:
        state, world = rebuild(vector)
        after = step(setting, moment._replace(state=state, world=world), Wanted())
        return real_state((after.state, after.world))[0]

    found = root(lambda vector: moved(vector) - vector, vector)
    miss = jnp.max(jnp.abs(found.value)) / (1 + jnp.max(jnp.abs(found.place)))
    return found.jacobian + jnp.eye(vector.size), miss
