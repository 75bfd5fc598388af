"""A protein that must climb out of traps: does a learning rate that cycles help?

A chain of 13 beads folds (the AB protein in the convention of Boskovic and Brest, "boskovic_brest":
other conventions have other energies). Adam descends from many random starts with a constant rate,
one that falls along a cosine, one that goes up and down in triangles, and warm restarts; Langevin
wanders at a temperature, and basin hopping, which is made for this, shows what can be had. All take
the same number of gradients, from the same starts. Barriers crossed are changes of the minimum
below the walk from one record to the next.

    uv run python scenarios/applications/protein_folding.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import Adam, BasinHopping, Cosine, Cyclical, Langevin, WarmRestarts, walk
from adaptsim.figures.protein_folding import protein_folding_figure
from adaptsim.landscapes import ProteinAB
from adaptsim.temperature import inherent_structures

CONVENTION, BEADS = "boskovic_brest", 13
STARTS, STEPS, STRIDE = 64, 8000, 20  # a step is one gradient for every rule here
PERIOD = 1000.0  # steps of a cycle
QUENCHED, EVERY = 12, 8  # walks whose records are quenched: every so manieth
RESAMPLED, LEVEL = 4000, 0.95
PROTEIN = ProteinAB(length=BEADS, convention=CONVENTION)
SETTLES = Cosine(initial=0.05, duration=float(STEPS))
RULES = {
    "constant .01": Adam(learning_rate=0.01),
    "constant .05": Adam(learning_rate=0.05),
    "falling .05": Adam(learning_rate=SETTLES),
    "falling .2": Adam(learning_rate=SETTLES.replace(initial=0.2)),
    "triangles .1": Adam(learning_rate=Cyclical(lowest=0.0, highest=0.1, period=PERIOD)),
    "restarts .05": Adam(learning_rate=WarmRestarts(highest=0.05, period=PERIOD)),
    "restarts .1": Adam(learning_rate=WarmRestarts(highest=0.1, period=PERIOD)),
    "restarts .2": Adam(learning_rate=WarmRestarts(highest=0.2, period=PERIOD)),
    "restarts .4": Adam(learning_rate=WarmRestarts(highest=0.4, period=PERIOD)),
    "Langevin": Langevin(learning_rate=5e-4, temperature=0.1),
    "basin hopping": BasinHopping(temperature=0.3, hop=1.0, slope=1e-3),
}
FALLING, CYCLICAL = "falling .05", "restarts .1"  # the pair that is compared
SAME = 5e-5  # half of the last digit that was published


def starts():
    """Return random angles, one chain each, shape ``(STARTS, d)``."""
    likes = [PROTEIN.replace(seed=seed) for seed in range(STARTS)]
    return np.array([one.start() for one in likes])


def interval(statistic, *samples):
    """Return a statistic of samples from the same starts, and its bootstrap interval over them."""
    drawn = np.random.default_rng(0).integers(len(samples[0]), size=(RESAMPLED, len(samples[0])))
    spread = statistic(*(one[drawn] for one in samples), axis=-1)
    ends = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(statistic(*samples, axis=-1)), *map(float, ends)


def median(one, axis):
    """Return the median."""
    return np.median(one, axis=axis)


def tail(one, axis):
    """Return the energy that one walk in ten does not get below."""
    return np.quantile(one, 0.9, axis=axis)


def lower(one, other, axis):
    """Return the median of how much lower the first is, pair by pair."""
    return np.median(other - one, axis=axis)


def walked():
    """Return the walks of all rules, and the lowest energies they came to, ``(STARTS,)`` each."""
    found = walk(PROTEIN, RULES, starts=starts(), steps=STEPS, stride=STRIDE, places=True)
    reached = {name: one.best[0, :, 0, -1] for name, one in found.items()}
    hopped = found["basin hopping"].readings["best_loss"]
    reached["basin hopping"] = np.minimum(reached["basin hopping"], hopped[0, :, 0, -1])
    return found, reached


def crossed(found):
    """Return the inherent structures below some records of some walks, by rule."""
    return {
        name: inherent_structures(PROTEIN, one.places[0, :QUENCHED, 0, ::EVERY], slope=1e-4,
                                  loss_tolerance=1e-4, closer=None)
        for name, one in found.items()
    }  # fmt: skip


def story():
    """Return the table and the picture."""
    found, reached = walked()
    below = crossed(found)
    rows = []
    for name, energies in reached.items():
        hits = (energies <= PROTEIN.lowest_energy + SAME).sum()
        rows += [
            (f"{name}: lowest energy", energies.min(), np.nan, np.nan, PROTEIN.lowest_energy),
            (f"{name}: median", *interval(median, energies), np.nan),
            (f"{name}: 90 % quantile", *interval(tail, energies), np.nan),
            (f"{name}: walks that find the fold", hits, np.nan, np.nan, np.nan),
            (f"{name}: barriers crossed", *interval(np.mean, below[name].crossings), np.nan),
        ]
    for name in RULES:
        if name != FALLING:
            told = f"{name}: lower than {FALLING} by"
            rows += [(told, *interval(lower, reached[name], reached[FALLING]), np.nan)]
    table = pd.DataFrame(rows, columns=["", "measured", "from", "to", "theory"])
    best = int(np.argmin(reached["basin hopping"]))
    records = found["basin hopping"]
    where = records.places[0, best, 0, np.nanargmin(records.loss[0, best, 0])]
    folds = {
        "published": (PROTEIN.minima()[0].theta, PROTEIN.lowest_energy),
        "basin hopping": (where, records.loss[0, best, 0].min()),
    }
    one = found[FALLING]
    worst = int(np.argsort(reached[FALLING])[len(reached[FALLING]) // 2])
    folds[f"{FALLING}, a middling walk"] = (one.end[0, worst, 0], one.loss[0, worst, 0, -1])
    folds = {name: (np.asarray(PROTEIN.fold(theta)), loss) for name, (theta, loss) in folds.items()}
    cycle = found[CYCLICAL]
    walked_once = cycle.clock, cycle.loss[0, 0, 0], below[CYCLICAL].labels[0], EVERY
    rate = np.asarray(RULES[CYCLICAL].learning_rate(cycle.clock))
    figure = protein_folding_figure(
        reached, PROTEIN.lowest_energy, (*walked_once, rate, below[CYCLICAL].loss[0]), folds,
        PROTEIN.letters, CYCLICAL,
    )  # fmt: skip
    return table, figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.4f}".format))
    folder = Path("outputs/applications")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "protein_folding.png", dpi=200)
