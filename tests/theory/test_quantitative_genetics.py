"""Closed forms of quantitative genetics, against densities selected numerically."""

import math

import numpy as np
import pytest
from scipy.signal import fftconvolve  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import quantitative_genetics as genetics
from adaptsim.theory import random_walk, tracker

from .checks import Array, agrees

TRAITS = np.linspace(-30, 30, 60_001)
WIDTH = 2.0


def normal(mean: float, variance: float) -> Array:
    shares = np.exp(-0.5 * (TRAITS - mean) ** 2 / variance)
    return shares / shares.sum()


def survival(optimum: float) -> Array:
    return np.asarray(np.exp(-0.5 * ((TRAITS - optimum) / WIDTH) ** 2))


def moments(shares: Array) -> tuple[float, float]:
    mean = float(shares @ TRAITS / shares.sum())
    return mean, float(shares @ (TRAITS - mean) ** 2 / shares.sum())


def test_a_selected_density_moves_as_lande_says() -> None:
    """Mean, variance and mean fitness of a density after selection are those of the formulas."""
    mean, variance, optimum = 0.5, 1.5, 2.0
    before = normal(mean, variance)
    selected = before * survival(optimum)
    after, left = moments(selected)
    slope = genetics.selection_gradient(optimum - mean, width=WIDTH, phenotypic_variance=variance)
    assert after - mean == pytest.approx(
        genetics.response(slope, genetic_variance=variance), rel=1e-9
    )
    gain = genetics.gain(variance, width=WIDTH)
    assert after - mean == pytest.approx(gain * (optimum - mean), rel=1e-9)
    assert left == pytest.approx(variance * (1 - gain), rel=1e-9)
    fitness = genetics.log_mean_fitness(
        optimum - mean, width=WIDTH, phenotypic_variance=variance, growth=3.0
    )
    assert fitness == pytest.approx(np.log(3.0 * selected.sum()), rel=1e-9)


def test_the_gradient_is_that_of_mean_fitness() -> None:
    """The selection gradient is the slope of ln mean fitness, by central differences."""
    told = {"width": WIDTH, "phenotypic_variance": 1.5}
    ends = np.asarray(genetics.log_mean_fitness(np.array([0.7 - 1e-5, 0.7 + 1e-5]), **told))
    slope = -(ends[1] - ends[0]) / 2e-5
    assert genetics.selection_gradient(0.7, **told) == pytest.approx(slope, rel=1e-6)


def test_environmental_variance_slows_evolution() -> None:
    """With part of the trait not inherited the breeding values move by G / (w^2 + P) of it."""
    inherited, rest, optimum = 0.8, 0.7, 1.0
    kernel = fftconvolve(survival(optimum), normal(0.0, rest), mode="same")
    after, _ = moments(normal(0.0, inherited) * kernel)
    assert after == pytest.approx(
        genetics.gain(inherited, width=WIDTH, environmental_variance=rest), rel=1e-6
    )


@pytest.mark.parametrize("rest", [0.0, 0.5])
@pytest.mark.parametrize("size", [np.inf, 50.0])
def test_mutation_selection_balance(rest: float, size: float) -> None:
    """The balance is where iteration of selection, drift and mutation ends."""
    variance, mutation = 1.0, 0.02
    for _ in range(5000):
        variance -= variance**2 / (WIDTH**2 + variance + rest)
        variance = variance * (1 - 1 / size) + mutation
    found = genetics.genetic_variance(
        mutation_variance=mutation, width=WIDTH, environmental_variance=rest, size=size
    )
    assert found == pytest.approx(variance, rel=1e-9)


def test_evolution_is_a_kalman_filter() -> None:
    """Variance and gain of clones are those of the filter with Q = M and R = w^2."""
    told = {"drift_variance": 0.02, "observation_variance": WIDTH**2}
    variance = genetics.genetic_variance(mutation_variance=0.02, width=WIDTH)
    assert variance == pytest.approx(random_walk.kalman_mse(**told), rel=1e-9)
    assert genetics.gain(variance, width=WIDTH) == pytest.approx(
        random_walk.kalman_gain(**told), rel=1e-9
    )


