"""What has a learning rate to do with the time step of a simulation? They are the same thing.

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
    rule = GradientDescent(learning_rate=PATHS[0])
    walks = {rate: euler(VALLEY.loss, START, rate, int(UNTIL / rate)) for rate in PATHS}
    same = descent(VALLEY.loss, START, rule, int(UNTIL / PATHS[0]))
    flow = gradient_flow(VALLEY.loss, START, np.linspace(0.0, UNTIL, 400)[1:])
    regions = {
        name: stability_region(name, real=(-4, 4), imaginary=(-3.5, 3.5)) for name in METHODS
    }
    exact = np.exp(-np.array([1.0, 100.0]))
    work = fixed_steps(CANYON.loss, CANYON.start(), 1.0, solvers=["Euler"], reference=exact,
                       rates=1 / np.array([40, 64, 256, 1024, 4096]))  # fmt: skip
    work += work_precision(CANYON.loss, CANYON.start(), 1.0, solvers=SOLVERS, reference=exact)
    crossed = {solver: crossings(solver, NUMBERS) for solver in SOLVERS}
    euler_work = [one for one in work if one.solver == "Euler" and one.rate < 0.01]
    order = fitted_order([one.rate for one in euler_work], [one.error for one in euler_work])
    ratio = {name: one.accepted[-1] / one.accepted[-2] for name, one in crossed.items()}
    rows = [
        (
            "numbers in which descent and Euler differ",
            int(np.sum(np.asarray(walks[PATHS[0]] != same))),
            0,
        ),
        (
            "fewest stable steps, time 10, k = 100",
            fewest_stable_steps(),
            theory.euler.stable_steps(TIME, largest_curvature=100.0),
        ),
        ("order of Euler's error", order.order, 1.0),
        (
            "Tsit5: steps for k = 1000",
            crossed["Tsit5"].accepted[-1],
            crossed["Tsit5"].stable_steps[-1],
        ),
        ("Tsit5: steps, k = 1000 over k = 300", ratio["Tsit5"], 1000 / 300),
        ("Kvaerno5: the same", ratio["Kvaerno5"], 1.0),
    ]
    figure = stiffness_figure((VALLEY, flow, walks), regions, work, crossed)
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, float_format="{:.5g}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "5_stiffness.png", dpi=200)
