"""Environments whose course is drawn."""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import linalg, stats  # type: ignore[import-untyped, unused-ignore]

from adaptsim.environments import (
    AutoRegressive,
    Environment,
    Jumps,
    OrnsteinUhlenbeck,
    RandomWalk,
    Stationary,
    Telegraph,
    WhiteNoise,
)
from adaptsim.part import WrongField

from .courses import Numbers, agrees, course, courses

STATIONARY: list[tuple[Stationary, float, float]] = [
    (WhiteNoise(variance=4.0, mean=1.0), 4.0, 0.0),
    (AutoRegressive(variance=2.0, correlation=0.8, mean=-3.0), 2.0, 0.8),
    (AutoRegressive(variance=0.5, correlation=-0.6), 0.5, -0.6),
    (
        OrnsteinUhlenbeck(variance=3.0, correlation_time=4.0, step_length=0.5, mean=2.0),
        3.0,
        math.exp(-0.125),
    ),
    (Telegraph(amplitude=1.5, hazard=0.1, mean=0.5), 2.25, 0.8),
    (Jumps(hazard=0.2, variance=2.0, mean=5.0), 2.0, 0.8),
]
each = pytest.mark.parametrize(("environment", "variance", "correlation"), STATIONARY)
STEPS, REPLICATES = 100, 2000


@functools.cache
def deviations(place: int) -> Numbers:
    """Return many deviations from the mean, shape ``(REPLICATES, STEPS)``."""
    environment = STATIONARY[place][0]
    return courses(environment, STEPS, REPLICATES, seed=place)[..., 0] - environment.mean


@each
def test_what_it_says_of_itself(
    environment: Stationary, variance: float, correlation: float
) -> None:
    """The formulas for theory are those of its fields."""
    assert float(environment.stationary_variance()) == pytest.approx(variance, rel=1e-15)
    assert float(environment.lag_one_correlation()) == pytest.approx(correlation, abs=1e-15)
    assert environment.rest().tolist() == [environment.mean]
    assert environment.random
    assert environment.probe == "fluctuation"


@pytest.mark.parametrize("place", range(len(STATIONARY)))
def test_moments(place: int) -> None:
    """Mean, variance, and covariance at lags 1 and 3 are as claimed, from the first step on."""
    environment, variance, correlation = STATIONARY[place]
    x = deviations(place)
    assert agrees(x.mean(axis=1), 0.0)
    if not isinstance(environment, Telegraph):  # whose square is always the same
        assert agrees((x**2).mean(axis=1), variance)
        assert agrees(x[:, 0] ** 2, variance)
        assert agrees(x[:, -1] ** 2, variance)
    for lag in (1, 3):
        product = x[:, lag:] * x[:, :-lag] - correlation**lag * x[:, :-lag] ** 2
        assert agrees(product.mean(axis=1), 0.0)


@pytest.mark.parametrize("place", [0, 1, 3, 5])
def test_normal_law(place: int) -> None:
    """First and last values follow the normal law (p above 1e-4)."""
    spread = math.sqrt(STATIONARY[place][1])
    for column in (0, -1):
        assert stats.kstest(deviations(place)[:, column] / spread, "norm").pvalue > 1e-4


def test_telegraph_has_two_values() -> None:
    """Both values occur, each as often, and the sign changes at the hazard."""
    x = deviations(4)
    assert set(np.round(np.unique(x), 12)) == {-1.5, 1.5}
    assert agrees((x[:, 0] > 0).astype(float), 0.5)
    assert agrees((x[:, 1:] != x[:, :-1]).mean(axis=1), 0.1)
    certain = course(Telegraph(hazard=1.0), 6)[:, 0]
    np.testing.assert_array_equal(certain[1:], -certain[:-1])


def test_jumps_at_the_hazard() -> None:
    """A value lasts until a jump, which comes with the hazard; without hazard it lasts for good."""
    x = deviations(5)
    assert agrees((x[:, 1:] != x[:, :-1]).mean(axis=1), 0.2)
    assert np.unique(course(Jumps(hazard=0.0), 20)).size == 1


def test_random_walk() -> None:
    """Every run starts at one place; increments are independent, of the drift variance."""
    walk = RandomWalk(drift_variance=0.25, start_at=3.0)
    x = courses(walk, 50, 2000)[..., 0]
    assert (x[:, 0] == 3.0).all()
    increments = np.diff(x, axis=1)
    assert agrees(increments.mean(axis=1), 0.0)
    assert agrees((increments**2).mean(axis=1), 0.25)
    assert agrees((increments[:, 1:] * increments[:, :-1]).mean(axis=1), 0.0)
    assert agrees((x[:, -1] - 3.0) ** 2, 49 * 0.25)
    assert walk.rest().tolist() == [3.0]
    assert walk.random


