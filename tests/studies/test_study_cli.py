"""adaptsim study: what it prints, its exit codes, and one message where something is wrong."""

import json

import pandas as pd
import pytest

from adaptsim.cli import _guarded as adaptsim
from adaptsim.studies.study import find, load, shipped


def run(*arguments):
    return adaptsim(["study", *arguments])


def test_it_tells_what_it_does_and_ends_well(folder, capsys):
    folder.write()
    assert run("s.toml") == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "12 cells x 2 replicates = 24 runs: 0 there, 24 to do; this process" in told.err
    assert "24 of 24 runs done, 0 failed" in told.err
    assert len(pd.read_parquet("outputs/s/runs")) == 24


def test_some_failed_is_code_3_and_says_how_to_go_on(folder, capsys):
    folder.write('fault = ["none", "raise"]', "")
    assert run("s.toml") == 3
    told = capsys.readouterr().err
    assert "first failure: ValueError: the trait is not a number" in told
    assert "--retry-failed" in told


def test_fail_fast_stops_and_keeps_what_is_finished(folder, capsys, monkeypatch):
    faults = ["none", "none", "raise", "none"]
    folder.write(f'kind = "zip"\nrate = [0.1, 0.2, 0.3, 0.4]\nfault = {faults}', "")
    assert run("s.toml", "--fail-fast", "--chunk", "1") == 3
    told = capsys.readouterr().err
    assert "stopped at the first failure: ValueError: the trait is not a number" in told
    assert len(pd.read_parquet("outputs/s/runs")) == 2
    assert run("s.toml", "--fail-fast") == 3  # a failure of before is none of now
    assert len(folder.witnessed()) == 3
    monkeypatch.setenv("FAULTS", "off")
    assert run("s.toml", "--fail-fast", "--retry-failed") == 0


def test_json_prints_the_results_and_nothing_else(folder, capsys):
    folder.write()
    assert run("s.toml", "--json") == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert len(json.loads(told.out)) == 24


def test_views_of_a_study_by_its_file_or_folder(folder, capsys):
    folder.write()
    run("s.toml", "--quiet")
    capsys.readouterr()
    for name in ("s.toml", "outputs/s"):
        assert run(name, "--status") == 0
        assert "24 of 24 runs done" in capsys.readouterr().out
        assert run(name, "--status", "--json") == 0
        assert json.loads(capsys.readouterr().out)["done"] == 24
        assert run(name, "--digest") == 0
        assert len(capsys.readouterr().out) == 17
        assert run(name, "--table") == 0
        assert len(capsys.readouterr().out.splitlines()) == 25


def test_set_and_seed_change_the_study(folder, capsys):
    folder.write()
    assert run("s.toml", "--set", "study.replicates=1", "--seed", "7", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 12
    described = json.loads((folder.path / "outputs/s/study.json").read_text())
    assert described["seed"] == 7


WRONG = [
    (["nothing.toml"], ["nothing.toml", "no such study"]),
    (["learning_rate_by_perod"], ["did you mean 'learning_rate_by_period'"]),
    (["s.toml", "--set", "study.replicats=3"], ["study.replicats", "did you mean 'replicates'"]),
    (["s.toml", "--set", "study.replicates=0"], ["study.replicates", "at least 1", "got 0"]),
    (["s.toml", "--set", "study.seeds=same"], ["study.seeds", "'same'", "common"]),
    (["s.toml", "--set", "study.timeout=10 parsecs"], ["study.timeout", "10 parsecs", "min"]),
    (["s.toml", "--set", "study.name=../up"], ["study.name", "../up"]),
    (["s.toml", "--set", "studies.name=x"], ["studies", "did you mean 'study'"]),
    (["s.toml", "--set", "scenario.function=model.py:simulat"], ["did you mean 'simulate'"]),
    (["s.toml", "--set", "scenario.function=mode.py:simulate"], ["no file 'mode.py'"]),
    (["s.toml", "--set", "scenario.measures=[]"], ["scenario.measures", "got []"]),
    (["s.toml", "--set", "scenario.steps=5"], ["scenario.steps", "Allowed: function"]),
    (["s.toml", "--set", "scenario=tracker_tome"], ["tracker_tome", "tracker_tone"]),
    (["s.toml", "--timeout", "0.1 s"], ["--timeout", "0.25"]),
    (["s.toml", "--shard", "3/2"], ["--shard 3/2"]),
    (["s.toml", "--workers", "-1"], ["--workers", "greater than or equal to 0"]),
    (["s.toml", "--status"], ["outputs/s", "holds no study"]),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_a_wrong_request_is_one_message_and_nothing_is_made(folder, capsys, arguments, words):
    folder.write()
    assert run(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    for word in words:
        assert word in told.err
    assert sorted(path.name for path in folder.path.iterdir()) == ["model.py", "s.toml"]


SCENARIO = [
    ("rule.learning_rat = [0.1]", ["rule.learning_rat", "did you mean 'learning_rate'"]),
    ("environment.period = [10, -3]", ["environment.period", "above 0", "got -3"]),
    ("seed = [1, 2]", ["seed cannot be varied", "replicates"]),
]


@pytest.mark.parametrize(("design", "words"), SCENARIO)
def test_values_that_the_scenario_refuses_are_refused_before_the_first_run(
    folder, capsys, design, words
):
    text = f'scenario = "tracker_tone"\n[study]\n[study.design]\n{design}\n'
    (folder.path / "t.toml").write_text(text)
    assert run("t.toml") == 2
    told = capsys.readouterr().err
    for word in words:
        assert word in told
    assert not (folder.path / "outputs").exists()


@pytest.mark.parametrize("name", shipped())
def test_shipped_studies_can_be_read(name):
    study = load(find(name))
    assert study.question
    assert len(study.design) > 1
