"""The lowest energies that others have published, found again from random starts.

Basin hopping (a bounded L-BFGS that quenches, a random displacement, Metropolis' choice) looks for
the lowest minimum of Lennard-Jones clusters and of AB proteins in all four conventions. No walk
knows the answer: atoms start at random in a ball, chains nearly straight with random angles. A
surface with three minima and two saddles, Mueller and Brown's, stands beside them.

    uv run python scenarios/applications/published_minima.py

A chain of 34 beads is a stretch: its published fold is not reached in so few steps, and the gap is
shown. Rows appear as they are found; LONG and SHORT are how many steps.
"""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd

from adaptsim import BasinHopping, walk
from adaptsim.figures.published_minima import published_minima_figure
from adaptsim.landscapes import LennardJones, MuellerBrown, ProteinAB, stationary_point
from adaptsim.landscapes.protein import CONVENTIONS
from adaptsim.temperature import inherent_structures

ATOMS = tuple(range(2, 21))
EASY = 13  # so many atoms at most need few steps
SHORT, LONG = 4000, 20_000  # steps of a walk, one gradient each
BEADS = {13: (32, 20_000), 21: (16, 30_000), 34: (4, 10_000)}  # starts, steps
STARTS = 6  # of each cluster
STRIDE = 20  # steps from one look at the energy to the next
CLUSTER = BasinHopping(temperature=0.8, hop=0.25, slope=1e-4)
CHAIN = {
    "stillinger": BasinHopping(temperature=0.2, hop=3.0, moved="one", slope=1e-3),
    "true_angle": BasinHopping(temperature=0.3, hop=1.0, slope=1e-3),
    "irback": BasinHopping(temperature=0.5, hop=0.5, slope=1e-3),
    "boskovic_brest": BasinHopping(temperature=0.3, hop=1.0, slope=1e-3),
}
COLUMNS = ("", "measured", "theory", "gap", "reached", "starts", "steps", "expected")


def searched(name, landscape, others, rule, steps, printed):
    """Return the row of one landscape: what was found from the starts of its likes, and how soon.

    ``printed`` is half of the last digit that was published; ``expected`` the gradients of all
    walks, until they reached it or ended, over the number of those that did.
    """
    starts = np.array([other.start() for other in others])
    (found,) = walk(landscape, rule, starts=starts, steps=steps, stride=STRIDE).values()
    best = found.readings["best_loss"][0, :, 0]
    spent = np.broadcast_to(found.evaluations, found.loss.shape)[0, :, 0]
    there = best <= landscape.lowest_energy + printed
    reached = there.any(axis=1)
    until = np.where(reached, spent[np.arange(len(best)), there.argmax(axis=1)], spent[:, -1])
    expected = until.sum() / reached.sum() if reached.any() else np.nan
    lowest, known = best[:, -1].min(), landscape.lowest_energy
    row = (name, lowest, known, lowest - known, reached.sum(), len(starts), steps, expected)
    print(f"{name}: {lowest:.6f} beside {known:.6f}, by {row[4]} of {row[5]} walks", flush=True)
    return row


def clusters():
    """Return the rows of all clusters [well depths]."""
    for atoms in ATOMS:
        likes = [LennardJones(atoms=atoms, seed=seed) for seed in range(STARTS)]
        steps = SHORT if atoms <= EASY else LONG
        yield searched(f"Lennard-Jones, {atoms} atoms", likes[0], likes, CLUSTER, steps, 5e-7)


def chains():
    """Return the rows of all chains."""
    for beads, (starts, steps) in BEADS.items():
        for convention in CONVENTIONS:
            likes = [
                ProteinAB(length=beads, convention=convention, seed=seed) for seed in range(starts)
            ]
            name = f"AB protein, {beads} beads, {convention}"
            printed = 5e-4 if (convention, beads) == ("irback", 13) else 5e-5
            yield searched(name, likes[0], likes, CHAIN[convention], steps, printed)


def surface():
    """Return the minima and saddles of Mueller and Brown's surface, found from random places."""
    ground = MuellerBrown()
    low, high = (np.asarray(end) for end in ground.domain())
    places = np.random.default_rng(0).uniform(low, high, (100, 2))
    levels = inherent_structures(ground, places).levels
    for which, (found, known) in enumerate(zip(levels, ground.minima(), strict=True)):
        name = f"Mueller-Brown, minimum {which + 1}"
        yield name, found, known.loss, found - known.loss, np.nan, 100, np.nan, np.nan
    still = [stationary_point(ground, jnp.asarray(place)) for place in places]
    inside = [one for one in still if ground.contains(one.theta)]
    saddles = [one.loss for one in inside if ground.kind_of_point(one.theta) == "saddle"]
    known = sorted(one.loss for one in ground.saddles())
    for which, (found, loss) in enumerate(zip(np.unique(np.round(saddles, 9)), known, strict=True)):
        name = f"Mueller-Brown, saddle {which + 1}"
        yield name, found, loss, found - loss, np.nan, 100, np.nan, np.nan


def story():
    """Return the table and the picture."""
    table = pd.DataFrame([*surface(), *clusters(), *chains()], columns=list(COLUMNS))
    return table, published_minima_figure(table)


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.6f}".format))
    folder = Path("outputs/applications")
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "published_minima.csv", index=False)
    figure.savefig(folder / "published_minima.png", dpi=200)
