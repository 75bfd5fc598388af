"""Noise heats a learner, and its learning rate sets the temperature.

With a noisy slope descent does not come to rest but buzzes about the minimum, exactly as widely as
``eta s^2 / (l (2 - eta l))``. Over two wells it spreads as Boltzmann's density of the temperature
``eta s^2 / 2`` if steps are small, and as its exact transition probabilities say in any case. Now
and then it is kicked over the barrier: the warmer the sooner, near Kramers' law. So a rate that
rises and falls lets it out while the rate is high.

    uv run python scenarios/chapter/7_temperature.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import GradientDescent, Noisy, theory, walk
from adaptsim.figures.temperature import temperature_figure
from adaptsim.landscapes import Bowl, DoubleWell
from adaptsim.rules import Cyclical
from adaptsim.temperature import (
    Beyond,
    boltzmann_of,
    escape_phases,
    escape_theory,
    escape_times,
    mean_escape_steps,
    share_while_fast,
    slope_of,
)

NOISE = 1.0  # standard deviation of the noise on a slope [loss/trait]
BOWL = Noisy(landscape=Bowl(dimension=1), level=NOISE)
WELLS = DoubleWell()
RATES = np.array([0.1, 0.3, 0.5, 0.8, 1.1, 1.4, 1.6, 1.75, 1.85])  # in the bowl
WARMTH, SMALL, LARGE = 0.1, 0.05, 0.4  # temperature [loss] and two learning rates in the wells
ESCAPE_RATES = (0.125, 0.15, 0.175, 0.2, 0.25, 0.3)  # each is half its temperature
CYCLE = Cyclical(lowest=0.05, highest=0.2, period=200.0)
SEEDS, WALKS, CYCLES = 64, 1000, 10
FAR = 2.6  # no walk gets so far from 0 [trait]


def places(landscape, rates, starts, steps, tail):
    """Return where noisy walks are at rest, shape (rates, walks, steps)."""
    walks = walk(landscape, GradientDescent(), rates=rates, starts=starts, seeds=SEEDS,
                 steps=steps, stride=steps, tail=tail)["GradientDescent"]  # fmt: skip
    return walks.tail[..., 0].reshape(len(walks.rates), -1, tail)


def in_wells(rate):
    """Return places at rest in two wells at a rate, and the density that is exact for its steps."""
    level = theory.temperature.noise_of(WARMTH, learning_rate=rate)
    felt = Noisy(landscape=WELLS, level=level)
    rest = places(felt, [rate], [[-1.0], [1.0]], int(100 / rate), 5000)[0]
    exact = theory.noisy_descent.unadjusted(slope_of(WELLS), rate, WARMTH, low=-FAR, high=FAR)
    return rest, exact


def escapes(rate, steps=100_000):
    """Return when noisy walks first cross from one well to the bottom of the other."""
    return escape_times(Noisy(landscape=WELLS, level=NOISE), GradientDescent(learning_rate=rate),
                        start=-1.0, arrived=Beyond(1.0), walks=WALKS, most_steps=steps)  # fmt: skip


def story():
    """Return the table and the picture."""
    variance = (places(BOWL, RATES, [0.0], 1000, 1000) ** 2).mean(axis=(1, 2))
    spread = theory.temperature.stationary_variance(RATES, curvature=1.0, noise=NOISE)
    wells = {rate: in_wells(rate) for rate in (SMALL, LARGE)}
    times = [mean_escape_steps(escapes(rate)) for rate in ESCAPE_RATES]
    known = [escape_theory(WELLS, rate, NOISE, start=-1.0, target=1.0) for rate in ESCAPE_RATES]
    steps = np.arange(CYCLES * CYCLE.period)
    cycled, paces = escapes(CYCLE, steps.size), np.asarray(CYCLE(steps))
    ends = {"start": -1.0, "low": -FAR, "high": 1.0}
    inside = theory.noisy_descent.survival(slope_of(WELLS), paces, NOISE, **ends)
    fast = -np.diff(inside)[paces > paces.mean()].sum() / (1 - inside[-1])
    rows = []
    for rate, *both in zip(RATES, variance, spread, strict=True):
        rows += [(f"variance in a bowl, rate {rate:g}", *both)]
    for rate, (rest, exact) in wells.items():
        rows += [
            (f"mean square in two wells, rate {rate:g}", (rest**2).mean(), exact.mean(np.square))
        ]
    for rate, found, one in zip(ESCAPE_RATES, times, known, strict=True):
        rows += [(f"steps to escape, rate {rate:g}", found.value, one.exact)]
    rows += [("escapes while the rate is high", share_while_fast(cycled, CYCLE).value, fast)]
    phases = (escape_phases(one, CYCLE.period) for one in (cycled.survival, inside))
    figure = temperature_figure(
        (RATES, variance),
        wells,
        boltzmann_of(WELLS, WARMTH),
        (ESCAPE_RATES, times, known),
        (CYCLE, *phases),
    )
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.4g}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "7_temperature.png", dpi=200)
