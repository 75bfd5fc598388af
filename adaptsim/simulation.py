"""A simulation: a setting run for a number of steps, replicated, recorded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import (
    Moment,
    Setting,
    needs,
    replicate_key,
    row,
    scan,
    start,
)
from adaptsim.agents.base import Agent
from adaptsim.environments.base import Environment
from adaptsim.groups import group_individuals
from adaptsim.rules.base import Rule
from adaptsim.sharding import spread_over
from adaptsim.trajectory import (
    Followed,
    Kept,
    Trajectory,
    keep_individuals,
    keep_statistics,
    membership,
)

KEPT_NUMBERS = 4_000_000
"""How many outputs are kept of single individuals before only statistics of groups are."""

CHUNK_WORK = 40_000_000
"""Individuals times steps between two reports of progress."""


def simulate(
    kind: Agent,
    rule: Rule,
    environment: Environment,
    *,
    size: int = 1,
    steps: int = 1000,
    seed: int = 0,
    replicates: int = 1,
    record: str = "auto",
    stride: int = 1,
    devices: int = 1,
    progress: Callable[[int], Any] | None = None,
) -> Trajectory:
    """Run a population in an environment and return what it left behind.

    Parameters
    ----------
    kind, rule, environment
        What individuals are, how they learn, where they live. Numeric fields of kind and rule may
        be arrays of length ``size``.
    size
        Individuals in a population.
    steps
        Steps of the run.
    seed
        Root seed: same seed, same numbers, however the work is divided.
    replicates
        Independent repetitions, each with a weather and a luck of its own.
    record
        ``"individuals"``, ``"statistics"`` (of groups only: memory does not grow with ``size``) or
        ``"auto"``: individuals while that is at most four million numbers.
    stride
        Record every so many steps.
    devices
        Over how many devices individuals are spread; must divide ``size``. Each gets the same
        course to the bit; statistics of groups are summed in another order, so they may differ in
        the last bits.
    progress
        Called with the number of steps done since it was last called.

    Examples
    --------
    >>> from adaptsim import Constant, GradientDescent, Tracker
    >>> run = simulate(Tracker(), GradientDescent(learning_rate=0.5), Constant(value=8.0), steps=4)
    >>> run.followed["trait"].output[:, 0, 0].tolist()
    [0.0, 4.0, 6.0, 7.0]
    """
    setting = Setting(*jax.tree.map(_as_leaf, (kind, rule, environment)))
    groups = group_individuals(kind, rule, size)
    rows = rows_to_keep(record, size * replicates * (steps // stride), size)
    moments = start_replicates(setting, seed, replicates=replicates, size=size)
    if devices != 1:
        setting, moments = spread_over(devices, setting, moments, size)
    keeper: Callable[..., Kept]
    using: Any
    if rows is None:
        keeper, using = keep_statistics, membership(groups)
    else:
        keeper, using = keep_individuals, jnp.asarray(rows)
    wanted = needs(kind, rule)
    kept: list[Kept] = []
    for chunk in _chunks(steps, stride, size * replicates):
        many, rest = divmod(chunk, stride)
        moments, records = _scan_replicates(
            setting, moments, using, stride, rest, records=many, wanted=wanted, record=keeper
        )
        kept.append(jax.tree.map(lambda part: np.swapaxes(np.asarray(part), 0, 1), records))
        if progress:
            progress(chunk)
    whole: Kept = jax.tree.map(lambda *parts: np.concatenate(parts), *kept)
    names = _variables(setting, moments)
    followed = {name: shared(whole.followed[name]) for name in names}
    clock = np.arange(len(whole.excess)) * stride
    return Trajectory(clock, followed, whole.excess, whole.cue, groups, rows, moments)


def _variables(setting: Setting, moments: Moment) -> list[str]:
    """Return what the kind tracks, in its own order (JAX sorts what it returns by name)."""
    trait, body = jax.tree.map(lambda leaf: leaf[0, 0], (moments.state.trait, moments.state.body))
    return list(row(setting.kind, 0).tracking(trait, body, setting.environment.rest()))


def _as_leaf(leaf: Any) -> Any:
    return jnp.asarray(leaf, dtype=float)


def shared(one: Followed) -> Followed:
    """Let the drive be the target where they are the same, so that it is kept and shown once."""
    same = np.array_equal(one.drive, one.target, equal_nan=True)
    return one._replace(drive=one.target) if same else one


def rows_to_keep(record: str, numbers: int, size: int) -> np.ndarray | None:
    """Return which individuals are recorded of so many outputs; ``None``: statistics of groups."""
    if record == "statistics" or (record == "auto" and numbers > KEPT_NUMBERS):
        return None
    return np.arange(size)


def _chunks(steps: int, stride: int, width: int) -> list[int]:
    """Return lengths that add up to ``steps``, all but the last equal and multiples of stride."""
    length = max(1, CHUNK_WORK // (width * stride)) * stride
    whole, rest = divmod(steps, length)
    return [length] * whole + ([rest] if rest else [])


@functools.partial(jax.jit, static_argnames=("replicates", "size"))
def _start_all(setting: Setting, seed: Any, *, replicates: int, size: int) -> Moment:
    keys = jax.vmap(functools.partial(replicate_key, seed))(jnp.arange(replicates))
    moments: Moment = jax.vmap(lambda key: start(setting, key, size=size))(keys)
    return moments


def start_replicates(setting: Setting, seed: int, *, replicates: int, size: int) -> Moment:
    """Return all replicates before the first step; every array has a leading axis ``r``."""
    return _start_all(setting, seed, replicates=replicates, size=size)


@functools.partial(jax.jit, static_argnames=("records", "wanted", "record"))
def _scan_replicates(
    setting: Setting, moments: Moment, using: Any, stride: int, rest: int, **static: Any
) -> tuple[Moment, Any]:
    def one(moment: Moment) -> tuple[Moment, Any]:
        return scan(setting, moment, using, stride, rest, **static)

    advanced: tuple[Moment, Any] = jax.vmap(one)(moments)
    return advanced
