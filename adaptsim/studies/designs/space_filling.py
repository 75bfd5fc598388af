"""Space filling: points spread over ranges, by chance, in a Latin hypercube or a Sobol sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adaptsim.schema import Place
from adaptsim.studies.axes import Axis
from adaptsim.studies.designs.base import Cells


def random(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return independent points; more points keep the ones that were there."""
    unit = np.random.default_rng(seed).random((options["points"], len(axes)))
    return placed(axes, unit)


def latin_hypercube(
    axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place
) -> Cells:
    """Return a Latin hypercube: each of n slices of each range holds one point.

    It cannot be grown: more points are other points.
    """
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(axes), rng=np.random.default_rng(seed)).random(options["points"])
    return placed(axes, unit)


def sobol(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return the first points of a scrambled Sobol sequence; it can be grown.

    Powers of two fill space evenly.
    """
    from scipy.stats import qmc

    points = options["points"]
    sequence = qmc.Sobol(len(axes), scramble=True, rng=np.random.default_rng(seed))
    return placed(axes, sequence.random_base2(max(points - 1, 0).bit_length())[:points])


def placed(axes: Sequence[Axis], unit: np.ndarray) -> Cells:
    """Return the values of parameters at points of the unit cube, shape ``(n, d)``.

    Examples
    --------
    >>> placed([Axis("period", low=10.0, high=30.0)], np.array([[0.0], [0.5]]))
    {'period': [10.0, 20.0]}
    """
    return {axis.name: axis.at(unit[:, place]) for place, axis in enumerate(axes)}
