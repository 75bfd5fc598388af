"""The multilayer perceptron against NumPy and SciPy, and its benchmark of curvature."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator, eigsh

from adaptsim.landscapes import Noisy, Perceptron
from adaptsim.part import WrongField

SMALL = Perceptron(layers=(2, 3, 4, 2), task="gaussian", samples=7, seed=5)


def forward(theta: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return the answers of the small network, each weight taken from its place by hand."""
    first, second, third = theta[:6], theta[9:21], theta[25:33]
    hidden = np.tanh(inputs @ first.reshape(2, 3) + theta[6:9])
    hidden = np.tanh(hidden @ second.reshape(3, 4) + theta[21:25])
    return hidden @ third.reshape(4, 2) + theta[33:35]


def test_outputs_and_loss_by_hand() -> None:
    """Weights and biases layer by layer, tanh in between, none at the end; the mean of squares."""
    assert SMALL.dimension == 35
    theta = np.asarray(SMALL.start()) + np.random.default_rng(0).normal(size=35)
    generator = np.random.default_rng(5)
    for shape in ((2, 3), (3, 4), (4, 2)):
        generator.standard_normal(shape)
    inputs, targets = generator.standard_normal((7, 2)), generator.standard_normal((7, 2))
    answers = forward(theta, inputs)
    np.testing.assert_allclose(SMALL.outputs(jnp.asarray(theta), inputs), answers, rtol=1e-13)
    wanted = np.mean((answers - targets) ** 2)
    assert float(SMALL.loss(jnp.asarray(theta))) == pytest.approx(wanted, rel=1e-13)


def test_chebyshev_task() -> None:
    """20 points of ``cos(5 arccos x)``, 481 parameters: all answers 0 give the mean of squares."""
    network = Perceptron()
    x = np.linspace(-1, 1, 20)
    assert (network.dimension, network.n_terms) == (481, 20)
    nothing = float(network.loss(jnp.zeros(481)))
    assert nothing == pytest.approx(np.mean(np.cos(5 * np.arccos(x)) ** 2), rel=1e-13)


def test_start_is_seeded_and_has_its_law() -> None:
    """Weights of variance one over the inputs, biases of zero; another seed, another start."""
    wide = Perceptron(layers=(100, 400, 1), task="gaussian", samples=2)
    start = np.asarray(wide.start())
    weights, biases = start[:40_000], start[40_000:40_400]
    error = np.sqrt(2 / 40_000)  # relative, of a variance
    assert abs(weights.var() * 100 - 1) < 4 * error
    assert not biases.any()
    assert (start == np.asarray(wide.replace(seed=0).start())).all()
    assert (start != np.asarray(wide.replace(seed=1).start())).any()


def test_largest_curvature_of_the_benchmark() -> None:
    """10,314 parameters, 256 samples: that of section 6 of shared/optimization.md, by SciPy."""
    network = Perceptron(layers=(20, 64, 64, 64, 10), task="gaussian", samples=256)
    start = network.start()
    assert start.shape == (network.dimension,) == (10_314,)
    bent = jax.jit(lambda v: jax.jvp(jax.grad(network.loss), (start,), (v,))[1])
    operator = LinearOperator((10_314, 10_314), matvec=lambda v: np.asarray(bent(v.ravel())))
    first = np.random.default_rng(0).standard_normal(10_314)
    (largest,) = eigsh(operator, k=1, which="LA", v0=first, return_eigenvectors=False)
    assert largest == pytest.approx(1.2570682519, abs=6e-11)


def test_a_batch_is_perceived() -> None:
    """One of two samples: the slope as felt is that of either, whose mean is the whole slope."""
    pair = SMALL.replace(samples=2)
    theta = pair.start()
    terms = np.array([jax.grad(pair.term)(theta, one) for one in range(2)])
    np.testing.assert_allclose(terms.mean(axis=0), pair.gradient(theta), atol=1e-15)
    keys = jax.random.split(jax.random.key(0), 16)
    felt = jax.vmap(Noisy(landscape=pair, batch=1).perceived_gradient, (None, 0))(theta, keys)
    which = [np.abs(terms - one).max(axis=1).argmin() for one in felt]
    np.testing.assert_allclose(felt, terms[which], atol=1e-15)
    assert set(which) == {0, 1}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"layers": (1,)}, "Perceptron.layers must be two or more whole numbers above 0; got (1,)"),
        ({"layers": 5}, "Perceptron.layers must be two or more whole numbers above 0; got 5"),
        ({"layers": (1, 0, 1)}, "must be two or more whole numbers above 0; got (1, 0, 1)"),
        ({"layers": (2, 3, 1)}, "must begin and end with 1 for the task 'chebyshev'"),
        ({"task": "xor"}, "Perceptron.task must be one of 'chebyshev', 'gaussian'; got 'xor'"),
        ({"samples": 0}, "Perceptron.samples must be at least 1"),
    ],
)
def test_fields_are_checked(told: dict, message: str) -> None:
    """Wrong layers say what is right."""
    with pytest.raises(WrongField, match=re.escape(message)):
        Perceptron(**told)
