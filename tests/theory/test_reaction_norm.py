"""Closed forms of inherited plasticity, against least squares on series."""

import numpy as np
import pytest

from adaptsim.theory import quantitative_genetics, reaction_norm

from .checks import agrees

WORLD = {"variance": 0.8, "observation_variance": 0.3, "correlation": 0.7}


def test_error_and_best_slope_are_those_of_seen_and_met_optima() -> None:
    """Normal optima of a given correlation, noisily seen: error and regression within chance."""
    v, r, rho = WORLD.values()
    rng = np.random.default_rng(1)
    met, other, blur = rng.standard_normal((3, 20, 5000))
    cue = v**0.5 * (rho * met + (1 - rho**2) ** 0.5 * other) + r**0.5 * blur
    met = v**0.5 * met
    for slope in (0.0, 0.4, 1.2):
        errors = ((slope * cue - met) ** 2).mean(axis=1)
        assert agrees(errors, reaction_norm.tracking_mse(slope, **WORLD))
    fitted = (cue * met).sum(axis=1) / (cue**2).sum(axis=1)
    assert agrees(fitted, reaction_norm.best_slope(**WORLD))


def test_a_sine_seen_a_step_ago_without_chance() -> None:
    """V = A^2/2 and rho = cos w over whole periods."""
    omega, slope = 2 * np.pi / 20, 0.6
    wave = np.sin(omega * np.arange(21))
    error = ((slope * wave[:-1] - wave[1:]) ** 2).mean()
    told = reaction_norm.tracking_mse(slope, variance=0.5, correlation=np.cos(omega))
    assert told == pytest.approx(error, rel=1e-12)


def test_at_best_the_error_is_what_the_cue_leaves_unexplained() -> None:
    """V (1 - r^2), r the correlation of cue and optimum; any other slope is worse."""
    v, r, rho = WORLD.values()
    best = reaction_norm.best_slope(**WORLD)
    left = v * (1 - rho**2 * v / (v + r))
    assert reaction_norm.tracking_mse(best, **WORLD) == pytest.approx(left, rel=1e-12)
    for other in (best - 0.01, best + 0.01):
        assert reaction_norm.tracking_mse(other, **WORLD) > left


def test_slopes_are_a_trait_under_gaussian_selection() -> None:
    """exp(-(s/2) MSE) falls from its best as a normal density of the width that is used."""
    s, (v, r, _) = 20.0, WORLD.values()
    best = reaction_norm.best_slope(**WORLD)
    lost = s / 2 * (reaction_norm.tracking_mse(best + 0.1, **WORLD)
                    - reaction_norm.tracking_mse(best, **WORLD))  # fmt: skip
    width = (0.1**2 / (2 * lost)) ** 0.5
    told = reaction_norm.slope_variance(
        mutation_variance=1e-4, selection=s, variance=v, observation_variance=r, size=100
    )
    assert told == pytest.approx(
        quantitative_genetics.genetic_variance(mutation_variance=1e-4, width=width, size=100)
    )
