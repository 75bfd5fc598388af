"""Individuals: a set of agents, as Mesa knows it, that works on whole arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from mesa.agentset import (
    AbstractAgentSet,
    GroupBy,
)

from adaptsim.individual import Individual

if TYPE_CHECKING:
    from random import Random

    from adaptsim.model import AdaptationModel


class Groups(GroupBy):  # type: ignore[misc]
    """What ``Individuals.groupby`` returns: Mesa's groups, aggregated as whole arrays."""

    def agg(self, attr_name: str, func: Callable[[Any], Any]) -> dict[Any, Any]:
        """Return for each group the function of its values of an attribute."""
        return {name: func(group.get(attr_name)) for name, group in self}


class Individuals(AbstractAgentSet[Individual]):  # type: ignore[misc]
    """A set of individuals, in order, that works on whole arrays.

    It has the methods of Mesa's agent sets. ``get``, ``set``, ``agg``, ``sort`` by a name and
    ``select`` by a mask cost nanoseconds per individual; what takes a function of an individual
    (``do``, ``map``, ``select(function)``) makes a view for each, about a microsecond.

    ``model.agents`` is the set of everybody, and removing from it removes from the model. Every
    other set is a choice of individuals, and removing from it leaves the model alone. An
    individual removed from its model is in no set any more.

    Parameters
    ----------
    model
        The model the individuals live in.
    rows
        Which ones, as row numbers from 0, in order; everybody if not given.

    Examples
    --------
    >>> from adaptsim.model import AdaptationModel
    >>> everybody = AdaptationModel(size=4, rng=1).agents
    >>> everybody.set("trait", [3.0, 1.0, 2.0, 0.0]).agg("trait", np.mean)
    np.float64(1.5)
    >>> everybody.select(everybody.get("trait") > 1).get("unique_id").tolist()
    [1, 3]
    >>> everybody.select(lambda one: one.trait > 1).set("learning_rate", 0.5).get("learning_rate")
    array([0.5, 0.5])
    >>> everybody.groupby("learning_rate").count()
    {0.5: 2, 0.1: 2}
    """

    def __init__(self, model: AdaptationModel, rows: Any = None) -> None:
        self.model = model
        self._everybody = rows is None
        self._rows = None if rows is None else np.asarray(rows, dtype=np.intp)

    @property
    def rows(self) -> np.ndarray:
        """The row numbers of its individuals, in order."""
        if self._rows is None:
            return np.flatnonzero(self.model.present)
        return self._rows[self.model.present[self._rows]]

    @property
    def random(self) -> Random:
        """The model's own generator; orders here are drawn from ``model.rng``."""
        generator: Random = self.model.random
        return generator

    def get(self, attr_names: Any, handle_missing: str = "error", default_value: Any = None) -> Any:
        """Return an attribute of everyone as a read-only array, or several as its columns.

        Shape ``(k,)`` for ``k`` individuals, ``(k, d)`` for several traits; a list of ``m`` names
        gives ``(k, m)``. What is not a number comes as a list, as Mesa gives it.
        """
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing must be 'error' or 'default'; got {handle_missing!r}")
        default = () if handle_missing == "error" else (default_value,)
        if isinstance(attr_names, str):
            return self._values(attr_names, default)
        columns = [self._values(name, default) for name in attr_names]
        if all(np.ndim(c) == 1 and np.asarray(c).dtype.kind in "bif" for c in columns):
            return np.column_stack(columns)
        return [list(values) for values in zip(*columns, strict=True)]

    def _values(self, name: str, default: tuple[Any, ...]) -> Any:
        try:
            values = self.model.column(name)[self.rows]
        except AttributeError:
            return [getattr(individual, name, *default) for individual in self]
        values.flags.writeable = False
        return values

    def set(self, attr_name: str, value: Any) -> Self:
        """Set traits or a numeric field of kind or rule: one value, or one for each individual."""
        self.model.write(attr_name, self.rows, value)
        return self

    def agg(self, attribute: str, func: Any) -> Any:
        """Return a function (or several, as a list) of an attribute's values."""
        values = self.get(attribute)
        return func(values) if callable(func) else [each(values) for each in func]

    def select(
        self,
        filter_func: Any = None,
        at_most: float = math.inf,
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> Individuals:
        """Return those for whom a function, or a mask of ``len(self)`` booleans, is true.

        ``at_most`` keeps the first so many, or the first fraction if a float of at most 1.
        """
        rows = chosen = self.rows
        if callable(filter_func):
            chosen = rows[[bool(filter_func(individual)) for individual in self]]
        elif filter_func is not None:
            chosen = rows[_checked_mask(filter_func, rows.size)]
        if agent_type is not None and not issubclass(self.model.individual_type, agent_type):
            chosen = chosen[:0]
        if isinstance(at_most, float) and at_most <= 1:
            at_most = int(rows.size * at_most)
        return self._with(chosen if at_most == math.inf else chosen[: int(at_most)], inplace)

    def groupby(self, by: Any, result_type: str = "agentset") -> GroupBy:
        """Return groups of equal attribute, or of equal value of a function of an individual."""
        keys = [by(one) for one in self] if callable(by) else np.asarray(self.get(by)).tolist()
        groups: dict[Any, list[int]] = {}
        for key, row in zip(keys, self.rows.tolist(), strict=True):
            groups.setdefault(tuple(key) if isinstance(key, list) else key, []).append(row)
        sets = {key: Individuals(self.model, rows) for key, rows in groups.items()}
        if result_type == "agentset":
            return Groups(sets)
        return GroupBy({key: group.to_list() for key, group in sets.items()})

    def sort(self, key: Any, ascending: bool = False, inplace: bool = False) -> Individuals:
        """Return them in the order of an attribute or a function; ties keep their order."""
        values = np.asarray([key(one) for one in self] if callable(key) else self.get(key))
        if values.ndim != 1:
            raise ValueError(f"sort needs one value per individual; got shape {values.shape}")
        if ascending:
            order = np.argsort(values, kind="stable")
        else:
            order = values.size - 1 - np.argsort(values[::-1], kind="stable")[::-1]
        return self._with(self.rows[order], inplace)

    def shuffle(self, inplace: bool = False) -> Individuals:
        """Return them in an order drawn from ``model.rng``."""
        return self._with(self.model.rng.permutation(self.rows), inplace)

    def do(self, method: Any, *args: Any, **kwargs: Any) -> Self:
        """Call a method (by name) or a function of each, one after the other."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: Any, *args: Any, **kwargs: Any) -> Self:
        """Do in an order drawn from ``model.rng``."""
        self.shuffle().map(method, *args, **kwargs)
        return self

    def map(self, method: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Return what a method (by name) or a function of each gives; skip who is removed."""
        if isinstance(method, str):
            return [getattr(one, method)(*args, **kwargs) for one in self]
        return [method(one, *args, **kwargs) for one in self]

    def to_list(self) -> list[Individual]:
        """Return a view of each."""
        return list(self)

    def copy(self) -> Individuals:
        """Return another set of the same individuals."""
        return Individuals(self.model, self.rows)

    __copy__ = copy

    def add(self, agent: Individual) -> None:
        """Add an individual of the same model at the end."""
        if agent not in self.model.agents:
            raise ValueError(f"{agent!r} does not live in this model and cannot be added")
        if agent not in self:
            self._rows = np.append(self.rows, agent.unique_id - 1)

    def discard(self, agent: Individual) -> None:
        """Remove an individual if it is there; out of ``model.agents`` means out of the model."""
        if agent not in self:
            return
        row = agent.unique_id - 1
        if self._everybody:
            self.model.remove_rows(np.array([row]))
        else:
            self._rows = self.rows[self.rows != row]

    def remove(self, agent: Individual) -> None:
        """Remove an individual that is there; out of ``model.agents`` means out of the model."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def clear(self) -> None:
        """Remove all."""
        self._update_rows(np.array([], dtype=np.intp))

    def _with(self, rows: np.ndarray, inplace: bool) -> Individuals:
        return self._update_rows(rows) if inplace else Individuals(self.model, rows)

    def _update(self, agents: Iterable[Individual]) -> Individuals:
        return self._update_rows(self._from_iterable(agents).rows)

    def _update_rows(self, rows: np.ndarray) -> Individuals:
        if self._everybody:
            self.model.remove_rows(np.setdiff1d(self.rows, rows))
        self._rows = rows
        return self

    def _from_iterable(self, it: Iterable[Individual]) -> Individuals:
        return Individuals(self.model, [one.unique_id - 1 for one in it])

    def __len__(self) -> int:
        """Return how many they are."""
        if self._rows is None:
            return int(np.count_nonzero(self.model.present))
        return self.rows.size

    def __iter__(self) -> Iterator[Individual]:
        """Make a view of each, skipping who is removed meanwhile."""
        present, view = self.model.present, self.model.individual_type
        return (view(self.model, row + 1) for row in map(int, self.rows) if present[row])

    def __contains__(self, agent: object) -> bool:
        """Whether an individual is one of them."""
        if not isinstance(agent, Individual) or agent.model is not self.model:
            return False
        row = agent.unique_id - 1
        there = self._everybody or bool(np.any(self._rows == row))
        return there and bool(self.model.present[row])

    def __repr__(self) -> str:
        """Return how many they are."""
        return f"Individuals({len(self)})"


def _checked_mask(mask: Any, size: int) -> np.ndarray:
    checked = np.asarray(mask)
    if checked.dtype != bool or checked.shape != (size,):
        problem = f"got {checked.dtype} of shape {checked.shape}"
        raise ValueError(f"select needs a function or {size} booleans; {problem}")
    return checked
