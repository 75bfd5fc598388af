"""Three ways to write one walk: Euler's method, gradient descent, and diffrax's Euler.

``euler`` and ``descent`` with the rule GradientDescent are the same numbers to the last bit.
``diffrax_euler`` is too where its clock is exact: it does not add the rate but takes the difference
of two times ``t[n+1] - t[n]``, ``t[n] = T (n / N)``, each rounded to the last digit of a double. So
its step differs from the rate by up to ``3 * 2**-52 T`` (three roundings in each of two times):
by nothing where rate and number of steps are powers of two, else in the last digits. Walked with
just these steps, `euler` gives diffrax's numbers to the last bit.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from adaptsim.flow import checked
from adaptsim.flow.loss import Loss, as_argument
from adaptsim.part import Array
from adaptsim.rules import Rule


def euler(loss: Loss, start: Any, rate: float, steps: int) -> Array:
    """Return the explicit Euler walk along the gradient flow, shape ``(steps + 1, d)``.

    ``theta[n+1] = theta[n] + rate * (-gradient(theta[n]))``

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    start
        Where the walk begins, shape ``(d,)`` [trait].
    rate
        Time step, which is the learning rate [1 / curvature].
    steps
        How many.

    Examples
    --------
    >>> euler(lambda theta: jnp.sum(theta**2) / 2, [8.0], 0.5, 3).ravel().tolist()
    [8.0, 4.0, 2.0, 1.0]

    References
    ----------
    Euler, Institutionum calculi integralis, 1768, I.2.7; Scieur, Roulet, Bach and d'Aspremont,
    Integration methods and optimization algorithms, NeurIPS 2017.
    """
    start = checked.place("start", start)
    return _euler(as_argument(loss), start, float(checked.positive("rate", rate)), _whole(steps))


def descent(loss: Loss, start: Any, rule: Rule, steps: int) -> Array:
    """Return the walk of a rule down a loss, shape ``(steps + 1, d)``.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    start
        Where the walk begins, shape ``(d,)`` [trait].
    rule
        What turns gradients into increments, its fields numbers.
    steps
        How many.

    Examples
    --------
    >>> from adaptsim.rules import GradientDescent
    >>> rule = GradientDescent(learning_rate=0.5)
    >>> descent(lambda theta: jnp.sum(theta**2) / 2, [8.0], rule, 3).ravel().tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    return _descent(as_argument(loss), checked.place("start", start), rule, _whole(steps))


def diffrax_euler(loss: Loss, start: Any, rate: float, steps: int) -> Array:
    """Return diffrax's own Euler walk with a constant step, shape ``(steps + 1, d)``.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    start
        Where the walk begins, shape ``(d,)`` [trait].
    rate
        Time step [1 / curvature].
    steps
        How many.

    Examples
    --------
    >>> diffrax_euler(lambda theta: jnp.sum(theta**2) / 2, [8.0], 0.5, 3).ravel().tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    start = checked.place("start", start)
    return _diffrax_euler(
        as_argument(loss), start, float(checked.positive("rate", rate)), _whole(steps)
    )


@partial(jax.jit, static_argnames=("steps",))
def _euler(loss: Loss, start: Array, rate: float, steps: int) -> Array:
    def step(theta: Array, _: None) -> tuple[Array, Array]:
        theta = theta + rate * -jax.grad(loss)(theta)
        return theta, theta

    return _with_start(start, jax.lax.scan(step, start, None, length=steps)[1])


@partial(jax.jit, static_argnames=("steps",))
def _descent(loss: Loss, start: Array, rule: Rule, steps: int) -> Array:
    rule_ = optax.with_extra_args_support(rule.transformation())

    def step(now: tuple[Array, Any], _: None) -> tuple[tuple[Array, Any], Array]:
        theta, memory = now
        value, slope = jax.value_and_grad(loss)(theta)
        increment, memory = rule_.update(
            slope, memory, theta, value=value, grad=slope, value_fn=loss
        )
        theta = jnp.asarray(optax.apply_updates(theta, increment))
        return (theta, memory), theta

    walk = jax.lax.scan(step, (start, rule_.init(start)), None, length=steps)[1]
    return _with_start(start, walk)


@partial(jax.jit, static_argnames=("steps",))
def _diffrax_euler(loss: Loss, start: Array, rate: float, steps: int) -> Array:
    import diffrax

    answer = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, theta, args: -jax.grad(loss)(theta)),
        diffrax.Euler(),
        t0=0.0,
        t1=rate * steps,
        dt0=rate,
        y0=start,
        saveat=diffrax.SaveAt(t0=True, steps=True),
        max_steps=steps,
        throw=False,
    )
    walk: Array = answer.ys
    return walk


def _with_start(start: Array, walk: Array) -> Array:
    return jnp.concatenate([start[None], walk])


def _whole(steps: int) -> int:
    if steps < 1:
        raise ValueError(f"steps must be at least 1; got {steps!r}.")
    return int(steps)
