"""Rates per layer: against rules of their own for each layer, and what they do to a chain."""

from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import Constant, Walker, simulate, theory, walk
from adaptsim.landscapes import Bowl, DeepLinear
from adaptsim.part import WrongField
from adaptsim.rules import AfterSteps, GradientDescent, Langevin, LayerRates, Momentum, Switch
from adaptsim.schema import Place, WrongRequest, build
from adaptsim.walks import swept

PLACE = Place("file.toml", "rule", Path("."), size=2)
CHAIN = DeepLinear(layers=(1, 1, 1, 1), singular_values=[2.0])


def increments(rule, gradients):
    """Return the increments of a rule under gradients, shape ``(T, d)``."""
    learn = rule.transformation()

    def one(memory, gradient):
        step, memory = learn.update(gradient, memory, jnp.zeros(gradients.shape[1]))
        return memory, step

    memory = learn.init(jnp.zeros(gradients.shape[1]))
    return np.asarray(jax.lax.scan(one, memory, jnp.asarray(gradients))[1])


def test_each_layer_learns_as_by_a_rule_of_its_own():
    gradients = np.random.default_rng(0).standard_normal((12, 5))
    rule = LayerRates(
        rule=Momentum(learning_rate=1.0), sizes=(2, 3), rates=(0.1, 0.7), learning_rate=0.5
    )
    found = increments(rule, gradients)
    for columns, rate in ((slice(2), 0.05), (slice(2, 5), 0.35)):
        alone = increments(Momentum(learning_rate=rate), gradients[:, columns])
        assert found[:, columns] == pytest.approx(alone, rel=1e-12)


def test_without_sizes_it_is_the_rule():
    gradients = np.random.default_rng(1).standard_normal((5, 3))
    assert increments(LayerRates(), gradients) == pytest.approx(-gradients, rel=1e-15)


@cache
def places(rates, starts):
    """Return the product of a chain along a walk from given weights, with given layer rates."""
    rule = LayerRates(sizes=CHAIN.layer_sizes, rates=rates, learning_rate=0.05)
    return walk(CHAIN, rule, starts=starts, steps=300, stride=1)["LayerRates"].readings["mode_1"]


@settings(max_examples=4, deadline=None)
@given(st.lists(st.floats(0.1, 0.9), min_size=3, max_size=3))
def test_rates_like_squared_weights_undo_their_inequality_exactly(weights):
    """In steps of finite size too: the product is that of a balanced chain at every step."""
    weights = np.array(weights)
    root = float(np.prod(weights)) ** (1 / 3)
    unequal = places(tuple((weights / root) ** 2), tuple(weights))
    balanced = places((1.0, 1.0, 1.0), (root,) * 3)
    assert unequal == pytest.approx(balanced, rel=1e-9)
    assert balanced[0, 0, 0, -1] > balanced[0, 0, 0, 0]


def test_a_leading_layer_shortens_the_plateau_as_theory_says():
    """Individuals with rates of their own, each at a fiftieth of its own speed limit."""
    chain = DeepLinear(layers=(1, 1, 1, 1), singular_values=[1.0])
    weights, followers, part = np.full(3, 0.1), np.array([1.0, 0.1, 0.01]), 0.02
    limits, told = [], []
    for one in followers:
        ruled = {"weights": weights, "rates": [1.0, one, one]}
        limits.append(theory.deep_linear.chain_speed_limit(1.0, **ruled))
        told.append(theory.deep_linear.chain_time(0.5, target=1.0, **ruled) / limits[-1])
    rule = LayerRates(
        sizes=chain.layer_sizes,
        rates=(1.0, followers, followers),
        learning_rate=part * np.array(limits),
    )
    run = simulate(Walker(landscape=chain), rule, Constant(), size=3, steps=800)
    halves = np.argmax(run.followed["mode_1"].output[:, 0] >= 0.5, axis=0)
    assert halves * part == pytest.approx(told, abs=0.08)  # 4 steps: those of the flow to theirs
    assert told[0] > told[1] > told[2]


def test_a_sweep_turns_all_layers_together():
    rule = LayerRates(sizes=(1, 1), rates=(1.0, 0.1))
    assert swept(rule)
    found = walk(Bowl(curvature=[1.0, 10.0]), rule, rates=[1.0, 2.5], steps=200)["LayerRates"]
    assert found.loss[0, 0, 0, -1] < 1e-20
    assert found.loss[1, 0, 0, -1] > 1e3


def test_passes_on_what_the_rule_says():
    switch = Switch(
        first=GradientDescent(), then=GradientDescent(), criterion=AfterSteps(steps=2.0)
    )
    rule = LayerRates(rule=switch, sizes=(1, 1), rates=(1.0, 2.0))
    assert rule.reading_units == switch.reading_units
    read = walk(Bowl(dimension=2), rule, steps=5, stride=1)["LayerRates"].readings
    assert read["switched_at"][0, 0, 0, -1] == 2
    assert not rule.counts_together or switch.counts_together
    assert LayerRates(rule=Langevin()).randomness == Langevin().randomness


def test_traits_that_do_not_fit_are_refused():
    rule = LayerRates(sizes=(2, 3), rates=(1.0, 2.0))
    with pytest.raises(ValueError, match=r"must add up to 4, the number of traits; got 2 \+ 3"):
        increments(rule, np.ones((1, 4)))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"sizes": (2, 0), "rates": (1.0, 1.0)}, "whole numbers above 0"),
        ({"sizes": (2,), "rates": (1.0, 1.0)}, "must be 1 numbers, one per layer"),
        ({"sizes": (2,), "rates": (-1.0,)}, "must be finite and at least 0"),
        ({"sizes": (2,), "rates": (float("inf"),)}, "must be finite and at least 0"),
        ({"sizes": (2,), "rates": ("a",)}, "must be finite and at least 0"),
        ({"sizes": (2,), "rates": 1.0}, "one per layer"),
    ],
)
def test_wrong_fields(told, message):
    with pytest.raises(WrongField, match=message):
        LayerRates(**told)


def test_in_a_file_a_list_of_rates_is_one_per_layer():
    table = {"kind": "LayerRates", "sizes": [1, 2], "rates": [1, 0.1]}
    assert build("rule", table, PLACE).rates == (1.0, 0.1)
    with pytest.raises(WrongRequest, match=r"rule\.rates must be a list of numbers"):
        build("rule", {**table, "rates": ["a", "b"]}, PLACE)
