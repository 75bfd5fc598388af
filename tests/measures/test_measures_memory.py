"""What an ideal observer sees, how long memories last, and how fast learning begins."""

import numpy as np
import pytest

from adaptsim.measures import (
    ideal_observer,
    initial_learning_speed,
    memory_lifetime,
    retention,
)


def test_an_exponential_memory_lasts_as_long_as_its_logarithm_says():
    ages = np.array([0.0, 3.0, 7.0, 30.0, 90.0])
    found = retention(20 * np.exp(-ages / 8), ages)
    assert found.initial.value == 20
    assert found.lifetime.value == pytest.approx(8 * np.log(20), rel=1e-12)
    assert memory_lifetime(20 * np.exp(-ages / 8), ages, threshold=2.0).value == pytest.approx(
        8 * np.log(10), rel=1e-12
    )


def test_lifetimes_of_realisations_have_an_interval():
    ages = np.arange(200.0)
    ratios = np.stack([size * np.exp(-ages / 8) for size in (10.0, 12.0, 15.0)], axis=1)
    found = memory_lifetime(ratios)
    lives = 8 * np.log([10.0, 12.0, 15.0])
    assert found.value == pytest.approx(lives.mean())
    assert found.ci_low < lives.mean() < found.ci_high
    assert found.unit == "steps"


def test_what_cannot_be_told_is_nan_and_flagged():
    endless = memory_lifetime(np.full(10, 3.0))
    assert np.isnan(endless.value)
    assert "outlives the series" in endless.flag
    assert np.isnan(memory_lifetime([3.0, np.nan, 0.1]).value)
    assert memory_lifetime([0.5, 0.2]).value == 0
    assert memory_lifetime([3.0, -1.0]).value == pytest.approx(0.5)


def test_an_observer_sees_what_a_leaky_synapse_keeps():
    """w' = a w + xi: SNR(t) = sqrt(N (1 - a^2)) a^t, within 4 standard errors of the overlaps."""
    rng, decay, steps, count = np.random.default_rng(5), 0.8, 6000, 50
    stored = rng.choice([-1.0, 1.0], (steps, count))
    held, weights = np.zeros((steps, count)), np.zeros(count)
    for step, pattern in enumerate(stored):
        weights = decay * weights + pattern
        held[step] = weights
    ages = np.array([0, 3, 12])
    expected = np.sqrt(count * (1 - decay**2)) * decay**ages
    found = ideal_observer(held[100:], stored[100:], ages)
    # an overlap of so many numbers, and the spread that it is divided by
    error = np.sqrt(1 / steps + expected**2 / (2 * steps * count) * (1 + decay**2) / (1 - decay**2))
    assert (np.abs(found - expected) < 4 * error).all()


def test_learning_speed_is_that_of_the_mean_error():
    weights = 1 - np.array([0.9, 0.5]) ** np.arange(100)[:, None]
    found = initial_learning_speed(weights[:, None, :], final=1.0, deterministic=True)
    assert found.value == pytest.approx(-np.log(0.7))
    assert initial_learning_speed(1 - 0.0 ** np.arange(20), final=1.0).flag == "error gone at once"
    assert np.isnan(initial_learning_speed(np.ones(20)).value)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: retention([3.0, 1.0], [1.0, 1.0]), "times must rise"),
        (lambda: retention([3.0, 1.0], [1.0]), "one for each of 2 ratios"),
        (lambda: retention([3.0, 1.0], threshold=0.0), "threshold must be above 0"),
        (lambda: ideal_observer(np.ones((4, 2)), np.ones((4, 3)), [0]), "both have shape"),
        (lambda: ideal_observer(np.ones((4, 2)), np.ones((4, 2)), [4]), "ages must be from 0 to 3"),
    ],
)
def test_refuses_what_cannot_be(call, problem):
    with pytest.raises(ValueError, match=problem):
        call()
