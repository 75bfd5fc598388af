"""Running: the same results however the work is cut up, and failures that stay where they are."""

import itertools
import json
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptsim import studies
from adaptsim.cli import _guarded as adaptsim
from adaptsim.schema import FailedRun, WrongRequest
from adaptsim.studies.batches import Report, Sizes
from adaptsim.studies.conductor import Conductor, Tally
from adaptsim.studies.engines import WorkerDied
from adaptsim.studies.lock import locked
from adaptsim.studies.marker import Marker
from adaptsim.studies.models import FunctionModel
from adaptsim.studies.plan import Plan
from adaptsim.studies.running import _described
from adaptsim.studies.session import this_machine
from adaptsim.studies.store import Store
from adaptsim.studies.work import work

FAULTY = 'rate = [0.1, 0.2, 0.3]\nfault = ["none", "raise"]'


def test_batches_and_shards_give_the_same_bits(folder):
    folder.run(out="auto")
    for chunk in (1, 7, 500):
        folder.run(out=f"chunk {chunk}", how={"chunk": chunk})
    for shard in (2, 0, 3, 1):
        folder.run(out="shards", how={"shard": f"{shard}/4"})
    places = ["auto", "chunk 1", "chunk 7", "chunk 500", "shards"]
    assert len({studies.digest(place) for place in places}) == 1
    assert len(studies.table("shards")) == 24
    assert len(folder.witnessed()) == 5 * 24


def test_shards_hold_every_run_once(folder):
    found = [folder.run(how={"shard": f"{shard}/3"}) for shard in range(3)]
    assert sum(one.runs for one in found) == 24
    assert all(one.runs == one.done for one in found)
    assert folder.run().computed == 0


def test_a_failing_run_is_recorded_and_the_study_goes_on(folder, monkeypatch):
    found = folder.run(FAULTY, "replicates = 2")
    assert (found.done, found.failed, found.computed) == (6, 6, 12)
    failed = studies.failures("out")
    assert set(failed["status"]) == {"failed"}
    assert set(failed["p_fault"]) == {"raise"}
    assert failed["error"].iloc[0] == "the trait is not a number"
    assert "in simulate" in failed["traceback"].iloc[0]
    assert folder.run(FAULTY, "replicates = 2").computed == 0
    monkeypatch.setenv("FAULTS", "off")
    again = folder.run(FAULTY, "replicates = 2", how={"retry_failed": True})
    assert (again.done, again.failed, again.computed) == (12, 0, 6)
    attempts = studies.table("out").groupby("p_fault")["attempt"].unique()
    assert attempts["none"].tolist() == [1]
    assert attempts["raise"].tolist() == [2]
    assert studies.table("out")["run_id"].is_unique


class Together(FunctionModel):
    """Computes a batch in one call, which one bad cell breaks."""

    alone = False
    calls: list = []  # noqa: RUF012

    def results(self, changes, seeds, traces=None):
        self.calls.append(len(seeds))
        return super().results(changes, seeds, traces)


def together(study):
    model = study.model
    told = (model.function, model.measures, model.parameters, model.version)
    return replace(study, model=Together(*told, model.source, model.folder))


def test_a_batch_that_one_run_breaks_is_halved_until_it_is_alone(folder):
    rates = [round(0.01 * (1 + place), 2) for place in range(16)]
    design = f"rate = {rates}\nbad_rate = [0.06]"
    Together.calls = []
    found = studies.run_study(together(folder.load(design, "")), "out", chunk=16)
    assert (found.done, found.failed) == (15, 1)
    assert Together.calls == [16, 8, 4, 4, 2, 1, 1, 2, 8]
    assert studies.failures("out")["p_rate"].tolist() == [0.06]


class Deadly:
    """An engine whose workers die of some runs, as often as is said."""

    name, slots, ahead, parent = "deadly", 1, 2, 0

    def __init__(self, deaths, write_first=False):
        self.deaths, self.write_first, self.handed = dict(deaths), write_first, []

    def submit(self, batch):
        self.handed.append(batch.changes["rate"])
        return batch

    def wait(self, tokens, timeout):
        return tokens[:1]

    def result(self, batch):
        for place, rate in enumerate(batch.changes["rate"]):
            if self.deaths.get(rate, 0) > 0:
                self.deaths[rate] -= 1
                marker = Marker(Path(batch.place) / "journal" / f"{batch.name}-begun.at")
                marker.at(place)
                if self.write_first and place:
                    changes = {name: values[:place] for name, values in batch.changes.items()}
                    work(replace(batch, runs=batch.runs[:place], changes=changes))
                raise WorkerDied("killed")
        return work(batch)

    def stop(self, *, now):
        pass


def conducted(study, engine, out="out"):
    plan, store = Plan(study), Store(out)
    store.prepare()
    store.open(plan, _described(plan))
    tally = Tally(len(plan))
    Conductor(store, engine, "session", chunk=8).carry_out(plan, np.arange(len(plan)), tally)
    return tally


RATES = "rate = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]"


def test_what_a_dead_worker_had_written_is_kept_and_the_rest_tried_again(folder):
    engine = Deadly({0.4: 1}, write_first=True)
    tally = conducted(folder.load(RATES, ""), engine)
    assert (tally.done, tally.failed) == (8, 0)
    assert engine.handed == [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [0.4], [0.5, 0.6, 0.7, 0.8]]
    attempts = studies.table("out").set_index("p_rate")["attempt"]
    assert attempts[attempts > 1].to_dict() == {0.4: 2}


