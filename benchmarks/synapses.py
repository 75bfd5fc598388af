"""Neurons with methylated synapses: one step of 1,000 with 1,000 synapses each, beside plain NumPy.

The delta rule, gated by methylation that activity writes. Once with inputs averaged over, where the
last weights of both are compared before anything is timed, and once with inputs drawn anew in each
step for each neuron, where nearly all the time goes into the draws. Memory is the most that is held
at once while stepping: of adaptsim what the compiler says (what comes in, goes out and lies
between), of NumPy what its allocator traced.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import jax
import numpy as np
from timing import arguments, interleaved, report

from adaptsim import Constant, Methylated, Synapse
from adaptsim.adaptation import Setting, move, needs, replicate_key, start

WRITING, ERASING, HALF = 0.02, 0.005, 0.5


class Ours:
    """adaptsim: one compiled loop."""

    def __init__(self, neurons: int, synapses: int, steps: int, inputs: str) -> None:
        kind = Synapse(synapses=synapses, inputs=inputs, start_at=0.0)
        rule = Methylated(
            learning_rate=0.1 / synapses, methylation=0.1, turnover=True,
            writing_by_activity=WRITING, erasing=ERASING, half_activity=HALF,
        )  # fmt: skip
        self.setting = Setting(
            *jax.tree.map(
                lambda leaf: jax.numpy.asarray(leaf, dtype=float),
                (kind, rule, Constant(value=1.0)),
            )
        )
        self.moment = start(self.setting, replicate_key(0), size=neurons)
        self.steps, self.wanted = steps, needs(kind, rule)

    def __call__(self) -> np.ndarray:
        """Return the weights after all steps."""
        after = move(self.setting, self.moment, self.steps, wanted=self.wanted)
        return np.asarray(jax.block_until_ready(after).state.trait)

    def held(self) -> int:
        """Return the bytes held at once."""
        asked = move.lower(self.setting, self.moment, self.steps, wanted=self.wanted)
        found: Any = asked.compile().memory_analysis()
        return int(
            found.argument_size_in_bytes + found.output_size_in_bytes + found.temp_size_in_bytes
        )


class ByHand:
    """NumPy: the same, written out."""

    def __init__(self, neurons: int, synapses: int, steps: int, inputs: str) -> None:
        self.shape, self.steps, self.drawn = (neurons, synapses), steps, inputs == "drawn"
        self.rng = np.random.Generator(np.random.SFC64(0))

    def __call__(self) -> np.ndarray:
        """Return the weights after all steps."""
        weights, methylation = np.zeros(self.shape), np.full(self.shape, 0.1)
        rate = 0.1 / self.shape[1]
        for _ in range(self.steps):
            slope = weights - 1
            if self.drawn:
                seen = self.rng.standard_normal(self.shape)
                slope = (slope * seen).sum(axis=1, keepdims=True) * seen
            active = (slope / HALF) ** 2
            written = WRITING * active / (1 + active)
            weights = weights - rate * (1 - methylation) * slope
            both = written + ERASING
            rest = written / both
            methylation = rest + (methylation - rest) * np.exp(-both)
        return weights

    def held(self) -> int:
        """Return the bytes held at once, over two steps."""
        few = ByHand(*self.shape, 2, "drawn" if self.drawn else "averaged")
        tracemalloc.start()
        few()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        neurons={"type": int, "default": 1000},
        synapses={"type": int, "default": 1000},
        steps={"type": int, "default": 10},
        rounds={"type": int, "default": 5},
    )
    size = (asked.neurons, asked.synapses, asked.steps)
    work: dict[tuple[str, str], Any] = {
        (inputs, engine): made(*size, inputs)
        for inputs in ("averaged", "drawn")
        for engine, made in (("adaptsim", Ours), ("NumPy by hand", ByHand))
    }
    np.testing.assert_allclose(
        work["averaged", "adaptsim"](), work["averaged", "NumPy by hand"](), rtol=1e-9
    )
    named = {f"{inputs}, {engine}": one for (inputs, engine), one in work.items()}
    costs = dict(zip(work, interleaved(named, asked.rounds).values(), strict=True))
    table = [
        {
            "inputs": inputs,
            "engine": engine,
            "wall [ms/step]": cost.wall / asked.steps * 1e3,
            "CPU [ms/step]": cost.cpu / asked.steps * 1e3,
            "times adaptsim (CPU)": cost.cpu / costs[inputs, "adaptsim"].cpu,
            "held [MiB]": work[inputs, engine].held() / 2**20,
        }
        for (inputs, engine), cost in costs.items()
    ]
    told = f"{asked.neurons:,} neurons x {asked.synapses:,} methylated synapses: one step"
    report(told, table, asked.json)


if __name__ == "__main__":
    main()
