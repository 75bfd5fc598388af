"""Fronts, collapses, best rates and phases, against brute force and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adaptsim.schema import WrongRequest
from adaptsim.studies import analysis
from adaptsim.studies.analysis.best_rates import vertex
from adaptsim.studies.analysis.front import undominated
from adaptsim.theory import random_walk


@pytest.mark.parametrize("seed", range(5))
def test_front_is_that_of_brute_force(seed):
    points = np.random.default_rng(seed).integers(0, 12, (200, 2)).astype(float)
    no_worse = (points[:, None] <= points[None]).all(axis=2)
    better = (points[:, None] < points[None]).any(axis=2)
    dominated = (no_worse & better).any(axis=0)
    assert undominated(points).tolist() == (~dominated).tolist()


def front_frame(replicates=20, noise=0.05, seed=0):
    """Return trackers (on the front), and later ones that jiggle twice as much (not on it)."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "p_rate": rate,
            "p_kind": kind,
            "replicate": r,
            "m_mean_lag": worse**0.2 / rate * (1 + noise * rng.normal()),
            "m_stationary_variance": worse * rate / (2 - rate) * (1 + noise * rng.normal()),
        }
        for rate in (0.1, 0.2, 0.4, 0.8, 1.6)
        for kind, worse in (("plain", 1.0), ("jiggly", 2.0))
        for r in range(replicates)
    ]
    return pd.DataFrame(rows)


def test_front_of_trackers():
    table = analysis.pareto_front(front_frame())
    assert table.groupby("p_kind")["on_front"].sum().to_dict() == {"jiggly": 0, "plain": 5}
    assert (table[table["p_kind"] == "plain"]["probability"] > 0.9).all()
    assert table["mean_lag"].is_monotonic_increasing


def test_probability_of_twins_is_shared():
    rng = np.random.default_rng(3)
    rows = [
        {"p_twin": twin, "replicate": r, "m_mean_lag": 1.0, "m_stationary_variance": rng.normal()}
        for twin in (0, 1)
        for r in range(30)
    ]
    table = analysis.pareto_front(pd.DataFrame(rows), resamples=400)
    assert table["probability"].sum() == pytest.approx(1.0)


def test_front_leaves_out_cells_that_diverged_and_needs_two_measures():
    frame = front_frame(replicates=1)
    frame.loc[0, "m_mean_lag"] = np.nan
    table = analysis.pareto_front(frame)
    assert len(table) == 9
    assert table["probability"].isna().all()
    with pytest.raises(WrongRequest, match="two measures"):
        analysis.pareto_front(frame, "mean_lag", "mean_lag")


def lines(slope_of_second=1.0, error=0.1, seed=1):
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"set": name, "x": x, "y": slope * x + 1 + error * rng.normal(size=x.size)})
        for name, slope, x in (
            ("one", 1.0, np.linspace(0, 10, 150)),
            ("two", slope_of_second, np.linspace(0.03, 9.9, 150)),
        )
    ]
    return pd.concat(parts).assign(error=error)


def test_points_apart_by_their_errors_alone_have_quality_one():
    found = analysis.collapse(lines())
    # neighbours' lines share points, so take the spread over seeds rather than independence
    others = [analysis.collapse(lines(seed=seed)).quality for seed in range(2, 22)]
    assert found.compared >= 290
    assert abs(np.mean(others) - 1) < 4 * np.std(others) / np.sqrt(20)
    assert abs(found.quality - 1) < 4 * np.std(others)


def test_curves_that_differ_do_not_collapse():
    assert analysis.collapse(lines(slope_of_second=1.3)).quality > 20


def test_universal_curve_of_lags_collapses_without_errors():
    rows = []
    for alpha in np.geomspace(0.01, 0.2, 5):
        for period in np.geomspace(50, 2000, 40):
            x = 2 * np.pi / period / alpha
            rows.append({"set": alpha, "x": np.log(x), "y": np.arctan(x) / x})
    found = analysis.collapse(pd.DataFrame(rows))
    assert found.distance < 2e-3
    assert np.isnan(found.quality)
    assert "no errors" in found.flag
    unscaled = pd.DataFrame(rows).assign(y=lambda t: t["y"] / t["set"])
    assert analysis.collapse(unscaled).distance > 0.3


def test_sets_that_do_not_overlap_cannot_be_compared():
    apart = pd.DataFrame({"set": list("aabb"), "x": [0.0, 1.0, 5.0, 6.0], "y": 1.0})
    found = analysis.collapse(apart)
    assert (found.compared, found.flag) == (0, "no two sets overlap: nothing can be compared")


RATES = np.geomspace(0.02, 1.2, 13)


def walks(drift, replicates=20, seed=0, common=0.3, own=0.05):
    """Return errors of trackers behind a random walk, with luck that all rates share."""
    rng = np.random.default_rng(seed)
    luck = rng.normal(size=replicates)
    rows = []
    for variance in drift:
        for rate in RATES:
            known = float(
                random_walk.tracking_mse(rate, drift_variance=variance, observation_variance=1.0)
            )
            for r in range(replicates):
                noise = 1 + common * luck[r] + own * rng.normal()
                rows.append(
                    {
                        "p_environment.drift_variance": variance,
                        "p_rule.learning_rate": rate,
                        "replicate": r,
                        "m_tracking_mse": known * noise,
                        "t_tracking_mse": known,
                    }
                )
    return pd.DataFrame(rows)


