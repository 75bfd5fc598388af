"""Why adaptive rates: what does a narrow canyon cost?

One rate must suit the steep walls and the flat floor alike. Plain descent then needs steps in
proportion to the condition number k of the canyon, descent with the best momentum in proportion to
its root, both known exactly. RMSProp and Adam measure each trait's slope in units of its own size:
in a canyon along the axes they need the same steps whatever k. Turn the canyon, and most of that
is lost: they adapt to traits, not to directions.

    uv run python scenarios/chapter/4_canyon.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import Adam, GradientDescent, Momentum, RMSProp, theory, walk

from adaptsim.landscapes import Canyon

NUMBERS = np.array([1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])  # condition numbers
SHRUNK = 1e-3  # of the distance; the loss by its square
SWEPT = np.geomspace(3e-3, 1.0, 60)  # rates of the adaptive rules [trait/step]
STEPS, SHOWN = 4000, 30.0
LIMITS = theory.speed_limits


def rules(number):
    """Return four rules, two at the rate (and momentum) that is best for a condition number."""
    kept = LIMITS.polyak_momentum(1.0, number)
    return {
        "gradient descent": GradientDescent(learning_rate=LIMITS.best_rate(1.0, number)),
        "momentum": Momentum(learning_rate=LIMITS.polyak_rate(1.0, number), momentum=kept),
        "RMSProp": RMSProp(learning_rate=SWEPT),
        "Adam": Adam(learning_rate=SWEPT),
    }


def first_below(loss):
    """Return the first step at which losses, shape (..., k), are below the wanted; nan if none."""
    there = loss <= SHRUNK**2 * loss[..., :1]
    return np.where(there.any(axis=-1), there.argmax(axis=-1), np.nan)


def ball_steps(number):
    """Return the steps the heavy ball needs, from its double roots: ``(1 + c n) r^n`` per axis."""
    n = np.arange(STEPS + 1)
    rate, root = LIMITS.polyak_rate(1.0, number), LIMITS.polyak_momentum(1.0, number) ** 0.5
    if root == 0:
        return 1.0
    slow, steep = (
        (1 + n * ((1 - rate * curvature) / r - 1)) * r**n
        for curvature, r in ((1.0, root), (number, -root))
    )
    return float(first_below(slow**2 + number * steep**2))


def story():
    """Return the table and the picture."""
    steps = {turned: {} for turned in (False, True)}
    maps = {}
    for turned in steps:
        for number in NUMBERS:
            canyon = Canyon(condition_number=number, rotated=turned)
            walks = walk(canyon, rules(number), steps=STEPS)
            needed = {name: np.nanmin(first_below(one.loss[:, 0, 0])) for name, one in walks.items()}
            steps[turned][number] = needed
        canyon = Canyon(condition_number=SHOWN, rotated=turned)
        maps[turned] = canyon, walk(canyon, rules(SHOWN), steps=150, places=True)
    expected = {
        "gradient descent": theory.euler.steps_to_shrink(NUMBERS, SHRUNK),
        "momentum": np.array([ball_steps(number) for number in NUMBERS]),
    }
    table = pd.concat({turned: pd.DataFrame(one).T for turned, one in steps.items()})
    print(table); print(expected)


story()
