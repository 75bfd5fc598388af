"""Automatic stability: multipliers, speed limit and linear response of any system.

Nothing here knows a formula of any kind or rule. One individual's own step is differentiated about
its resting state, with its rule's memory, its delays and its body as part of the state. Whole
numbers in the state (counts) are held fixed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import Draws, State, adapt, begin, row_axes
from adaptsim.agents.base import Agent
from adaptsim.dynamics.newton import root
from adaptsim.dynamics.state import real_state
from adaptsim.part import Array
from adaptsim.rules.base import Rule

SLOWEST, FASTEST, PER_DECADE = 1e-6, 1e6, 16
HALVINGS = 60
NEUTRAL = 1e-13
"""A spectral radius above 1 by no more than this is 1: along a valley nothing pulls back.

Rounding leaves some 4e-15 there. A limit comes out too high by about half of this, relatively.
"""


MOST_EXAMINED = 256
"""Real numbers in the state of one individual up to which a run examines its rest by itself.

Beyond, the Jacobian and its eigenvalues (cubic in the number, at some 250 rates for a speed limit)
take longer than most runs; ``adaptsim stability`` finds limits of large landscapes by products.
"""


def state_size(kind: Agent, rule: Rule, cue: Array) -> int:
    """Return how many real numbers one individual carries: traits, memory, body, delays.

    Examples
    --------
    >>> from adaptsim import Momentum, Tracker
    >>> state_size(Tracker(), Momentum(), jnp.array([0.0]))
    2
    """
    state = jax.eval_shape(begin, kind, rule, cue)
    sizes = [
        leaf.size for leaf in jax.tree.leaves(state) if jnp.issubdtype(leaf.dtype, jnp.floating)
    ]
    return int(sum(sizes))


def _flat_step(kind: Agent, rule: Rule, cue: Array) -> tuple[Array, Callable[..., Array], Any]:
    """Return a first guess of the resting state, the step on vectors, and the way back."""
    state = begin(kind, rule, cue)
    state = state._replace(trait=jnp.asarray(kind.optimum(cue), dtype=float))
    vector, rebuild = real_state(state)

    def flat_step(vector: Array, cue: Array = cue) -> Array:
        after = adapt(kind, rule, rebuild(vector), cue, Draws())
        return real_state(after)[0]

    return vector, flat_step, rebuild


def _rest(flat_step: Callable[..., Array], vector: Array) -> Array:
    """Return the fixed point of a step by Newton's method from a first guess."""
    return root(lambda vector: flat_step(vector) - vector, vector).place


def resting_state(kind: Agent, rule: Rule, cue: Array) -> State:
    """Return the state in which one individual stays under a constant cue, stable or not.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> resting_state(Tracker(), GradientDescent(), jnp.array([7.0])).trait.tolist()
    [7.0]
    """
    vector, flat_step, rebuild = _flat_step(kind, rule, cue)
    rested: State = rebuild(_rest(flat_step, vector))
    return rested


def step_jacobian(kind: Agent, rule: Rule, cue: Array) -> Array:
    """Return the derivative of one individual's step at its resting state, shape ``(s, s)``.

    ``s`` counts all real numbers it carries: traits, the rule's memory, its body, its delays.
    """
    vector, flat_step, _ = _flat_step(kind, rule, cue)
    jacobian: Array = jax.jacfwd(flat_step)(_rest(flat_step, vector))
    return jacobian


def multipliers(kind: Agent, rule: Rule, cue: Array) -> Array:
    """Return the eigenvalues of the step's Jacobian at rest, complex, shape ``(s,)``.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> multipliers(Tracker(), GradientDescent(learning_rate=0.3), jnp.array([0.0])).real.tolist()
    [0.7]
    """
    jacobian = step_jacobian(kind, rule, cue)
    known = jnp.where(jnp.isfinite(jacobian), jacobian, 0.0)
    values = jnp.linalg.eigvals(known)
    return jnp.where(jnp.isfinite(jacobian).all(), values, jnp.nan)


@jax.jit
def spectral_radius(kind: Agent, rule: Rule, cue: Array) -> Array:
    """Return the largest modulus of the multipliers: below 1 the individual settles.

    Not a number where the step has no derivative at rest (Adam's does not: its step is the ratio of
    two quantities that both vanish there).

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> float(spectral_radius(Tracker(), GradientDescent(learning_rate=2.5), jnp.array([0.0])))
    1.5
    """
    return jnp.abs(multipliers(kind, rule, cue)).max()


@jax.jit
def spectral_radii(kind: Agent, rule: Rule, cue: Array) -> Array:
    """Return the spectral radius of each individual of a population, shape ``(n,)``."""
    rows = jax.vmap(spectral_radius, in_axes=(row_axes(kind), row_axes(rule), None))
    radii: Array = rows(kind, rule, cue)
    return radii


