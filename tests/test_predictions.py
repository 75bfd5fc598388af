"""Predictions: which closed form applies, and that none is made where none does."""

import math

import pytest

from adaptsim import (
    Adam,
    AutoRegressive,
    Constant,
    Forager,
    GradientDescent,
    Momentum,
    PreyCycle,
    Ramp,
    Sinusoid,
    Stack,
    Step,
    Thermostat,
    Tracker,
    theory,
)
from adaptsim.predictions import predict

SLOW = GradientDescent(learning_rate=0.1)


@pytest.mark.parametrize(
    ("kind", "rule", "environment", "variable", "measure"),
    [
        (Tracker(), Adam(), Sinusoid(), "trait", "phase_lag"),
        (Tracker(feedback_delay=2), SLOW, Sinusoid(), "trait", "gain"),
        (Tracker(), SLOW, Sinusoid(), "trait", "rise_time_63"),
        (Tracker(), SLOW, AutoRegressive(), "trait", "stationary_variance"),
        (Tracker(observation_delay=1), SLOW, AutoRegressive(), "trait", "tracking_mse"),
        (Forager(mode="preference"), SLOW, PreyCycle(), "preference", "phase_lag"),
        (Forager(), SLOW, PreyCycle(), "preference", "phase_lag"),
        (Thermostat(room=True), SLOW, Constant(value=20.0), "room", "rise_time_63"),
        (Tracker(), GradientDescent(learning_rate=2.5), Sinusoid(), "trait", "phase_lag"),
    ],
)
def test_nothing_is_predicted_where_no_closed_form_applies(
    kind, rule, environment, variable, measure
):
    assert predict(kind, rule, environment, variable, measure) is None


def test_seeing_late_adds_exactly_its_delay():
    late = Tracker(observation_delay=3)
    for environment, measure in (
        (Sinusoid(period=50.0), "phase_lag"),
        (Ramp(slope=0.1), "mean_lag"),
        (Step(at=5), "rise_time_63"),
    ):
        told = SLOW, environment, "trait", measure
        assert predict(late, *told) == pytest.approx(predict(Tracker(), *told) + 3)


def test_a_forager_is_the_tracker_of_its_log_ratio():
    hungry = Forager(matching=2.0, observation_noise=0.1)
    error = predict(hungry, SLOW, PreyCycle(period=50.0, amplitude=1.0), "logit", "tracking_mse")
    tone = theory.tracker.tone_mse(0.1, 2 * math.pi / 50, amplitude=2.0)
    noise = theory.tracker.noise_variance(0.1, observation_variance=2 * (2.0 * 0.1) ** 2)
    assert error == pytest.approx(tone + noise)


def test_momentum_has_the_heavy_ball_limit():
    limit = predict(
        Tracker(curvature=4.0), Momentum(momentum=0.5), Constant(), "trait", "speed_limit"
    )
    assert limit == pytest.approx(2 * 1.5 / 4.0)


def test_a_room_with_a_held_setpoint_answers_the_weather():
    weather = Stack(parts=(Constant(value=5.0), Sinusoid(period=24.0)))
    room = Thermostat(room=True, start_at=5.0, time_constant=10.0, heater_gain=40.0)
    gain = predict(room, SLOW, weather, "room", "gain")
    exact = theory.thermostat.sampled_transfer(
        2 * math.pi / 24, memory=math.exp(-0.1), loop_gain=4.0
    )
    assert gain == pytest.approx(abs(exact))
    moved = room.replace(start_at=6.0)
    assert predict(moved, SLOW, weather, "room", "gain") is None
