"""Noise: standard random numbers for a whole population in one call.

The generator is the one JAX uses, threefry-2x32 with 20 rounds, keyed by JAX's keys. It is written
out here because JAX on a CPU keeps its rounds in a loop and, for 32-bit numbers, throws half of
each block away; unrolled and used whole it costs half or less (a million), and noise is what a
step of a large population costs. The number at a place depends on key and place alone, so neither
the size of the population nor how it is split over devices changes it.

The barriers keep XLA from fusing generator, interleaving and inverse error function into one loop,
which it vectorises badly. So it does with many short rows, which is what many small populations
side by side are under ``vmap``: those are drawn as one long row.

Numbers are made in float32 (24 random bits) and returned in float64, the precision of the state.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_batching import custom_vmap

from adaptsim.part import Array

ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


def as_one_row(elementwise: Callable[..., Any]) -> Callable[..., Any]:
    """Return an elementwise function of arrays ``(n,)`` that takes many of them as one long one.

    Examples
    --------
    >>> added = as_one_row(lambda one, other: one + other)
    >>> jax.vmap(added)(jnp.ones((2, 3)), jnp.ones((2, 3))).shape
    (2, 3)
    """
    row = custom_vmap(lambda *arrays: jax.lax.optimization_barrier(elementwise(*arrays)))

    @row.def_vmap
    def rows(many: int, batched: list[bool], *arrays: Array) -> tuple[Any, Any]:
        whole = [array if all_ else jnp.broadcast_to(array, (many, *array.shape))
                 for array, all_ in zip(arrays, batched, strict=True)]  # fmt: skip
        found = row(*(array.reshape(-1) for array in whole))
        return (
            jax.tree.map(lambda one: one.reshape(whole[0].shape), found),
            jax.tree.map(lambda one: True, found),
        )

    return row


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


@as_one_row
def _blocks(first: Array, second: Array, block: Array) -> tuple[Array, Array]:
    return threefry((first, second), (block, jnp.zeros_like(block)))


def bits(key: Array, shape: tuple[int, ...]) -> Array:
    """Return 32 random bits for each place of ``shape``, two places to a block."""
    places = math.prod(shape)
    words = jax.random.key_data(key)
    block = jnp.arange((places + 1) // 2, dtype=jnp.uint32)
    first, second = (jnp.broadcast_to(word, block.shape) for word in words)
    pair = _blocks(first, second, block)
    drawn = jnp.stack(pair, axis=-1).reshape(-1)[:places]
    return jax.lax.optimization_barrier(drawn).reshape(shape)


def normal(key: Array, shape: tuple[int, ...]) -> Array:
    """Return standard normal numbers (none beyond 5.3 standard deviations), float64.

    Examples
    --------
    >>> bool((normal(jax.random.key(1), (9,))[:4] == normal(jax.random.key(1), (4,))).all())
    True
    """
    numbers: Array = _normal_of(bits(key, (math.prod(shape),))).reshape(shape)
    return numbers


@as_one_row
def _normal_of(drawn: Array) -> Array:
    signed = (drawn >> np.uint32(9)).astype(jnp.float32) * np.float32(2**-22)
    centred = signed + np.float32(2**-23 - 1)
    return (np.float32(math.sqrt(2)) * jax.lax.erf_inv(centred)).astype(float)


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
