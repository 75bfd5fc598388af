"""The test of Boltzmann's density: it passes what is so, and fails what is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import binom, chisquare, norm

from adaptsim.landscapes import Booth, DoubleWell
from adaptsim.rules import GradientDescent, Langevin
from adaptsim.temperature import (
    boltzmann_of,
    boltzmann_test,
    potential_of,
    slope_of,
    temperature_from_virial,
)
from adaptsim.theory.temperature import noise_of

from .grounds import MINIBATCH_RATE, LeastSquares, minibatch_walks, places

ALARM = 1e-3


def remembering(chains: int, steps: int, seed: int, correlation: float = 0.9) -> np.ndarray:
    """Return standard normal AR(1) series, at rest from the start."""
    shocks = np.random.default_rng(seed).normal(size=(chains, steps))
    shocks[:, 1:] *= np.sqrt(1 - correlation**2)
    return np.asarray(lfilter([1.0], [1.0, -correlation], shocks, axis=1))


@pytest.mark.parametrize(("chains", "steps"), [(100, 300), (1, 40_000), (6, 8_000)])
def test_false_alarms_are_as_rare_as_promised(chains: int, steps: int) -> None:
    """Dependent samples of the right density; alarms at 5 % are at most those of chance."""
    found = [boltzmann_test(remembering(chains, steps, seed), norm.cdf) for seed in range(100)]
    alarms = sum(one.p_value < 0.05 for one in found)
    assert binom.cdf(3e-5, 100, 0.05) < alarms <= binom.isf(3e-5, 100, 0.05)
    assert sum(one.ks_p_value < 0.05 for one in found) <= binom.isf(3e-5, 100, 0.05)
    assert all(one.n_eff < one.n / 2 for one in found)
    assert not any(one.flag for one in found)


def test_hopping_between_two_wells_raises_no_false_alarm() -> None:
    """One slow difference, left or right, among fast ones: needs the second-order correction."""

    def hopping(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        first = rng.choice([-1.0, 1.0], size=(100, 1))
        hops = np.where(rng.random((100, 300)) < 0.005, -1.0, 1.0)
        return first * np.cumprod(hops, axis=1) + 0.4 * rng.normal(size=(100, 300))

    def cdf(x: np.ndarray) -> np.ndarray:
        return (norm.cdf(x, 1, 0.4) + norm.cdf(x, -1, 0.4)) / 2

    found = [boltzmann_test(hopping(seed), cdf) for seed in range(200)]
    assert sum(one.p_value < 0.01 for one in found) <= binom.isf(3e-5, 200, 0.01)
    assert np.mean([one.degrees_of_freedom for one in found]) < 2


def test_taking_steps_for_independent_would_cry_wolf() -> None:
    """What the correction is for: Pearson's chi-square of the same samples is never small."""
    wrong = 0
    for seed in range(20):
        counts = np.histogram(norm.cdf(remembering(100, 300, seed)), 10, (0, 1))[0]
        wrong += chisquare(counts).pvalue < 0.05
    assert wrong >= 5


@pytest.mark.parametrize("factor", [0.9, 0.95, 1.05, 1.1])
def test_a_wrong_temperature_is_noticed(factor: float) -> None:
    """By chi-square at 5 % of the spread; the distance, a blunter tool, needs 10 %."""
    found = boltzmann_test(factor * remembering(200, 1000, 7), norm.cdf)
    assert found.p_value < ALARM
    assert found.ks_p_value < (ALARM if abs(factor - 1) > 0.07 else 0.05)


def in_the_double_well(eta: float) -> np.ndarray:
    """Return walks at rest at the temperature 0.2, a record every five steps."""
    well, noise = DoubleWell(), float(noise_of(0.2, learning_rate=eta))
    rule = GradientDescent(learning_rate=eta)
    walks = places(well, rule, start=[1.0], level=noise, seeds=300, steps=3000, stride=5)
    return walks[:, 300:, 0]


def test_small_steps_rest_as_boltzmann_says_and_large_ones_do_not() -> None:
    cdf = boltzmann_of(DoubleWell(), 0.2).cdf
    small, large = (boltzmann_test(in_the_double_well(eta), cdf) for eta in (0.02, 0.2))
    assert small.p_value > 0.01
    assert small.ks_p_value > 0.01
    assert large.p_value < ALARM
    assert large.ks_p_value < ALARM


def test_the_metropolis_rule_rests_as_boltzmann_says_at_large_steps() -> None:
    """At the learning rate at which noisy descent does not."""
    rule = Langevin(learning_rate=0.2, temperature=0.2, adjusted=True)
    walks = places(DoubleWell(), rule, start=[1.0], seeds=300, steps=3000, stride=5)
    cdf = boltzmann_of(DoubleWell(), 0.2).cdf
    assert boltzmann_test(walks[:, 300:, 0], cdf).p_value > 0.01


def test_minibatches_do_not_rest_as_boltzmann_says_at_any_temperature() -> None:
    """Noise that grows away from the minimum makes heavy tails, also at the measured T."""
    walks, landscape = minibatch_walks(), LeastSquares()
    warmth = temperature_from_virial(walks, landscape, MINIBATCH_RATE).value
    for cdf in (
        boltzmann_of(landscape, warmth).cdf,
        norm(walks.mean(), walks.std()).cdf,
    ):
        assert boltzmann_test(walks[:, :, 0], cdf).p_value < ALARM


def test_what_cannot_be_tested_says_why() -> None:
    assert boltzmann_test(np.full((30, 9), np.nan), norm.cdf).flag == "diverged"
    assert boltzmann_test(np.zeros(9), norm.cdf).flag == "too short"
    slow = boltzmann_test(remembering(1, 600, 0), norm.cdf)
    assert slow.flag == "batches too short to be independent"
    stuck = boltzmann_test(np.zeros((30, 9)), norm.cdf)
    assert stuck.p_value == 0
    with pytest.raises(ValueError, match=r"samples must have shape .*; got \(1, 1, 1\)"):
        boltzmann_test(np.zeros((1, 1, 1)), norm.cdf)
    with pytest.raises(ValueError, match="bins must be at least 2; got 1"):
        boltzmann_test(np.zeros(9), norm.cdf, bins=1)


def test_only_one_coordinate_has_a_potential() -> None:
    for made in (potential_of, slope_of):
        with pytest.raises(ValueError, match="must have one coordinate; Booth has 2"):
            made(Booth())
