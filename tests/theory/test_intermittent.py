"""Closed forms of tracking from samples that arrive by chance."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import intermittent, random_walk, tracker

from .checks import CONVENTIONS, agrees, printed

gains = st.floats(0.01, 1.99)
chances = st.floats(0.02, 1)


def test_numbers() -> None:
    """Overrides of a thermostat come to the numbers of the science sheet."""
    mean = 5 + 5 * float(intermittent.mean_response(0.4, 30, probability=0.2))
    assert mean == printed("9.590169")
    variance = intermittent.noise_variance(0.4, probability=0.2, observation_variance=0.5)
    assert variance == printed("0.125")
    assert intermittent.rise_time_63(0.4, probability=0.2) == printed("11.9931")
    mse = intermittent.tracking_mse(
        0.4, probability=0.2, drift_variance=0.01, observation_variance=0.5
    )
    assert mse == printed("0.203125")


@given(g=gains, q=chances)
def test_contractions_average_both_outcomes(g: float, q: float) -> None:
    """Mean and mean square are averages over a step with and one without a sample."""
    mean = intermittent.mean_contraction(g, probability=q)
    assert mean == pytest.approx(q * (1 - g) + (1 - q), abs=1e-12)
    square = intermittent.mean_square_contraction(g, probability=q)
    assert square == pytest.approx(q * (1 - g) ** 2 + (1 - q), abs=1e-12)
    assert square < 1


@given(g=gains, q=st.floats(0.1, 1))
def test_errors_by_iterating_the_mean_square(g: float, q: float) -> None:
    """Iterated variance and error settle at the stated values."""
    drift, noise, n_steps = 0.3, 0.7, 40_000
    kept = q * (1 - g) ** 2 + (1 - q)
    series = (1 - kept**n_steps) / (1 - kept)
    after_sample = q * g**2 * noise
    variance = intermittent.noise_variance(g, probability=q, observation_variance=noise)
    assert variance == pytest.approx(after_sample * series, rel=1e-6)
    world: dict[str, Any] = {
        "probability": q,
        "drift_variance": drift,
        "observation_variance": noise,
    }
    before = intermittent.tracking_mse(g, **world)
    assert before == pytest.approx((drift + after_sample) * series, rel=1e-6)
    after = intermittent.tracking_mse(g, **world, convention="post-update")
    assert after == pytest.approx(kept * before + after_sample, rel=1e-9)


def test_simulation() -> None:
    """Simulated traits have the stated mean response, variance and error."""
    g, q, drift, noise, n_steps, n_replicates = 0.4, 0.3, 0.02, 0.5, 400, 4000
    rng = np.random.default_rng(11)
    still, walking = np.zeros(n_replicates), np.zeros(n_replicates)
    optimum = np.zeros(n_replicates)
    for step in range(n_steps):
        if step == 6:
            early = still.copy()
        arrives = rng.random(n_replicates) < q
        errors = rng.normal(0, np.sqrt(noise), n_replicates)
        still = still + g * arrives * (1 + errors - still)
        walking = walking + g * arrives * (optimum + errors - walking)
        optimum = optimum + rng.normal(0, np.sqrt(drift), n_replicates)
    assert agrees(early, intermittent.mean_response(g, 6, probability=q))
    variance = intermittent.noise_variance(g, probability=q, observation_variance=noise)
    assert agrees((still - 1) ** 2, variance)
    mse = intermittent.tracking_mse(
        g, probability=q, drift_variance=drift, observation_variance=noise
    )
    assert agrees((walking - optimum) ** 2, mse)


@given(g=gains, q=chances)
def test_rise_time_meets_its_level(g: float, q: float) -> None:
    """At the rise time the mean deviation has fallen to 1 / e."""
    contraction = abs(float(intermittent.mean_contraction(g, probability=q)))
    if contraction > 1e-6:
        rise = float(intermittent.rise_time_63(g, probability=q))
        assert contraction**rise == pytest.approx(np.exp(-1), rel=1e-6)


@given(g=gains)
def test_certain_samples_are_the_plain_tracker(g: float) -> None:
    """With probability 1 everything reduces to the tracker and the random walk."""
    rise = intermittent.rise_time_63(g, probability=1.0)
    assert rise == pytest.approx(tracker.rise_time_63(g), rel=1e-9)
    walk: dict[str, Any] = {"drift_variance": 0.2, "observation_variance": 0.6}
    for convention in CONVENTIONS:
        found = intermittent.tracking_mse(g, probability=1.0, **walk, convention=convention)
        expected = random_walk.tracking_mse(g, **walk, convention=convention)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("q", [0.05, 0.4, 1.0])
def test_best_gain_by_direct_minimisation(q: float) -> None:
    """A numerical minimiser finds the same gain; rarer samples deserve larger ones."""
    world: dict[str, Any] = {"probability": q, "drift_variance": 0.02, "observation_variance": 0.8}
    found = minimize_scalar(
        lambda g: intermittent.tracking_mse(g, **world), bounds=(1e-6, 1.99), method="bounded"
    )
    best = intermittent.best_gain(**world)
    assert best == pytest.approx(found.x, abs=2e-5)
    rarer = intermittent.best_gain(**{**world, "probability": q / 2})
    assert rarer > best


@pytest.mark.parametrize(("g", "q"), [(0.0, 0.5), (2.0, 0.5), (0.5, 0.0), (0.5, 1.1)])
def test_nothing_is_stationary_without_learning(g: float, q: float) -> None:
    """Outside ``0 < g < 2`` and ``0 < q <= 1`` the answers are nan."""
    world: dict[str, Any] = {"probability": q, "observation_variance": 1.0}
    assert np.isnan(intermittent.noise_variance(g, **world))
    assert np.isnan(intermittent.tracking_mse(g, **world, drift_variance=0.1))
    assert np.isnan(intermittent.rise_time_63(g, probability=q))
