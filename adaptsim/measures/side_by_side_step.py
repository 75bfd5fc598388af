"""Answers to a step, of many runs at once; see `side_by_side` and `response`."""

from __future__ import annotations

from math import e

import numpy as np

from .measurement import Array, Integers
from .response import SETTLED, SLACK, first_inside, last_outside
from .series import LARGEST_MAGNITUDE
from .side_by_side import Numbers, averaged
from .step import Step


def step_response(
    output: Array, target: Array, at: Integers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return times to 63 %, from 10 to 90 %, to settle [rows], and overshoots [1].

    Parameters
    ----------
    output, target : (T, k, w)
        ``k`` realisations (or batches of them) of ``w`` cells.
    at : (w,)
        First row at which the target of a cell has its new value.

    Examples
    --------
    >>> output = (1.0 - 0.9 ** np.arange(300.0))[:, None, None]
    >>> rise, *_ = step_response(output, np.ones_like(output), np.array([0]))
    >>> rise.value.round(6).tolist()
    [9.491222]
    """
    _, k, w = output.shape
    values = np.full((4, w, k), np.nan)
    faults, told = [""] * w, [["", "", "", ""] for _ in range(w)]
    for begin in np.unique(at):
        cells = np.flatnonzero(at == begin)
        known = _known(output[begin:, :, cells], target[-1][:, cells])
        for cell, fault in zip(cells, known, strict=True):
            faults[cell] = fault
        fine = cells[[not fault for fault in known]]
        if not fine.size:
            continue
        final = target[-1][:, fine]
        left = (final - output[begin:, :, fine]) / (final - output[begin][:, fine])
        values[:, fine] = np.moveaxis(_times(left), 2, 1)
        for place, cell in enumerate(fine):
            told[cell] = _warnings(left[:, :, [place]])
    found = [averaged(one[..., None], faults) for one in values]
    missing = ("not reached", "not reached", "not settled", "undefined")
    named = []
    for which, one in enumerate(found):
        without = np.isnan(values[which]).any(axis=1) & np.array([not fault for fault in faults])
        one = one.flagged(without, missing[which])
        for warning in {flags[which] for flags in told} - {""}:
            one = one.flagged(np.array([flags[which] == warning for flags in told]), warning)
        if which == 2:  # a mean over those that did settle would be too short
            one = Numbers(np.where(without, np.nan, one.value), one.flag)
        named.append(one)
    rise, rise_10_90, settling, over = named
    return rise, rise_10_90, settling, over


def _times(left: Array) -> Array:
    """Return the four numbers of distances that remain ``(n, k, w)``, shape ``(4, k, w)``."""
    low, high = (first_inside(left, part, "interpolated") for part in (0.9, 0.1))
    beyond = np.maximum(0.0, np.max(-left, axis=0))
    return np.stack([
        first_inside(left, 1.0 / e, "interpolated"), high - low,
        last_outside(left, SETTLED, "interpolated"), beyond,
    ])  # fmt: skip


def _known(after: Array, final: Array) -> list[str]:
    """Return why nothing can be measured of each cell."""
    with np.errstate(all="ignore"):
        bounded = (np.abs(after) < LARGEST_MAGNITUDE).all(axis=(0, 1))
        size, most = np.abs(final - after[0]), np.maximum(np.abs(final), np.abs(after[0]))
        finite = np.isfinite(final).all(axis=0)
        still = (size <= 1e-13 * most).any(axis=0)
    short = len(after) < 3
    return [
        "no step" if short else "diverged" if not fine else "step not finite" if not known
        else "no step" if none else ""
        for fine, known, none in zip(bounded, finite, still, strict=True)
    ]  # fmt: skip


def _warnings(left: Array) -> list[str]:
    """Return what is doubtful about each of the four numbers of one cell, ``(n, k, 1)``."""
    within = np.abs(left) <= (1.0 + SLACK) / e
    before = np.cumsum(within, axis=0) == 0
    turned = "alternating" if np.any(before & (left < 0.0)) else ""
    noise = Step(left).noise_flag(SETTLED)
    return [turned, turned, noise, "noise inflates the maximum" if noise else ""]
