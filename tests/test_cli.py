"""The command line: what it writes, what it prints, and what it says when a request is wrong."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from adaptsim.cli import _guarded as adaptsim

SMALL = """
name = "small"
question = "Does it run?"
steps = 30
seed = 3

[population]
size = 2

[environment]
kind = "Sinusoid"
period = 10.0

[agent]
kind = "Tracker"

[rule]
kind = "GradientDescent"
learning_rate = [0.2, 0.6]
"""
WRITTEN = ["figure.png", "measures.csv", "run.json", "trajectory.parquet"]
RECORDED = """
steps = 4
[environment]
kind = "Recorded"
path = "data.csv"
columns = ["warmth"]
[agent]
kind = "Tracker"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in an empty folder that holds a small scenario."""
    (tmp_path / "small.toml").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def refused(folder, capsys):
    """Return a function that tells the message of a wrong request, having checked its manners."""

    def asked(*arguments):
        before = names(folder)
        code = adaptsim(list(arguments))
        out, err = capsys.readouterr()
        assert code == 2, err
        assert out == ""
        assert err.startswith("adaptsim: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        assert names(folder) == before
        return err

    return asked


def assert_told(message, *words):
    for word in words:
        assert word in message


WRONG_VALUES = [
    ("agent.kind=Trakcer", ["agent.kind", "'Trakcer'", "did you mean 'Tracker'?", "Forager"]),
    ("environment.perod=3", ["environment.perod", "Sinusoid", "did you mean 'period'?", "phase"]),
    ("rule.learning_rat=3", ["rule.learning_rat", "did you mean 'learning_rate'?"]),
    ("enviroment.period=3", ["enviroment", "did you mean 'environment'?"]),
    ("seeds=3", ["seeds", "did you mean 'seed'?"]),
    ("population.sizes=3", ["population.sizes", "did you mean 'size'?"]),
    ("population.size=0", ["population.size", "at least 1", "got 0"]),
    ("population.size=-4", ["population.size", "at least 1", "got -4"]),
    ("environment.period=-3", ["environment.period", "above 0", "[steps]", "got -3"]),
    ("environment.period=nan", ["environment.period", "finite", "got nan"]),
    ("environment.period=inf", ["environment.period", "finite", "got inf"]),
    ("environment.period=long", ["environment.period", "must be a number", "'long'"]),
    ("environment.period=true", ["environment.period", "must be a number", "True"]),
    ("agent.observation_delay=1.5", ["agent.observation_delay", "a whole number", "1.5"]),
    ("agent.observation_probability=2", ["agent.observation_probability", "at most 1", "got 2"]),
    ("agent.start_at=[1,2,3]", ["agent.start_at", "3 values", "population of 2"]),
    ("environment.period=[5,6]", ["environment.period", "must be a single number"]),
    ("steps=2.5", ["steps", "a whole number", "2.5"]),
    ("steps=0", ["steps", "at least 1", "got 0"]),
    ("seed=-1", ["seed", "at least 0", "got -1"]),
    ("record=everything", ["record", "'everything'", "individuals", "statistics"]),
    ("rule=3", ["rule", "must be a table with a kind", "got 3"]),
    ("rule.learning_rate={from=1}", ["rule.learning_rate", "to", "must be a number"]),
    ("rule.learning_rate={from=0,to=1,spacing='log'}", ["rule.learning_rate", "above 0"]),
    ("rule.learning_rate={distribution='lognrm',s=1}", ["distribution", "lognorm"]),
    ("rule.learning_rate={kind='Exponentail'}", ["rule.learning_rate", "'Exponential'"]),
    ("step_length=1 fortnight ago", ["step_length", "number and a unit", "ago"]),
    ("agent.kind=nowhere.py:Own", ["agent.kind", "nowhere"]),
]


@pytest.mark.parametrize(("setting", "words"), WRONG_VALUES)
def test_a_wrong_value_is_one_clear_message(refused, setting, words):
    message = refused("run", "small.toml", "--set", setting, "--out", "made")
    assert_told(message, "small.toml", *words)


SLIPPERY = [
    (["step_length=1.2.3 h"], ["step_length", "1.2.3 h"]),
    (["stride=1000"], ["stride", "1000", "30"]),
    (["environment={kind='Sum',parts=3}"], ["environment.parts", "3"]),
    (["name=../../escaped"], ["name", "../../escaped"]),
]


@pytest.mark.parametrize(("settings", "words"), SLIPPERY)
def test_values_that_would_slip_through_a_coarse_check(refused, settings, words):
    told = [part for setting in settings for part in ("--set", setting)]
    assert_told(refused("run", "small.toml", *told, "--out", "made"), "small.toml", *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "smal"], ["smal", "no such scenario"]),
        (["run", "predator_vole"], ["did you mean 'predator_voles'?"]),
        (["run", "small.toml", "--set", "seed"], ["--set seed", "table.key=value"]),
        (["run", "small.toml", "--sed", "1"], ["--sed", "--help"]),
        (["run", "small.toml", "--seed", "one"], ["--seed", "integer"]),
        (["run"], ["scenario", "--help"]),
        (["walk"], ["walk", "--help"]),
        (["list", "agent s"], ["agent s", "did you mean 'agents'?", "rules"]),
        (["show", "Forger"], ["Forger", "did you mean 'Forager'?"]),
        (["show", "predator_vole"], ["did you mean 'predator_voles'?"]),
    ],
)
def test_a_wrong_command_is_one_clear_message(refused, arguments, words):
    assert_told(refused(*arguments), *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["environment", "is missing"]),
        ("steps = = 3", ["cannot be read"]),
        ('[environment]\nkind = "Constant"\n', ["agent", "is missing"]),
        ("[environment]\nvalue = 1.0\n[agent]\nkind='Tracker'", ["environment.kind", "Constant"]),
        ('environment = "Constant"\n[agent]\nkind="Tracker"', ["environment", "must be a table"]),
        ("[environment]\nkind=3\n[agent]\nkind='Tracker'", ["environment.kind", "got 3"]),
    ],
)
def test_a_wrong_file_is_one_clear_message(refused, folder, text, words):
    (folder / "bad.toml").write_text(text)
    assert_told(refused("run", "bad.toml"), "bad.toml", *words)


def test_a_json_file_that_is_no_run(refused, folder):
    (folder / "other.json").write_text("{}")
    assert_told(refused("run", "other.json"), "other.json", "run.json")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            "time,warmth\n0,1\n1,\n2,3\n3,4\n",
            ["environment.gaps", "'warmth'", "interpolate", "row 1"],
        ),
        ("time,warmth\n0,1\n1,nan\n2,3\n", ["environment.gaps", "'warmth'", "hold"]),
        ("time,warmth\n0,1\n1,inf\n2,3\n", ["environment.columns", "infinite", "row 1"]),
        ("time,warmth\n0,1\n1,mild\n2,3\n", ["environment.columns", "'mild'", "row 1"]),
        ("time,warmht\n0,1\n1,2\n", ["environment.columns", "did you mean 'warmht'?", "time"]),
        ("", ["environment.path", "is empty"]),
        ("time,warmth\n", ["environment.path", "is empty"]),
        (None, ["environment.path", "does not exist", "dates.csv"]),
    ],
)
def test_wrong_data_are_one_clear_message(refused, folder, data, words):
    (folder / "real.toml").write_text(RECORDED)
    (folder / "dates.csv").write_text("time\n0\n")
    if data is not None:
        (folder / "data.csv").write_text(data)
    assert_told(refused("run", "real.toml", "--out", "made"), "real.toml", *words)


def test_gaps_are_filled_where_that_is_asked_for_and_told(folder, capsys):
    (folder / "real.toml").write_text(RECORDED)
    (folder / "data.csv").write_text("time,warmth\n0,1\n1,\n2,3\n3,4\n")
    asked = ["run", "real.toml", "--set", "environment.gaps=interpolate", "--out", "made"]
    assert adaptsim(asked) == 0
    told = json.loads((folder / "made" / "run.json").read_text())["data"]
    assert told["gaps_filled"] == {"warmth": {"interpolated": 1}}
    assert "gaps filled" in capsys.readouterr().err


def test_a_file_in_the_place_of_the_output(refused, folder):
    (folder / "taken").write_text("mine")
    assert_told(refused("run", "small.toml", "--out", "taken"), "--out taken", "is a file")
    deep = refused("run", "small.toml", "--out", "taken/deep/er")
    assert_told(deep, "taken", "not a directory")
    assert (folder / "taken").read_text() == "mine"


def test_a_run_writes_four_files_and_no_more(folder, capsys):
    assert adaptsim(["run", "small.toml", "--out", "made"]) == 0
    assert names(folder / "made") == WRITTEN
    assert names(folder) == ["made", "small.toml"]
    table = pd.read_csv(folder / "made" / "measures.csv")
    wanted = "scenario kind group measure value unit ci_low ci_high theory method convention flag"
    assert set(wanted.split()) <= set(table.columns)
    out, err = capsys.readouterr()
    assert "phase_lag" in out
    assert "made" in err


def test_without_out_each_run_has_a_folder_of_its_own(folder, capsys):
    for _ in range(2):
        assert adaptsim(["run", "small.toml", "--quiet"]) == 0
    places = capsys.readouterr().out.split()
    assert len(set(places)) == 2
    for place in places:
        assert Path(place).parent == Path("outputs/small")
        assert names(folder / place) == WRITTEN


def test_json_is_all_there_is_on_standard_output(folder, capsys):
    assert adaptsim(["run", "small.toml", "--json", "--out", "made", "--seed", "9"]) == 0
    out = capsys.readouterr().out
    records = json.loads(out)
    table = pd.read_csv(folder / "made" / "measures.csv")
    assert [one["measure"] for one in records] == table["measure"].tolist()
    values = [one["value"] for one in records]
    assert pd.Series(values, dtype=float).equals(table["value"])
    assert "NaN" not in out
    assert json.loads((folder / "made" / "run.json").read_text())["seed"] == 9


def test_settings_and_seed_of_the_command_line_win(folder):
    asked = ["run", "small.toml", "--out", "made", "--quiet", "--seed", "8"]
    asked += ["--set", "rule.learning_rate=0.3", "--set", "steps=20", "--set", "seed=4"]
    assert adaptsim(asked) == 0
    told = json.loads((folder / "made" / "run.json").read_text())
    assert told["seed"] == told["scenario"]["seed"] == 8
    assert told["scenario"]["steps"] == 20
    assert told["scenario"]["rule"]["learning_rate"] == 0.3
    assert set(told) >= {"scenario", "seed", "versions", "python", "machine", "wall_time_s"}


def test_the_run_of_a_run_gives_the_same_bytes(folder, monkeypatch):
    noisy = ["--set", "agent.observation_noise=0.4", "--set", "replicates=3"]
    drawn = ["--set", "rule.learning_rate={distribution='uniform',loc=0.1,scale=0.5}"]
    assert adaptsim(["run", "small.toml", "--out", "one", "--quiet", *noisy, *drawn]) == 0
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    again = ["run", str(folder / "one" / "run.json"), "--out", "two", "--quiet"]
    assert adaptsim(again) == 0
    first, second = folder / "one", elsewhere / "two"
    assert (first / "measures.csv").read_bytes() == (second / "measures.csv").read_bytes()
    one, two = (pd.read_parquet(place / "trajectory.parquet") for place in (first, second))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert len(one) == 3 * 30 * 2
    told = [json.loads((place / "run.json").read_text()) for place in (first, second)]
    assert told[0]["scenario"] == told[1]["scenario"]


def test_too_fast_a_rate_is_a_result_not_an_error(folder):
    asked = ["run", "small.toml", "--set", "rule.learning_rate=[0.5,2.6]", "--out", "made", "-q"]
    assert adaptsim(asked) == 0
    table = pd.read_csv(folder / "made" / "measures.csv", dtype={"group": str})
    fast = table[table["group"] == "2.6"].set_index("measure")
    assert fast.loc["diverged_at", "value"] > 0
    assert fast.loc["spectral_radius", "flag"] == "unstable"
    assert fast.loc["phase_lag", "flag"] == "diverged"
    calm = table[table["group"] == "0.5"].set_index("measure")
    assert "diverged_at" not in calm.index
    assert not calm["flag"].isin(["diverged", "unstable"]).any()


OWN = """
import jax.numpy as jnp
import numpy as np
from adaptsim import Agent, Measure, field

