"""Deep linear networks: numbers in print, integrated equations, and iteration in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from adaptsim.theory import deep_linear
from tests.theory.checks import printed

START = 1e-3
depths = st.integers(1, 6)
targets = st.floats(0.5, 5.0)
starts = st.floats(1e-4, 0.1)


@pytest.mark.parametrize(
    ("depth", "time"),
    [(1, ".692147"), (2, "3.453377"), (3, "9.144747"), (4, "15.529152"), (8, "29.749612")],
)
def test_plateaus_in_print(depth, time):
    found = deep_linear.learning_time(0.5, target=1.0, initial=START, depth=depth)
    assert found == printed(time)


@pytest.mark.parametrize(
    ("target", "time"), [(2.0, "1.900101"), (3.0, "1.334339"), (5.0, ".851699")]
)
def test_modes_in_print(target, time):
    assert deep_linear.learning_time(target / 2, target=target, initial=START) == printed(time)


@pytest.mark.parametrize(
    ("depth", "limit"), [(1, "2.000000"), (2, ".250000"), (3, ".104993"), (5, ".043528")]
)
def test_speed_limits_in_print(depth, limit):
    assert deep_linear.speed_limit(4.0, depth=depth) == printed(limit)


@given(target=targets, initial=starts, part=st.floats(0.01, 0.99))
def test_time_and_strength_are_inverse(target, initial, part):
    reached = initial + part * (target - initial)
    time = deep_linear.learning_time(reached, target=target, initial=initial)
    assert deep_linear.strength(time, target=target, initial=initial) == pytest.approx(reached)
    closed = math.log(reached * (target - initial) / (initial * (target - reached))) / (2 * target)
    assert time == pytest.approx(closed, rel=1e-9)


@given(target=targets, initial=starts, part=st.floats(0.01, 0.99))
def test_one_layer_is_a_bowl(target, initial, part):
    reached = initial + part * (target - initial)
    time = deep_linear.learning_time(reached, target=target, initial=initial, depth=1)
    assert time == pytest.approx(-math.log1p(-part), rel=1e-9)


@settings(max_examples=20)
@given(depth=depths, target=targets, initial=starts, pace=st.floats(0.1, 10.0))
def test_balanced_chain_is_a_mode(depth, target, initial, pace):
    """And a common factor of all rates is a unit of time."""
    weights = np.full(depth, initial ** (1 / depth))
    time = deep_linear.chain_time(target / 2, target=target, weights=weights, rates=pace)
    known = deep_linear.learning_time(target / 2, target=target, initial=initial, depth=depth)
    assert time * pace == pytest.approx(known, rel=1e-9)
    limit = deep_linear.chain_speed_limit(target, weights=weights, rates=pace)
    assert limit * pace == pytest.approx(deep_linear.speed_limit(target, depth=depth), rel=1e-9)


@settings(max_examples=20)
@given(st.lists(st.floats(0.02, 0.8), min_size=2, max_size=5))
def test_rates_that_match_the_weights_undo_their_inequality(weights):
    """An unbalanced chain then learns as the balanced one of the same product."""
    weights = np.array(weights)
    size, product = len(weights), float(np.prod(weights))
    rates = weights**2 / product ** (2 / size)
    time = deep_linear.chain_time(1.0, target=2.0, weights=weights, rates=rates)
    known = deep_linear.learning_time(1.0, target=2.0, initial=product, depth=size)
    assert time == pytest.approx(known, rel=1e-8)
    limit = deep_linear.chain_speed_limit(2.0, weights=weights, rates=rates)
    assert limit == pytest.approx(deep_linear.speed_limit(2.0, depth=size), rel=1e-9)


@pytest.mark.parametrize("rates", [(1.0, 1.0, 1.0), (1.0, 0.2, 3.0), (0.0, 1.0, 0.0)])
def test_chain_against_the_integrated_equations(rates):
    weights, target, rates = np.array([0.05, 0.4, 1.5]), 2.0, np.array(rates)

    def flow(_, a):
        return rates * np.prod(a) / a * (target - np.prod(a))

    def half(_, a):
        return np.prod(a) - target / 2

    half.terminal = True
    run = solve_ivp(flow, (0, 1e3), weights, events=half, rtol=1e-11, atol=1e-13)
    time = deep_linear.chain_time(target / 2, target=target, weights=weights, rates=rates)
    assert time == pytest.approx(run.t_events[0][0], rel=1e-8)
    ended = solve_ivp(flow, (0, 5e3), weights, "LSODA", rtol=1e-11, atol=1e-13).y[:, -1]
    assert deep_linear.chain_end(target, weights=weights, rates=rates) == pytest.approx(
        ended, rel=1e-8
    )
    # At the minimum the Hessian is that of a product: the outer product of target / weight.
    slopes = np.sqrt(rates) * target / ended
    curvature = np.linalg.eigvalsh(np.outer(slopes, slopes))[-1]
    limit = deep_linear.chain_speed_limit(target, weights=weights, rates=rates)
    assert limit == pytest.approx(2 / curvature, rel=1e-8)


def descended(depth, rate, target=1.0, reached=0.5):
    """Return after how many steps of descent a mode reaches a strength, between two steps."""
    weight, steps = START ** (1 / depth), 0
    while True:
        following = weight + rate * weight ** (depth - 1) * (target - weight**depth)
        if following**depth >= reached:
            low, high = weight**depth, following**depth
            # Between steps the distance that remains shrinks as in a bowl.
            part = math.log((target - low) / (target - reached))
            return steps + part / math.log((target - low) / (target - high))
        weight, steps = following, steps + 1


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_steps_are_right_to_second_order(depth):
    """What is left out is of the order of the rate, where the flow alone is wrong by a constant."""
    flow = deep_linear.learning_time(0.5, target=1.0, initial=START, depth=depth)
    for rate in (0.04, 0.02, 0.01, 0.005):
        found = descended(depth, rate)
        told = deep_linear.steps(0.5, target=1.0, initial=START, depth=depth, rate=rate)
        assert abs(found - told) < rate < 0.1 < abs(found - flow / rate)


@given(a=st.floats(0.01, 10), b=st.floats(0.01, 10), product=st.floats(0.01, 10))
def test_weak_layers_are_fast(a, b, product):
    ratio = deep_linear.layer_speed_ratio(a, b)
    assert ratio == pytest.approx((product / a) / (product / b))
    # What is conserved follows: a da = b db.
    assert a * ratio - b == pytest.approx(0, abs=1e-9)
    assert deep_linear.imbalance(a, b) == -deep_linear.imbalance(b, a)


def test_what_does_not_exist_is_nan():
    told = {"target": 1.0, "initial": 0.1}
    assert np.isnan(deep_linear.learning_time([0.05, 1.0, 1.2], **told, depth=2)).all()
    assert math.isnan(deep_linear.learning_time(0.5, target=1.0, initial=0.0))
    assert math.isnan(deep_linear.steps(0.5, **told, depth=2, rate=0.0))
    assert math.isnan(deep_linear.speed_limit(-1.0, depth=2))
    assert math.isnan(deep_linear.strength(1.0, target=1.0, initial=-0.1))
    assert math.isnan(deep_linear.chain_time(1.0, target=1.0, weights=[0.1]))


def test_wrong_chains_are_refused():
    with pytest.raises(ValueError, match="weights must be above 0"):
        deep_linear.chain_time(0.5, target=1.0, weights=[0.1, -0.1])
    with pytest.raises(ValueError, match="rates must be at least 0, one above it"):
        deep_linear.chain_end(1.0, weights=[0.1, 0.1], rates=[0.0, 0.0])
