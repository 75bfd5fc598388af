"""The block bootstrap: sums, block length, coverage."""

import numpy as np
import pytest

from adaptsim.measures import (
    autocorrelation_1,
    gain,
    integrated_time,
    mean_lag,
    phase_lag,
    stationary_variance,
    tracking_mse,
)
from adaptsim.measures.autocorrelation import Dependence, dependence
from adaptsim.measures.bootstrap import (
    block_length,
    block_starts,
    expanded_interval,
    resampled_means,
)

from .trackers import auto_regressive, response, tone, track

N_SERIES = 100
# 95 %, less what a first-order method may lack (5 %), less four binomial standard errors.
LEAST_COVERED = N_SERIES * 0.90 - 4 * np.sqrt(N_SERIES * 0.90 * 0.10)


def test_resampled_means_are_those_of_the_drawn_blocks():
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(2, 23, 3))
    starts = block_starts(23, 5, 40, seed=1)
    found = resampled_means(columns, starts, 5)
    steps = (starts[:, :, None] + np.arange(5)) % 23
    plain = columns[:, steps].mean(axis=(2, 3))
    assert found == pytest.approx(plain, abs=1e-12)


def test_every_step_may_start_a_block():
    starts = block_starts(11, 2, 400, seed=0)
    assert set(starts.ravel()) == set(range(11))
    assert starts.shape == (400, 5)


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
def test_dependence_of_an_autoregressive_series(correlation):
    output = auto_regressive(np.random.default_rng(1), (20_000, 20), correlation)
    found = dependence(output)
    assert found.time == pytest.approx((1 + correlation) / (1 - correlation) / 2, rel=0.06)
    spread = 2 * correlation / (1 - correlation**2)
    assert found.spread == pytest.approx(spread, rel=0.15, abs=0.1)


def test_blocks_hold_two_integrated_times_and_a_forcing_period():
    assert block_length(5000, Dependence(40.0, 0.0)) == 80
    assert block_length(5000, Dependence(1.0, 0.0), 365.0) == 365
    assert block_length(5000, Dependence(0.5, 0.0)) == 25
    lengths = [block_length(n, Dependence(10.0, 10.0)) for n in (1000, 8000)]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=2)


def test_few_blocks_give_the_t_interval():
    # Resamples of the mean of 10 blocks spread by sqrt(9 / 10) of the standard error.
    resampled = np.random.default_rng(2).normal(scale=np.sqrt(0.9), size=400_000)
    low, high = expanded_interval(0.0, resampled, 10, 0.95)
    assert high == pytest.approx(2.262, abs=0.02)
    assert low == pytest.approx(-2.262, abs=0.02)


def count_covered(measure, expected, *series):
    """Count the series whose own bootstrap interval holds the expected value."""
    covered = 0
    for j in range(N_SERIES):
        result = measure(*(x[:, j] for x in series))
        assert "block bootstrap" in result.method
        covered += result.ci_low <= expected <= result.ci_high
    return covered


def test_bootstrap_covers_error_lag_variance_and_memory():
    rng = np.random.default_rng(3)
    target = auto_regressive(rng, (2200, N_SERIES), 0.9)
    cue_noise = rng.normal(scale=np.sqrt(0.5), size=target.shape)
    output = track(target + cue_noise, 0.2)[200:]
    noise = track(cue_noise, 0.2)[200:]
    target = target[200:]
    mse = (2 * 0.1 / (1 - 0.8 * 0.9) + 0.1) / 1.8
    assert count_covered(tracking_mse, mse, output, target) >= LEAST_COVERED
    assert count_covered(mean_lag, 5.0, output, target) >= LEAST_COVERED
    assert count_covered(stationary_variance, 0.1 / 1.8, noise) >= LEAST_COVERED
    assert count_covered(autocorrelation_1, 0.8, noise) >= LEAST_COVERED


def test_bootstrap_covers_phase_lag_and_gain():
    rng = np.random.default_rng(4)
    drive = np.repeat(tone(1700, 50.0)[:, None], N_SERIES, axis=1)
    output = track(drive + rng.normal(size=drive.shape), 0.2)[200:]
    drive = drive[200:]
    exact = response(0.2, 50.0)
    lag = -np.angle(exact) * 50 / (2 * np.pi)
    covered = count_covered(lambda x, y: phase_lag(x, y, 50.0), lag, output, drive)
    assert covered >= LEAST_COVERED
    covered = count_covered(lambda x, y: gain(x, y, 50.0), abs(exact), output, drive)
    assert covered >= LEAST_COVERED


def test_interval_shrinks_with_the_length_of_the_series():
    rng = np.random.default_rng(5)
    target = auto_regressive(rng, 40_000, 0.8)
    output = track(target + rng.normal(size=40_000), 0.3)
    short, whole = (tracking_mse(output[:n], target[:n]) for n in (2500, 40_000))
    ratio = (short.ci_high - short.ci_low) / (whole.ci_high - whole.ci_low)
    assert ratio == pytest.approx(4.0, rel=0.35)


def test_the_same_seed_gives_the_same_interval():
    rng = np.random.default_rng(6)
    output, target = rng.normal(size=(2, 500))
    first, again, other = (tracking_mse(output, target, seed=s) for s in (1, 1, 2))
    assert first == again
    assert first.value == other.value
    assert first.ci_low != other.ci_low


def test_no_interval_from_a_short_or_deterministic_series():
    output = auto_regressive(np.random.default_rng(7), 60, 0.95)
    short = tracking_mse(output, np.zeros(60))
    assert np.isnan(short.ci_low)
    assert "too short for an interval" in short.flag
    assert np.isfinite(short.value)
    bare = tracking_mse(np.ones(500), np.arange(500.0), deterministic=True)
    assert np.isnan(bare.ci_high)
    assert bare.flag == ""


def test_forcing_period_lengthens_the_blocks():
    rng = np.random.default_rng(8)
    output = rng.normal(size=3000)
    result = tracking_mse(output, np.zeros(3000), forcing_period=150)
    assert "20 blocks of 150 steps" in result.method


def test_members_are_not_taken_for_independent():
    rng = np.random.default_rng(9)
    target = auto_regressive(rng, 1500, 0.9)
    one = track(target, 0.2)
    many = np.repeat(one[:, None, None], 50, axis=2)
    single = tracking_mse(one, target)
    together = tracking_mse(many, target)
    assert together.value == pytest.approx(single.value)
    assert together.ci_high - together.ci_low == pytest.approx(single.ci_high - single.ci_low)
    assert together.n == single.n
    assert together.n_eff == pytest.approx(single.n_eff)


def test_many_members_give_what_a_few_at_a_time_give(monkeypatch):
    rng = np.random.default_rng(10)
    target = auto_regressive(rng, 600, 0.7)[:, None, None]
    output = track(target + rng.normal(size=(600, 1, 20)), 0.3)
    whole = mean_lag(output, target)
    monkeypatch.setattr("adaptsim.measures.moments.CHUNK", 600 * 20 // 3)
    parts = mean_lag(output, target)
    assert parts.value == pytest.approx(whole.value)
    assert parts.ci_high == pytest.approx(whole.ci_high, rel=0.05)


def test_integrated_time_of_a_constant_is_that_of_noise():
    assert integrated_time(np.ones(100)) == (0.5, 0)
