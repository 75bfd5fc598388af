"""Design: a table of cells, one column per parameter, and the way it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adaptsim.studies.axes import Axis

Cells = dict[str, list[Any]]
"""Values of each parameter, one per cell, all of one length."""


@dataclass(frozen=True)
class Design:
    """What is varied, and how.

    Attributes
    ----------
    kind : str
        How the cells were chosen: ``"grid"``, ``"sobol"``, ``"saltelli"``, ...
    axes : tuple[Axis, ...]
        The parameters.
    options : dict
        The settings of the kind, defaults filled in.
    cells : dict[str, list]
        Values of each parameter by dotted name, one per cell. Of a refined design: the cells of
        the first generation.
    """

    kind: str
    axes: tuple[Axis, ...]
    options: Mapping[str, Any]
    cells: Cells

    def __len__(self) -> int:
        """Return how many cells there are."""
        return len(next(iter(self.cells.values()), [None]))
