"""Trajectory: what a run leaves behind, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import Moment, Setting, observe
from adaptsim.agents.base import Tracking
from adaptsim.groups import Groups
from adaptsim.part import Array

if TYPE_CHECKING:
    import pyarrow


class Followed(NamedTuple):
    """One thing that followed another over a run; arrays of shape ``(T, r, m)``.

    ``T`` recorded steps, ``r`` replicates, and ``m`` either individuals (``spread`` and
    ``squared_error`` are ``None``) or groups, of which then the mean over members is kept, with
    ``spread`` the variance among members and ``squared_error`` their mean square tracking error.
    """

    output: Any
    target: Any
    drive: Any
    spread: Any = None
    squared_error: Any = None


class Kept(NamedTuple):
    """What is kept of one recorded step: what followed what, the excess loss, the cue."""

    followed: dict[str, Followed]
    excess: Any
    cue: Any


def keep_individuals(setting: Setting, moment: Moment, rows: Array) -> Kept:
    """Record every individual in ``rows``."""
    followed, excess = observe(setting, moment)
    kept = {name: Followed(*(part[rows] for part in one)) for name, one in followed.items()}
    return Kept(kept, excess[rows], _cue(setting, moment))


LARGE_GROUP = 4096


class Membership(NamedTuple):
    """Who is of which group, in the form in which means over groups are quickest.

    Attributes
    ----------
    first : Array
        The first row of each group, shape ``(g,)``.
    weights : Array
        Where groups are equal blocks of rows: one over the size, once for each row of a block.
        Else one over the size of its group for each row, shape ``(n,)``.
    members : Array or None
        The group of each row, shape ``(n,)``; ``None`` where groups are equal blocks.
    """

    first: Array
    weights: Array
    members: Array | None

    def mean(self, rows: Array) -> Array:
        """Return the means over groups, ``(k, g)``, of rows ``(k, n)``.

        Of large groups as a product with weights, since XLA on a CPU spends more on starting its
        threads for a plain sum of ten thousand numbers than on the sum.
        """
        if self.members is None:
            blocks = rows.reshape(-1, self.weights.size)
            large = self.weights.size > LARGE_GROUP
            means = blocks @ self.weights if large else blocks.mean(axis=1)
            return means.reshape(len(rows), -1)
        return jax.ops.segment_sum((rows * self.weights).T, self.members, self.first.size).T

    def of_first(self, values: Array) -> Array:
        """Return for each row the value of its group's first row, ``(n,)``."""
        if self.members is None:
            return jnp.repeat(values[self.first], self.weights.size)
        return values[self.first][self.members]


def membership(groups: Groups) -> Membership:
    """Return how means over groups are taken."""
    count, size = len(groups), len(groups.members)
    first = jnp.asarray([groups.first(group) for group in range(count)])
    blocks = np.arange(size) * count // size
    if size % count == 0 and np.array_equal(groups.members, blocks):
        return Membership(first, jnp.full(size // count, count / size), None)
    weights = 1 / np.bincount(groups.members)[groups.members]
    return Membership(first, jnp.asarray(weights), jnp.asarray(groups.members))


def keep_statistics(setting: Setting, moment: Moment, using: Membership) -> Kept:
    """Record statistics of groups, all means in one product."""
    followed, excess = observe(setting, moment)
    rows = [row for one in followed.values() for row in _to_average(one, using)]
    *means, mean_excess = using.mean(jnp.stack([*rows, excess]))
    kept = {
        name: _statistics(one, using, means[5 * place : 5 * place + 5])
        for place, (name, one) in enumerate(followed.items())
    }
    return Kept(kept, mean_excess, _cue(setting, moment))


def _to_average(one: Tracking, using: Membership) -> list[Array]:
    """Return what is averaged of one variable; about the first row a variance keeps its digits."""
    aside = one.output - using.of_first(one.output)
    return [aside, aside**2, one.target, one.drive, (one.output - one.target) ** 2]


def _statistics(one: Tracking, using: Membership, means: list[Array]) -> Followed:
    aside, squared_aside, target, drive, squared_error = means
    centre = one.output[using.first] + aside
    return Followed(centre, target, drive, squared_aside - aside**2, squared_error)


def _cue(setting: Setting, moment: Moment) -> Array:
    return jnp.asarray(setting.environment.cue(moment.world, moment.step.astype(float)))


@dataclass(frozen=True)
class Trajectory:
    """The record of a run.

    Attributes
    ----------
    steps : numpy.ndarray
        Recorded steps, shape ``(T,)``; values are those before the step (*pre-update*).
    followed : dict[str, Followed]
        By variable.
    excess : numpy.ndarray
        Loss minus the least loss then possible, shape ``(T, r, m)``.
    cue : numpy.ndarray
        Shape ``(T, r, c)``.
    groups : Groups
        Which individual is of which group.
    rows : numpy.ndarray or None
        Which individuals were recorded, shape ``(m,)``; ``None`` where groups were.
    final : Moment
        All replicates after the last step.
    """

    steps: np.ndarray
    followed: dict[str, Followed]
    excess: np.ndarray
    cue: np.ndarray
    groups: Groups
    rows: np.ndarray | None
    final: Moment

    @property
    def individually(self) -> bool:
        """Whether single individuals were recorded, not only statistics of groups."""
        return self.rows is not None

    def columns(self, group: int) -> np.ndarray:
        """Return which columns of the arrays belong to a group."""
        if self.rows is None:
            return np.array([group])
        return np.flatnonzero(self.groups.members[self.rows] == group)

    def of(self, variable: str, group: int) -> Followed:
        """Return one variable of one group, arrays of shape ``(T, r, members)``."""
        columns = self.columns(group)
        return Followed(
            *(None if part is None else part[..., columns] for part in self.followed[variable])
        )

    def table(self) -> pyarrow.Table:
        """Return a tidy table: one row per replicate, recorded step and individual (or group).

        Columns: ``replicate, step, group, individual`` (empty where groups were recorded), then
        for each variable its value and ``_target``, ``_drive``, and for groups ``_spread`` and
        ``_squared_error``; last the excess loss ``regret``.
        """
        import pyarrow as pa

        n_steps, n_replicates, width = self.excess.shape
        shape = (n_replicates, n_steps, width)
        labels = np.array(self.groups.labels)
        group = np.arange(width) if self.rows is None else self.groups.members[self.rows]
        individual = np.full(width, -1) if self.rows is None else self.rows

        def long(values: np.ndarray) -> Any:
            return pa.array(np.ascontiguousarray(np.broadcast_to(values, shape)).reshape(-1))

        codes = long(group[None, None, :].astype(np.int32))
        columns = {
            "replicate": long(np.arange(n_replicates, dtype=np.int32)[:, None, None]),
            "step": long(self.steps[None, :, None]),
            "group": pa.DictionaryArray.from_arrays(codes, pa.array(labels)),
            "individual": long(individual[None, None, :].astype(np.int32)),
        }
        for name, one in self.followed.items():
            for suffix, values in one._asdict().items():
                if values is None or (suffix == "drive" and one.drive is one.target):
                    continue
                column = name if suffix == "output" else f"{name}_{suffix}"
                columns[column] = long(np.swapaxes(values, 0, 1))
        columns["regret"] = long(np.swapaxes(self.excess, 0, 1))
        return pa.table(columns)
