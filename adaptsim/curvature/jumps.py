"""Jumps: how often, and how far, a training loss rises."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Jumps(NamedTuple):
    """How a loss rises along a training run; arrays over all axes but the last.

    Attributes
    ----------
    share : numpy.ndarray
        Share of steps after which the loss is higher [1]; nan once it is not finite.
    largest : numpy.ndarray
        Largest rise in one step, over the loss before it [1]; 0 where it never rises, nan once it
        is not finite.
    """

    share: np.ndarray
    largest: np.ndarray


def jumps(losses: Any) -> Jumps:
    """Return how often and how far losses, shape ``(..., steps)``, rise from step to step.

    Descent below its speed limit never raises a loss; at the edge of stability it does at times.

    Parameters
    ----------
    losses
        The loss before each step, above zero where the largest rise shall mean anything.

    Raises
    ------
    ValueError
        For fewer than two losses.

    Examples
    --------
    >>> found = jumps([4.0, 2.0, 3.0, 1.0, 0.5])
    >>> float(found.share), float(found.largest)
    (0.25, 0.5)
    >>> float(jumps([1.0, 2.0, float("inf")]).share)
    nan
    """
    told = np.asarray(losses, float)
    if told.ndim < 1 or told.shape[-1] < 2:
        raise ValueError(f"losses must be two or more; got shape {told.shape}")
    lost = ~np.isfinite(told).all(axis=-1)
    known = np.where(np.isfinite(told), told, 0.0)
    rises = np.diff(known, axis=-1)
    before = np.where(known[..., :-1] == 0, 1.0, np.abs(known[..., :-1]))
    share = (rises > 0).mean(axis=-1)
    largest = np.maximum(rises / before, 0.0).max(axis=-1)
    return Jumps(np.where(lost, np.nan, share), np.where(lost, np.nan, largest))