class Leaf(Agent):
    steepness: float = field(2.0, help="of the mismatch", above=0)
    def loss(self, trait, cue):
        return 0.5 * self.steepness * jnp.sum((trait - cue) ** 2)
    def optimum(self, cue):
        return cue

class WorstError(Measure):
    def of(self, output, target):
        return float(np.abs(output - target).max())
"""


@pytest.mark.parametrize("kind", ["plants:Leaf", "plants.py:Leaf"])
def test_an_own_kind_and_measure_beside_the_scenario(folder, kind, monkeypatch, tmp_path_factory):
    (folder / "plants.py").write_text(OWN)
    asked = ["run", str(folder / "small.toml"), "--out", str(folder / "made"), "-q"]
    asked += ["--set", f"agent.kind={kind}", "--set", "agent.steepness=2.5"]
    asked += ["--set", "measures=['plants.py:WorstError']"]
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert adaptsim(asked) == 0
    table = pd.read_csv(folder / "made" / "measures.csv").set_index("measure")
    assert table.loc["speed_limit", "value"].tolist() == pytest.approx([0.8, 0.8], rel=1e-6)
    assert (table.loc["worst_error", "value"] > 0).all()
    assert table.loc["speed_limit", "theory"].isna().all()


@pytest.mark.parametrize(
    "setting",
    [
        "agent.kind=plants.py:Leaf",
        "measures=['plants.py:WorstError']",
    ],
)
def test_a_run_with_own_parts_can_be_run_again(folder, setting):
    (folder / "plants.py").write_text(OWN)
    assert adaptsim(["run", "small.toml", "--set", setting, "--out", "made", "-q"]) == 0
    assert adaptsim(["run", "made/run.json", "--out", "again", "-q"]) == 0
    assert Path("again/measures.csv").read_bytes() == Path("made/measures.csv").read_bytes()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("plants.py:Laef", ["agent.kind", "no such class", "did you mean 'Leaf'?"]),
        ("plants.py:WorstError", ["agent.kind", "must be a subclass of adaptsim.Agent"]),
        ("plantz:Leaf", ["agent.kind", "plantz"]),
    ],
)
def test_an_own_kind_that_cannot_be_had(refused, folder, kind, words):
    (folder / "plants.py").write_text(OWN)
    assert_told(refused("run", "small.toml", "--set", f"agent.kind={kind}"), "small.toml", *words)


def test_an_own_file_with_a_mistake_in_it(refused, folder):
    (folder / "broken.py").write_text("class Leaf(:\n")
    message = refused("run", "small.toml", "--set", "agent.kind=broken.py:Leaf")
    assert_told(message, "small.toml", "agent.kind", "broken.py")


def test_list_names_everything(capsys):
    assert adaptsim(["list"]) == 0
    out = capsys.readouterr().out
    for word in ("Forager", "Recorded", "Adam", "ReduceOnPlateau", "phase_lag", "predator_voles"):
        assert word in out


def test_list_agents(capsys):
    assert adaptsim(["list", "agents"]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("Forager", "Thermostat", "Tracker"))
    assert "Adam" not in out
    assert adaptsim(["list", "agents", "--json"]) == 0
    assert sorted(json.loads(capsys.readouterr().out)["agents"]) == [
        "Forager",
        "Predator",
        "Recommender",
        "Synapse",
        "Thermostat",
        "Tracker",
        "Walker",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Forager", ["matching", "generalised matching", "logit", "> 0"]),
        ("predator_voles", ["kilpisjarvi", "Forager", "question"]),
        ("phase_lag", ["period", "steps", "Returns"]),
        ("tracker.mean_lag", ["1 / g"]),
    ],
)
def test_show(capsys, name, words):
    assert adaptsim(["show", name]) == 0
    assert_told(capsys.readouterr().out, *words)


def by_itself(*arguments, **told):
    command = [sys.executable, "-m", "adaptsim", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **told)


def test_help_is_light():
    code = (
        "import sys; from adaptsim.cli import _guarded; code = _guarded(['--help']);"
        "heavy = {'jax', 'pandas', 'matplotlib', 'mesa', 'solara', 'scipy'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout


def test_rules_are_light():
    code = (
        "import sys, adaptsim.rules;"
        "heavy = {'mesa', 'pandas', 'matplotlib', 'solara'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_from_a_shell_a_wrong_request_exits_with_2(folder):
    done = by_itself("run", "small.toml", "--set", "environment.period=-3", cwd=folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert names(folder) == ["small.toml"]


def test_from_a_shell_a_failed_run_exits_with_1_and_leaves_nothing(folder):
    (folder / "bad.py").write_text(
        "from adaptsim import Measure\n"
        "class Bad(Measure):\n"
        "    def of(self, output, target):\n"
        "        if len(output) < 100:\n"
        "            raise RuntimeError('no such luck')\n"
        "        return float(output.mean())\n"
    )
    asked = ["run", "small.toml", "--set", "measures=['bad.py:Bad']", "--out", "made"]
    done = by_itself(*asked, cwd=folder)
    assert done.returncode == 1
    assert "no such luck" in done.stderr
    assert [name for name in names(folder) if name != "__pycache__"] == ["bad.py", "small.toml"]


def test_an_interrupted_run_leaves_nothing(folder):
    long = ["--set", "steps=2000000000", "--set", "population.size=1000", "--set", "stride=100000"]
    command = [sys.executable, "-c", INTERRUPTIBLE, "run", "small.toml", *long, "--out", "made"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    ready = folder / "ready"
    deadline = time.monotonic() + 120
    try:
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert ready.exists()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert names(folder) == ["ready", "small.toml"]


def test_an_interruption_says_that_nothing_was_written(folder, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("adaptsim.runs.simulate", interrupted)
    assert adaptsim(["run", "small.toml", "--out", "made"]) == 130
    assert capsys.readouterr().err == "adaptsim: interrupted: nothing was written\n"


INTERRUPTIBLE = """
import signal, sys, adaptsim.simulation as simulation
from pathlib import Path

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
inner = simulation._scan_replicates

def watched(*arguments, **told):
    found = inner(*arguments, **told)
    Path("ready").touch()
    return found

simulation._scan_replicates = watched
from adaptsim.cli import main
main(sys.argv[1:])
"""
