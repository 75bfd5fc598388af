"""Predicted modes: when a deep linear network learns each part of its task.

`adaptsim.predictions` asks here for what belongs to walkers on `DeepLinear`. Nothing here looks at
a simulation.
"""

from __future__ import annotations

import math
from typing import Any

from adaptsim import theory
from adaptsim.agents import Walker
from adaptsim.environments import Constant, Environment

SLOW = 0.1
"""Fraction of the speed limit up to which times of a deep linear network's modes are told."""

LEARNT = {"rise_time_63": (0.0, 1 - 1 / math.e), "rise_time_10_90": (0.1, 0.9),
          "settling_time": (0.0, 0.98)}  # fmt: skip
"""Times by the part of its way that a mode has made good at first and at last."""


def predicted(
    kind: Walker, rate: float | None, environment: Environment, variable: str, measure: str
) -> float | None:
    """Return when a mode of a deep linear network is learnt, from a balanced start and slowly.

    Parameters
    ----------
    rate
        Learning rate of plain descent [1/curvature]; ``None`` of any other rule.
    variable
        ``mode_1``, the strongest, and so on.

    Examples
    --------
    >>> from adaptsim import Walker
    >>> from adaptsim.environments import Constant
    >>> from adaptsim.landscapes import DeepLinear
    >>> chain = Walker(landscape=DeepLinear(layers=[2, 2, 2], singular_values=[3.0, 1.0]))
    >>> round(predicted(chain, 0.001, Constant(value=0.0), "mode_1", "rise_time_10_90"), 1)
    731.4
    """
    landscape: Any = kind.landscape
    depth = landscape.depth
    noisy = kind.observation_noise or kind.gradient_noise or kind.observation_probability < 1
    late = kind.observation_delay or kind.feedback_delay
    still = isinstance(environment, Constant) and landscape.beginning == "balanced"
    if measure not in LEARNT or rate is None or noisy or late or not still:
        return None
    values, begun = landscape.singular_values, float(landscape.strength)
    if rate > SLOW * float(theory.deep_linear.speed_limit(float(values[0]), depth=depth)):
        return None
    target = float(values[int(variable.removeprefix("mode_")) - 1])
    first, last = (
        theory.deep_linear.steps(
            begun + part * (target - begun), target=target, initial=begun, depth=depth, rate=rate
        )
        for part in LEARNT[measure]
    )
    return float(last) - float(first)
