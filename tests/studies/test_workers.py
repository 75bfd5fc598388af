"""Worker processes: what dies, hangs or is killed costs itself and nothing else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from adaptsim import studies

MAIN = (  # where tests run in the background, Ctrl-C is ignored
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from adaptsim.cli import main; main()"
)
COMMAND = (sys.executable, "-c", MAIN, "study", "s.toml", "--out", "out", "--quiet")


def started(*arguments):
    """Start a study in a session of its own; what it says goes to the file ``said``."""
    with open("said", "a") as said:
        return subprocess.Popen(
            [*COMMAND, *arguments], start_new_session=True, stdout=subprocess.DEVNULL, stderr=said
        )


def processes(field, number):
    """Return the living processes whose parent (field 1) or session (field 3) is a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if told[0] != "Z" and told[field] == str(number):
            found.append(int(stat.parent.name))
    return found


def of_group(leader):
    return processes(3, leader)


def workers_of(parent):
    """Return the workers of a study's process."""
    return [
        child
        for child in processes(1, parent)
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def wait_for(what, seconds=240.0):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_poison_hang_and_error_cost_themselves_alone(folder, monkeypatch):
    faults = ["none"] * 60
    faults[10], faults[25], faults[40] = "raise", "hang", "die"
    rates = [round(0.01 * (1 + place), 2) for place in range(60)]
    naps = [0.006] * 60  # longer than rows may wait to be written
    design = f'kind = "zip"\nrate = {rates}\nfault = {faults}\nnap = {naps}'
    found = folder.run(design, "", how={"workers": 2, "timeout": 1.0})
    assert (found.done, found.failed) == (57, 3)
    failed = studies.failures("out").set_index("p_fault")
    assert failed["status"].to_dict() == {"raise": "failed", "hang": "timeout", "die": "crashed"}
    assert failed["attempt"].to_dict() == {"raise": 1, "hang": 1, "die": 2}
    assert "model.py" in failed.loc["hang", "traceback"].splitlines()[2]
    assert "in simulate" in failed.loc["hang", "traceback"]
    assert len(folder.witnessed()) == 57
    monkeypatch.setenv("FAULTS", "off")
    again = folder.run(design, "", how={"retry_failed": True})
    assert (again.done, again.failed, again.computed) == (60, 0, 3)
    assert len(folder.witnessed()) == 60
    folder.run(design, "", out="serial")
    assert studies.digest("serial") == studies.digest("out")
    assert not list((folder.path / "out/journal").iterdir())


def slow_study(folder, runs=400, nap=0.005):
    folder.write(f"rate = {{ from = 0.01, to = 1.0, levels = {runs} }}\nnap = [{nap}]", "")


def test_killed_in_the_midst_it_goes_on_and_loses_what_was_in_flight(folder):
    slow_study(folder)
    process = started("--workers", "2")
    wait_for(lambda: len(folder.witnessed()) > 40)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not of_group(process.pid), 10)
    kept = len(studies.table("out"))
    assert kept >= 40 - 2
    assert studies.run_study(studies.load("s.toml"), "out").computed == 400 - kept
    assert len(folder.witnessed()) - 400 <= 2
    found = pd.read_parquet("out/runs")
    assert len(found) == 400
    assert found["run_id"].is_unique


def test_status_elsewhere_names_workers_and_failures(folder):
    faults = ["raise"] + ["none"] * 399
    rates = [round(0.001 * (1 + place), 3) for place in range(400)]
    folder.write(f'kind = "zip"\nrate = {rates}\nfault = {faults}\nnap = {[0.02] * 400}', "")
    process = started("--workers", "2")
    wait_for(lambda: len(folder.witnessed()) > 40)
    told, known = studies.status("out"), set(workers_of(process.pid))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not of_group(process.pid), 10)
    assert told["at_work"]
    assert {one["pid"] for one in told["workers"]} <= known
    assert told["workers"]
    assert [one["status"] for one in told["failures"]] == ["failed"]
    assert studies.status("out")["workers"] == []


REFINED = (
    'kind = "refine"\noutcome = "final"\nthreshold = 0.3\ngenerations = 5\npoints = 6\n'
    "rate = { from = 0.01, to = 1.0, levels = 6 }\nperiod = { from = 5.0, to = 50.0, levels = 4 }"
)


