"""The page Studies without its browser: stores by name, tables against pandas, tampered values."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import threading
import time

import ipyvuetify
import numpy as np
import pytest
from scipy import stats

from adaptsim import studies
from adaptsim.dashboard import limits
from adaptsim.dashboard.studies import chart as study_chart
from adaptsim.dashboard.studies import own_study
from adaptsim.dashboard.studies import start as study_start
from adaptsim.dashboard.studies import stored as stored_studies
from adaptsim.dashboard.studies.command_process import CommandProcess
from adaptsim.dashboard.studies.live_study import LiveStudy, laid_over
from adaptsim.dashboard.studies.own_study import OwnStudy
from adaptsim.dashboard.studies.view import (
    best_table,
    cell_table,
    curves,
    field_table,
    from_query,
    query,
    resolved,
)
from adaptsim.schema import WrongRequest
from adaptsim.studies import analysis
from adaptsim.studies.lock import locked

from .studied import GRID, SAMPLE, WORDS, run, write
from .test_pages import named, opened


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with some studies, whole, broken, and some that are none."""
    folder = tmp_path_factory.mktemp("place")
    run(folder, "whole", GRID)
    run(folder, "failing", GRID, bad=0.3)
    run(folder, "words", WORDS)
    run(folder, "sample", SAMPLE)
    return folder


@pytest.fixture(autouse=True)
def here(place, monkeypatch):
    monkeypatch.chdir(place)


def read(name):
    return stored_studies.read(name)[0]


def test_list_tells_how_far_studies_are(place):
    found = {one.name: one for one in stored_studies.listed()}
    assert set(found) == {"whole", "failing", "words", "sample"}
    whole, failing = found["whole"], found["failing"]
    assert (whole.cells, whole.runs, whole.done, whole.state) == (12, 36, 36, "finished")
    assert (failing.done, failing.failed, failing.state) == (27, 9, "finished")
    assert found["sample"].design == "random"


@pytest.mark.parametrize(
    "name",
    ["", "..", ".", "../outputs/whole", "/etc", "whole/", "whole/runs", "whole\0", "nothing"],
)
def test_only_names_of_the_list_are_opened(name):
    with pytest.raises(WrongRequest, match="does not exist"):
        stored_studies.place_of(name)


def test_links_that_leave_the_root_are_not_there(place, tmp_path):
    run(tmp_path, "secret")
    outside, link = tmp_path / "outputs" / "secret", place / "outputs" / "linked"
    link.symlink_to(outside, target_is_directory=True)
    half = place / "outputs" / "half"
    half.mkdir()
    (half / "study.json").symlink_to(outside / "study.json")
    try:
        assert not {"linked", "half"} & set(stored_studies.places())
    finally:
        link.unlink()
        (half / "study.json").unlink()
        half.rmdir()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("study.json", b"{"),
        ("study.json", b"[]"),
        ("study.json", b'{"name": 3}'),
        ("study.json", b"\xff\xfe"),
        ("design.parquet", b"PAR1"),
        ("runs/part-0.parquet", b"PAR1 no rows here PAR1"),
        ("provenance/s.json", b"not json"),
    ],
)
def test_damaged_stores_are_told_of(tmp_path, monkeypatch, file, content):
    monkeypatch.chdir(tmp_path)
    run(tmp_path, "hurt", "rate = [0.1, 0.2]")
    (tmp_path / "outputs" / "hurt" / file).write_bytes(content)
    (found,) = stored_studies.listed()
    assert found.state == "damaged"
    assert str(tmp_path) not in found.problem
    with pytest.raises(WrongRequest, match="damaged"):
        stored_studies.read("hurt")


def test_a_store_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(stored_studies, "MOST_ROWS", 35)
    with pytest.raises(WrongRequest, match="36 runs are more than the 35"):
        stored_studies.read("whole")
    monkeypatch.setattr(stored_studies, "LARGEST_DESCRIPTION", 10)
    with pytest.raises(WrongRequest, match=r"study\.json is larger"):
        stored_studies.read("whole")


