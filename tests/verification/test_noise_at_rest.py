"""Science A, check 5 and the responsiveness-stability front: how noise spreads a tracker."""

import pytest

from adaptsim import theory

from .claims import agree, printed, ran, row, value

BURN_IN = 400


def spread(result, group, mean=0.0):
    """Return the time mean of the squared deviation of each individual: all are independent."""
    output = result.trajectory.of("trait", group).output[BURN_IN:]
    return ((output - mean) ** 2).mean(axis=0).reshape(-1)


def test_noise_in_the_gradient():
    result = ran(
        {"kind": "Constant", "value": 0.0},
        {"kind": "Tracker", "curvature": 2.0, "gradient_noise": 0.3**0.5},
        0.5,
        size=100,
        steps=1500,
        seed=2,
        burn_in=BURN_IN,
    )
    found = row(result, "stationary_variance")
    assert found["theory"] == printed("0.075000")
    assert agree(spread(result, 0), found["theory"])
    assert not agree(spread(result, 0), 0.0375)  # what the small-step approximation says
    assert value(result, "speed_limit") == printed("1.000000")


RATES = [0.1, 0.5, 1.0, 1.6]


@pytest.fixture(scope="module")
def noisy():
    return ran(
        {"kind": "Constant", "value": 0.0},
        {"kind": "Tracker", "observation_noise": 0.8},
        RATES,
        size=200,
        steps=1500,
        seed=4,
        burn_in=BURN_IN,
    )


@pytest.mark.parametrize("rate", RATES)
def test_lag_times_variance_is_the_exact_front(noisy, rate):
    lag = theory.tracker.mean_lag(rate)
    assert agree(lag * spread(noisy, RATES.index(rate)), 0.64 / (2 - rate))


@pytest.mark.parametrize("rate", RATES)
def test_memory_is_one_minus_g(noisy, rate):
    output = noisy.trajectory.of("trait", RATES.index(rate)).output[BURN_IN:, 0]
    products = (output[1:] * output[:-1]).mean(axis=0)
    expected = (1 - rate) * theory.tracker.noise_variance(rate, observation_variance=0.64)
    assert agree(products, expected)
    assert row(noisy, "autocorrelation_1", rate)["theory"] == pytest.approx(1 - rate, abs=1e-12)
