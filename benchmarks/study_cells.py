"""A study of 100,000 small cells in compiled batches, against Mesa and one Dask task per cell.

A cell is ten noisy trackers with a rate, behind a sine with a period, for a hundred steps. Here it
leaves all measures that fit a tone, each beside its theory; a Mesa model leaves the course of its
mean. A Dask task is either a NumPy loop that leaves two numbers, or a run that leaves the same
measures with intervals. What is not run in full is extrapolated, and says from how many.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from timing import arguments, report

SIZE, STEPS, NOISE, BATCH = 10, 100, 0.1, 4096
MESA_CELLS, DASK_CELLS, RUNS = 300, 1000, 60
BASE: dict[str, Any] = {
    "steps": STEPS,
    "record": "statistics",
    "population": {"size": SIZE},
    "environment": {"kind": "Sinusoid", "period": 50.0},
    "agent": {"kind": "Tracker", "observation_noise": NOISE},
    "rule": {"kind": "GradientDescent", "learning_rate": 0.1},
}
STUDY = """
[scenario]
steps = {steps}
record = "statistics"
population = {{ size = {size} }}
environment = {{ kind = "Sinusoid", period = 50.0 }}
agent = {{ kind = "Tracker", observation_noise = {noise} }}
rule = {{ kind = "GradientDescent", learning_rate = 0.1 }}

[study]
name = "cells"

[study.design]
kind = "random"
points = {cells}
rule.learning_rate = {{ from = 0.02, to = 1.9 }}
environment.period = {{ from = 10.0, to = 50.0 }}
"""


def cells(count: int) -> list[tuple[float, float]]:
    """Return a learning rate and a period for each cell."""
    unit = np.random.default_rng(1).uniform(size=(count, 2))
    return [(0.02 + 1.88 * rate, 10 + 40 * period) for rate, period in unit.tolist()]


def spent(work: Callable[[int], Any], count: int) -> tuple[float, float]:
    """Return wall and CPU seconds of some cells."""
    wall, cpu = time.perf_counter(), time.process_time()
    told = work(count)
    if isinstance(told, tuple):  # measured by the work itself
        return told
    return time.perf_counter() - wall, time.process_time() - cpu


def batched(count: int) -> None:
    """Run cells in compiled batches."""
    from adaptsim.studies.cells import run_cells

    drawn = cells(count)
    for first in range(0, count, BATCH):
        part = drawn[first : first + BATCH]
        rates, periods = zip(*part, strict=True)
        changes = {"rule.learning_rate": rates, "environment.period": periods}
        run_cells(BASE, changes, range(first, first + len(part)))


def by_mesa(count: int) -> None:
    """Run cells with Mesa's batch_run: one value of a pair for each."""
    import mesa
    from trackers import GivenDraw

    class Model(mesa.Model):
        def __init__(self, cell: tuple[float, float] = (0.1, 50.0), rng: Any = None) -> None:
            super().__init__(rng=rng)
            (rate, self.period), self.cue, self.clock = cell, 0.0, 0
            self.draws: Iterator[float] = iter(())
            GivenDraw.create_agents(self, SIZE, g=rate)
            self.datacollector = mesa.DataCollector(
                model_reporters={"mean": lambda model: model.agents.agg("x", np.mean)}
            )

        def step(self) -> None:
            self.datacollector.collect(self)
            self.cue = math.sin(2 * math.pi * self.clock / self.period)
            self.draws = iter(self.rng.standard_normal(SIZE).tolist())
            self.agents.do("step")
            self.clock += 1

    mesa.batch_run(
        Model, {"cell": cells(count)}, number_processes=1, rng=[1], max_steps=STEPS,
        data_collection_period=1, display_progress=False,
    )  # fmt: skip


def by_hand(rate: float, period: float, seed: int) -> tuple[float, float]:
    """Run a cell with NumPy and return its mean squared error and last mean."""
    rng, trait, error = np.random.default_rng(seed), np.zeros(SIZE), 0.0
    for step in range(STEPS):
        cue = math.sin(2 * math.pi * step / period)
        error += float(np.mean((trait - cue) ** 2))
        trait += rate * (cue + NOISE * rng.standard_normal(SIZE) - trait)
    return error / STEPS, float(trait.mean())