def test_lag_and_critical_rate() -> None:
    """A mean that is iterated behind a ramp stays back by the lag; at k_c it just grows."""
    told = {"genetic_variance": 0.6, "width": WIDTH, "environmental_variance": 0.4}
    rate = genetics.critical_rate(growth=1.5, **told)
    mean, optimum = 0.0, 0.0
    gain = float(genetics.gain(0.6, width=WIDTH, environmental_variance=0.4))
    for _ in range(2000):
        mean, optimum = mean + gain * (optimum - mean), optimum + float(rate)
    assert optimum - mean == pytest.approx(genetics.lag(rate, **told), rel=1e-9)
    assert genetics.lag(rate, **told) == pytest.approx(tracker.ramp_error(gain, slope=rate))
    grows = genetics.log_mean_fitness(
        optimum - mean, width=WIDTH, phenotypic_variance=1.0, growth=1.5
    )
    assert grows == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(genetics.critical_rate(growth=1.0, **told))


def test_lag_of_a_sexual_population() -> None:
    """The number of the science sheet, and eight populations of the infinitesimal model.

    Offspring are mid-parents plus normal segregation; the lag is that of the variance found.
    """
    told = genetics.lag(0.02, genetic_variance=0.47713, width=10**0.5)
    assert told == pytest.approx(0.43918, abs=1e-5)  # printed of a variance with more digits
    rng, many, runs, generations = np.random.default_rng(3), 1000, 8, 600
    trait, lags, variances = np.zeros((runs, many)), [], []
    rows = np.arange(runs)[:, None]
    for generation in range(generations):
        optimum = 0.02 * generation
        lags.append(optimum - trait.mean(axis=1))
        variances.append(trait.var(axis=1))
        fitness = np.exp(-((trait - optimum) ** 2) / 20)
        ends = np.cumsum(fitness, axis=1)
        drawn = rng.random((runs, 2 * many)) * ends[:, -1:]
        parents = np.array([np.searchsorted(*one) for one in zip(ends, drawn, strict=True)])
        trait = trait[rows, parents].reshape(runs, many, 2).mean(axis=2)
        trait = trait + 0.5 * rng.standard_normal(trait.shape)
    lag, variance = np.mean(lags[200:], axis=0), np.mean(variances[200:], axis=0)
    assert agrees(lag / np.asarray(genetics.lag(0.02, genetic_variance=variance, width=10**0.5)), 1)
    assert variance.mean() == pytest.approx(0.477, rel=0.01)


def test_speed_limit() -> None:
    """Lande's equation with P held fixed converges below its speed limit and not above."""
    limit = float(genetics.speed_limit(width=WIDTH, phenotypic_variance=1.0))
    for share, converges in ((0.99, True), (1.01, False)):
        mean = 1.0
        for _ in range(5000):
            slope = genetics.selection_gradient(-mean, width=WIDTH, phenotypic_variance=1.0)
            mean += float(genetics.response(slope, genetic_variance=share * limit))
        assert (abs(mean) < 1e-3) == converges


@pytest.mark.parametrize("life", [1, 7])
def test_error_of_lives_behind_a_sine(life: int) -> None:
    """The closed form is what the recursion over lives gives."""
    omega, gain, lives = 2 * np.pi / 100, 0.3, 400
    optimum = 1.5 * np.sin(omega * np.arange(life * lives)).reshape(lives, life)
    mean, errors = 0.0, []
    for seen in optimum:
        errors.append((seen - mean) ** 2)
        mean += gain * (seen.mean() - mean)
    measured = np.mean(errors[100:])
    found = genetics.cyclic_error(life, gain=gain, omega=omega, amplitude=1.5)
    assert found == pytest.approx(measured, rel=1e-6)


@pytest.mark.parametrize(("rate", "width", "growth", "size"), [(0.8, 2.0, 2.0, 100.0),
                                                              (0.7, 3.0, 1.4, 5000.0)])  # fmt: skip
def test_time_to_extinction_by_going_from_generation_to_generation(
    rate: float, width: float, growth: float, size: float
) -> None:
    """Mean trait, optimum and number, each step written out, with nothing in closed form."""
    told = {"genetic_variance": 1.0, "width": width, "growth": growth}
    spread, mean, optimum, number, generations = width**2 + 1, 0.0, 0.0, size, 0
    while number >= 1:
        behind = optimum - mean
        fitness = growth * width / spread**0.5 * math.exp(-(behind**2) / (2 * spread))
        number = min(number * fitness, size)
        mean, optimum, generations = mean + behind / spread, optimum + rate, generations + 1
    found = genetics.time_to_extinction(rate, size=size, **told)
    assert found == generations
    slow = 0.99 * genetics.critical_rate(**told)
    assert genetics.time_to_extinction(slow, size=size, **told) == math.inf
