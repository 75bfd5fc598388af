"""Grid: every value of each parameter with every value of all others."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from adaptsim.schema import Place
from adaptsim.studies.axes import Axis, listed
from adaptsim.studies.designs.base import Cells


def grid(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return all combinations; the last parameter turns fastest.

    Examples
    --------
    >>> from pathlib import Path
    >>> place = Place("study.toml", "study.design", Path("."))
    >>> grid([Axis("a", (1, 2)), Axis("b", (5, 6))], {}, 0, place)
    {'a': [1, 1, 2, 2], 'b': [5, 6, 5, 6]}
    """
    combined = itertools.product(*(listed(axis, place) for axis in axes))
    columns = zip(*combined, strict=True)
    return {axis.name: list(column) for axis, column in zip(axes, columns, strict=True)}
