"""Write torch_traces.json: what PyTorch's own optimizers and schedules do, in double precision.

Run by hand, with an interpreter that has PyTorch (this project does not need it)::

    python tests/rules/torch_traces.py

Each optimizer takes 30 steps on the two-dimensional Rosenbrock valley from (-1.2, 1); each
schedule is asked for its first rates. The tests read the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

STEPS, START = 30, [-1.2, 1.0]
OPTIMIZERS = {
    "sgd": ("SGD", {"lr": 1e-3}),
    "momentum": ("SGD", {"lr": 5e-4, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 5e-4, "momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {"lr": 0.01}),
    "rmsprop large epsilon": ("RMSprop", {"lr": 0.01, "alpha": 0.9, "eps": 0.1}),
    "adam": ("Adam", {"lr": 0.05}),
    "adam large epsilon": ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 0.1}),
    "amsgrad": ("Adam", {"lr": 0.05, "amsgrad": True}),
    "amsgrad fast": ("Adam", {"lr": 0.2, "betas": (0.5, 0.8), "amsgrad": True}),
    "adagrad": ("Adagrad", {"lr": 0.3, "initial_accumulator_value": 0.1}),
}
CYCLE = {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 7, "cycle_momentum": False}
SCHEDULES = {
    **{
        mode: ("CyclicLR", {**CYCLE, "mode": mode, "gamma": 0.97})
        for mode in ("triangular", "triangular2", "exp_range")
    },
    "warm restarts": (
        "CosineAnnealingWarmRestarts",
        {"T_0": 10, "T_mult": 1, "eta_min": 0.05},
    ),
    "growing warm restarts": (
        "CosineAnnealingWarmRestarts",
        {"T_0": 10, "T_mult": 2, "eta_min": 0.05},
    ),
}
PLATEAUS = {
    "patience 2": {"factor": 0.5, "patience": 2, "threshold": 1e-4},
    "cooldown and floor": {"factor": 0.3, "patience": 3, "threshold": 1e-2, "cooldown": 4,
                           "min_lr": 0.02},
}  # fmt: skip
CONSTANT = [1.0] * STEPS
FALLING_IN_STAIRS = [3.0 / (1 + step // 8) + 0.001 * (step % 3) for step in range(60)]
RISING_BELOW_ZERO = [-10.0 + 0.5 * abs(step - 12) for step in range(40)]


def rosenbrock(theta: Any) -> Any:
    """Return the loss of a point, shape ``(2,)``."""
    return 100 * (theta[1] - theta[0] ** 2) ** 2 + (1 - theta[0]) ** 2


def walk(optimizer: str, settings: dict) -> list[list[float]]:
    """Return the places an optimizer visits, the start included."""
    import torch

    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    by = getattr(torch.optim, optimizer)([theta], **settings)
    places = [theta.tolist()]
    for _ in range(STEPS):
        by.zero_grad()
        rosenbrock(theta).backward()
        by.step()
        places.append(theta.tolist())
    return places


def stepper(rate: float) -> Any:
    """Return an optimizer that does nothing but hold a learning rate."""
    import torch

    return torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=rate)


def rates(schedule: str, settings: dict, count: int = 120) -> list[float]:
    """Return the learning rates of a schedule at the counts 0, 1, ..."""
    from torch.optim import lr_scheduler

    by, found = stepper(0.5), []
    scheduled = getattr(lr_scheduler, schedule)(by, **settings)
    for _ in range(count):
        found.append(by.param_groups[0]["lr"])
        by.step()
        scheduled.step()
    return found


def after_losses(losses: list[float], settings: dict) -> dict[str, list[float]]:
    """Return the learning rate after each loss that ReduceLROnPlateau was told."""
    from torch.optim.lr_scheduler import ReduceLROnPlateau

    by, found = stepper(1.0), []
    scheduled = ReduceLROnPlateau(by, **settings)
    for loss in losses:
        scheduled.step(loss)
        found.append(by.param_groups[0]["lr"])
    return {"losses": losses, "rates": found}


def main() -> None:
    """Write the file."""
    import torch

    told = {"constant": CONSTANT, "stairs": FALLING_IN_STAIRS, "below zero": RISING_BELOW_ZERO}
    traces = {
        "torch": torch.__version__,
        "optimizers": {
            name: {"settings": settings, "places": walk(optimizer, settings)}
            for name, (optimizer, settings) in OPTIMIZERS.items()
        },
        "schedules": {
            name: {"settings": settings, "rates": rates(schedule, settings)}
            for name, (schedule, settings) in SCHEDULES.items()
        },
        "plateaus": {
            f"{name}, {kind}": {"settings": settings, **after_losses(losses, settings)}
            for name, settings in PLATEAUS.items()
            for kind, losses in told.items()
        },
    }
    path = Path(__file__).with_name("torch_traces.json")
    path.write_text(json.dumps(traces, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
