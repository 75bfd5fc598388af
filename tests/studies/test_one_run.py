"""One run of a study, computed again by itself: the same cell, the same seed, the same numbers."""

import json

import pandas as pd
import pytest

from adaptsim import studies
from adaptsim.cli import _guarded as adaptsim
from adaptsim.schema import WrongRequest
from adaptsim.studies.one_run import find_run

STUDY = """
scenario = "tracker_tone"
[changes]
steps = 300
agent.observation_noise = 0.3
[study]
replicates = 2
seeds = "independent"
[study.design]
rule.kind = ["GradientDescent", "Momentum"]
rule.learning_rate = [0.1, 0.3]
"""


def test_a_run_of_a_scenario_has_the_numbers_of_its_row(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.toml").write_text(STUDY)
    place = studies.run_study(studies.load("t.toml"), "out").store.place
    row = studies.table(place).iloc[5]
    for name in ("t.toml", "out"):
        how = ["run", "--from-study", name, "--run-id", row["run_id"], "--json"]
        assert adaptsim([*how, "--out", f"again {name}"]) == 0
        found = {one["measure"]: one["value"] for one in json.loads(capsys.readouterr().out)}
        for measure in ("phase_lag", "gain", "tracking_mse"):
            assert found[measure] == pytest.approx(row[f"m_{measure}"], rel=1e-8)
    told = json.loads((tmp_path / "again out" / "run.json").read_text())
    assert told["scenario"]["seed"] == row["seed"]
    results = find_run("t.toml", row["run_id"]).results()
    assert results["m_tracking_mse"][0] == row["m_tracking_mse"]


def test_a_run_of_a_function_prints_what_it_returns(folder, capsys):
    place = folder.run().store.place
    row = studies.table(place).iloc[3]
    assert adaptsim(["run", "--from-study", "s.toml", "--run-id", row["run_id"]]) == 0
    assert json.loads(capsys.readouterr().out) == [{"m_final": row["m_final"]}]


def test_a_cell_that_was_found_on_the_way_is_found_in_the_folder(folder):
    told = (
        'kind = "refine"\noutcome = "final"\nthreshold = 0.3\ngenerations = 2\npoints = 4\n'
        "rate = { from = 0.01, to = 1.0, levels = 5 }"
    )
    place = folder.run(told, "").store.place
    (place / "model.py").write_text((folder.path / "model.py").read_text())
    last = pd.read_parquet(place / "design.parquet")["run_id"].iloc[-1]
    row = studies.table(place).set_index("run_id").loc[last]
    assert find_run(place, last).results()["m_final"] == [row["m_final"]]
    with pytest.raises(WrongRequest, match="no run of this study"):
        find_run("s.toml", last)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--from-study STUDY --run-id ID"]),
        (["--from-study", "s.toml"], ["--run-id ID"]),
        (["--run-id", "abc"], ["--from-study STUDY"]),
        (["tracker_tone", "--from-study", "s.toml", "--run-id", "a"], ["name a scenario, or"]),
        (["--from-study", "s.toml", "--run-id", "abc"], ["--run-id abc", "no run", "design"]),
        (["--from-study", "t.toml", "--run-id", "abc"], ["t.toml", "no such study"]),
    ],
)
def test_what_names_no_run_is_one_message(folder, capsys, arguments, words):
    folder.write()
    assert adaptsim(["run", *arguments]) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    for word in words:
        assert word in told
