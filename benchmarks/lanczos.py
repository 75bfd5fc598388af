"""Extreme curvatures of a network with 10,314 parameters: milliseconds of each way.

The yardstick is the Hessian-vector products alone, in a compiled loop, as many as Lanczos makes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh
from timing import arguments, interleaved, report

from adaptsim.curvature import lanczos, largest_curvature

SIZES, POINTS, STEPS = (20, 64, 64, 64, 10), 256, 30


def network() -> tuple[Callable[[Any], Any], Any]:
    """Return the squared error of a tanh network on random data, and its random start."""
    rng = np.random.default_rng(0)
    pairs = list(pairwise(SIZES))
    weights = [rng.standard_normal((n, m)) / np.sqrt(n) for n, m in pairs]
    start = np.concatenate([np.append(one.ravel(), np.zeros(one.shape[1])) for one in weights])
    inputs = jnp.asarray(rng.standard_normal((POINTS, SIZES[0])))
    targets = jnp.asarray(rng.standard_normal((POINTS, SIZES[-1])))

    def loss(theta: Any) -> Any:
        active, used = inputs, 0
        for n, m in pairs:
            layer = theta[used : used + n * m].reshape(n, m)
            active = (jnp.tanh(active) if used else active) @ layer
            active = active + theta[used + n * m : used + n * m + m]
            used += n * m + m
        return jnp.mean((active - targets) ** 2)

    return loss, jnp.asarray(start)


def products_alone(loss: Callable[[Any], Any], theta: Any, steps: int) -> Callable[[], Any]:
    """Return a compiled loop of nothing but normalised products."""

    def product(_: int, vector: Any) -> Any:
        image = jax.jvp(jax.grad(loss), (theta,), (vector,))[1]
        return image / jnp.linalg.norm(image)

    run = jax.jit(lambda vector: jax.lax.fori_loop(0, steps, product, vector))
    return lambda: run(jnp.ones_like(theta)).block_until_ready()


def arpack(loss: Callable[[Any], Any], theta: Any, made: list[int]) -> Callable[[], Any]:
    """Return SciPy's search for the largest eigenvalue with compiled products, counted."""
    product = jax.jit(lambda vector: jax.jvp(jax.grad(loss), (theta,), (vector,))[1])

    def counted(vector: Any) -> Any:
        made[0] += 1
        return np.asarray(product(jnp.asarray(vector.ravel())))

    operator = LinearOperator((theta.size, theta.size), matvec=counted, dtype=np.float64)

    def run() -> Any:
        made[0] = 0
        return eigsh(operator, k=1, which="LA", v0=np.ones(theta.size), tol=1e-9)[0]

    return run


def main() -> None:
    """Measure and report."""
    asked = arguments(__doc__)
    loss, theta = network()
    needed, made = int(largest_curvature(loss, theta).products), [0]
    work = {
        f"{STEPS} products alone": products_alone(loss, theta, STEPS),
        f"lanczos, {STEPS} steps": lambda: lanczos(loss, theta, steps=STEPS).values.tolist(),
        f"{needed} products alone": products_alone(loss, theta, needed),
        "largest_curvature, bound 1e-9": lambda: float(largest_curvature(loss, theta).value),
        "scipy eigsh, tolerance 1e-9": arpack(loss, theta, made),
    }
    costs = interleaved(work, rounds=10)
    counts = [STEPS, STEPS, needed, needed, made[0]]
    alone = costs[f"{STEPS} products alone"].wall / STEPS
    rows = [
        {
            "way": name,
            "products": count,
            "wall [ms]": cost.wall * 1e3,
            "CPU [ms]": cost.cpu * 1e3,
            "over its products": cost.wall / (count * alone),
        }
        for (name, cost), count in zip(costs.items(), counts, strict=True)
    ]
    report(f"Largest curvature, {theta.size:,} parameters", rows, asked.json)


if __name__ == "__main__":
    main()
