"""Any optimizer of optax, ready or to be made, is a rule."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim import Constant, Tracker, WrongField, simulate
from adaptsim.landscapes import Rosenbrock
from adaptsim.measures.stability import speed_limit
from adaptsim.rules import Adam, Cosine, FromOptax, ReduceOnPlateau, Rule
from adaptsim.testing import check_rule
from adaptsim.walks import walk

VALLEY, STEPS = Rosenbrock(), 25
READY = {
    "stateless": optax.sgd(1e-3),
    "two memories": optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(0.02)),
    "needs traits": optax.lamb(0.02),
    "needs the loss": optax.polyak_sgd(max_learning_rate=1e-3),
    "needs the function": optax.lbfgs(memory_size=3),
    "has a random key": optax.noisy_sgd(1e-3, key=jax.random.key(3)),
}


def end(transformation):
    """Return where a transformation ends after some steps, by optax alone."""
    learn = optax.with_extra_args_support(transformation)

    @jax.jit
    def course(theta):
        def step(_, state):
            theta, memory = state
            value, slope = jax.value_and_grad(VALLEY.loss)(theta)
            told = {"value": value, "grad": slope, "value_fn": VALLEY.loss}
            change, memory = learn.update(slope, memory, theta, **told)
            return optax.apply_updates(theta, change), memory

        return jax.lax.fori_loop(0, STEPS, step, (theta, learn.init(theta)))[0]

    return np.asarray(course(VALLEY.start()))


@pytest.mark.parametrize("name", READY)
def test_a_ready_optimizer_is_a_rule(name):
    rule = Rule.from_optax(READY[name], name=name)
    assert rule.name == name
    expected = end(READY[name])
    np.testing.assert_allclose(end(rule.transformation()), expected, rtol=1e-12)
    assert np.abs(expected - np.asarray(VALLEY.start())).max() > 1e-3


def test_the_rate_of_a_factory_can_be_swept():
    rule = Rule.from_optax(optax.adamw, learning_rate=0.1, weight_decay=1e-3)
    rates = [0.003, 0.01, 0.05]
    found = walk(VALLEY, rule, rates=rates, steps=STEPS)["FromOptax"].end
    assert found.shape == (3, 1, 1, 2)
    for rate, place in zip(rates, found[:, 0, 0], strict=True):
        expected = end(optax.adamw(rate, weight_decay=1e-3))
        np.testing.assert_allclose(place, expected, rtol=1e-9)


def test_other_settings_may_differ_between_individuals():
    decay = np.array([0.0, 0.5])
    rule = Rule.from_optax(optax.adamw, learning_rate=0.1, weight_decay=decay, nesterov=True)
    kind, world = Tracker(start_at=3.0), Constant(value=1.0)
    run = simulate(kind, rule, world, size=2, steps=20)
    for row, one in enumerate(decay):
        alone = Rule.from_optax(optax.adamw(0.1, weight_decay=float(one), nesterov=True))
        expected = simulate(kind, alone, world, steps=20).followed["trait"].output[:, 0, 0]
        np.testing.assert_allclose(run.followed["trait"].output[:, 0, row], expected, rtol=1e-12)


def test_its_rate_may_be_a_schedule_ours_or_optaxs():
    ours = Rule.from_optax(optax.sgd, learning_rate=Cosine(initial=1e-3, duration=20.0))
    theirs = Rule.from_optax(optax.sgd, learning_rate=optax.cosine_decay_schedule(1e-3, 20))
    expected = end(optax.sgd(optax.cosine_decay_schedule(1e-3, 20)))
    for rule in (ours, theirs):
        np.testing.assert_allclose(end(rule.transformation()), expected, rtol=1e-9)


def test_a_whole_number_is_a_fine_rate():
    rule = Rule.from_optax(optax.sgd, learning_rate=1)
    assert jax.tree.leaves(rule) == [1]
    assert speed_limit(Tracker(curvature=4.0), rule, jnp.zeros(1)) == pytest.approx(0.5)


def test_equal_recipes_are_compiled_once():
    traced = []

    @jax.jit
    def ask(rule):
        traced.append(rule.name)
        return rule.learning_rate

    for rate in (0.1, 0.2):
        ask(Rule.from_optax(optax.adamw, learning_rate=rate, nesterov=True))
    ask(Rule.from_optax(optax.adamw, learning_rate=0.1, nesterov=False))
    assert len(traced) == 2
    ready = optax.sgd(0.1)
    assert Rule.from_optax(ready).recipe == Rule.from_optax(ready).recipe
    assert Rule.from_optax(ready).recipe != Rule.from_optax(optax.sgd(0.1)).recipe


def test_it_says_what_it_is():
    shown = repr(Rule.from_optax(optax.adamw, learning_rate=0.1, nesterov=True, weight_decay=0.2))
    for words in ("adamw", "nesterov=True", "learning_rate=0.1", "'weight_decay': 0.2"):
        assert words in shown
    assert Rule.from_optax(functools.partial(optax.sgd, momentum=0.9), learning_rate=0.1).name == (
        "sgd"
    )


@pytest.mark.parametrize(
    "rule",
    [
        Rule.from_optax(optax.lion, learning_rate=Cosine(initial=0.1), weight_decay=0.0),
        Rule.from_optax(optax.chain(optax.sgd(0.1), optax.contrib.reduce_on_plateau())),
    ],
    ids=lambda rule: rule.name,
)
def test_it_keeps_the_contract(rule):
    check_rule(rule)


def test_optimizers_of_both_kinds_walk_side_by_side():
    rules = {
        "ours": Adam(learning_rate=0.05),
        "theirs": Rule.from_optax(optax.adam(0.05)),
    }
    left = walk(VALLEY, rules, steps=STEPS)
    np.testing.assert_allclose(left["ours"].end, left["theirs"].end, rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Rule.from_optax(3), "must be an optax transformation or a function .* got 3"),
        (
            lambda: Rule.from_optax(optax.sgd(0.1), learning_rate=0.2),
            r"cannot be set \(learning_rate\) once it is made; give the function",
        ),
        (
            lambda: Rule.from_optax(optax.sgd, learning_rate=-0.1),
            "learning_rate must be at least 0",
        ),
        (
            lambda: Rule.from_optax(optax.sgd, learning_rate=float("inf")),
            "learning_rate must be finite; got inf",
        ),
        (
            lambda: Rule.from_optax(optax.adamw, learning_rate=0.1, weight_decay=float("nan")),
            "weight_decay must be finite; got nan",
        ),
        (
            lambda: Rule.from_optax(optax.sgd, learning_rate=ReduceOnPlateau()),
            "learning_rate must be a number or a schedule of the count; got ReduceOnPlateau",
        ),
    ],
)
def test_a_wrong_request_is_refused(make, words):
    with pytest.raises(WrongField, match=words):
        make()


def test_settings_that_the_function_does_not_know_are_named():
    rule = Rule.from_optax(optax.sgd, learning_rate=0.1, speed=3.0)
    with pytest.raises(TypeError, match="speed"):
        rule.transformation()


def test_it_is_not_in_scenario_files():
    assert FromOptax.abstract
