"""Automatic stability against closed forms, for systems drawn at random."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import Adam, GradientDescent, Momentum, RMSProp, Thermostat, Tracker, run, theory
from adaptsim.adaptation import row
from adaptsim.measures.stability import (
    linear_response,
    resting_state,
    spectral_radii,
    spectral_radius,
    speed_limit,
    step_jacobian,
)

CUE = jnp.array([1.7])
QUICK = settings(max_examples=25, deadline=None, derandomize=True, database=None)
rates = st.floats(0.01, 3.0)
curvatures = st.floats(0.2, 5.0)
momenta = st.floats(0.0, 0.95)


def leaves(part):
    """Return a part with arrays for numbers, so that all draws share one compiled function."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=float), part)


def radius_of(kind, rule):
    return float(spectral_radius(leaves(kind), leaves(rule), CUE))


def largest_root(*polynomial):
    return np.abs(np.roots(polynomial)).max()


# A double root moves by the square root of the rounding, so absolute 1e-6 where roots may meet.
close = {"rel": 1e-6, "abs": 1e-6}


@QUICK
@given(rate=rates, curvature=curvatures)
def test_descent(rate, curvature):
    found = radius_of(Tracker(curvature=curvature), GradientDescent(learning_rate=rate))
    assert found == pytest.approx(abs(1 - rate * curvature), rel=1e-9, abs=1e-12)


@QUICK
@given(rate=rates, curvature=curvatures, momentum=momenta)
def test_momentum(rate, curvature, momentum):
    kind, rule = Tracker(curvature=curvature), Momentum(learning_rate=rate, momentum=momentum)
    expected = largest_root(1, -(1 + momentum - rate * curvature), momentum)
    assert radius_of(kind, rule) == pytest.approx(expected, **close)


@QUICK
@given(rate=rates, curvature=curvatures, momentum=momenta)
def test_nesterov(rate, curvature, momentum):
    kind = Tracker(curvature=curvature)
    rule = Momentum(learning_rate=rate, momentum=momentum, nesterov=True)
    left = 1 - rate * curvature
    expected = largest_root(1, -(1 + momentum) * left, momentum * left)
    assert radius_of(kind, rule) == pytest.approx(expected, **close)


@pytest.mark.parametrize("delay", [1, 4])
@QUICK
@given(g=st.floats(0.01, 1.5))
def test_delayed_feedback(delay, g):
    kind = Tracker(feedback_delay=delay, observation_delay=1)
    polynomial = [1, -1, *[0] * delay]
    polynomial[-1] += g
    found = radius_of(kind, GradientDescent(learning_rate=g))
    assert found == pytest.approx(largest_root(*polynomial), **close)


@pytest.mark.parametrize("order", ["synchronous", "sequential"])
@QUICK
@given(tau=st.floats(2.0, 50.0), loop_gain=st.floats(0.2, 3.0), rate=st.floats(0.01, 2.0))
def test_a_setpoint_learnt_from_the_room(order, tau, loop_gain, rate):
    keep = np.exp(-1 / tau)
    pull = (1 - keep) * loop_gain
    room = Thermostat(
        room=True,
        learns_from="room",
        order=order,
        time_constant=tau,
        heater_gain=1000.0,
        proportional_gain=loop_gain / 1000.0,
        outdoor=0.0,
    )
    # z^2 - (1 + a - b) z + (a - b) + b eta; sequential: b eta moves to the middle term.
    middle, last = -(1 + keep - pull), keep - pull
    if order == "sequential":
        middle += pull * rate
    else:
        last += pull * rate
    found = radius_of(room, GradientDescent(learning_rate=rate))
    assert found == pytest.approx(largest_root(1, middle, last), **close)


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(curvature=curvatures, momentum=momenta)
def test_speed_limits(curvature, momentum):
    kind = leaves(Tracker(curvature=curvature))
    heavy, ahead = (leaves(Momentum(momentum=momentum, nesterov=ahead)) for ahead in (False, True))
    plain = speed_limit(kind, leaves(GradientDescent()), CUE)
    assert plain == pytest.approx(2 / curvature, rel=1e-9)
    assert speed_limit(kind, heavy, CUE) == pytest.approx(2 * (1 + momentum) / curvature, rel=1e-6)
    reach = 2 * (1 + momentum) / (1 + 2 * momentum)
    assert speed_limit(kind, ahead, CUE) == pytest.approx(reach / curvature, rel=1e-6)


@QUICK
@given(g=st.floats(0.02, 1.9), period=st.floats(2.5, 500.0), delay=st.just(3))
def test_linear_response(g, period, delay):
    kind, rule = Tracker(observation_delay=delay), GradientDescent(learning_rate=g)
    omega = 2 * np.pi / period
    found = complex(linear_response(leaves(kind), leaves(rule), CUE, jnp.asarray(omega)))
    expected = theory.tracker.transfer(g, omega) * np.exp(-1j * omega * delay)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_all_individuals_at_once():
    kind = Tracker(curvature=np.array([1.0, 2.0, 4.0]))
    rule = GradientDescent(learning_rate=np.array([0.5, 0.9, 0.7]))
    radii = spectral_radii(leaves(kind), leaves(rule), CUE)
    assert radii.tolist() == pytest.approx([0.5, 0.8, 1.8])
    single = [radius_of(row(kind, i), row(rule, i)) for i in range(3)]
    assert radii.tolist() == pytest.approx(single, rel=1e-12)


def test_the_jacobian_holds_memory_body_and_delays():
    kind = Thermostat(room=True, sensor_delay=2, feedback_delay=1, observation_delay=1)
    jacobian = step_jacobian(kind, Momentum(), jnp.array([20.0]))
    # trait, velocity, room, two readings, one cue under way, one gradient under way
    assert jacobian.shape == (7, 7)


def test_the_resting_state_stays():
    kind = Thermostat(room=True, learns_from="room", outdoor=0.0)
    rested = resting_state(kind, GradientDescent(), jnp.array([20.0]))
    assert float(rested.body.temperature) == pytest.approx(20.0, rel=1e-9)
    assert float(rested.trait[0]) == pytest.approx(25.0, rel=1e-9)


def test_what_has_no_derivative_at_rest_says_so():
    assert np.isnan(radius_of(Tracker(), Adam()))
    assert np.isnan(speed_limit(leaves(Tracker()), leaves(Adam()), CUE))


def test_rmsprop_near_rest_descends_at_rate_over_root_epsilon():
    rule = RMSProp(learning_rate=0.1, epsilon=0.04)
    assert radius_of(Tracker(), rule) == pytest.approx(max(0.9, 1 - 0.1 / 0.2), rel=1e-9)
    assert speed_limit(leaves(Tracker()), leaves(rule), CUE) == pytest.approx(2 * 0.2, rel=1e-9)


def test_a_run_says_that_what_is_too_large_was_not_examined():
    changes = {"agent.landscape.layers": [16, 16, 1], "agent.landscape.singular_values": [2.0],
               "population.size": 1, "rule.learning_rate": 0.01, "steps": 20}  # fmt: skip
    table = run("deep_chain", changes).table.set_index("measure")
    assert np.isnan(table.loc["spectral_radius", "value"])
    assert table.loc["spectral_radius", "flag"].startswith("not examined: 272 numbers")
    assert "speed_limit" not in table.index
