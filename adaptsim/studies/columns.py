"""Columns: names and types of the tables of a study, fixed before the first run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from adaptsim.studies.keys import ID, text_of

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


def run_schema(plan: Plan, results: Mapping[str, str]) -> pa.Schema:
    """Return the columns of finished runs."""
    types = {"float": pa.float64(), "str": pa.string()}
    found = {name: types[kind] for name, kind in results.items()}
    return pa.schema({**_identified(plan), **found, **SPENT})


def failure_schema(plan: Plan) -> pa.Schema:
    """Return the columns of runs that failed."""
    return pa.schema({**_identified(plan), **FAILURE, **SPENT})


def _identified(plan: Plan) -> dict[str, pa.DataType]:
    return RUN | {name: column.type for name, column in plan.parameters.items()}


def completed(schema: pa.Schema, known: pa.RecordBatch, found: Mapping[str, Any]) -> pa.RecordBatch:
    """Return rows of a schema: what is known of the runs, and what was found.

    A result that is missing is nan or an empty text; anything else that is, null.

    Examples
    --------
    >>> schema = pa.schema({"run_id": pa.string(), "m_lag": pa.float64(), "f_lag": pa.string()})
    >>> known = pa.RecordBatch.from_pydict({"run_id": ["a", "b"]})
    >>> completed(schema, known, {"m_lag": [1.0, 2.0]}).to_pydict()
    {'run_id': ['a', 'b'], 'm_lag': [1.0, 2.0], 'f_lag': ['', '']}
    """
    there, count = set(known.schema.names), len(known)
    arrays = []
    for field in schema:
        if field.name in there:
            arrays.append(known.column(field.name))
        elif field.name in found:
            arrays.append(pa.array(found[field.name], field.type))
        else:
            missing = _MISSING.get(field.type) if field.name[:2] in ("m_", "t_", "f_") else None
            arrays.append(pa.repeat(pa.scalar(missing, field.type), count))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


_MISSING = {pa.float64(): float("nan"), pa.string(): ""}


def identification(plan: Plan, positions: np.ndarray) -> pa.RecordBatch:
    """Return the columns that say which runs they are and what they change."""
    rows = plan.row(positions)
    columns = {
        "run_id": text_array(plan.run_ids[positions]),
        "cell_id": text_array(plan.cell_ids[rows]),
        "study_id": pa.repeat(plan.study.study_id, len(positions)),
        "replicate": pa.array(plan.replicate(positions)),
        "seed": pa.array(plan.seeds(positions)),
    }
    columns |= {name: column.take(pa.array(rows)) for name, column in plan.parameters.items()}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def design_rows(plan: Plan, positions: np.ndarray) -> pa.RecordBatch:
    """Return the rows of the design: what runs are, and of which cell of it (``row``)."""
    known = identification(plan, positions)
    return known.add_column(len(RUN), "row", pa.array(plan.row(positions), pa.int64()))


def text_array(ids: np.ndarray) -> pa.Array:
    """Return names of one length, bytes ``(n,)``, as a column of texts.

    Examples
    --------
    >>> text_array(np.array([b"ab", b"cd"])).to_pylist()
    ['ab', 'cd']
    """
    ends = np.arange(len(ids) + 1, dtype=np.int32) * ids.dtype.itemsize
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(ids))]
    return pa.Array.from_buffers(pa.string(), len(ids), buffers)


def byte_array(ids: pa.ChunkedArray) -> np.ndarray:
    """Return a column of names as bytes, shape ``(n,)``.

    Examples
    --------
    >>> byte_array(pa.chunked_array([["x" * 20, "y" * 20], ["z" * 20]])[1:]).tolist()
    [b'yyyyyyyyyyyyyyyyyyyy', b'zzzzzzzzzzzzzzzzzzzz']
    """
    return np.concatenate([np.array([], dtype=ID), *map(_bytes, ids.chunks)])


def _bytes(ids: pa.Array) -> np.ndarray:
    if not len(ids):
        return np.array([], dtype=ID)
    _, ends, letters = ids.buffers()
    begin = np.frombuffer(ends, np.int32, 1, ids.offset * 4)[0]
    return np.frombuffer(letters, ID, len(ids), begin)


def parameter_column(values: Sequence[Any]) -> pa.Array:
    """Return a parameter's values as a table shows them: tables, lists and mixtures as text."""
    kind = parameter_type(values)
    if kind == pa.string():
        values = [value if isinstance(value, str) else _as_text(value) for value in values]
    return pa.array(values, kind)


def _as_text(value: Any) -> str:
    return text_of(value) if isinstance(value, Mapping | list) else str(value)
