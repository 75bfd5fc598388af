"""Groups: individuals of one run that differ in nothing but their luck."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from adaptsim.part import Part, is_shared


@dataclass(frozen=True)
class Groups:
    """Which individual belongs to which group.

    Attributes
    ----------
    name : str
        The field that tells groups apart, ``"learning_rate"`` say; empty for one group. Where
        several fields do, their names joined by ``", "``.
    labels : tuple[str, ...]
        The value of each group, as tables show it; ``("",)`` for one group.
    values : numpy.ndarray
        The same as numbers, shape ``(g, fields)``.
    members : numpy.ndarray
        Group of each individual, shape ``(n,)``.
    """

    name: str
    labels: tuple[str, ...]
    values: np.ndarray
    members: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, group: int) -> int:
        """Return the row of the first individual of a group."""
        return int(np.argmax(self.members == group))

    def rows(self, group: int) -> np.ndarray:
        """Return the rows of all individuals of a group."""
        return np.flatnonzero(self.members == group)


def _varying(part: Part, prefix: str = "") -> dict[str, np.ndarray]:
    """Return the fields of a part, nested ones by dotted name, that differ between individuals."""
    found: dict[str, np.ndarray] = {}
    for declared in fields(part):  # type: ignore[arg-type]
        value: Any = getattr(part, declared.name)
        if is_shared(value):
            continue
        if isinstance(value, Part):
            found |= _varying(value, f"{prefix}{declared.name}.")
        elif getattr(value, "ndim", 0) == 1:
            found[prefix + declared.name] = np.asarray(value)
    return found


def group_individuals(kind: Part, rule: Part, size: int) -> Groups:
    """Return the groups of a population: individuals with equal fields are one group.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> rule = GradientDescent(learning_rate=np.array([0.1, 0.1, 0.4]))
    >>> groups = group_individuals(Tracker(), rule, 3)
    >>> groups.name, groups.labels, groups.members.tolist()
    ('learning_rate', ('0.1', '0.4'), [0, 0, 1])
    """
    varying = _varying(rule) | _varying(kind)
    if not varying:
        return Groups("", ("",), np.zeros((1, 0)), np.zeros(size, dtype=int))
    columns = np.stack(list(varying.values()), axis=1)
    values, members = np.unique(columns, axis=0, return_inverse=True)
    labels = tuple(", ".join(f"{number:.6g}" for number in row) for row in values)
    return Groups(", ".join(varying), labels, values, members.reshape(-1))
