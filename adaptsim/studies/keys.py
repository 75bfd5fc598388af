"""Keys: names of cells and runs, and their seeds, found by hashing what they are.

Nothing here depends on where a cell stands in a design, so that a value inserted in front, a study
continued or split over machines changes no key and no random number.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

RESULTS_VERSION = 1
"""Raised whenever the same cell would give other results than before."""

DIGITS = 12
"""Significant digits of a number that count; the rounded number is what is computed with."""

SEED_BITS = 63

ID = "S20"
"""How names of cells and runs are kept in arrays: as bytes."""


def canonical(value: Any) -> Any:
    """Return a value in the one form in which it is hashed, stored and computed with.

    Floats are rounded to 12 significant digits, and -0.0 is 0.0; tables are sorted by name.

    Raises
    ------
    ValueError
        For a number that is not finite, or a value that is no number, text, list or table.

    Examples
    --------
    >>> canonical(0.1 + 0.2), canonical(-0.0), canonical({"b": 1, "a": (2.0,)})
    (0.3, 0.0, {'a': [2.0], 'b': 1})
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"must be finite; got {value}")
        return float(f"{value:.{DIGITS}g}") + 0.0
    if isinstance(value, Mapping):
        return {str(key): canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [canonical(one) for one in value]
    raise ValueError(f"must be a number, a text, a list or a table; got {value!r}")


def text_of(value: Any) -> str:
    """Return a canonical value as text, the same for equal values.

    Examples
    --------
    >>> text_of({"rule.learning_rate": 0.1, "agent.kind": "Tracker"})
    '{"agent.kind":"Tracker","rule.learning_rate":0.1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(*parts: str) -> str:
    """Return 20 hexadecimal digits (80 bits) that name what the parts say."""
    joined = "\x1f".join(parts).encode()
    return hashlib.blake2b(joined, digest_size=10).hexdigest()


def cell_ids(study: str, cells: Mapping[str, Sequence[Any]], count: int) -> np.ndarray:
    """Return the names of cells: a study's fixed part and what each changes.

    Parameters
    ----------
    study
        The study's own id: everything that is the same in all of its cells.
    cells
        Canonical values by dotted name, one per cell.
    count
        How many cells there are.

    Returns
    -------
    ndarray of bytes
        Shape ``(count,)``: the `digest` of ``"cell"``, the study and the `text_of` its changes.

    Examples
    --------
    >>> cells = {"rate": [0.1, 0.3], "kind": ["Adam", {"b": 1}]}
    >>> names = cell_ids("s", cells, 2)
    >>> names[1].decode() == digest("cell", "s", text_of({"rate": 0.3, "kind": {"b": 1}}))
    True
    """
    columns = [_entries(name, cells[name]) for name in sorted(cells)]
    texts = map(",".join, zip(*columns, strict=True)) if cells else [""] * count
    return _names((digest("cell", study, f"{{{text}}}") for text in texts), count)


def _entries(name: str, values: Sequence[Any]) -> Iterator[str]:
    """Yield the entries of a column in the texts of its cells."""
    head = json.dumps(name)
    return (f"{head}:{_text(value)}" for value in values)


def _text(value: Any) -> str:
    return float.__repr__(value) if type(value) is float else text_of(value)


def run_ids(cells: np.ndarray, replicates: int) -> np.ndarray:
    """Return the names of runs, all cells of the first replicate first, as bytes.

    Examples
    --------
    >>> run_ids(np.array([b"ab", b"cd"]), 2)[3].decode() == digest("run", "cd", "1")
    True
    """
    each = (digest("run", bytes(cell).decode(), str(one))
            for one in range(replicates) for cell in cells)  # fmt: skip
    return _names(each, len(cells) * replicates)


def _names(told: Iterable[str], count: int) -> np.ndarray:
    return np.fromiter((one.encode() for one in told), dtype=ID, count=count)


def seed_of(study_seed: int, key: str, stream: str = "root") -> int:
    """Return a seed of 63 bits for a stream of random numbers.

    Parameters
    ----------
    study_seed
        Seed of the study.
    key
        Whose seed: the run's id for independent numbers, the replicate for common ones.
    stream
        What the numbers are for.

    Examples
    --------
    >>> seed_of(1, "replicate 0") == seed_of(1, "replicate 0")
    True
    >>> seed_of(1, "replicate 0") == seed_of(1, "replicate 1")
    False
    """
    joined = "\x1f".join((str(study_seed), key, stream)).encode()
    whole = int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "little")
    return whole >> (64 - SEED_BITS)