@pytest.mark.parametrize("step_length", [1e-6, 0.3, 40.0])
def test_ornstein_uhlenbeck_step_is_exact(step_length: float) -> None:
    """One step has the conditional mean and variance of the process, whatever its length.

    Both come from the matrix exponential of the drift and Van Loan's integral, by scipy.
    """
    rate, variance = 1 / 7.0, 2.0
    block = np.array([[rate, 2 * variance * rate], [0.0, -rate]]) * step_length
    whole = linalg.expm(block)
    kept, added = whole[1, 1], whole[1, 1] * whole[0, 1]
    weather = OrnsteinUhlenbeck(variance=variance, correlation_time=7.0, step_length=step_length)
    key = jax.random.key(3)
    from_zero = weather.advance(jnp.zeros(1), jnp.asarray(0.0), key)
    from_one = weather.advance(jnp.ones(1), jnp.asarray(0.0), key)
    drawn = jax.random.normal(key, (1,), dtype=float)
    np.testing.assert_allclose(from_zero, drawn * math.sqrt(added), rtol=1e-12)
    np.testing.assert_allclose(from_one - from_zero, kept, rtol=1e-9)


def test_long_steps_and_short_steps_agree() -> None:
    """Two steps of an OU process are, in law, one of double length: variances add up exactly."""
    short = OrnsteinUhlenbeck(correlation_time=5.0, step_length=1.0)
    long = OrnsteinUhlenbeck(correlation_time=5.0, step_length=2.0)
    phi = short.lag_one_correlation()
    assert float(long.lag_one_correlation()) == pytest.approx(float(phi**2), rel=1e-14)


ALL: list[Environment] = [*(one[0] for one in STATIONARY), RandomWalk(drift_variance=1.0)]


@pytest.mark.parametrize("environment", ALL, ids=lambda one: type(one).__name__)
def test_same_seed_same_course(environment: Environment) -> None:
    """A seed gives one course, alone or in a batch; another seed gives another."""
    first = course(environment, STEPS, seed=7)
    np.testing.assert_array_equal(first, course(environment, STEPS, seed=7))
    assert (first != course(environment, STEPS, seed=8)).any()
    both = courses(environment, STEPS, REPLICATES, seed=7)
    assert both.shape == (REPLICATES, STEPS, 1)
    assert np.unique(both[:, -1, 0]).size > 1


def test_whole_numbers_are_as_good() -> None:
    """A cue is of float64, however its fields were written."""
    for environment in (Telegraph(amplitude=2, mean=1), Jumps(mean=1, variance=4, hazard=1)):
        assert course(environment, 3).dtype == np.float64


@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        (AutoRegressive, {"correlation": 1.0}, "must be below 1 .* use RandomWalk"),
        (AutoRegressive, {"correlation": np.array([0.5, 1.0])}, "must be below 1"),
        (AutoRegressive, {"correlation": -1.0}, "must be above -1"),
        (AutoRegressive, {"variance": -1.0}, "must be at least 0"),
        (OrnsteinUhlenbeck, {"correlation_time": 0.0}, "must be above 0"),
        (OrnsteinUhlenbeck, {"step_length": 0.0}, "must be above 0"),
        (Telegraph, {"hazard": 1.5}, "must be at most 1"),
        (Jumps, {"hazard": -0.5}, "must be at least 0"),
        (RandomWalk, {"drift_variance": -1.0}, "must be at least 0"),
    ],
)
def test_refuses(kind: type[Environment], wrong: dict[str, Any], words: str) -> None:
    """Values without a process are refused by name."""
    with pytest.raises(WrongField, match=f"{kind.__name__}.{next(iter(wrong))} {words}"):
        kind(**wrong)


def test_own_stationary_environment_must_say_what_theory_needs() -> None:
    """A subclass that leaves out a formula says so when it is asked."""

    class Silent(Stationary):
        pass

    with pytest.raises(NotImplementedError, match=r"Silent must define stationary_variance"):
        Silent().stationary_variance()
    with pytest.raises(NotImplementedError, match=r"Silent must define lag_one_correlation"):
        Silent().lag_one_correlation()
