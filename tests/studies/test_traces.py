"""Traces: the courses of the runs that are asked for, as a run by itself leaves them."""

import numpy as np
import pandas as pd
import pytest

from adaptsim import studies
from adaptsim.runs import run
from adaptsim.schema import WrongRequest
from adaptsim.studies.one_run import find_run

STUDY = """
scenario = "tracker_tone"
[changes]
steps = 40
agent.observation_noise = 0.3
population.size = {size}
record = "{record}"
[study]
replicates = 2
{study}
[study.design]
rule.learning_rate = [0.1, 0.3, 0.5]
"""


@pytest.fixture
def traced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def go(study, size=1, record="auto", **how):
        (tmp_path / "t.toml").write_text(STUDY.format(study=study, size=size, record=record))
        found = studies.run_study(studies.load("t.toml"), "out", **how)
        kept = sorted(path.stem for path in tmp_path.glob("out/traces/*/*.parquet"))
        return found, kept

    return go


@pytest.mark.parametrize(("size", "record"), [(1, "auto"), (3, "statistics"), (3, "individuals")])
def test_a_trace_is_the_trajectory_of_a_run_by_itself(traced, size, record):
    _, kept = traced('trace = "all"', size, record)
    assert len(kept) == 6
    whole = run(find_run("t.toml", kept[2]).scenario()).trajectory.table().to_pandas()
    found = studies.trace("out", kept[2])
    assert list(found) == list(whole)
    for name in whole:
        if whole[name].dtype == float:
            assert found[name].dtype == np.float32
            np.testing.assert_allclose(found[name], whole[name], rtol=1e-6, atol=1e-7)
        else:
            assert (found[name] == whole[name]).all()


def test_only_those_asked_for_and_every_so_many_steps(traced):
    _, kept = traced('trace = "first-replicate"\nevery = 10')
    rows = studies.table("out")
    assert kept == sorted(rows[rows["replicate"] == 0]["run_id"])
    assert studies.trace("out", kept[0])["step"].tolist() == [0, 10, 20, 30]
    other = rows[rows["replicate"] == 1]["run_id"].iloc[0]
    with pytest.raises(WrongRequest, match="no course of it was kept"):
        studies.trace("out", other)


def test_a_sample_is_the_same_in_any_batch_and_traces_change_no_result(traced):
    _, kept = traced('trace = "sample:4"', chunk=1)
    assert kept == sorted(studies.table("out")["run_id"])[:4]
    before = studies.digest("out")
    for path in pd.Series(kept):
        assert len(studies.trace("out", path)) == 40
    found, still = traced('trace = "none"')  # asked for or not, it is the same study
    assert (found.computed, still) == (0, kept)
    assert studies.digest("out") == before


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ('trace = "al"', ["study.trace = 'al'", "did you mean 'all'"]),
        ('trace = "sample:0"', ["study.trace"]),
        ("every = 0", ["study.every", "at least 1"]),
    ],
)
def test_what_cannot_be_traced_is_one_message(traced, told, words):
    with pytest.raises(WrongRequest) as error:
        traced(told)
    for word in words:
        assert word in str(error.value)


def test_a_function_has_no_course(folder):
    with pytest.raises(WrongRequest, match=r"study\.trace needs a scenario"):
        folder.load("rate = [0.1]", 'trace = "all"')
