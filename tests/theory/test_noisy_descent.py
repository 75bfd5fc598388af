"""Noisy descent at finite learning rates by its transition probabilities."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import zeta

from adaptsim.theory import escape, noisy_descent, temperature
from adaptsim.theory.boltzmann import Boltzmann

from .checks import printed


def wells(x: np.ndarray) -> np.ndarray:
    return (x**2 - 1) ** 2 / 4


def slope(x: np.ndarray) -> np.ndarray:
    return x**3 - x


def square(x: np.ndarray) -> np.ndarray:
    return x**2


INSIDE: dict[str, Any] = {"low": -2.6, "high": 2.6}
SPREAD = {
    0.2: "0.84364454",
    0.1: "0.85929459",
    0.05: "0.86564568",
    0.025: "0.86857307",
    0.0125: "0.86998410",
}


def spread(eta: float) -> float:
    return noisy_descent.unadjusted(slope, eta, 0.1, **INSIDE).mean(square)


@pytest.mark.parametrize("eta", SPREAD)
def test_spread_of_the_table(eta: float) -> None:
    assert spread(eta) == printed(SPREAD[eta])


def test_large_steps_are_lost_over_the_edge() -> None:
    """At eta 0.4 walks are lost beyond sqrt(6) at 9e-8 a step: nothing rests there for ever.

    The spread of those that remain depends on the interval in its 7th digit. The table's
    0.78860174 is that of rows made to sum to one on 1201 equal places.
    """
    chain = noisy_descent.unadjusted(slope, 0.4, 0.1, **INSIDE)
    assert chain.escape_probability == pytest.approx(8.861e-8, rel=1e-3)
    assert chain.mean(square) == pytest.approx(0.78860174, abs=2e-6)
    x = np.linspace(-2.6, 2.6, 1201)
    moves = np.exp(-((x - (x - 0.4 * slope(x))[:, None]) ** 2) / 0.16)
    closed = noisy_descent.Chain(x, moves / moves.sum(axis=1, keepdims=True), np.ones_like(x))
    assert closed.mean(square) == printed("0.78860174")
    assert abs(closed.escape_probability) < 1e-14


def test_bias_is_of_first_order() -> None:
    exact = Boltzmann(wells, 0.1).mean(square)
    bias = [exact - spread(eta) for eta in (0.4, *SPREAD)]
    ratios = [one / half for one, half in itertools.pairwise(bias)]
    assert [round(ratio, 2) for ratio in ratios] == [2.99, 2.30, 2.11, 2.05, 2.02]


@pytest.mark.parametrize(("eta", "acceptance"), [(0.4, "0.8493"), (0.1, "0.9789")])
def test_metropolis_rests_as_boltzmann_says(eta: float, acceptance: str) -> None:
    chain = noisy_descent.metropolis(wells, slope, eta, 0.1, **INSIDE)
    assert chain.mean(square) == pytest.approx(Boltzmann(wells, 0.1).mean(square), rel=1e-12)
    assert chain.acceptance == printed(acceptance)
    assert abs(chain.escape_probability) < 1e-13


@settings(deadline=None, max_examples=20)
@given(reach=st.floats(0.1, 1.7), warmth=st.floats(0.1, 10))
def test_quadratic_is_the_closed_form(reach: float, warmth: float) -> None:
    """The kernel knows nothing of the closed form of a quadratic."""
    noise = float(temperature.noise_of(warmth, learning_rate=reach))
    expected = temperature.stationary_variance(reach, curvature=1.0, noise=noise)
    far = 9 * np.sqrt(expected)
    chain = noisy_descent.unadjusted(lambda x: x, reach, warmth, low=-far, high=far)
    assert chain.mean(square) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("eta", [0.02, 0.1, 0.25])
def test_virial_identity_at_finite_steps(eta: float) -> None:
    """<x U'> - eta <U'^2> / 2 = T exactly; without the last term it is too large."""
    chain = noisy_descent.unadjusted(slope, eta, 0.1, **INSIDE)
    plain = chain.mean(lambda x: x * slope(x))
    assert plain - eta / 2 * chain.mean(lambda x: slope(x) ** 2) == pytest.approx(0.1, abs=1e-10)
    assert plain > 0.1 + eta * 0.05


@pytest.mark.parametrize(
    ("eta", "time"), [(0.2, 665.0), (0.1, 705.5), (0.05, 719.5), (0.025, 725.1)]
)
def test_time_across_of_the_table(eta: float, time: float) -> None:
    steps = noisy_descent.mean_exit_steps(slope, eta, 0.05, start=-1.0, low=-2.6, high=1.0)
    assert eta * steps == pytest.approx(time, abs=0.05)


@pytest.mark.parametrize(("eta", "steps"), [(0.1, 7055), (0.125, 2125), (0.16, 711), (0.2, 309)])
def test_learning_rate_as_temperature(eta: float, steps: float) -> None:
    """Noise 1 on the slope at every learning rate: the temperature is eta / 2."""
    found = noisy_descent.mean_exit_steps(slope, eta, eta / 2, start=-1.0, low=-2.6, high=1.0)
    assert found == pytest.approx(steps, abs=0.5)


def test_small_steps_take_the_continuous_time() -> None:
    """As if the target were farther by -zeta(1/2)/sqrt(2 pi) standard deviations of a step.

    That is how far a walk in steps overshoots (Chernoff; Siegmund); the rest is of first order.
    """
    etas = (0.01, 0.005, 0.0025)
    rest = []
    for eta in etas:
        beyond = 1 - zeta(0.5) / math.sqrt(2 * math.pi) * math.sqrt(2 * eta * 0.1)
        time = escape.mean_first_passage_time(wells, 0.1, start=-1.0, target=beyond)
        steps = noisy_descent.mean_exit_steps(slope, eta, 0.1, start=-1.0, low=-2.6, high=1.0)
        rest.append(eta * steps - time)
    assert rest[0] / rest[1] == pytest.approx(2, rel=0.05)
    assert rest[1] / rest[2] == pytest.approx(2, rel=0.03)


def test_survival_adds_up_to_the_mean() -> None:
    """The mean number of steps is the sum of the probabilities of being inside still."""
    exact = noisy_descent.mean_exit_steps(slope, 0.2, 0.1, start=-1.0, low=-2.6, high=1.0)
    inside = noisy_descent.survival(slope, [0.2] * 1500, 1.0, start=-1.0, low=-2.6, high=1.0)
    tail = inside[-1] / (1 - inside[-1] / inside[-2])
    assert inside[:-1].sum() + tail == pytest.approx(exact, rel=1e-8)
    assert (np.diff(inside) <= 1e-15).all()


def test_survival_follows_the_learning_rate() -> None:
    """A change of rate acts from the step that is made with it."""
    first, later = [0.05] * 100, [0.4] * 100
    calm = noisy_descent.survival(slope, first * 2, 1.0, start=-1.0, low=-2.6, high=0.0)
    wild = noisy_descent.survival(slope, first + later, 1.0, start=-1.0, low=-2.6, high=0.0)
    np.testing.assert_allclose(wild[:101], calm[:101], atol=1e-14)
    assert wild[101] < calm[101]
    assert wild[-1] < 0.5 < calm[-1]


def test_impossible_requests_are_refused() -> None:
    at: dict[str, Any] = {"low": -1.0, "high": 1.0}
    with pytest.raises(ValueError, match="learning_rate must be above 0; got 0"):
        noisy_descent.unadjusted(slope, 0.0, 0.1, **at)
    with pytest.raises(ValueError, match="low must lie below high, both finite"):
        noisy_descent.unadjusted(slope, 0.1, 0.1, low=-np.inf, high=1.0)
    with pytest.raises(ValueError, match=r"start must lie inside \(-1, 1\); got 2"):
        noisy_descent.mean_exit_steps(slope, 0.1, 0.1, start=2.0, **at)
