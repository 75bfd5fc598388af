"""Methylation gates the increments of any rule, moves exactly, and stays between 0 and 1."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from adaptsim import Constant, Synapse, WrongField, simulate, speed_limit, theory
from adaptsim.rules import (
    Adam,
    ExponentialGate,
    Gate,
    HillGate,
    InvertedUGate,
    Langevin,
    LinearGate,
    Methylated,
    Momentum,
    Switch,
)
from adaptsim.schema import Place, build

PLACE = Place("here.toml", "rule", None, size=1)
rates = st.floats(0, 1e3)
shares = st.floats(0, 1)


@jax.jit
def turned(rule, methylation, activity):
    return rule.turned(methylation, activity)


@jax.jit
def stepped(rule, gradients, trait):
    """Return increments and memory under gradients ``(T, d)``."""
    learn = rule.transformation()

    def one(memory, gradient):
        change, memory = learn.update(gradient, memory, trait)
        return memory, (change, memory.methylation)

    return jax.lax.scan(one, learn.init(trait), gradients)[1]


@settings(max_examples=200, deadline=None)
@given(start=shares, writing=rates, erasing=rates, more=rates, activity=st.floats(0, 1e200))
def test_methylation_stays_between_0_and_1_however_fast_it_is(
    start, writing, erasing, more, activity
):
    rule = Methylated(turnover=True, writing=writing, erasing=erasing, writing_by_activity=more)
    after = float(turned(rule, jnp.asarray(start), jnp.asarray(activity)))
    assert 0 <= after <= 1


@settings(max_examples=50, deadline=None)
@given(start=shares, writing=st.floats(0, 5), erasing=st.floats(0, 5))
def test_a_step_is_the_matrix_exponential(start, writing, erasing):
    """Methylated and not are two states of a Markov chain."""
    rule = Methylated(turnover=True, writing=writing, erasing=erasing)
    chain = expm(np.array([[-erasing, writing], [erasing, -writing]]))
    expected = (chain @ [start, 1 - start])[0]
    assert float(turned(rule, jnp.asarray(start), 0.0)) == pytest.approx(expected, abs=1e-12)


def test_a_step_solves_the_equation_at_any_activity():
    told = {"writing": 0.2, "erasing": 0.4, "writing_by_activity": 1.5, "erasing_by_activity": 0.1}
    rule = Methylated(turnover=True, half_activity=2.0, cooperativity=3, **told)
    for activity in (0.0, 0.5, 2.0, 40.0):
        driven = activity**3 / (activity**3 + 2.0**3)
        writes, erases = 0.2 + 1.5 * driven, 0.4 + 0.1 * driven
        flow = solve_ivp(
            lambda _, m, w=writes, e=erases: w * (1 - m) - e * m, (0, 1), [0.9],
            rtol=1e-11, atol=1e-13,
        )  # fmt: skip
        assert float(turned(rule, jnp.asarray(0.9), jnp.asarray(activity))) == pytest.approx(
            flow.y[0, -1], rel=1e-9
        )


def test_without_rates_methylation_stays_as_it_began():
    rule = Methylated(turnover=True, pattern="gradient", spread=0.3)
    _, courses = stepped(rule, jnp.ones((50, 4)), jnp.zeros(4))
    np.testing.assert_array_equal(courses, np.broadcast_to(courses[0], (50, 4)))
    np.testing.assert_allclose(courses[0], [0.2, 0.4, 0.6, 0.8], rtol=1e-15)


def test_half_methylated_is_half_as_fast_whatever_the_rule():
    for inner in (Momentum(learning_rate=1.0), Adam()):
        gradients, trait = jnp.asarray(np.linspace(-1, 2, 12).reshape(6, 2)), jnp.zeros(2)
        whole, _ = stepped(Methylated(rule=inner, methylation=0.0), gradients, trait)
        half, _ = stepped(Methylated(rule=inner, each=(0.5, 1.0)), gradients, trait)
        np.testing.assert_allclose(half[:, 0], whole[:, 0] / 2, rtol=1e-14)
        assert (np.asarray(half)[:, 1] == 0).all()


def test_the_methylation_from_before_the_step_gates_it():
    rule = Methylated(turnover=True, methylation=0.0, writing=100.0, learning_rate=1.0)
    changes, courses = stepped(rule, jnp.ones((2, 1)), jnp.zeros(1))
    assert changes[:, 0].tolist() == [-1.0, 0.0]
    assert courses[0, 0] == 1.0


@pytest.mark.parametrize(
    ("gate", "values"),
    [
        (LinearGate(), [1.0, 0.75, 0.5, 0.0]),
        (ExponentialGate(steepness=2.0), np.exp([0.0, -0.5, -1.0, -2.0])),
        (HillGate(half=0.5, cooperativity=2), [1.0, 0.8, 0.5, 0.2]),
        (InvertedUGate(), [0.0, 0.75, 1.0, 0.0]),
    ],
)
def test_gates(gate, values):
    np.testing.assert_allclose(gate(jnp.array([0.0, 0.25, 0.5, 1.0])), values, rtol=1e-14)


def test_a_gate_of_ones_own():
    class Open(Gate):
        def __call__(self, methylation):
            return 1 + methylation

    changes, _ = stepped(
        Methylated(gate=Open(), learning_rate=1.0, methylation=1.0), jnp.ones((1, 2)), jnp.zeros(2)
    )
    assert changes.tolist() == [[-2.0, -2.0]]


def test_patterns():
    def begun(count=6, **told):
        return np.asarray(Methylated(methylation=0.5, **told).begun(count))

    assert begun().tolist() == [0.5] * 6
    np.testing.assert_allclose(begun(3, pattern="gradient", spread=-0.5), [1.0, 0.5, 0.0])
    assert begun(pattern="patches", spread=0.5, patch=2).tolist() == [0, 0, 1, 1, 0, 0]
    drawn = begun(1000, pattern="random", spread=0.5)
    np.testing.assert_array_equal(drawn, begun(1000, pattern="random", spread=0.5))
    assert (drawn != begun(1000, pattern="random", spread=0.5, pattern_seed=1)).any()
    # even on [0, 1]: mean 1/2, variance 1/12; 4 standard errors
    assert abs(drawn.mean() - 0.5) < 4 * (1 / 12 / 1000) ** 0.5
    assert begun(1, pattern="gradient", spread=0.2).tolist() == [0.5]


def test_activity_of_a_synapse_and_of_the_neuron():
    def after(activity):
        rule = Methylated(
            turnover=True, methylation=0.0, writing_by_activity=1.0, activity=activity
        )
        return np.asarray(stepped(rule, jnp.array([[2.0, 0.0]]), jnp.zeros(2))[1][0])

    np.testing.assert_allclose(after("synapse"), [1 - np.exp(-0.8), 0.0])
    np.testing.assert_allclose(after("neuron"), [1 - np.exp(-0.5)] * 2)


def test_the_speed_limit_is_found_in_the_step():
    """With turnover: that of methylation at rest, or as it began where nothing moves it."""
    neuron = Synapse(variances=(2.0, 1.0), correlation=0.8 / 2**0.5)
    cases = {(0.0, 0.0): (1.0, 1.0), (0.5, 0.0): (0.5, 1.0), (0.9, 0.9): (0.1, 0.1)}
    for each, gates in cases.items():
        rule = Methylated(each=each, turnover=True)
        expected = theory.methylation.speed_limit([[2.0, 0.8], [0.8, 1.0]], gates)
        assert speed_limit(neuron, rule, jnp.ones(2)) == pytest.approx(expected, rel=1e-6)
    rule = Methylated(each=(0.9, 0.9), turnover=True, writing=0.03, erasing=0.01)
    expected = theory.methylation.speed_limit([[2.0, 0.8], [0.8, 1.0]], (0.25, 0.25))
    assert speed_limit(neuron, rule, jnp.ones(2)) == pytest.approx(expected, rel=1e-6)


def test_reads_the_mean_methylation():
    rule = Methylated(turnover=True, pattern="gradient", spread=0.5, writing=0.1, erasing=0.1)
    _, courses = stepped(rule, jnp.ones((20, 4)), jnp.zeros(4))
    read = rule.readings(rule.transformation().init(jnp.zeros(4))._replace(methylation=courses))
    expected = theory.methylation.course(np.arange(1, 21), start=0.5, writing=0.1, erasing=0.1)
    np.testing.assert_allclose(read["methylation"], expected, rtol=1e-12)


def test_each_individual_has_its_own_methylation():
    rule = Methylated(methylation=np.array([0.0, 0.5]), learning_rate=np.array([0.2, 0.4]))
    seen = simulate(Synapse(start_at=0.0), rule, Constant(value=1.0), size=2, steps=5).followed
    both = np.asarray(seen["synapse_0"].output)[:, 0]
    np.testing.assert_allclose(both[:, 0], both[:, 1], rtol=1e-14)
    np.testing.assert_allclose(1 - both[:, 0], 0.8 ** np.arange(5), rtol=1e-14)


def test_what_the_rule_asks_for_and_tells_is_passed_on():
    rule = Methylated(rule=Langevin())
    assert rule.randomness == Langevin().randomness
    switch = Methylated(rule=Switch())
    assert set(switch.reading_units) == {"methylation", *Switch().reading_units}
    assert switch.counts_together == Switch().counts_together


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"methylation": 1.5}, "Methylated.methylation must be at most 1"),
        ({"methylation": -0.1}, "Methylated.methylation must be at least 0"),
        ({"methylation": 0.8, "spread": 0.3, "pattern": "random"}, "got from 0.5 to 1.1"),
        ({"each": (0.1, 2.0)}, "Methylated.each must be between 0 and 1; got 2.0"),
        ({"each": (0.1, "a")}, "Methylated.each must be between 0 and 1; got 'a'"),
        ({"pattern": "spots"}, "must be one of 'uniform'"),
        ({"writing": -1.0}, "Methylated.writing must be at least 0"),
        ({"cooperativity": 0}, "Methylated.cooperativity must be at least 1"),
        ({"patch": 0}, "Methylated.patch must be at least 1"),
    ],
)
def test_refuses_what_cannot_be(told, problem):
    with pytest.raises(WrongField, match=problem):
        Methylated(**told)


def test_refuses_another_number_of_synapses():
    with pytest.raises(ValueError, match="must have 3 numbers, one per trait; got 2"):
        Methylated(each=(0.1, 0.2)).transformation().init(jnp.zeros(3))


def test_is_made_from_a_table():
    table = {"kind": "Methylated", "each": [0.0, 0.5], "gate": {"kind": "HillGate", "half": 0.3}}
    rule = build("rule", table | {"rule": {"kind": "Momentum", "learning_rate": 1.0}}, PLACE)
    assert rule.each == (0.0, 0.5)
    assert rule.gate.half == 0.3
    assert type(rule.rule) is Momentum
