"""What the verifications share: run a small scenario, read its table, compare honestly."""

import math
from itertools import pairwise

import numpy as np
import pytest

from adaptsim import run
from adaptsim.scenarios import from_table


def scenario(environment, agent, rates, **top):
    """Return a scenario of plain descent; several rates are several groups of individuals."""
    several = isinstance(rates, list)
    size = top.pop("size", len(rates) if several else 1)
    return from_table(
        {
            "environment": environment,
            "agent": agent,
            "rule": {"kind": "GradientDescent", "learning_rate": rates},
            "population": {"size": size},
            **top,
        }
    )


def ran(environment, agent, rates, **top):
    """Run it."""
    return run(scenario(environment, agent, rates, **top))


def row(result, measure, rate=None, variable=None):
    """Return the only row of the table about a measure of the group with a rate."""
    table = result.table
    chosen = table["measure"] == measure
    if rate is not None:
        chosen &= table["group"] == f"{rate:.6g}"
    if variable is not None:
        chosen &= table["variable"] == variable
    (found,) = table[chosen].to_dict(orient="records")
    return found


def value(result, measure, rate=None, variable=None):
    """Return the measured value."""
    return row(result, measure, rate, variable)["value"]


def exactly(expected):
    """Expect a closed form to a relative 1e-6."""
    return pytest.approx(expected, rel=1e-6, abs=1e-12)


def printed(text):
    """Expect a number as printed: equal to half a unit of its last digit."""
    decimals = len(text.partition(".")[2])
    return pytest.approx(float(text), rel=0, abs=0.5000001 * 10.0**-decimals)


def agree(replicates, expected):
    """Tell whether the mean of independent replicates is within 4 standard errors of a number."""
    replicates = np.asarray(replicates)
    error = replicates.std(ddof=1) / math.sqrt(replicates.size)
    return abs(replicates.mean() - expected) <= 4 * error


def clearly_less(smaller, larger):
    """Tell whether paired replicates differ by more than 4 standard errors."""
    gap = np.asarray(larger) - np.asarray(smaller)
    return gap.mean() > 4 * gap.std(ddof=1) / math.sqrt(gap.size)


def replicate_mse(result, rate_index, variable="trait", *, burn_in, post_update=False):
    """Return the mean squared error of each replicate in one group, shape ``(r,)``."""
    followed = result.trajectory.of(variable, rate_index)
    output, target = np.asarray(followed.output), np.asarray(followed.target)
    if post_update:
        output, target = output[1:], target[:-1]
    return ((output - target)[burn_in:] ** 2).mean(axis=(0, 2))


def to_zero(values):
    """Extrapolate values at steps h, h/2, h/4, ... to step 0 (Richardson, powers of h)."""
    values = list(values)
    for order in range(1, len(values)):
        factor = 2**order
        values = [(factor * fine - coarse) / (factor - 1) for coarse, fine in pairwise(values)]
    return values[0]
