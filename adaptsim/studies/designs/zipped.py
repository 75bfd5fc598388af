"""Zip: lists of one length, walked through side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adaptsim.schema import Place
from adaptsim.studies.axes import Axis, listed
from adaptsim.studies.designs.base import Cells


def zipped(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return the first values together, then the second ones, and so on.

    Raises
    ------
    WrongRequest
        If the lists differ in length.
    """
    cells = {axis.name: list(listed(axis, place)) for axis in axes}
    lengths = {name: len(values) for name, values in cells.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise place.wrong("", f"of kind 'zip' needs lists of one length; {told}")
    return cells