def test_curves_are_the_means_and_intervals_that_pandas_has():
    stored = read("whole")
    view = resolved({"measure": "error"}, stored)
    assert (view.x, view.by, view.across) == ("rate", "period", "period")
    found = curves(stored, view, cell_table(stored, view))
    assert [one.group for one in found] == ["5", "10", "20"]
    grouped = stored.runs.groupby(["p_period", "p_rate"])["m_error"]
    mean, sd = grouped.mean(), grouped.std()
    half = stats.t.ppf(0.975, 2) * sd / np.sqrt(3)
    for one, period in zip(found, (5.0, 10.0, 20.0), strict=True):
        np.testing.assert_allclose(one.table["value"], mean[period], rtol=1e-12)
        np.testing.assert_allclose(one.table["ci_high"], (mean + half)[period], rtol=1e-12)
        np.testing.assert_allclose(one.table["x"], [0.1, 0.2, 0.3, 0.4])
    plane = field_table(stored, view, cell_table(stored, view)).set_index(["y", "x"])["value"]
    np.testing.assert_allclose(plane.sort_index(), mean.sort_index(), rtol=1e-12)


def test_filters_keep_cells_within_and_the_address_brings_them_back():
    stored = read("whole")
    asked = from_query("?study=whole&from.rate=0.2&to.rate=0.3&from.period=9.7&measure=twice&zz=1")
    assert from_query("?" + query(asked)) == asked
    view = resolved(asked, stored)
    assert view.ranges == {"rate": (0.2, 0.3), "period": (10.0, 20.0)}
    cells = cell_table(stored, view)
    runs = stored.runs[stored.runs["p_rate"].between(0.2, 0.3) & (stored.runs["p_period"] > 9)]
    means = runs.groupby(["p_rate", "p_period"])["m_twice"].mean()
    np.testing.assert_allclose(cells["value"], means, rtol=1e-12)
    assert cells["done"].tolist() == [3] * 4


def test_cells_are_told_apart_by_what_became_of_their_runs():
    stored = read("failing")
    counts = {
        state: len(cell_table(stored, resolved({"cells": state}, stored)))
        for state in ("all", "finished", "unfinished", "failed")
    }
    assert counts == {"all": 12, "finished": 12, "unfinished": 0, "failed": 3}
    cells = cell_table(stored, resolved({"cells": "failed"}, stored))
    assert cells["failed"].tolist() == [3] * 3
    assert cells["value"].isna().all()


def test_words_make_an_axis_and_a_filter():
    stored = read("words")
    view = resolved({"x": "rule", "by": "none"}, stored)
    (curve,) = curves(stored, view, cell_table(stored, view))
    assert curve.table["x"].tolist() == ["plain", "quick"]
    only = resolved({"is.rule": "quick"}, stored)
    assert set(cell_table(stored, only)["p_rule"]) == {"quick"}


def test_a_sample_is_drawn_in_bins_and_has_no_map():
    stored = read("sample")
    view = resolved({"shape": "map", "x": "rate"}, stored)
    assert (view.shape, view.across, view.by) == ("curves", "", "")
    (curve,) = curves(stored, view, cell_table(stored, view))
    assert 5 < len(curve.table) <= 12
    assert curve.table["n"].sum() == 90


@pytest.mark.parametrize(
    "tampered",
    [
        {"x": "__class__", "by": "rate", "measure": "os:system", "shape": "<script>"},
        {"from.rate": "nan", "to.rate": "1e999", "from.period": "import os", "is.rate": "x"},
        {
            "from.rate": "1e300",
            "to.rate": "-5",
            "cells": "none",
            "scale": "../..",
            "across": "rate",
        },
    ],
)
def test_what_is_no_name_or_number_is_not_taken(tampered):
    stored = read("whole")
    view = resolved(tampered, stored)
    plain = resolved({}, stored)
    assert dataclasses.replace(view, ranges={}) == plain
    assert set(view.ranges) <= {"rate", "period"}
    cell_table(stored, view)


def test_address_is_short_and_of_known_names():
    assert from_query("?" + "&".join(f"x={n}" for n in range(1000))) == {}
    assert from_query(f"?study={'a' * 500}&x=rate&path=/etc") == {"x": "rate"}