def test_a_run_that_kills_its_worker_twice_is_given_up(folder):
    tally = conducted(folder.load(RATES, ""), Deadly({0.4: 9}, write_first=True))
    assert (tally.done, tally.failed) == (7, 1)
    failed = studies.failures("out").iloc[0]
    assert (failed["status"], failed["p_rate"], failed["attempt"]) == ("crashed", 0.4, 2)


class Lost(Deadly):
    """An engine that loses its first batches before they are begun."""

    def result(self, batch):
        self.deaths["batches"] -= 1
        if self.deaths["batches"] >= 0:
            raise WorkerDied("killed")
        return work(batch)


def test_a_batch_that_was_never_begun_counts_against_no_run(folder):
    tally = conducted(folder.load(RATES, ""), Lost({"batches": 5}))
    assert (tally.done, tally.failed) == (8, 0)
    assert set(studies.table("out")["attempt"]) == {1}
    with pytest.raises(FailedRun, match="die before they begin"):
        conducted(folder.load("rate = [0.9]", ""), Lost({"batches": 1000}), out="other")


def test_a_deadly_run_among_runs_of_one_call_is_found_by_halving(folder):
    engine = Deadly({0.4: 99})
    tally = conducted(together(folder.load(RATES, "")), engine)
    assert (tally.done, tally.failed) == (7, 1)
    assert studies.failures("out")["p_rate"].tolist() == [0.4]
    assert len(engine.handed) == 1 + 2 * 3 + 1


def test_an_interruption_keeps_what_is_finished(folder, monkeypatch, capsys):
    faults = ["none"] * 5 + ["interrupt"] + ["none"] * 4
    design = f'kind = "zip"\nrate = {[0.01 * (1 + n) for n in range(10)]}\nfault = {faults}'
    folder.write(design, "")
    assert adaptsim(["study", "s.toml", "--out", "out"]) == 130
    assert "goes on" in capsys.readouterr().err
    assert len(studies.table("out")) == 5
    assert not list((folder.path / "out/journal").iterdir())
    told = studies.status("out")
    assert (told["missing"], told["at_work"]) == (5, False)
    assert told["sessions"][0]["state"] == "interrupted"
    monkeypatch.setenv("FAULTS", "off")
    assert adaptsim(["study", "s.toml", "--out", "out", "--quiet"]) == 0
    assert len(folder.witnessed()) == 10


def test_sigterm_ends_a_study_like_ctrl_c(folder):
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM))
    folder.write(f"rate = {[0.001 * n for n in range(1, 400)]}\nnap = [0.02]", "")
    timer.start()
    assert adaptsim(["study", "s.toml", "--out", "out", "--quiet"]) == 130
    assert 0 < len(studies.table("out")) < 399


def test_a_second_process_is_refused(folder, capsys):
    folder.run()
    with locked(folder.path / "out/.lock"):
        assert adaptsim(["study", "s.toml", "--out", "out"]) == 4
    told = capsys.readouterr().err
    assert f"process {os.getpid()}" in told
    assert ".lock" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"shard": "4/4"}, ["--shard 4/4", "i/n"]),
        ({"shard": "one"}, ["--shard one", "i/n"]),
        ({"workers": 2, "scheduler": "tcp://x:1"}, ["--workers", "--scheduler"]),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(folder, how, words):
    with pytest.raises(WrongRequest) as told:
        folder.run(how=how)
    for word in words:
        assert word in str(told.value)
    assert not (folder.path / "out").exists()


def test_batches_grow_with_what_they_cost_and_skip_the_time_of_compiling():
    sizes = Sizes(target=1.0, unit=256)
    sizes.learn(256, Report(256, 0, seconds=9.0, fresh=True))
    assert sizes.next == 256
    sizes.learn(256, Report(256, 0, seconds=0.25, fresh=False))
    assert sizes.next == 4 * 256
    sizes.learn(1024, Report(1024, 0, seconds=1.0, fresh=False))
    assert sizes.next == 4 * 256
    cheap = Sizes(target=1.0)
    grown = []
    for _ in range(5):
        grown.append(cheap.next)
        cheap.learn(cheap.next, Report(cheap.next, 0, seconds=1e-5 * cheap.next, fresh=False))
    assert grown == [1, 8, 64, 512, 4096]


def test_the_tally_is_told_while_it_runs(folder):
    seen = []
    folder.run(how={"chunk": 6, "watch": lambda tally, plan, engine: seen.append(tally.done)})
    assert seen[0] == 0
    assert seen[-1] == 24
    assert all(later >= sooner for sooner, later in itertools.pairwise(seen))


def test_status_of_a_study_at_work_is_read_beside_it(folder):
    seen = []

    def look(tally, plan, engine):
        if tally.done == 12:
            seen.append(studies.status("out"))
            seen.append(len(studies.table("out")))

    folder.run(how={"chunk": 12, "watch": look})
    told, rows = seen[:2]
    assert (told["done"], told["missing"], told["at_work"], rows) == (12, 12, True, 12)


@pytest.mark.parametrize(("machine", "at_work"), [(this_machine(), False), ("elsewhere", True)])
def test_a_session_that_was_killed_here_is_not_taken_for_one_at_work(folder, machine, at_work):
    folder.run()
    (path,) = (folder.path / "out/provenance").iterdir()
    told = json.loads(path.read_text())
    assert told["machine_id"] == this_machine()
    path.write_text(json.dumps(told | {"state": "running", "machine_id": machine}))
    assert studies.status("out")["at_work"] == at_work
