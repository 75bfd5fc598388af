"""Sensitivity: the designs behind Sobol's, Morris's and FAST indices, made by SALib.

All are made in the unit cube and then placed on the axes, so a logarithmic range or a distribution
is analysed as it was drawn. `problem` is what SALib's analysis wants to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adaptsim.schema import Place
from adaptsim.studies.axes import Axis
from adaptsim.studies.designs.base import Cells
from adaptsim.studies.designs.space_filling import placed


def saltelli(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return Saltelli's design: ``points`` blocks of 2D+2 cells (D+2 without second order).

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181, 259.
    """
    sobol = _salib("sobol", place)
    points = options["points"]
    if points & (points - 1):
        raise place.wrong("points", f"must be a power of two; got {points}")
    unit = sobol.sample(
        problem(axes), points, calc_second_order=options["second_order"], seed=seed % 2**32
    )
    return placed(axes, unit)


def morris(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return Morris's design: ``trajectories`` walks of D+1 cells on a grid of ``levels``.

    References
    ----------
    Morris (1991), Technometrics 33, 161.
    """
    sampler = _salib("morris", place)
    if options["levels"] % 2:
        raise place.wrong("levels", f"must be even; got {options['levels']}")
    unit = sampler.sample(
        problem(axes), options["trajectories"], num_levels=options["levels"], seed=seed % 2**32
    )
    return placed(axes, unit)


def fast(axes: Sequence[Axis], options: Mapping[str, Any], seed: int, place: Place) -> Cells:
    """Return the design of the Fourier amplitude sensitivity test: ``points`` cells per parameter.

    References
    ----------
    Saltelli, Tarantola & Chan (1999), Technometrics 41, 39.
    """
    sampler = _salib("fast_sampler", place)
    points, harmonics = options["points"], options["harmonics"]
    if points <= 4 * harmonics**2:
        raise place.wrong("points", f"must be above 4 harmonics^2 = {4 * harmonics**2}")
    unit = sampler.sample(problem(axes), points, M=harmonics, seed=seed % 2**32)
    return placed(axes, unit)


def problem(axes: Sequence[Axis]) -> dict[str, Any]:
    """Return the description of a design that SALib's functions take: the unit cube.

    Examples
    --------
    >>> problem([Axis("period", low=10.0, high=30.0)])
    {'num_vars': 1, 'names': ['period'], 'bounds': [[0.0, 1.0]]}
    """
    names = [axis.name for axis in axes]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}


def _salib(module: str, place: Place) -> Any:
    import importlib

    try:
        return importlib.import_module(f"SALib.sample.{module}")
    except ImportError:
        raise place.wrong("kind", "needs SALib: pip install 'adaptsim[study]'") from None
