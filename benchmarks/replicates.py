"""A thousand runs of 100 agents and 100 steps in one call, against Mesa runs one after another."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from timing import arguments, interleaved, report
from trackers import GivenDraw, OwnDraw, PlainModel, mean_trait, parts

from adaptsim.adaptation import Setting, advance, needs
from adaptsim.simulation import simulate, start_replicates

SIZE, STEPS, MESA_RUNS = 100, 100, 5


def many(runs: int, learning_rate: object = None) -> None:
    """Run all replicates in one call, recording five statistics of each group at each step."""
    simulate(
        *parts(SIZE, learning_rate), size=SIZE, steps=STEPS, replicates=runs, record="statistics"
    )


def means_only(runs: int) -> Callable[[], object]:
    """Return all replicates in one call, recording what the Mesa runs record: the mean."""
    setting = Setting(*jax.tree.map(lambda x: jnp.asarray(x, dtype=float), parts(SIZE)))
    moments = start_replicates(setting, 1, replicates=runs, size=SIZE)
    wanted = needs(setting.kind, setting.rule)

    def one(moment: object) -> object:
        return advance(setting, moment, steps=STEPS, wanted=wanted, record=mean_trait)

    run = jax.jit(jax.vmap(one))
    return lambda: jax.block_until_ready(run(moments))


def one_by_one(agent: type[OwnDraw]) -> None:
    """Run some Mesa models, each made anew, the mean collected at each step."""
    for seed in range(MESA_RUNS):
        model = PlainModel(SIZE, agent, rng=seed)
        for _ in range(STEPS):
            model.step()
        model.reports.get_model_vars_dataframe()


def main() -> None:
    """Measure and report microseconds per run."""
    asked = arguments(__doc__, runs={"type": int, "default": 1_000})
    work = {
        "adaptsim: advance, mean": (means_only(asked.runs), asked.runs),
        "adaptsim: simulate, statistics, 1 rate": (lambda: many(asked.runs, 0.1), asked.runs),
        "adaptsim: simulate, statistics, 10 rates": (lambda: many(asked.runs), asked.runs),
        "Mesa: agents draw from model.rng": (lambda: one_by_one(OwnDraw), MESA_RUNS),
        "Mesa: draws handed out": (lambda: one_by_one(GivenDraw), MESA_RUNS),
    }
    taken = interleaved({name: run for name, (run, _) in work.items()})
    per_run = {name: cost.per(1e3 * work[name][1]) for name, cost in taken.items()}
    ours = per_run["adaptsim: simulate, statistics, 1 rate"]
    rows = [
        {
            "engine": name,
            "wall [us/run]": cost.wall,
            "CPU [us/run]": cost.cpu,
            "times adaptsim": cost.wall / ours.wall,
            "times, CPU": cost.cpu / ours.cpu,
        }
        for name, cost in per_run.items()
    ]
    report(f"{asked.runs:,} runs of {SIZE} agents x {STEPS} steps", rows, asked.json)


if __name__ == "__main__":
    main()
