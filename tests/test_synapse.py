"""A neuron's three ways of learning, each against its closed form and by its own step."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import (
    Constant,
    GradientDescent,
    Methylated,
    Sinusoid,
    Stack,
    Synapse,
    WrongField,
    simulate,
    speed_limit,
    theory,
)
from adaptsim.dynamics import System, doublings
from adaptsim.measures import stability
from adaptsim.predictions import predict
from adaptsim.schema import Place, build, catalogue

CORRELATED = {"synapses": 3, "variances": (2.0, 1.0, 0.5), "correlation": 0.4}
MEAN = jnp.array([0.3, -0.2, 0.1])
UNEVEN = (0.0, 0.5, 0.9)


@pytest.mark.parametrize("learning", ["delta", "oja"])
def test_the_gradient_is_the_mean_of_those_felt(learning):
    kind = Synapse(learning=learning, inputs="drawn", **CORRELATED)
    weights, keys = jnp.array([0.5, -1.0, 0.8]), jax.random.split(jax.random.key(1), 40_000)
    feel = jax.jit(jax.vmap(lambda key: kind.perceived_gradient(weights, MEAN, (), key)))
    felt = np.asarray(feel(keys))
    errors = felt.std(axis=0, ddof=1) / len(keys) ** 0.5
    expected = np.asarray(kind.gradient(weights, MEAN, ()))
    assert (np.abs(felt.mean(axis=0) - expected) < 4 * errors).all()


def test_the_gradient_of_delta_is_the_slope_of_its_loss():
    kind, weights = Synapse(**CORRELATED), jnp.array([0.5, -1.0, 0.8])
    slope = jax.grad(kind.loss)(weights, MEAN)
    np.testing.assert_allclose(kind.gradient(weights, MEAN, ()), slope, rtol=1e-12)


def test_losses_are_mean_squares_of_what_is_left():
    """By hand: with the second moment C and E[x] left in it."""
    weights = np.array([0.5, -1.0, 0.8])
    moment = np.asarray(Synapse(**CORRELATED).moment(MEAN))
    rest = np.eye(3) - np.outer(weights, weights)
    oja = Synapse(learning="oja", **CORRELATED).loss(jnp.asarray(weights), MEAN)
    assert float(oja) == pytest.approx(np.trace(rest @ moment @ rest) / 2)
    # the threshold at once at y^2: descending the loss is then what BCM does
    bcm, cue = Synapse(learning="bcm", synapses=3), jnp.array([1.0, 2.0, 0.5])
    response = jnp.asarray(weights) @ cue
    slope = jax.grad(bcm.loss)(jnp.asarray(weights), cue)
    np.testing.assert_allclose(
        bcm.gradient(jnp.asarray(weights), cue, response**2), slope, rtol=1e-12
    )


@pytest.mark.parametrize("gates", [(1.0, 1.0, 1.0), (1.0, 0.5, 0.1)])
def test_oja_follows_its_flow_and_ends_at_the_principal_component(gates):
    """By small steps; where gates are open the flow has a solution."""
    kind = Synapse(learning="oja", start_at=0.2, **CORRELATED)
    rule = Methylated(learning_rate=1e-3, each=tuple(1 - one for one in gates))

    def end(rule, steps):
        left = simulate(kind, rule, Constant(value=0.0), size=1, steps=steps, stride=steps).final
        return np.asarray(left.state.trait).ravel()

    moment = np.asarray(kind.moment(jnp.zeros(3)))
    if gates == (1.0, 1.0, 1.0):
        expected = theory.oja.course(1.0, moment=moment, start=[0.2, 0.2, 0.2])
        np.testing.assert_allclose(end(rule, 1000), expected, rtol=1e-3)
    best = np.linalg.eigh(moment)[1][:, -1]
    found = end(rule.replace(learning_rate=0.1), 4000)
    np.testing.assert_allclose(np.abs(found), np.abs(best), rtol=1e-11)


@functools.cache
def bcm(methylation):
    """Return the last responses of a neuron whose threshold takes 150 steps."""
    kind = Synapse(learning="bcm", synapses=1, start_at=1.2, threshold_time=150.0)
    rule = Methylated(learning_rate=0.01, methylation=np.array(methylation))
    told = simulate(kind, rule, Constant(value=1.0), size=len(methylation), steps=30_000, stride=10)
    return np.asarray(told.followed["response"].output)[-1000:, 0]


def test_bcm_rests_above_the_critical_methylation_and_oscillates_below():
    """Steps: m_c = 0.3399 here; 1/3 for the flow."""
    critical = 1 - theory.bcm.step_hopf_gain(150.0) / 0.01
    assert critical == pytest.approx(0.339936, abs=1e-6)
    course = bcm((0.2, critical - 0.03, critical + 0.06, 0.6))
    swing = np.ptp(course, axis=0)
    assert swing[0] > 1.5
    assert swing[1] > 0.5
    assert swing[2] < 0.01
    assert course[:, 3] == pytest.approx(1, abs=1e-9)


def test_where_bcm_begins_to_oscillate_is_found_by_the_tools():
    kind = Synapse(learning="bcm", synapses=1, threshold_time=150.0)
    rule, cue = Methylated(methylation=0.25), jnp.array([2.0])
    expected = theory.bcm.step_hopf_gain(150.0) / (0.75 * 4)
    assert speed_limit(kind, rule, cue) == pytest.approx(expected, rel=1e-6)
    found = doublings(System.of(kind, rule, cue=cue), 0.8 * expected, 1, until=1.2 * expected)
    first = found.bifurcations[0]
    assert first.kind == "Neimark-Sacker"
    assert first.value == pytest.approx(expected, rel=1e-9)
    angle = abs(np.angle(first.multiplier))
    assert angle == pytest.approx(theory.bcm.step_hopf_frequency(150.0), rel=1e-6)


STABLE = {
    "delta": (Synapse(**CORRELATED), 1.0),
    "oja": (Synapse(learning="oja", **CORRELATED), 0.5),
    "bcm": (Synapse(learning="bcm", synapses=3), 0.5),
}


@pytest.mark.parametrize("learning", STABLE)
def test_predicted_stability_is_that_of_the_step(learning):
    kind, cue = STABLE[learning]
    rule, world = Methylated(each=UNEVEN, learning_rate=0.01), Constant(value=cue)
    limit, radius = (
        predict(kind, rule, world, "", name) for name in ("speed_limit", "spectral_radius")
    )
    found = stability.spectral_radius(kind, rule, world.rest())
    assert radius == pytest.approx(float(found), rel=1e-9)
    for part in (1 - 1e-6, 1 + 1e-6):
        edge = stability.spectral_radius(
            kind, rule.replace(learning_rate=part * limit), world.rest()
        )
        assert (edge <= 1 + stability.NEUTRAL) == (part < 1)


def test_times_are_predicted_only_where_they_are_exact():
    def told(kind, rule, variable="synapse_1"):
        return predict(kind, rule, Constant(value=1.0), variable, "rise_time_63")

    gated = Methylated(each=(0.0, 0.9), learning_rate=0.1)
    assert told(Synapse(), gated) == pytest.approx(99.499162, abs=1e-6)
    assert told(Synapse(variances=(1.0, 10.0)), gated) == pytest.approx(9.491222, abs=1e-6)
    assert told(Synapse(), GradientDescent(learning_rate=0.1)) == pytest.approx(9.491222, abs=1e-6)
    assert told(Synapse(), gated.replace(turnover=True)) is None
    assert told(Synapse(correlation=0.1), gated) is None
    assert told(Synapse(inputs="drawn"), gated) is None
    assert told(Synapse(feedback_delay=1), gated) is None
    assert told(Synapse(learning="bcm"), gated, "response") is None
    assert told(Synapse(gradient_noise=0.1), gated) is None
    assert told(Synapse(), Methylated(rule=Methylated())) is None


def test_a_cue_for_each_synapse():
    world = Stack(parts=(Constant(value=1.0), Sinusoid(), Constant(value=3.0)))
    rule = GradientDescent(learning_rate=0.5)
    seen = simulate(Synapse(synapses=3), rule, world, size=2, steps=60).followed
    assert float(seen["synapse_2"].output[-1, 0, 0]) == pytest.approx(3, abs=1e-12)
    assert float(seen["synapse_0"].output[-1, 0, 0]) == pytest.approx(1, abs=1e-12)
    with pytest.raises(ValueError, match="sees a cue of 1 or 2 numbers; got 3"):
        Synapse().loss(jnp.zeros(2), jnp.zeros(3))


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"variances": (1.0,)}, "variances must be 2 numbers, one per synapse"),
        ({"variances": (1.0, -1.0)}, "variances must be at least 0; got -1.0"),
        ({"correlation": 1.5}, "correlation must be at most 1"),
        ({"correlation": -0.5}, "correlation must be at least 0"),
        ({"synapses": 0}, "synapses must be at least 1"),
        ({"threshold_time": 0.0}, "threshold_time must be above 0"),
        ({"learning": "hebb"}, "learning must be one of 'delta', 'oja', 'bcm'"),
    ],
)
def test_refuses_what_cannot_be(told, problem):
    with pytest.raises(WrongField, match=problem):
        Synapse(**told)


def test_is_made_from_a_table():
    place = Place("here.toml", "agent", None, size=1)
    kind = build("agent", {"kind": "Synapse", "variances": [2, 1], "correlation": 0.5}, place)
    assert kind.variances == (2.0, 1.0)
    assert "HillGate" in catalogue("gate")
