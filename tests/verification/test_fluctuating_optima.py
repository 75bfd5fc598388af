"""Science A, checks 3, 4 and 6: errors behind optima that wander or jump, and the best rates."""

import numpy as np
import pytest

from adaptsim import theory

from .claims import agree, clearly_less, printed, ran, replicate_mse, row

BURN_IN = 600
MANY = {"steps": 3000, "replicates": 40, "burn_in": BURN_IN, "seed": 11}


def wandering(variance, correlation, noise, rates, **top):
    return ran(
        {"kind": "AutoRegressive", "variance": variance, "correlation": correlation},
        {"kind": "Tracker", "observation_noise": noise**0.5},
        rates,
        **{**MANY, **top},
    )


def test_the_closed_forms_come_to_the_printed_numbers():
    mse = theory.autoregressive.tracking_mse
    best = theory.autoregressive.best_gain
    first = {"variance": 1.0, "correlation": 0.95, "observation_variance": 0.5}
    second = {"variance": 1.0, "correlation": 0.8, "observation_variance": 0.1}
    third = {"variance": 1.0, "correlation": 0.99, "observation_variance": 1.0}
    assert mse(0.2, **first) == printed("0.287037")
    assert mse(0.2, **first, convention="post-update") == printed("0.203704")
    assert best(**first) == printed("0.318704")
    assert mse(best(**first), **first) == printed("0.263382")
    assert mse(0.5, **second) == printed("0.477778")
    assert best(**second) == printed("0.696012")
    assert best(**third) == printed("0.122648")
    assert mse(best(**third), **third) == printed("0.146392")
    walk = {"drift_variance": 0.01, "observation_variance": 1.0}
    assert theory.random_walk.kalman_gain(**walk) == printed("0.095125")
    assert theory.random_walk.kalman_mse(**walk) == printed("0.105125")
    walk["drift_variance"] = 0.04
    assert theory.random_walk.kalman_gain(**walk) == printed("0.180998")
    assert theory.random_walk.kalman_mse(**walk) == printed("0.220998")
    walk["drift_variance"] = 1.0
    assert theory.random_walk.kalman_gain(**walk) == printed("0.618034")
    assert theory.random_walk.kalman_mse(**walk) == printed("1.618034")
    jumps = {"hazard": 0.05, "variance": 1.0, "observation_variance": 0.25}
    assert theory.jumps.tracking_mse(0.3, **jumps) == printed("0.219710")


@pytest.mark.parametrize(
    ("variance", "correlation", "noise", "rate", "mse"),
    [
        (1.0, 0.95, 0.5, 0.2, "0.287037"),
        (1.0, 0.95, 0.5, 0.318704, "0.263382"),
        (1.0, 0.8, 0.1, 0.5, "0.477778"),
        (1.0, 0.99, 1.0, 0.122648, "0.146392"),
    ],
)
def test_the_error_behind_an_autoregressive_optimum(variance, correlation, noise, rate, mse):
    result = wandering(variance, correlation, noise, rate)
    found = row(result, "tracking_mse")
    assert found["theory"] == printed(mse)
    assert agree(replicate_mse(result, 0, burn_in=BURN_IN), found["theory"])
    assert found["value"] == pytest.approx(
        replicate_mse(result, 0, burn_in=BURN_IN).mean(), rel=1e-12
    )


def test_the_error_just_after_the_update():
    result = wandering(1.0, 0.95, 0.5, 0.2)
    after = replicate_mse(result, 0, burn_in=BURN_IN, post_update=True)
    assert agree(after, 0.203704)
    assert not agree(after, 0.287037)


@pytest.mark.parametrize(
    ("drift", "gain", "error"),
    [(0.01, "0.095125", "0.105125"), (0.04, "0.180998", "0.220998"), (1.0, "0.618034", "1.618034")],
)
def test_the_error_behind_a_random_walk_at_the_kalman_gain(drift, gain, error):
    best = theory.random_walk.kalman_gain(drift_variance=drift, observation_variance=1.0)
    result = ran(
        {"kind": "RandomWalk", "drift_variance": drift},
        {"kind": "Tracker", "observation_noise": 1.0},
        best,
        **MANY,
    )
    found = row(result, "tracking_mse")
    assert best == printed(gain)
    assert found["theory"] == printed(error)
    assert agree(replicate_mse(result, 0, burn_in=BURN_IN), found["theory"])


def test_the_error_behind_jumps():
    result = ran(
        {"kind": "Jumps", "hazard": 0.05, "variance": 1.0},
        {"kind": "Tracker", "observation_noise": 0.5},
        0.3,
        **MANY,
    )
    found = row(result, "tracking_mse")
    assert found["theory"] == printed("0.219710")
    assert agree(replicate_mse(result, 0, burn_in=BURN_IN), found["theory"])


def beats_its_neighbours(result):
    slow, best, fast = (replicate_mse(result, group, burn_in=BURN_IN) for group in range(3))
    return clearly_less(best, slow) and clearly_less(best, fast)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variance", "correlation", "noise"), [(1.0, 0.95, 0.5), (1.0, 0.8, 0.1), (1.0, 0.99, 1.0)]
)
def test_the_best_rate_behind_an_autoregressive_optimum(variance, correlation, noise):
    best = theory.autoregressive.best_gain(
        variance=variance, correlation=correlation, observation_variance=noise
    )
    rates = [best / 1.5, best, 1.5 * best]
    result = wandering(variance, correlation, noise, rates, size=12, steps=8000)
    assert beats_its_neighbours(result)


@pytest.mark.slow
@pytest.mark.parametrize("drift", [0.01, 0.04, 1.0])
def test_the_best_rate_behind_a_random_walk_is_the_kalman_gain(drift):
    best = theory.random_walk.kalman_gain(drift_variance=drift, observation_variance=1.0)
    result = ran(
        {"kind": "RandomWalk", "drift_variance": drift},
        {"kind": "Tracker", "observation_noise": 1.0},
        [best / 1.5, best, 1.5 * best],
        **{**MANY, "size": 12, "steps": 8000},
    )
    assert beats_its_neighbours(result)


@pytest.mark.slow
def test_learning_does_not_pay_below_the_critical_correlation():
    critical = theory.autoregressive.critical_correlation(variance=1.0, observation_variance=1.0)
    assert critical == printed("0.5")
    result = wandering(1.0, 0.4, 1.0, [1e-9, 0.1, 0.3], size=12)
    still, slow, fast = (replicate_mse(result, group, burn_in=BURN_IN) for group in range(3))
    assert clearly_less(still, slow)
    assert clearly_less(slow, fast)
    assert np.isclose(still.mean(), 1.0, atol=4 * still.std(ddof=1) / np.sqrt(still.size))
