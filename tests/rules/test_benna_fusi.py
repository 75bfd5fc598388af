"""The chain is a linear system of equations, solved exactly, and adds what a rule increments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from adaptsim import Synapse, WrongField, multipliers, simulate, theory
from adaptsim.environments import Constant
from adaptsim.rules import BennaFusi, GradientDescent, Momentum


def flow(variables, ratio=2.0, coupling=0.125):
    """Return the matrix of the equations as they are printed."""
    volume = ratio ** np.arange(variables)
    tube = coupling * ratio ** -np.arange(float(variables))
    matrix = np.zeros((variables, variables))
    for k in range(variables):
        if k > 0:
            matrix[k, k - 1] += tube[k - 1] / volume[k]
            matrix[k, k] -= tube[k - 1] / volume[k]
        matrix[k, k] -= tube[k] / volume[k]
        if k + 1 < variables:
            matrix[k, k + 1] += tube[k] / volume[k]
    return matrix


@jax.jit
def passed(rule):
    return rule.passing()


@jax.jit
def kept(rule, gradients, start):
    """Return traits after each gradient, shape ``(T, d)``, and the hidden variables."""
    learn = rule.transformation()

    def one(state, gradient):
        trait, memory = state
        change, memory = learn.update(gradient, memory, trait)
        return (trait + change, memory), (trait + change, memory.hidden)

    return jax.lax.scan(one, (start, learn.init(start)), gradients)[1]


@pytest.mark.parametrize("variables", [1, 2, 5, 8])
@pytest.mark.parametrize("told", [{}, {"ratio": 3.0, "coupling": 0.5}])
def test_a_step_is_the_matrix_exponential(variables, told):
    passing = passed(BennaFusi(variables=variables, **told))
    np.testing.assert_allclose(passing, expm(flow(variables, **told)), atol=1e-14)


def test_a_step_solves_the_equations():
    start = np.array([1.0, -0.5, 0.25, 2.0])
    solved = solve_ivp(lambda _, u: flow(4) @ u, (0, 1), start, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(passed(BennaFusi(variables=4)) @ start, solved.y[:, -1], rtol=1e-9)


def test_an_event_fades_as_theory_says():
    gradients = jnp.zeros((1001, 1)).at[0].set(-1.0)
    traits, _ = kept(BennaFusi(learning_rate=1.0), gradients, jnp.zeros(1))
    ages = np.arange(1001)
    np.testing.assert_allclose(
        traits[:, 0], theory.benna_fusi.retention(ages, variables=8), rtol=1e-10
    )


def test_everything_is_counted_from_the_start():
    gradients = jnp.asarray(np.random.default_rng(2).normal(size=(30, 2)))
    rule = BennaFusi(variables=3)
    low, _ = kept(rule, gradients, jnp.zeros(2))
    high, _ = kept(rule, gradients, jnp.array([5.0, -3.0]))
    np.testing.assert_allclose(high - low, np.broadcast_to([5.0, -3.0], (30, 2)), atol=1e-13)


def test_a_chain_that_hardly_flows_is_the_rule_itself():
    gradients = jnp.asarray(np.random.default_rng(3).normal(size=(20, 2)))
    inner = Momentum(learning_rate=0.1)
    chain, _ = kept(
        BennaFusi(rule=inner, learning_rate=1.0, coupling=1e-14), gradients, jnp.ones(2)
    )
    velocity, trait, traits = np.zeros(2), np.ones(2), []
    for gradient in np.asarray(gradients):
        velocity = 0.9 * velocity + gradient
        traits.append(trait := trait - 0.1 * velocity)
    np.testing.assert_allclose(chain, traits, rtol=1e-11)


def test_multipliers_of_a_neuron_that_forgets_are_those_of_its_equations():
    neuron, rule = Synapse(synapses=1), BennaFusi(variables=4, learning_rate=0.3)
    found = np.sort(np.abs(np.asarray(jax.jit(multipliers)(neuron, rule, jnp.ones(1)))))
    step = expm(flow(4))
    step[0] -= 0.3 * np.eye(4)[0]
    whole = np.zeros((5, 5))  # and the start, from which all is counted
    whole[:4, :4], whole[0, 4], whole[4, 4] = step, 1 - step[0, 0] - 0.3, 1.0
    expected = np.sort(np.abs(np.linalg.eigvals(whole)))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_each_individual_has_its_own_chain():
    rule = BennaFusi(variables=2, coupling=np.array([1e-9, 0.5]), learning_rate=0.2)
    seen = simulate(Synapse(start_at=0.0), rule, Constant(value=1.0), size=2, steps=40).followed
    end = np.asarray(seen["synapse_0"].output)[-1, 0]
    assert end[0] == pytest.approx(1 - 0.8**39, rel=1e-6)
    assert end[1] < 0.7


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"variables": 0}, "variables must be at least 1"),
        ({"variables": 2.5}, "variables must be a whole number"),
        ({"ratio": 1.0}, "ratio must be above 1"),
        ({"coupling": 0.0}, "coupling must be above 0"),
    ],
)
def test_refuses_what_cannot_be(told, problem):
    with pytest.raises(WrongField, match=problem):
        BennaFusi(rule=GradientDescent(), **told)
