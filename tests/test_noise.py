"""Noise: the generator is JAX's own, the numbers are what they say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend import random as jax_random
from scipy import stats

from adaptsim import noise

N = 200_001


@pytest.fixture(scope="module")
def normals():
    return np.asarray(noise.normal(jax.random.key(11), (N,)))


@pytest.fixture(scope="module")
def uniforms():
    return np.asarray(noise.uniform(jax.random.key(12), (N,)))


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 17])
def test_the_generator_is_threefry(seed):
    words = jax.random.key_data(jax.random.key(seed))
    count = jnp.arange(1000, dtype=jnp.uint32)
    ours = noise.threefry((words[0], words[1]), (count, jnp.zeros_like(count)))
    flat = jnp.concatenate([count, jnp.zeros_like(count)])
    theirs = jax_random.threefry_2x32(jnp.asarray(words), flat)
    np.testing.assert_array_equal(np.concatenate([np.asarray(w) for w in ours]), np.asarray(theirs))


def test_the_generator_passes_the_known_answers_of_its_authors():
    ones = jnp.uint32(0xFFFFFFFF)
    zero = jnp.uint32(0)
    answers = [(zero, (0x6B200159, 0x99BA4EFE)), (ones, (0x1CB996FC, 0xBB002BE7))]
    for word, expected in answers:
        found = noise.threefry((word, word), (word, word))
        assert tuple(int(word) for word in found) == expected


def test_normal_numbers_are_normal(normals):
    assert normals.dtype == np.float64
    assert stats.kstest(normals, "norm").pvalue > 1e-3
    error = 1 / np.sqrt(N)
    assert abs(normals.mean()) <= 4 * error
    assert abs(normals.var() - 1) <= 4 * np.sqrt(2) * error
    assert abs((normals**4).mean() - 3) <= 4 * np.sqrt(96) * error
    assert 4 < np.abs(normals).max() < 5.4


def test_uniform_numbers_are_uniform(uniforms):
    assert uniforms.dtype == np.float64
    assert stats.kstest(uniforms, "uniform").pvalue > 1e-3
    assert uniforms.min() >= 0
    assert uniforms.max() < 1


@pytest.mark.parametrize("apart", [1, 2, 3])
def test_neighbours_are_independent(normals, apart):
    first, second = normals[:-apart], normals[apart:]
    assert abs((first * second).mean()) <= 4 / np.sqrt(len(first))
    assert abs((first**2 * second**2).mean() - 1) <= 4 * np.sqrt(8 / len(first))


def test_two_keys_are_independent(normals):
    other = np.asarray(noise.normal(jax.random.fold_in(jax.random.key(11), 1), (N,)))
    assert abs((normals * other).mean()) <= 4 / np.sqrt(N)


@pytest.mark.parametrize("draw", [noise.bits, noise.normal, noise.uniform])
@pytest.mark.parametrize("n", [1, 2, 7, 64])
def test_a_number_depends_on_key_and_place_alone(draw, n):
    key = jax.random.key(5)
    most = np.asarray(draw(key, (64,)))
    np.testing.assert_array_equal(np.asarray(draw(key, (n,))), most[:n])
    np.testing.assert_array_equal(np.asarray(draw(key, (32, 2))).ravel(), most)


def test_no_two_places_share_their_bits():
    found = np.asarray(noise.bits(jax.random.key(9), (20_000,)))
    assert found.dtype == np.uint32
    # Of n draws from 2^32 about n^2 / 2^33 pairs collide: 0.05 here.
    assert len(np.unique(found)) >= len(found) - 2


@pytest.mark.parametrize("draw", [noise.normal, noise.uniform, noise.bits])
def test_many_rows_side_by_side_are_each_as_if_alone(draw):
    keys = jax.vmap(jax.vmap(jax.random.key))(jnp.arange(15).reshape(3, 5))
    together = jax.vmap(jax.vmap(lambda key: draw(key, (7,))))(keys)
    alone = [[draw(key, (7,)) for key in row] for row in keys]
    np.testing.assert_array_equal(together, alone)
