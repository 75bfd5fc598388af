"""Adam on the 10-D Rosenbrock valley, 1,000 rates x 5,000 steps, against loops people write."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from timing import Cost, arguments, interleaved, report

from adaptsim.landscapes import Rosenbrock
from adaptsim.rules import Adam
from adaptsim.walks import walk

RATES, STEPS, DIMENSION = 1_000, 5_000, 10
LOOPED_STEPS = 500
RATE = np.geomspace(1e-4, 1.0, RATES)
START = np.resize([-1.2, 1.0], DIMENSION)


def ours() -> object:
    """Walk at all rates in one compiled call; only the last losses are kept."""
    return walk(Rosenbrock(dimension=DIMENSION), Adam(), rates=RATE, steps=STEPS, stride=STEPS)


def ours_recorded() -> object:
    """Walk at all rates in one compiled call, every loss kept."""
    return walk(Rosenbrock(dimension=DIMENSION), Adam(), rates=RATE, steps=STEPS, stride=1)


def loss(theta: jax.Array) -> jax.Array:
    """Return the Rosenbrock function, shape ``(d,)`` to a scalar."""
    return jnp.sum(100 * (theta[1:] - theta[:-1] ** 2) ** 2 + (1 - theta[:-1]) ** 2)


def optax_loop() -> Callable[[], object]:
    """Return a loop over one rate as optax's own examples write it: one compiled step a call."""
    adam = optax.adam(1e-2)

    @jax.jit
    def step(theta: jax.Array, memory: object) -> tuple[jax.Array, object]:
        update, memory = adam.update(jax.grad(loss)(theta), memory)
        return optax.apply_updates(theta, update), memory

    def run() -> object:
        theta = jnp.asarray(START)
        memory = adam.init(theta)
        for _ in range(LOOPED_STEPS):
            theta, memory = step(theta, memory)
        return jax.block_until_ready(theta)

    return run


def slopes(theta: np.ndarray) -> np.ndarray:
    """Return the gradient of the Rosenbrock function by hand, ``(n, d)`` to ``(n, d)``."""
    bent = theta[:, 1:] - theta[:, :-1] ** 2
    slope = np.zeros_like(theta)
    slope[:, 1:] = 200 * bent
    slope[:, :-1] -= 400 * theta[:, :-1] * bent + 2 * (1 - theta[:, :-1])
    return slope


def numpy_by_hand() -> np.ndarray:
    """Walk at all rates at once in NumPy, gradient and Adam written by hand."""
    theta = np.tile(START, (RATES, 1))
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    with np.errstate(all="ignore"):
        for count in range(1, LOOPED_STEPS + 1):
            slope = slopes(theta)
            mean = 0.9 * mean + 0.1 * slope
            square = 0.999 * square + 0.001 * slope**2
            root = np.sqrt(square / (1 - 0.999**count)) + 1e-8
            theta = theta - RATE[:, None] * mean / (1 - 0.9**count) / root
    return theta


def torch_loop(python: str) -> Cost:
    """Return the cost of one rate in a torch loop, measured by another Python."""
    script = Path(__file__).with_name("torch_adam.py")
    done = subprocess.run(
        [python, str(script), str(LOOPED_STEPS), str(DIMENSION)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Cost(*json.loads(done.stdout))


def main() -> None:
    """Measure and report seconds for all rates and steps."""
    asked = arguments(__doc__, torch={"metavar": "PYTHON", "help": "an interpreter that has torch"})
    began = time.perf_counter(), time.process_time()
    ours()
    first = Cost(time.perf_counter() - began[0], time.process_time() - began[1])
    work = {
        "adaptsim: walk": (ours, 1.0),
        "adaptsim: walk, every loss kept": (ours_recorded, 1.0),
        "NumPy by hand, all rates at once": (numpy_by_hand, STEPS / LOOPED_STEPS),
        "optax loop, one rate after another": (optax_loop(), RATES * STEPS / LOOPED_STEPS),
    }
    taken = interleaved({name: run for name, (run, _) in work.items()}, rounds=3)
    whole = {name: Cost(*(one * work[name][1] for one in cost)) for name, cost in taken.items()}
    whole["adaptsim: walk, compilation included"] = first
    if asked.torch:
        cost = torch_loop(asked.torch)
        scale = RATES * STEPS / LOOPED_STEPS
        whole["torch loop, one rate after another"] = Cost(*(one * scale for one in cost))
    best = whole["adaptsim: walk"]
    rows = [
        {
            "engine": name,
            "wall [s]": cost.wall,
            "CPU [s]": cost.cpu,
            "times adaptsim": cost.wall / best.wall,
            "times, compilation included": cost.wall / first.wall,
        }
        for name, cost in whole.items()
    ]
    report(f"Adam, {DIMENSION}-D Rosenbrock, {RATES:,} rates x {STEPS:,} steps", rows, asked.json)


if __name__ == "__main__":
    main()
