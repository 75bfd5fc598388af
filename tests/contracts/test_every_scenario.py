from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest

from adaptsim import scenarios
from adaptsim.simulation import simulate

STORIES = scenarios.shipped()


def _values_asked_for(table: dict[str, Any]) -> int:
    """Return how many different values the tables of a scenario give out, at least 2."""
    most = 2
    for value in table.values():
        if isinstance(value, dict):
            own = value.get("levels") or len(value.get("values", ()))
            most = max(most, own, _values_asked_for(value))
        elif isinstance(value, list) and all(isinstance(one, int | float) for one in value):
            most = max(most, len(value))
    return most


@pytest.mark.parametrize("name", sorted(STORIES))
def test_loads_and_runs_ten_steps(name):
    table = tomllib.loads(STORIES[name].read_text(encoding="utf-8"))
    size = min(_values_asked_for(table), table.get("population", {}).get("size", 1))
    lives = {"evolution.generations": 2, "evolution.life": 5} if "evolution" in table else {}
    changes = {"replicates": 1, "stride": 1, "population.size": size}
    changes |= lives or {"steps": 10}
    story = scenarios.load(name, changes)
    assert story.name == name
    assert story.question.strip()
    left = simulate(
        story.agent, story.rule, story.environment, size=size, steps=story.steps, seed=story.seed
    )
    assert left.steps.tolist() == list(range(10))
    for followed in left.followed.values():
        assert np.isfinite(followed.output).all()
        assert np.isfinite(followed.target).all()