def test_best_rates_are_kalman_gains():
    drift = [0.01, 0.05, 0.2]
    table = analysis.best_rates(walks(drift))
    gain = random_walk.kalman_gain(drift_variance=np.array(drift), observation_variance=1.0)
    assert table["theory"].to_numpy() == pytest.approx(gain, rel=0.02)  # the parabola's bias
    assert (table["best_low"] < table["theory"]).all()
    assert (table["theory"] < table["best_high"]).all()
    assert (abs(table["best"].to_numpy() / gain - 1) < 0.1).all()
    assert (table["n"] == 20).all()


def test_without_noise_best_is_theorys_vertex_exactly():
    table = analysis.best_rates(walks([0.05], common=0.0, own=0.0))
    assert table["best"].iloc[0] == pytest.approx(table["theory"].iloc[0], rel=1e-12)


def test_best_at_an_end_is_flagged_and_not_interpolated():
    frame = walks([0.01])
    row = analysis.best_rates(frame[frame["p_rule.learning_rate"] > 0.3]).iloc[0]
    assert np.isnan(row["best"])
    assert "low end" in row["flag"]


def test_a_rate_at_which_a_run_failed_is_not_best():
    frame = walks([0.05], replicates=5)
    best = analysis.best_rates(frame)["swept"].iloc[0]
    lost = (frame["p_rule.learning_rate"] == best) & (frame["replicate"] == 0)
    frame.loc[lost, "m_tracking_mse"] = np.nan
    assert np.isnan(analysis.best_rates(frame)["best"].iloc[0]) or (
        analysis.best_rates(frame)["score"].iloc[0] > analysis.best_rates(walks([0.05]))["score"][0]
    )


def test_vertex_of_a_parabola_is_exact():
    rates = np.array([0.1, 0.15, 0.4, 0.9])
    assert vertex(rates, 3 + 2 * np.log(rates / 0.2) ** 2) == pytest.approx(0.2, rel=1e-12)
    assert np.isnan(vertex(rates, np.array([1.0, np.nan, np.nan, 2.0])))


def test_vertex_is_that_of_a_weighted_parabola_and_leaves_failures_out():
    rates = np.geomspace(0.1, 1.6, 5)
    scores = np.array([2.0, 1.1, 1.0, 1.3, 2.5])
    x = np.log(rates / rates[2])
    design = np.stack([x**2, x, np.ones(5)], axis=1)
    weight = np.diag([1 / 16, 1, 1, 1, 1 / 16])
    bend, slope, _ = np.linalg.solve(design.T @ weight @ design, design.T @ weight @ scores)
    place = rates[2] * np.exp(-slope / (2 * bend))
    assert vertex(rates, scores) == pytest.approx(place, rel=1e-9)
    assert vertex(rates, np.array([np.inf, *scores[1:4], np.nan])) == pytest.approx(
        vertex(rates[1:4], scores[1:4])
    )
    assert abs(place / vertex(rates[1:4], scores[1:4]) - 1) > 0.005  # the outer two count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drift", "own", "replicates"),
    [(0.05, 0.15, 20), (0.05, 0.05, 8), (0.01, 0.15, 20), (0.2, 0.15, 8)],
)
def test_intervals_of_best_rates_cover(drift, own, replicates):
    hits = []
    for seed in range(200):
        runs = walks([drift], replicates, seed=seed, own=own)
        row = analysis.best_rates(runs, resamples=300, seed=seed).iloc[0]
        hits.append(row["best_low"] <= row["theory"] <= row["best_high"])
    share = float(np.mean(hits))
    assert abs(share - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200), share


def stability_frame():
    rows = [
        {
            "p_rate": rate,
            "p_curvature": curvature,
            "replicate": r,
            "m_radius": abs(1 - rate * curvature),
            "f_radius": "unstable" if rate * curvature > 2 else "",
            "f_mse": "diverged" if rate * curvature > 3 else "",
        }
        for rate in np.linspace(0.1, 4, 40)
        for curvature in (0.5, 1.0, 2.0)
        for r in range(2)
    ]
    return pd.DataFrame(rows).assign(m_mse=1.0)


def test_phases_by_flags_find_the_speed_limit():
    told = analysis.phases(stability_frame(), ["rate", "curvature"])
    found = analysis.edges(told, "rate")
    limits = found[found["below"] == "stable"].set_index("p_curvature")
    assert sorted(limits.index) == [1.0, 2.0]  # at 0.5 the limit is 4, the end of the sweep
    for curvature, row in limits.iterrows():
        assert row["low"] <= 2 / curvature <= row["high"]
    assert set(told["phase"]) == {"stable", "unstable", "diverged"}


def test_phases_by_conditions():
    told = analysis.phases(stability_frame(), ["rate", "curvature"], {"fast": "radius < 0.5"})
    inside = abs(1 - told["p_rate"] * told["p_curvature"]) < 0.5
    assert (told["phase"] == np.where(inside, "fast", "stable")).all()
    assert (told["n"] == 2).all()


def test_replicates_that_disagree_are_mixed():
    frame = pd.DataFrame({"p_a": [1, 1, 2, 2], "m_y": [0.0, 1.0, 1.0, 1.0]})
    told = analysis.phases(frame, ["a"], {"high": "y > 0.5"}, otherwise="low")
    assert told["phase"].tolist() == ["mixed", "high"]
    assert told["share"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("condition", "message"),
    [("radios > 1", "did you mean 'radius'"), ("radius >", "cannot be evaluated")],
)
def test_wrong_conditions_are_told(condition, message):
    with pytest.raises(WrongRequest, match=message):
        analysis.phases(stability_frame(), ["rate"], {"x": condition})
