"""Mean field of wide networks: numbers in print, other quadratures, and exact special cases."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit

from adaptsim.theory import signal_propagation as field
from tests.theory.checks import printed

VALUES = {"tanh": np.tanh, "sigmoid": expit}
SLOPES = {"tanh": lambda h: np.cosh(h) ** -2, "sigmoid": lambda h: expit(h) * expit(-h)}


def mean(function):
    """Return the mean over a standard normal number by adaptive quadrature."""

    def weighed(z):
        return function(z) * math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

    return quad(weighed, -12, 12, epsabs=1e-13, epsrel=1e-12, limit=200)[0]


@pytest.mark.parametrize(
    ("weights", "variance", "chi"),
    [(1.0, ".193593", ".759032"), (2.0, ".721762", "1.047666"), (4.0, "2.195494", "1.342402")],
)
def test_tanh_in_print(weights, variance, chi):
    told = {"weight_variance": weights, "bias_variance": 0.05}
    assert field.fixed_variance(**told) == printed(variance)
    assert field.gradient_ratio(**told) == printed(chi)


def test_critical_tanh_in_print():
    assert field.critical_weight_variance(bias_variance=0.05) == printed("1.760955")


@pytest.mark.parametrize(
    ("weights", "chi"), [(1.0, ".055721"), (4.0, ".171581"), (16.0, ".398879")]
)
def test_sigmoid_in_print(weights, chi):
    told = {"weight_variance": weights, "bias_variance": 0.0, "activation": "sigmoid"}
    assert field.gradient_ratio(**told) == printed(chi)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@settings(max_examples=20)
@given(weights=st.floats(0.3, 3.0), biases=st.floats(0.01, 1.0))
def test_fixed_variance_and_chi_by_another_quadrature(activation, weights, biases):
    told = {"weight_variance": weights, "bias_variance": biases, "activation": activation}
    settled = field.fixed_variance(**told)
    root = math.sqrt(settled)
    following = weights * mean(lambda z: VALUES[activation](root * z) ** 2) + biases
    assert following == pytest.approx(settled, rel=1e-6)
    assert field.next_variance(settled, **told) == pytest.approx(settled, rel=1e-10)
    slope = weights * mean(lambda z: SLOPES[activation](root * z) ** 2)
    assert field.gradient_ratio(**told) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("weights", [0.5, 1.5])
def test_straight_units_are_exact(weights):
    for activation, share in (("linear", 1.0), ("relu", 0.5)):
        told = {"weight_variance": weights, "bias_variance": 0.2, "activation": activation}
        assert field.gradient_ratio(**told) == pytest.approx(weights * share, rel=1e-12)
        settled = 0.2 / (1 - weights * share) if weights * share < 1 else math.inf
        assert field.fixed_variance(**told) == pytest.approx(settled, rel=1e-9)


@pytest.mark.parametrize(
    ("activation", "critical"), [("tanh", 1.0), ("linear", 1.0), ("relu", 2.0)]
)
def test_without_biases_the_critical_variance_is_one_over_the_slope_squared(activation, critical):
    found = field.critical_weight_variance(bias_variance=0.0, activation=activation)
    assert found == pytest.approx(critical, rel=1e-6)


def test_silent_networks_and_those_that_keep_every_variance():
    quiet = {"weight_variance": [0.5, 0.9], "bias_variance": 0.0}
    assert field.fixed_variance(**quiet).tolist() == [0.0, 0.0]
    assert field.gradient_ratio(**quiet) == pytest.approx([0.5, 0.9])
    kept = {"weight_variance": 2.0, "bias_variance": 0.0, "activation": "relu"}
    assert math.isnan(field.fixed_variance(**kept))
    assert field.gradient_ratio(**kept) == pytest.approx(1.0)


def test_unknown_activation():
    with pytest.raises(ValueError, match=r"must be one of 'tanh', .*; got 'swish'"):
        field.next_variance(1.0, weight_variance=1.0, bias_variance=0.0, activation="swish")