def test_a_refined_design_that_was_killed_goes_on_to_the_same_cells(folder, monkeypatch):
    folder.write(REFINED, "", name="whole")
    whole = studies.run_study(studies.load("whole.toml"), "whole")
    before, naps = len(folder.witnessed()), "nap = 0.0"
    slow = (folder.path / "whole.toml").read_text().replace(naps, "nap = 0.05")
    (folder.path / "s.toml").write_text(slow)
    process = started("--set", "study.name=s")
    wait_for(lambda: len(folder.witnessed()) - before > 24 + 6 + 2)  # in the second generation
    process.kill()
    process.wait()
    kept = len(studies.table("out"))
    assert 24 + 6 <= kept < whole.runs
    assert process.returncode == -signal.SIGKILL
    found = studies.run_study(studies.load("s.toml", {"study.name": "s"}), "out")
    assert (found.runs, found.computed) == (whole.runs, whole.runs - kept)
    same = ["p_rate", "p_period", "m_final"]
    both = [studies.table(place)[same].sort_values(same) for place in ("whole", "out")]
    assert both[0].to_numpy().tolist() == both[1].to_numpy().tolist()


@pytest.mark.slow
def test_ctrl_c_stops_within_two_seconds_and_leaves_no_orphan(folder):
    slow_study(folder, runs=2000)
    process = started("--workers", "2")
    wait_for(lambda: len(folder.witnessed()) > 20)
    before = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) == 130
    assert time.monotonic() - before < 2
    assert not of_group(process.pid)
    assert "Traceback" not in Path("said").read_text()
    told = studies.status("out")
    assert told["missing"] == 2000 - len(pd.read_parquet("out/runs"))
    assert not list((folder.path / "out/journal").iterdir())


@pytest.mark.slow
def test_killed_twenty_times_nothing_is_lost_or_computed_again(folder):
    slow_study(folder, runs=8000)
    kills = 0
    while kills < 20:
        process = started("--workers", "2")
        signed = len(folder.witnessed())
        wait_for(lambda: process.poll() is not None or len(folder.witnessed()) > signed + 20)  # noqa: B023
        time.sleep(0.1 * (kills % 7))
        if process.poll() is not None:
            break
        (os.killpg if kills % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
        for part in (folder.path / "out/runs").glob("*"):
            pd.read_parquet(part)
    process = started("--workers", "2")
    assert process.wait(300) == 0
    found = pd.read_parquet("out/runs")
    assert len(found) == 8000
    assert found["run_id"].is_unique
    assert kills == 20
    assert len(folder.witnessed()) - 8000 <= kills * 2
    studies.run_study(studies.load("s.toml"), "whole")
    assert studies.digest("whole") == studies.digest("out")


SLOW_SEAL = """
import os, time
from adaptsim import studies
from adaptsim.studies import store
whole = store._flush
def slowly(path):
    time.sleep(0.15)
    whole(path)
store._flush = slowly
from adaptsim.studies import conductor
conductor.SEAL_ROWS, conductor.SEAL_SECONDS = 20, 0.0
studies.run_study(studies.load("s.toml"), "out", chunk=20)
"""


@pytest.mark.slow
def test_killed_while_sealing_nothing_is_lost_or_stored_twice(folder):
    """Sealing is made slow, so that kills meet half-written parts and journals of whole ones."""
    slow_study(folder, runs=800)
    met = {"draft": 0, "journal of a part": 0}
    for turn in range(8):
        process = subprocess.Popen([sys.executable, "-c", SLOW_SEAL], stderr=subprocess.DEVNULL)
        parts = len(list(folder.path.glob("out/runs/*")))

        def draft():
            return list(folder.path.glob("out/tmp/part-*"))

        def sealed():
            return len(list(folder.path.glob("out/runs/*"))) > parts  # noqa: B023

        wait_for(lambda: process.poll() is not None or (draft if turn % 2 else sealed)())  # noqa: B023
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        met["draft" if turn % 2 else "journal of a part"] += 1
        for part in folder.path.glob("out/runs/*"):
            pd.read_parquet(part)
    assert min(met.values()) >= 3
    assert studies.run_study(studies.load("s.toml"), "out").failed == 0
    found = pd.read_parquet("out/runs")
    assert len(found) == 800
    assert found["run_id"].is_unique
    assert len(folder.witnessed()) - 800 <= sum(met.values())


@pytest.mark.slow
def test_killed_workers_are_replaced(folder):
    slow_study(folder, runs=1000)
    process = started("--workers", "2")
    for kills in range(3):
        wait_for(lambda: len(folder.witnessed()) > 100 * (kills + 1))  # noqa: B023
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    assert process.wait(120) == 0
    found = pd.read_parquet("out/runs")
    assert len(found) == 1000
    assert set(found["attempt"]) <= {1, 2}
    assert (found["attempt"] == 2).sum() <= 3
