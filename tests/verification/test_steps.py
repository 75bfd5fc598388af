"""Science A, check 2: the answer to a step and to a ramp, below, at and above the speed limit."""

import math

import numpy as np
import pytest

from adaptsim import theory

from .claims import exactly, printed, ran, row, value

RATES = [0.1, 0.3, 1.0, 1.5, 2.0, 2.2]
AT = 10


@pytest.fixture(scope="module")
def stepped():
    environment = {"kind": "Step", "before": 2.0, "after": 7.0, "at": float(AT)}
    return ran(environment, {"kind": "Tracker", "start_at": 2.0}, RATES, steps=160)


def progress(result, rate):
    """Return the share of the step that is covered, from the step on."""
    output = result.trajectory.of("trait", RATES.index(rate)).output[AT:, 0, 0]
    return (output - 2.0) / 5.0


@pytest.mark.parametrize(
    ("rate", "rise", "first", "settled", "whole"),
    [(0.1, "9.491222", 10, "37.129877", 38), (0.3, "2.803673", 3, "10.968034", 11)],
)
def test_rise_and_settling(stepped, rate, rise, first, settled, whole):
    assert value(stepped, "rise_time_63", rate) == printed(rise)
    assert value(stepped, "settling_time", rate) == printed(settled)
    assert value(stepped, "rise_time_63", rate) == exactly(theory.tracker.rise_time_63(rate))
    assert value(stepped, "settling_time", rate) == exactly(theory.tracker.settling_time(rate))
    assert np.argmax(progress(stepped, rate) >= 1 - math.exp(-1)) == first
    assert np.argmax(np.abs(1 - progress(stepped, rate)) <= 0.02) == whole


@pytest.mark.parametrize("rate", RATES)
def test_every_step_is_the_closed_form(stepped, rate):
    time = np.arange(151 - 1)
    expected = theory.tracker.step_response(rate, time)
    assert progress(stepped, rate) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("rate", "overshoot"), [(0.1, 0.0), (0.3, 0.0), (1.0, 0.0), (1.5, 0.5)])
def test_overshoot(stepped, rate, overshoot):
    assert value(stepped, "overshoot", rate) == exactly(overshoot)


def test_at_the_speed_limit_it_cycles_between_two_values(stepped):
    assert progress(stepped, 2.0)[:6].tolist() == pytest.approx([0, 2, 0, 2, 0, 2], abs=1e-12)
    assert value(stepped, "spectral_radius", 2.0) == exactly(1.0)
    assert row(stepped, "spectral_radius", 2.0)["flag"] == ""


def test_above_the_speed_limit_it_diverges_and_says_when(stepped):
    assert row(stepped, "spectral_radius", 2.2)["flag"] == "unstable"
    assert row(stepped, "rise_time_63", 2.2)["flag"] == "diverged"
    steps = math.ceil(math.log(1000) / math.log(1.2))  # the error grows by 1.2 a step
    assert value(stepped, "diverged_at", 2.2) == AT + steps
    calm = stepped.table[stepped.table["measure"] == "diverged_at"]
    assert calm["group"].tolist() == ["2.2"]


@pytest.mark.parametrize("rate", RATES)
def test_speed_limit_and_return_rate(stepped, rate):
    assert value(stepped, "speed_limit", rate) == exactly(2.0)
    assert value(stepped, "gain_margin", rate) == exactly(2.0 / rate)
    assert value(stepped, "spectral_radius", rate) == exactly(abs(1 - rate))


def test_the_ramp_is_followed_one_over_g_behind():
    rates = [0.1, 0.5, 1.5]
    result = ran(
        {"kind": "Ramp", "slope": 0.02, "start_at": 1.0}, {"kind": "Tracker"}, rates, steps=600
    )
    for rate in rates:
        assert value(result, "mean_lag", rate) == exactly(1 / rate)
        assert value(result, "steady_state_error", rate) == exactly(0.02 / rate)
