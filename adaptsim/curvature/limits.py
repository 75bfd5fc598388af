"""Limits: the learning rate at which a rule loses a place, read off the rule and the curvature."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim.curvature.lanczos import SMALL, largest_curvature, spectrum
from adaptsim.curvature.loss import Loss, argument, point, slope
from adaptsim.part import Array
from adaptsim.rules import AdaGrad, Adam, GradientDescent, Momentum, RMSProp, Rule

TRIALS = 6
"""Steps of the courses that show whether a rule is linear."""

TRIAL_SIZE = 1e-3
"""Size of the deviations they begin with: clipping begins above."""


@singledispatch
def edge(rule: Rule, curvature: float = 1.0) -> Any:
    """Return learning rate times (preconditioned) curvature at which a rule loses a minimum.

    Plain descent, RMSProp and AdaGrad: 2. Heavy ball: ``2 (1 + b)``. Nesterov:
    ``(2 + 2 b) / (1 + 2 b)``. Adam: ``2 (1 + b1) / (1 - b1)``, 38 by default. For the adaptive
    rules the second moment is taken to stand still, and the curvature is that of
    ``P^-1/2 H P^-1/2`` with `preconditioner` ``P``.

    For any other rule that has a number ``learning_rate`` it is found: the rate at which the
    spectral radius of its own step on a quadratic, memory included, passes 1.

    Parameters
    ----------
    rule
        Its learning rate does not matter.
    curvature
        Of the quadratic on which a limit is looked for [loss/trait^2]; it matters only for rules
        with a scale of their own (weight decay, say).

    Returns
    -------
    float
        The edge [1]; nan for a rule that is not linear, or has no such number.

    Examples
    --------
    >>> edge(GradientDescent()), edge(Momentum(momentum=0.5)), round(edge(Adam()), 9)
    (2.0, 3.0, 38.0)

    A rule of one's own: a running mean of gradients, whose edge is that of Adam.

    >>> class Mean(Rule):
    ...     learning_rate: float = 0.1
    ...     def transformation(self):
    ...         return optax.chain(
    ...             optax.ema(0.9, debias=False), optax.scale_by_learning_rate(self.learning_rate)
    ...         )
    >>> round(edge(Mean()), 6)
    38.0

    References
    ----------
    Cohen et al. (2021), Gradient descent on neural networks typically occurs at the edge of
    stability, arXiv 2103.00065; Cohen et al. (2022), Adaptive gradient methods at the edge of
    stability, arXiv 2207.14484. The forms are derived in `adaptsim.theory.speed_limits`.
    """
    from adaptsim.agents import Tracker
    from adaptsim.measures.stability import speed_limit

    if not hasattr(rule, "learning_rate") or not is_linear(rule.replace(learning_rate=0.1)):
        return float("nan")
    tracker = Tracker(curvature=float(curvature))
    return float(curvature) * speed_limit(tracker, rule.replace(learning_rate=0.1), jnp.zeros(1))


@edge.register(GradientDescent)
@edge.register(RMSProp)
@edge.register(AdaGrad)
def _(rule: Rule, curvature: float = 1.0) -> Any:
    return 2.0


@edge.register
def _(rule: Momentum, curvature: float = 1.0) -> Any:
    kept = rule.momentum
    return 2 * (1 + kept) / (1 + 2 * kept) if rule.nesterov else 2 * (1 + kept)


@edge.register
def _(rule: Adam, curvature: float = 1.0) -> Any:
    return 2 * (1 + rule.first_decay) / (1 - rule.first_decay)


@singledispatch
def preconditioner(rule: Rule, memory: Any) -> Array:
    """Return the diagonal that a rule divided its last step by, read out of its memory.

    With ``nu`` the rule's running square: RMSProp ``sqrt(nu + eps)``, or ``sqrt(nu) + eps`` if its
    epsilon is outside the root; Adam ``sqrt(nu / (1 - b2^t)) + eps``, or with the largest such
    square so far (AMSGrad); AdaGrad ``sqrt(sum + eps)``; all others 1.

    Cohen et al. count Adam's correction of the mean, ``1 - b1^t``, to it as well; that is 1 within
    some dozens of steps, and is left out here.

    Parameters
    ----------
    rule
        The rule.
    memory
        What ``rule.transformation()`` keeps.

    Returns
    -------
    Array
        Shape ``(d,)``, or ``()`` where it is 1 for all. Not a number for Adam before its first
        step.

    Examples
    --------
    >>> rule = AdaGrad(initial_sum=3.0, epsilon=1.0)
    >>> preconditioner(rule, rule.transformation().init(jnp.zeros(2))).tolist()
    [2.0, 2.0]

    References
    ----------
    Cohen et al. (2022), arXiv 2207.14484, section 2; optax.scale_by_rms, scale_by_adam and
    scale_by_rss.
    """
    return jnp.ones(())


@preconditioner.register
def _(rule: RMSProp, memory: Any) -> Array:
    square = memory[0].nu
    if rule.epsilon_inside_root:
        return jnp.sqrt(square + rule.epsilon)
    return jnp.sqrt(square) + rule.epsilon


@preconditioner.register
def _(rule: Adam, memory: Any) -> Array:
    moments, kept = memory[0], jnp.asarray(rule.second_decay)
    squares = {
        "off": lambda: moments.nu / (1 - kept**moments.count),
        "optax": lambda: moments.nu_max,
        "torch": lambda: moments.largest / (1 - kept**moments.steps),
    }
    return jnp.sqrt(squares[rule.amsgrad]()) + rule.epsilon


@preconditioner.register
def _(rule: AdaGrad, memory: Any) -> Array:
    return jnp.sqrt(memory[0].sum_of_squares + rule.epsilon)


def speed_limit_at(loss: Loss, theta: Any, rule: Rule, memory: Any = None) -> float:
    """Return the learning rate at which a rule loses hold of the sharpest direction at a point.

    `edge` over the largest eigenvalue of ``P^-1/2 H P^-1/2``. Whether the point is held at all
    below it (no curvature is negative) is said by `adaptsim.curvature.verdict`.

    Parameters
    ----------
    loss, theta
        As for `adaptsim.curvature.lanczos`.
    rule
        Its learning rate does not matter.
    memory
        What the rule remembers; if not given, what it would after a first step from ``theta``.
        For an adaptive rule that is little at a minimum, where all gradients vanish: its limit
        there is close to 0, and the rule keeps hovering about.

    Returns
    -------
    float
        Learning rate; inf where no curvature is positive, nan where there is no Hessian or the
        rule has no `edge`.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> round(speed_limit_at(Canyon().loss, jnp.zeros(2), Momentum(momentum=0.5)), 9)
    0.03
    """
    theta = point(theta)
    if memory is None:
        memory = _first_memory(loss, theta, rule)
    divided = preconditioner(rule, memory)
    if not np.isfinite(np.asarray(divided)).all():
        return float("nan")
    if theta.size <= SMALL:
        sharpest = float(spectrum(loss, theta, preconditioner=divided).values[-1])
    else:
        sharpest = float(largest_curvature(loss, theta, preconditioner=divided).value)
    if np.isnan(sharpest):
        return float("nan")
    return float(edge(rule, sharpest)) / sharpest if sharpest > 0 else float("inf")


def is_linear(rule: Rule) -> bool:
    """Return whether a rule's course on a bowl is linear in where it starts, as far as tried.

    It descends from three places, the last 3 times the first minus half the second: so must all its
    places be.

    Examples
    --------
    >>> is_linear(Momentum()), is_linear(Adam())
    (True, False)
    """
    one, other = TRIAL_SIZE * jnp.array([[0.3, 1.0], [1.0, -0.4]])
    mixed = _course(rule, 3 * one - other / 2)
    wanted = 3 * _course(rule, one) - _course(rule, other) / 2
    return bool(np.allclose(mixed, wanted, rtol=1e-6, atol=1e-9 * TRIAL_SIZE))


def _bowl(theta: Array) -> Array:
    return theta[0] ** 2 / 2 + 3 * theta[1] ** 2 / 2


def _course(rule: Rule, theta: Array) -> np.ndarray:
    """Return the places of a rule that descends a bowl of two unlike curvatures."""
    learn = optax.with_extra_args_support(rule.transformation())
    memory, places = learn.init(theta), []
    for _ in range(TRIALS):
        felt = jax.grad(_bowl)(theta)
        step, memory = learn.update(felt, memory, theta, **_told(_bowl, theta, felt))
        theta = jnp.asarray(optax.apply_updates(theta, step))
        places.append(np.asarray(theta))
    return np.array(places)


def _told(loss: Loss, theta: Array, felt: Array) -> dict[str, Any]:
    """Return what a rule may ask for by name; of random numbers, the most ordinary."""
    luck = {"normal": jnp.zeros_like(theta), "uniform": jnp.asarray(0.5)}
    return {"value": jnp.asarray(loss(theta), float), "grad": felt, "value_fn": loss, **luck}


def _first_memory(loss: Loss, theta: Array, rule: Rule) -> Any:
    """Return what a rule remembers after one step from a point with nothing in memory."""
    learn = optax.with_extra_args_support(rule.transformation())
    felt = _slope(argument(loss), theta)
    return learn.update(felt, learn.init(theta), theta, **_told(loss, theta, felt))[1]


_slope = jax.jit(slope)
