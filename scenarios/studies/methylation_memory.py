"""How long methylated synapses keep what they learnt, over their methylation and their number.

Each synapse follows patterns of its own, new at every step, of mean 0 and mean square 1: behind a
cue of 0 seen with a noise of 1 the noise is the pattern. Methylation ``m`` lets the part ``1 - m``
of each change through, so a synapse's gain is ``g = rate (1 - m)`` and a memory of age ``a`` stands
out from the others by ``sqrt(N g (2 - g)) (1 - g)^a``.
"""

from typing import Any

import numpy as np

from adaptsim import Constant, Methylated, Tracker, measures, simulate

FADED = 20.0  # what is left of the start is e^-20


def remembered(parameters: dict[str, Any], seed: int) -> dict[str, float]:
    """Return lifetime [steps] and clarity at age 0 [1] of memories, measured and by theory."""
    closed, synapses = parameters["methylation"], parameters["synapses"]
    gain = parameters["rate"] * (1 - closed)
    settle = int(np.ceil(FADED / gain))
    rule = Methylated(learning_rate=parameters["rate"], methylation=closed)
    course = simulate(
        Tracker(observation_noise=1.0), rule, Constant(), size=synapses,
        steps=settle + parameters["patterns"], seed=seed, record="individuals",
    ).followed["trait"].output[settle:, 0]  # fmt: skip
    patterns = (course[1:] - (1 - gain) * course[:-1]) / gain
    longest = min(int(4 * np.log(synapses) / gain), len(patterns) // 2)
    ages = np.unique(np.geomspace(1, longest, 24).astype(int)) - 1
    clear = measures.ideal_observer(course[1:], patterns, ages)
    exact = np.sqrt(synapses * gain * (2 - gain)) * (1 - gain) ** ages
    return {
        "memory_lifetime": measures.memory_lifetime(clear, ages).value,
        "theory_memory_lifetime": measures.memory_lifetime(exact, ages).value,
        "first_clarity": float(clear[0]),
        "theory_first_clarity": float(exact[0]),
    }
