"""Signals and gradients in very wide random networks: mean field, layer by layer.

Layers ``h_l = W_l phi(h_(l-1)) + b_l`` with weights of variance ``weight_variance`` over the number
of inputs, and biases of variance ``bias_variance``. As the width grows the components of ``h_l``
become normal, of variance ``q_l = weight_variance E[phi(sqrt(q_(l-1)) z)^2] + bias_variance``, and
the mean squared gradient shrinks or grows from layer to layer, going back, by the factor
``chi = weight_variance E[phi'(sqrt(q) z)^2]``. Below 1 gradients vanish with depth, above 1 they
explode. Expectations are Gauss-Hermite sums.

Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli (2016), NeurIPS, arXiv 1606.05340; Schoenholz,
Gilmer, Ganguli & Sohl-Dickstein (2017), ICLR, arXiv 1611.01232.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from adaptsim.theory._closed_form import Floats, closed_form

NODES = 201
"""Points of the Gauss-Hermite sum: good to 1e-6 up to a variance of 4, less above."""

LEAST, MOST = 1e-12, 1e12
"""Variances between which a fixed point other than 0 is looked for."""

LARGEST_WEIGHT_VARIANCE = 1e4
"""Up to where a critical variance of the weights is looked for."""

Square = Callable[[np.ndarray], np.ndarray]

SQUARES: dict[str, tuple[Square, Square]] = {
    "tanh": (lambda h: np.tanh(h) ** 2, lambda h: np.cosh(np.minimum(np.abs(h), 150.0)) ** -4.0),
    "sigmoid": (lambda h: expit(h) ** 2, lambda h: (expit(h) * expit(-h)) ** 2),
    "linear": (lambda h: h**2, np.ones_like),
    "relu": (lambda h: h**2 / 2, lambda h: np.full_like(h, 0.5)),
}
"""By activation its square and that of its slope; of the kinked one the mean over both signs, which
is the same to a normal mean and has no kink."""

_PLACES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(NODES)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@closed_form
def next_variance(
    variance: Floats, *, weight_variance: Floats, bias_variance: Floats, activation: str = "tanh"
) -> Floats:
    """Return the variance of a layer's inputs from that of the layer before it.

    Parameters
    ----------
    variance : float or array
        Variance ``q`` of the layer before, at least 0.
    weight_variance, bias_variance : float or array
        Variance of the weights times the number of inputs, and of the biases.
    activation : str
        One of `SQUARES`: tanh, sigmoid, linear, relu.

    Examples
    --------
    >>> round(next_variance(3.0, weight_variance=0.5, bias_variance=0.1, activation="linear"), 9)
    1.6

    References
    ----------
    Poole et al. (2016), arXiv 1606.05340.
    """
    value, _ = _known(activation)
    return weight_variance * _mean(value, variance) + bias_variance


@closed_form
def fixed_variance(
    *, weight_variance: Floats, bias_variance: Floats, activation: str = "tanh"
) -> Floats:
    """Return the variance ``q*`` that deep layers settle at.

    Parameters
    ----------
    weight_variance, bias_variance, activation
        As for `next_variance`.

    Returns
    -------
    float or array
        ``q*``; inf where it grows without bound, nan where every variance stays as it is.

    Examples
    --------
    >>> round(fixed_variance(weight_variance=2.0, bias_variance=0.05), 6)
    0.721762

    References
    ----------
    Poole et al. (2016), arXiv 1606.05340.
    """
    value, _ = _known(activation)

    def one(weights: float, biases: float) -> float:
        def growth(log: float) -> float:
            variance = np.exp(log)
            return float(weights * _mean(value, variance) / variance + biases / variance - 1)

        low, high = np.log(LEAST), np.log(MOST)
        if abs(growth(low)) < LEAST and abs(growth(high)) < LEAST:
            return float("nan")
        if growth(low) <= 0:
            return 0.0
        if growth(high) >= 0:
            return float("inf")
        return float(np.exp(brentq(growth, low, high, xtol=1e-14, rtol=1e-14)))

    return np.vectorize(one, otypes=[float])(weight_variance, bias_variance)


@closed_form
def gradient_ratio(
    *, weight_variance: Floats, bias_variance: Floats, activation: str = "tanh"
) -> Floats:
    """Return ``chi``: the mean squared gradient of a layer over that of the layer after it.

    Deep in a wide random network; the gradient's length changes by its root.

    Parameters
    ----------
    weight_variance, bias_variance, activation
        As for `next_variance`.

    Returns
    -------
    float or array
        ``chi`` [1]: below 1 gradients vanish towards the first layers, above 1 they explode.

    Examples
    --------
    >>> round(gradient_ratio(weight_variance=1.0, bias_variance=0.05), 6)
    0.759032
    >>> round(gradient_ratio(weight_variance=1.0, bias_variance=0.0, activation="sigmoid"), 6)
    0.055721

    References
    ----------
    Schoenholz et al. (2017), arXiv 1611.01232.
    """
    _, slope = _known(activation)
    variance = fixed_variance(
        weight_variance=weight_variance, bias_variance=bias_variance, activation=activation
    )
    if activation in ("linear", "relu"):  # the slope does not care how large its argument is
        variance = np.ones_like(variance)
    return weight_variance * _mean(slope, variance)


@closed_form
def critical_weight_variance(*, bias_variance: Floats, activation: str = "tanh") -> Floats:
    """Return the variance of the weights at which ``chi`` is 1: gradients neither vanish nor grow.

    Parameters
    ----------
    bias_variance, activation
        As for `next_variance`.

    Returns
    -------
    float or array
        The critical variance; nan where there is none up to `LARGEST_WEIGHT_VARIANCE`.

    Examples
    --------
    >>> round(critical_weight_variance(bias_variance=0.05), 6)
    1.760955
    >>> round(critical_weight_variance(bias_variance=0.0, activation="relu"), 6)
    2.0

    References
    ----------
    Poole et al. (2016), arXiv 1606.05340; He, Zhang, Ren & Sun (2015), arXiv 1502.01852 (2 for
    rectified units).
    """
    _known(activation)

    def one(biases: float) -> float:
        def excess(log: float) -> float:
            told = {"weight_variance": np.exp(log), "bias_variance": biases}
            return float(gradient_ratio(**told, activation=activation)) - 1

        ends = np.log([1e-3, LARGEST_WEIGHT_VARIANCE])
        if excess(ends[0]) > 0 or excess(ends[1]) < 0:
            return float("nan")
        return float(np.exp(brentq(excess, *ends, xtol=1e-13, rtol=1e-13)))

    return np.vectorize(one, otypes=[float])(bias_variance)


def _known(activation: str) -> tuple[Square, Square]:
    if activation not in SQUARES:
        allowed = ", ".join(map(repr, SQUARES))
        raise ValueError(f"activation must be one of {allowed}; got {activation!r}")
    return SQUARES[activation]


def _mean(square: Square, variance: Floats) -> np.ndarray:
    """Return ``E[square(sqrt(variance) z)]`` over a standard normal ``z``."""
    inputs = np.sqrt(np.asarray(variance, float))[..., None] * _PLACES
    mean: np.ndarray = square(inputs) @ _WEIGHTS
    return mean
