"""Wright-Fisher: many individuals for a thousand generations, here and in NumPy by hand.

Everybody carries a number, fitness falls with its square, all die and draw a parent each, and a
mutation is added: the cheapest population there is, so that selection and inheritance are what
costs. Ours is the public interface, lives of one step of a tracker that does not learn included.
Memory is the most that is held at once.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import arguments, interleaved, report

from adaptsim import Constant, GradientDescent, Tracker
from adaptsim.adaptation import needs
from adaptsim.evolution import Evolution, evolve
from adaptsim.evolution.generations import _carry_on, _first

SELECTION, MUTATION = 0.25, 0.2
STILL = Tracker(), GradientDescent(learning_rate=0.0), Constant()


def chosen(generations: int) -> Evolution:
    """Return what selects."""
    return Evolution(
        heritable="agent.start_at", generations=generations, life=1, selection=SELECTION,
        mutation=MUTATION, mutates="absolute", inherits="nothing",
    )  # fmt: skip


class Ours:
    """Evolution through the public interface."""

    def __init__(self, size: int, generations: int) -> None:
        self.size, self.evolution = size, chosen(generations)

    def __call__(self) -> np.ndarray:
        """Return the variance of each generation."""
        return evolve(*STILL, self.evolution, size=self.size).variance[:, 0]

    def held(self) -> int:
        """Return the bytes held at once."""
        first = _first(*STILL, self.evolution, 0, size=self.size, replicates=1)
        asked = _carry_on.lower(*STILL, self.evolution, first, 0, 1, wanted=needs(*STILL[:2]))
        found: Any = asked.compile().memory_analysis()
        parts = (found.argument_size_in_bytes, found.output_size_in_bytes, found.temp_size_in_bytes)
        return int(sum(parts) - found.alias_size_in_bytes)


class ByHand:
    """NumPy: a straightforward loop over generations."""

    def __init__(self, size: int, generations: int, parents: Callable[..., Any]) -> None:
        self.size, self.generations, self.parents = size, generations, parents

    def __call__(self) -> np.ndarray:
        """Return the variance of each generation."""
        rng, trait = np.random.default_rng(1), np.zeros(self.size)
        variance = np.empty(self.generations)
        for generation in range(self.generations):
            variance[generation] = trait.var()
            fitness = np.exp(-SELECTION / 2 * trait**2)
            trait = trait[self.parents(rng, fitness / fitness.sum())]
            trait = trait + MUTATION * rng.standard_normal(self.size)
        return variance

    def held(self) -> int:
        """Return the bytes held at once, over two generations."""
        tracemalloc.start()
        ByHand(self.size, 2, self.parents)()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak


def drawn(rng: np.random.Generator, shares: np.ndarray) -> Any:
    """Return parents as a newcomer draws them."""
    return rng.choice(shares.size, shares.size, p=shares)


def counted(rng: np.random.Generator, shares: np.ndarray) -> Any:
    """Return parents by how many young each has: one multinomial draw, in order."""
    return np.repeat(np.arange(shares.size), rng.multinomial(shares.size, shares))


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        size={"type": int, "default": 100_000},
        generations={"type": int, "default": 1000},
        rounds={"type": int, "default": 2},
    )
    rows = []
    for size in (max(asked.size // 100, 10), asked.size):
        work: dict[str, Ours | ByHand] = {
            "adaptsim: evolve": Ours(size, asked.generations),
            "NumPy: choice": ByHand(size, asked.generations, drawn),
            "NumPy: multinomial, repeat": ByHand(size, asked.generations, counted),
        }
        taken = interleaved(dict(work), rounds=asked.rounds)
        least = taken["adaptsim: evolve"]
        rows += [
            {
                "individuals": size,
                "way": name,
                "wall [s]": cost.wall,
                "CPU [s]": cost.cpu,
                "CPU, times adaptsim": cost.cpu / least.cpu,
                "held [MiB]": work[name].held() / 2**20,
                "variance": float(work[name]()[asked.generations // 2 :].mean()),
            }
            for name, cost in taken.items()
        ]
    report(f"Wright-Fisher, {asked.generations:,} generations", rows, asked.json)


if __name__ == "__main__":
    main()
