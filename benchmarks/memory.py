"""Memory and time of a million agents whose statistics only are recorded, in a process of its own.

The default is the long run of ten thousand steps, and one of a thousand to show that it is flat.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

from timing import arguments, report


def child(size: int, steps: int) -> None:
    """Run the tracker once, in this process."""
    from trackers import adaptsim_simulate

    adaptsim_simulate(size, steps, 0.1)()


def measured(size: int, steps: int) -> dict[str, float | int]:
    """Return time and peak memory of a run in a fresh process."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, __file__, "--size", str(size), "--child", str(steps)]
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run of {steps} steps failed with {process.returncode}")
    wall = time.perf_counter() - began
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "agents": size,
        "steps": steps,
        "peak RSS [MiB]": usage.ru_maxrss * scale / 2**20,
        "wall [s]": wall,
        "CPU [s]": usage.ru_utime + usage.ru_stime,
        "wall [ns/agent-step]": wall / size / steps * 1e9,
    }


def main() -> None:
    """Measure a short and a long run."""
    asked = arguments(
        __doc__,
        size={"type": int, "default": 1_000_000},
        steps={"type": int, "nargs": "+", "default": [1_000, 10_000]},
        child={"type": int, "help": "run so many steps in this process (used by the script)"},
    )
    if asked.child:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        child(asked.size, asked.child)
        return
    rows = [measured(asked.size, steps) for steps in asked.steps]
    report("Memory: statistics only, under 1,024 MiB wanted", rows, asked.json)


if __name__ == "__main__":
    main()
