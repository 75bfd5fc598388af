"""The commands optimize and stability: what they print, write and refuse."""

import json

import pandas as pd
import pytest

from adaptsim.cli import _guarded as adaptsim

COLUMNS = set(
    "scenario kind group measure value unit ci_low ci_high theory method convention flag".split()
)
QUICK = ["--set", "steps=60", "--set", "starts=3", "--set", "rates.levels=5"]
OWN = """
import jax.numpy as jnp
import numpy as np


def quartic(theta):
    return jnp.sum(theta**2) / 2 + theta[0] ** 4 / 4


def numpy_only(theta):
    return np.sum(np.asarray(theta))


def many(theta):
    return theta
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in an empty folder that holds a file of one's own functions."""
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(folder, capsys):
    """Return a function that tells the message of a wrong request, having checked its manners."""

    def asked(*arguments):
        code = adaptsim(list(arguments))
        out, err = capsys.readouterr()
        assert code == 2, err
        assert out == ""
        assert err.startswith("adaptsim: ")
        assert err.count("\n") == 1
        assert sorted(one.name for one in folder.iterdir() if one.name != "__pycache__") == [
            "own.py"
        ]
        return err

    return asked


def test_optimize_prints_json_and_writes_what_it_says(folder, capsys):
    told = ["optimize", "Booth", "--rule", "Adam", "--rule", "Momentum", *QUICK]
    assert adaptsim([*told, "--out", "out", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert set(records[0]) >= COLUMNS
    assert {one["rule"] for one in records} == {"Adam", "Momentum"}
    written = sorted(one.name for one in (folder / "out").iterdir())
    assert written == [
        "figure.png",
        "measures.csv",
        "ranking.csv",
        "run.json",
        "trajectory.parquet",
    ]
    assert len(pd.read_csv(folder / "out" / "measures.csv")) == len(records)


def test_optimize_prints_the_standings(folder, capsys):
    assert adaptsim(["optimize", "own.py:quartic", "--rule", "GradientDescent", *QUICK]) == 0
    out, err = capsys.readouterr()
    assert "GradientDescent" in out
    assert "wrote outputs/optimize_quartic/" in " ".join(err.split())


def test_optimize_is_quiet_when_asked_to(folder, capsys):
    assert adaptsim(["optimize", "Booth", "--rule", "Adam", *QUICK, "--quiet", "--out", "out"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == "out"
    assert err == ""


def test_stability_prints_json_and_writes_what_it_says(folder, capsys):
    told = ["stability", "own.py:quartic", "--values", "40", "--set", "landscape.dimension=1"]
    assert adaptsim([*told, "--out", "out", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert set(records[0]) >= COLUMNS
    found = {one["measure"]: one for one in records}
    assert found["speed_limit"]["value"] == pytest.approx(2.0)
    assert found["speed_limit"]["theory"] == pytest.approx(2.0)
    assert found["flip_coefficient"]["flag"] == "blow-up"
    written = sorted(one.name for one in (folder / "out").iterdir())
    assert written == ["figure.png", "measures.csv", "run.json", "trajectory.parquet"]


def test_stability_tells_a_saddle_in_words(folder, capsys):
    told = ["stability", "StrictSaddle", "--at", "0,0", "--values", "20", "--out", "out"]
    assert adaptsim(told) == 0
    assert "no rate stabilises this point" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["optimize", "Rosenbrok"], ["did you mean 'Rosenbrock'?"]),
        (["optimize", "Booth", "--rule", "Adma"], ["did you mean 'Adam'?"]),
        (["optimize", "Booth", "--set", "rates=[0.0]"], ["rates must be a number above 0"]),
        (["optimize", "Booth", "--set", "starts=[[99.0,0.0]]"], ["in the domain", "99.0"]),
        (["optimize", "Bbob"], ["Bbob", "coco-experiment"]),
        (["optimize", "Noisy"], ["landscape.landscape is missing"]),
        (["stability", "DoubleWel"], ["did you mean 'DoubleWell'?"]),
        (["stability", "DoubleWell", "--rule", "Adma"], ["did you mean 'Adam'?"]),
        (["stability", "DoubleWell", "--at", "x"], ["must be numbers with commas"]),
        (["stability", "DoubleWell", "--from", "nan", "--to", "1"], ["both finite"]),
        (["stability", "DoubleWell", "--values", "1"], ["values must be at least 2"]),
        (["stability", "own.py:numpy_only"], ["write jnp. in place of np."]),
        (["stability", "own.py:many"], ["cannot be a landscape"]),
        (["stability", "own.py:none"], ["no such class"]),
        (["stability", "DoubleWell", "--out", "own.py"], ["is a file; name a directory"]),
    ],
)
def test_a_wrong_request_is_one_clear_message(refused, arguments, words):
    try:
        import cocoex  # noqa: F401
    except ImportError:
        pass
    else:
        if "Bbob" in arguments:
            pytest.skip("coco-experiment is installed")
    message = refused(*arguments)
    for word in words:
        assert word in message


def test_lists_know_landscapes_and_criteria(capsys):
    assert adaptsim(["list", "landscapes", "--json"]) == 0
    assert "Rosenbrock" in json.loads(capsys.readouterr().out)["landscapes"]
    assert adaptsim(["show", "SignalToNoise"]) == 0
    assert "smoothing" in capsys.readouterr().out
