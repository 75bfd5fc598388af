"""Models: what is computed in each cell of a study, a scenario or a function of one's own.

Workers import this file for whatever they compute, so it imports nothing heavy by itself.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from adaptsim.studies.keys import RESULTS_VERSION, canonical

if TYPE_CHECKING:
    from adaptsim.studies.traces import Traces

Columns = Mapping[str, Sequence[Any] | np.ndarray]
"""Results by name, ``m_<measure>``, ``t_<measure>`` and ``f_<measure>``, an entry for each cell."""


class Model(Protocol):
    """What a cell's changes and a seed are turned into numbers by.

    Attributes
    ----------
    alone : bool
        Whether cells are computed one after another; else a batch is one call.
    """

    @property
    def alone(self) -> bool:
        """Whether cells are computed one after another."""
        ...

    @property
    def units(self) -> Mapping[str, str]:
        """Units of parameters and measures that only it knows; no result depends on them."""
        ...

    def fixed(self) -> dict[str, Any]:
        """Return everything that is the same in all cells, as plain data without absolute paths."""
        ...

    def normal(self, name: str, values: Sequence[Any]) -> list[Any]:
        """Return values of a parameter in the type it has in the model."""
        ...

    def check(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Raise `WrongRequest` if one of these cells cannot be built."""
        ...

    def columns(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Return the names of the results of these cells and their types, float or str."""
        ...

    def prepare(self) -> None:
        """Import what cells need."""
        ...

    def unit(self, change: Mapping[str, Any]) -> int:
        """Return how many cells like this one are computed side by side."""
        ...

    def results(
        self,
        changes: Mapping[str, Sequence[Any]],
        seeds: Sequence[int],
        traces: Traces | None = None,
    ) -> Columns:
        """Return the results of cells, in one call; ``changes`` holds a value for each by name.

        The courses of some are written to ``traces`` before.
        """
        ...


@dataclass(frozen=True)
class ScenarioModel:
    """A scenario whose values cells change.

    Attributes
    ----------
    base : dict
        The scenario's table, changes made, own parts by absolute path.
    resolved : dict
        The same with all defaults.
    source : str
        Where it stands, in messages.
    folder : str
        Where its relative names start.
    """

    base: Mapping[str, Any]
    resolved: Mapping[str, Any]
    source: str
    folder: str
    alone: ClassVar[bool] = False
    units: ClassVar[Mapping[str, str]] = MappingProxyType({})  # its parts and measures tell them

    def fixed(self) -> dict[str, Any]:
        """Return the resolved scenario, but for name, question and seed, which change no result."""
        told = {k: v for k, v in self.resolved.items() if k not in ("name", "question", "seed")}
        plain = _movable(told, self.folder)
        return {"results_version": RESULTS_VERSION, "scenario": plain}

    def normal(self, name: str, values: Sequence[Any]) -> list[Any]:
        """Return whole numbers as floats where the scenario has a float."""
        if name == "seed":
            from adaptsim.schema import WrongRequest

            raise WrongRequest(f"{self.source}: seed cannot be varied: see [study] replicates")
        inner: Any = self._scenario
        for part in name.split("."):
            inner = getattr(inner, part, None)
        if isinstance(inner, float | np.ndarray):
            return [float(v) if type(v) is int else v for v in values]
        return list(values)

    @cached_property
    def _scenario(self) -> Any:
        return self._build({})

    def _build(self, changes: Mapping[str, Any]) -> Any:
        from copy import deepcopy

        from adaptsim.scenarios import from_table, set_value

        table = deepcopy(dict(self.base))
        for dotted, value in changes.items():
            set_value(table, dotted, value, self.source)
        return from_table(table, source=self.source, folder=Path(self.folder))

    def built(self, changes: Mapping[str, Any], seed: int) -> Any:
        """Return one run as a scenario of its own."""
        return self._build({**changes, "seed": seed})

    def check(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Build these cells."""
        for change in changes:
            self._build(change)

    def columns(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Return what the scenario measures."""
        from adaptsim.studies.cells import columns

        found = columns(self.base, changes)
        return {name: "str" if name.startswith("f_") else "float" for name in found}

    def prepare(self) -> None:
        """Import the simulator."""
        importlib.import_module("adaptsim.studies.cells")

    def unit(self, change: Mapping[str, Any]) -> int:
        """Return the width of a tile of cells."""
        from adaptsim.studies.cells import tile_width
        from adaptsim.studies.structure import structures_of

        structure = structures_of(self.base).of(change)
        return tile_width(structure) if structure.together else 1

    def results(
        self,
        changes: Mapping[str, Sequence[Any]],
        seeds: Sequence[int],
        traces: Traces | None = None,
    ) -> Columns:
        """Run the cells together."""
        from adaptsim.studies.cells import run_cells

        return run_cells(self.base, changes, seeds, traces)


@dataclass(frozen=True)
class FunctionModel:
    """A function of one's own: ``function(parameters, seed)`` returns numbers by name.

    Attributes
    ----------
    function : str
        ``FILE.py:name``, the file relative to ``folder``.
    measures : tuple[str, ...]
        Names of the numbers it returns.
    parameters : dict
        Values that cells may change.
    version : int
        To be raised when the function is changed so that results differ.
    source, folder : str
        Where it is told, and where its relative names start.
    units : dict
        Units of parameters and measures, for the axes of pictures; no result depends on them.
    """

    function: str
    measures: tuple[str, ...]
    parameters: Mapping[str, Any]
    version: int
    source: str
    folder: str
    units: Mapping[str, str] = field(default_factory=dict, compare=False)
    alone: ClassVar[bool] = True
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes without the function itself, which is loaded there."""
        told = (self.function, self.measures, self.parameters, self.version)
        return FunctionModel, (*told, self.source, self.folder)

    def fixed(self) -> dict[str, Any]:
        """Return name, version, measures and constant parameters."""
        return {
            "function": self.function,
            "version": self.version,
            "measures": sorted(self.measures),
            "parameters": canonical(self.parameters),
        }

    def normal(self, name: str, values: Sequence[Any]) -> list[Any]:
        """Return the values; whole numbers as floats where the parameter is a float or some are."""
        known = self.parameters.get(name)
        if isinstance(known, float) or any(isinstance(value, float) for value in values):
            return [float(v) if type(v) is int else v for v in values]
        return list(values)

    def check(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Load the function."""
        self.load()

    def load(self) -> Callable[[dict[str, Any], int], Mapping[str, Any]]:
        """Return the function.

        Raises
        ------
        WrongRequest
            If its file cannot be imported or does not hold it.
        """
        if not self._loaded:
            self._loaded["function"] = self._find()
        return self._loaded["function"]

    def _find(self) -> Any:
        file, _, name = self.function.rpartition(":")
        path = Path(self.folder) / file
        if not path.is_file():
            raise self._wrong(f"no file {file!r} in {self.folder}; write FILE.py:name")
        spec = importlib.util.spec_from_file_location(f"adaptsim study's {path}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise self._wrong(f"{type(error).__name__}: {error}") from error
        found = getattr(module, name, None)
        if callable(found):
            return found
        from adaptsim.schema import suggest

        known = [key for key, value in vars(module).items() if callable(value)]
        raise self._wrong(f"no such function; {suggest(name, known)}")

    def _wrong(self, problem: str) -> Exception:
        from adaptsim.schema import WrongRequest

        return WrongRequest(f"{self.source}: scenario.function = {self.function!r}: {problem}")

    def columns(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Return the declared measures."""
        return {f"m_{name}": "float" for name in self.measures}

    def prepare(self) -> None:
        """Load the function; one that cannot be loaded fails with its first cell."""
        with contextlib.suppress(Exception):
            self.load()

    def unit(self, change: Mapping[str, Any]) -> int:
        """Return 1: nothing is computed side by side."""
        return 1

    def results(
        self,
        changes: Mapping[str, Sequence[Any]],
        seeds: Sequence[int],
        traces: Traces | None = None,
    ) -> Columns:
        """Call the function for one cell after another."""
        found: dict[str, list[float]] = {f"m_{name}": [] for name in self.measures}
        fixed = {sys.intern(name): value for name, value in self.parameters.items()}
        columns = {sys.intern(name): values for name, values in changes.items()}
        for place, seed in enumerate(seeds):  # interned names are looked up in half the time
            change = {name: values[place] for name, values in columns.items()}
            returned = self.load()({**fixed, **change}, seed)
            unknown = [name for name in returned if name not in self.measures]
            if unknown:
                told = f"returned {unknown[0]!r}, which [scenario] measures does not list"
                raise ValueError(told)
            for name in self.measures:
                found[f"m_{name}"].append(float(returned.get(name, np.nan)))
        return found


def calls(model: Model, count: int) -> Iterator[range]:
    """Yield the places of a batch of ``count`` cells that are one call."""
    if model.alone:
        yield from (range(place, place + 1) for place in range(count))
    else:
        yield range(count)


def _movable(value: Any, folder: str) -> Any:
    """Return plain data in canonical form, paths below or beside a folder relative to it."""
    if isinstance(value, Mapping):
        return {str(key): _movable(value[key], folder) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_movable(one, folder) for one in value]
    if isinstance(value, str) and os.path.isabs(value):
        path, colon, name = value.partition(":")
        return os.path.relpath(path, folder).replace(os.sep, "/") + colon + name
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return canonical(value)
