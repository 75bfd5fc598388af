"""A study of 100,000 small cells in compiled batches, against Mesa and one Dask task per cell.

A cell is ten noisy trackers with a rate, behind a sine with a period, for a hundred steps. Here it
leaves all measures that fit a tone, each beside its theory; a Mesa model leaves the course of its
mean. A Dask task is either a NumPy loop that leaves two numbers, or a run that leaves the same
measures with intervals. What is not run in full is extrapolated, and says from how many. All take
turns, and the least cost of each is kept.

`--engine` runs whole studies, from file to store; `--workers` cheap and dear cells on one and two
processes; `--books` runs of a millisecond, which show what keeping books costs.
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
from timing import arguments, interleaved, report

SIZE, STEPS, NOISE, BATCH = 10, 100, 0.1, 4096
MESA_CELLS, DASK_CELLS, RUNS, ROUNDS = 300, 1000, 60, 3
BOOKS = 10_000
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

MILLISECOND = """
def work(parameters, seed):
    total = 0.0
    for number in range(12_000):
        total += parameters["rate"] * number
    return {"total": total}
"""
BOOK_STUDY = """
[scenario]
function = "FOLDER/millisecond.py:work"
measures = ["total"]
parameters = { rate = 0.0 }

[study.design]
kind = "random"
points = RUNS
rate = { from = 0.0, to = 1.0 }
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


def process(script: str, *arguments: str) -> dict[str, float]:
    """Return what a script costs in a process of its own, its children included."""
    began = time.perf_counter()
    started = subprocess.Popen([sys.executable, script, *arguments])
    _, status, usage = os.wait4(started.pid, 0)
    if status:
        raise SystemExit(f"{script} failed with {status}")
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "wall [s]": time.perf_counter() - began,
        "CPU [s]": usage.ru_utime + usage.ru_stime,
        "peak RSS, one process [MiB]": usage.ru_maxrss * scale / 2**20,
        "load": os.getloadavg()[0],
    }


def study(text: str, workers: int) -> dict[str, float]:
    """Return cost and memory of a whole study, store included, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.toml").write_text(text)
        (folder / "main.py").write_text(
            "import sys; from adaptsim.studies.study import load;"
            "from adaptsim.studies.running import run_study\n"
            "if __name__ == '__main__':\n"
            f"    run_study(load(sys.argv[1]), sys.argv[2], workers={workers})\n"
        )
        return process(f"{name}/main.py", f"{name}/study.toml", f"{name}/out")


def whole_studies() -> None:
    """Report studies of more and more cells."""
    sizes = (1000, 10_000, 100_000, 300_000, 1_000_000)
    texts = {n: STUDY.format(steps=STEPS, size=SIZE, noise=NOISE, cells=n) for n in sizes}
    rows = [{"cells": n} | study(text, 0) for n, text in texts.items()]
    report("Whole studies, from file to store", rows)


def scaling() -> None:
    """Report cheap and dear cells without, with one and with two worker processes."""
    rows = []
    for count, size, steps in ((200_000, SIZE, STEPS), (600, 1000, 2000)):
        text = STUDY.format(steps=steps, size=size, noise=NOISE, cells=count)
        for workers in (0, 1, 2):
            told = {"cells": count, "agents": size, "steps": steps, "workers": workers}
            rows.append(told | study(text, workers))
    report("Worker processes", rows)


def books() -> None:
    """Report what keeping books adds to runs of about a millisecond, nothing left to import."""
    from adaptsim.studies.running import run_study
    from adaptsim.studies.study import load

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "millisecond.py").write_text(MILLISECOND)
        text = BOOK_STUDY.replace("RUNS", str(BOOKS)).replace("FOLDER", name)
        (folder / "books.toml").write_text(text)
        study = load(folder / "books.toml")
        work, rates = study.model.load(), study.design.cells["rate"]
        stores = (folder / str(number) for number in range(100))
        least = interleaved(
            {
                "a plain loop": lambda: [work({"rate": rate}, 1) for rate in rates],
                "a study, in this process": lambda: run_study(study, next(stores)),
            },
            rounds=4,
        )
    loop = least["a plain loop"].cpu
    rows = [
        {"how": how, "CPU [us/run]": cost.cpu / BOOKS * 1e6, "times the loop": cost.cpu / loop}
        for how, cost in least.items()
    ]
    report(f"{BOOKS:,} runs of a millisecond, least of 4", rows)


def side_by_side(count: int, file: Path | None) -> None:
    """Report what a cell costs in each engine, the least of some rounds."""
    engines: dict[str, tuple[Callable[[int], Any], int]] = {
        "adaptsim, compiled batches": (batched, count),
        "NumPy loop, no scheduler": (lambda n: [by_hand(*c, 1) for c in cells(n)], DASK_CELLS),
        "Mesa batch_run, one process": (by_mesa, MESA_CELLS),
        "Dask, one task per NumPy loop": (by_dask, DASK_CELLS),
        "Dask, one task per run": (lambda n: by_dask(n, alone), RUNS),
    }
    batched(BATCH)  # compiles
    least: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, (work, many) in engines.items():
            took = spent(work, many)
            least[name] = tuple(map(min, took, least.get(name, took)))
    ours = least["adaptsim, compiled batches"][1] / count
    rows = [
        {
            "engine": name,
            "cells run": engines[name][1],
            "wall [us/cell]": wall / engines[name][1] * 1e6,
            "CPU [us/cell]": cpu / engines[name][1] * 1e6,
            "times, CPU": cpu / engines[name][1] / ours,
            f"{count:,} cells [CPU s]": cpu / engines[name][1] * count,
        }
        for name, (wall, cpu) in least.items()
    ]
    report(f"{count:,} cells of {SIZE} agents x {STEPS} steps, least of {ROUNDS}", rows, file)


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        cells={"type": int, "default": 100_000},
        engine={"action": "store_true", "help": "whole studies with their store"},
        workers={"action": "store_true", "help": "cheap and dear cells on worker processes"},
        books={"action": "store_true", "help": "what runs of a millisecond cost beside the work"},
    )
    parts = {"engine": whole_studies, "workers": scaling, "books": books}
    chosen = [part for name, part in parts.items() if getattr(asked, name)]
    for part in chosen:
        part()
    if not chosen:
        side_by_side(asked.cells, asked.json)


if __name__ == "__main__":
    main()
