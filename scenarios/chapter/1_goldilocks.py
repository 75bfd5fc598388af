"""Too slow, just right, too fast: how fast one should learn.

A canyon five times steeper across than along. Tiny steps shuffle down to the floor and then hardly
move; steps a little beyond the limit leap from wall to wall, higher each time. In between one rate
is best, and it is known: what a step leaves of the way is ``max abs(1 - rate curvature)``, least at
``2 / (l_min + l_max)``; from ``2 / l_max`` on it is more than all.

    uv run python scenarios/chapter/1_goldilocks.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import GradientDescent, theory, walk
from adaptsim.figures.goldilocks import goldilocks_figure
from adaptsim.landscapes import Canyon

CANYON = Canyon(condition_number=5.0)
LEAST, MOST = 1.0, 5.0  # its curvatures [loss/trait^2]
START = (-1.0, 0.6)
BEST, LIMIT = theory.speed_limits.best_rate(LEAST, MOST), theory.speed_limits.gradient_descent(MOST)
RATES = {"too slow": 0.06 * LIMIT, "just right": BEST, "too fast": 1.04 * LIMIT}
SWEPT = np.linspace(0.0, 1.25, 1251)[1:] * LIMIT
SHRUNK = 1e-6  # of the distance is to be left
STEPS, FIRST = 400, 300  # a sweep is read from this step to that one


def left_per_step(walks):
    """Return what a step leaves of the distance at each rate, read off the walks' losses."""
    loss = walks.loss[:, 0, 0]
    return (loss[:, STEPS] / loss[:, FIRST]) ** (0.5 / (STEPS - FIRST))


def story():
    """Return the table and the picture."""
    rule = GradientDescent()
    three = walk(CANYON, rule, rates=[*RATES.values()], starts=START, steps=STEPS, places=True)
    sweep = walk(CANYON, rule, rates=SWEPT, starts=START, steps=STEPS)["GradientDescent"]
    left = left_per_step(sweep)
    expected = np.maximum(abs(1 - SWEPT * LEAST), abs(1 - SWEPT * MOST))
    best_loss = three["GradientDescent"].loss[1, 0, 0]
    steps = int(np.argmax(best_loss <= SHRUNK**2 * best_loss[0]))
    rows = [
        ("best rate", SWEPT[np.argmin(left)], BEST),
        (
            "distance left per step there",
            left.min(),
            theory.speed_limits.best_contraction(LEAST, MOST),
        ),
        ("steps to 1e-6 of the distance", steps, theory.euler.steps_to_shrink(MOST, SHRUNK)),
        ("speed limit", SWEPT[np.argmax(left >= 1)], LIMIT),
    ]
    figure = goldilocks_figure(
        CANYON, three["GradientDescent"], [*RATES], (SWEPT, left, expected), (BEST, LIMIT)
    )
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.5g}".format))
    place = Path("outputs/chapter")
    place.mkdir(parents=True, exist_ok=True)
    figure.savefig(place / "1_goldilocks.png", dpi=200)
