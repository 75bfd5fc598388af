"""What the tests of the closed forms share."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from adaptsim.theory._closed_form import Convention

type Array = NDArray[Any]

CONVENTIONS: tuple[Convention, ...] = ("pre-update", "post-update")


def printed(text: str) -> Any:
    """Expect a number as printed: equal to half a unit of its last digit."""
    decimals = len(text.partition(".")[2])
    return pytest.approx(float(text), abs=0.5000001 * 10.0**-decimals, rel=0)


def agrees(replicates: Array, expected: Any) -> bool:
    """Tell whether the mean of independent replicates is within 4 standard errors."""
    standard_error = replicates.std(ddof=1) / np.sqrt(replicates.size)
    return bool(abs(replicates.mean() - expected) <= 4 * standard_error)


def track(inputs: Array, g: float, start: float = 0.0) -> Array:
    """Iterate ``x[t+1] = x[t] + g (y[t] - x[t])`` along axis 0; one row more than inputs."""
    traits = np.empty((len(inputs) + 1, *inputs.shape[1:]))
    traits[0] = start
    for t, seen in enumerate(inputs):
        traits[t + 1] = traits[t] + g * (seen - traits[t])
    return traits


def largest_root(polynomial: list[float] | Array) -> float:
    """Return the largest modulus among the roots, highest power first."""
    return float(np.abs(np.roots(polynomial)).max())
