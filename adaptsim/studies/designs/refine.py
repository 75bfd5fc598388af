"""Refine: cells placed where an outcome crosses a threshold, generation after generation.

Cells are the corners of a Delaunay triangulation of the unit cube. An edge whose ends lie on
different sides of the threshold is cut in half, the longest edges first, so the boundary is found
to half the distance with each generation. Which cells come next follows from the outcomes of all
earlier generations alone, so an interrupted study goes on to the same cells.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adaptsim.schema import Place
from adaptsim.studies.axes import Axis, listed
from adaptsim.studies.designs.base import Cells

MOST_AXES = 4


def first_generation(
    axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place
) -> Cells:
    """Return the grid from which refinement starts: the ``levels`` of each axis."""
    from adaptsim.studies.designs.grid import grid

    if len(axes) > MOST_AXES:
        raise place.wrong("", f"of kind 'refine' takes up to {MOST_AXES} parameters")
    for axis in axes:
        if axis.low >= axis.high or axis.whole or len(listed(axis, place)) < 2:
            raise place.wrong(axis.name, "must be { from = a, to = b, levels = n }, n of 2 or more")
    return grid(axes, options, seed, place)


def unit_places(axes: Sequence[Axis], cells: Cells) -> np.ndarray:
    """Return where cells lie in the unit cube, shape ``(n, d)``.

    Examples
    --------
    >>> axis = Axis("rate", low=0.01, high=1.0, spacing="log")
    >>> unit_places([axis], {"rate": [0.01, 0.1, 1.0]}).round(6).tolist()
    [[0.0], [0.5], [1.0]]
    """
    columns = []
    for axis in axes:
        value = np.asarray(cells[axis.name], dtype=float)
        if axis.spacing == "log":
            ends = np.log([axis.low, axis.high])
            columns.append((np.log(value) - ends[0]) / (ends[1] - ends[0]))
        else:
            columns.append((value - axis.low) / (axis.high - axis.low))
    return np.stack(columns, axis=1)


def next_generation(axes: Sequence[Axis], cells: Cells, above: np.ndarray, points: int) -> Cells:
    """Return the cells to add: midpoints of the longest edges that cross the threshold.

    Parameters
    ----------
    axes
        The parameters, ranges.
    cells
        All cells so far.
    above : ndarray of bool
        Whether the outcome of each lies above the threshold, shape ``(n,)``.
    points
        How many cells to add at most.

    Examples
    --------
    >>> axis = Axis("rate", low=0.0, high=1.0)
    >>> next_generation([axis], {"rate": [0.0, 0.5, 1.0]}, np.array([False, False, True]), 3)
    {'rate': [0.75]}
    """
    places = unit_places(axes, cells)
    pairs = _edges(places)
    crossing = pairs[above[pairs[:, 0]] != above[pairs[:, 1]]]
    middle = (places[crossing[:, 0]] + places[crossing[:, 1]]) / 2
    length = np.linalg.norm(places[crossing[:, 0]] - places[crossing[:, 1]], axis=1)
    order = np.lexsort((*middle.T[::-1], -length.round(9)))
    known = {tuple(row) for row in zip(*(cells[axis.name] for axis in axes), strict=True)}
    added: dict[tuple[Any, ...], None] = {}
    for one in order:
        cell = tuple(axis_at(axis, middle[one, k]) for k, axis in enumerate(axes))
        if cell not in known:
            added[cell] = None
        if len(added) == points:
            break
    return {axis.name: [cell[k] for cell in added] for k, axis in enumerate(axes)}


def axis_at(axis: Axis, unit: float) -> Any:
    """Return the value of a range at one place of the unit interval."""
    from dataclasses import replace

    return replace(axis, values=()).at(np.array([unit]))[0]


def _edges(places: np.ndarray) -> np.ndarray:
    """Return pairs of neighbours, shape ``(m, 2)``, each once and in a fixed order."""
    if places.shape[1] == 1:
        order = np.argsort(places[:, 0], kind="stable")
        return np.stack([order[:-1], order[1:]], axis=1)
    from scipy.spatial import Delaunay

    corners = Delaunay(places).simplices
    pairs = [corners[:, list(pair)] for pair in itertools.combinations(range(corners.shape[1]), 2)]
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)
