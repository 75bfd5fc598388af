"""The store: nothing finished is lost, computed again or stored twice, whatever happens."""

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adaptsim import studies
from adaptsim.documents import of_directory
from adaptsim.studies import results
from adaptsim.studies.journal import Journal, read_journal
from adaptsim.studies.lock import RefusedStore, is_locked, locked
from adaptsim.studies.store import RUNS, Store, difference

SCHEMA = pa.schema({"run_id": pa.string(), "x": pa.float64()})


def rows(*numbers):
    return pa.RecordBatch.from_pydict(
        {"run_id": [f"{n:020x}" for n in numbers], "x": [n / 7 for n in numbers]}, SCHEMA
    )


def files(place):
    return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in sorted((place / RUNS).iterdir())}


def test_a_finished_study_is_read_by_one_line_of_pandas(folder):
    place = folder.run().store.place
    found = pd.read_parquet(place / "runs")
    assert len(found) == 24
    assert found["run_id"].is_unique
    assert found["cell_id"].nunique() == 12
    assert {"p_rate", "p_period", "m_final", "seed", "secs", "attempt"} <= set(found)
    design = pd.read_parquet(place / "design.parquet")
    assert set(design["run_id"]) == set(found["run_id"])
    assert (design["row"] == list(range(12)) * 2).all()


def test_duckdb_reads_it_too(folder):
    duckdb = pytest.importorskip("duckdb")
    place = folder.run().store.place
    query = f"select count(*), count(distinct run_id) from '{place}/runs/part-*.parquet'"
    assert duckdb.sql(query).fetchall() == [(24, 24)]


def test_again_computes_nothing_and_touches_no_file(folder):
    place = folder.run().store.place
    before, signed = files(place), len(folder.witnessed())
    again = folder.run()
    assert (again.computed, again.done, again.failed) == (0, 24, 0)
    assert files(place) == before
    assert len(folder.witnessed()) == signed


def test_values_and_replicates_are_added_and_the_old_kept(folder):
    folder.run("rate = [0.2, 0.3]", "replicates = 2")
    old = studies.table("out").set_index("run_id")
    found = folder.run("rate = [0.1, 0.2, 0.3]", "replicates = 3")
    assert (found.computed, found.done) == (5, 9)
    new = studies.table("out").set_index("run_id")
    pd.testing.assert_frame_equal(new.loc[old.index], old)
    assert len(folder.witnessed()) == 9


@pytest.mark.parametrize(
    ("design", "study", "words"),
    [
        ("rate = [0.2]", "replicates = 2", ["2 of 4 stored runs", "design.cells"]),
        ("rate = [0.2, 0.3]", "replicates = 1", ["2 of 4 stored runs", "replicates: stored 2"]),
        ("rate = [0.2, 0.3]", "replicates = 2\nseed = 5", ["seed: stored 0, asked 5"]),
        ("rate = [0.2, 0.3]", 'replicates = 2\nseeds = "independent"', ["seeds: stored"]),
        (
            "rate = [0.2, 0.3]\nnap = [0.0]",
            "replicates = 2",
            ["do not have the columns", "p_nap: stored nothing", "both tables together"],
        ),
    ],
)
def test_another_study_is_refused_with_what_differs(folder, design, study, words):
    place = folder.run("rate = [0.2, 0.3]", "replicates = 2").store.place
    before = files(place)
    with pytest.raises(RefusedStore) as told:
        folder.run(design, study)
    for word in (*words, "--out"):
        assert word in str(told.value)
    assert files(place) == before


def test_a_changed_scenario_is_refused(folder):
    file = folder.write("rate = [0.2]")
    studies.run_study(studies.load(file), "out")
    changed = studies.load(file, {"scenario.parameters.period": 8.0})
    with pytest.raises(RefusedStore, match=r"parameters\.period: stored 7\.0, asked 8\.0"):
        studies.run_study(changed, "out")


