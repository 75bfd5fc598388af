"""`adaptsim report`: what it writes and prints, and its one clear error for a wrong request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adaptsim.cli import main
from adaptsim.documents import Table, Words, of_directory
from documents.conftest import MEASURES, write_run


def called(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["report", *map(str, arguments)])
    out, err = capsys.readouterr()
    return end.value.code, out, err


def test_writes_a_page_and_prints_the_report(a_run, capsys):
    code, out, err = called(capsys, a_run)
    assert code == 0
    assert "How far behind & why?" in out
    assert "10.0±0.1" in out
    assert err == f"wrote {a_run}/report.html\n"
    assert (a_run / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in a_run.iterdir()) == [
        "figure.png", "measures.csv", "report.html", "run.json",
    ]  # fmt: skip


def test_quiet_prints_where_it_is(a_run, capsys):
    assert called(capsys, a_run, "--quiet") == (0, f"{a_run}/report.html\n", "")


def test_json_prints_records_of_all_tables_and_nothing_else(a_run, capsys):
    code, out, err = called(capsys, a_run, "--json")
    assert (code, err) == (0, "")
    records = json.loads(out)
    whole = [one for one in records if one["table"].startswith("all measures")]
    assert len(whole) == 4
    assert whole[0]["measure"] == "mean_lag"
    assert whole[0]["value"] == 10.02
    assert whole[2]["theory"] is None


@pytest.mark.parametrize("out", ["told", "told.html", "deep/er"])
def test_out_is_a_directory_or_a_page(a_run, tmp_path, capsys, out):
    place = tmp_path / out
    page = place if out.endswith(".html") else place / "report.html"
    assert called(capsys, a_run, "--out", place, "-q")[:2] == (0, f"{page}\n")
    assert page.is_file()
    assert not (a_run / "report.html").exists()


def test_tables_of_a_study_lie_beside_its_page(studied, tmp_path, capsys):
    code, _, err = called(capsys, studied("line"), "--out", tmp_path / "told")
    assert code == 0
    files = sorted(path.name for path in (tmp_path / "told" / "analysis").iterdir())
    assert files == ["means.csv", "response_height.csv", "response_twice.csv"]
    assert "3 tables in analysis/" in err


def test_a_refused_analysis_ends_with_3(studied, tmp_path, capsys):
    code, out, _ = called(capsys, studied("saltelli", poison=0.5), "--out", tmp_path / "told")
    assert code == 3
    assert "Not analysed" in out
    assert (tmp_path / "told" / "report.html").is_file()


@pytest.mark.parametrize(
    ("asked", "kind", "name"),
    [
        ({"optimize": {"steps": 10, "seeds": 1}}, "optimize", "<tone>"),
        ({"stability": {"landscape": {"kind": "DoubleWell"}}}, "stability", "<tone>"),
        ({"fit": {"name": "choices"}}, "fit", "choices"),
        ({}, "run", "<tone>"),
    ],
)
def test_other_commands_directories_are_reported(tmp_path, asked, kind, name):
    place = write_run(tmp_path / "it", asked, verdict="minimum: speed limit 1")
    (place / "ranking.csv").write_text("rule,rank\nAdam,1\n")
    document = of_directory(place)
    assert (document.kind, document.name) == (kind, name)
    assert [section.title for section in document.sections] == ["Results", "Ranking", "Provenance"]


def test_what_a_fit_says_is_told_and_its_hypotheses_stand_apart(tmp_path):
    rows = "measure,model,variable,value,unit,ci_low,ci_high,theory,flag\n"
    rows += "learning_rate,fixed,,0.2,1,0.1,0.3,,\nstart,none,trait,0.5,1,,,,\n"
    told = {"words": {"": ["rate 0.2", "AIC prefers fixed"], "Ann": "cannot tell"}}
    (results, _) = of_directory(write_run(tmp_path / "it", {"fit": {}}, rows, **told)).sections
    words = [item.text for item in results.items if isinstance(item, Words)]
    assert words == ["rate 0.2", "AIC prefers fixed", "Ann: cannot tell"]
    titles = [item.title for item in results.items if isinstance(item, Table)]
    assert titles[:2] == ["fixed: estimates", "none: estimates"]


def test_measures_without_interval_columns_are_reported(tmp_path):
    table = "measure,value\nrate,0.2\n"
    document = of_directory(write_run(tmp_path / "it", {"fit": {}}, table))
    assert next(document.tables()).frame["value"].tolist() == [0.2]


def wrong(tmp_path, case):
    if case == "missing":
        (tmp_path / "resultS").mkdir()
        return tmp_path / "results", "no such directory; did you mean 'resultS'?"
    if case == "file":
        (tmp_path / "a.csv").write_text("x")
        return tmp_path / "a.csv", "is a file; name a study's folder"
    if case == "empty":
        (tmp_path / "empty").mkdir()
        return tmp_path / "empty", "it holds neither"
    if case == "above":
        write_run(tmp_path / "runs" / "newest", {})
        return tmp_path / "runs", f"it holds neither, but {tmp_path}/runs/newest does"
    if case == "broken":
        place = write_run(tmp_path / "it", {})
        (place / "run.json").write_text("{")
        return place, f"{place}/run.json: cannot be read"
    if case == "no table":
        place = write_run(tmp_path / "it", {})
        (place / "measures.csv").write_text("")
        return place, f"{place}/measures.csv: cannot be read"
    place = write_run(tmp_path / "it", {})
    (place / "run.json").write_text("[1]")
    return place, "must be a table of names; got list"


@pytest.mark.parametrize(
    "case", ["missing", "file", "empty", "above", "broken", "no table", "a list"]
)
def test_wrong_directories_get_one_clear_error(tmp_path, capsys, case):
    place, message = wrong(tmp_path, case)
    before = sorted(tmp_path.rglob("*"))
    code, out, err = called(capsys, place)
    assert code == 2
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_out_that_cannot_be_written_is_told_first(a_run, tmp_path, capsys):
    (tmp_path / "taken").write_text("x")
    code, _, err = called(capsys, a_run, "--out", tmp_path / "taken" / "deep")
    assert code == 2
    assert "is a file" in err


def test_no_draft_is_left_and_a_second_report_replaces_the_first(a_run, capsys):
    for _ in range(2):
        assert called(capsys, a_run, "-q")[0] == 0
    assert not [path for path in Path(a_run).iterdir() if path.name.startswith(".")]
    assert MEASURES == (a_run / "measures.csv").read_text()
