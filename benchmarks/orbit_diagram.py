"""Orbit diagram: the double well at 20,000 rates for 2,000 steps, here and in NumPy by hand.

Descent is the cubic map, so NumPy needs one line; how fast depends on how it is written. Ours is
the public interface on a landscape and a rule. What is compiled anew is counted apart, from the
landscape to the finished diagram; nothing of JAX itself is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from timing import Cost, arguments, interleaved, report

from adaptsim.dynamics import System, orbit_diagram
from adaptsim.landscapes import DoubleWell
from adaptsim.rules import GradientDescent

RATES, STEPS, KEPT = np.linspace(0.5, 1.99, 20_000), 2000, 64


def ours() -> Any:
    """Return the diagram through the public interface."""
    system = System.of(DoubleWell(), GradientDescent())
    return orbit_diagram(system, RATES, settle=STEPS - KEPT, keep=KEPT).positions


def compiling() -> Any:
    """Return the diagram, everything compiled anew."""
    jax.clear_caches()
    return ours()


def by_hand(step: Callable[[Any], Any]) -> Callable[[], Any]:
    """Return a NumPy loop over a step."""

    def run() -> Any:
        x, kept = np.full(RATES.size, 0.5), np.empty((KEPT, RATES.size))
        for count in range(STEPS):
            if count >= STEPS - KEPT:
                kept[count - STEPS + KEPT] = x
            x = step(x)
        return kept

    return run


def in_place() -> Callable[[Any], Any]:
    """Return a NumPy step that allocates nothing."""
    work = np.empty(RATES.size)

    def step(x: Any) -> Any:
        np.multiply(x, x, out=work)
        np.subtract(1.0, work, out=work)
        np.multiply(work, x, out=work)
        np.multiply(work, RATES, out=work)
        return np.add(x, work, out=x)

    return step


def once(run: Callable[[], Any]) -> Cost:
    """Return the cost of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def main() -> None:
    """Measure and report."""
    asked = arguments(__doc__)
    first = once(ours)
    costs = {
        "adaptsim, first call of a process": first,
        **interleaved(
            {
                "adaptsim, compiled anew": compiling,
                "NumPy, x - rate * (x**3 - x)": by_hand(lambda x: x - RATES * (x**3 - x)),
                "NumPy, x + rate * x * (1 - x * x)": by_hand(lambda x: x + RATES * x * (1 - x * x)),
                "NumPy, in place": by_hand(in_place()),
            }
        ),
        **interleaved({"adaptsim, compiled before": ours}),
    }
    rows = [
        {"orbit diagram": name, "wall [s]": cost.wall, "CPU [s]": cost.cpu}
        for name, cost in costs.items()
    ]
    report(f"{RATES.size:,} rates x {STEPS:,} steps of the cubic map", rows, asked.json)


if __name__ == "__main__":
    main()