def alone(rate: float, period: float, seed: int) -> int:
    """Run a cell as a run of its own and measure what a batched cell measures."""
    from adaptsim.runs import run
    from adaptsim.scenarios import from_table

    changed = {
        "seed": seed,
        "rule": BASE["rule"] | {"learning_rate": rate},
        "environment": BASE["environment"] | {"period": period},
    }
    return len(run(from_table(BASE | changed)).table)


def by_dask(count: int, cell: Callable[..., Any] = by_hand) -> tuple[float, float]:
    """Return wall and CPU seconds of cells as one Dask task each on one worker process.

    The cluster's start is left out. At most a thousand tasks are submitted at a time.
    """
    import psutil
    from distributed import Client, LocalCluster, wait

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        drawn = cells(count)

        def all_cells() -> None:
            for first in range(0, count, 1000):
                part = enumerate(drawn[first : first + 1000])
                wait([client.submit(cell, *one, seed, pure=False) for seed, one in part])

        def cpu() -> float:
            me = psutil.Process()
            times = [one.cpu_times() for one in (me, *me.children(recursive=True))]
            return sum(one.user + one.system for one in times)

        wait(client.submit(cell, *drawn[0], 0))
        began, used = time.perf_counter(), cpu()
        all_cells()
        return time.perf_counter() - began, cpu() - used


def study(count: int, workers: int) -> dict[str, float]:
    """Return cost and memory of the whole study, store included, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cells.toml"
        file.write_text(STUDY.format(steps=STEPS, size=SIZE, noise=NOISE, cells=count))
        script = (
            "import sys; from adaptsim.studies.study import load;"
            "from adaptsim.studies.running import run_study;"
            "import adaptsim.studies.running\n"
            "if __name__ == '__main__':\n"
            f"    run_study(load(sys.argv[1]), sys.argv[2], workers={workers})\n"
        )
        main = Path(folder) / "main.py"
        main.write_text(script)
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, str(main), str(file), f"{folder}/out"])
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"the study of {count} cells failed with {status}")
        wall = time.perf_counter() - began
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "wall [s]": wall,
        "CPU [s]": usage.ru_utime + usage.ru_stime,
        "peak RSS, one process [MiB]": usage.ru_maxrss * scale / 2**20,
    }


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        cells={"type": int, "default": 100_000},
        engine={"action": "store_true", "help": "also whole studies with their store"},
    )
    batched(BATCH)  # compiles
    per_cell = {}
    for name, work, count in (
        ("adaptsim, compiled batches", batched, asked.cells),
        ("NumPy loop, no scheduler", lambda n: [by_hand(*c, 1) for c in cells(n)], DASK_CELLS),
        ("Mesa batch_run, one process", by_mesa, MESA_CELLS),
        ("Dask, one task per NumPy loop", by_dask, DASK_CELLS),
        ("Dask, one task per run", lambda n: by_dask(n, alone), RUNS),
    ):
        wall, cpu = spent(work, count)
        per_cell[name] = (count, wall / count * 1e6, cpu / count * 1e6)
    _, _, ours = per_cell["adaptsim, compiled batches"]
    rows = [
        {
            "engine": name,
            "cells run": count,
            "wall [us/cell]": wall,
            "CPU [us/cell]": cpu,
            "times, CPU": cpu / ours,
            f"{asked.cells:,} cells [CPU s]": cpu * asked.cells / 1e6,
        }
        for name, (count, wall, cpu) in per_cell.items()
    ]
    report(f"{asked.cells:,} cells of {SIZE} agents x {STEPS} steps", rows, asked.json)
    if asked.engine:
        whole = [
            {"cells": count, "workers": workers or "none"} | study(count, workers)
            for count, workers in ((asked.cells // 10, 0), (asked.cells, 0), (asked.cells, 1),
                                   (asked.cells, 2))
        ]  # fmt: skip
        report("Whole studies, from file to store", whole)


if __name__ == "__main__":
    main()
