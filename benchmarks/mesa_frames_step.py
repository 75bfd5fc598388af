# /// script
# requires-python = ">=3.12,<3.14"
# dependencies = ["mesa-frames==0.1.0a0", "numpy<2"]
# ///
"""The noisy tracker in mesa-frames, which needs NumPy 1 and so an environment of its own.

Prints least wall and CPU seconds of some rounds: ``mesa_frames_step.py SIZE STEPS ROUNDS``.
"""

from __future__ import annotations

import math
import sys
import time

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

PERIOD, NOISE = 60.0, 0.1


class Followers(AgentSetPolars):
    """All agents, as columns."""

    def __init__(self, model: ModelDF, size: int) -> None:
        super().__init__(model)
        rates = np.resize(np.linspace(0.05, 0.5, 10), size)
        columns = {"unique_id": np.arange(size), "x": np.zeros(size), "g": rates}
        self.add(pl.DataFrame(columns))

    def step(self) -> None:
        """Follow what is seen, in one expression over columns."""
        table = self._agents
        drawn = pl.lit(pl.Series(self.random.standard_normal(len(table))))
        seen = self.model.cue + NOISE * drawn
        self._agents = table.with_columns(x=pl.col("x") + pl.col("g") * (seen - pl.col("x")))


class Following(ModelDF):
    """The model: a mean is recorded at each step."""

    def __init__(self, size: int) -> None:
        super().__init__(seed=1)
        self.agents += Followers(self, size)
        self.clock, self.means = 0, []

    def step(self) -> None:
        """Record, then let everybody move."""
        followers = self.agents._agentsets[0]
        self.means.append(followers._agents["x"].mean())
        self.cue = math.sin(2 * math.pi * self.clock / PERIOD)
        self.agents.step()
        self.clock += 1


def main(size: int, steps: int, rounds: int) -> None:
    """Print the least wall and CPU seconds of ``steps`` steps."""
    model = Following(size)
    walls, cpus = [], []
    for _ in range(rounds + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(steps):
            model.step()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    print(min(walls), min(cpus))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
