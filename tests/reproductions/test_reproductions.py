"""Reproductions: quick parts, whole tables (slow), and an index whose files exist."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from scripts import load, run

ROOT = Path(__file__).parents[2]
INDEX = (ROOT / "docs" / "reproductions.md").read_text(encoding="utf-8")


def assert_reproduced(table, least=1e-6):
    """Assert that ours is what was published, to 4 standard errors or its own six digits."""
    for row in table.to_dict("records"):
        doubt = row.get("standard error", np.nan)
        allowed = 4 * doubt if np.isfinite(doubt) else least
        assert abs(row["ours"] - row["published"]) <= allowed, row


def test_limits_of_old_readings(monkeypatch):
    script = load("reproductions/delayed_feedback")
    for name, few in {
        "STABLE": {2: script.STABLE[2]},
        "CALM": {2: script.CALM[2]},
        "HEATED": script.HEATED[1:2],
        "LEARNT": script.LEARNT[:1],
    }.items():
        monkeypatch.setattr(script, name, few)
    table = script.rows()
    assert len(table) == 4
    assert_reproduced(table)


def test_the_best_rate_is_the_kalman_gain(monkeypatch):
    script = load("reproductions/best_rates")
    monkeypatch.setattr(script, "DRIFTS", {1.0: script.DRIFTS[1.0]})
    monkeypatch.setattr(script, "REPLICATES", 24)
    told = script.walks()
    for _, published, ours, doubt in told:
        assert abs(ours - published) <= 4 * doubt
        assert doubt < 0.05 * published


def test_the_bottom_of_exact_errors_is_the_best_rate():
    script = load("reproductions/best_rates")
    rates = script.KNOWN.best_gain(hazard=0.01, variance=1.0, observation_variance=1.0)
    exact = script.KNOWN.tracking_mse(
        rates * script.RATES, hazard=0.01, variance=1.0, observation_variance=1.0
    )
    found, _ = script.bottom(rates * script.RATES, np.asarray(exact)[None])
    assert found == pytest.approx(rates, rel=1e-3)
    assert np.isnan(script.bottom(script.RATES, script.RATES[None])).all()  # falls for ever


def test_folds_are_where_they_were_published():
    for _, published, ours, _ in load("reproductions/early_warnings").folds():
        assert abs(ours - published) < 1e-6


def test_grass_strays_as_far_and_as_slowly_as_published(monkeypatch):
    script = load("reproductions/early_warnings")
    monkeypatch.setattr(script, "AT_REST", {2.3: script.AT_REST[2.3]})
    monkeypatch.setattr(script, "LONG", 600)
    (_, leading, found, _), *rest = script.at_rest()
    assert abs(found - leading) < 1e-6
    for _, published, ours, doubt in rest:
        assert abs(ours - published) < 4 * doubt


def test_tau_rises_with_memory_and_not_without():
    rng, steps = np.random.default_rng(0), 600
    drawn, grass = rng.standard_normal((steps, 8)), np.zeros((steps, 8))
    for step in range(1, steps):
        grass[step] = 0.9 * step / steps * grass[step - 1] + drawn[step]
    rising, wider = load("reproductions/early_warnings").taus(grass)
    flat, _ = load("reproductions/early_warnings").taus(drawn)
    assert rising.min() > 0.5
    assert wider.mean() > 0.5
    assert abs(flat.mean()) < 0.5


def test_one_result_at_a_time(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["one.py", "R1"])
    run("reproductions/one")
    assert "0.387298 0.387298" in capsys.readouterr().out
    assert list(load("reproductions/one").RESULTS) == [f"R{i}" for i in range(1, 15)]
    monkeypatch.setattr(sys, "argv", ["one.py", "R15"])
    with pytest.raises(SystemExit, match=r"one of R1, R2, .* got 'R15'"):
        run("reproductions/one")


@pytest.mark.slow
@pytest.mark.parametrize("result", ["R2", "R3", "R9", "R10", "R11", "R13"])
def test_results_where_nothing_is_drawn_are_met(result):
    """Three digits in steps of finite length (R9 to R11), else what was printed or runs long."""
    told = (
        load("reproductions/one")
        .reproduced(result)
        .rename(columns={"published or derived": "published"})
    )
    told = told.dropna(subset=["published"])
    assert len(told) >= 3
    error = (told["ours"] - told["published"]).abs()
    allowed = 3e-3 if result in ("R9", "R10", "R11") else 2e-4
    assert (error <= allowed * told["published"].abs().clip(lower=1)).all(), told


@pytest.mark.slow
@pytest.mark.parametrize("name", ["delayed_feedback", "best_rates", "early_warnings"])
def test_whole_tables(name, capsys):
    table = run(f"reproductions/{name}")["table"]
    assert "published" in capsys.readouterr().out
    known = table[~table[""].str.contains("closed form|tenth|area")]
    assert_reproduced(known)


def test_every_result_of_the_list_is_in_the_index_and_every_command_exists():
    assert re.findall(r"^\| (R\d+) \|", INDEX, re.M) == [f"R{i}" for i in range(1, 15)]
    commands = set(re.findall(r"`(scenarios/\S+?\.py)`", INDEX))
    assert len(commands) == 9
    for command in commands:
        assert (ROOT / command).is_file(), command
    letters = set(re.findall(r"\| ([A-I](?:, [A-I])*) \|$", INDEX, re.M))
    assert {one for many in letters for one in many.split(", ")} == set("ABCDEFGHI")
