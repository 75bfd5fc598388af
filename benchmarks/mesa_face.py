"""The Mesa face: making a model, looking at agents, stepping and collecting, against plain Mesa."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import mesa
from timing import arguments, interleaved, report
from trackers import GivenDraw, PlainModel, parts

from adaptsim.adaptation import move, needs
from adaptsim.model import AdaptationModel

STEPS = {100: 500, 10_000: 100, 1_000_000: 3}


def made(size: int) -> AdaptationModel:
    """Return our model, its arrays there."""
    kind, rule, environment = parts(size)
    model = AdaptationModel(kind=kind, rule=rule, environment=environment, size=size, rng=1)
    jax.block_until_ready(model.moment)
    return model


def touch(model: AdaptationModel) -> list[float]:
    """Get the set of agents and read the traits of ten individuals, nothing of them cached."""
    model._columns.clear()
    agents = model.agents
    ids = range(1, model.size + 1, model.size // 10)
    assert len(agents) == model.size
    return [model.individual(unique_id).trait for unique_id in ids]


def many(count: int, call: Callable[[], Any], after: Callable[[], Any] = lambda: None) -> Any:
    """Return a callable that calls so many times."""

    def run() -> None:
        for _ in range(count):
            call()
        after()

    return run


def measured(size: int) -> list[dict[str, Any]]:
    """Return the rows of one size, microseconds each."""
    steps = STEPS[size]
    model, plain = made(size), PlainModel(size, GivenDraw)
    setting, moment, wanted = (
        model.setting,
        model.moment,
        needs(model.setting.kind, model.setting.rule),
    )
    by_model = mesa.DataCollector(model_reporters={"mean": "mean_trait"})
    by_agent = mesa.DataCollector(agent_reporters={"trait": "trait"})
    plain_by_agent = mesa.DataCollector(agent_reporters={"x": "x"})

    def wait() -> None:
        jax.block_until_ready(model.moment)

    def fresh_mean() -> None:
        model._columns.clear()
        by_model.collect(model)

    def fresh_get() -> None:
        model._columns.clear()
        model.agents.get("trait")

    def fresh_traits() -> None:
        model._columns.clear()
        by_agent._agent_records.clear()
        by_agent.collect(model)

    def plain_traits() -> None:
        plain_by_agent._agent_records.clear()
        plain_by_agent.collect(plain)

    def compiled() -> None:
        jax.block_until_ready(move(setting, moment, steps, wanted=wanted))

    work = {
        "make the model": (lambda: made(size), 1),
        "agent set and 10 views": (lambda: touch(model), 1),
        "compiled step": (compiled, steps),
        "model.step()": (many(steps, model.step, wait), steps),
        "model.advance(n), per step": (lambda: (model.advance(steps), wait()), steps),
        "collect a model reporter": (fresh_mean, 1),
        "collect an agent reporter": (fresh_traits, 1),
        "agents.get('trait')": (fresh_get, 1),
        "plain Mesa: make the model": (lambda: PlainModel(size, GivenDraw), 1),
        "plain Mesa: step": (many(min(steps, 5), plain.step), min(steps, 5)),
        "plain Mesa: collect a model reporter": (lambda: plain.reports.collect(plain), 1),
        "plain Mesa: collect an agent reporter": (plain_traits, 1),
    }
    least = interleaved({name: run for name, (run, _) in work.items()}, 5 if size < 1e6 else 2)
    return [
        {
            "what": name,
            "agents": size,
            "wall [us]": least[name].wall / times * 1e6,
            "CPU [us]": least[name].cpu / times * 1e6,
        }
        for name, (_, times) in work.items()
    ]


def main() -> None:
    """Measure and report."""
    asked = arguments(__doc__, sizes={"type": int, "nargs": "+", "default": list(STEPS)})
    report("The Mesa face", [row for n in asked.sizes for row in measured(n)], asked.json)


if __name__ == "__main__":
    main()
