"""One noisy step of a population: adaptsim beside Mesa, agentpy, mesa-frames and NumPy by hand.

mesa-frames needs NumPy 1, so it runs in a Python of its own: ``--mesa-frames PYTHON``.
"""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from timing import Cost, arguments, interleaved, report
from trackers import (
    OwnDraw,
    Work,
    adaptsim_advance,
    adaptsim_simulate,
    agentpy_objects,
    mesa_objects,
    numpy_by_hand,
)

OURS = "adaptsim: advance, mean"

ARRAYS = {
    OURS: adaptsim_advance,
    "adaptsim: simulate, statistics, 1 rate": partial(adaptsim_simulate, learning_rate=0.1),
    "adaptsim: simulate, statistics, 10 rates": adaptsim_simulate,
    "NumPy by hand": numpy_by_hand,
    "NumPy by hand, SFC64": partial(numpy_by_hand, bits=np.random.SFC64),
}
OBJECTS = {
    "Mesa: agents draw from model.rng": partial(mesa_objects, agent=OwnDraw),
    "Mesa: draws handed out": mesa_objects,
    "agentpy: draws handed out": agentpy_objects,
}
STEPS = {100: (2_000, 200), 10_000: (400, 4), 1_000_000: (10, 1)}
"""Steps of arrays and of objects, by population."""

FRAMES = Path(__file__).with_name("mesa_frames_step.py")


def frames(python: str, size: int, steps: int) -> Cost:
    """Return the cost of mesa-frames, run by another Python."""
    command = [python, "-W", "ignore", str(FRAMES), *map(str, (size, steps, 3))]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Cost(*map(float, printed.split()))


def costs(size: int, rounds: int, python: str | None) -> dict[str, Cost]:
    """Return nanoseconds per agent and step of everybody, at one population."""
    many, few = STEPS[size]
    steps = dict.fromkeys(ARRAYS, many) | dict.fromkeys(OBJECTS, few)
    work: dict[str, Work] = {
        name: make(size, steps[name]) for name, make in (ARRAYS | OBJECTS).items()
    }
    taken = {name: cost.per(size * steps[name]) for name, cost in interleaved(work, rounds).items()}
    if python:
        taken["mesa-frames: columns"] = frames(python, size, max(few, 5)).per(size * max(few, 5))
    return taken


def rows(size: int, taken: dict[str, Cost]) -> list[dict[str, Any]]:
    """Return the table's rows: each one's cost and how many times adaptsim's it is."""
    ours = taken[OURS]
    return [
        {
            "engine": name,
            "agents": size,
            "wall [ns/agent-step]": cost.wall,
            "CPU [ns]": cost.cpu,
            "times adaptsim": cost.wall / ours.wall,
            "times, CPU": cost.cpu / ours.cpu,
        }
        for name, cost in taken.items()
    ]


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        sizes={"type": int, "nargs": "+", "default": list(STEPS), "choices": list(STEPS)},
        rounds={"type": int, "default": 5},
        mesa_frames={"metavar": "PYTHON", "help": "a Python that has mesa-frames"},
    )
    table = []
    for size in asked.sizes:
        table += rows(size, costs(size, asked.rounds, asked.mesa_frames))
    report("Noisy tracker: one step of one agent", table, asked.json)


if __name__ == "__main__":
    main()
