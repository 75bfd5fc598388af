"""A system is the individual's own step, its whole state, and one number to turn."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim.adaptation import Draws, adapt, begin
from adaptsim.agents import Thermostat, Tracker
from adaptsim.dynamics import System, orbit_diagram, orbits
from adaptsim.dynamics.state import real_state
from adaptsim.landscapes import Bowl, Canyon, DoubleWell, Noisy
from adaptsim.rules import GradientDescent, InverseTime, Langevin, Momentum, Rule


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("learning_rate", "rule.learning_rate"),
        ("momentum", "rule.momentum"),
        ("rule.momentum", "rule.momentum"),
        ("gradient_noise", "agent.gradient_noise"),
        ("curvature", "landscape.curvature"),
        ("landscape.curvature", "landscape.curvature"),
    ],
)
def test_finds_the_parameter(asked, found):
    assert System.of(Bowl(), Momentum(), asked).parameter == found


def test_refuses_what_cannot_be_turned():
    with pytest.raises(ValueError, match=r"'curvatre' does not exist; did you mean 'landscape.cur"):
        System.of(Bowl(), Momentum(), "curvatre")
    with pytest.raises(ValueError, match="nesterov' does not exist"):
        System.of(Bowl(), Momentum(), "nesterov")
    with pytest.raises(ValueError, match="cue is missing: Tracker"):
        System.of(Tracker(), GradientDescent())
    with pytest.raises(ValueError, match=r"one individual: GradientDescent has a field of shape"):
        System.of(Bowl(), GradientDescent(learning_rate=np.array([0.1, 0.2])))
    with pytest.raises(ValueError, match=r"start must have shape \(2,\); got \(3,\)"):
        System.of(Bowl(dimension=2), GradientDescent(), start=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="must be callable; got 3"):
        System.of_map(3, 0.0)
    with pytest.raises(ValueError, match="must return the like of start"):
        System.of_map(lambda x, a: jnp.stack([x, x]), 0.0)


def test_a_step_is_that_of_the_heart():
    kind = Thermostat(room=True, sensor_delay=2, feedback_delay=1, observation_delay=1)
    cue, rule = jnp.array([20.0]), Momentum(momentum=0.4)
    system = System.of(kind, rule, cue=cue)
    state = expected = system.begin(0.07)
    for _ in range(5):
        state = system.step(state, 0.07)
        expected = adapt(kind, rule.replace(learning_rate=0.07), expected, cue, Draws())
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), state, expected)
    # trait, velocity, room, two readings, one cue under way, one gradient under way
    assert real_state(state)[0].shape == (7,)


def test_begins_as_the_individual_does_or_where_told():
    system = System.of(Canyon(), Momentum(), "momentum")
    own = begin(*system._turned(0.5), jnp.zeros(1))
    np.testing.assert_array_equal(system.begin(0.5).trait, own.trait)
    assert system.begin(0.5, [3.0, 4.0]).trait.tolist() == [3.0, 4.0]


def test_turns_agent_landscape_and_optax_settings():
    steep = System.of(Bowl(dimension=1), GradientDescent(learning_rate=0.5), "curvature", start=1.0)
    assert float(steep.step(steep.begin(1.2), 1.2).trait[0]) == pytest.approx(1 - 0.5 * 1.2)
    rule = Rule.from_optax(optax.sgd, learning_rate=0.1, momentum=0.9)
    heavy = System.of(DoubleWell(), rule, "momentum")
    assert heavy.parameter == "rule.momentum"
    own = System.of(DoubleWell(), Momentum(learning_rate=0.1), "momentum")
    twice = [one.step(one.step(one.begin(0.5), 0.5), 0.5) for one in (heavy, own)]
    np.testing.assert_allclose(twice[0].trait, twice[1].trait, rtol=1e-14)


def test_counts_advance_but_are_no_part_of_the_vector():
    rule = GradientDescent(learning_rate=InverseTime(initial=0.5, half_time=1.0))
    system = System.of(Bowl(dimension=1), rule, "learning_rate.half_time", start=1.0)
    state = system.begin(1.0)
    vector, rebuild = real_state(system.step(state, 1.0))
    assert vector.shape == (1,)
    once, again = (float(system.step(one, 1.0).trait[0]) for one in (state, rebuild(jnp.ones(1))))
    assert once == pytest.approx(1 - 0.5)
    assert again == pytest.approx(1 - 0.25)


def test_says_whether_chance_is_left_out():
    assert System.of(Bowl(), Langevin()).noisy
    assert System.of(Noisy(landscape=Bowl(), level=0.5), GradientDescent()).noisy
    assert not System.of(Bowl(), GradientDescent()).noisy


def test_a_map_may_carry_a_pytree_and_further_numbers():
    def henon(state, a, b):
        return {"x": 1 - a * state["x"] ** 2 + state["y"], "y": b * state["x"]}

    held = jax.tree_util.Partial(lambda b, state, a: henon(state, a, b), 0.3)
    system = System.of_map(held, {"x": 0.1, "y": 0.2}, "a")
    assert system.observe(system.step(system.begin(1.4), 1.4)).tolist() == pytest.approx(
        [1 - 0.014 + 0.2, 0.03]
    )


def test_another_landscape_rate_or_value_compiles_nothing_anew():
    def run(curvature, rate, values):
        rule = Momentum(learning_rate=rate)
        system = System.of(Bowl(dimension=2, curvature=curvature), rule, "momentum")
        return orbit_diagram(system, values, settle=7, keep=3)

    run(1.0, 0.1, [0.1, 0.2])
    before = orbits._apart._cache_size()
    run(2.0, 0.3, [0.5, 0.9])
    assert orbits._apart._cache_size() == before
