"""Limits: what a page may ask of the server, so that one browser cannot stop the others."""

from __future__ import annotations

import math
from typing import Any

MOST_INDIVIDUALS = 20_000
"""Individuals of one run."""
MOST_RUNS = 4
"""Runs side by side."""
MOST_STEPS = 50_000
"""Steps kept of a run; then it pauses."""
MOST_NUMBERS = 4_000_000
"""Numbers that all individuals of a run carry from step to step."""
MOST_WHOLE = 1_000
"""Largest whole number that shapes a computation (delays, dimensions)."""
MOST_STUDY_RUNS = 2_000
"""Runs of a study that a page may start."""
MOST_STUDIES = 2
"""Studies that pages may have at work at once."""
MOST_STORES = 200
"""Stores that a page lists, the newest of them."""
MOST_ROWS = 200_000
"""Runs of a store that a page reads."""
LARGEST_DESCRIPTION = 4 * 2**20
"""Bytes of the description of a store."""
LARGEST_REPORT = 64 * 2**20
"""Bytes of a report that a page hands on."""
LARGEST = 1e9
"""Largest modulus of any other number."""


def clean(value: Any, low: float, high: float, *, whole: bool = False) -> float | int | None:
    """Return a number from a browser within limits; ``None`` where it is no finite number.

    Examples
    --------
    >>> clean("0.3", 0, 2), clean(1e300, 0, 2), clean("nan", 0, 2), clean("import os", 0, 2)
    (0.3, 2.0, None, None)
    >>> clean(7.6, 0, 10, whole=True)
    8
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    number = min(max(number, low), high)
    return round(number) if whole else float(number)
