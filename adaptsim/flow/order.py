"""Order of an error: the slope of its logarithm against that of the step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Order(NamedTuple):
    """A fitted power law ``error ~ rate**order``.

    Attributes
    ----------
    order : float
        Slope of log error against log rate [1]; nan from fewer than 3 points.
    standard_error : float
        Of the slope, from the scatter about the line [1].
    points : int
        How many points were fitted.
    """

    order: float
    standard_error: float
    points: int


def fitted_order(rates: Any, errors: Any) -> Order:
    """Return the order of an error by least squares on logarithms.

    Errors that are 0 or not finite are left out. The scatter is not random: what is left when the
    line is taken away are higher orders and rounding, so the standard error says how straight the
    line is, not how it would come out again.

    Parameters
    ----------
    rates, errors
        Steps and errors, shape ``(n,)`` each.

    Examples
    --------
    >>> fit = fitted_order([0.1, 0.2, 0.4], [0.01, 0.04, 0.16])
    >>> round(fit.order, 9), fit.points
    (2.0, 3)

    References
    ----------
    Ordinary least squares, numpy.polyfit.
    """
    rates, errors = np.asarray(rates, float), np.asarray(errors, float)
    kept = (rates > 0) & (errors > 0) & np.isfinite(errors)
    if kept.sum() < 3:
        return Order(np.nan, np.nan, int(kept.sum()))
    line, covariance = np.polyfit(np.log(rates[kept]), np.log(errors[kept]), 1, cov=True)
    return Order(float(line[0]), float(np.sqrt(covariance[0, 0])), int(kept.sum()))
