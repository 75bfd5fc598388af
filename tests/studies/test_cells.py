"""Cells side by side: the same numbers as one by one, the same bits in any batch."""

import math

import numpy as np
import pytest

from adaptsim.runs import run
from adaptsim.scenarios import from_table
from adaptsim.schema import WrongRequest
from adaptsim.studies import cells as many_cells
from adaptsim.studies.cells import columns, structure_key, tile_width
from adaptsim.studies.structure import structures_of

WEATHER = {
    "steps": 240,
    "environment": {"kind": "AutoRegressive", "correlation": 0.9},
    "agent": {"kind": "Tracker", "observation_noise": 0.5},
    "rule": {"kind": "GradientDescent", "learning_rate": 0.1},
}
INTERVAL = ("interval", "resamples", "not distinguishable", "one realisation")
"""Warnings about intervals, which cells do not have."""


def run_cells(base: dict, changes: list[dict], seeds) -> list[dict]:
    """Return the results of cells one by one."""
    by_name = {name: [change[name] for change in changes] for name in changes[0]}
    found = many_cells.run_cells(base, by_name, list(seeds))
    rows = zip(*(values.tolist() for values in found.values()), strict=True)
    return [dict(zip(found, row, strict=True)) for row in rows]


def table(base: dict, change: dict) -> dict:
    whole = {key: dict(part) if isinstance(part, dict) else part for key, part in base.items()}
    for name, value in change.items():
        first, _, last = name.partition(".")
        if last:
            whole[first][last] = value
        else:
            whole[first] = value
    return whole


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        one[name] == other[name] or (one[name] != one[name] and other[name] != other[name])
        for name in one
    )


def compared(base: dict, change: dict, cell: dict, seed: int = 0) -> int:
    """Compare a cell with a run of its own, measure by measure; return how many there were."""
    found = run(from_table(table(base, change) | {"seed": seed})).table
    first = found["variable"].iloc[0]
    for row in found.itertuples():
        name = row.measure if row.variable == first else f"{row.variable}.{row.measure}"
        name += f"[{row.group}]" if row.group else ""
        assert cell[f"m_{name}"] == pytest.approx(row.value, rel=1e-8, abs=1e-12, nan_ok=True), name
        assert cell[f"t_{name}"] == pytest.approx(row.theory, rel=1e-9, nan_ok=True), name
        told = [flag for flag in row.flag.split("; ") if not any(w in flag for w in INTERVAL)]
        assert set(told) <= set(cell[f"f_{name}"].split("; ")) | {""}, name
    return len(found)


def weather_cells(count: int) -> list[dict]:
    drawn = np.random.default_rng(0).uniform(size=(count, 3))
    return [
        {
            "rule.learning_rate": float(0.02 + 1.9 * rate),
            "environment.correlation": float(0.1 + 0.89 * correlation),
            "agent.observation_noise": float(0.1 + noise),
        }
        for rate, correlation, noise in drawn
    ]


@pytest.fixture(scope="module")
def many() -> tuple[list[dict], list[dict]]:
    changes = weather_cells(300)
    return changes, run_cells(WEATHER, changes, range(300))


def test_a_fluctuating_cell_has_the_numbers_of_a_run(many):
    changes, cells = many
    for place in (0, 7, 299):
        assert compared(WEATHER, changes[place], cells[place], place) == 14


def test_bits_do_not_depend_on_batch_place_or_filling(many):
    changes, cells = many
    backwards = run_cells(WEATHER, changes[::-1], range(299, -1, -1))
    assert all(map(same, cells, backwards[::-1]))
    for size in (1, 7):
        again = [
            row
            for first in range(0, 14, size)
            for row in run_cells(
                WEATHER, changes[first : first + size], range(first, min(first + size, 14))
            )
        ]
        assert all(map(same, cells, again[:14]))


def test_columns_are_known_before(many):
    changes, cells = many
    told = columns(WEATHER, changes)
    assert list(told) == list(cells[0])
    assert {
        kind: {type(cells[0][n]) for n in told if told[n] is kind} for kind in (float, str)
    } == {
        float: {float},
        str: {str},
    }


def test_measured_errors_are_those_of_theory(many):
    """Over 300 systems the ratio of measured to predicted error is one within 4 standard errors."""
    _, cells = many
    ratios = np.array([cell["m_tracking_mse"] / cell["t_tracking_mse"] for cell in cells])
    ratios = ratios[np.isfinite(ratios)]
    assert len(ratios) > 280
    assert abs(ratios.mean() - 1) < 4 * ratios.std(ddof=1) / math.sqrt(len(ratios))


def test_replicates_groups_and_noise_are_as_in_a_run():
    base = WEATHER | {
        "steps": 120,
        "replicates": 2,
        "population": {"size": 4},
        "rule": {"kind": "GradientDescent", "learning_rate": [0.2, 0.5]},
    }
    change = {"environment.variance": 2.0}
    (cell,) = run_cells(base, [change], [5])
    assert compared(base, change, cell, 5) == 28
    assert "m_tracking_mse[0.5]" in cell


