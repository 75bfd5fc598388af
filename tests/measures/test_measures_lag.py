"""Phase lag, gain, mean lag and cross-correlation lag against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.measures import cross_correlation_lag, gain, mean_lag, phase_lag, ramp_lag

from .trackers import auto_regressive, response, tone, track, within_four_errors

KNOWN = [
    (0.1, 50.0, 0.642910, 7.456342),
    (0.3, 20.0, 0.753491, 2.828242),
    (1.5, 20.0, 1.011057, 0.667895),
    (0.05, 200.0, 0.852798, 17.996764),
]


@pytest.mark.parametrize(("rate", "period", "size", "lag"), KNOWN)
def test_tone_gives_the_published_gain_and_lag(rate, period, size, lag):
    drive = tone(3000, period)
    output = track(drive, rate)
    assert gain(output, drive, period, burn_in=1000).value == pytest.approx(size, abs=5e-7)
    assert phase_lag(output, drive, period, burn_in=1000).value == pytest.approx(lag, abs=5e-7)


@pytest.mark.parametrize("period", [50.0, 37.3, 2.5, 20 * np.sqrt(2)])
@pytest.mark.parametrize("rate", [0.1, 0.7, 1.4])
def test_tone_is_exact_whether_or_not_the_period_is_an_integer(period, rate):
    drive = 3.0 + tone(2000, period)
    output = track(drive, rate)
    exact = response(rate, period)
    lag = phase_lag(output, drive, period, burn_in=700)
    assert lag.value == pytest.approx(-np.angle(exact) * period / (2 * np.pi), abs=1e-9)
    assert gain(output, drive, period, burn_in=700).value == pytest.approx(abs(exact), abs=1e-9)
    assert (lag.unit, lag.convention) == ("steps", "pre-update")


def test_post_update_lag_is_one_step_shorter():
    drive = tone(3000, 20.0)
    output = track(drive, 0.3)
    lag = phase_lag(output[1:], drive[:-1], 20.0, burn_in=500, convention="post-update")
    assert lag.value == pytest.approx(1.828242, abs=5e-7)
    assert lag.convention == "post-update"


def test_only_whole_periods_enter():
    drive = tone(1049, 50.0)
    assert gain(drive, drive, 50.0).n == 1000


@pytest.mark.parametrize(("delay", "expected"), [(-10, -10), (20, 20), (30, 30), (39, -11)])
def test_lag_lies_between_a_lead_of_a_quarter_and_three_quarters(delay, expected):
    drive = tone(1000, 50.0)
    lag = phase_lag(np.roll(drive, delay), drive, 50.0)
    assert lag.value == pytest.approx(expected, abs=1e-9)
    assert ("half a period" in lag.flag) == (expected > 25)


def test_lags_around_zero_average_around_zero():
    drive = tone(500, 50.0)
    output = np.stack([np.roll(drive, shift) for shift in (-2, 1, 1)], axis=1)
    assert phase_lag(output, drive, 50.0).value == pytest.approx(0.0, abs=1e-9)


@given(
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(0.01, 100.0),
    rate=st.floats(0.05, 1.9),
    seed=st.integers(0, 1000),
)
@settings(max_examples=25, deadline=None)
def test_lags_ignore_the_units_of_the_output_and_gain_scales_with_them(shift, scale, rate, seed):
    rng = np.random.default_rng(seed)
    drive = tone(600, 25.0) + rng.normal(scale=0.2, size=600)
    output = track(drive + rng.normal(scale=0.2, size=600), rate)
    other = shift + scale * output
    options = {"deterministic": True}
    for measure in (
        lambda x: phase_lag(x, drive, 25.0, **options),
        lambda x: cross_correlation_lag(x, drive, 12, **options),
        lambda x: mean_lag(x, drive, **options),
    ):
        assert measure(other).value == pytest.approx(measure(output).value, rel=1e-6, abs=1e-6)
    before, after = (gain(x, drive, 25.0, **options).value for x in (output, other))
    assert after == pytest.approx(scale * before, rel=1e-7)


@given(st.floats(-1e3, 1e3), st.floats(0.01, 100.0))
@settings(max_examples=20, deadline=None)
def test_mean_lag_ignores_common_units(shift, scale):
    rng = np.random.default_rng(3)
    target = auto_regressive(rng, 500, 0.9)
    output = track(target + rng.normal(size=500), 0.3)
    moved = mean_lag(shift + scale * output, shift + scale * target, deterministic=True)
    here = mean_lag(output, target, deterministic=True)
    assert moved.value == pytest.approx(here.value, rel=1e-6)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5, 1.0, 1.6])
def test_mean_lag_is_one_over_the_rate_whatever_the_input(rate):
    rng = np.random.default_rng(0)
    for correlation in (0.0, 0.9, 0.999):
        target = auto_regressive(rng, 1000, correlation)
        lag = mean_lag(track(target, rate), target)
        assert lag.value == pytest.approx(1.0 / rate, rel=1e-7)


def test_mean_lag_is_unbiased_by_perceived_noise():
    rng = np.random.default_rng(1)
    target = auto_regressive(rng, (20_000, 40), 0.95)
    output = track(target + rng.normal(size=target.shape), 0.2)
    lags = [mean_lag(output[:, j], target[:, j], deterministic=True).value for j in range(40)]
    assert within_four_errors(lags, 5.0)


def test_mean_lag_post_update_is_one_step_shorter():
    target = auto_regressive(np.random.default_rng(2), 1000, 0.8)
    output = track(target, 0.25)
    lag = mean_lag(output[1:], target[:-1], convention="post-update")
    assert lag.value == pytest.approx(3.0, rel=1e-9)


def test_mean_lag_says_when_the_output_does_not_follow():
    rng = np.random.default_rng(4)
    output, target = auto_regressive(rng, (2, 1000), 0.0)
    assert "no clear response" in mean_lag(output, target).flag


def test_mean_lag_says_when_the_response_does_not_die_out():
    target = auto_regressive(np.random.default_rng(4), 60, 0.5)
    lag = mean_lag(track(target, -0.1), target)
    assert np.isnan(lag.value)
    assert "does not die out" in lag.flag


def test_mean_lag_of_a_copy_is_undefined():
    target = auto_regressive(np.random.default_rng(4), 60, 0.5)
    lag = mean_lag(target, target)
    assert np.isnan(lag.value)
    assert "collinear" in lag.flag


@pytest.mark.parametrize("slope", [0.3, -2.0])
def test_ramp_lag_is_one_over_the_rate(slope):
    ramp = 5.0 + slope * np.arange(800.0)
    lag = ramp_lag(track(ramp, 0.1, start=5.0), ramp, burn_in=400)
    assert lag.value == pytest.approx(10.0, rel=1e-9)
    assert (lag.name, lag.method.split(";")[0]) == ("mean_lag", "steady error on a ramp / slope")
    assert lag.flag == ""


def test_ramp_lag_interval_covers_the_lag_under_noise():
    ramp = 0.3 * np.arange(2000.0)
    covered = 0
    for seed in range(60):
        noise = np.random.default_rng(seed).normal(size=2000)
        lag = ramp_lag(track(ramp + noise, 0.1), ramp, burn_in=200)
        covered += lag.ci_low < 10.0 < lag.ci_high
    # 95 % of 60, less four binomial standard errors.
    assert covered >= 57 - 4 * np.sqrt(60 * 0.95 * 0.05)
    assert covered < 60


def test_ramp_lag_needs_a_ramp():
    flat = np.ones(50)
    assert ramp_lag(flat, flat).flag == "target does not move"
    assert "not a straight ramp" in ramp_lag(np.zeros(50), np.arange(50.0) ** 2).flag


def exact_cross_covariance(rate, correlation, shifts):
    """cov(x[t + k], y[t]) of a tracker of an AR(1) target, by summing its impulse response."""
    age = np.arange(1, 4000)
    weights = rate * (1.0 - rate) ** (age - 1)
    return np.array([np.sum(weights * correlation ** np.abs(k - age)) for k in shifts])


@pytest.mark.parametrize(
    ("rate", "correlation", "whole", "refined"),
    [(0.1, 0.99, 7, 6.83), (0.2, 0.95, 3, 3.34), (0.3, 0.9, 2, 2.26)],
)
def test_cross_correlation_lag_is_the_published_one(rate, correlation, whole, refined):
    rng = np.random.default_rng(6)
    target = auto_regressive(rng, (60_000, 12), correlation)
    output = track(target, rate)
    lag = cross_correlation_lag(output, target, 100, burn_in=500)
    assert f"integer argmax {whole}" in lag.method
    curve = exact_cross_covariance(rate, correlation, range(30))
    top = int(np.argmax(curve))
    before, at, after = curve[top - 1 : top + 2]
    exact = top + 0.5 * (before - after) / (before - 2 * at + after)
    assert top == whole
    assert exact == pytest.approx(refined, abs=0.005)
    # Half of a t interval of 12 realisations is 2.2 standard errors.
    error = (lag.ci_high - lag.ci_low) / 2 / 2.2
    assert abs(lag.value - exact) < 4 * error
    assert error < 0.1


def test_cross_correlation_lag_is_not_the_mean_lag():
    target = auto_regressive(np.random.default_rng(7), (20_000, 4), 0.99)
    output = track(target, 0.1)
    assert cross_correlation_lag(output, target, 60).ci_high < mean_lag(output, target).value


@pytest.mark.parametrize("difference", [False, True])
def test_cross_correlation_lag_finds_a_pure_delay_of_either_sign(difference):
    target = auto_regressive(np.random.default_rng(8), 2000, 0.5)
    for delay in (-6, 0, 17):
        output = 2.0 + 3.0 * np.roll(target, delay)
        lag = cross_correlation_lag(output, target, difference=difference)
        assert lag.value == pytest.approx(delay, abs=0.05)
        assert lag.ci_low <= delay + 0.1
        assert lag.ci_high >= delay - 0.1


def test_differencing_recovers_the_delay_behind_a_random_walk():
    target = np.random.default_rng(9).normal(size=4000).cumsum()
    output = np.concatenate([np.full(4, target[0]), target[:-4]])
    lag = cross_correlation_lag(output, target, 50, difference=True)
    assert lag.value == pytest.approx(4.0, abs=0.1)


def test_realisations_may_peak_at_different_shifts():
    target = np.random.default_rng(11).normal(size=500)
    delays = (0, 3, 9)
    output = np.stack([np.roll(target, delay) for delay in delays], axis=1)
    lag = cross_correlation_lag(output, target[:, None])
    assert lag.value == pytest.approx(4.0, abs=0.05)
    members = cross_correlation_lag(output[:, None, :], target[:, None, None])
    assert members.value == pytest.approx(4.0, abs=0.05)
    assert members.ci_low <= members.value <= members.ci_high


def test_cross_correlation_lag_flags_a_peak_at_the_edge():
    target = np.sin(np.arange(400) / 60)
    output = np.sin((np.arange(400) - 40) / 60)
    assert "edge" in cross_correlation_lag(output, target, 5, deterministic=True).flag


def test_one_tracker_has_three_lags():
    rng = np.random.default_rng(10)
    drive = tone(4000, 50.0)
    slow = auto_regressive(rng, (30_000, 8), 0.999)
    assert phase_lag(track(drive, 0.1), drive, 50, burn_in=500).value == pytest.approx(
        7.46, abs=0.01
    )
    assert mean_lag(track(slow, 0.1), slow, burn_in=200).value == pytest.approx(10.0, rel=1e-6)
    peak = cross_correlation_lag(track(slow, 0.1), slow, 60, burn_in=200)
    assert peak.ci_low - 0.5 < 6.9 < peak.ci_high + 0.5
