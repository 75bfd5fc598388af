"""Science C, checks 4 and 5: a room under control, and a setpoint learnt from the room."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import Thermostat, multipliers, spectral_radius, theory
from adaptsim.rules import GradientDescent

from .claims import exactly, printed, ran, row

# Warm enough outside and a mild wish, so that the heater is never at a limit.
CALM = {"outdoor": 19.0, "room_start": 20.0, "start_at": 20.05}


def keeps(memory):
    """Return the time constant of a room that keeps this share of its temperature difference."""
    return -1 / math.log(memory)


@pytest.mark.parametrize(
    ("memory", "delay", "limit"),
    [
        (0.9, 0, "1.9"),
        (0.9, 1, "1.000000"),
        (0.9, 2, "0.646586"),
        (0.9, 5, "0.335978"),
        (math.exp(-0.1), 6, "0.292712"),
    ],
)
def test_the_limit_of_control_by_old_readings(memory, delay, limit):
    boundary = theory.thermostat.control_limit(memory, delay=delay)
    assert boundary == printed(limit)
    cue, rule = jnp.array([20.0]), GradientDescent(learning_rate=0.5)

    def radius(pull):
        gain = pull / ((1 - memory) * 40.0)
        room = Thermostat(
            room=True,
            time_constant=keeps(memory),
            sensor_delay=delay,
            proportional_gain=gain,
            **CALM,
        )
        return float(spectral_radius(room, rule, cue))

    assert radius(boundary * (1 - 1e-6)) < 1 < radius(boundary * (1 + 1e-6))


def test_the_largest_loop_gain():
    assert theory.thermostat.loop_gain_limit(math.exp(-0.1), delay=6) == printed("3.075918")


def test_control_just_below_and_above_its_limit():
    gains = [0.97 * 0.646586 / 4, 1.03 * 0.646586 / 4]  # a = 0.9, heater_gain 40: b = 4 K
    agent = {
        "kind": "Thermostat",
        "room": True,
        "time_constant": keeps(0.9),
        "sensor_delay": 2,
        "proportional_gain": gains,
        "outdoor": 18.0,
        "room_start": 19.74,
        "start_at": 20.0,
    }
    constant = {"kind": "Constant", "value": 20.0}
    result = ran(constant, agent, 0.5, size=2, steps=120)
    radius = result.table[result.table["measure"] == "spectral_radius"]
    assert radius["flag"].tolist() == ["", "unstable"]
    limit = result.table[result.table["measure"] == "speed_limit"]
    assert limit["value"].tolist() == pytest.approx([2.0, 0.0], rel=1e-6)
    room = result.trajectory.followed["room"].output[:, 0]
    early, late = np.ptp(room[20:50], axis=0), np.ptp(room[90:], axis=0)
    assert late[0] < early[0]
    assert late[1] > early[1]


def test_a_controlled_room_stays_below_its_setpoint():
    agent = {
        "kind": "Thermostat",
        "room": True,
        "time_constant": 10.0,
        "heater_gain": 40.0,
        "proportional_gain": 0.1,
        "outdoor": 15.0,
        "room_start": 19.0,
        "start_at": 20.0,
    }
    result = ran({"kind": "Constant", "value": 20.0}, agent, 0.1, steps=300)
    last = result.trajectory.followed["room"].output[-1, 0, 0]
    assert last == exactly((15.0 + 4 * 20.0) / 5)
    assert last == exactly(theory.thermostat.steady_temperature(4.0, setpoint=20.0, outdoor=15.0))


LEARNT = [
    (0.9, 4.0, 0, "synchronous", "1.25"),
    (0.95, 9.0, 0, "synchronous", "1.111111"),
    (0.9, 4.0, 1, "synchronous", "0.701941"),
    (0.9, 4.0, 2, "synchronous", "0.498168"),
    (0.9, 4.0, 5, "synchronous", "0.274158"),
    (0.9, 4.0, 12, "synchronous", "0.137037"),
    (0.9, 4.0, 0, "sequential", "7.5"),
]


@pytest.mark.parametrize(("memory", "loop_gain", "delay", "order", "limit"), LEARNT)
def test_a_setpoint_learnt_from_the_room(memory, loop_gain, delay, order, limit):
    expected = theory.thermostat.learning_limit(memory, loop_gain, delay=delay, order=order)
    assert expected == printed(limit)
    rates = [round(0.97 * expected, 4), round(1.03 * expected, 4)]
    agent = {
        "kind": "Thermostat",
        "room": True,
        "learns_from": "room",
        "order": order,
        "feedback_delay": delay,
        "time_constant": keeps(memory),
        "heater_gain": 100.0,
        "proportional_gain": loop_gain / 100.0,
        "outdoor": 0.0,
        "room_start": 20.0,
        "start_at": 20.0 * (1 + 1 / loop_gain) + 1e-6,  # small: the heater keeps off its limits
    }
    result = ran({"kind": "Constant", "value": 20.0}, agent, rates, steps=400)
    found = row(result, "speed_limit", rates[0])
    assert found["value"] == printed(limit)
    assert found["value"] == exactly(expected)
    assert found["theory"] == exactly(found["value"])
    assert row(result, "spectral_radius", rates[0])["flag"] == ""
    assert row(result, "spectral_radius", rates[1])["flag"] == "unstable"
    error = np.abs(result.trajectory.followed["room"].output[:, 0] - 20)
    turn = 20 + 8 * delay
    early, late = error[turn : 2 * turn].max(axis=0), error[2 * turn : 3 * turn].max(axis=0)
    assert late[0] < early[0]
    assert late[1] > early[1]


def test_continuous_learning_rings_above_its_threshold():
    threshold = theory.thermostat.oscillation_threshold(4.0, time_constant=10.0)
    assert threshold == printed("0.15625")
    dt = 1e-3  # hours
    room = Thermostat(
        room=True,
        learns_from="room",
        time_constant=10.0 / dt,
        heater_gain=40.0,
        proportional_gain=0.1,
        start_at=25.0,
        room_start=20.0,
        outdoor=0.0,
    )
    for share, rings in ((0.99, False), (1.01, True)):
        rule = GradientDescent(learning_rate=share * threshold * dt)
        roots = np.asarray(multipliers(room, rule, jnp.array([20.0])))
        assert bool(np.abs(roots.imag).max() > 1e-9) is rings
