"""Error, variance, memory and regret against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adaptsim.measures import (
    autocorrelation_1,
    autocovariance,
    dynamic_regret,
    effective_sample_size,
    integrated_autocorrelation_time,
    mse_decomposition,
    return_rate,
    static_regret,
    stationary_variance,
    tracking_mse,
)

from .trackers import auto_regressive, response, tone, track, within_four_errors


def tracking_run(seed, n_steps, n_realisations, rate, correlation, noise):
    """Return output and target of a tracker of a noisy AR(1) optimum, past its transient."""
    rng = np.random.default_rng(seed)
    target = auto_regressive(rng, (n_steps + 200, n_realisations), correlation)
    cue = target + rng.normal(scale=np.sqrt(noise), size=target.shape)
    return track(cue, rate)[200:], target[200:]


def values(measure, *series):
    """Apply a measure to every realisation by itself."""
    k = series[0].shape[1]
    return [measure(*(x[:, j] for x in series)).value for j in range(k)]


@pytest.mark.parametrize(("rate", "period", "known"), [(0.1, 50, 0.325926), (0.3, 20, 0.308751)])
def test_mse_behind_a_sinusoid(rate, period, known):
    drive = tone(3000, period)
    measured = tracking_mse(track(drive, rate), drive, burn_in=1000).value
    assert measured == pytest.approx(abs(1 - response(rate, period)) ** 2 / 2, rel=1e-9)
    assert measured == pytest.approx(known, abs=5e-7)


def test_mse_and_its_parts_behind_a_noisy_autoregressive_optimum():
    output, target = tracking_run(0, 20_000, 40, 0.2, 0.95, 0.5)
    lag_part = 2 * 0.05 / (1 - 0.8 * 0.95) / 1.8
    noise_part = 0.2 * 0.5 / 1.8
    parts = [mse_decomposition(output[:, j], target[:, j], deterministic=True) for j in range(40)]
    assert lag_part + noise_part == pytest.approx(0.287037, abs=5e-7)
    assert within_four_errors([p.total.value for p in parts], 0.287037)
    # Fitting takes about 3 / n_eff (here 0.1 %) out of the noise part.
    noise = np.array([p.noise.value for p in parts])
    assert noise.mean() == pytest.approx(noise_part, rel=0.01)
    lag = np.array([p.lag.value for p in parts])
    assert abs(lag.mean() - lag_part) < 4 * lag.std(ddof=1) / np.sqrt(40) + 1e-3 * noise_part


def test_post_update_mse_obeys_its_identity():
    output, target = tracking_run(1, 20_000, 40, 0.2, 0.95, 0.5)
    post = values(
        lambda x, y: tracking_mse(x, y, convention="post-update"), output[1:], target[:-1]
    )
    assert within_four_errors(post, 0.203704)


@given(
    seed=st.integers(0, 10_000),
    rate=st.floats(0.05, 1.5),
    offset=st.floats(-5, 5),
    convention=st.sampled_from(["pre-update", "post-update"]),
)
@settings(max_examples=40, deadline=None)
def test_parts_sum_to_the_total(seed, rate, offset, convention):
    output, target = tracking_run(seed, 150, 2, rate, 0.8, 0.3)
    parts = mse_decomposition(output + offset, target, convention=convention)
    pieces = [parts.bias.value, parts.lag.value, parts.noise.value]
    assert min(pieces) >= 0.0
    assert sum(pieces) == pytest.approx(parts.total.value, rel=1e-12)


def test_parts_are_what_they_are_called():
    target = auto_regressive(np.random.default_rng(2), 3000, 0.9)
    follows = mse_decomposition(track(target, 0.2) + 2.0, target, burn_in=100)
    assert follows.bias.value == pytest.approx(4.0, rel=0.1)
    assert follows.noise.value < 1e-12
    assert follows.lag.value > 0.1
    noise = np.random.default_rng(3).normal(size=3000)
    still = mse_decomposition(track(noise, 0.2), np.ones(3000))
    assert still.lag.value == 0.0
    assert still.noise.value == pytest.approx(np.var(track(noise, 0.2)), rel=1e-9)
    idle = mse_decomposition(np.zeros(3000), target)
    assert idle.noise.value < 1e-20
    assert idle.lag.value == pytest.approx(np.var(target), rel=1e-9)


@pytest.mark.parametrize(("rate", "noise"), [(0.1, 1.0), (0.5, 0.3), (1.5, 2.0)])
def test_variance_is_that_of_filtered_noise(rate, noise):
    rng = np.random.default_rng(4)
    output = track(rng.normal(scale=np.sqrt(noise), size=(4200, 60)), rate)[200:]
    found = values(lambda x: stationary_variance(x, deterministic=True), output)
    assert within_four_errors(found, rate * noise / (2 - rate))


def test_variance_correction_takes_out_the_bias_of_short_series():
    output = auto_regressive(np.random.default_rng(5), (150, 3000), 0.8)
    pooled = stationary_variance(output)
    error = (pooled.ci_high - pooled.ci_low) / 2 / 1.96
    plain = output.var(axis=0).mean()
    assert plain < 1.0 - 8 * error
    assert abs(pooled.value - 1.0) < 4 * error


def test_white_noise_gets_the_usual_correction():
    output = np.random.default_rng(6).normal(size=(40, 2000))
    pooled = stationary_variance(output).value
    assert pooled == pytest.approx(output.var(axis=0, ddof=1).mean(), rel=0.01)


def test_detrending_leaves_the_fluctuation():
    rng = np.random.default_rng(7)
    output = rng.normal(size=2000) + 0.01 * np.arange(2000)
    assert stationary_variance(output).value > 10.0
    assert stationary_variance(output, detrend=True).value == pytest.approx(1.0, abs=0.13)


def test_autocorrelation_bias_is_the_published_one_and_is_removed():
    output = auto_regressive(np.random.default_rng(8), (100, 20_000), 0.5)
    x = output - output.mean(axis=0)
    now, after = x[:-1] - x[:-1].mean(axis=0), x[1:] - x[1:].mean(axis=0)
    plain = (now * after).sum(axis=0) / (now**2).sum(axis=0)
    assert plain.mean() - 0.5 == pytest.approx(-0.0257, abs=0.003)
    result = autocorrelation_1(output)
    assert result.value == pytest.approx(((plain + 1 / 99) / (1 - 3 / 99)).mean(), rel=1e-9)
    error = (result.ci_high - result.ci_low) / 2 / 1.96
    # What is left is of second order in 1/n.
    assert abs(result.value - 0.5) < 4 * error + 10 / 100**2


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.4])
def test_autocorrelation_and_return_rate_of_a_tracker(rate):
    rng = np.random.default_rng(9)
    output = track(rng.normal(size=(8200, 50)), rate)[200:]
    assert within_four_errors(values(autocorrelation_1, output), 1 - rate)
    result = return_rate(output)
    assert result.ci_low < -np.log(abs(1 - rate)) < result.ci_high
    assert result.value == pytest.approx(-np.log(abs(autocorrelation_1(output).value)))
    assert ("alternating" in result.flag) == (rate > 1)


def test_return_rate_of_white_noise_is_not_claimed():
    result = return_rate(np.random.default_rng(10).normal(size=1000))
    assert "not distinguishable" in result.flag
    assert np.isinf(result.ci_high)


def test_random_walk_is_flagged_or_close_to_one():
    walks = np.random.default_rng(11).normal(size=(200, 50)).cumsum(axis=0)
    results = [autocorrelation_1(walks[:, j]) for j in range(50)]
    beyond = [r for r in results if r.value >= 1.0]
    assert 0 < len(beyond) < 50
    assert all("not stationary" in r.flag for r in beyond)


def test_autocovariance_is_the_plain_sum():
    x = np.random.default_rng(12).normal(size=57)
    d = x - x.mean()
    plain = np.correlate(d, d, mode="full")[56:] / 57
    assert autocovariance(x) == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("correlation", [-0.9, -0.5, 0.0, 0.5, 0.9])
def test_integrated_time_of_an_autoregressive_series(correlation):
    output = auto_regressive(np.random.default_rng(13), (20_000, 30), correlation)
    exact = (1 + correlation) / (1 - correlation) / 2
    result = integrated_autocorrelation_time(output)
    assert result.value == pytest.approx(exact, rel=0.03)
    sizes = effective_sample_size(output)
    assert sizes.value == pytest.approx(20_000 * 30 / (2 * exact), rel=0.03)
    assert sizes.n == 600_000


def test_effective_size_predicts_the_error_of_the_mean():
    output = auto_regressive(np.random.default_rng(14), (2000, 400), 0.9)
    spread = output.mean(axis=0).std(ddof=1)
    n_eff = effective_sample_size(output).value / 400
    assert spread == pytest.approx(1 / np.sqrt(n_eff), rel=4 / np.sqrt(2 * 399))


def test_interval_of_one_integrated_time_covers():
    output = auto_regressive(np.random.default_rng(15), (2000, 100), 0.8)
    results = [integrated_autocorrelation_time(output[:, j]) for j in range(100)]
    covered = sum(r.ci_low < 4.5 < r.ci_high for r in results)
    assert covered >= 95 - 4 * np.sqrt(100 * 0.95 * 0.05)


def test_short_series_says_so():
    output = auto_regressive(np.random.default_rng(16), 60, 0.95)
    assert "50 integrated times" in integrated_autocorrelation_time(output).flag


def test_dynamic_regret_is_the_summed_mismatch():
    output, target = tracking_run(17, 500, 3, 0.2, 0.9, 0.2)
    loss = 1.5 * (output - target) ** 2
    result = dynamic_regret(loss)
    assert result.name == "regret"
    assert result.value == pytest.approx(loss.sum(axis=0).mean())
    assert dynamic_regret(loss, loss).value == 0.0
    assert dynamic_regret(loss[:, 0], np.ones(500), burn_in=100).value == pytest.approx(
        loss[100:, 0].sum() - 400
    )


def test_static_regret_is_against_the_best_constant():
    output, target = tracking_run(18, 400, 1, 0.3, 0.97, 0.0)
    output, target = output[:, 0], target[:, 0]
    choices = np.linspace(target.min(), target.max(), 4001)
    least = min(1.5 * np.sum((c - target) ** 2) for c in choices)
    result = static_regret(output, target, curvature=3.0)
    assert result.value == pytest.approx(1.5 * np.sum((output - target) ** 2) - least, rel=1e-3)
    assert result.value < 0.0
    assert result.ci_high < 0.0
    assert static_regret(np.full(400, target.mean()), target).value == pytest.approx(0, abs=1e-9)


def test_intervals_over_realisations_are_those_of_scipy():
    output, target = tracking_run(19, 300, 6, 0.2, 0.9, 0.2)
    single = ((output - target) ** 2).mean(axis=0)
    known = stats.ttest_1samp(single, 0.0).confidence_interval(0.9)
    result = tracking_mse(output, target, level=0.9)
    assert result.ci_low == pytest.approx(known.low, rel=1e-9)
    assert result.ci_high == pytest.approx(known.high, rel=1e-9)
    assert "t interval over 6 realisations" in result.method
