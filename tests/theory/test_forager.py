"""Closed forms of a predator that learns its preference."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp  # type: ignore[import-untyped, unused-ignore]
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import forager

from .checks import agrees, printed, track

values = st.floats(0.1, 10)
exponents = st.floats(0, 0.8)


def test_numbers_of_a_slow_cycle() -> None:
    """Rate .2, period 50, amplitude 1."""
    omega = 2 * math.pi / 50
    assert forager.preference_lag(0.2, omega) == printed("4.464154")
    assert forager.logit_amplitude(0.2, omega, amplitude=1.0) == printed("0.846733")
    highest = float(forager.highest_preference(0.2, omega, amplitude=1.0))
    assert highest == printed("0.699881")
    assert 1 - highest == printed("0.300119")
    assert forager.mean_square_mismatch(0.2, omega, amplitude=1.0) == printed("0.141522")


def test_numbers_of_a_switching_predator() -> None:
    """Rate .05, period 100, amplitude 1.2, exponent 2; and rate 1, period 24."""
    omega = 2 * math.pi / 100
    cycle = {"amplitude": 1.2, "exponent": 2.0}
    assert forager.preference_lag(0.05, omega) == printed("14.302254")
    assert forager.logit_amplitude(0.05, omega, **cycle) == printed("1.494425")
    assert forager.highest_preference(0.05, omega, **cycle) == printed("0.816741")
    assert forager.preference_lag(1.0, 2 * math.pi / 24) == printed("0.978050")


def test_numbers_of_targets() -> None:
    """Best preferences and the local rate come to the numbers of the science sheet."""
    for q, pair, expected in ((0.5, (2.0, 1.0), "0.8"), (0.25, (1.0, 3.0), "0.187732")):
        exponent = forager.matching_exponent(q)
        assert forager.target_preference(*pair, exponent=exponent) == printed(expected)
    rate = forager.intake_gradient_rate(0.4, 1.0, 1.0, effort_exponent=0.5)
    assert rate == printed("0.141421")


@given(v1=values, v2=values, q=st.floats(0.05, 0.8))
def test_target_maximises_intake(v1: float, v2: float, q: float) -> None:
    """A numerical maximiser of intake, working on the logit, finds the target."""

    def loss(logit: float) -> float:
        u = 1 / (1 + math.exp(-logit))
        return -float(v1 * u**q + v2 * (1 - u) ** q)

    found = minimize_scalar(loss, bounds=(-30, 30), method="bounded", options={"xatol": 1e-9})
    exponent = forager.matching_exponent(q)
    target = forager.target_preference(v1, v2, exponent=exponent)
    assert target == pytest.approx(1 / (1 + math.exp(-found.x)), abs=1e-5)
    logit = forager.target_logit(v1, v2, exponent=exponent)
    assert target == pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-9)


@pytest.mark.parametrize(("rate", "exponent"), [(0.2, 1.0), (0.05, 2.0), (1.5, 1.3)])
def test_cycle_by_integration(rate: float, exponent: float) -> None:
    """An integrated preference has the stated swing, mismatch and crossing of 1/2."""
    omega, amplitude = 0.15, 0.9
    period = 2 * math.pi / omega
    start = period * math.ceil(20 / (rate * period))
    time = np.linspace(start, start + period, 4001)

    def best(t: float) -> float:
        ratio = math.exp(amplitude * math.sin(omega * t))
        return float(forager.target_logit(ratio, 1.0, exponent=exponent))

    path = solve_ivp(
        lambda t, logit: rate * (best(t) - logit),
        (0, start + period),
        [0.0],
        t_eval=time,
        rtol=1e-9,
        atol=1e-12,
        max_step=period / 50,
    ).y[0]
    cycle = {"amplitude": amplitude, "exponent": exponent}
    swing = forager.logit_amplitude(rate, omega, **cycle)
    assert path.max() == pytest.approx(swing, rel=1e-5)
    highest = forager.highest_preference(rate, omega, **cycle)
    assert (1 / (1 + np.exp(-path))).max() == pytest.approx(highest, rel=1e-5)
    mismatch = np.array([best(t) for t in time]) - path
    expected = forager.mean_square_mismatch(rate, omega, **cycle)
    assert np.mean(mismatch[:-1] ** 2) == pytest.approx(expected, rel=1e-5)
    rising = int(np.flatnonzero((path[:-1] < 0) & (path[1:] >= 0))[0])
    fraction = -path[rising] / (path[rising + 1] - path[rising])
    crossing = time[rising] + fraction * (time[1] - time[0]) - start
    assert crossing == pytest.approx(forager.preference_lag(rate, omega), rel=1e-4)


@given(v1=values, v2=values, q=st.floats(0.1, 0.7))
def test_intake_gradient_rate_is_the_local_slope(v1: float, v2: float, q: float) -> None:
    """The rate is minus the numerical slope of dl/dt at the best preference."""
    rate = 0.7
    exponent = forager.matching_exponent(q)
    best = float(forager.target_logit(v1, v2, exponent=exponent))

    def speed(logit: float) -> float:
        u, rest = 1 / (1 + math.exp(-logit)), 1 / (1 + math.exp(logit))
        return float(rate * q * (v1 * u ** (q - 1) - v2 * rest ** (q - 1)))

    slope = (speed(best + 1e-5) - speed(best - 1e-5)) / 2e-5
    found = forager.intake_gradient_rate(rate, v1, v2, effort_exponent=q)
    assert found == pytest.approx(-slope, rel=1e-5)


@given(value=values, q=exponents)
def test_intake_gradient_rate_for_equal_prey(value: float, q: float) -> None:
    """For equal values the rate is ``rate q (1-q) v 2**(1-q)``."""
    found = forager.intake_gradient_rate(0.4, value, value, effort_exponent=q)
    assert found == pytest.approx(0.4 * q * (1 - q) * value * 2 ** (1 - q), rel=1e-9)


def test_matching_needs_concave_intake() -> None:
    """Exponent 0 of effort is matching; from 1 on there is no inner best preference."""
    assert forager.matching_exponent(0.0) == 1
    assert np.isnan(forager.matching_exponent(1.0))
    assert forager.prey_value(4.0, conversion=0.5, attack_rate=1.5) == 3


def test_count_noise_by_simulation() -> None:
    """A moving average of Poisson counts has the stated variance."""
    counts = np.random.default_rng(4).poisson(1.5 * 2.0 * 0.5, (1500, 300)).astype(float)
    average = track(counts, 0.25, start=1.5)[100:]
    expected = forager.count_noise_variance(0.25, attack_rate=1.5, density=2.0, dt=0.5)
    assert agrees(np.mean((average - 1.5) ** 2, axis=0), expected)
    assert agrees(average.mean(axis=0), 1.5)
