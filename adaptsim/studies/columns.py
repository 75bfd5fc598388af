"""Columns: names and types of the tables of a study, fixed before the first run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from adaptsim.studies.keys import text_of

if TYPE_CHECKING:
    from adaptsim.studies.plan import Plan

RUN = {
    "run_id": pa.string(),
    "cell_id": pa.string(),
    "study_id": pa.string(),
    "replicate": pa.int64(),
    "seed": pa.int64(),
}
SPENT = {"secs": pa.float64(), "attempt": pa.int64(), "session": pa.string()}
FAILURE = {
    "status": pa.string(),
    "error_type": pa.string(),
    "error": pa.string(),
    "traceback": pa.string(),
}
NOT_RESULTS = ("secs", "attempt", "session")
"""Columns that may differ between two computations of the same run."""


def parameter_type(column: Sequence[Any]) -> pa.DataType:
    """Return the type of a parameter's column.

    Examples
    --------
    >>> str(parameter_type([0.1, 0.2])), str(parameter_type(["Adam", "Momentum"]))
    ('double', 'string')
    """
    kinds = {type(value) for value in column}
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64()
    if kinds <= {int, float}:
        return pa.float64()
    return pa.string()


def parameters(plan: Plan) -> dict[str, pa.DataType]:
    """Return the columns of what is varied."""
    cells = plan.study.design.cells
    return {f"p_{name}": parameter_type(column) for name, column in cells.items()}


def run_schema(plan: Plan, results: Mapping[str, str]) -> pa.Schema:
    """Return the columns of finished runs."""
    types = {"float": pa.float64(), "str": pa.string()}
    found = {name: types[kind] for name, kind in results.items()}
    return pa.schema({**RUN, **parameters(plan), **found, **SPENT})


def failure_schema(plan: Plan) -> pa.Schema:
    """Return the columns of runs that failed."""
    return pa.schema({**RUN, **parameters(plan), **FAILURE, **SPENT})


def design_schema(plan: Plan) -> pa.Schema:
    """Return the columns of the design: one row per run, ``row`` says which cell."""
    return pa.schema({**RUN, "row": pa.int64(), **parameters(plan)})


def batch_of(schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Return rows as a batch of a schema; what a row lacks is nan, an empty text or null."""
    arrays = []
    for field in schema:
        missing = _MISSING.get(field.type) if field.name[:2] in ("m_", "t_", "f_") else None
        values = [row.get(field.name, missing) for row in rows]
        arrays.append(
            pa.array(_as_text(values) if field.type == pa.string() else values, field.type)
        )
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


_MISSING = {pa.float64(): float("nan"), pa.string(): ""}


def _as_text(values: list[Any]) -> list[Any]:
    return [v if isinstance(v, str) or v is None else str(shown(v)) for v in values]


def identification(plan: Plan, position: int) -> dict[str, Any]:
    """Return the columns that say which run it is and what it changes."""
    cell = plan.cell_id(position)
    told: dict[str, Any] = {
        "run_id": plan.run_id(position),
        "cell_id": cell,
        "study_id": plan.study.study_id,
        "replicate": plan.replicate(position),
        "seed": plan.seed(position),
    }
    for name, value in plan.changes(position).items():
        told[f"p_{name}"] = shown(value)
    return told


def shown(value: Any) -> Any:
    """Return a parameter's value as a table shows it: tables and lists as text."""
    return text_of(value) if isinstance(value, Mapping | list) else value
