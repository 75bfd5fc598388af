"""Step responses against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.measures import overshoot, rise_time_10_90, rise_time_63, settling_time

from .trackers import step_response


@pytest.mark.parametrize(
    ("rate", "rise", "first", "settled", "first_settled"),
    [(0.1, 9.491222, 10, 37.129877, 38), (0.3, 2.803673, 3, 10.968034, 11)],
)
def test_published_times(rate, rise, first, settled, first_settled):
    output = step_response(rate)
    assert rise_time_63(output).value == pytest.approx(rise, abs=5e-7)
    assert rise_time_63(output, method="grid").value == first
    assert settling_time(output).value == pytest.approx(settled, abs=5e-7)
    assert settling_time(output, method="grid").value == first_settled


@given(
    rate=st.floats(0.02, 0.98) | st.floats(1.02, 1.98),
    initial=st.floats(-50, 50),
    size=st.floats(0.1, 50) | st.floats(-50, -0.1),
    at=st.integers(0, 30),
)
@settings(max_examples=60, deadline=None)
def test_times_are_exact_in_any_units_and_wherever_the_step_is(rate, initial, size, at):
    output = initial + size * np.concatenate([np.zeros(at), step_response(rate, 1500)])
    decay = -np.log(abs(1.0 - rate))
    known = {"final": initial + size, "initial": initial}
    assert rise_time_63(output, at, **known).value == pytest.approx(1 / decay, rel=1e-9, abs=1e-9)
    rise = rise_time_10_90(output, at, **known).value
    assert rise == pytest.approx(np.log(9) / decay, rel=1e-9, abs=1e-9)
    settled = settling_time(output, at, **known).value
    assert settled == pytest.approx(np.log(50) / decay, rel=1e-9, abs=1e-9)
    beyond = overshoot(output, at, **known).value
    assert beyond == pytest.approx(max(0.0, rate - 1.0), abs=1e-9)


def test_alternating_approach_is_flagged():
    assert "alternating" in rise_time_63(step_response(1.5)).flag
    assert "alternating" not in rise_time_63(step_response(0.5)).flag


def test_deadbeat_takes_one_whole_step():
    output = step_response(1.0)
    assert rise_time_63(output, method="grid").value == 1.0
    assert rise_time_63(output, method="linear").value == pytest.approx(1 - 1 / np.e)
    assert rise_time_63(output).value == 0.0
    assert overshoot(output).value == 0.0


def test_linear_interpolation_is_between_the_whole_steps():
    time = rise_time_63(step_response(0.1), method="linear").value
    before, after = step_response(0.1)[9:11]
    assert time == pytest.approx(9 + (1 - 1 / np.e - before) / (after - before))


def test_post_update_is_one_step_earlier():
    pre = np.concatenate([np.zeros(5), step_response(0.2)])
    post = pre[1:]
    for measure in (rise_time_63, settling_time):
        later = measure(pre, 5).value
        sooner = measure(post, 5, convention="post-update").value
        assert later - sooner == pytest.approx(1.0, abs=1e-9)
    same = rise_time_10_90(post, 5, convention="post-update").value
    assert same == pytest.approx(rise_time_10_90(pre, 5).value, abs=1e-9)


def test_target_gives_the_final_value():
    output = 0.95 * step_response(0.1)
    whole = rise_time_63(output, target=np.ones(400), method="grid").value
    assert whole == np.flatnonzero(1.0 - output <= 1 / np.e)[0]
    assert whole > rise_time_63(output, method="grid").value
    unsettled = settling_time(output, target=np.ones(400))
    assert np.isnan(unsettled.value)
    assert "not settled" in unsettled.flag


def test_ringing_settles_when_it_last_leaves_the_band():
    t = np.arange(400)
    distance = 0.9**t * np.cos(0.8 * t)
    output = 1.0 - distance
    last = np.flatnonzero(np.abs(distance) > 0.02)[-1]
    assert settling_time(output, final=1.0, method="grid").value == last + 1
    assert last < settling_time(output, final=1.0).value <= last + 1
    assert overshoot(output, final=1.0).value == pytest.approx(-distance.min())


def test_unfinished_response_is_flagged():
    output = step_response(0.01, 150)
    assert "still moving" in rise_time_63(output).flag
    assert "not reached" in rise_time_63(output[:50], final=1.0).flag
    assert np.isnan(rise_time_63(output[:50], final=1.0).value)


def test_one_realisation_that_never_settles_leaves_no_mean():
    output = np.stack([step_response(0.1, 100), step_response(0.01, 100)], axis=1)
    result = settling_time(output, final=1.0)
    assert np.isnan(result.value)
    assert "not settled" in result.flag
    assert "1 of 2" in result.flag


def test_noise_larger_than_the_band_is_flagged():
    rng = np.random.default_rng(0)
    noisy = step_response(0.2) + rng.normal(scale=0.05, size=400)
    assert "noise exceeds the band" in settling_time(noisy, final=1.0, band=0.02).flag
    assert "noise" not in settling_time(noisy, final=1.0, band=0.3).flag
    assert "noise inflates" in overshoot(noisy, final=1.0).flag


def test_overshoot_averages_members_before_taking_the_maximum():
    rng = np.random.default_rng(1)
    output = step_response(0.2)[:, None, None] + rng.normal(scale=0.2, size=(400, 3, 400))
    together = overshoot(output, initial=0.0, final=1.0).value
    alone = overshoot(output[:, :, 0], initial=0.0, final=1.0).value
    assert together < 0.05
    assert alone > 0.4


def test_interval_is_over_realisations():
    rates = np.array([0.1, 0.12, 0.09, 0.11])
    output = 1.0 - (1.0 - rates) ** np.arange(800.0)[:, None]
    exact = -1.0 / np.log(1.0 - rates)
    result = rise_time_63(output, final=1.0)
    assert result.value == pytest.approx(exact.mean(), rel=1e-9)
    half = 3.182446305 * exact.std(ddof=1) / 2
    assert result.ci_high - result.value == pytest.approx(half, rel=1e-6)
    assert result.value - result.ci_low == pytest.approx(half, rel=1e-6)


def test_no_step_and_impossible_requests():
    assert rise_time_63(np.ones(50)).flag == "no step"
    assert settling_time(np.ones(2)).flag == "too short"
    with pytest.raises(ValueError, match="at must be"):
        rise_time_63(np.ones(50), -1)
    with pytest.raises(ValueError, match="give `initial`"):
        rise_time_63(step_response(0.1), convention="post-update")
    with pytest.raises(ValueError, match="method must be one of"):
        rise_time_63(step_response(0.1), method="cubic")
    with pytest.raises(TypeError, match="finale"):
        rise_time_63(step_response(0.1), finale=1.0)
