"""Sharding: one huge population spread over devices, each of which holds a part of its rows."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from adaptsim.adaptation import Moment, Setting

ROWS = "individuals"


def spread_over(
    devices: int, setting: Setting, moments: Moment, size: int
) -> tuple[Setting, Moment]:
    """Spread the rows of a population, ``(r, n, ...)`` in its state, over the first devices.

    Numbers that belong to single individuals go with them; world, clock and keys are on all. Random
    numbers depend on key and place alone, so individuals get the same ones as on one device.

    Parameters
    ----------
    devices
        How many of ``jax.devices()``; must divide ``size``.
    setting, moments
        What is simulated, replicates on the first axis of the moments.
    size
        Individuals ``n``.

    Raises
    ------
    ValueError
        If there are not so many devices, or they do not divide the population.
    """
    there = jax.devices()
    if not 1 <= devices <= len(there):
        flag = f"XLA_FLAGS=--xla_force_host_platform_device_count={devices}"
        raise ValueError(
            f"devices must be from 1 to {len(there)}, as many as JAX sees here; got {devices} "
            f"(a CPU counts as one; {flag} makes it several)"
        )
    if size % devices:
        raise ValueError(f"devices must divide the population of {size}; got {devices}")
    mesh = Mesh(np.array(there[:devices]), (ROWS,))

    def placed(leaf: Any, axis: int) -> Any:
        own = leaf.ndim > axis and leaf.shape[axis] == size
        where = PartitionSpec(*(None,) * axis, ROWS) if own else PartitionSpec()
        return jax.device_put(leaf, NamedSharding(mesh, where))

    kind, rule = jax.tree.map(lambda leaf: placed(leaf, 0), (setting.kind, setting.rule))
    everywhere = NamedSharding(mesh, PartitionSpec())
    environment, world, step, key = jax.device_put(
        (setting.environment, moments.world, moments.step, moments.key), everywhere
    )
    state = jax.tree.map(lambda leaf: placed(leaf, 1), moments.state)
    return Setting(kind, rule, environment), Moment(state, world, step, key)
