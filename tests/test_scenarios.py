"""Scenario files: what ships runs, what is written is what is meant."""

import json

import numpy as np
import pytest

from adaptsim import WrongRequest, run
from adaptsim.scenarios import find, from_table, load, read_setting, shipped

TABLE = {
    "environment": {"kind": "Constant", "value": 10.0},
    "agent": {"kind": "Tracker"},
}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_what_ships_can_be_read_and_says_what_it_asks(name):
    scenario = load(name)
    assert scenario.name == name
    assert len(scenario.question) > 20
    again = from_table(json.loads(json.dumps(scenario.resolved)), source="again")
    assert again.resolved == scenario.resolved


def test_the_least_that_can_be_said():
    scenario = from_table(TABLE)
    told = (scenario.steps, scenario.seed, scenario.size, scenario.replicates, scenario.stride)
    assert told == (1000, 0, 1, 1, 1)
    assert type(scenario.rule).__name__ == "GradientDescent"
    assert scenario.resolved["rule"] == {"kind": "GradientDescent", "learning_rate": 0.1}


def test_a_record_is_run_to_its_end_unless_steps_are_given():
    recorded = {
        "kind": "Recorded",
        "path": "adaptsim:data/hare_lynx_pelts.csv",
        "columns": ["lynx"],
        "steps_per_row": 2,
    }
    table = TABLE | {"environment": recorded}
    assert from_table(table).steps == 41
    assert from_table(table | {"steps": 7}).steps == 7
    refusing = table | {"environment": recorded | {"after_end": "refuse"}, "steps": 42}
    with pytest.raises(WrongRequest, match=r"environment.after_end.*41 of 42 steps"):
        from_table(refusing)


def test_changes_reach_tables_that_are_not_there_yet():
    changes = {"rule.kind": "Adam", "rule.learning_rate": 0.2, "population.size": 3}
    scenario = load("thermostat_story", changes)
    assert type(scenario.rule).__name__ == "Adam"
    assert scenario.size == 3
    with pytest.raises(WrongRequest, match="steps is not a table"):
        load("thermostat_story", {"steps.more": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("steps=3", ("steps", 3)),
        ("a.b=0.5", ("a.b", 0.5)),
        ("a.b=true", ("a.b", True)),
        ("a.b=[1, 2]", ("a.b", [1, 2])),
        ("a.b={from=1,to=2}", ("a.b", {"from": 1, "to": 2})),
        ("a.b=two words", ("a.b", "two words")),
        ("a.b='3'", ("a.b", "3")),
        ("a.b=x=y", ("a.b", "x=y")),
    ],
)
def test_a_setting_of_the_command_line(text, expected):
    assert read_setting(text) == expected


@pytest.mark.parametrize("text", ["steps", "=3", "a..b=3", "a b=3", ""])
def test_a_wrong_setting_of_the_command_line(text):
    with pytest.raises(WrongRequest, match=r"table\.key=value"):
        read_setting(text)


def test_parts_that_do_not_fit_are_found_before_the_run(tmp_path):
    (tmp_path / "own.py").write_text(
        "import jax.numpy as jnp\nfrom adaptsim import Environment\n"
        "class Flat(Environment):\n"
        "    def cue(self, world, step):\n        return jnp.asarray(1.0)\n"
    )
    with pytest.raises(WrongRequest, match=r"Tracker .* Flat do not fit together"):
        from_table(TABLE | {"environment": {"kind": "own.py:Flat"}}, folder=tmp_path)


def test_a_forager_needs_two_prey():
    with pytest.raises(WrongRequest, match=r"Forager"):
        from_table(TABLE | {"agent": {"kind": "Forager"}})


def test_a_file_is_found_by_path_and_by_name(tmp_path, monkeypatch):
    assert find("tracker_tone").stem == "tracker_tone"
    assert find(find("tracker_tone")) == find("tracker_tone")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongRequest, match="did you mean"):
        find("scenarios/tracker_tone.toml")


def test_two_runs_of_a_scenario_are_equal_and_another_seed_is_not():
    told = {"steps": 40, "replicates": 2, "population.size": 12}
    first, second, other = (
        run("tracker_autoregressive", told | {"seed": seed}).trajectory for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.excess, second.excess)
    assert not np.array_equal(first.excess, other.excess)
    assert first.table().equals(second.table())


def test_a_step_that_has_a_length_is_shown_in_time():
    table = run("thermostat_weather", {"steps": 960}).table
    lag = table[(table["measure"] == "phase_lag") & (table["variable"] == "room")]
    np.testing.assert_allclose(lag["in_time"], 0.1 * lag["value"], rtol=1e-12)
    assert set(lag["time_unit"]) == {"h"}
    assert table.loc[table["unit"] != "steps", "in_time"].isna().all()


def test_a_stable_setpoint_that_starts_at_the_preference_does_not_diverge():
    table = run("thermostat_delay", {"rule.learning_rate": [0.05, 0.2]}).table
    assert not table["flag"].isin(["unstable"]).any()
    assert "diverged_at" not in set(table["measure"])
