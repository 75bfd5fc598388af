"""Welch cross-spectrum against the frequency response of the tracker."""

import numpy as np
import pytest

from adaptsim.measures import broadband_gain, broadband_lag, cross_spectrum

from .trackers import auto_regressive, track


def noisy_run(seed, n_steps, k, noise=0.0, rate=0.2, correlation=0.9):
    """Return output and drive; the noise is in what the tracker perceives."""
    rng = np.random.default_rng(seed)
    drive = auto_regressive(rng, (n_steps + 200, k), correlation)
    cue = drive + rng.normal(scale=np.sqrt(noise), size=drive.shape) if noise else drive
    return track(cue, rate)[200:], drive[200:]


def exact_response(omega, rate=0.2):
    """Return the response of the tracker at angular frequencies."""
    return rate / (np.exp(1j * omega) - (1 - rate))


def test_noiseless_spectrum_is_the_response():
    output, drive = noisy_run(0, 60_000, 4)
    spectrum = cross_spectrum(output, drive, segment=512)
    exact = exact_response(spectrum.omega[7:])
    assert spectrum.gain[7:] == pytest.approx(abs(exact), rel=0.01)
    assert spectrum.phase[7:] == pytest.approx(np.unwrap(np.angle(exact)), abs=0.01)
    assert spectrum.lag == pytest.approx(-spectrum.phase / spectrum.omega)
    assert np.all(spectrum.coherence[7:] > 0.99)


def test_drive_power_is_the_spectral_density():
    _, drive = noisy_run(1, 60_000, 4)
    spectrum = cross_spectrum(drive, drive, segment=512)
    # One-sided density of an AR(1) series per cycle per step.
    exact = 2 * 0.19 / abs(1 - 0.9 * np.exp(-1j * spectrum.omega)) ** 2
    assert spectrum.drive_power[3:-1] == pytest.approx(exact[3:-1], rel=0.35)
    assert np.mean(spectrum.drive_power[3:-1] / exact[3:-1]) == pytest.approx(1.0, abs=0.02)


def test_phase_beyond_half_a_turn_is_unwrapped():
    drive = np.random.default_rng(2).normal(size=60_000)
    spectrum = cross_spectrum(np.roll(drive, 9), drive, segment=512)
    assert spectrum.phase.min() < -8 * np.pi
    assert spectrum.lag[40:] == pytest.approx(9.0, abs=0.1)


def test_standard_errors_are_those_of_the_scatter():
    output, drive = noisy_run(3, 2560, 300, noise=0.5)
    spectra = [cross_spectrum(output[:, j], drive[:, j], segment=128) for j in range(300)]
    # Period 16: the response hardly changes within a bin, so scatter is all there is.
    phases = np.array([s.phase[7] for s in spectra])
    gains = np.array([s.gain[7] for s in spectra])
    stated = np.sqrt(np.nanmean([s.phase_error[7] ** 2 for s in spectra]))
    assert np.isfinite(phases).sum() > 280
    assert np.nanstd(phases) == pytest.approx(stated, rel=0.15)
    stated = np.sqrt(np.nanmean([s.gain_error[7] ** 2 for s in spectra]))
    assert np.nanstd(gains) == pytest.approx(stated, rel=0.2)


def test_incoherent_bins_are_undefined():
    rng = np.random.default_rng(4)
    output, drive = rng.normal(size=(2, 8000))
    spectrum = cross_spectrum(output, drive)
    assert np.isnan(spectrum.phase).all()
    assert np.isnan(spectrum.gain).all()
    assert np.isfinite(spectrum.coherence).all()
    assert spectrum.flag == "coherence below 0.3"
    for measure in (broadband_lag, broadband_gain):
        result = measure(output, drive)
        assert np.isnan(result.value)
        assert result.flag == "coherence below 0.3"
        assert np.isnan(measure(output, drive, period=20).value)


def test_interval_of_one_series_covers():
    output, drive = noisy_run(5, 4096, 100, noise=0.5)
    omega = 2 * np.pi / 16
    exact = exact_response(omega)
    expected = {"phase_lag": -np.angle(exact) / omega, "gain": abs(exact)}
    for measure in (broadband_lag, broadband_gain):
        results = [measure(output[:, j], drive[:, j], 16, segment=256) for j in range(100)]
        covered = sum(r.ci_low <= expected[r.name] <= r.ci_high for r in results)
        assert covered >= 90 - 4 * np.sqrt(100 * 0.9 * 0.1)
        assert "period 16 steps" in results[0].method
        assert "standard error" in results[0].method


def test_realisations_give_a_t_interval():
    output, drive = noisy_run(6, 8192, 12, noise=0.3)
    lag = broadband_lag(output, drive, 32, segment=512)
    omega = 2 * np.pi / 32
    error = (lag.ci_high - lag.ci_low) / 2 / 2.2
    assert abs(lag.value + np.angle(exact_response(omega)) / omega) < 4 * error
    assert "t interval over 12 realisations" in lag.method


def test_default_period_is_where_the_drive_is_strongest():
    rng = np.random.default_rng(7)
    time = np.arange(16_384)
    drive = np.sin(2 * np.pi * time / 64) + 0.3 * rng.normal(size=time.size)
    lag = broadband_lag(track(drive, 0.2), drive)
    assert "period 64 steps" in lag.method
    omega = 2 * np.pi / 64
    assert lag.value == pytest.approx(-np.angle(exact_response(omega)) / omega, abs=0.05)


def test_lag_and_gain_have_their_units():
    output, drive = noisy_run(8, 2000, 1)
    lag, size = broadband_lag(output, drive), broadband_gain(output, drive)
    assert (lag.name, lag.unit, size.name, size.unit) == ("phase_lag", "steps", "gain", "1")
    moved = broadband_gain(5.0 - 3.0 * output, drive)
    assert moved.value == pytest.approx(3.0 * size.value)


def test_segments_are_counted():
    output, drive = noisy_run(9, 1001, 3)
    spectrum = cross_spectrum(output, drive, segment=100)
    assert spectrum.n_segments == pytest.approx(3 * 19 / (1 + 2 / 36 * 18 / 19))
    assert cross_spectrum(output[:150, :1], drive[:150, :1], 100).flag == "few segments"
