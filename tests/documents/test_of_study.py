"""Which analyses a study's document has, what it counts, and what it refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from adaptsim.documents import of_directory
from adaptsim.documents.document import Picture, Table, Words
from adaptsim.documents.findings import findings
from adaptsim.documents.stored import Stored

ALWAYS = ["Design", "Cells", "Failures", "Provenance"]


def titles(document):
    return [section.title for section in document.sections]


def items(document, title, form):
    (section,) = (one for one in document.sections if one.title == title)
    return [item for item in section.items if isinstance(item, form)]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("grid", ["Responses", "Maps"]),
        ("line", ["Responses"]),
        ("zip", ["Responses"]),
        ("latin_hypercube", ["Main effects"]),
        ("saltelli", ["Sensitivity", "Main effects"]),
        ("morris", ["Sensitivity", "Main effects"]),
        ("fast", ["Sensitivity", "Main effects"]),
        ("refine", ["Maps", "Phases"]),
    ],
)
def test_analyses_follow_from_the_design(reported, kind, found):
    document = reported(kind, replicates=3 if kind == "grid" else 1)
    assert titles(document) == [ALWAYS[0], *found, *ALWAYS[1:]]
    assert document.refused == ()
    for title in found:
        for picture in items(document, title, Picture):
            assert len(picture.alt) > 20


def test_a_study_of_one_cell_has_a_document(studied):
    assert titles(of_directory(studied("single"))) == ["Design", "Failures", "Provenance"]


def test_lead_counts_runs(reported):
    assert reported("grid", replicates=3).lead == "12 cells x 3 replicates: 36 of 36 runs done"


def test_points_that_a_design_repeats_are_counted_once(studied, reported):
    place = studied("morris")
    design = pd.read_parquet(place / "design.parquet")
    unique = design["run_id"].nunique()
    assert unique < len(design)
    assert f"{unique} of {unique} runs done" in reported("morris", replicates=1).lead


def test_indices_of_fast_say_why_they_have_no_interval(reported):
    (picture, *_) = items(reported("fast", replicates=1), "Sensitivity", Picture)
    assert "Bars" not in picture.title
    assert "No interval: an index is read off a search curve" in picture.title
    (table, *_) = items(reported("fast", replicates=1), "Sensitivity", Table)
    assert table.frame["flag"].str.startswith("no interval").all()
    (picture, *_) = items(reported("saltelli", replicates=1), "Sensitivity", Picture)
    assert "Bars: 95 % interval" in picture.title


def test_few_failures_drop_blocks_and_say_so(studied):
    design = pd.read_parquet(studied("saltelli") / "design.parquet").sort_values("row")
    highest = np.sort(design["p_a"].to_numpy().reshape(32, 8).max(axis=1))
    document = of_directory(studied("saltelli", poison=float(highest[-2:].mean())))
    (table,) = (t for t in document.tables() if t.title == "indices of height")
    assert table.frame["flag"].str.fullmatch(r"1 block of 8 dropped \(of 32\)").all()
    (failed,) = items(document, "Failures", Table)
    assert "a is <too large> & wild" in failed.frame["error"].iloc[0]
    assert "failed" in document.lead


def test_many_failures_refuse_the_analysis_and_the_rest_is_told(reported):
    document = reported("saltelli", poison=0.5)
    assert len(document.refused) == 2  # of two measures
    assert "more than 5%" in document.refused[0]
    warnings = [item for item in items(document, "Sensitivity", Words) if item.warning]
    assert len(warnings) == 2
    assert "Main effects" in titles(document)


def test_an_unfinished_study_is_reported_as_such(studied, tmp_path):
    place = tmp_path / "half"
    shutil.copytree(studied("grid", replicates=3), place)
    part = next((place / "runs").glob("*.parquet"))
    pd.read_parquet(part).iloc[:5].to_parquet(part, index=False)
    document = of_directory(place)
    assert document.lead == "12 cells x 3 replicates: 5 of 36 runs done, 31 to do"
    assert any("not finished" in item.text for item in items(document, "Design", Words))


def test_a_study_without_a_single_run_is_reported(studied, tmp_path):
    place = tmp_path / "none"
    shutil.copytree(studied("grid", replicates=3), place)
    for part in (place / "runs").glob("*.parquet"):
        part.unlink()
    assert "0 of 36 runs done" in of_directory(place).lead


def tracker_study(replicates=6):
    """Return trackers by two rules over rate and correlation, as a store would hold them."""
    rng = np.random.default_rng(0)
    luck = rng.normal(size=replicates)
    rows = []
    for rule, worse in (("GradientDescent", 1.0), ("Momentum", 1.3)):
        for rate in np.geomspace(0.05, 2.5, 8):
            for correlation in (0.5, 0.9, 0.99):
                spread = rate * 0.5 / max(2 - rate, 0.01)
                error = worse * (2 * (1 - correlation) / rate + spread)
                for r in range(replicates):
                    good = rate < 2
                    value = error * (1 + 0.1 * luck[r] + 0.01 * rng.normal()) if good else np.nan
                    cell = f"{rule}{rate:.3f}{correlation}"
                    rows.append(
                        {
                            "run_id": f"{cell}-{r}", "cell_id": cell, "replicate": r,
                            "p_rule.kind": rule, "p_rule.learning_rate": rate,
                            "p_environment.correlation": correlation,
                            "m_tracking_mse": value, "t_tracking_mse": error,
                            "f_tracking_mse": "" if good else "diverged",
                            "m_mean_lag": worse / rate if good else np.nan,
                            "m_stationary_variance": spread * worse if good else np.nan,
                        }
                    )  # fmt: skip
    frame = pd.DataFrame(rows)
    values = {name: sorted(frame[f"p_{name}"].unique()) for name in ("rule.learning_rate",)}
    values |= {"rule.kind": ["GradientDescent", "Momentum"]}
    values |= {"environment.correlation": [0.5, 0.9, 0.99]}
    described = {"design": {"kind": "grid", "parameters": values}, "replicates": replicates}
    return Stored(described, frame, frame.iloc[:0], frame, {"mean_lag": "steps"})


def test_findings_of_rules_over_rates_and_environments():
    found = {section.title: section.items for section in findings(tracker_study())}
    assert [title for title, told in found.items() if told] == [
        "Responses", "Maps", "Phases", "Best rates", "Comparisons",
        "Responsiveness against stability",
    ]  # fmt: skip
    assert "one curve for each rule" in found["Responses"][0].title
    assert len(found["Maps"]) == 2  # one for each rule
    assert "rule Momentum" in found["Maps"][1].title
    edges = next(item for item in found["Phases"] if isinstance(item, Table)).frame
    assert (edges["low"] < 2).all()
    assert (edges["high"] > 2).all()
    (difference, _) = (item for item in found["Comparisons"] if isinstance(item, Table))
    assert "difference from rule GradientDescent" in difference.title
    assert (difference.frame["value"] > 0).all()
    best = next(item for item in found["Best rates"] if isinstance(item, Table)).frame
    assert len(best) == 6
    assert best["theory"].notna().all()


def stored_of(runs, varied, replicates=1, scenario=None):
    """Return a store of a grid whose runs are these."""
    design = {"kind": "grid", "parameters": dict.fromkeys(varied)}
    described = {"design": design, "replicates": replicates, "model": {"scenario": scenario}}
    return Stored(described, runs, runs.iloc[:0], runs, {})


def walkers(replicates=12):
    """Return trackers behind random walks over rate, drift and noise, with luck of their own."""
    from adaptsim.theory import random_walk

    rng = np.random.default_rng(0)
    rate, drift, noise, replicate = (
        one.ravel()
        for one in np.meshgrid(
            np.geomspace(0.03, 1.5, 11), [0.01, 0.04], [0.5, 1.0, 2.0], range(replicates)
        )
    )
    error = random_walk.tracking_mse(rate, drift_variance=drift, observation_variance=noise**2)
    return pd.DataFrame(
        {
            "run_id": [f"r{i}" for i in range(len(rate))],
            "cell_id": [f"{a:.3f}-{b}-{c}" for a, b, c in zip(rate, drift, noise, strict=True)],
            "replicate": replicate, "p_rule.learning_rate": rate,
            "p_agent.observation_noise": noise, "p_environment.drift_variance": drift,
            "m_tracking_mse": error * (1 + 0.05 * rng.normal(size=len(rate))),
            "t_tracking_mse": error,
        }
    )  # fmt: skip


WALK = {
    "agent": {
        "kind": "Tracker", "curvature": 1.0, "observation_probability": 1.0, "gradient_noise": 0.0,
        "observation_delay": 0, "feedback_delay": 0,
    },
    "rule": {"kind": "GradientDescent"},
    "environment": {"kind": "RandomWalk"},
}  # fmt: skip


def test_best_rates_stand_beside_the_closed_form_and_collapse_on_the_ratio_that_counts():
    varied = ["rule.learning_rate", "agent.observation_noise", "environment.drift_variance"]
    stored = stored_of(walkers(), varied, 12, WALK)
    found = {section.title: section.items for section in findings(stored)}["Best rates"]
    tables = {item.file: item.frame for item in found if isinstance(item, Table)}
    best, points = tables["best_rates"], tables["collapse"]
    assert (abs(best["best"] / best["exact"] - 1) < 0.15).all()
    (row,) = best[(best["observation noise"] == 1) & (best["drift variance"] == 0.01)].itertuples()
    assert row.exact == pytest.approx(0.095125, abs=1e-6)
    ratio = np.log10(best["drift variance"] / best["observation noise"] ** 2)
    assert sorted(points["x"]) == pytest.approx(sorted(ratio), abs=1e-6)
    told = next(
        item.alt for item in found if isinstance(item, Picture) and "one curve" in item.title
    )
    quality = float(told.removeprefix("S = ").partition(",")[0])
    assert 0.02 < quality < 4


def test_maps_of_words_by_words_replace_their_curves():
    rows = [
        {"run_id": rule + place, "cell_id": rule + place, "replicate": 0, "p_rule": rule,
         "p_landscape": place, "m_success": k / 4}
        for k, rule in enumerate(("Adam", "LBFGS"))
        for place in ("Ackley", "Beale", "Booth")
    ]  # fmt: skip
    runs = pd.DataFrame(rows)
    found = {one.title: one.items for one in findings(stored_of(runs, ["rule", "landscape"]))}
    assert not any(isinstance(item, Picture) for item in found["Responses"])
    (picture,) = found["Maps"]
    across, up = picture.image.axes[0].get_xticklabels(), picture.image.axes[0].get_yticklabels()
    assert [one.get_text() for one in across] == ["Adam", "LBFGS"]
    assert [one.get_text() for one in up] == ["Ackley", "Beale", "Booth"]
    assert len(picture.image.axes[0].texts) == len(runs)


def test_borders_that_theory_knows_are_drawn_at_rates_per_step():
    rates, crowding = np.geomspace(0.01, 0.3, 8), (0.2, 0.3, 0.4)
    rows = [
        {"run_id": f"{k}{one}", "cell_id": f"{k}{one}", "replicate": 0, "m_mean_density": rate,
         "p_rule.learning_rate": rate, "p_environment.crowding_1": one, "t_hopf_rate_1": 2.0,
         "f_mean_density": "unstable" if rate > 0.1 else ""}
        for k, rate in enumerate(rates)
        for one in crowding
    ]  # fmt: skip
    varied = ["rule.learning_rate", "environment.crowding_1"]
    scenario = {"environment": {"kind": "TwoPrey", "dt": 0.05}}
    stored = stored_of(pd.DataFrame(rows), varied, scenario=scenario)
    found = {one.title: one.items for one in findings(stored)}["Phases"]
    picture = next(item for item in found if isinstance(item, Picture))
    (line,) = picture.image.axes[0].lines
    assert line.get_xdata() == pytest.approx([0.1] * 3)  # 2 per time, 0.05 of it a step
    assert line.get_ydata() == pytest.approx(crowding)


def test_parts_told_as_tables_are_named_by_their_values():
    stored = tracker_study()
    tables = {
        "GradientDescent": '{"kind":"GradientDescent"}',
        "Momentum": '{"kind":"Momentum","momentum":0.5}',
    }
    frame = stored.runs.assign(**{"p_rule.kind": stored.runs["p_rule.kind"].map(tables)})
    frame = frame.rename(columns={"p_rule.kind": "p_rule"})
    found = findings(replace(stored, runs=frame, design=frame))
    told = {section.title: section.items for section in found}
    assert "rule Momentum, 0.5" in told["Maps"][1].title
    assert "difference from rule GradientDescent" in told["Comparisons"][0].title


def test_groups_of_one_measure_do_not_hide_other_measures():
    stored = tracker_study()
    groups = {f"m_tracking_mse[{rate}]": stored.runs["m_tracking_mse"] for rate in (0.1, 0.2, 0.3)}
    frame = stored.runs.drop(columns=["m_tracking_mse", "t_tracking_mse"]).assign(**groups)
    names = replace(stored, runs=frame, design=frame).measures()
    assert names[:3] == ["tracking_mse[0.1]", "mean_lag", "stationary_variance"]


def test_tables_are_plain_data(reported):
    tables = reported("grid", replicates=3).tables()
    json.dumps([table.frame.to_dict("records") for table in tables])
