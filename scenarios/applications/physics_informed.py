"""When should a network that obeys a law of physics change from Adam to L-BFGS?

A network stands for the displacements of an elastic bar or plate and learns from the law of
equilibrium alone. Adam finds the valley, L-BFGS its floor. Here Adam, with a rate that falls when
the loss stays, gives way when the gradients of batches of places agree again after they did not
(signal to noise), and what that is worth is measured against never and against at once, and against
a switch at steps fixed beforehand, all at the same number of gradients.

    uv run python scenarios/applications/physics_informed.py
"""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy import stats

from adaptsim import LBFGS, Adam, AfterSteps, ReduceOnPlateau, SignalToNoise, Switch
from adaptsim.figures.physics_informed import physics_informed_figure
from adaptsim.landscapes import ElasticBar, ElasticPlate
from adaptsim.walks import walk

BARS = {"bar, ramp": ElasticBar(), "bar, waves": ElasticBar(case="waves")}
PLATES = {"plate, plane stress": ElasticPlate(plane="stress")}
THICK = ElasticPlate(plane="strain")
BAR_BUDGET, PLATE_BUDGET, THICK_BUDGET = 6000, 4000, 8000  # gradients
BAR_SEEDS, PLATE_SEEDS, THICK_SEEDS = 5, 3, 1
FIXED = 300, 1000  # steps
RATE, REMEMBERED, STRIDE = 2e-3, 50, 20
BATCHES, EVERY, SMOOTHING, HOLD = 8, 10, 0.8, 3
ADAM, NEWTON, BY_SIGNAL = "Adam alone", "L-BFGS alone", "by signal to noise"


def strategies(budget):
    """Return the rules by name: every one is Adam first, then L-BFGS, if at all."""
    falling = ReduceOnPlateau(initial=RATE, patience=200, tolerance=1e-3, lowest_scale=0.01)
    signal = SignalToNoise(
        batches=BATCHES, every=EVERY, smoothing=SMOOTHING, hold=HOLD,
        plateau_patience=budget // 8, most_steps=budget // 2,
    )  # fmt: skip
    fixed = {NEWTON: 0, **{f"at {step}": step for step in FIXED}, ADAM: 10 * budget}
    criteria = {name: AfterSteps(steps=float(step)) for name, step in fixed.items()}
    two = {"first": Adam(learning_rate=falling), "then": LBFGS(memory_size=REMEMBERED)}
    told = {**criteria, BY_SIGNAL: signal}
    return {name: Switch(criterion=criterion, **two) for name, criterion in told.items()}


def walked(landscape, budget, seeds, names=None):
    """Return the walks of each strategy, a start for each seed of the network."""
    starts = jnp.stack([landscape.replace(seed=seed).start() for seed in range(seeds)])
    return {
        name: walk(landscape, rule, starts=starts, steps=budget, budget=budget, stride=STRIDE,
                   one_by_one=True)["Switch"]
        for name, rule in strategies(budget).items() if names is None or name in names
    }  # fmt: skip


def errors(walks):
    """Return the relative L2 error of the worst displacement, shape ``(starts, records)``."""
    components = [one for name, one in walks.readings.items() if name in ("error_u", "error_v")]
    return np.max(components, axis=0)[0, :, 0]


def ended(walks):
    """Return the error where the loss was least, shape ``(starts,)``: what one would keep."""
    least = np.nanargmin(walks.loss[0, :, 0], axis=1)
    return np.take_along_axis(errors(walks), least[:, None], axis=1)[:, 0]


def rows_of(problem, found):
    """Return the rows of one problem: errors, gains and when it switched."""
    ends = {name: ended(walks) for name, walks in found.items()}
    for name, end in ends.items():
        yield f"{problem}: error, {name}", *_mean(end)
    best = min((name for name in ends if name != BY_SIGNAL), key=lambda one: _mean(ends[one])[0])
    for other in dict.fromkeys((ADAM, NEWTON, best)):
        yield f"{problem}: gain over {other}", *_mean(ends[other] / ends[BY_SIGNAL])
    switched = found[BY_SIGNAL].readings["switched_at"][0, :, 0, -1]
    reasons = found[BY_SIGNAL].readings["switch_reason"][0, :, 0, -1]
    span = f"{np.min(switched):.0f} to {np.max(switched):.0f}"
    yield f"{problem}: step of the switch (median)", np.median(switched), span
    yield f"{problem}: switches because of the signal", np.mean(reasons == 1), ""


def _mean(values):
    """Return the geometric mean over seeds, and its 95 % interval (Student's t of logarithms)."""
    if len(values) < 2:
        return float(values[0]), ""
    logs = np.log(values)
    ends = np.exp(stats.ttest_1samp(logs, 0.0).confidence_interval())
    return float(np.exp(logs.mean())), "{:.3g} to {:.3g}".format(*ends)


def bars():
    """Return the walks of both bars."""
    return {name: walked(one, BAR_BUDGET, BAR_SEEDS) for name, one in BARS.items()}


def plates():
    """Return the walks of the thin plate, and of the thick body by the criterion alone."""
    found = {name: walked(one, PLATE_BUDGET, PLATE_SEEDS) for name, one in PLATES.items()}
    return found, walked(THICK, THICK_BUDGET, THICK_SEEDS, (BY_SIGNAL,))[BY_SIGNAL]


def told(found, thick):
    """Return table and picture of what was walked."""
    rows = [row for problem, walks in found.items() for row in rows_of(problem, walks)]
    (problem, plate), *_ = PLATES.items()
    last = {"plane stress": found[problem][BY_SIGNAL], "plane strain": thick}
    for name, walks in last.items():
        for reading in ("error_u", "error_v", "error_stress"):
            rows += [(f"plate, {name}: {reading}", *_mean(walks.readings[reading][0, :, 0, -1]))]
    table = pd.DataFrame(rows, columns=["", "measured", "interval"]).assign(theory=np.nan)
    places = plate.checked_at()
    weights = jnp.asarray(found[problem][BY_SIGNAL].end[0, 0, 0])
    fields = np.asarray(plate.exact_fields(places)), np.asarray(plate.fields(weights, places))
    ends = {one: {name: ended(walks) for name, walks in all_walks.items()}
            for one, all_walks in found.items()}  # fmt: skip
    shown = {name: found[problem][name] for name in (ADAM, NEWTON, BY_SIGNAL)}
    courses = {name: {"gradients": walks.evaluations[0, 0, 0], "loss": walks.loss[0, 0, 0],
                      "error": errors(walks)[0]} for name, walks in shown.items()}  # fmt: skip
    signals = {one: _signal(walks[BY_SIGNAL]) for one, walks in found.items()}
    rule = strategies(PLATE_BUDGET)[BY_SIGNAL].criterion
    figure = physics_informed_figure(
        np.asarray(places), fields, courses, signals, (rule.low, rule.high), ends
    )
    return table, figure


def _signal(walks):
    """Return steps and ratios of the first walk until the switch, and what was spent by then."""
    at = walks.readings["switched_at"][0, 0, 0, -1]
    before = walks.clock <= (np.inf if np.isnan(at) else at + STRIDE)
    ratio = walks.readings["signal_to_noise"][0, 0, 0]
    spent = walks.evaluations[0, 0, 0][before][-1]
    return {"steps": walks.clock[before][1:], "ratio": ratio[before][1:], "spent": spent}


def story():
    """Return the table and the picture."""
    thin, thick = plates()
    return told({**bars(), **thin}, thick)


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.3g}".format))
    folder = Path("outputs/applications")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "physics_informed.png", dpi=200)
