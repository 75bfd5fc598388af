"""Evolution as a scenario: files, repeatability, and wrong requests in one line."""

import json

import numpy as np
import pandas as pd
import pytest

from adaptsim import from_table, load, run
from adaptsim.schema import WrongRequest

QUICK = {
    "evolution.generations": 30, "evolution.life": 20, "population.size": 40, "replicates": 3,
}  # fmt: skip
STORY = {
    "environment": {"kind": "Ramp", "slope": 0.3},
    "agent": {"kind": "Tracker"},
    "rule": {"kind": "GradientDescent", "learning_rate": 0.0},
    "population": {"size": 60},
    "replicates": 2,
    "name": "ramp",
    "evolution": {
        "heritable": "agent.start_at", "generations": 60, "life": 1, "selection": 0.25,
        "mutation": 0.2, "mutates": "absolute", "inherits": "nothing",
        "scheme": {"kind": "Ceiling", "growth": 1.5},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    result = run("evolving_rate", QUICK)
    return result, result.write(tmp_path_factory.mktemp("out") / "evolving")


def test_writes_what_a_run_writes(written):
    result, place = written
    names = ("measures.csv", "trajectory.parquet", "figure.png", "run.json")
    assert all((place / name).stat().st_size for name in names)
    table = pd.read_csv(place / "measures.csv").set_index("measure")
    row = table.loc["evolved_learning_rate"]
    assert row["theory"] == pytest.approx(0.318704, abs=1e-6)
    assert row["ci_low"] < row["value"] < row["ci_high"]
    assert table.loc["evolved_learning_rate_loaded", "theory"] < row["theory"]
    course = pd.read_parquet(place / "trajectory.parquet")
    assert len(course) == 3 * 30
    assert course["step"].max() == 29 * 20
    assert result.scenario.steps == 600


def test_repeats_to_the_same_bits_from_its_json(written):
    result, place = written
    told = []
    again = run(load(place / "run.json"), progress=told.append)
    assert told == [20] * 30  # lives of 20 steps, in calls of one generation each
    assert (again.trajectory.genotypes == result.trajectory.genotypes).all()
    assert (again.trajectory.genotype == result.trajectory.genotype).all()
    kept = json.loads((place / "run.json").read_text())["scenario"]["evolution"]
    assert kept["scheme"]["kind"] == "WrightFisher"
    assert kept["mutation"] == 0.05


def test_extinction_is_a_result_and_flagged():
    result = run(from_table(STORY))
    table = result.table.set_index("measure")
    assert table.loc["extinct_share", "value"] == 1.0
    assert 5 < table.loc["extinct_at", "value"] < 60
    assert np.isnan(table.loc["evolutionary_lag", "value"])
    assert (table["flag"] == "extinct in 2 of 2 replicates").all()


@pytest.mark.slow
def test_a_slow_ramp_is_followed_with_the_lag_of_theory():
    told = STORY | {"environment": {"kind": "Ramp", "slope": 0.02}, "replicates": 8}
    told["population"] = {"size": 300}
    table = run(from_table(told)).table.set_index("measure")
    for name in ("evolutionary_lag", "evolved_variance"):
        row = table.loc[name]
        half = (row["ci_high"] - row["value"]) / 2.365  # Student's quantile at 7 degrees
        assert abs(row["value"] - row["theory"]) <= 4 * half, name
    assert table.loc["extinct_share", "value"] == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"evolution.heritable": "rule.rate"}, r"evolution\.heritable = 'rule.rate' does not"),
        ({"evolution.heritable": "rule.learning_rat"}, "did you mean 'rule.learning_rate'"),
        ({"evolution.life": 0}, r"evolution\.life must be at least 1"),
        ({"evolution.generation": 3}, "did you mean 'generations'"),
        ({"evolution.mutation": -1}, r"evolution\.mutation must be at least 0"),
        ({"evolution.scheme": {"kind": "Moron"}}, "did you mean 'Moran'"),
        ({"evolution.scheme": {"kind": "Moran", "events": 0}}, "events must be at least 1"),
        ({"steps": 17}, "steps must be left out, or 40000"),
        ({"evolution.scheme": "Moran"}, "scheme must be a table with a kind; got 'Moran'"),
        ({"evolution.scheme": {}}, r"scheme\.kind is missing; Allowed: Ceiling, Moran, Wright"),
        ({"evolution.mutation": {"kind": "Cosine"}}, r"evolution\.mutation must be a number"),
        ({"evolution.highest": -1}, r"evolution\.highest must be at least 0 .* got -1"),
        (
            {"evolution.lowest": 0.2},
            r"must be at most where rule\.learning_rate starts, 0.1",
        ),
        ({"rule.learning_rate": -0.1}, r"rule\.learning_rate must be at least 0 .* got -0.1"),
        ({"agent.observation_probability": 1.5}, "observation_probability must be at most 1"),
        ({"stride": 10}, r"stride must be left out with \[evolution\], .* got 10"),
        ({"population.size": 0}, "size must be a whole number of at least 1"),
    ],
)
def test_wrong_requests_are_one_clear_line(change, told):
    with pytest.raises(WrongRequest, match=told):
        load("evolving_rate", change)
