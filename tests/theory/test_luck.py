"""Luck of one life, against simulated lives and against impulse responses."""

import numpy as np
import pytest
from scipy.signal import lfilter  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import autoregressive, luck, tracker

from .checks import agrees

PHI, R, LIFE = 0.8, 0.5, 40


@pytest.mark.parametrize("g", [0.1, 0.2, 0.2 + 2e-6, 0.42, 1.3])
def test_shared_errors_are_those_of_the_impulse_response(g: float) -> None:
    """Also where the two poles meet (g = 0.2)."""
    optimum = PHI ** np.arange(400.0)
    answer = lfilter([1.0], [1.0, g - 1], np.diff(optimum, prepend=0.0))
    lags = np.arange(6)
    expected = [(1 - PHI**2) * answer[: 400 - k] @ answer[k:] for k in lags]
    told = autoregressive.error_covariance(g, lags, variance=1.0, correlation=PHI)
    assert told == pytest.approx(expected, rel=1e-9)


def test_equals_differ_as_theory_says() -> None:
    """Lives of 60 equals in each of 400 worlds."""
    g, rng, burn = 0.42, np.random.default_rng(2), 60
    steps, worlds, equals = burn + LIFE, 400, 60
    shocks = (1 - PHI**2) ** 0.5 * rng.standard_normal((steps, worlds, 1))
    optimum = lfilter([1.0], [1.0, -PHI], shocks, axis=0)
    seen = optimum + R**0.5 * rng.standard_normal((steps, worlds, equals))
    late = np.concatenate([np.zeros((1, worlds, equals)), seen[:-1]])
    error = (optimum - lfilter([g], [1.0, g - 1], late, axis=0))[burn:]
    found = (error**2).mean(axis=0).var(axis=1, ddof=1)
    lags = np.arange(LIFE)
    shared = autoregressive.error_covariance(g, lags, variance=1.0, correlation=PHI)
    noise = tracker.noise_variance(g, observation_variance=R) * (1 - g) ** lags
    told = luck.error_variance(np.asarray(shared), noise, life=LIFE)
    assert agrees(found, told)


def test_fitness_of_independent_errors_is_exact() -> None:
    """Of m independent normal errors the mean square is gamma: chi-square's Laplace transform."""
    m, s = 30, 6.0
    told = luck.log_mean_fitness(0.7, variance=2 * 0.7**2 / m, selection=s)
    assert told == pytest.approx(-m / 2 * np.log(1 + s * 0.7 / m), rel=1e-12)


def test_little_luck_adds_what_it_varies() -> None:
    """-(s/2) M + (s^2/8) v to first order in v; never above 0."""
    luck_ = np.array([1e-6, 1e-5, 1e3])
    told = np.asarray(luck.log_mean_fitness(0.5, variance=luck_, selection=4.0))
    assert told[:2] + 1 == pytest.approx(2 * np.array([1e-6, 1e-5]), rel=1e-3)
    assert -1 < told[2] < 0
