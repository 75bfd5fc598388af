"""Rules and schedules do what PyTorch's do, step by step, where they are the same algorithm."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import Rosenbrock
from adaptsim.rules import (
    AdaGrad,
    Adam,
    Cyclical,
    GradientDescent,
    Momentum,
    ReduceOnPlateau,
    RMSProp,
    WarmRestarts,
)

TRACES = json.loads(Path(__file__).with_name("torch_traces.json").read_text())
OUTSIDE = {"epsilon_inside_root": False}
RULES = {
    "sgd": GradientDescent(learning_rate=1e-3),
    "momentum": Momentum(learning_rate=5e-4, momentum=0.9),
    "nesterov": Momentum(learning_rate=5e-4, momentum=0.9, nesterov=True),
    "rmsprop": RMSProp(learning_rate=0.01, decay=0.99, **OUTSIDE),
    "rmsprop large epsilon": RMSProp(learning_rate=0.01, decay=0.9, epsilon=0.1, **OUTSIDE),
    "adam": Adam(learning_rate=0.05),
    "adam large epsilon": Adam(learning_rate=0.05, first_decay=0.8, second_decay=0.95, epsilon=0.1),
    "amsgrad": Adam(learning_rate=0.05, amsgrad="torch"),
    "amsgrad fast": Adam(learning_rate=0.2, first_decay=0.5, second_decay=0.8, amsgrad="torch"),
    "adagrad": AdaGrad(learning_rate=0.3, initial_sum=0.1, epsilon=0.0),
}


@jax.jit
def course(rule):
    """Return the places that a rule visits on Rosenbrock's valley, the start included."""
    learn, valley = rule.transformation(), Rosenbrock()

    def once(carry, _):
        theta, memory = carry
        change, memory = learn.update(jax.grad(valley.loss)(theta), memory, theta)
        return (theta + change, memory), theta

    start = valley.start()
    return jax.lax.scan(once, (start, learn.init(start)), length=31)[1]


def test_every_trace_is_compared():
    assert set(TRACES["optimizers"]) == set(RULES)
    assert set(TRACES["schedules"]) == set(SCHEDULES)
    assert len(TRACES["plateaus"]) == 6


@pytest.mark.parametrize("name", RULES)
def test_a_rule_visits_the_places_that_torch_visits(name):
    expected = np.array(TRACES["optimizers"][name]["places"])
    np.testing.assert_allclose(course(RULES[name]), expected, rtol=1e-9, atol=0)
    assert np.abs(expected[-1] - expected[0]).max() > 0.01


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("amsgrad fast", Adam(learning_rate=0.2, first_decay=0.5, second_decay=0.8)),
        (
            "amsgrad fast",
            Adam(learning_rate=0.2, first_decay=0.5, second_decay=0.8, amsgrad="optax"),
        ),
        ("amsgrad", Adam(learning_rate=0.05, amsgrad="optax")),
        ("rmsprop large epsilon", RMSProp(learning_rate=0.01, decay=0.9, epsilon=0.1)),
        ("momentum", RULES["nesterov"]),
    ],
)
def test_the_other_convention_goes_elsewhere(name, other):
    expected = np.array(TRACES["optimizers"][name]["places"])
    assert np.abs(course(other) - expected).max() > 1e-6


CYCLE = {"lowest": 0.1, "highest": 0.5, "period": 14.0, "decay": 0.97}
SCHEDULES = {
    "triangular": Cyclical(**CYCLE, policy="triangular"),
    "triangular2": Cyclical(**CYCLE, policy="triangular2"),
    "exp_range": Cyclical(**CYCLE, policy="exp_range"),
    "warm restarts": WarmRestarts(highest=0.5, lowest=0.05, period=10.0),
    "growing warm restarts": WarmRestarts(highest=0.5, lowest=0.05, period=10.0, growth=2.0),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_the_rates_that_torch_has(name):
    expected = TRACES["schedules"][name]["rates"]
    found = SCHEDULES[name](jnp.arange(len(expected)))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0)


def rates(plateau, losses):
    """Return the learning rate of each step of a plateau schedule."""
    learn = plateau.transformation()

    def once(memory, loss):
        step, memory = learn.update(jnp.asarray(1.0), memory, value=loss)
        return memory, -step

    return jax.lax.scan(once, learn.init(jnp.asarray(1.0)), jnp.asarray(losses))[1].tolist()


def plateau_of(settings, convention):
    """Return the plateau schedule that torch's settings describe."""
    return ReduceOnPlateau(
        initial=1.0,
        factor=settings["factor"],
        patience=settings["patience"],
        tolerance=settings["threshold"],
        cooldown=settings.get("cooldown", 0),
        lowest_scale=settings.get("min_lr", 0.0),
        convention=convention,
    )


@pytest.mark.parametrize("name", TRACES["plateaus"])
def test_a_plateau_is_torchs(name):
    trace = TRACES["plateaus"][name]
    losses, expected = trace["losses"], np.array(trace["rates"])
    ours = np.array(rates(plateau_of(trace["settings"], "torch"), losses))
    # torch leaves out reductions by less than 1e-8; none of these rates is so small
    assert expected.min() > 1e-8 / trace["settings"]["factor"]
    np.testing.assert_allclose(ours, expected, rtol=1e-12)
    assert rates(plateau_of(trace["settings"], "optax"), losses) != pytest.approx(expected)


def test_the_conventions_of_a_plateau_are_these_numbers():
    settings = {"factor": 0.5, "patience": 2, "threshold": 1e-4}
    told = [1.0] * 7
    assert rates(plateau_of(settings, "torch"), told) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    assert rates(plateau_of(settings, "optax"), told)[:5] == [1, 1, 0.5, 0.5, 0.25]
