"""Standard normal numbers: our threefry, JAX's own and NumPy's, nanoseconds each.

The sum of all drawn arrays is kept, so that nothing is left out by a compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from timing import arguments, interleaved, report

from adaptsim import noise

STEPS = {10_000: 500, 1_000_000: 5}


def compiled(draw: Callable[..., Any], size: int, steps: int) -> Callable[[], Any]:
    """Return a compiled loop that draws and adds."""

    def one(total: Any, step: Any) -> tuple[Any, None]:
        return total + draw(jax.random.fold_in(jax.random.key(1), step), (size,)), None

    run = jax.jit(lambda: jax.lax.scan(one, jnp.zeros(size), jnp.arange(steps))[0])
    return lambda: run().block_until_ready()


def interpreted(bits: type[np.random.BitGenerator], size: int, steps: int) -> Callable[[], Any]:
    """Return a NumPy loop that draws and adds."""
    rng, total, drawn = np.random.Generator(bits(1)), np.zeros(size), np.empty(size)

    def run() -> None:
        for _ in range(steps):
            rng.standard_normal(out=drawn)
            np.add(total, drawn, out=total)

    return run


def main() -> None:
    """Measure and report."""
    asked = arguments(__doc__)
    rows = []
    for size, steps in STEPS.items():

        def single(key: Any, shape: tuple[int, ...]) -> Any:
            return jax.random.normal(key, shape, dtype=jnp.float32)

        work = {
            "adaptsim noise.normal": compiled(noise.normal, size, steps),
            "jax.random.normal, float32": compiled(single, size, steps),
            "jax.random.normal, float64": compiled(jax.random.normal, size, steps),
            "NumPy PCG64": interpreted(np.random.PCG64, size, steps),
            "NumPy SFC64": interpreted(np.random.SFC64, size, steps),
        }
        for name, cost in interleaved(work).items():
            each = cost.per(size * steps)
            rows.append(
                {"generator": name, "numbers": size, "wall [ns]": each.wall, "CPU [ns]": each.cpu}
            )
    report("Standard normal numbers", rows, asked.json)


if __name__ == "__main__":
    main()
