"""Why adaptive rates: what a narrow canyon costs.

One rate must suit the steep walls and the flat floor alike. Plain descent then needs steps in
proportion to the condition number k of the canyon, descent with the best momentum in proportion to
its root; both are known exactly. RMSProp and Adam measure each trait's slope in units of its own
size: in a canyon along the axes they need the same steps whatever k. But they adapt to traits, not
to directions: in a canyon that lies askew, RMSProp slows down as well, and Adam in the narrowest.

    uv run python scenarios/chapter/4_canyon.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import Adam, GradientDescent, Momentum, RMSProp, theory, walk
from adaptsim.figures.canyon import canyon_figure
from adaptsim.landscapes import Canyon

NUMBERS = np.array([1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])  # condition numbers
ANGLES = np.linspace(0.1, 3.1, 8)  # walks start on a circle, at these angles from the floor [rad]
SHRUNK = 0.01  # of the distance is to be left
SWEPT = np.geomspace(2e-3, 1.0, 40)  # rates of the adaptive rules [trait/step]
STEPS, SHOWN, SHOWN_STEPS = 2400, 10.0, 24
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


def starts(canyon):
    """Return starts on a circle, told by their angle from the canyon's floor, shape (8, 2)."""
    floor, across = np.linalg.eigh(canyon.hessian(canyon.start()))[1].T
    return np.outer(np.cos(ANGLES), floor) + np.outer(np.sin(ANGLES), across)


def steps_to(places):
    """Return the steps until walks, shape (..., starts, k, 2), are near: the mean over starts."""
    near = np.hypot(*np.moveaxis(places, -1, 0)) <= SHRUNK
    steps = np.where(near.any(axis=-1), near.argmax(axis=-1), np.inf)
    return steps.mean(axis=-1)


def ball_steps(number):
    """Return the heavy ball's steps by theory: on either axis it is ``(1 + c n) r^n``."""
    n, rate = np.arange(STEPS + 1), LIMITS.polyak_rate(1.0, number)
    root = max(LIMITS.polyak_momentum(1.0, number) ** 0.5, 1e-9)
    slow, steep = ((1 + n * ((1 - rate * bend) / r - 1)) * r**n
                   for bend, r in ((1.0, root), (number, -root)))  # fmt: skip
    return steps_to(np.stack([np.outer(np.cos(ANGLES), slow), np.outer(np.sin(ANGLES), steep)], -1))


def explored(turned):
    """Return by rule the steps at its best rate for each condition number, and a map of walks."""
    steps, shown = {}, None
    for number in NUMBERS:
        canyon = Canyon(condition_number=number, rotated=turned)
        walks = walk(canyon, rules(number), starts=starts(canyon), steps=STEPS, places=True)
        taken = {name: steps_to(one.places[:, :, 0]) for name, one in walks.items()}
        for name, one in taken.items():
            steps.setdefault(name, []).append(one.min())
        if number == SHOWN:
            best = {name: one.places[taken[name].argmin(), 1, 0] for name, one in walks.items()}
            shown = canyon, {name: places[:SHOWN_STEPS] for name, places in best.items()}
    return {name: np.array(one) for name, one in steps.items()}, shown


def story():
    """Return the table and the picture."""
    (straight, along), (askew, across) = explored(turned=False), explored(turned=True)
    expected = {
        "gradient descent": theory.euler.steps_to_shrink(NUMBERS, SHRUNK),
        "momentum": np.array([ball_steps(number) for number in NUMBERS]),
    }
    rows = []
    for name in straight:
        known = expected.get(name, [np.nan])[-1]
        rows += [(f"{name}: steps, k = 1000", straight[name][-1], known)]
        rows += [(f"{name}: steps, k = 1000, askew", askew[name][-1], known)]
    for name in ("RMSProp", "Adam"):  # no step changes if a trait is measured in another unit
        ratio = straight[name][-1] / straight[name][0]
        rows += [(f"{name}: steps, k = 1000 over k = 1", ratio, 1.0)]
    figure = canyon_figure(
        {"straight canyon": along, "askew": across},
        NUMBERS,
        {"straight canyon": straight, "askew": askew},
        expected,
    )
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.5g}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "4_canyon.png", dpi=200)
