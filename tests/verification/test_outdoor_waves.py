"""Science C, check 6: how much of a day's wave outdoors reaches the room, and how late."""

import math

import pytest

from adaptsim import theory

from .claims import exactly, printed, ran, row, to_zero, value

DAY = 24.0
STEPS_PER_HOUR = [8, 16, 32, 64]
CASES = [  # time constant [h], loop gain, gain, lag [h]
    (10.0, 0.0, "0.356827", "4.606303"),
    (40.0, 0.0, "0.095061", "5.636346"),
    (10.0, 4.0, "0.177182", "1.842433"),
]


def waved(hours, loop_gain, per_hour, steps=240):
    environment = {
        "kind": "Stack",
        "parts": [
            {"kind": "Constant", "value": 20.0},
            {"kind": "Sinusoid", "mean": 15.0, "amplitude": 4.0, "period": DAY * per_hour},
        ],
    }
    agent = {
        "kind": "Thermostat",
        "room": True,
        "start_at": 20.0,
        "room_start": 15.0,
        "time_constant": hours * per_hour,
        "heater_gain": 100.0,
        "proportional_gain": loop_gain / 100.0,
    }
    return ran(environment, agent, 0.1, steps=steps)


@pytest.mark.parametrize(("hours", "loop_gain", "gain", "lag"), CASES)
def test_the_continuous_room_is_the_limit_of_short_steps(hours, loop_gain, gain, lag):
    found = [waved(hours, loop_gain, n) for n in STEPS_PER_HOUR]
    gains = [value(one, "linear_gain", variable="room") for one in found]
    lags = [
        value(one, "linear_phase_lag", variable="room") / n
        for one, n in zip(found, STEPS_PER_HOUR, strict=True)
    ]
    omega = 2 * math.pi / DAY
    assert to_zero(gains) == printed(gain)
    assert to_zero(lags) == printed(lag)
    told = {"time_constant": hours, "loop_gain": loop_gain}
    assert theory.thermostat.outdoor_gain(omega, **told) == exactly(to_zero(gains))
    assert theory.thermostat.outdoor_lag(omega, **told) == exactly(to_zero(lags))


@pytest.mark.parametrize("loop_gain", [0.0, 4.0])
def test_the_simulated_room_answers_as_its_closed_form(loop_gain):
    result = waved(10.0, loop_gain, 4, steps=24 * 4 * 20)
    for measure in ("gain", "phase_lag"):
        found = row(result, measure, variable="room")
        assert found["value"] == exactly(found["theory"])
    assert value(result, "heater_limited") == 0.0
