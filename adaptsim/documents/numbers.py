"""Numbers as a reader wants them: few digits, nothing where there is none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def shown(value: Any, digits: int = 4) -> str:
    """Return a cell of a table as text, numbers with so many digits.

    Examples
    --------
    >>> [shown(one) for one in (0.123456, 12345.678, 1e-9, float("nan"), True, None, 7, "Adam")]
    ['0.1235', '12346', '1e-09', '', 'yes', '', '7', 'Adam']
    >>> shown(float("inf")), shown(1234567.0)
    ('∞', '1.235e+06')
    """
    if value is None or value is np.nan:
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return _float(float(value), digits)
    return str(value)


def _float(value: float, digits: int) -> str:
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    whole = len(str(int(abs(value)))) if abs(value) < 1e6 else 0
    return f"{value:.{max(digits, whole)}g}"


def is_numeric(values: Any) -> bool:
    """Return whether a column holds numbers, which stand at the right of their cells.

    Examples
    --------
    >>> import pandas as pd
    >>> is_numeric(pd.Series([1.0, 2.0])), is_numeric(pd.Series(["a"]))
    (True, False)
    """
    return values.dtype.kind in "iuf"


def more(count: int, thing: str, where: str = "") -> str:
    """Return words on what is left out, nothing where nothing is.

    Examples
    --------
    >>> more(1, "row"), more(5, "row", " in all.csv"), more(0, "row")
    ('1 more row.', '5 more rows in all.csv.', '')
    """
    return f"{count} more {thing}{'s' * (count > 1)}{where}." if count else ""