def test_a_latin_hypercube_cannot_grow_but_a_sobol_sequence_can(folder):
    told = 'kind = "{}"\npoints = {}\nrate = {{ from = 0.1, to = 1.0 }}'
    folder.run(told.format("sobol", 4), "", out="grows")
    assert folder.run(told.format("sobol", 8), "", out="grows").computed == 4
    folder.run(told.format("latin_hypercube", 4), "", out="stays")
    with pytest.raises(RefusedStore, match="4 of 4 stored runs"):
        folder.run(told.format("latin_hypercube", 8), "", out="stays")


REFINED = (
    'kind = "refine"\noutcome = "final"\nthreshold = 0.3\ngenerations = {}\npoints = {}\n'
    "rate = {{ from = 0.01, to = 1.0, levels = 5 }}"
)


def test_a_refined_design_grows_by_generations_alone(folder):
    few = folder.run(REFINED.format(1, 4), "")
    assert (few.runs, few.computed) == (6, 6)
    more = folder.run(REFINED.format(3, 4), "")
    assert (more.runs, more.computed) == (8, 2)
    folder.run(REFINED.format(3, 4), "", out="at once")
    assert studies.digest("out") == studies.digest("at once")
    for told in (REFINED.format(2, 4), REFINED.format(3, 5)):
        with pytest.raises(RefusedStore, match="more generations, and nothing else"):
            folder.run(told, "")
    with pytest.raises(RefusedStore, match="replicates: stored 1, asked 2"):
        folder.run(REFINED.format(4, 4), "replicates = 2")
    assert len(studies.table("out")) == 8


def test_a_cell_that_a_design_repeats_is_computed_once(folder):
    pytest.importorskip("SALib")
    told = 'kind = "morris"\ntrajectories = 8\nlevels = 2\nrate = { from = 0.1, to = 1.0 }'
    found = folder.run(told, "replicates = 2")
    design = pd.read_parquet("out/design.parquet")
    assert len(design) == 2 * 8 * 2
    assert design["cell_id"].nunique() == 2
    assert (found.runs, found.done, found.computed) == (4, 4, 4)
    assert len(folder.witnessed()) == 4
    told = studies.status("out")
    assert (told["runs"], told["missing"]) == (4, 0)
    table = studies.table("out").groupby("cell_id")["m_final"].mean()
    assert design["cell_id"].map(table).notna().all()


def test_a_journal_cut_short_gives_its_whole_frames(tmp_path):
    path, ends = tmp_path / "whole", []
    with Journal(path) as journal:
        for number in range(4):
            journal.write(rows(2 * number, 2 * number + 1))
            ends.append(path.stat().st_size)
    data = path.read_bytes()
    near = {end + off for end in (0, *ends) for off in range(-9, 10)} | set(range(0, len(data), 97))
    for cut in sorted(one for one in near if 0 <= one <= len(data)):
        torn = tmp_path / "torn"
        torn.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends)
        assert read_journal(torn, SCHEMA)["x"].to_pylist() == [n / 7 for n in range(2 * whole)]


def test_a_frame_with_a_wrong_byte_is_not_believed(tmp_path):
    path = tmp_path / "one"
    with Journal(path) as journal:
        journal.write(rows(1, 2))
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))
    assert len(read_journal(path, SCHEMA)) == 0


def unsealed(folder):
    """Return a store whose rows are all still in a journal, and the journal."""
    found = folder.run("rate = [0.1, 0.2]", "replicates = 2").store
    part = found.parts(RUNS)[0]
    table = pq.read_table(part)
    part.unlink()
    path = found.place / "journal" / "dead-000001-abc.runs"
    with Journal(path) as journal:
        journal.write(table.cast(found.schemas[RUNS]).combine_chunks().to_batches()[0])
    return found, path


def test_rows_of_a_killed_session_are_counted_and_then_sealed(folder):
    store, _ = unsealed(folder)
    assert studies.status("out")["done"] == 4
    assert len(studies.table("out")) == 4
    assert folder.run("rate = [0.1, 0.2]", "replicates = 2").computed == 0
    assert len(pd.read_parquet("out/runs")) == 4
    assert not list((store.place / "journal").iterdir())


def test_killed_between_rename_and_unlink_stores_nothing_twice(folder):
    store, path = unsealed(folder)
    copy = folder.path / "copy"
    shutil.copy(path, copy)
    assert store.seal(lambda _: True) == 4
    shutil.copy(copy, path)
    assert len(studies.table("out")) == 4
    assert store.seal(lambda _: True) == 0
    assert not path.exists()
    assert len(pd.read_parquet("out/runs")) == 4


