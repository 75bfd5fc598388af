"""Closed forms of tracking an optimum that jumps."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import jumps
from adaptsim.theory._closed_form import Floats

from .checks import Array, agrees, printed, track

hazards = st.floats(0.001, 0.999)


def test_number() -> None:
    """The error on jumps comes to the number of the science sheet."""
    mse = jumps.tracking_mse(0.3, hazard=0.05, variance=1.0, observation_variance=0.25)
    assert mse == printed("0.219710")


def test_a_rate_that_is_off_costs_little() -> None:
    """Chances of .2 or .8 that swap every 35 steps: at the best gain, half and twice of it."""
    world: dict[str, Any] = {"hazard": 1 / 35, "variance": 0.09, "observation_variance": 0.16}
    best = float(jumps.telegraph_best_gain(**world))
    for share, expected in ((1.0, "0.04071"), (0.5, "0.04602"), (2.0, "0.04961")):
        assert jumps.telegraph_tracking_mse(share * best, **world) == printed(expected)


def slope_of_best_gain(hazard: Array) -> float:
    """Fit the power with which the best gain grows with the hazard."""
    best = jumps.best_gain(hazard=hazard, variance=1.0, observation_variance=1.0)
    return float(np.polyfit(np.log(hazard), np.log(best), 1)[0])


def test_square_root_law() -> None:
    """Memory grows nearly as the square root of the time between rare jumps."""
    assert slope_of_best_gain(np.logspace(-5, -3, 21)) == pytest.approx(0.4917, abs=2e-3)
    assert slope_of_best_gain(np.logspace(-3, -1, 21)) == pytest.approx(0.4107, abs=1e-2)
    rare = jumps.best_gain(hazard=1e-8, variance=1.0, observation_variance=2.0)
    assert rare == pytest.approx(math.sqrt(1e-8), rel=1e-3)


def simulated_errors(optimum: Array, noise: float, g: float, seed: int) -> tuple[Array, Array]:
    """Return the mean squared errors of each replicate, before and after the update."""
    rng = np.random.default_rng(seed)
    traits = track(optimum + rng.normal(0, math.sqrt(noise), optimum.shape), g)
    late = slice(200, None)
    before = (traits[:-1] - optimum)[late] ** 2
    after = (traits[1:] - optimum)[late] ** 2
    return before.mean(axis=0), after.mean(axis=0)


@pytest.mark.parametrize("g", [0.3, 1.3])
def test_jumps_by_simulation(g: float) -> None:
    """Simulated jumps to fresh values give the stated errors and autocorrelation."""
    rng = np.random.default_rng(5)
    fresh, jump = rng.normal(0, 1, (2200, 300)), rng.random((2200, 300)) < 0.05
    optimum = fresh.copy()
    for t in range(1, len(optimum)):
        optimum[t] = np.where(jump[t], fresh[t], optimum[t - 1])
    assert agrees(np.mean(optimum[1:] * optimum[:-1], axis=0), jumps.jump_correlation(0.05))
    before, after = simulated_errors(optimum, 0.25, g, seed=6)
    world: dict[str, Any] = {"hazard": 0.05, "variance": 1.0, "observation_variance": 0.25}
    assert agrees(before, jumps.tracking_mse(g, **world))
    assert agrees(after, jumps.tracking_mse(g, **world, convention="post-update"))


@pytest.mark.parametrize("hazard", [0.05, 0.8])
def test_telegraph_by_simulation(hazard: float) -> None:
    """A simulated telegraph gives the stated errors."""
    rng = np.random.default_rng(8)
    switch = rng.random((2200, 300)) < hazard
    start = rng.choice([-2.0, 2.0], 300)
    optimum = start * np.cumprod(np.where(switch, -1, 1), axis=0)
    before, after = simulated_errors(optimum, 0.25, 0.4, seed=9)
    world: dict[str, Any] = {"hazard": hazard, "variance": 4.0, "observation_variance": 0.25}
    assert agrees(before, jumps.telegraph_tracking_mse(0.4, **world))
    assert agrees(after, jumps.telegraph_tracking_mse(0.4, **world, convention="post-update"))


@given(hazard=hazards)
def test_telegraph_correlation_is_the_eigenvalue_of_its_chain(hazard: float) -> None:
    """The autocorrelation is the second eigenvalue of the two-state Markov chain."""
    chain = [[1 - hazard, hazard], [hazard, 1 - hazard]]
    smaller, larger = sorted(np.linalg.eigvalsh(chain))
    assert larger == pytest.approx(1)
    assert jumps.telegraph_correlation(hazard) == pytest.approx(smaller, abs=1e-12)


@given(hazard=st.floats(0.001, 0.49))
def test_a_telegraph_is_a_jump_process_of_twice_the_hazard(hazard: float) -> None:
    """Both have the same autocovariance, so the same errors and best gains."""
    world: dict[str, Any] = {"variance": 1.5, "observation_variance": 0.7}
    one = jumps.telegraph_tracking_mse(0.3, hazard=hazard, **world)
    two = jumps.tracking_mse(0.3, hazard=2 * hazard, **world)
    assert one == pytest.approx(two, rel=1e-9)
    best = jumps.telegraph_best_gain(hazard=hazard, **world)
    assert best == pytest.approx(jumps.best_gain(hazard=2 * hazard, **world), rel=1e-9)


@pytest.mark.parametrize("hazard", [0.001, 0.05, 0.3])
def test_best_gain_by_direct_minimisation(hazard: float) -> None:
    """A numerical minimiser finds the same gain."""
    world: dict[str, Any] = {"hazard": hazard, "variance": 1.0, "observation_variance": 0.5}

    def mse(g: Floats) -> Floats:
        return jumps.tracking_mse(g, **world)

    found = minimize_scalar(mse, bounds=(0, 1.99), method="bounded", options={"xatol": 1e-8})
    assert jumps.best_gain(**world) == pytest.approx(found.x, abs=1e-5)


@given(variance=st.floats(0.1, 5), noise=st.floats(0, 5))
def test_learning_stops_paying_at_the_critical_hazard(variance: float, noise: float) -> None:
    """Just below the critical hazard the best gain is positive, from it on it is 0."""
    world: dict[str, Any] = {"variance": variance, "observation_variance": noise}
    critical = float(jumps.critical_hazard(**world))
    assert jumps.best_gain(hazard=0.99 * critical, **world) > 0
    assert jumps.best_gain(hazard=1.01 * critical, **world) == 0


@pytest.mark.parametrize("hazard", [-0.1, 1.1])
def test_a_hazard_is_a_probability(hazard: float) -> None:
    """Other hazards give nan."""
    assert np.isnan(jumps.jump_correlation(hazard))
    assert np.isnan(jumps.telegraph_correlation(hazard))
    assert np.isnan(jumps.tracking_mse(0.3, hazard=hazard, variance=1.0))
    assert np.isnan(jumps.best_gain(hazard=hazard, variance=1.0))
