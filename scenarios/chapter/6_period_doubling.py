"""Turning up the learning rate: period doubling, then chaos.

Descent in a double well settles, then swings between two places, four, eight, and then for ever
among infinitely many. So does the training of a recurrent network by back-propagation through
time. The rates at which the period doubles crowd together in both by the same factor, Feigenbaum's
4.669, and above them neighbouring courses of learning part: the Lyapunov exponent is positive.

    uv run python scenarios/chapter/6_period_doubling.py
"""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd

from adaptsim import GradientDescent, Landscape, System, theory
from adaptsim.dynamics import basin, doublings, lyapunov, orbit_diagram
from adaptsim.figures.period_doubling import period_doubling_figure
from adaptsim.landscapes import DoubleWell

TIMES = np.arange(8)
HEARD, WANTED = np.sin(2 * np.pi * TIMES / 8), 0.5 * np.sin(2 * np.pi * (TIMES - 1) / 8)
DOUBLINGS, VALUES, SETTLE, KEEP = 6, 900, 3000, 400
EXACT = theory.period_doubling


def misses(weights):
    """Return the error of a network of one unit that should repeat half of what it last heard."""
    again, inwards = weights
    h, total = 0.0, 0.0
    for heard, wanted in zip(HEARD, WANTED, strict=True):
        h = jnp.tanh(again * h + inwards * heard)
        total += (h - wanted) ** 2
    return total / len(TIMES) + 0.01 * jnp.sum(weights**2)


NETWORK = Landscape.from_function(misses, 2, start=0.5)
WELLS, TRAINING = (System.of(one, GradientDescent()) for one in (DoubleWell(), NETWORK))
SYSTEMS = {"a double well": WELLS, "training a recurrent network": TRAINING}
LOOKED_AT = (0.6, 2.0), (1.1, 2.4)  # learning rates [1/curvature]
SETTLED = 0.7, 1.0  # rates at which they settle


def story():
    """Return the table and the picture."""
    seen, cascades = {}, {}
    for (name, system), ends, first in zip(SYSTEMS.items(), LOOKED_AT, SETTLED, strict=True):
        rates = np.linspace(*ends, VALUES)
        grown = lyapunov(system, rates, n=2000, settle=SETTLE)
        seen[name] = orbit_diagram(system, rates, settle=SETTLE, keep=KEEP), grown
        cascades[name] = doublings(system, first, DOUBLINGS, settle=SETTLE)
    wells, training = cascades.values()
    rates, starts = np.linspace(0.4, 2.2, 240), np.linspace(-2.2, 2.2, 300)
    basins = basin(WELLS, starts[:, None], rates, settle=400, keep=128, most=32)
    rows = []
    for n, known in enumerate(EXACT.double_well_doublings(DOUBLINGS)):
        rows += [(f"double well: {2**n} to {2 ** (n + 1)}", wells.values[n], known)]
    rest = training.bifurcations[0].cycle.place[:-1]
    limit = theory.speed_limits.gradient_descent(float(NETWORK.largest_curvature(rest)))
    for n, found in enumerate(training.values):
        rows += [(f"network: {2**n} to {2 ** (n + 1)}", found, np.nan if n else limit)]
    ln3 = lyapunov(WELLS, 2.0, n=20_000).exponents[0, 0]
    rows += [
        ("double well: last ratio of distances", wells.deltas[-1], EXACT.FEIGENBAUM_DELTA),
        ("network: last ratio of distances", training.deltas[-1], EXACT.FEIGENBAUM_DELTA),
        ("double well: chaos from", wells.accumulation[0], EXACT.double_well_accumulation()),
        ("double well: exponent at rate 2", ln3, EXACT.double_well_exponent(2.0)),
    ]
    exact = {"a double well": EXACT.double_well_exponent}
    reach = EXACT.double_well_reach(rates)
    figure = period_doubling_figure(seen, cascades, exact, (basins, reach))
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.7f}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "6_period_doubling.png", dpi=200)
