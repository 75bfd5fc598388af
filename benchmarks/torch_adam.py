"""Adam on the Rosenbrock valley as a torch loop, float64; run by a Python that has torch."""

from __future__ import annotations

import json
import sys
import time

import torch

ROUNDS = 3


def loss(theta: torch.Tensor) -> torch.Tensor:
    """Return the Rosenbrock function."""
    return (100 * (theta[1:] - theta[:-1] ** 2) ** 2 + (1 - theta[:-1]) ** 2).sum()


def walk(steps: int, dimension: int) -> torch.Tensor:
    """Return where the loop of torch's own examples ends."""
    start = torch.tensor([-1.2, 1.0], dtype=torch.float64).repeat(dimension)[:dimension]
    theta = start.clone().requires_grad_()
    adam = torch.optim.Adam([theta], lr=1e-2)
    for _ in range(steps):
        adam.zero_grad()
        loss(theta).backward()
        adam.step()
    return theta.detach()


def main() -> None:
    """Print the least wall and CPU time of some rounds as JSON."""
    steps, dimension = map(int, sys.argv[1:])
    torch.set_num_threads(1)
    walk(10, dimension)
    costs = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        walk(steps, dimension)
        costs.append((time.perf_counter() - wall, time.process_time() - cpu))
    print(json.dumps([min(one) for one in zip(*costs, strict=True)]))


if __name__ == "__main__":
    main()
