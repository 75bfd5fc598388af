"""Rules are optax's own optimizers on a bent valley and in a bowl of many dimensions."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim.landscapes import Bowl, Rosenbrock
from adaptsim.rules import (
    LBFGS,
    AdaGrad,
    Adam,
    Cyclical,
    GradientDescent,
    Momentum,
    ReduceOnPlateau,
    RMSProp,
    WarmRestarts,
)

STEPS = 40
VALLEY, BOWL = Rosenbrock(), Bowl(curvature=jnp.array([0.5, 20.0]))


def restarts(highest, lowest, period, growth, cycles):
    """Return optax's schedule of warm restarts."""
    lengths = [period * growth**cycle for cycle in range(cycles)]
    return optax.sgdr_schedule(
        {"init_value": highest, "peak_value": highest, "decay_steps": length,
         "warmup_steps": 0, "end_value": lowest} for length in lengths
    )  # fmt: skip


def halving(rate):
    """Return gradient descent whose rate optax halves on a plateau."""
    plateau = optax.contrib.reduce_on_plateau(factor=0.5, patience=3, rtol=0.05, cooldown=2)
    return optax.chain(optax.sgd(rate), plateau)


ARMIJO = optax.scale_by_backtracking_linesearch(20)
PAIRS = {
    "sgd": (GradientDescent(learning_rate=1e-3), optax.sgd(1e-3)),
    "momentum": (Momentum(learning_rate=5e-4), optax.sgd(5e-4, momentum=0.9)),
    "nesterov": (
        Momentum(learning_rate=5e-4, nesterov=True),
        optax.sgd(5e-4, momentum=0.9, nesterov=True),
    ),
    "rmsprop": (RMSProp(learning_rate=0.01), optax.rmsprop(0.01)),
    "rmsprop, outside": (
        RMSProp(learning_rate=0.01, epsilon=0.1, epsilon_inside_root=False),
        optax.rmsprop(0.01, eps=0.1, eps_in_sqrt=False),
    ),
    "adam": (Adam(learning_rate=0.05), optax.adam(0.05)),
    "amsgrad": (
        Adam(learning_rate=0.2, first_decay=0.5, second_decay=0.8, amsgrad="optax"),
        optax.amsgrad(0.2, b1=0.5, b2=0.8),
    ),
    "adagrad": (AdaGrad(learning_rate=0.3), optax.adagrad(0.3)),
    "lbfgs": (LBFGS(), optax.lbfgs()),
    "lbfgs, backtracking": (
        LBFGS(line_search="backtracking", memory_size=2),
        optax.lbfgs(memory_size=2, linesearch=ARMIJO),
    ),
    "lbfgs, no search": (
        LBFGS(line_search="none", learning_rate=0.1),
        optax.lbfgs(0.1, linesearch=None),
    ),
    "warm restarts": (
        GradientDescent(
            learning_rate=WarmRestarts(highest=1e-3, lowest=1e-4, period=5.0, growth=2.0)
        ),
        optax.sgd(restarts(1e-3, 1e-4, 5, 2, 4)),
    ),
    "plateau": (
        GradientDescent(
            learning_rate=ReduceOnPlateau(initial=1e-3, patience=3, tolerance=0.05, cooldown=2)
        ),
        halving(1e-3),
    ),
}


def loss(theta, bent):
    """Return the loss of a place in the valley (``bent`` 1) or in the bowl (0)."""
    return bent * VALLEY.loss(theta) + (1 - bent) * BOWL.loss(theta)


def places(optimizer):
    """Return the places an optimizer visits in bowl and valley, shape ``(2, steps + 1, d)``."""
    optimizer = optax.with_extra_args_support(optimizer)

    @jax.jit
    def course(bent):
        def once(carry, _):
            theta, memory = carry
            value, slope = jax.value_and_grad(loss)(theta, bent)
            told = {"value": value, "grad": slope, "value_fn": lambda other: loss(other, bent)}
            change, memory = optimizer.update(slope, memory, theta, **told)
            return (optax.apply_updates(theta, change), memory), theta

        start = VALLEY.start()
        return jax.lax.scan(once, (start, optimizer.init(start)), length=STEPS + 1)[1]

    return np.stack([course(0.0), course(1.0)])


@pytest.mark.parametrize("name", PAIRS)
def test_a_rule_visits_the_places_that_optax_visits(name):
    rule, optimizer = PAIRS[name]
    expected = places(optimizer)
    np.testing.assert_allclose(places(rule.transformation()), expected, rtol=1e-9, atol=1e-12)
    assert (np.abs(expected[:, -1] - expected[:, 0]).max(axis=1) > 0.01).all()


def test_the_two_amsgrads_differ():
    settings = {"learning_rate": 0.2, "first_decay": 0.5, "second_decay": 0.8}
    pair = [places(Adam(**settings, amsgrad=name).transformation()) for name in ("optax", "torch")]
    assert (np.abs(pair[0] - pair[1]).max(axis=(1, 2)) > 1e-3).all()


@pytest.mark.parametrize("growth", [1.0, 1.5, 2.0, 3.0])
def test_every_restart_is_in_its_step(growth):
    period = 16.0
    rate = WarmRestarts(highest=1.0, lowest=0.0, period=period, growth=growth)
    begins = np.cumsum([0, *(period * growth ** np.arange(5))])
    np.testing.assert_allclose(rate(begins), 1.0, atol=1e-12)
    last = [0.5 * (1 + np.cos(np.pi * (1 - 1 / length))) for length in np.diff(begins)]
    np.testing.assert_allclose(rate(begins[1:] - 1), last, rtol=1e-9)


def test_restarts_of_many_periods_at_once():
    periods = jnp.array([7.0, 0.3, 123.4])
    many = jax.vmap(lambda period: WarmRestarts(period=period, growth=1.1)(jnp.asarray(500)))
    alone = [WarmRestarts(period=float(one), growth=1.1)(500) for one in periods]
    np.testing.assert_allclose(many(periods), alone, rtol=1e-9)


def test_a_triangle_of_each_policy():
    told = {"lowest": 0.0, "highest": 1.0, "period": 10.0, "decay": 0.9}
    peaks = {policy: Cyclical(**told, policy=policy)(jnp.array([5, 15, 25]))
             for policy in ("triangular", "triangular2", "exp_range")}  # fmt: skip
    np.testing.assert_allclose(peaks["triangular"], 1.0, rtol=1e-12)
    np.testing.assert_allclose(peaks["triangular2"], [1, 0.5, 0.25], rtol=1e-12)
    np.testing.assert_allclose(peaks["exp_range"], [0.9**5, 0.9**15, 0.9**25], rtol=1e-12)
