"""Table: the cells stand in a CSV file, one row each, one column per parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adaptsim.schema import Place
from adaptsim.studies.axes import Axis
from adaptsim.studies.designs.base import Cells
from adaptsim.studies.keys import canonical


def table(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return the rows of the file; its header holds dotted names of parameters.

    Raises
    ------
    WrongRequest
        If the file cannot be read, has no rows, has holes, or parameters are given beside it.
    """
    import pandas as pd

    if axes:
        raise place.wrong(axes[0].name, "cannot stand beside a table of cells; give it a column")
    if not isinstance(options["file"], str):
        raise place.wrong("file", f"must name a CSV file; got {options['file']!r}")
    path = place.folder / options["file"]
    try:
        frame = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise place.wrong("file", f"= {options['file']!r} cannot be read: {error}") from None
    if frame.empty:
        raise place.wrong("file", f"= {options['file']!r} has no rows")
    for name in frame.columns:
        holes = frame.index[frame[name].isna()]
        if len(holes):
            told = f"row {holes[0] + 1} of column {name!r} is empty or not a number"
            raise place.wrong("file", f"= {options['file']!r}: {told}")
    return {str(name): [canonical(v) for v in frame[name].tolist()] for name in frame.columns}
