"""Science A, check 7: the best rate of a learner that lives only so long."""

import numpy as np
import pytest

from adaptsim import theory

from .claims import agree, clearly_less, printed, ran

WORLD = {"variance": 1.0, "correlation": 0.99, "observation_variance": 1.0}


@pytest.mark.parametrize(
    ("life", "best"),
    [
        (5, "0.363057"),
        (10, "0.276622"),
        (20, "0.212601"),
        (50, "0.162830"),
        (100, "0.143547"),
        (500, "0.126941"),
    ],
)
def test_the_best_rate_by_length_of_life(life, best):
    assert theory.autoregressive.life_limited_best_gain(life, **WORLD) == printed(best)


def lives(life, rates, replicates):
    """Return the life-average of the squared error, one per life and rate, shape ``(r, g)``."""
    result = ran(
        {"kind": "AutoRegressive", "variance": 1.0, "correlation": 0.99},
        {"kind": "Tracker", "observation_noise": 1.0},
        rates,
        steps=life,
        replicates=replicates,
        seed=3,
    )
    followed = result.trajectory.followed["trait"]
    return ((followed.output - followed.target) ** 2).mean(axis=0)


def test_the_error_of_a_short_life():
    rates = [0.1, 0.363057, 0.8]
    found = lives(5, rates, 4000)
    for group, rate in enumerate(rates):
        expected = theory.autoregressive.life_limited_mse(rate, 5, **WORLD)
        assert agree(found[:, group], expected)


@pytest.mark.slow
@pytest.mark.parametrize("life", [5, 20, 50])
def test_the_best_rate_is_best_in_simulated_lives(life):
    best = theory.autoregressive.life_limited_best_gain(life, **WORLD)
    found = lives(life, [best / 1.5, best, 1.5 * best], 40_000)
    slow, middle, fast = np.moveaxis(found, 1, 0)
    assert clearly_less(middle, slow)
    assert clearly_less(middle, fast)
