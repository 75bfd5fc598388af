"""Ends of walks against maps whose attractors are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.comparison import Outcome, classify


def cubic(eta, steps=20_000, tail=256, start=0.2):
    """Descend x^2/2 - x^3/3, which is the logistic map with r = 1 + eta; return the tail."""
    x, kept = np.broadcast_to(start, np.shape(eta)).astype(float).copy(), []
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            x = x - eta * (x - x**2)
            if step >= steps - tail:
                kept.append(x)
    return np.stack(kept, axis=-1)[..., None]


def well(eta, start, steps=5000, tail=256):
    """Descend (x^2 - 1)^2 / 4 from a start; return the tail."""
    x, kept = np.asarray(start, dtype=float), []
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            x = x - eta * (x**3 - x)
            if step >= steps - tail:
                kept.append(x)
    return np.stack(kept, axis=-1)[..., None]


# Thresholds of period doubling 2, sqrt(6), 2.544090, 2.564407, 2.568759; period 3 from sqrt(8);
# chaos to 3, then divergence (May 1976; the logistic map with r = 1 + eta).
KNOWN = [
    (0.5, "converged", 1),
    (1.9, "converged", 1),
    (2.1, "cycling", 2),
    (2.44, "cycling", 2),
    (2.46, "cycling", 4),
    (2.55, "cycling", 8),
    (2.5665, "cycling", 16),
    (2.5691, "cycling", 32),
    (2.84, "cycling", 3),
    (2.7389, "cycling", 5),
    (2.7, "chaotic", 0),
    (2.95, "chaotic", 0),
    (2.999, "chaotic", 0),
    (3.05, "diverged", 0),
]


def test_the_route_to_chaos_of_the_logistic_map():
    found = classify(cubic(np.array([eta for eta, _, _ in KNOWN])))
    assert list(zip(found.names, found.period, strict=True)) == [(word, p) for _, word, p in KNOWN]


@pytest.mark.parametrize("steps", [500, 2000, 20_000])
def test_at_its_thresholds_it_is_on_its_way_and_not_chaotic(steps):
    """There cycles are approached as one over the root of time: nearly as far away after all."""
    thresholds = np.array([2.0, np.sqrt(6), 2.544090, 2.564407])
    assert set(classify(cubic(thresholds, steps=steps)).names) == {"wandering"}


def test_chaos_in_narrow_bands_is_chaos():
    """Beyond the end of the cascade at 2.5699457 there are many bands, each much narrower."""
    found = classify(cubic(np.array([2.5703, 2.5715, 2.575, 2.59, 2.65]), tail=1024))
    assert found.names.tolist() == ["chaotic"] * 5


def test_basins_of_the_double_well_are_closed_by_their_exact_edge():
    eta = 1.1
    edge = np.sqrt((2 + eta) / eta)
    starts = edge * np.array([[0.3, 0.999], [-0.999, 1.001]])
    found = classify(well(eta, starts))
    assert found.names.tolist() == [["cycling", "cycling"], ["cycling", "diverged"]]
    assert found.period.tolist() == [[2, 2], [2, 0]]


def test_an_exponent_tells_a_torus_from_chaos():
    turn = np.arange(400)[:, None] * np.sqrt(2)
    torus = np.concatenate([np.cos(turn), np.sin(turn)], axis=1)
    assert classify(torus).names == "chaotic"
    assert classify(torus, lyapunov=0.0).names == "wandering"
    assert classify(cubic(2.9), lyapunov=0.4).names == "chaotic"
    assert classify(cubic(2.9), lyapunov=np.nan).names == "wandering"


def test_rest_on_a_slope_is_no_minimum():
    still = np.ones((2, 20, 3))
    found = classify(still, slope=[1e-9, 0.3])
    assert found.names.tolist() == ["converged", "wandering"]
    assert found.period.tolist() == [1, 0]
    assert classify(cubic(2.1), slope=0.5).names == "cycling"


@pytest.mark.parametrize(
    "tail",
    [
        np.exp(-0.01 * np.arange(200)),
        (-0.99) ** np.arange(200),
        (-1.01) ** np.arange(200),
        1e-3 * np.arange(200),
        np.exp(-0.02 * np.arange(200)) * np.cos(np.sqrt(2) * np.arange(200)),
        np.where(np.arange(200) < 80, np.cos(np.sqrt(2) * np.arange(200)), 0.5),
    ],
    ids=["settling", "ringing", "growing", "drifting", "spiralling", "caught"],
)
def test_what_is_still_under_way_is_wandering(tail):
    assert classify(tail[:, None]).names == "wandering"


def test_one_bad_moment_or_too_far_is_divergence():
    tail = np.ones((4, 9, 2))
    tail[1, 3, 0], tail[2, 0, 1], tail[3, 8, 1] = np.nan, -np.inf, 1.1e6
    assert classify(tail).code.tolist() == [Outcome.CONVERGED] + [Outcome.DIVERGED] * 3
    assert classify(tail, limit=1e7).names[3] == "wandering"


def test_losses_hide_the_symmetry_of_a_cycle():
    flips = (-1.0) ** np.arange(30)
    assert classify(flips[:, None]).period == 2
    assert classify((flips**2)[:, None]).period == 1


@given(st.integers(1, 64), st.integers(192, 260), st.integers(1, 3))
@settings(deadline=None)
def test_the_least_period_is_found(period, k, d):
    cycle = np.random.default_rng(period).random((period, d))
    found = classify(np.tile(cycle, (-(-k // period), 1))[:k])
    assert found.period == period
    assert found.names == ("converged" if period == 1 else "cycling")


def test_a_period_is_no_period_unless_seen_three_times():
    cycle = np.random.default_rng(0).random((10, 1))
    assert classify(np.tile(cycle, (3, 1))).period == 10
    assert classify(np.tile(cycle, (3, 1))[:29]).period == 0
    assert classify(np.tile(cycle, (3, 1)), longest=9).period == 0


@given(st.integers(0, 3), st.integers(1, 5))
@settings(deadline=None)
def test_where_a_walk_stands_among_others_does_not_matter(turn, copies):
    tails = np.concatenate([cubic(np.array([0.5, 2.1, 2.9, 3.1]), steps=600)] * copies)
    plain, turned = classify(tails), classify(np.roll(tails, turn, axis=0))
    np.testing.assert_array_equal(np.roll(plain.code, turn), turned.code)


@pytest.mark.parametrize("shape", [(5,), (2, 1), (4, 0)])
def test_bad_input_is_told(shape):
    with pytest.raises(ValueError, match="tail must have shape"):
        classify(np.ones(shape))
