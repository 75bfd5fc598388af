"""How low a chain of beads folds whose learning rate is kicked up again and again."""

from typing import Any

import numpy as np

from adaptsim.landscapes import ProteinAB
from adaptsim.rules import Adam, WarmRestarts
from adaptsim.walks import walk


def folded(parameters: dict[str, Any], seed: int) -> dict[str, float]:
    """Return the lowest energy that one walk comes to, above that of the lowest known fold.

    The seed draws the start, so that with common seeds all heights fold the same chains.
    """
    asked = {"length": parameters["length"], "convention": "boskovic_brest"}
    protein = ProteinAB(**asked)
    start = ProteinAB(**asked, seed=seed % 2**31).start()
    cycle = WarmRestarts(highest=parameters["highest"], lowest=0.0, period=parameters["period"])
    rule = Adam(learning_rate=cycle)
    walks = walk(protein, rule, starts=start, steps=parameters["steps"])["Adam"]
    return {"energy_above_known": float(np.nanmin(walks.loss) - protein.minima()[0].loss)}