def test_best_rate_is_the_vertex():
    design = {
        "rule": {"learning_rate": [0.05, 0.1, 0.2, 0.4]},
        "environment": {"period": [20.0, 80.0]},
    }
    table = {
        "scenario": "tracker_tone",
        "changes": {"steps": 300, "population.size": 1},
        "study": {"name": "tone", "replicates": 2, "design": design},
    }
    studies.run_study(studies.from_table(table), "outputs/tone")
    stored = read("tone")
    view = resolved({"measure": "tracking_mse"}, stored)
    found = best_table(stored, view, cell_table(stored, view))
    assert found["p_environment.period"].tolist() == [20.0, 80.0]
    np.testing.assert_array_equal(found["best"], analysis.best_rates(stored.runs)["best"])
    assert best_table(stored, resolved({"measure": "gain"}, stored), None) is None


def test_laying_over_needs_the_same_measure_and_parameter():
    stored, words = read("whole"), read("words")
    over = laid_over(words, resolved({"measure": "error", "by": "none"}, stored))
    assert len(over) == 1
    with pytest.raises(WrongRequest, match="has no error along period"):
        laid_over(words, resolved({"x": "period", "measure": "error"}, stored))


def test_live_study_tells_of_rows_that_arrive(place, monkeypatch):
    heard = []
    file = write(place, "growing", "rate = [0.1, 0.2]")
    study = studies.load(file, {"study.replicates": 1})
    studies.run_study(study, "outputs/growing")
    live = LiveStudy({"study": "growing"}, heard.append)
    live.look()
    live.look()
    assert [one.state for one in heard] == ["shown"]
    assert heard[-1].status["done"] == 2
    studies.run_study(studies.load(file), "outputs/growing")
    live.look()
    assert heard[-1].status["done"] == 6
    live.show({"study": "growing", "over": "whole", "shape": "curves"})
    live.look()
    assert heard[-1].over_name == "whole"
    assert study_chart.told_of(heard[-1]).endswith("; B: whole")
    live.show({})
    live.look()
    assert heard[-1].state == "list"
    live.show({"study": "../secret"})
    with pytest.raises(WrongRequest, match="does not exist"):
        live.look()


def test_looking_holds_nobody_up(place):
    store = place / "outputs" / "whole"
    with locked(store / ".lock"):
        assert stored_studies.read("whole")[1]["at_work"]
    assert not stored_studies.read("whole")[1]["at_work"]


def test_a_start_is_small_whatever_is_asked(place):
    write(place, "large", "rate = { from = 0.1, to = 0.9, levels = 900 }\nperiod = [1.0, 2.0]")
    start = study_start.start_of("large")
    assert start.counts == {"rate": 7, "period": 2}
    for name, value in (("rate", 1e9), ("replicates", 1e300), ("period", -4), ("rate", "900")):
        start = start.changed(name, value)
        assert start.runs <= limits.MOST_STUDY_RUNS
        assert min([*start.counts.values(), start.replicates]) >= 1
    for name, value in (("rate", "nan"), ("rate", None), ("seed", 1), ("__class__", 2)):
        with pytest.raises(WrongRequest, match="cannot be set"):
            start.changed(name, value)
    for name in ("../large", "/etc/passwd", "nothing"):
        with pytest.raises(WrongRequest, match="does not exist"):
            study_start.start_of(name)


def test_a_start_is_the_study_that_its_command_makes(place):
    write(place, "whole", GRID)
    start = study_start.start_of("whole").changed("rate", 2).changed("replicates", 2)
    assert start.name == "whole_2x3x2"
    study = studies.load(study_start.startable()["whole"], start.changes())
    assert len(study.design) * study.replicates == start.runs == 12
    assert study.design.cells["rate"] == [0.1] * 3 + [0.4] * 3
    full = start.changed("rate", 4).changed("replicates", 3)
    assert (full.name, full.changes()) == ("whole", {})
    assert full.command().endswith("whole --out outputs/whole")


