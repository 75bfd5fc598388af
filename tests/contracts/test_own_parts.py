"""What docs/adding.md shows: real files of at most 20 lines, right, and run from a scenario."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adaptsim import GradientDescent, Sinusoid
from adaptsim.cli import _guarded
from adaptsim.predictions import predict
from adaptsim.schema import Place, find_part
from adaptsim.testing import check, problems_of_agent

ROOT = Path(__file__).parents[2]
OWN = ROOT / "scenarios" / "own"
GUIDE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (?:An? )?(.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
PARTS = {
    "pigeon:Pigeon": "agent",
    "lunch:Lunch": "environment",
    "cautious:Cautious": "rule",
    "trough:Trough": "landscape",
    "hungry_days:HungryDays": "measure",
}
MOST_LINES, MOST_STEPS = 20, 8


def part_named(name):
    return find_part(PARTS[name], name, Place("test", PARTS[name], OWN))


def shown_in(recipe):
    """Return the names that the examples of a recipe define."""
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", RECIPES[recipe], re.DOTALL):
        exec(compile(block, f"docs/adding.md, {recipe}", "exec"), names)
    return names


@pytest.mark.parametrize("file", sorted(OWN.glob("*.py")), ids=lambda file: file.stem)
def test_is_short_and_shown_in_the_guide(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert f"```python\n{text}```" in GUIDE


@pytest.mark.parametrize("name", PARTS)
def test_keeps_its_contract(name):
    check(part_named(name))


@pytest.mark.parametrize(
    "recipe",
    [
        "agent kind",
        "environment",
        "rule",
        "schedule",
        "gate of plasticity",
        "landscape",
        "measure",
        "scenario",
        "prediction",
    ],
)
def test_recipe_has_few_steps(recipe):
    steps = [int(number) for number in re.findall(r"^(\d+)\. ", RECIPES[recipe], re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1))
    assert 1 <= len(steps) <= MOST_STEPS


def test_gate_of_the_guide_lets_a_little_through():
    ajar = shown_in("gate of plasticity")["Ajar"](least=0.2)
    assert ajar(np.array([0.0, 0.5, 1.0])) == pytest.approx([1.0, 0.6, 0.2])


def test_schedule_of_the_guide_keeps_its_contract():
    check(shown_in("schedule")["Halving"])


def test_prediction_of_the_guide_stands_beside_its_kind():
    sparrow = shown_in("prediction")["Sparrow"]
    assert problems_of_agent(sparrow) == []
    rule, world = GradientDescent(learning_rate=0.05), Sinusoid(period=50.0)
    lag = predict(sparrow(hurry=2.0), rule, world, "trait", "phase_lag")
    assert lag == pytest.approx(7.456342, abs=1e-6)  # that of a tracker of gain 0.1
    noisy = sparrow(observation_noise=0.1)
    assert predict(noisy, rule, world, "trait", "phase_lag") is None


def test_scenario_of_own_parts_runs(tmp_path, capsys):
    out = tmp_path / "pigeon"
    changes = ["steps=200", "burn_in=100", "population.size=2", "replicates=2"]
    settings = [text for change in changes for text in ("--set", change)]
    code = _guarded(["run", str(OWN / "pigeon.toml"), "--out", str(out), "--quiet", *settings])
    assert code == 0, capsys.readouterr().err
    written = {"measures.csv", "trajectory.parquet", "figure.png", "run.json"}
    assert {file.name for file in out.iterdir()} == written
    table = pd.read_csv(out / "measures.csv")
    hungry = table[table.measure == "hungry_days"]
    assert len(hungry) == 2
    assert hungry.value.between(0, 1).all()
    assert np.isfinite(table[table.measure == "speed_limit"].value).all()
