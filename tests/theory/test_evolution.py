"""Closed forms of evolving learning rates."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import autoregressive, evolution, jumps, ornstein_uhlenbeck

from .checks import printed


@pytest.mark.parametrize(
    ("correlation", "noise", "expected"),
    [(0.95, 0.5, "0.318704"), (0.99, 1.0, "0.122648"), (0.4, 1.0, "0.000000")],
)
def test_without_cost_the_best_gain_wins(correlation: float, noise: float, expected: str) -> None:
    """The winner comes to the numbers of the science sheet."""
    found = evolution.autoregressive_gain(
        variance=1.0, correlation=correlation, observation_variance=noise
    )
    assert found == printed(expected)


@pytest.mark.parametrize("cost", [0.1, 1.0, 5.0])
def test_with_cost_the_slopes_balance(cost: float) -> None:
    """At the winner the slope of (s/2) MSE, by hand, is minus the cost."""
    v, phi, r, s = 1.0, 0.95, 0.5, 20.0

    def slope(g: float) -> float:
        inside = 2 * v * (1 - phi) / (1 - (1 - g) * phi)
        return (
            s / 2 * ((-inside * phi / (1 - (1 - g) * phi) + r) / (2 - g)
                     + (inside + g * r) / (2 - g) ** 2) + cost
        )  # fmt: skip

    found = evolution.autoregressive_gain(
        variance=v, correlation=phi, observation_variance=r, selection=s, cost=cost
    )
    assert found == pytest.approx(brentq(slope, 1e-9, 1.0, xtol=1e-14), rel=1e-6)


def test_too_dear_a_rate_is_lost() -> None:
    """A cost above the gain from any learning leaves no learner; an undefined error no answer."""
    world = {"variance": 1.0, "correlation": 0.95, "observation_variance": 0.5}
    assert evolution.autoregressive_gain(**world, selection=1.0, cost=50.0) == 0.0
    assert np.isnan(evolution.evolved_gain(lambda g: np.full_like(g, np.nan)))


@pytest.mark.parametrize("gamma", [0.01, 0.1, 0.5, 1.5, 1.99])
def test_wandering_rate_is_the_least(gamma: float) -> None:
    """The winner behind an OU optimum minimises error and price together."""
    price = evolution.price_of_rate(noise_intensity=0.5, cost=0.5, selection=4.0)

    def dearness(rate: float) -> float:
        mse = ornstein_uhlenbeck.tracking_mse(rate, reversion_rate=gamma, variance=1.0)
        return float(mse) + float(price) * rate

    found = minimize_scalar(dearness, bounds=(0, 5), method="bounded", options={"xatol": 1e-12}).x
    rate = evolution.wandering_rate(reversion_rate=gamma, variance=1.0, price=price)
    assert rate == pytest.approx(found, abs=1e-6)


def test_wandering_rate_is_hump_shaped_and_vanishes_without_a_jump() -> None:
    """At most V / (4 k), at V / (4 k); zero, and nearly zero just before, at V / k."""
    gamma, k = np.linspace(0, 3, 30_001), 0.5
    rate = np.asarray(evolution.wandering_rate(reversion_rate=gamma, variance=1.0, price=k))
    assert rate.max() == pytest.approx(1 / (4 * k), rel=1e-9)
    assert gamma[rate.argmax()] == pytest.approx(1 / (4 * k), rel=1e-3)
    assert (rate[gamma >= 1 / k] == 0).all()
    assert 0 < rate[gamma < 1 / k - 1e-9][-1] < 1e-4


@pytest.mark.parametrize(
    ("omega", "expected"), [(0.05, "0.1608"), (0.2, "0.3602"), (0.4, "0.4827")]
)
def test_rate_behind_a_sine_numbers(omega: float, expected: str) -> None:
    """Rates come to the numbers of the science sheet, and are the least of all rates."""
    rate = evolution.tone_rate(omega, price=0.5)
    assert rate == printed(expected)
    rates = np.linspace(0, 3, 300_001)
    dear = np.asarray(evolution.tone_price(rates, omega, price=0.5))
    assert rates[dear.argmin()] == pytest.approx(rate, abs=1.1e-5)


def test_plasticity_is_lost_by_a_jump_with_hysteresis() -> None:
    """Edge .5 (where the rate is w), metastable to .649519: a local minimum up to there only."""
    assert evolution.edge_omega(price=0.5) == 0.5
    assert evolution.metastable_omega(price=0.5) == printed("0.649519")
    assert evolution.learner_rate(0.5, price=0.5) == pytest.approx(0.5, rel=1e-9)
    rates = np.linspace(1e-3, 2, 200_001)
    for omega, exists in ((0.51, True), (0.6495, True), (0.6496, False), (0.7, False)):
        dear = np.asarray(evolution.tone_price(rates, omega, price=0.5))
        inside = (dear[1:-1] < dear[:-2]) & (dear[1:-1] < dear[2:])
        assert inside.any() == exists, omega
        assert np.isfinite(evolution.learner_rate(omega, price=0.5)) == exists, omega
        assert dear[0] < dear[1] or omega < 0.5
        assert evolution.tone_rate(omega, price=0.5) == 0


def test_slow_sines_want_the_cube_root() -> None:
    """The rate is about (A^2 w^2 / k)^(1/3) for slow sines."""
    rate = evolution.learner_rate(1e-6, amplitude=2.0, price=0.3)
    assert rate == pytest.approx((4 * 1e-12 / 0.3) ** (1 / 3), rel=1e-3)


@pytest.mark.parametrize(("low", "high", "slope"), [(1e-5, 1e-3, "0.4917"), (1e-3, 1e-1, "0.4107")])
def test_square_root_law(low: float, high: float, slope: str) -> None:
    """Fitted exponents come to the numbers of the science sheet."""
    hazard = np.geomspace(low, high, 9)
    gains = jumps.best_gain(hazard=hazard, variance=1.0, observation_variance=1.0)
    assert evolution.scaling_exponent(hazard, gains) == printed(slope)


def test_square_root_law_is_the_limit() -> None:
    """For rare jumps the best gain is sqrt(2 V h / R)."""
    world = {"hazard": 1e-10, "variance": 2.0, "observation_variance": 0.5}
    assert evolution.rare_jump_gain(**world) == pytest.approx(jumps.best_gain(**world), rel=1e-4)


@pytest.mark.parametrize(
    ("steps", "gain"), [(35, "0.172530"), (120, "0.112514"), (1000, "0.044388")]
)
def test_volatility_numbers(steps: int, gain: str) -> None:
    """Chances of .2 or .8 that swap: gains come to the numbers of the science sheet."""
    found = jumps.telegraph_best_gain(hazard=1 / steps, variance=0.09, observation_variance=0.16)
    assert found == printed(gain)


def test_loaded_gain_of_a_straight_slope() -> None:
    """Under log fitness -c g and small mutations the balance is that of an eigenproblem."""

    def told(g):  # type: ignore[no-untyped-def]
        return -10 * np.asarray(autoregressive.tracking_mse(
            g, variance=1.0, correlation=0.95, observation_variance=0.5))  # fmt: skip

    mean, variance = evolution.loaded_gain(told, mutation=0.05, points=200)
    logs = np.linspace(np.log(1e-4), np.log(2.0), 200)
    gains = np.exp(logs)
    spread = np.exp(-0.5 * ((gains[:, None] / gains - 1) / 0.05) ** 2) * gains[:, None] / gains
    fitness = np.nan_to_num(np.exp(told(gains)))
    values, vectors = np.linalg.eig(spread / spread.sum(axis=0) * fitness)
    shares = np.abs(vectors[:, np.argmax(values.real)].real)
    shares /= shares.sum()
    assert mean == pytest.approx((shares * gains).sum(), rel=1e-6)
    assert variance == pytest.approx((shares * gains**2).sum() - mean**2, rel=1e-5)
    assert 0.310 < mean < 0.3187


def test_the_load_vanishes_with_mutation() -> None:
    """For small mutations the shift of the mean is near -mu / sqrt(curvature), by expansion."""
    curvature = 100.0

    def told(g):  # type: ignore[no-untyped-def]
        return -curvature / 2 * (g - 0.5) ** 2

    for mutation in (0.04, 0.02, 0.01):
        mean, variance = evolution.loaded_gain(
            told, mutation=mutation, lowest=0.25, highest=0.9, points=500
        )
        assert mean - 0.5 == pytest.approx(-mutation / curvature**0.5, rel=0.2)
        assert variance == pytest.approx(0.5 * mutation / curvature**0.5, rel=0.2)
