"""Pictures of studies: axes with units, scales that fit, theory beside what was measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adaptsim.figures.study_axes import label
from adaptsim.figures.study_best_rates import best_rates_figure
from adaptsim.figures.study_collapse import collapse_figure
from adaptsim.figures.study_front import front_figure
from adaptsim.figures.study_indices import indices_figure
from adaptsim.figures.study_main_effects import main_effects_figure
from adaptsim.figures.study_map import borders, map_figure
from adaptsim.figures.study_phases import phases_figure
from adaptsim.figures.study_responses import responses_figure
from adaptsim.studies import analysis

RATE, PERIOD, RULE = "rule.learning_rate", "environment.period", "rule.kind"
UNITS = {
    RATE: "1/step",
    PERIOD: "steps",
    "tracking_mse": "trait^2",
    "mean_lag": "steps",
    "stationary_variance": "trait^2",
}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    rows = [
        {
            f"p_{RATE}": rate, f"p_{PERIOD}": period, f"p_{RULE}": rule, "replicate": r,
            "cell_id": f"{rate}{period}{rule}",
            "m_tracking_mse": (rate + 1 / (rate * period)) * (1 + 0.05 * rng.normal()),
            "t_tracking_mse": rate + 1 / (rate * period),
            "m_mean_lag": 1 / rate, "m_stationary_variance": rate if rate < 1 else np.nan,
            "f_tracking_mse": "diverged" if rate > 1 else "",
        }
        for rate in np.geomspace(0.01, 1.5, 9)
        for period in (10.0, 100.0, 1000.0)
        for rule in ("Adam", "Momentum")
        for r in range(4)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def saved(figure, tmp_path):
    """Save a picture, so that whatever drawing complains about is found; return its axes."""
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 2000
    return [axes for axes in figure.axes if axes.axison]


def test_responses_have_units_scales_and_one_legend(frame, tmp_path):
    tables = {
        name: analysis.response_curves(frame, name, RATE, [PERIOD])
        for name in ("tracking_mse", "mean_lag", "stationary_variance")
    }
    figure = responses_figure(tables, RATE, [PERIOD], UNITS)
    axes = saved(figure, tmp_path)
    assert len(axes) == 3
    assert [one.get_xlabel() for one in axes] == ["learning rate [1/step]"] * 3
    assert axes[0].get_ylabel() == "mean square error [trait²]"
    assert {one.get_xscale() for one in axes} == {"log"}
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts] == ["10", "100", "1000", "theory"]
    assert legend.get_title().get_text() == "period"


def test_responses_to_words_have_dots_and_bars(frame, tmp_path):
    table = analysis.response_curves(frame, "tracking_mse", RULE)
    (axes,) = saved(responses_figure({"tracking_mse": table}, RULE, (), UNITS), tmp_path)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Adam", "Momentum"]
    assert axes.lines[0].get_linestyle() == "None"


def test_theory_is_not_drawn_where_nothing_was_measured(frame, tmp_path):
    lost = frame.assign(m_tracking_mse=frame["m_tracking_mse"].where(frame[f"p_{RATE}"] < 1))
    table = analysis.response_curves(lost, "tracking_mse", RATE)
    (axes,) = saved(responses_figure({"tracking_mse": table}, RATE, (), UNITS), tmp_path)
    theory = next(line for line in axes.lines if line.get_linestyle() == "--")
    assert np.isfinite(theory.get_ydata()).sum() == 8


@pytest.mark.parametrize("scattered", [False, True])
def test_maps_have_three_units(frame, tmp_path, scattered):
    table = analysis.heat_map(frame, "tracking_mse", RATE, PERIOD)
    table = table.iloc[::2] if scattered else table
    axes, bar = saved(map_figure({"tracking_mse": table}, RATE, PERIOD, UNITS), tmp_path)
    assert axes.get_xlabel() == "learning rate [1/step]"
    assert axes.get_ylabel() == "period [steps]"
    assert bar.get_ylabel() == "mean square error [trait²]"
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_map_of_words_names_them(frame, tmp_path):
    table = analysis.heat_map(frame, "mean_lag", RATE, RULE)
    axes, _ = saved(map_figure({"mean_lag": table}, RATE, RULE, UNITS), tmp_path)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Adam", "Momentum"]


def test_tiles_meet_between_their_middles_in_the_logarithm():
    ends = borders(np.array([0.1, 1.0, 10.0]), log=True)
    assert ends == pytest.approx(np.array([0.1, 1, 10, 100]) / np.sqrt(10))


def test_no_tile_reaches_below_zero_where_nothing_lies_there():
    assert borders(np.array([0.0, 0.5, 1.0]), log=False).tolist() == [0.0, 0.25, 0.75, 1.25]
    assert borders(np.array([-1.0, 1.0]), log=False).tolist() == [-2.0, 0.0, 2.0]


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(0)
    rate, period = np.exp(rng.uniform(np.log(0.01), 0.0, 30_000)), rng.uniform(10, 50, 30_000)
    value = np.log(rate) + period + 0.1 * rng.normal(size=30_000)
    return pd.DataFrame({f"p_{RATE}": rate, f"p_{PERIOD}": period, "value": value})


def test_very_many_places_are_means_in_hexagons(crowd, tmp_path):
    crowd.loc[0, "value"] = np.nan
    axes, _ = saved(map_figure({"gain": crowd}, RATE, PERIOD, UNITS), tmp_path)
    (hexagons,) = axes.collections
    assert axes.get_xscale() == "log"
    assert 0.03 in axes.xaxis.get_major_locator()()
    tenfold, period = hexagons.get_offsets().T
    expected = tenfold * np.log(10) + period
    step = 40 / 20 + np.log(100) / 36
    assert np.abs(hexagons.get_array() - expected).max() < step
    assert abs(np.mean(hexagons.get_array() - expected)) < 0.1  # neither least nor greatest


def test_very_many_places_are_the_commonest_phase_in_hexagons(crowd, tmp_path):
    sure = np.where(crowd[f"p_{RATE}"] < 0.1, "stable", "unstable")
    odd = np.random.default_rng(1).random(30_000) < 0.1
    told = crowd.assign(phase=np.where(odd, "diverged", sure))
    (axes,) = saved(phases_figure(told, RATE, PERIOD, UNITS), tmp_path)
    (hexagons,) = axes.collections
    rates = 10 ** hexagons.get_offsets()[:, 0]
    names = told["phase"].value_counts().index
    found = np.array([names[int(code)] for code in hexagons.get_array()])
    assert (found[rates < 0.08] == "stable").mean() > 0.98
    assert (found[rates > 0.125] == "unstable").mean() > 0.98


def test_phases_are_named(frame, tmp_path):
    figure = phases_figure(analysis.phases(frame, [RATE, PERIOD]), RATE, PERIOD, UNITS)
    (axes,) = saved(figure, tmp_path)
    told = {text.get_text() for text in axes.get_legend().texts}
    assert told == {"stable", "diverged"}


def test_best_rates_stand_beside_theory_and_given_lines(frame, tmp_path):
    table = analysis.best_rates(frame, "tracking_mse", RATE, [PERIOD])
    lines = {"1 / √period": lambda period: period**-0.5}
    (axes,) = saved(best_rates_figure(table, RATE, lines, UNITS), tmp_path)
    told = {text.get_text() for text in axes.get_legend().texts}
    assert told == {"measured", "theory, same rates", "1 / √period"}
    assert axes.get_ylabel() == "best learning rate [1/step]"


def test_front_is_joined_and_the_rest_hollow(frame, tmp_path):
    table = analysis.pareto_front(frame, "mean_lag", "stationary_variance")
    figure = front_figure(table, "mean_lag", "stationary_variance", UNITS)
    (axes,) = saved(figure, tmp_path)
    assert axes.get_xlabel() == "mean lag [steps]"
    assert axes.get_ylabel() == "variance at rest [trait²]"


def test_collapse_tells_its_quality(tmp_path):
    x = np.linspace(0.1, 5, 20)
    parts = [pd.DataFrame({"set": n, "x": x + n, "y": 2 * (x + n), "error": 0.1}) for n in (0, 1)]
    found = analysis.collapse(pd.concat(parts))
    (axes,) = saved(collapse_figure(found, "x [1]", "y [1]", lambda x: 2 * x), tmp_path)
    assert axes.get_title(loc="left").startswith("S = ")
    assert axes.get_legend() is not None


def indices(kinds, pairs=()):
    rows = [("a", "", kind, 0.3) for kind in kinds] + [("b", "", kind, 0.6) for kind in kinds]
    rows += [("a", "b", "S2", 0.1) for _ in pairs]
    told = pd.DataFrame(rows, columns=["parameter", "other", "index", "value"])
    return told.assign(measure="mean_lag", ci_low=told["value"] - 0.1, ci_high=told["value"] + 0.1)


def test_indices_are_ordered_by_importance(tmp_path):
    first, second = saved(indices_figure(indices(["S1", "ST"], ["ab"]), UNITS), tmp_path)
    assert [text.get_text() for text in first.get_yticklabels()] == ["a", "b"]  # b on top
    assert first.get_xlabel() == "share of the variance [1]"
    assert [text.get_text() for text in second.get_yticklabels()] == ["a + b"]
    (alone,) = saved(indices_figure(indices(["S1", "ST"]), UNITS), tmp_path)
    assert alone.get_xlabel() == "share of the variance [1]"


def test_effects_have_the_measures_unit(tmp_path):
    (axes,) = saved(indices_figure(indices(["mu_star", "mu", "sigma"]), UNITS), tmp_path)
    assert axes.get_xlabel().endswith("mean lag [steps]")


def test_main_effects_have_a_panel_each(frame, tmp_path):
    table = analysis.main_effects(frame, "tracking_mse")
    axes = saved(main_effects_figure(table, "tracking_mse", UNITS), tmp_path)
    assert [one.get_xlabel() for one in axes] == ["learning rate [1/step]", "period [steps]"]


def test_labels_of_names_without_units():
    assert label("agent.observation_noise") == "observation noise"
    assert label("own_measure", {}) == "own measure"
