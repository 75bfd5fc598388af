"""Means over replicates, response curves, maps, differences, agreement: against known answers."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from adaptsim.schema import WrongRequest
from adaptsim.studies import analysis
from adaptsim.studies.analysis.frame import every_parameter, measures, parameters


def grid_of(values, replicates=1, **axes):
    """Return a frame of a full grid; ``values`` is a function of a row of parameters."""
    rows = []
    for cell, point in enumerate(itertools.product(*axes.values())):
        told = dict(zip(axes, point, strict=True))
        for replicate in range(replicates):
            rows.append(
                {"run_id": f"{cell}-{replicate}", "cell_id": str(cell), "replicate": replicate}
                | {f"p_{name}": value for name, value in told.items()}
                | values(told, replicate)
            )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(1)
    luck = rng.normal(size=12)
    return grid_of(
        lambda at, r: {
            "m_y": 2 * at["a"] + 3 * at["b"] + luck[r] + 0.1 * rng.normal(),
            "t_y": 2 * at["a"] + 3 * at["b"],
            "f_y": "odd" if at["a"] == 3 else "",
        },
        replicates=12,
        a=[1.0, 2.0, 3.0],
        b=[0.0, 1.0],
    ).assign(p_size=7)


def test_parameters_are_those_that_differ(noisy):
    assert parameters(noisy) == ["a", "b"]
    assert every_parameter(noisy) == ["a", "b", "size"]
    assert measures(noisy) == ["y"]


def test_tidy_has_one_row_per_run_and_measure(noisy):
    frame = noisy.assign(**{"m_lag[0.1]": 1.0, "t_lag[0.1]": 2.0})
    long = analysis.tidy(frame)
    assert len(long) == 2 * len(frame)
    lags = long[long["measure"] == "lag"]
    assert set(lags["group"]) == {"0.1"}
    assert (lags["theory"] == 2.0).all()
    assert (lags["flag"] == "").all()
    assert set(long[long["measure"] == "y"]["flag"]) == {"", "odd"}


def test_groups_become_a_parameter():
    told = {f"{letter}_lag[{label}]": [1.0, 2.0] for letter in "mt" for label in (0.1, 0.5)}
    frame = pd.DataFrame({"run_id": ["a", "b"], "p_period": [10, 20], "m_all": [7.0, 8.0]} | told)
    found = analysis.by_group(frame)
    assert analysis.parameters(found) == ["period", "group"]
    assert analysis.measures(found) == ["all", "lag"]
    assert found["p_group"].tolist() == [0.1, 0.1, 0.5, 0.5]
    assert analysis.by_group(found) is found
    words = frame.rename(columns=lambda name: name.replace("[0.1]", "[0.1, 2]"))
    assert set(analysis.by_group(words)["p_group"]) == {"0.1, 2", "0.5"}


def test_tidy_of_one_measure_and_of_none(noisy):
    assert set(analysis.tidy(noisy, ["y"])["measure"]) == {"y"}
    assert analysis.tidy(noisy, []).empty


def test_averages_are_means_with_students_interval(noisy):
    table = analysis.averages(noisy, "y")
    values = noisy.query("p_a == 2 and p_b == 1")["m_y"]
    low, high = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    row = table.query("p_a == 2 and p_b == 1").iloc[0]
    assert row[["value", "ci_low", "ci_high"]].tolist() == pytest.approx([values.mean(), low, high])
    assert (row["n"], row["failed"], row["theory"]) == (12, 0, 7.0)


def test_averages_count_what_is_not_finite():
    frame = pd.DataFrame({"p_a": [1, 1, 1], "m_y": [1.0, np.inf, np.nan]})
    row = analysis.averages(frame, "y").iloc[0]
    assert (row["value"], row["n"], row["failed"]) == (1.0, 1, 2)
    assert np.isnan(row["ci_low"])


def test_one_replicate_has_no_interval(noisy):
    table = analysis.averages(noisy[noisy["replicate"] == 0], "y")
    assert table[["ci_low", "ci_high", "sd"]].isna().all(axis=None)


def test_replicate_noise_is_the_share_that_is_luck():
    rng = np.random.default_rng(2)
    frame = grid_of(lambda at, r: {"m_y": at["a"] + rng.normal()}, 8, a=range(400))
    within = 1 / 8  # variance of a mean of 8
    between = np.var(np.arange(400), ddof=1) + within
    found = analysis.replicate_noise(analysis.averages(frame, "y"))
    error = within / between * np.sqrt(2 / (400 * 7))  # of a variance with 2800 degrees of freedom
    assert abs(found - within / between) < 4 * error + 4 * within / between * 0.01


def test_response_curves_average_over_what_is_not_named(noisy):
    curve = analysis.response_curves(noisy, "y", "a")
    assert curve["p_a"].tolist() == [1.0, 2.0, 3.0]
    assert curve["n"].tolist() == [24] * 3
    assert np.diff(curve["value"]) == pytest.approx([2.0, 2.0], abs=0.2)
    split = analysis.response_curves(noisy, "y", "a", ["b"])
    assert list(split.columns[:2]) == ["p_b", "p_a"]
    assert len(split) == 6


def test_main_effects_of_an_additive_function():
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 4000))
    frame = pd.DataFrame({"p_a": a, "p_b": b, "m_y": 5 * a + b})
    table = analysis.main_effects(frame, "y", bins=10)
    assert table.groupby("parameter")["n"].sum().tolist() == [4000, 4000]
    rows = table[table["parameter"] == "a"]
    expected = 5 * rows["middle"] + 0.5  # the other's mean
    error = (rows["ci_high"] - rows["ci_low"]) / 2 / 1.96
    assert (abs(rows["value"] - expected) < 4 * error).all()


def test_main_effects_leave_words_out_and_may_be_empty():
    frame = pd.DataFrame({"p_rule": ["a", "b"], "m_y": [1.0, 2.0]})
    assert analysis.main_effects(frame, "y").empty


def test_heat_map_has_a_row_per_place(noisy):
    table = analysis.heat_map(noisy, "y", "a", "b")
    assert len(table) == 6
    assert table.query("p_a == 3 and p_b == 1")["value"].iloc[0] == pytest.approx(9, abs=1.2)


def test_paired_differences_cancel_common_luck(noisy):
    table = analysis.paired_differences(noisy, "y", "a", 1.0)
    assert len(table) == 4
    expected = (table["p_a"] - 1) * 2
    error = table["sd"] / np.sqrt(table["n"])
    assert (abs(table["value"] - expected) < 4 * error).all()
    assert (table["gain"] > 20).all()  # luck has 100 times the variance of the rest


def test_paired_differences_are_those_of_scipy(noisy):
    row = analysis.paired_differences(noisy, "y", "a", 1.0).query("p_a == 2 and p_b == 0").iloc[0]
    one, two = (
        noisy.query(f"p_a == {a} and p_b == 0").sort_values("replicate")["m_y"].to_numpy()
        for a in (1, 2)
    )
    low, high = stats.ttest_rel(two, one).confidence_interval(0.95)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high])


def test_pairs_with_a_failure_are_left_out(noisy):
    broken = noisy.copy()
    broken.loc[(broken["p_a"] == 1) & (broken["replicate"] == 3), "m_y"] = np.nan
    assert set(analysis.paired_differences(broken, "y", "a", 1.0)["n"]) == {11}


def test_agreement_covers_theory_where_it_is_right(noisy):
    independent = noisy.assign(m_y=noisy["t_y"] + np.random.default_rng(4).normal(size=len(noisy)))
    row = analysis.agreement(independent).iloc[0]
    assert (row["measure"], row["cells"], row["intervals"]) == ("y", 6, 6)
    assert row["covered"] >= 4 / 6
    wrong = analysis.agreement(independent.assign(t_y=independent["t_y"] + 5)).iloc[0]
    assert wrong["covered"] == 0


@pytest.mark.parametrize(("share", "covered"), [(0.98, 1.0), (1.02, 0.0)])
def test_agreement_counts_theory_up_to_the_ends_of_students_interval(share, covered):
    values = np.array([1.0, 2.0, 4.0, 5.0])
    half = stats.t.ppf(0.975, 3) * values.std(ddof=1) / 2
    for side in (-1, 1):
        frame = pd.DataFrame({
            "p_a": 1, "cell_id": "a", "replicate": range(4), "m_y": values,
            "t_y": values.mean() + side * share * half,
        })  # fmt: skip
        assert analysis.agreement(frame).iloc[0]["covered"] == covered


def test_agreement_of_exact_values_is_exact():
    frame = pd.DataFrame({"p_a": [1, 2], "m_y": [1.0, 2.2], "t_y": [1.0, 2.0]})
    row = analysis.agreement(frame).iloc[0]
    assert row["relative_worst"] == pytest.approx(0.1)
    assert row["relative_rms"] == pytest.approx(0.1 / np.sqrt(2))
    assert np.isnan(row["covered"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: analysis.averages(f, "z"), "measure 'z'.*Allowed: y"),
        (lambda f: analysis.averages(f, "y", ["aa"]), "parameter 'aa'.*did you mean 'a'"),
        (lambda f: analysis.response_curves(f, "y", "c"), "parameter 'c'"),
        (lambda f: analysis.paired_differences(f, "y", "a", 9.0), "a = 9.0: no run has it"),
    ],
)
def test_wrong_names_are_told(noisy, call, message):
    with pytest.raises(WrongRequest, match=message):
        call(noisy)
