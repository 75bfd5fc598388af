"""One step of many foragers that share their prey: adaptsim beside plain NumPy.

Both learn by the slope of a type II intake, eat, and let two prey and the predators grow by one
Runge-Kutta step; the last densities are compared before anything is timed. Memory is that of the
arrays each carries from step to step.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from timing import arguments, interleaved, report

from adaptsim import GradientDescent, Predator, TwoPrey
from adaptsim.adaptation import Setting, move, needs, replicate_key, start

HANDLING, CONVERSION, DT = 0.5, (0.5, 0.35), 0.05
HUNTER = Predator(
    handling_1=HANDLING, handling_2=HANDLING, conversion_1=CONVERSION[0], conversion_2=CONVERSION[1]
)
WORLD = TwoPrey(dt=DT)


def rates(size: int) -> np.ndarray:
    """Return a learning rate for each forager."""
    return np.linspace(0.5, 2.0, size) * DT


class Ours:
    """adaptsim: one compiled loop."""

    def __init__(self, size: int, steps: int) -> None:
        self.setting = Setting(
            *jax.tree.map(
                lambda leaf: jax.numpy.asarray(leaf, dtype=float),
                (HUNTER, GradientDescent(learning_rate=rates(size)), WORLD),
            )
        )
        self.moment = start(self.setting, replicate_key(0), size=size)
        self.steps, self.wanted = steps, needs(*self.setting[:2])

    def __call__(self) -> np.ndarray:
        """Return the logarithms of the densities after all steps."""
        after = move(self.setting, self.moment, self.steps, wanted=self.wanted)
        return np.asarray(jax.block_until_ready(after).world.logarithms)

    @property
    def memory(self) -> int:
        """Bytes carried from step to step, and the rates."""
        kept = (self.moment.state, self.moment.world, self.setting.rule)
        return sum(leaf.nbytes for leaf in jax.tree.leaves(kept) if hasattr(leaf, "nbytes"))


class ByHand:
    """NumPy: the same, written out."""

    def __init__(self, size: int, steps: int) -> None:
        self.rates, self.size, self.steps = rates(size), size, steps

    def __call__(self) -> np.ndarray:
        """Return the logarithms of the densities after all steps."""
        logits = np.zeros(self.size)
        logs = np.log([WORLD.prey_1, WORLD.prey_2, WORLD.predators])
        for _ in range(self.steps):
            prey = np.exp(logs[:2])
            share = 1 / (1 + np.exp(-logits))
            slow = 1 + HANDLING * (share * prey[0] + (1 - share) * prey[1])
            slope = (
                CONVERSION[0] * prey[0] - CONVERSION[1] * prey[1]
                + prey.prod() * HANDLING * (CONVERSION[0] - CONVERSION[1])
            ) / slow**2  # fmt: skip
            cleared = np.array([(share / slow).mean(), ((1 - share) / slow).mean()])
            logits = logits + self.rates * slope
            logs = self.grown(logs, cleared)
        return logs

    @staticmethod
    def grown(logs: np.ndarray, cleared: np.ndarray) -> np.ndarray:
        """Return the logarithms of the densities one Runge-Kutta step on."""
        growth, crowding = np.array([WORLD.growth_1, WORLD.growth_2]), WORLD.crowding_1

        def change(logs: np.ndarray) -> np.ndarray:
            prey, predators = np.exp(logs[:2]), np.exp(logs[2])
            gained = (np.array(CONVERSION) * cleared * prey).sum() - WORLD.mortality
            return np.append(growth * (1 - crowding * prey) - cleared * predators, gained)

        first = change(logs)
        second = change(logs + DT / 2 * first)
        third = change(logs + DT / 2 * second)
        fourth = change(logs + DT * third)
        return logs + DT / 6 * (first + 2 * second + 2 * third + fourth)

    @property
    def memory(self) -> int:
        """Bytes carried from step to step, and the rates."""
        return self.rates.nbytes + 8 * self.size + 24


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        size={"type": int, "default": 100_000},
        steps={"type": int, "default": 50},
        rounds={"type": int, "default": 5},
    )
    work: dict[str, Any] = {
        "adaptsim": Ours(asked.size, asked.steps),
        "NumPy by hand": ByHand(asked.size, asked.steps),
    }
    last = [one() for one in work.values()]
    np.testing.assert_allclose(*last, rtol=1e-9)
    costs = interleaved(work, asked.rounds)
    ours = costs["adaptsim"]
    table = [
        {
            "engine": name,
            "foragers": asked.size,
            "wall [ms/step]": cost.wall / asked.steps * 1e3,
            "CPU [ms/step]": cost.cpu / asked.steps * 1e3,
            "times adaptsim": cost.wall / ours.wall,
            "carried [bytes/forager]": work[name].memory / asked.size,
        }
        for name, cost in costs.items()
    ]
    report("Foragers that share their prey: one step", table, asked.json)


if __name__ == "__main__":
    main()