def test_rows_computed_twice_are_stored_once(folder):
    store, path = unsealed(folder)
    shutil.copy(path, path.with_name("orphan-000001-def.runs"))
    assert store.seal(lambda _: True) == 4
    shutil.copy("out/runs/" + os.listdir("out/runs")[0], "kept")
    with Journal(path) as journal:
        journal.write(pq.read_table("kept").cast(store.schemas[RUNS]).to_batches()[0].slice(1, 2))
    path.rename(path.with_name("late-000002-abc.runs"))
    assert store.seal(lambda _: True) == 0
    assert len(pd.read_parquet("out/runs")) == 4


def test_a_journal_that_grows_is_left_alone(folder):
    store, path = unsealed(folder)
    path.unlink()
    with Journal(path) as journal:
        assert store.seal(lambda _: True) == 0
        assert path.exists()
        journal.write(pa.RecordBatch.from_pylist([], store.schemas[RUNS]))


def test_killed_while_a_part_is_written_leaves_no_part(folder):
    store, _ = unsealed(folder)
    (store.place / "tmp" / "part-1.parquet.x.tmp").write_bytes(b"PAR1 half")
    assert folder.run("rate = [0.1, 0.2]", "replicates = 2").computed == 0
    assert not list((store.place / "tmp").iterdir())
    assert len(pd.read_parquet("out/runs")) == 4


@pytest.mark.parametrize("how", ["error", "short"])
def test_a_full_disk_leaves_no_torn_frame(tmp_path, monkeypatch, how):
    path = tmp_path / "one"
    journal = Journal(path)
    journal.write(rows(1))
    write = os.write

    def full(file, data):
        if how == "error":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            journal.write(rows(2))
    journal.write(rows(3))
    journal.close()
    assert read_journal(path, SCHEMA)["x"].to_pylist() == [1 / 7, 3 / 7]


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from adaptsim import studies
study = studies.load("s.toml")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    print(studies.run_study(study, "out", chunk=50).computed)
except OSError as error:
    print("stopped:", error)
