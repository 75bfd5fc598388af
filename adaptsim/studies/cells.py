"""Cells: many runs of one scenario that differ in numbers, in one compiled call.

Cells of one *structure* (same kinds, sizes, steps, delays; see `structure`) are stacked into tiles
of a fixed width and simulated and measured side by side; what is missing of the last tile is filled
with copies. The width follows from the structure alone, every number of every part is stacked
whether cells differ in it or not, and measures work column by column. So a cell's bits do not
depend on the batch it comes in, its place there, or the size of batches. They differ from those of
``adaptsim run`` by rounding only: there the same step is compiled for another number of columns,
and XLA contracts products and sums differently for different widths.

Scenarios in which generations follow each other, and communities of predators and prey, run one
after another through the same function.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import Moment, Wanted, scan
from adaptsim.community.measuring import is_community
from adaptsim.simulation import shared, start_replicates
from adaptsim.studies.measured import Record, measure_cells, measures_of
from adaptsim.studies.structure import Form, Structure, structures_of
from adaptsim.trajectory import Followed, Trajectory, keep_individuals, keep_statistics

if TYPE_CHECKING:
    import pandas as pd

    from adaptsim.studies.traces import Traces

WIDEST = 256
"""Most cells in a tile."""
NUMBERS_PER_STEP = 4096
"""A tile need not be wider than this many numbers per step: loops then cost next to nothing."""
TILE_BYTES = 1 << 29
"""Most memory that a tile's records and what is made of them may take."""
COPIES = 24
"""How often a record is held at most while it is measured."""

Table = dict[str, np.ndarray]
"""Results by name, an entry for each cell."""


def run_cells(
    base: Mapping[str, Any],
    changes: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    traces: Traces | None = None,
) -> Table:
    """Run cells and return the measures of each.

    Parameters
    ----------
    base
        A scenario as plain data, as `scenarios.from_table` takes it.
    changes
        What cells set: by dotted name a value for each, ``{"rule.learning_rate": [0.1, 0.3]}``.
    seeds
        Root seed of each cell, below 2^63.
    traces
        Where the courses of some of them are written.

    Returns
    -------
    dict
        By name ``m_<measure>`` (value), ``t_<measure>`` (theory, nan where no closed form is
        known) and ``f_<measure>`` (flag), see `columns`; each holds an entry for every cell. A run
        that diverged has nan and flags; a measure that a cell's structure has not, nan and no flag.

    Raises
    ------
    WrongRequest
        If a cell's values are refused; says which cell. Nothing is then returned.

    Examples
    --------
    >>> base = {
    ...     "steps": 200,
    ...     "environment": {"kind": "Sinusoid", "period": 50.0},
    ...     "agent": {"kind": "Tracker"},
    ...     "rule": {"kind": "GradientDescent", "learning_rate": 0.1},
    ... }
    >>> found = run_cells(base, {"rule.learning_rate": [0.1, 0.3]}, [0, 0])
    >>> found["m_phase_lag"].round(3).tolist()
    [7.456, 3.225]
    >>> found["t_phase_lag"].round(3).tolist()
    [7.456, 3.225]
    """
    count = len(seeds)
    parts = []
    for structure, places, values in structures_of(base).split(changes, count):
        theirs = traces.part(places) if traces else None
        roots = np.asarray(seeds, dtype=np.int64)[places]
        parts.append((places, _run_alike(structure, values, roots, theirs)))
    if len(parts) == 1:
        return parts[0][1]
    found: Table = {}
    for places, table in parts:
        for name, values in table.items():
            if name not in found:
                blank = "" if name.startswith("f_") else np.nan
                found[name] = np.full(count, blank, dtype=_type(name))
            found[name][places] = values
    return found


def _type(name: str) -> type:
    return object if name.startswith("f_") else float


