"""What happens when the learning rate is turned up and up? Period doubling, then chaos.

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
DOUBLINGS, VALUES, SETTLE = 6, 900, 3000
EXACT = theory.period_doubling


def misses(weights):
    """Return the error of a network of one unit that should repeat half of what it heard before."""
    again, inwards = weights
    h, total = 0.0, 0.0
    for heard, wanted in zip(HEARD, WANTED, strict=True):
        h = jnp.tanh(again * h + inwards * heard)
        total += (h - wanted) ** 2
    return total / len(TIMES) + 0.01 * jnp.sum(weights**2)


NETWORK = Landscape.from_function(misses, 2, start=0.5)
SYSTEMS = {
    "a double well": (System.of(DoubleWell(), GradientDescent()), 0.7, (0.6, 2.0)),
    "training a recurrent network": (System.of(NETWORK, GradientDescent()), 1.0, (1.1, 2.4)),
}  # each with a rate at which it settles, and the rates to look at [1/curvature]


def story():
    """Return the table and the picture."""
    seen, cascades = {}, {}
    for name, (system, first, ends) in SYSTEMS.items():
        rates = np.linspace(*ends, VALUES)
        seen[name] = (
            orbit_diagram(system, rates, settle=SETTLE, keep=400),
            lyapunov(system, rates, n=2000, settle=SETTLE),
        )
        cascades[name] = doublings(system, first, DOUBLINGS, settle=SETTLE)
    wells = SYSTEMS["a double well"][0]
    starts = np.linspace(-2.2, 2.2, 300)[:, None]
    reach = basin(wells, starts, np.linspace(0.4, 2.2, 240), settle=400, keep=128, most=32)
    known = EXACT.double_well_doublings(DOUBLINGS)
    place = cascades["training a recurrent network"].bifurcations[0].cycle.place[:-1]
    first = theory.speed_limits.gradient_descent(float(NETWORK.largest_curvature(place)))
    end = lyapunov(wells, 2.0, n=20_000).exponents[0, 0]
    rows = [(f"double well: {2**n} to {2 ** (n + 1)}", one, known[n])
            for n, one in enumerate(cascades["a double well"].values)]  # fmt: skip
    rows += [(f"network: {2**n} to {2 ** (n + 1)}", one, np.nan if n else first)
             for n, one in enumerate(cascades["training a recurrent network"].values)]  # fmt: skip
    rows += [(f"{name}: last ratio of distances", one.deltas[-1], EXACT.FEIGENBAUM_DELTA)
             for name, one in cascades.items()]  # fmt: skip
    rows += [
        (
            "double well: chaos from",
            cascades["a double well"].accumulation[0],
            EXACT.double_well_accumulation(),
        ),
        ("double well: exponent at rate 2 (ln 3)", end, EXACT.double_well_exponent(2.0)),
    ]
    exact = {"a double well": EXACT.double_well_exponent}
    figure = period_doubling_figure(
        seen, cascades, exact, (reach, EXACT.double_well_reach(reach.values))
    )
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, float_format="{:.7f}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "6_period_doubling.png", dpi=200)
