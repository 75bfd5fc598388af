"""Rules are optax's own optimizers, schedules their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import signal

from adaptsim import Sinusoid, Tracker, WrongField, simulate
from adaptsim.rules import (
    AdaGrad,
    Adam,
    Cosine,
    Cyclical,
    Exponential,
    GradientDescent,
    InverseTime,
    Momentum,
    ReduceOnPlateau,
    RMSProp,
    WarmRestarts,
    WarmUp,
)

STEPS, CURVATURE, START = 60, 2.0, 5.0
PAIRS = {
    "sgd": (GradientDescent(learning_rate=0.3), optax.sgd(0.3)),
    "momentum": (
        Momentum(learning_rate=0.1, momentum=0.8),
        optax.sgd(0.1, momentum=0.8),
    ),
    "nesterov": (
        Momentum(learning_rate=0.1, momentum=0.8, nesterov=True),
        optax.sgd(0.1, momentum=0.8, nesterov=True),
    ),
    "rmsprop inside": (
        RMSProp(learning_rate=0.2, decay=0.8, epsilon=0.01),
        optax.rmsprop(0.2, decay=0.8, eps=0.01),
    ),
    "rmsprop outside": (
        RMSProp(learning_rate=0.2, decay=0.8, epsilon=0.01, epsilon_inside_root=False),
        optax.rmsprop(0.2, decay=0.8, eps=0.01, eps_in_sqrt=False),
    ),
    "adam": (
        Adam(learning_rate=0.2, first_decay=0.8, second_decay=0.95, epsilon=1e-3),
        optax.adam(0.2, b1=0.8, b2=0.95, eps=1e-3),
    ),
    "adagrad": (
        AdaGrad(learning_rate=0.7, initial_sum=0.3, epsilon=1e-4),
        optax.adagrad(0.7, initial_accumulator_value=0.3, eps=1e-4),
    ),
    "plateau": (
        GradientDescent(learning_rate=ReduceOnPlateau(initial=0.3, factor=0.5, patience=4)),
        optax.chain(
            optax.sgd(0.3), optax.contrib.reduce_on_plateau(factor=0.5, patience=4, rtol=1e-4)
        ),
    ),
}


def by_optax(optimizer, cue):
    """Return the course of one trait on the tracker's loss, by optax alone."""
    optimizer = optax.with_extra_args_support(optimizer)

    def loss(trait, target):
        return 0.5 * CURVATURE * jnp.sum((trait - target) ** 2)

    def once(carry, target):
        trait, memory = carry
        value, slope = jax.value_and_grad(loss)(trait, target)
        change, memory = optimizer.update(slope, memory, trait, value=value)
        return (optax.apply_updates(trait, change), memory), trait

    trait = jnp.asarray([START])
    _, course = jax.lax.scan(once, (trait, optimizer.init(trait)), cue)
    return np.asarray(course)[:, 0]


@pytest.mark.parametrize("name", PAIRS)
def test_a_rule_is_optaxs_optimizer(name):
    rule, optimizer = PAIRS[name]
    kind = Tracker(curvature=CURVATURE, start_at=START)
    run = simulate(kind, rule, Sinusoid(period=17.0), steps=STEPS)
    expected = by_optax(optimizer, run.cue[:, 0])
    np.testing.assert_allclose(
        run.followed["trait"].output[:, 0, 0], expected, rtol=1e-12, atol=1e-12
    )
    assert np.ptp(expected) > 1


def test_the_two_conventions_of_epsilon_differ():
    inside, outside = (
        by_optax(PAIRS[name][1], jnp.ones((20, 1)))
        for name in ("rmsprop inside", "rmsprop outside")
    )
    assert np.abs(inside - outside).max() > 1e-3


def test_rmsprop_outside_the_root_is_the_formula():
    rule = RMSProp(learning_rate=0.2, decay=0.8, epsilon=0.01, epsilon_inside_root=False)
    update, memory = rule.transformation().update, rule.transformation().init(jnp.zeros(1))
    square = 0.0
    for slope in (1.0, -2.0, 0.5, 0.0, 3.0):
        change, memory = update(jnp.asarray([slope]), memory)
        square = 0.8 * square + 0.2 * slope**2
        assert float(change[0]) == pytest.approx(-0.2 * slope / (square**0.5 + 0.01), rel=1e-12)


