"""Gauge: how near a training run is to the speed limit, at every place it passes."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from adaptsim.curvature.lanczos import Extreme, largest_of, scaled
from adaptsim.curvature.limits import edge, preconditioner
from adaptsim.curvature.loss import Loss, argument, point, products, value
from adaptsim.part import Array
from adaptsim.rules import Rule
from adaptsim.rules.schedules import Schedule

CLOSE = 1e-6
"""Relative bound to which a sharpness along a run is found."""


class Course(NamedTuple):
    """A training run and its gauge.

    Attributes
    ----------
    theta : Array
        The last place, shape ``(d,)``.
    memory : Any
        What the rule remembers at last.
    losses : Array
        The loss before each step, shape ``(steps,)``.
    at : Array
        How many steps had been taken at each reading, shape ``(r,)``.
    sharpness : Array
        Largest eigenvalue of the (preconditioned) Hessian at each reading, shape ``(r,)``.
    bound : Array
        Bound of its error, shape ``(r,)``.
    gauge : Array
        Learning rate times sharpness over the rule's edge, shape ``(r,)``: 1 is the speed limit.
    """

    theta: Array
    memory: Any
    losses: Array
    at: Array
    sharpness: Array
    bound: Array
    gauge: Array


def gauge(rule: Rule, sharpness: Any, count: Any = 0) -> Array:
    """Return learning rate times sharpness over the edge of a rule: 1 is its speed limit.

    For plain descent ``rate lam / 2``. Training with one rate at first sharpens a network until
    the gauge is 1 and then hovers there: the edge of stability.

    Parameters
    ----------
    rule
        The rule, with its learning rate.
    sharpness
        Largest curvature, preconditioned where the rule divides; any shape.
    count
        Steps taken, for a schedule; of the shape of ``sharpness``, or one number.

    Returns
    -------
    Array
        The gauge [1]; nan for a rule without `edge`.

    Examples
    --------
    >>> from adaptsim.rules import GradientDescent, Momentum
    >>> float(gauge(GradientDescent(learning_rate=0.1), 10.0))
    0.5
    >>> float(gauge(Momentum(learning_rate=0.1, momentum=0.25), 10.0))
    0.4

    References
    ----------
    Cohen et al. (2021), arXiv 2103.00065; Cohen et al. (2022), arXiv 2207.14484 (adaptive rules).
    """
    rate: Any = getattr(rule, "learning_rate", jnp.nan)
    if isinstance(rate, Schedule):
        try:
            rate = jax.vmap(rate)(jnp.atleast_1d(count)).reshape(jnp.shape(count))
        except NotImplementedError:  # a schedule of the loss has no rate of the count alone
            rate = jnp.nan
    return jnp.asarray(rate * jnp.asarray(sharpness) / edge(rule))


def sharpness_along(
    loss: Loss, thetas: Any, *, preconditioners: Any = None, tolerance: float = CLOSE, seed: int = 0
) -> Extreme:
    """Return the largest curvature at each of several points, each begun from the one before.

    One compiled scan; the eigenvector of the point before is where Lanczos' method begins.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    thetas
        Points along a run, shape ``(n, d)``.
    preconditioners
        Diagonals ``P``, shape ``(n, d)`` or ``(d,)``; ones if not given.
    tolerance, seed
        As for `adaptsim.curvature.lanczos.largest_curvature`.

    Returns
    -------
    Extreme
        Each field with a leading axis ``n``.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> sharpness_along(DoubleWell().loss, jnp.array([[1.0], [2.0]])).value.tolist()
    [2.0, 11.0]
    """
    places = jnp.asarray(thetas, float)
    if places.ndim != 2:
        raise ValueError(f"thetas must be points, shape (n, d); got shape {places.shape}")
    divided = jnp.ones(()) if preconditioners is None else jnp.asarray(preconditioners, float)
    return _along(argument(loss), places, jnp.broadcast_to(divided, places.shape), seed, tolerance)


def train(
    loss: Loss, start: Any, rule: Rule, *, steps: int, every: int = 100, seed: int = 0
) -> Course:
    """Return a training run with the gauge read every ``every`` steps, all in one compiled call.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar: all data at every step.
    start
        The first point.
    rule
        Any rule without randomness.
    steps
        How many steps.
    every
        Steps between two readings; the first comes after so many.
    seed
        Of the first direction of Lanczos' method.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> rule = GradientDescent(learning_rate=0.5)
    >>> course = train(DoubleWell().loss, jnp.array([0.2]), rule, steps=100, every=50)
    >>> course.at.tolist(), course.gauge.round(9).tolist()
    ([50, 100], [0.5, 0.5])
    """
    if rule.randomness:
        raise ValueError(f"rule must need no random numbers; got {type(rule).__name__}")
    if not 1 <= every <= steps:
        raise ValueError(f"every must be from 1 to steps ({steps}); got {every}")
    theta, memory, losses, found = _train(
        argument(loss), point(start), rule, seed, steps=steps, every=every
    )
    at = every * (1 + jnp.arange(steps // every))
    read = gauge(rule, found.value, at)
    return Course(theta, memory, losses, at, found.value, found.bound, read)


@jax.jit
def _along(loss: Loss, thetas: Array, divided: Array, seed: Any, tolerance: Any) -> Extreme:
    key = jax.random.key(seed)

    def one(direction: Array, place: tuple[Array, Array]) -> tuple[Array, Extreme]:
        theta, diagonal = place
        product = scaled(products(loss, theta), diagonal**-0.5)
        found = largest_of(product, direction, key, tolerance)
        return found.direction, found

    found: Extreme = jax.lax.scan(one, jnp.zeros(thetas.shape[1]), (thetas, divided))[1]
    return found


@partial(jax.jit, static_argnames=("steps", "every"))
def _train(
    loss: Loss, start: Array, rule: Rule, seed: Any, *, steps: int, every: int
) -> tuple[Array, Any, Array, Extreme]:
    learn = optax.with_extra_args_support(rule.transformation())
    key = jax.random.key(seed)
    gradient = jax.value_and_grad(partial(value, loss))

    def step(state: tuple[Array, Any], _: None) -> tuple[tuple[Array, Any], Array]:
        theta, memory = state
        level, felt = gradient(theta)
        told: dict[str, Any] = {"value": level, "grad": felt, "value_fn": loss}
        change, memory = learn.update(felt, memory, theta, **told)
        return (jnp.asarray(optax.apply_updates(theta, change)), memory), level

    def stretch(
        state: tuple[Array, Any, Array], _: None
    ) -> tuple[tuple[Array, Any, Array], tuple[Array, Extreme]]:
        *moving, direction = state
        (theta, memory), losses = jax.lax.scan(step, tuple(moving), None, length=every)
        scale = jnp.broadcast_to(preconditioner(rule, memory), theta.shape) ** -0.5
        product = scaled(products(loss, theta), scale)
        found = largest_of(product, direction, key, CLOSE)
        return (theta, memory, found.direction), (losses, found)

    begin = (start, learn.init(start), jnp.zeros_like(start))
    state, (losses, found) = jax.lax.scan(stretch, begin, None, length=steps // every)
    (theta, memory), rest = jax.lax.scan(step, state[:2], None, length=steps % every)
    return theta, memory, jnp.concatenate([losses.ravel(), rest]), found
