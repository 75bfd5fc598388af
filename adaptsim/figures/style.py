"""House style: colour-blind safe, readable at column width, units on every axis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WONG = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that people with any common colour blindness tell apart (Wong 2011, Nature Methods)."""

OPTIMUM = "#000000"
THEORY = "#444444"
COLUMN_WIDTH = 3.5
"""Width of one journal column [inches]."""

SETTINGS: dict[str, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "lines.linewidth": 1.2,
    "figure.dpi": 120,
    "savefig.dpi": 200,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw within this context to have the house style and no window."""
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):  # type: ignore[arg-type]
        yield


def shades(count: int) -> list[Any]:
    """Return colours for ordered groups, from slow (dark blue) to fast (orange).

    Few groups get clearly different colours; many a colour-blind-safe sequence.
    """
    if count <= len(WONG):
        return list(WONG[:count])
    import matplotlib as mpl

    colours = mpl.colormaps["cividis"]
    return [colours(0.9 * index / (count - 1)) for index in range(count)]
