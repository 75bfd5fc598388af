"""Noise on the gradient: its law, and that it comes from the key alone."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from adaptsim.landscapes import Beale, Bowl, LogisticRegression, MatrixFactorisation, Noisy
from adaptsim.part import WrongField

KEYS = jax.random.split(jax.random.key(1), 20_000)


def felt(noisy: Noisy, theta: jax.Array) -> np.ndarray:
    """Return the slope as felt under each key, shape (n, d)."""
    return np.asarray(_felt(noisy, theta))


@jax.jit
def _felt(noisy: Noisy, theta: jax.Array) -> jax.Array:
    return jax.vmap(noisy.perceived_gradient, (None, 0))(theta, KEYS)


@pytest.mark.parametrize(
    ("told", "law"),
    [
        ({}, stats.norm(scale=0.5)),
        ({"tail": "student", "degrees_of_freedom": 3.0}, stats.t(3.0, scale=0.5)),
        ({"tail": "student", "degrees_of_freedom": 1.0}, stats.t(1.0, scale=0.5)),
    ],
)
def test_noise_has_its_law(told: dict, law) -> None:
    """What is added has the law it is said to have, in each coordinate alike and apart."""
    theta = jnp.array([1.0, 2.0])
    added = felt(Noisy(landscape=Bowl(), level=0.5, **told), theta) - np.array([1.0, 2.0])
    assert all(stats.kstest(one, law.cdf).pvalue > 0.001 for one in added.T)
    assert abs(stats.spearmanr(*added.T).statistic) < 0.03


@pytest.mark.parametrize(
    ("landscape", "batch"), [(LogisticRegression(), 8), (MatrixFactorisation(), 1)]
)
def test_minibatch_is_unbiased_with_the_right_covariance(landscape, batch: int) -> None:
    """Mean the whole slope, covariance that of the terms over the batch, within sampling error."""
    theta = landscape.start() + 0.2
    slopes = felt(Noisy(landscape=landscape, batch=batch), theta)
    terms = jax.vmap(jax.grad(landscape.term), (None, 0))(theta, jnp.arange(landscape.n_terms))
    whole, spread = landscape.gradient(theta), np.cov(np.asarray(terms).T, ddof=0) / batch
    errors = 5 * np.sqrt(np.diag(spread) / len(KEYS))
    assert np.all(np.abs(slopes.mean(axis=0) - whole) <= errors + 1e-12)
    np.testing.assert_allclose(np.cov(slopes.T), spread, atol=0.06 * np.abs(spread).max())


def test_same_key_same_noise() -> None:
    """Nothing is drawn but from the key; without noise the slope is exact."""
    noisy, theta = Noisy(landscape=Beale(), level=1.0), jnp.array([1.0, 1.0])
    first, again, other = (noisy.perceived_gradient(theta, KEYS[i]) for i in (0, 0, 1))
    assert first.tolist() == again.tolist() != other.tolist()
    still = Noisy(landscape=Beale()).perceived_gradient(theta, KEYS[0])
    np.testing.assert_array_equal(still, Beale().gradient(theta))
    np.testing.assert_array_equal(Beale().perceived_gradient(theta, KEYS[0]), still)


def test_noises_add() -> None:
    """A noisy landscape can be wrapped again: independent variances add."""
    twice = Noisy(landscape=Noisy(landscape=Bowl(), level=0.3), level=0.4)
    assert felt(twice, jnp.zeros(2)).std() == pytest.approx(0.5, rel=0.02)


def test_all_else_is_the_landscape() -> None:
    """Loss, slope, curvature, domain and known places are those of what is wrapped."""
    noisy, theta = Noisy(landscape=Beale(), level=9.0), jnp.array([1.0, 0.5])
    assert float(noisy.loss(theta)) == float(Beale().loss(theta))
    assert noisy.gradient(theta).tolist() == Beale().gradient(theta).tolist()
    assert noisy.kind_of_point(noisy.minima()[0].theta) == "minimum"
    assert (noisy.dimension, noisy.source) == (2, Beale().source)


def test_level_may_be_a_sweep() -> None:
    """The level is a number, not structure: many levels in one compiled call."""
    levels = jnp.array([0.0, 1.0, 10.0])
    theta, clean = jnp.ones(2), jnp.ones(2)
    slopes = jax.vmap(
        lambda level: Noisy(landscape=Bowl(), level=level).perceived_gradient(theta, KEYS[0])
    )(levels)
    np.testing.assert_allclose((slopes - clean)[2], 10 * (slopes - clean)[1], rtol=1e-12)
    assert (slopes[0] == clean).all()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"landscape": 3}, "Noisy.landscape must be a landscape; got 3"),
        ({"batch": 4}, "Noisy.batch must be 0: Bowl is no sum of terms"),
        ({"level": -1.0}, "Noisy.level must be at least 0"),
        ({"tail": "cauchy"}, "Noisy.tail must be one of 'gaussian', 'student'; got 'cauchy'"),
    ],
)
def test_refuses(told: dict, message: str) -> None:
    """Mistakes are told when it is made."""
    with pytest.raises(WrongField, match=re.escape(message)):
        Noisy(**{"landscape": Bowl(), **told})
