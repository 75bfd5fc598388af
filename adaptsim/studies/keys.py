"""Keys: names of cells and runs, and their seeds, found by hashing what they are.

Nothing here depends on where a cell stands in a design, so that a value inserted in front, a study
continued or split over machines changes no key and no random number.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

RESULTS_VERSION = 1
"""Raised whenever the same cell would give other results than before."""

DIGITS = 12
"""Significant digits of a number that count; the rounded number is what is computed with."""

SEED_BITS = 63


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


def cell_id(study: str, changes: Mapping[str, Any]) -> str:
    """Return the name of a cell: a study's fixed part and what the cell changes.

    Parameters
    ----------
    study
        The study's own id: everything that is the same in all of its cells.
    changes
        Canonical values by dotted name.
    """
    return digest("cell", study, text_of(changes))


def run_id(cell: str, replicate: int) -> str:
    """Return the name of one replicate of a cell."""
    return digest("run", cell, str(replicate))


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