def test_own_study_runs_in_a_process_and_keeps_what_it_finished(place):
    write(place, "slow", GRID, nap=0.2)
    heard = []
    own = OwnStudy(heard.append)
    start = study_start.start_of("slow").changed("replicates", 20)
    own.start(start)
    with pytest.raises(WrongRequest, match="still at work"):
        own.start(start)
    done = wait_for(lambda: done_of(start.name) > 1 and done_of(start.name))
    assert stored_studies.read(start.name)[1]["at_work"]
    own.cancel()
    own.wait()
    assert [one.state for one in heard] == ["running", "ending", "stopped"]
    status = stored_studies.read(start.name)[1]
    assert done <= status["done"] < start.runs
    assert not status["at_work"]


def test_no_more_studies_than_the_limit_and_errors_are_told(place, monkeypatch):
    monkeypatch.setattr(own_study, "_at_work", threading.Semaphore(0))
    start = study_start.start_of("whole")
    with pytest.raises(WrongRequest, match="as many as may be"):
        OwnStudy(print).start(start)
    monkeypatch.setattr(own_study, "_at_work", threading.Semaphore(1))
    own = OwnStudy(lambda state: None)
    file = place / "scenarios" / "studies" / "whole.toml"
    told = file.read_text()
    file.write_text(told.replace("replicates = 3", "replicates = -3"))
    try:
        own.start(start.changed("replicates", 3))
        own.wait()
    finally:
        file.write_text(told)
    assert own.now.state == "failed"
    assert "must be a whole number of at least 1" in own.now.problem


def test_a_command_ends_when_its_owner_is_gone(place):
    write(place, "slow", GRID, nap=0.2)
    process = CommandProcess(["study", "slow", "--out", "outputs/orphan", "--quiet"])
    wait_for(lambda: done_of("orphan"))
    process._process.stdin.close()  # as the system does when the dashboard is killed
    process._process.wait(30)
    assert process.code() == 130
    process.end()
    assert stored_studies.read("orphan")[1]["missing"]


def wait_for(ready, seconds=60.0):
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def done_of(name):
    try:
        return stored_studies.read(name)[1]["done"]
    except WrongRequest:
        return 0


def texts(context):
    return " ".join(
        str(child) for one in context.find(ipyvuetify.Html).widgets for child in one.children
    )


def chosen(context, name):
    """Return a list to choose from, by name."""
    widgets = context.find(ipyvuetify.VuetifyTemplate).widgets
    lists = [one for one in widgets if hasattr(one, "vue_chosen")]
    return next((one for one in lists if one.name == name), None)


def test_page_lists_opens_filters_and_ignores_what_is_tampered(place):
    context = opened("/studies")
    wait_for(lambda: "Which <rate> is best?" in texts(context))
    named(context, ipyvuetify.Btn, "button-open-whole").click()
    wait_for(lambda: chosen(context, "measure"))
    wait_for(lambda: "36 of 36 runs done" in texts(context))
    assert "12 cells" in texts(context)
    chosen(context, "from.rate").vue_chosen("0.3")
    wait_for(lambda: "6 cells" in texts(context))
    for name in ("from.rate", "x", "study", "shape", "over"):
        for tampered in ("os:system", "../..", None, 3, {"a": 1}, "nan"):
            chosen(context, name).vue_chosen(tampered)
    assert "6 cells" in texts(context)
    context.close()


@pytest.mark.parametrize("name", ["../../etc", "nothing", "%2e%2e%2f"])
def test_page_says_so_where_there_is_no_such_study(name):
    context = opened(f"/studies?study={name}")
    wait_for(lambda: "cannot be shown" in texts(context))
    assert not re.search("Traceback|/etc/", texts(context).replace(name, ""))
    context.close()


def test_page_is_never_empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    context = opened("/studies")
    wait_for(lambda: "No study here yet" in texts(context))
    wait_for(lambda: "= 98 runs" in texts(context))
    context.close()
    os.makedirs("outputs/begun")
    (tmp_path / "outputs" / "begun" / "study.json").write_text(json.dumps({"name": "begun"}))
    context = opened("/studies")
    wait_for(lambda: "damaged" in texts(context))
    context.close()