def test_a_tone_is_measured_and_predicted_to_the_digit():
    base = {
        "steps": 200,
        "environment": {"kind": "Sinusoid"},
        "agent": {"kind": "Tracker"},
        "rule": {"kind": "GradientDescent"},
    }
    changes = [
        {"rule.learning_rate": rate, "environment.period": period}
        for rate in (0.1, 0.3, 1.5)
        for period in (20.0, 37.3)
    ]
    cells = run_cells(base, changes, [0] * 6)
    for cell, change in zip(cells, changes, strict=True):
        compared(base, change, cell)
        assert cell["m_linear_phase_lag"] == pytest.approx(cell["t_linear_phase_lag"], rel=1e-9)
    by_rate = cells[2]  # rate 0.3, period 20, of science.md A
    assert by_rate["m_phase_lag"] == pytest.approx(2.828242, abs=2e-6)


def test_rest_step_and_divergence():
    base = {
        "steps": 150,
        "environment": {"kind": "Constant", "value": 1.0},
        "agent": {"kind": "Tracker"},
        "rule": {"kind": "GradientDescent"},
    }
    changes = [
        {"rule.learning_rate": rate, "agent.observation_noise": noise}
        for rate, noise in ((0.2, 0.0), (0.2, 0.3), (1.5, 0.3), (2.2, 0.0))
    ]
    cells = run_cells(base, changes, [0, 1, 2, 3])
    for seed, (change, cell) in enumerate(zip(changes, cells, strict=True)):
        compared(base, change, cell, seed)
    assert cells[0].keys() == cells[1].keys() == columns(base, changes[:1]).keys()
    assert cells[0]["t_rise_time_63"] == pytest.approx(-1 / math.log(0.8))
    diverged = cells[3]
    assert diverged["f_spectral_radius"] == "unstable"
    assert diverged["f_regret"] == "diverged"
    assert math.isnan(diverged["m_regret"])
    assert diverged["m_diverged_at"] > 0


def test_an_infinite_course_is_a_result():
    base = table(WEATHER, {"environment.kind": "Constant", "steps": 900})
    base["environment"] = {"kind": "Constant", "value": 1.0}
    (cell,) = run_cells(base, [{"rule.learning_rate": 9.0}], [0])
    assert cell["f_tracking_mse"] == "diverged"
    assert cell["m_speed_limit"] == pytest.approx(2.0)


def test_structure_tells_apart_what_cannot_share_a_call():
    keys = {
        structure_key(WEATHER, change)
        for change in (
            {"rule.learning_rate": 0.1},
            {"rule.learning_rate": 0.1, "agent.feedback_delay": 1},
            {"rule.learning_rate": 0.1, "steps": 100},
            {"rule.learning_rate": 0.1, "rule.kind": "Adam"},
            {"rule.learning_rate": 0.1, "replicates": 2},
            {"rule.learning_rate": 0.1, "agent.observation_noise": 0.0},
            {"rule.learning_rate": 0.1, "agent.observation_noise": 0.2},
        )
    }
    assert len(keys) == 7
    assert structure_key(WEATHER, {"rule.learning_rate": 0.1}) == structure_key(
        WEATHER, {"rule.learning_rate": 0.7}
    )


def test_cells_of_several_structures_come_back_in_order():
    changes = [{"agent.start_at": float(k), "steps": 240 - k % 2} for k in range(4)]
    cells = run_cells(WEATHER, changes, [0, 1, 2, 3])
    assert same(cells[2], run_cells(WEATHER, [changes[2]], [2])[0])
    assert cells[0]["m_regret"] != cells[2]["m_regret"]


def test_a_wrong_value_says_which_cell():
    with pytest.raises(WrongRequest, match=r"cell 1 .*learning_rate = -1.*at least 0"):
        run_cells(WEATHER, [{"rule.learning_rate": rate} for rate in (0.1, -1.0)], [0, 0])
    with pytest.raises(WrongRequest, match="learning_rat does not exist"):
        run_cells(WEATHER, [{"rule.learning_rat": 0.1}], [0])


def test_individuals_drawn_by_the_seed_are_refused():
    drawn = {"distribution": "uniform", "loc": 0.1, "scale": 0.2}
    base = WEATHER | {
        "population": {"size": 3},
        "rule": {"kind": "GradientDescent", "learning_rate": drawn},
    }
    with pytest.raises(WrongRequest, match="drawn anew by each seed"):
        run_cells(base, [{}], [0])


def test_tiles_are_narrow_where_cells_are_large():
    def width(**more: object) -> int:
        return tile_width(structures_of(WEATHER | more).of({}))

    assert width() == 256
    assert 1 < width(population={"size": 100}) < 256
    assert width(population={"size": 100_000}, record="statistics") == 1
    assert width(steps=10_000_000) == 1


@pytest.mark.slow
def test_generations_run_one_by_one():
    base = {
        "population": {"size": 10},
        "environment": {"kind": "AutoRegressive"},
        "agent": {"kind": "Tracker"},
        "rule": {"kind": "GradientDescent", "learning_rate": 0.1},
        "evolution": {"heritable": "rule.learning_rate", "generations": 3, "life": 5},
    }
    changes = [{"environment.correlation": phi} for phi in (0.5, 0.9)]
    cells = run_cells(base, changes, [0, 1])
    assert all(cell.keys() == columns(base, changes).keys() for cell in cells)
    compared(base, changes[1], cells[1], 1)
