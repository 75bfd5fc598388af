"""What it costs to start: commands by CPU time, and where a small scenario's seconds go."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from timing import arguments, report

PYTHON = [sys.executable, "-c"]
COMMANDS = {
    "python -c pass": [*PYTHON, "pass"],
    "import adaptsim": [*PYTHON, "import adaptsim"],
    "import jax": [*PYTHON, "import jax"],
    "import mesa": [*PYTHON, "import mesa"],
    "adaptsim --help": [sys.executable, "-m", "adaptsim", "--help"],
    "adaptsim list": [sys.executable, "-m", "adaptsim", "list"],
    "adaptsim run": [sys.executable, "-m", "adaptsim", "run", "SCENARIO", "--out", "OUT"],
}
PHASES = """
import sys, tempfile, time
clock = [(time.perf_counter(), time.process_time())]
names = []
def lap(name):
    clock.append((time.perf_counter(), time.process_time()))
    names.append(name)
import jax; lap("import jax")
from adaptsim import scenarios, runs, report; lap("import adaptsim's modules")
story = scenarios.load(sys.argv[1], {}); lap("read the scenario")
result = runs.run(story); lap("simulate, first time (compiles)")
runs.run(story); lap("simulate, second time")
result.table; lap("measure (compiles)")
runs.run(story).table; lap("simulate and measure again")
with tempfile.TemporaryDirectory() as place:
    from pathlib import Path
    result.write(Path(place) / "out"); lap("write tables and figure (imports matplotlib)")
    result.write(Path(place) / "again"); lap("write tables and figure again")
for name, was, now in zip(names, clock, clock[1:]):
    print(name, now[0] - was[0], now[1] - was[1], sep="\\t")
"""


def command_cost(command: list[str], scenario: str) -> tuple[float, float]:
    """Return wall and CPU seconds of a command, children included."""
    with tempfile.TemporaryDirectory() as place:
        known = {"SCENARIO": scenario, "OUT": os.path.join(place, "out")}
        began = time.perf_counter()
        process = subprocess.Popen(
            [known.get(word, word) for word in command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command} failed with {process.returncode}")
        return time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and report."""
    asked = arguments(
        __doc__,
        scenario={"default": "thermostat_story"},
        rounds={"type": int, "default": 3},
    )
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(asked.rounds):
        for name, command in COMMANDS.items():
            took[name].append(command_cost(command, asked.scenario))
    rows: list[dict[str, Any]] = [
        {
            "what": name.replace("run", f"run {asked.scenario}"),
            "wall [s]": min(wall for wall, _ in costs),
            "CPU [s]": min(cpu for _, cpu in costs),
        }
        for name, costs in took.items()
    ]
    command = [*PYTHON, PHASES, asked.scenario]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in printed.splitlines():
        name, wall, cpu = line.split("\t")
        rows.append({"what": f"  of it: {name}", "wall [s]": float(wall), "CPU [s]": float(cpu)})
    report("Starting", rows, asked.json)


if __name__ == "__main__":
    main()
