"""A thousand runs of 100 agents and 100 steps in one call, against Mesa runs one after another."""

from __future__ import annotations

from timing import arguments, interleaved, report
from trackers import NOISE, PERIOD, GivenDraw, OwnDraw, PlainModel, rates

from adaptsim import GradientDescent, Sinusoid, Tracker
from adaptsim.simulation import simulate

SIZE, STEPS, MESA_RUNS = 100, 100, 5


def many(runs: int, learning_rate: object) -> None:
    """Run all replicates in one call, recording statistics at each step."""
    simulate(
        Tracker(observation_noise=NOISE),
        GradientDescent(learning_rate=learning_rate),
        Sinusoid(amplitude=1.0, period=PERIOD),
        size=SIZE,
        steps=STEPS,
        replicates=runs,
        record="statistics",
    )


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
        "adaptsim: one rate": (lambda: many(asked.runs, 0.1), asked.runs),
        "adaptsim: 10 rates": (lambda: many(asked.runs, rates(SIZE)), asked.runs),
        "Mesa: agents draw from model.rng": (lambda: one_by_one(OwnDraw), MESA_RUNS),
        "Mesa: draws handed out": (lambda: one_by_one(GivenDraw), MESA_RUNS),
    }
    taken = interleaved({name: run for name, (run, _) in work.items()})
    per_run = {name: cost.per(1e3 * work[name][1]) for name, cost in taken.items()}
    ours = per_run["adaptsim: one rate"]
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
