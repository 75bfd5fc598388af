"""Structure: what cells of a study share, so that they can run in one compiled call."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import jax
import numpy as np
from jax.extend.core import Var

from adaptsim.adaptation import Setting, Wanted, begin, needs, row
from adaptsim.agents.base import Tracking
from adaptsim.community.measuring import is_community
from adaptsim.environments import Environment, Stack
from adaptsim.groups import Groups, group_individuals
from adaptsim.measures import stability
from adaptsim.part import Part, is_structure
from adaptsim.scenarios import Scenario, from_table, set_value
from adaptsim.schema import WrongRequest
from adaptsim.simulation import rows_to_keep
from adaptsim.trajectory import Membership, membership

PARTS = ("environment.", "agent.", "rule.")
LEVELS = ("agent.observation_noise", "agent.gradient_noise", "agent.observation_probability")
"""Numbers that decide which random numbers are drawn."""


MOST_KNOWN = 16
"""So many studies are remembered at once."""

_KNOWN: dict[str, Structures] = {}


@dataclass(frozen=True)
class Form:
    """Which leaves of a setting are one number, and how the setting is put together of leaves."""

    tree: Any
    single: tuple[bool, ...]

    def setting(self, numbers: Any, arrays: Any) -> Setting:
        """Return the setting of one cell from its numbers and the arrays that all share."""
        ones, many = iter(numbers), iter(arrays)
        leaves = [next(ones) if single else next(many) for single in self.single]
        setting: Setting = self.tree.unflatten(leaves)
        return setting


@dataclass(frozen=True, eq=False)
class Structure:
    """What cells share that differ in numbers only.

    Attributes
    ----------
    scenario : Scenario
        One of the cells, built and checked; its numbers are an example.
    names : tuple[str, ...]
        Dotted names of the numbers in which cells differ.
    groups : Groups
        Groups of individuals of every cell.
    wanted : Wanted
        Which random numbers every cell draws.
    together : bool
        Whether they can run in one compiled call; else one after another.
    """

    scenario: Scenario
    names: tuple[str, ...]
    groups: Groups
    wanted: Wanted
    together: bool

    @property
    def setting(self) -> Setting:
        """Return the parts of the example."""
        return Setting(self.scenario.agent, self.scenario.rule, self.scenario.environment)

    @functools.cached_property
    def driven_by_target(self) -> tuple[str, ...]:
        """Return the variables whose drive is their target, so that one of them need be kept."""
        return tuple(name for name, one in self.tracking().items() if one.drive is one.target)

    @property
    def first(self) -> str:
        """Return the variable that stands for the whole individual."""
        return next(iter(self.variables))

    @functools.cached_property
    def variables(self) -> dict[str, str]:
        """Return what individuals track, each with how its drive moves (a world's ``probe``)."""
        environment = self.scenario.environment
        cue, moving = environment.rest(), _moving(environment)
        found = {}
        for name in self.tracking():
            felt = jax.jacfwd(lambda cue, name=name: self.tracking(cue)[name].drive)(cue)
            moved = bool(np.any(np.asarray(felt)[moving] != 0))
            found[name] = environment.probe if moved else "rest"
        return found

    @functools.cached_property
    def tallies(self) -> tuple[str, ...]:
        """Return what bodies count."""
        kind, rule, environment = self.one
        body = begin(kind, rule, environment.rest()).body
        return tuple(kind.tallies(body)) if jax.tree.leaves(body) else ()

    @property
    def fluctuates(self) -> bool:
        """Whether traits have a spread at rest to be measured, in these cells or their like.

        Cells without noise of a study that varies it have the same measures as the others.
        """
        varied = any(name in LEVELS for name in self.names)
        return varied or any(self.wanted) or self.scenario.environment.random

    @property
    def individually(self) -> bool:
        """Whether single individuals are recorded, not only statistics of groups."""
        scenario = self.scenario
        numbers = scenario.size * scenario.replicates * (scenario.steps // scenario.stride)
        return rows_to_keep(scenario.record, numbers, scenario.size) is not None

    def level(self, setting: Setting, name: str) -> Any:
        """Return a number of the kind in every cell of a stacked setting, the largest of many."""
        levels = np.asarray(getattr(setting.kind, name), dtype=float)
        return levels.max() if np.ndim(getattr(self.scenario.agent, name)) else levels

    @property
    def turned(self) -> bool:
        """Whether the rule has a learning rate that is one number, so that it has a limit."""
        rate = getattr(self.one.rule, "learning_rate", None)
        return rate is not None and not callable(rate) and not isinstance(rate, Part)

    @functools.cached_property
    def matters(self) -> np.ndarray:
        """Return which single numbers a speed limit can depend on, ``(leaves,)``.

        All but the learning rate and what the step without noise, differentiated at rest, does not
        use.
        """
        example = [np.asarray(leaf, dtype=float) for leaf, single in
                   zip(jax.tree.leaves(self.setting), self.form.single, strict=True)
                   if single]  # fmt: skip

        def jacobian(numbers: list[Any]) -> Any:
            kind, rule, environment = self.form.setting(numbers, self.arrays)
            kind, rule = row(kind, 0), row(rule, 0)
            rule = rule.replace(learning_rate=1.0)
            return stability.step_jacobian(kind, rule, environment.rest())

        whole = jax.make_jaxpr(jacobian)(example).jaxpr
        used = {one for line in whole.eqns for one in line.invars if isinstance(one, Var)}
        return np.array([one in used for one in whole.invars])

    @functools.cached_property
    def limits(self) -> dict[Any, float]:
        """Return the speed limits found so far."""
        return {}

    @functools.cached_property
    def one(self) -> Setting:
        """Return the parts of the example's first individual."""
        kind, rule, environment = self.setting
        return Setting(row(kind, 0), row(rule, 0), environment)

    def tracking(self, cue: Any = None) -> dict[str, Tracking]:
        """Return what the example's first individual tracks under a cue, at rest if not said."""
        kind, rule, environment = self.one
        cue = environment.rest() if cue is None else cue
        state = begin(kind, rule, cue)
        return kind.tracking(state.trait, state.body, cue)

    @functools.cached_property
    def form(self) -> Form:
        """Return how a cell's setting is put together of numbers and shared arrays."""
        leaves, tree = jax.tree.flatten(self.setting)
        return Form(tree, tuple(np.ndim(leaf) == 0 for leaf in leaves))

    @functools.cached_property
    def membership(self) -> Membership:
        """Return how means over groups are taken."""
        return membership(self.groups)

    @functools.cached_property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the arrays that all cells share."""
        pairs = zip(jax.tree.leaves(self.setting), self.form.single, strict=True)
        return tuple(np.asarray(leaf, dtype=float) for leaf, single in pairs if not single)

    def numbers(self, values: np.ndarray) -> np.ndarray:
        """Return every single number of every cell, ``(leaves, w)``, from ``(w, names)``.

        Raises
        ------
        WrongRequest
            If a part refuses a value; says which cell of these.
        """
        try:
            setting = self._with(values.T)
        except Exception:
            self._blame(values)
            raise
        pairs = zip(jax.tree.leaves(setting), self.form.single, strict=True)
        single = [np.asarray(leaf, dtype=float) for leaf, one in pairs if one]
        return np.stack([np.broadcast_to(leaf, len(values)) for leaf in single])

    def _with(self, columns: np.ndarray) -> Setting:
        parts = dict(zip(("agent", "rule", "environment"), self.setting, strict=True))
        for dotted, column in zip(self.names, columns, strict=True):
            first, *path = dotted.split(".")
            parts[first] = _replaced(parts[first], path, column)
        return Setting(parts["agent"], parts["rule"], parts["environment"])  # type: ignore[arg-type]

    def _blame(self, values: np.ndarray) -> None:
        """Raise the error of the first cell that a part refuses."""
        for number, one in enumerate(values):
            try:
                self._with(one)
            except ValueError as error:
                told = ", ".join(f"{n} = {v:g}" for n, v in zip(self.names, one, strict=True))
                raise WrongRequest(f"cell {number} ({told}): {error}") from None


def _replaced(part: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    return part.replace(**{name: _replaced(getattr(part, name), rest, value) if rest else value})


def structures_of(base: Mapping[str, Any]) -> Structures:
    """Return the structures of a study's cells, the same object for the same base."""
    text = _text(base)
    if text not in _KNOWN:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[text] = Structures(deepcopy(dict(base)), text)
    return _KNOWN[text]


class Structures:
    """The structures of a study's cells, found once each.

    Parameters
    ----------
    base
        A scenario as plain data.
    text
        The same as text.
    """

    def __init__(self, base: Mapping[str, Any], text: str) -> None:
        self.base, self.text = base, text
        self._found: dict[str, Structure] = {}
        self._split: dict[tuple[Any, ...], frozenset[str]] = {}

    def of(self, change: Mapping[str, Any]) -> Structure:
        """Return the structure of a cell."""
        key = self.key(change)
        if key not in self._found:
            self._found[key] = self._build(change)
        return self._found[key]

    def split(
        self, cells: Mapping[str, Sequence[Any]], count: int
    ) -> Iterator[tuple[Structure, np.ndarray, np.ndarray]]:
        """Yield each structure of many cells, their places and their numbers, ``(n, names)``.

        Parameters
        ----------
        cells
            What each changes, by dotted name.
        count
            How many they are.
        """
        places: dict[Structure, list[np.ndarray]] = {}
        for group in _alike(cells, count):
            example = {name: column[group[0]] for name, column in cells.items()}
            loose = [name for name in _plain(cells) if name not in self._numbers_of(example)]
            for part in _by(loose, cells, group):
                first = int(part[0])
                one = self.of({name: column[first] for name, column in cells.items()})
                places.setdefault(one, []).append(part)
        for one, parts in places.items():
            at = np.sort(np.concatenate(parts))
            columns = [np.asarray(cells[name], dtype=float)[at] for name in one.names]
            yield one, at, np.stack(columns, axis=1) if columns else np.empty((len(at), 0))

    def key(self, change: Mapping[str, Any]) -> str:
        """Return what tells a cell's structure from others, a text of 16 characters."""
        numbers = self._numbers_of(change)
        fixed = {name: value for name, value in change.items() if name not in numbers}
        idle = tuple(change[name] == _idle(name) for name in LEVELS if name in numbers)
        text = f"{self.text}{_text(fixed)}{sorted(numbers)}{idle}"
        return blake2b(text.encode(), digest_size=8).hexdigest()

    def _numbers_of(self, change: Mapping[str, Any]) -> frozenset[str]:
        """Return which names stand for single numbers of a part, looked up once per shape."""
        shape = tuple(
            (name, None if _may_be_number(name, value) else (type(value), str(value)))
            for name, value in change.items()
        )
        if shape not in self._split:
            self._split[shape] = self._numbers(change)
        return self._split[shape]

    def _numbers(self, change: Mapping[str, Any]) -> frozenset[str]:
        """Return which names stand for single numbers of a part."""
        scenario = self._scenario(change)
        return frozenset(
            name
            for name, value in change.items()
            if _may_be_number(name, value) and _is_number(scenario, name)
        )

    def _scenario(self, change: Mapping[str, Any]) -> Scenario:
        table = deepcopy(dict(self.base))
        for name, value in change.items():
            set_value(table, name, value, "study")
        return from_table(table, source=str(table.get("name") or "study"))

    def _build(self, change: Mapping[str, Any]) -> Structure:
        scenario = self._scenario(change)
        names = sorted(self._numbers_of(change))
        together = scenario.evolution is None and not is_community(scenario)
        _refuse_drawn(scenario)
        return Structure(
            scenario,
            tuple(names),
            group_individuals(scenario.agent, scenario.rule, scenario.size),
            needs(scenario.agent, scenario.rule),
            together,
        )


def _moving(environment: Environment) -> np.ndarray:
    """Return which components of the cue move, ``(c,)``."""
    if isinstance(environment, Stack):
        return np.concatenate([_moving(part) for part in environment.parts])
    return np.full(environment.rest().size, environment.probe != "rest")


def _text(fixed: Mapping[str, Any]) -> str:
    return json.dumps(fixed, sort_keys=True, default=str)


def _idle(name: str) -> float:
    """Return the level at which nothing is drawn."""
    return 1.0 if name == LEVELS[2] else 0.0


def _plain(cells: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return the names whose values are all floats and may be numbers of a part."""
    return [
        name
        for name, column in cells.items()
        if name.startswith(PARTS)
        and set(map(type, column)) == {float}
        and np.isfinite(column).all()
    ]


def _alike(cells: Mapping[str, Sequence[Any]], count: int) -> list[np.ndarray]:
    """Return the places of cells that differ in plain floats only, and draw the same."""
    plain, told = _plain(cells), []
    for name, column in cells.items():
        if name not in plain:
            told.append([(type(value), str(value)) for value in column])
        elif name in LEVELS:
            told.append([value == _idle(name) for value in column])
    return _grouped(zip(*told, strict=True) if told else [()] * count)


def _by(
    names: Sequence[str], cells: Mapping[str, Sequence[Any]], at: np.ndarray
) -> list[np.ndarray]:
    """Return places split by the values of some names."""
    if not names:
        return [at]
    told = zip(*([cells[name][place] for place in at] for name in names), strict=True)
    return [at[part] for part in _grouped(told)]


def _grouped(told: Iterable[Any]) -> list[np.ndarray]:
    """Return the places of equal things."""
    places: dict[Any, list[int]] = {}
    for place, one in enumerate(told):
        places.setdefault(one, []).append(place)
    return [np.array(part) for part in places.values()]


def _may_be_number(name: str, value: Any) -> bool:
    number = isinstance(value, float | int | np.number) and not isinstance(value, bool)
    return number and name.startswith(PARTS) and math.isfinite(value)


def _is_number(scenario: Scenario, dotted: str) -> bool:
    """Whether a dotted name stands for one number of a part that is the same for all."""
    first, *path = dotted.split(".")
    part: Any = getattr(scenario, first)
    for name in path[:-1]:
        part = getattr(part, name, None)
        if not isinstance(part, Part):
            return False
    declared = {one.name: one for one in fields(part)}
    if not path or path[-1] not in declared or is_structure(declared[path[-1]]):
        return False
    return isinstance(getattr(part, path[-1]), int | float)


def _refuse_drawn(scenario: Scenario) -> None:
    """Refuse individuals drawn by the seed: groups would be others in every cell."""
    for first in ("agent", "rule"):
        name = _drawn(scenario.resolved.get(first), first)
        if name:
            raise WrongRequest(
                f"study: {name} is drawn anew by each seed, so groups would differ between cells; "
                "write values = [...] or from = a, to = b"
            )


def _drawn(table: Any, name: str) -> str:
    if not isinstance(table, Mapping):
        return ""
    if "distribution" in table:
        return name
    return next(filter(None, (_drawn(inner, f"{name}.{key}") for key, inner in table.items())), "")
