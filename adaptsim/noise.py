"""Noise: standard random numbers for a whole population in one call.

The generator is the one JAX uses, threefry-2x32 with 20 rounds, keyed by JAX's keys. It is written
out here because JAX on a CPU keeps its rounds in a loop and, for 32-bit numbers, throws half of
each block away; unrolled and used whole it costs half or less (a million), and noise is what a
step of a large population costs. The number at a place depends on key and place alone, so neither
the size of the population nor how it is split over devices changes it.

The barriers keep XLA from fusing generator, interleaving and inverse error function into one loop,
which it vectorises badly.

Numbers are made in float32 (24 random bits) and returned in float64, the precision of the state.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array

ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


def threefry(key: tuple[Array, Array], count: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return two words of 32 random bits for each count: threefry-2x32-20.

    References
    ----------
    Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
    """
    keys = (key[0], key[1], key[0] ^ key[1] ^ np.uint32(0x1BD11BDA))
    first, second = count[0] + keys[0], count[1] + keys[1]
    for turn in range(20):
        first = first + second
        left = np.uint32(ROTATIONS[turn % 8])
        second = (second << left) | (second >> (np.uint32(32) - left))
        second = second ^ first
        if turn % 4 == 3:
            block = turn // 4 + 1
            first = first + keys[block % 3]
            second = second + keys[(block + 1) % 3] + np.uint32(block)
    return first, second


def bits(key: Array, shape: tuple[int, ...]) -> Array:
    """Return 32 random bits for each place of ``shape``, two places to a block."""
    places = math.prod(shape)
    words = jax.random.key_data(key)
    block = jnp.arange((places + 1) // 2, dtype=jnp.uint32)
    pair = threefry((words[0], words[1]), (block, jnp.zeros_like(block)))
    drawn = jnp.stack(pair, axis=-1).reshape(-1)[:places]
    return jax.lax.optimization_barrier(drawn).reshape(shape)


def normal(key: Array, shape: tuple[int, ...]) -> Array:
    """Return standard normal numbers (none beyond 5.3 standard deviations), float64.

    Examples
    --------
    >>> bool((normal(jax.random.key(1), (9,))[:4] == normal(jax.random.key(1), (4,))).all())
    True
    """
    drawn = bits(key, (math.prod(shape),))
    signed = (drawn >> np.uint32(9)).astype(jnp.float32) * np.float32(2**-22)
    centred = signed + np.float32(2**-23 - 1)
    numbers = (np.float32(math.sqrt(2)) * jax.lax.erf_inv(centred)).astype(float)
    return jax.lax.optimization_barrier(numbers).reshape(shape)


def uniform(key: Array, shape: tuple[int, ...]) -> Array:
    """Return numbers uniform on [0, 1), float64.

    Examples
    --------
    >>> bool((uniform(jax.random.key(1), (9,)) < 1).all())
    True
    """
    return ((bits(key, shape) >> np.uint32(8)).astype(jnp.float32) * np.float32(2**-24)).astype(
        float
    )
