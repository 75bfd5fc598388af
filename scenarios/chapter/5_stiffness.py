"""A learning rate is the time step of a simulation.

Descent is Euler's explicit method on the gradient flow, to the last bit, and its speed limit is
where Euler's method becomes unstable. Where a landscape is much steeper one way than another (a
stiff flow) an explicit solver, however exact, takes at least ``l_max time / limit`` steps, although
nothing happens along the steep direction any more; an implicit one does not care.

    uv run python scenarios/chapter/5_stiffness.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import GradientDescent, theory, walk
from adaptsim.figures.stiffness import stiffness_figure
from adaptsim.flow import (
    crossings,
    descent,
    euler,
    fitted_order,
    fixed_steps,
    gradient_flow,
    stability_region,
    work_precision,
)
from adaptsim.landscapes import Canyon, Himmelblau

CANYON, TIME = Canyon(condition_number=100.0), 10.0
NUMBERS = np.array([10.0, 30.0, 100.0, 300.0, 1000.0])  # condition numbers to cross
SOLVERS = ("Tsit5", "Kvaerno5")  # one explicit, one implicit
FIXED = 1 / np.array([128, 256, 1024, 4096])  # steps of Euler's method [1/curvature]
METHODS = ("Euler", "Heun", "RK4", "ImplicitEuler")
VALLEY, START, UNTIL = Himmelblau(), (-0.2, 0.6), 0.3
PATHS = (0.002, 0.01, 0.022)  # learning rates of the walks that are drawn


def fewest_stable_steps():
    """Return the fewest equal steps over the canyon after which the loss has not grown."""
    counts = np.arange(400, 601)
    ends = walk(CANYON, GradientDescent(), rates=TIME / counts, steps=int(counts[-1]))
    loss = ends["GradientDescent"].loss[:, 0, 0]
    return counts[np.argmax(loss[:, -1] <= loss[:, 0])]


def story():
    """Return the table and the picture."""
    walks = {rate: euler(VALLEY.loss, START, rate, int(UNTIL / rate)) for rate in PATHS}
    rule = GradientDescent(learning_rate=PATHS[0])
    same = descent(VALLEY.loss, START, rule, int(UNTIL / PATHS[0]))
    flow = gradient_flow(VALLEY.loss, START, np.linspace(0.0, UNTIL, 400)[1:])
    plane = {"real": (-4, 4), "imaginary": (-3.5, 3.5)}
    regions = {name: stability_region(name, **plane) for name in METHODS}
    course = CANYON.loss, CANYON.start(), 1.0
    exact = np.exp(-np.array([1.0, 100.0]))
    steady = fixed_steps(*course, solvers=["Euler"], rates=FIXED, reference=exact)
    adapted = work_precision(*course, solvers=SOLVERS, reference=exact)
    order = fitted_order(FIXED, [one.error for one in steady])
    crossed = {solver: crossings(solver, NUMBERS) for solver in SOLVERS}
    (explicit, implicit) = (one.accepted for one in crossed.values())
    needed = theory.euler.stable_steps(TIME, largest_curvature=100.0)
    rows = [
        ("numbers in which descent and Euler differ", int((walks[PATHS[0]] != same).sum()), 0),
        ("fewest stable steps, time 10, k = 100", fewest_stable_steps(), needed),
        ("order of Euler's error", order.order, 1.0),
        ("Tsit5: steps, k = 1000", explicit[-1], crossed["Tsit5"].stable_steps[-1]),
        ("Tsit5: steps, k = 1000 over k = 300", explicit[-1] / explicit[-2], 1000 / 300),
        ("Kvaerno5: the same", implicit[-1] / implicit[-2], 1.0),
    ]
    figure = stiffness_figure((VALLEY, flow, walks), regions, [*steady, *adapted], crossed)
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.5g}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "5_stiffness.png", dpi=200)
