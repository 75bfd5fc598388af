"""The command fit: what it prints, writes and refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from adaptsim.cli import _guarded as adaptsim
from fitting.worlds import bandit, watched

COLUMNS = set(
    "scenario kind group measure value unit ci_low ci_high theory method convention flag".split()
)
SERIES = ["--environment", "world", "--observed", "trait"]


def change(frame, column, row, value):
    changed = frame.astype({column: object})
    changed.loc[row, column] = value
    return changed


FRAMES = {
    "good": watched(1, 40),
    "gap": change(watched(1, 40), "trait", 7, np.nan),
    "text": change(watched(1, 40), "world", 7, "much"),
    "infinite": change(watched(1, 40), "world", 7, np.inf),
    "back": watched(1, 40).iloc[[0, 1, 3, 2, *range(4, 40)]],
    "holes": watched(1, 40).drop(index=[9]),
    "short": watched(1, 40).iloc[:1],
    "arms": bandit(1, 40, 0.3, 3.0),
    "never": bandit(1, 40, 0.3, 3.0).assign(choice="A"),
    "odd": change(bandit(1, 40, 0.3, 3.0), "choice", 3, "C"),
}
REFUSED = [
    ("good", ["--environment", "wrld", "--observed", "trait"], ["did you mean 'world'?"]),
    ("good", ["--environment", "world", "--observed", "trat"], ["did you mean 'trait'?"]),
    ("good", [*SERIES, "--time", "tt"], ["--time", "did you mean 't'?"]),
    ("good", ["--observed", "trait"], ["--environment is needed"]),
    ("good", ["--environment", "world"], ["--observed or --choice is needed"]),
    ("good", [*SERIES, "--kind", "Traker"], ["did you mean 'Tracker'?"]),
    ("good", [*SERIES, "--kind", "Forager"], ["Forager", "two prey"]),
    ("good", [*SERIES, "--model", "fixd"], ["did you mean 'fixed'?"]),
    ("good", [*SERIES, "--noise", "proces"], ["did you mean 'process'?"]),
    ("good", [*SERIES, "--variable", "trait_0"], ["did you mean 'trait'?"]),
    ("good", [*SERIES, "--rates", "0.5"], ["two numbers with a comma"]),
    ("good", [*SERIES, "--rates", "0.5,0.1"], ["0 <= LOW < HIGH"]),
    ("good", [*SERIES, "--recover", "-1"], ["whole number from 0"]),
    ("good", [*SERIES, "--set", "agent.curvatur=2"], ["did you mean 'curvature'?"]),
    ("good", [*SERIES, "--set", "rule.learning_rate=0.1"], ["is what is fitted"]),
    ("good", [*SERIES, "--set", "agent.observation_noise=0.1"], ["noise is fitted"]),
    ("good", [*SERIES, "--set", "rule.kind=LBFGS"], ["LBFGS"]),
    ("good", [*SERIES, "--set", "steps=3"], ["must begin with agent. or rule."]),
    ("gap", SERIES, ["'trait' is empty in 1 of 40 rows", "row 7", "--gaps skip"]),
    ("text", SERIES, ["must hold numbers", "'much'", "row 7"]),
    ("infinite", SERIES, ["finite", "row 7"]),
    ("back", [*SERIES, "--time", "t"], ["must rise", "from 3 to 2"]),
    ("holes", [*SERIES, "--time", "t"], ["evenly spaced", "from 8 to 10"]),
    ("short", SERIES, ["1 row; a rate needs at least 5"]),
    ("never", ["--environment", "A", "--environment", "B", "--choice", "choice"], ["only 'A'"]),
    ("odd", ["--environment", "A", "--environment", "B", "--choice", "choice"], ["'C' in row 3"]),
    ("missing", SERIES, ["does not exist", "in"]),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder that holds the frames as files."""
    for name, frame in FRAMES.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "arguments", "words"), REFUSED)
def test_refuses_what_cannot_be_with_one_clear_message(folder, capsys, name, arguments, words):
    code = adaptsim(["fit", f"{name}.csv", *arguments])
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    assert err.startswith("adaptsim: ")
    assert err.count("\n") == 1
    assert all(word in err for word in words), err
    assert sorted(one.stem for one in folder.iterdir()) == sorted(FRAMES)


def test_prints_json_and_writes_what_it_says(folder, capsys):
    told = ["fit", "gap.csv", *SERIES, "--time", "t", "--gaps", "skip", "--model", "fixed"]
    assert adaptsim([*told, "--out", "out", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert set(records[0]) >= COLUMNS
    rate = next(one for one in records if one["measure"] == "learning_rate")
    assert rate["ci_low"] < 0.2 < rate["ci_high"]
    assert (
        "39 numbers" in next(one for one in records if one["measure"] == "log_likelihood")["method"]
    )
    written = sorted(one.name for one in (folder / "out").iterdir())
    assert written == [
        "figure.png", "fits.csv", "measures.csv", "profile.csv", "run.json", "trajectory.parquet",
    ]  # fmt: skip
    assert len(pd.read_csv(folder / "out" / "measures.csv")) == len(records)
    run = json.loads((folder / "out" / "run.json").read_text())
    assert run["fit"]["agent"]["kind"] == "Tracker"
    assert run["data"]["rows"] == [40]
    course = pd.read_parquet(folder / "out" / "trajectory.parquet")
    assert set(course["model"]) == {"none", "fixed"}
    assert len(course) == 80
