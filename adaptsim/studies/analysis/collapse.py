"""Collapse: how well curves of many settings fall on one when both axes are scaled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from adaptsim.measures.measurement import Array

TOO_FEW = "no two sets overlap: nothing can be compared"
NO_ERRORS = "no errors given: only the relative distance says how well it collapses"


class Collapse(NamedTuple):
    """How well sets of points fall on one curve."""

    points: pd.DataFrame
    """Columns ``set, x, y, error``, and ``master, master_error``: the other sets' curve at ``x``
    and its standard error; nan where no other set reaches."""
    quality: float
    """Mean squared distance from the master curve in units of its variance: about 1 for points that
    differ by their errors alone, much larger where they do not collapse; nan without errors."""
    distance: float
    """Root mean square of the distance over the master curve [1]."""
    compared: int
    """Points that could be compared."""
    flag: str
    """Empty, or why a number is missing."""


def collapse(points: pd.DataFrame) -> Collapse:
    r"""Return how well scaled points of several sets fall on one curve.

    Each point is held against a master curve at its place: the straight line through the
    neighbouring points, one on either side, of every other set that reaches there, fitted with the
    weights of their errors. The quality is :math:`S = \overline{(y - Y)^2 / (dy^2 + dY^2)}`.

    Parameters
    ----------
    points : DataFrame
        Columns ``set`` (which curve a point is of), ``x``, ``y`` (both scaled), and, where it is
        known, ``error``, the standard error of ``y``. Points that are not finite are left out.

    Returns
    -------
    Collapse

    References
    ----------
    Houdayer & Hartmann (2004), Physical Review B 70:014418, appendix A.

    Examples
    --------
    >>> x = [1.0, 2.0, 3.0, 4.0]
    >>> told = pd.DataFrame({"set": list("abab"), "x": x, "y": [2.0, 4.0, 6.0, 8.0]})
    >>> found = collapse(told)
    >>> found.distance, found.compared
    (0.0, 2)
    """
    told = points.assign(error=points["error"] if "error" in points else np.nan)
    finite = np.isfinite(told["x"]) & np.isfinite(told["y"])
    told = told[finite].sort_values(["set", "x"], kind="stable").reset_index(drop=True)
    curves = {name: rows[["x", "y", "error"]].to_numpy() for name, rows in told.groupby("set")}
    master = [
        _master(float(x), [curve for other, curve in curves.items() if other != name])
        for name, x in zip(told["set"], told["x"], strict=True)
    ]
    found = told.assign(
        master=[one[0] for one in master], master_error=[one[1] for one in master]
    )  # fmt: skip
    return _summary(found)


def _summary(found: pd.DataFrame) -> Collapse:
    off = found["y"] - found["master"]
    variance = found["error"] ** 2 + found["master_error"] ** 2
    compared = int(off.notna().sum())
    if not compared:
        return Collapse(found, np.nan, np.nan, 0, TOO_FEW)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = (off / found["master"]).to_numpy(float)
        score = (off**2 / variance).to_numpy(float)
    known = np.isfinite(score)
    return Collapse(
        points=found,
        quality=float(score[known].mean()) if known.any() else np.nan,
        distance=float(np.sqrt(np.nanmean(relative[~np.isinf(relative)] ** 2))),
        compared=compared,
        flag="" if known.any() else NO_ERRORS,
    )


def _master(x: float, others: list[Array]) -> tuple[float, float]:
    """Return the master curve at a place and its standard error, both nan where none reaches."""
    near = [pair for curve in others for pair in _neighbours(x, curve)]
    if not near:
        return np.nan, np.nan
    at, y, error = np.array(near).T
    known = bool((error > 0).all())
    weight = 1 / error**2 if known else np.ones(len(at))
    k, kx, kxx = weight.sum(), (weight * at).sum(), (weight * at**2).sum()
    ky, kxy = (weight * y).sum(), (weight * at * y).sum()
    spread = k * kxx - kx**2
    if spread <= 1e-12 * k * kxx:  # all neighbours at one place
        return float(ky / k), float(k**-0.5) if known else np.nan
    value = (kxx * ky - kx * kxy + x * (k * kxy - kx * ky)) / spread
    variance = (kxx - 2 * x * kx + x**2 * k) / spread
    return float(value), float(variance**0.5) if known else np.nan


def _neighbours(x: float, curve: Array) -> list[Array]:
    """Return the points of a curve on either side of a place; none where it does not reach."""
    above = int(np.searchsorted(curve[:, 0], x))
    if above < len(curve) and curve[above, 0] == x:
        return [curve[above]]
    return [curve[above - 1], curve[above]] if 0 < above < len(curve) else []