"""


def test_a_study_that_may_write_no_more_stops_and_goes_on_later(folder):
    """A limit on the size of files stands for the full disk: writes fail as they do there."""
    folder.write("rate = { from = 0.1, to = 0.9, levels = 100 }\nnap = [0.006]", "")

    done = subprocess.run(
        [sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True
    )
    assert "stopped: " in done.stdout
    kept = len(studies.table("out"))
    assert 0 < kept < 100
    assert studies.run_study(studies.load("s.toml"), "out").computed == 100 - kept
    assert len(pd.read_parquet("out/runs")) == 100


def _only_looking(lock):
    """Return a file that holds the lock, as somebody who looks whether it is held does."""
    file = os.open(lock, os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def test_two_processes_exclude_each_other_and_shards_do_not(tmp_path):
    lock = tmp_path / ".lock"
    with locked(lock):
        with pytest.raises(RefusedStore, match=f"process {os.getpid()}; lock"), locked(lock):
            pass
        with pytest.raises(RefusedStore), locked(lock, shared=True):
            pass
    threading.Timer(0.05, os.close, [_only_looking(lock)]).start()
    with locked(lock):
        assert is_locked(lock)
    assert not is_locked(lock)
    with locked(lock, shared=True), locked(lock, shared=True):
        with pytest.raises(RefusedStore), locked(lock):
            pass
    with locked(lock):
        pass


def test_difference_names_what_is_only_in_one():
    old, new = {"a": 1, "b": {"c": [1]}}, {"b": {"c": [2], "d": "x"}}
    assert difference(old, new) == [
        "a: stored 1, asked nothing",
        "b.c: stored [1], asked [2]",
        'b.d: stored nothing, asked "x"',
    ]


def test_it_can_be_moved_and_names_no_place(folder):
    import socket

    folder.run()
    for path in (folder.path / "out").rglob("*.*"):
        if path.suffix in (".json", ".toml"):
            told = path.read_text()
            assert str(folder.path) not in told
            assert socket.gethostname() not in told
    shutil.move("out", "moved")
    assert folder.run(out="moved").computed == 0


def test_what_is_no_store_is_a_wrong_request(tmp_path):
    from adaptsim.schema import WrongRequest

    with pytest.raises(WrongRequest, match="holds no study"):
        Store.existing(tmp_path)


def test_an_own_model_that_changed_its_version_is_refused(folder):
    file = folder.write("rate = [0.2]")
    studies.run_study(studies.load(file), "out")
    with pytest.raises(RefusedStore, match=r"model\.version: stored 1, asked 2"):
        studies.run_study(studies.load(file, {"scenario.version": 2}), "out")
    assert json.loads((folder.path / "out/study.json").read_text())["model"]["version"] == 1


def test_units_of_an_own_model_are_kept_and_change_no_result(folder):
    from adaptsim.documents.of_study import read_study

    before = folder.run().store
    file = folder.write()
    told = 'units = { rate = "1/step", final = "m" }'
    file.write_text(file.read_text().replace("[study]", f"{told}\n[study]", 1))
    after = studies.run_study(studies.load(file), folder.path / "out")
    assert after.computed == 0
    assert after.store.described["study_id"] == before.described["study_id"]
    units = read_study(folder.path / "out").units
    assert units == {"rate": "1/step", "final": "m"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:300],
        lambda whole: whole[:4] + bytes(len(whole) - 600) + whole[-596:],
    ],
    ids=["empty", "half", "zeros"],
)
def test_a_damaged_part_is_named_and_what_it_held_is_computed_again(folder, damage):
    whole = results.digest(folder.run().store.place)
    (part,) = (folder.path / "out/runs").iterdir()
    part.write_bytes(damage(part.read_bytes()))
    for read in (results.table, results.status, results.digest, of_directory):
        with pytest.raises(RefusedStore, match=rf"{part.name}: is damaged \(.*\); move it away"):
            read(folder.path / "out")
    with pytest.raises(RefusedStore, match="is damaged"):
        folder.run()
    part.rename(folder.path / "aside")
    outcome = folder.run()
    assert outcome.computed == outcome.done == 24
    assert results.digest(folder.path / "out") == whole


def test_a_damaged_or_missing_design_is_written_again(folder):
    folder.run()
    design = folder.path / "out/design.parquet"
    before = pd.read_parquet(design)
    design.write_bytes(b"PAR1")
    with pytest.raises(RefusedStore, match=r"design\.parquet: is damaged \(.*\); move it away"):
        of_directory(folder.path / "out")
    design.unlink()
    for ask in (of_directory, results.status):
        with pytest.raises(RefusedStore, match=r"design\.parquet: is missing"):
            ask(folder.path / "out")
    assert folder.run().computed == 0
    pd.testing.assert_frame_equal(pd.read_parquet(design), before)


def test_a_lost_refined_design_is_found_again(folder):
    design = 'kind = "refine"\noutcome = "final"\nthreshold = 0.3\ngenerations = 2\npoints = 2\n'
    design += "rate = { from = 0.05, to = 0.9, levels = 4 }"
    folder.run(design)
    path = folder.path / "out/design.parquet"
    before = pd.read_parquet(path)
    path.unlink()
    assert folder.run(design).computed == 0
    pd.testing.assert_frame_equal(pd.read_parquet(path), before)


def test_a_part_that_may_not_be_read_is_not_called_damaged(folder, monkeypatch):
    folder.run()

    def forbidden(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(pq, "ParquetFile", forbidden)
    with pytest.raises(PermissionError):
        results.table(folder.path / "out")


@pytest.mark.parametrize("text", ["", '{"name": ', "[]", "{}", '{"columns": 3}'])
def test_a_damaged_description_is_told(folder, text):
    folder.run("rate = [0.2]")
    (folder.path / "out/study.json").write_text(text)
    for ask in (lambda: results.table(folder.path / "out"), lambda: folder.run("rate = [0.2]")):
        with pytest.raises(RefusedStore, match=r"study\.json: is damaged \(.*\); move this folder"):
            ask()
