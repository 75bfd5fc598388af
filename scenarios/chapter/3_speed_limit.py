"""The speed limit of learning, and what happens just past it.

It is ``2 / l_max``, l_max being the largest curvature at the minimum. Here descent finds it by
itself on five landscapes, a robot arm among them: a walk is nudged off the minimum, and either
comes back or does not. Just past the limit four derivatives decide: a stable oscillation whose
width is forecast, or a blow-up, announced by a basin that closes. And a network that is trained at
one rate sharpens until it stands at its own limit.

    uv run python scenarios/chapter/3_speed_limit.py
"""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd

from adaptsim import GradientDescent, Landscape, System, walk
from adaptsim import landscapes as land
from adaptsim.curvature import flip, train
from adaptsim.dynamics import basin, orbit_diagram
from adaptsim.figures.speed_limit import speed_limit_figure

PLACES = [
    land.MuellerBrown(), land.Rosenbrock(), land.Himmelblau(), land.SixHumpCamel(),
    land.RobotArm(),
]  # fmt: skip
NUDGE, ZOOMS, STEPS = 1e-6, 4, 1000
STIFFENING = Landscape.from_function(lambda x: x[0] ** 2 / 2 + x[0] ** 4 / 4, 1, minima=[0.0])
ABOUT = np.linspace(0.97, 1.1, 131)  # rates about a limit, in units of it
JUST_PAST = 40  # the place of 1.01 among them
RATES, TRAINING, EVERY = (0.1, 0.2, 0.4), 8000, 40  # of the network


def limits_of(landscape):
    """Return the greatest rate at which a nudged walk comes back, and ``2 / l_max``."""
    minimum = landscape.minima()[0].theta
    curvatures, ways = np.linalg.eigh(landscape.hessian(minimum))
    start = minimum + NUDGE * ways[:, -1]  # up the steepest wall
    low, high = 1e-5, 1e2
    for _ in range(ZOOMS):
        rates = np.geomspace(low, high, 80)
        ended = walk(landscape, GradientDescent(), rates=rates, starts=start, steps=STEPS)
        away = np.linalg.norm(ended["GradientDescent"].end[:, 0, 0] - minimum, axis=-1)
        lost = int(np.argmax(~(away < NUDGE)))
        low, high = rates[lost - 1], rates[lost]
    return low, 2 / curvatures[-1]


def network(theta):
    """Return the error of a 1-20-20-1 tanh network on 20 points of Chebyshev's T5."""
    first, a, second, b, third, c = jnp.split(theta, np.cumsum([20, 20, 400, 20, 20]))
    x = jnp.linspace(-1, 1, 20)[:, None]
    inner = jnp.tanh(jnp.tanh(x * first + a) @ second.reshape(20, 20) + b)
    return jnp.mean((inner @ third + c - jnp.cos(5 * jnp.arccos(x[:, 0]))) ** 2)


def young_network():
    """Return normal weights of variance one over the fan-in, and biases of zero."""
    drawn = np.random.default_rng(0).standard_normal(440)
    first, second, third = np.split(drawn, [20, 420])
    nothing = np.zeros(20)
    return np.concatenate([first, nothing, second / 20**0.5, nothing, third / 20**0.5, [0.0]])


def story():
    """Return the table and the picture."""
    limits = {type(one).__name__: limits_of(one) for one in PLACES}
    rows = [(f"speed limit, {name}", *both) for name, both in limits.items()]
    arm = land.RobotArm()
    posture = arm.minima()[0].theta
    forecast = flip(arm.loss, posture)
    swinging = System.of(arm, GradientDescent(), start=posture + 0.01)
    past = orbit_diagram(swinging, forecast.limit * ABOUT, settle=20_000, keep=2)
    swing = np.linalg.norm(np.ptp(past.positions[JUST_PAST, 0], axis=0)) / 2
    expected = forecast.amplitude(forecast.limit * ABOUT[JUST_PAST])
    rows += [("half-width of the arm's swing 1 % past it", swing, expected)]
    stiff = System.of(STIFFENING, GradientDescent())
    starts, rates = np.linspace(-1.2, 1.2, 120), np.linspace(1.2, 2.1, 91)
    closing = basin(stiff, starts[:, None], rates, settle=600, keep=64)
    courses = {}
    for rate in RATES:
        rule = GradientDescent(learning_rate=rate)
        courses[rate] = train(network, young_network(), rule, steps=TRAINING, every=EVERY)
        late = courses[rate].gauge[len(courses[rate].gauge) // 2 :]
        rows += [(f"gauge of the network, rate {rate}", float(late.mean()), 1.0)]
    figure = speed_limit_figure(limits, (past, forecast), closing, courses)
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.7g}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "3_speed_limit.png", dpi=200)