def structure_key(base: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    """Return a text that cells share if they can run in one compiled call.

    Examples
    --------
    >>> base = {
    ...     "steps": 9,
    ...     "environment": {"kind": "Constant"},
    ...     "agent": {"kind": "Tracker"},
    ... }
    >>> one, two, three = (
    ...     structure_key(base, change)
    ...     for change in ({"agent.start_at": 1.0}, {"agent.start_at": 2.0}, {"steps": 8})
    ... )
    >>> one == two, one == three
    (True, False)
    """
    return structures_of(base).key(change)


def columns(base: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> dict[str, type]:
    """Return the columns that `run_cells` fills, by name, with their types; nothing is run.

    ``m_``, ``t_`` and ``f_`` stand before the name of a measure; a second variable's name stands
    before the measure (``m_preference.gain``), a group's label behind it (``m_gain[0.1]``). Where
    cells differ in structure, the columns of all.

    Examples
    --------
    >>> base = {
    ...     "steps": 9,
    ...     "environment": {"kind": "Constant"},
    ...     "agent": {"kind": "Tracker"},
    ... }
    >>> list(columns(base, [{}]))[:3]
    ['m_spectral_radius', 't_spectral_radius', 'f_spectral_radius']
    """
    structures = structures_of(base)
    found: dict[str, type] = {}
    seen: set[str] = set()
    for change in changes:
        key = structures.key(change)
        if key not in seen:
            seen.add(key)
            names = _names(structures.of(change))
            found |= {name: kind for one in names for name, kind in _columns_of(one).items()}
    return found


def _columns_of(name: str) -> dict[str, type]:
    return {f"m_{name}": float, f"t_{name}": float, f"f_{name}": str}


def _names(structure: Structure) -> list[str]:
    if structure.together:
        return list(measures_of(structure))
    names = list(_rows(_short(structure)))
    if is_community(structure.scenario):  # some of which have none, or one
        names += [name for name in ("hopf_rate_1", "hopf_rate_2") if name not in names]
    return names


def _run_alike(
    structure: Structure, values: np.ndarray, seeds: np.ndarray, traces: Traces | None
) -> Table:
    """Run cells of one structure, values ``(w, names)``."""
    numbers = structure.numbers(values)
    if not structure.together:
        return _one_by_one(structure, numbers, seeds.tolist(), traces)
    width = tile_width(structure)
    tables = []
    for first in range(0, len(seeds), width):
        count = min(width, len(seeds) - first)
        fill = np.minimum(np.arange(width), count - 1) + first
        tile = np.ascontiguousarray(numbers[:, fill])
        record = _record(structure, tile, seeds[fill])
        if traces:
            _trace(structure, record, traces.part(fill[:count]))
        tables.append(measure_cells(structure, tile, record, count))
    return {name: np.concatenate([one[name] for one in tables]) for name in tables[0]}


def _trace(structure: Structure, record: Record, traces: Traces) -> None:
    """Write what cells of a tile left behind, each as a run by itself would."""
    steps = np.arange(len(record.excess)) * structure.scenario.stride
    rows = np.arange(structure.scenario.size) if record.individually else None
    for place, name in enumerate(traces.runs):
        if name:
            whole = (record.followed, record.excess)
            followed, excess = jax.tree.map(lambda part: part[:, place], whole)  # noqa: B023
            told = {variable: shared(one) for variable, one in followed.items()}
            final: Any = None
            left = Trajectory(steps, told, excess, excess, structure.groups, rows, final)
            traces.write(place, left)


@functools.lru_cache(maxsize=256)
def tile_width(structure: Structure) -> int:
    """Return how many cells of a structure run side by side, a power of two."""
    scenario, setting = structure.scenario, structure.setting
    moments = jax.eval_shape(lambda: start_replicates(
        setting, 0, replicates=scenario.replicates, size=scenario.size))  # fmt: skip
    carried = sum(leaf.size for leaf in jax.tree.leaves((moments.state, moments.world)))
    records = scenario.steps // scenario.stride
    kept = scenario.size if structure.individually else len(structure.groups)
    held = records * scenario.replicates * kept * 8 * COPIES
    most = min(NUMBERS_PER_STEP // max(carried, 1), TILE_BYTES // max(held, 1), WIDEST)
    return 1 << max(most, 1).bit_length() - 1


def _record(structure: Structure, numbers: np.ndarray, seeds: np.ndarray) -> Record:
    """Simulate one tile."""
    scenario = structure.scenario
    individually = structure.individually
    using = jnp.arange(scenario.size) if individually else structure.membership
    followed, excess, bodies = _simulate(
        numbers, structure.arrays, seeds, using, scenario.stride,
        scenario.steps % scenario.stride,
        form=structure.form, individually=individually, wanted=structure.wanted,
        replicates=scenario.replicates, size=scenario.size,
        records=scenario.steps // scenario.stride, same=structure.driven_by_target,
    )  # fmt: skip
    followed, excess, bodies = jax.tree.map(np.asarray, (followed, excess, bodies))
    return Record(followed, excess, bodies, individually)


@functools.partial(
    jax.jit,
    static_argnames=(
        "form", "individually", "wanted", "replicates", "size", "records", "same",
    ),
)  # fmt: skip
def _simulate(
    numbers: Any,
    arrays: Any,
    seeds: Any,
    using: Any,
    stride: Any,
    rest: Any,
    *,
    form: Form,
    individually: bool,
    wanted: Wanted,
    replicates: int,
    size: int,
    records: int,
    same: tuple[str, ...],
) -> tuple[dict[str, Followed], Any, Any]:
    """Return what cells recorded, arrays ``(T, w, r, m)``, and their last bodies ``(w, r, n)``."""
    keeper = keep_individuals if individually else keep_statistics

    def cell(numbers: Any, seed: Any) -> Any:
        setting = form.setting(numbers, arrays)
        moments = start_replicates(setting, seed, replicates=replicates, size=size)

        def one(moment: Moment) -> tuple[Moment, Any]:
            return scan(
                setting, moment, using, stride, rest, records=records, wanted=wanted, record=keeper
            )

        return jax.vmap(one, out_axes=(0, 1))(moments)

    last, kept = jax.vmap(cell, in_axes=(1, 0), out_axes=(0, 1))(numbers, seeds)
    followed = {
        name: one._replace(drive=None) if name in same else one
        for name, one in kept.followed.items()
    }
    return followed, kept.excess, last.state.body


def _one_by_one(
    structure: Structure, numbers: np.ndarray, seeds: list[int], traces: Traces | None
) -> Table:
    """Run cells that cannot run in one call."""
    from adaptsim.runs import run

    names = _names(structure)
    missing = (float("nan"), float("nan"), "not defined here")
    told: dict[str, list[Any]] = {column: [] for name in names for column in _columns_of(name)}
    for place, (column, seed) in enumerate(zip(numbers.T, seeds, strict=True)):
        kind, rule, environment = structure.form.setting(column.tolist(), structure.arrays)
        cell = replace(
            structure.scenario, agent=kind, rule=rule, environment=environment, seed=seed
        )
        one = run(cell)
        if traces and traces.runs[place]:
            traces.write(place, one.trajectory)
        found = _rows(one.table)
        for name in names:
            for letter, part in zip("mtf", found.get(name, missing), strict=True):
                told[f"{letter}_{name}"].append(part)
    return {name: np.array(values, dtype=_type(name)) for name, values in told.items()}


def _rows(table: pd.DataFrame) -> dict[str, tuple[float, float, str]]:
    """Return value, theory and flag of each measure of a run's table."""
    variables = table["variable"].tolist()
    first = "community" if "community" in variables else variables[0]
    found: dict[str, tuple[float, float, str]] = {}
    for row in table.to_dict("records"):
        name = row["measure"] if row["variable"] == first else f"{row['variable']}.{row['measure']}"
        name += f"[{row['group']}]" if row["group"] else ""
        found[name] = (float(row["value"]), float(row["theory"]), row["flag"] or "")
    return found


@functools.lru_cache(maxsize=64)
def _short(structure: Structure) -> pd.DataFrame:
    """Return the table of a run cut short, for the names of its measures."""
    from adaptsim.runs import run

    whole = structure.scenario
    if whole.evolution is None:
        short = replace(whole, steps=4, stride=1, replicates=1, burn_in=None)
    else:
        evolution = whole.evolution.replace(generations=2)
        short = replace(whole, evolution=evolution, steps=2 * evolution.life, replicates=1)
    return run(short).table