COUNTS = np.arange(0, 90)
SCHEDULES = {
    "exponential": (
        Exponential(initial=0.4, time_constant=20.0),
        optax.schedules.exponential_decay(0.4, 20, np.exp(-1.0)),
    ),
    "cosine": (
        Cosine(initial=0.4, final=0.1, duration=50.0),
        optax.schedules.cosine_decay_schedule(0.4, 50, alpha=0.25),
    ),
    "warm-up": (
        WarmUp(then=0.4, duration=10.0),
        optax.schedules.warmup_constant_schedule(0.0, 0.4, 10),
    ),
    "warm-up, then cosine": (
        WarmUp(then=Cosine(initial=0.4, final=0.0, duration=50.0), duration=10.0),
        optax.schedules.warmup_cosine_decay_schedule(0.0, 0.4, 10, 60),
    ),
    "inverse time": (
        InverseTime(initial=0.4, half_time=20.0),
        lambda count: 0.4 * 20 / (20 + count),
    ),
    "cyclical": (
        Cyclical(lowest=0.1, highest=0.4, period=20.0),
        lambda count: 0.25 + 0.15 * signal.sawtooth(2 * np.pi * count / 20, width=0.5),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_its_formula(name):
    ours, theirs = SCHEDULES[name]
    found = [float(ours(jnp.asarray(count))) for count in COUNTS]
    expected = [float(theirs(count)) for count in COUNTS]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_rule_follows_its_schedule_from_the_first_step():
    rate = InverseTime(initial=0.5, half_time=4.0)
    kind = Tracker(start_at=START)
    run = simulate(kind, GradientDescent(learning_rate=rate), Sinusoid(amplitude=0.0), steps=30)
    trait = run.followed["trait"].output[:, 0, 0]
    np.testing.assert_allclose(1 - trait[1:] / trait[:-1], 0.5 / (1 + np.arange(29) / 4), rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: GradientDescent(learning_rate=-0.1), "learning_rate must be at least 0"),
        (lambda: Momentum(momentum=1.5), "momentum must be at most 1"),
        (lambda: Adam(first_decay=-0.1), "first_decay must be at least 0"),
        (lambda: RMSProp(epsilon_inside_root=1), "epsilon_inside_root must be true or false"),
        (lambda: AdaGrad(epsilon=float("nan")), "epsilon must be finite"),
        (lambda: InverseTime(half_time=0.0), "half_time must be above 0"),
        (lambda: ReduceOnPlateau(patience=0), "patience must be at least 1"),
        (lambda: ReduceOnPlateau(factor=0.0), "factor must be above 0"),
        (lambda: GradientDescent(learning_rate=np.array([0.1, -2.0])), "got -2"),
        (lambda: GradientDescent(learning_rate=float("inf")), "learning_rate must be finite; got"),
        (lambda: Adam(amsgrad="yes"), "amsgrad must be one of 'off', 'optax', 'torch'; got 'yes'"),
        (lambda: Cyclical(policy="sine"), "policy must be one of 'triangular', 'triangular2'"),
        (lambda: Cyclical(decay=1.1), "decay must be at most 1"),
        (lambda: WarmRestarts(growth=0.5), "growth must be at least 1"),
        (lambda: WarmRestarts(period=0.0), "period must be above 0"),
        (lambda: ReduceOnPlateau(convention="keras"), "convention must be one of 'optax', 'torch'"),
        (lambda: ReduceOnPlateau(cooldown=-1), "cooldown must be at least 0"),
        (
            lambda: WarmUp(then=ReduceOnPlateau()),
            "then must be a number or a schedule of the count",
        ),
    ],
)
def test_a_wrong_number_is_refused_by_name(make, words):
    with pytest.raises(WrongField, match=words):
        make()