def speed_limit(kind: Agent, rule: Rule, cue: Array) -> float:
    """Return the learning rate at which one individual loses its stability.

    The first rate, from below, at which the spectral radius of its own step passes 1; found on a
    logarithmic grid of rates and refined by bisection.

    Parameters
    ----------
    kind, rule
        The individual; the rule must have a number ``learning_rate`` (its value does not matter).
    cue
        The cue about which it rests, shape ``(c,)``.

    Returns
    -------
    float
        The limit [unit of the learning rate]; ``inf`` if none is found below 1e6, 0 if the
        slowest rate tried (1e-6) is unstable, ``nan`` where the step has no derivative or the rule
        no number to turn.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Momentum, Tracker
    >>> cue = jnp.array([0.0])
    >>> round(speed_limit(Tracker(curvature=4.0), GradientDescent(), cue), 9)  # 2 / curvature
    0.5
    >>> round(speed_limit(Tracker(), Momentum(momentum=0.9), cue), 9)  # 2 (1 + momentum)
    3.8
    """
    rate = getattr(rule, "learning_rate", None)
    if (
        rate is None
        or len(jax.tree.leaves(rate)) != 1
        or not isinstance(rate, float | int | np.floating | Array)
    ):
        return float("nan")
    decades = np.log10(FASTEST / SLOWEST)
    rates = np.geomspace(SLOWEST, FASTEST, round(decades * PER_DECADE) + 1)
    radii = np.asarray(_radii_at(kind, rule, cue, jnp.asarray(rates)))
    if np.isnan(radii).all():
        return float("nan")
    unstable = np.flatnonzero(radii > 1 + NEUTRAL)
    if not unstable.size:
        return float("inf")
    if unstable[0] == 0:
        return 0.0
    return float(_bisect(kind, rule, cue, rates[unstable[0] - 1], rates[unstable[0]]))


@jax.jit
def _radii_at(kind: Agent, rule: Rule, cue: Array, rates: Array) -> Array:
    radii: Array = jax.lax.map(
        lambda rate: spectral_radius(kind, rule.replace(learning_rate=rate), cue), rates
    )
    return radii


@jax.jit
def _bisect(kind: Agent, rule: Rule, cue: Array, low: Array, high: Array) -> Array:
    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = 0.5 * (low + high)
        radius = spectral_radius(kind, rule.replace(learning_rate=middle), cue)
        stable = radius <= 1 + NEUTRAL
        return jnp.where(stable, middle, low), jnp.where(stable, high, middle)

    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (jnp.asarray(low), jnp.asarray(high)))
    return 0.5 * (low + high)


@functools.partial(jax.jit, static_argnames=("variable",))
def linear_response(
    kind: Agent, rule: Rule, cue: Array, omega: Array, *, variable: str | None = None
) -> Array:
    """Return the complex ratio of output to drive for small waves about rest.

    With the step's Jacobian ``A``, its derivative ``B`` by the cue and the output's derivatives
    ``C`` by the state and ``D`` by the cue: ``H = C (e^{i omega} - A)^{-1} B + D``. Its modulus is
    the gain, minus its phase over omega the lag [steps], pre-update.

    Parameters
    ----------
    omega
        Frequency [rad/step].
    variable
        Which of ``kind.tracking``; the first if not said.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> rule, omega = GradientDescent(learning_rate=0.1), 2 * jnp.pi / 50
    >>> ratio = linear_response(Tracker(), rule, jnp.array([0.0]), omega)
    >>> round(float(abs(ratio)), 6), round(float(-jnp.angle(ratio) / omega), 6)
    (0.64291, 7.456342)
    """
    vector, flat_step, rebuild = _flat_step(kind, rule, cue)
    vector = _rest(flat_step, vector)
    one = rebuild(vector)
    name = variable or next(iter(kind.tracking(one.trait, one.body, cue)))

    def output(vector: Array, cue: Array) -> Array:
        state = rebuild(vector)
        return kind.tracking(state.trait, state.body, cue)[name].output

    def drive(cue: Array) -> Array:
        return kind.tracking(one.trait, one.body, cue)[name].drive

    along = jax.grad(drive)(cue)
    by_state = jax.jacfwd(flat_step)(vector)
    by_cue = jax.jacfwd(lambda cue: flat_step(vector, cue))(cue) @ along
    shift = jnp.exp(1j * omega) * jnp.eye(vector.size)
    moved = jnp.linalg.solve(shift - by_state, by_cue.astype(complex))
    out_state, out_cue = jax.grad(output, argnums=(0, 1))(vector, cue)
    return (out_state @ moved + out_cue @ along) / (along @ along)
