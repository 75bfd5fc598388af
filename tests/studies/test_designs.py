"""Designs: the right cells, which grow where they can, and one clear message where told wrongly."""

import tomllib

import numpy as np
import pytest

from adaptsim import studies
from adaptsim.schema import WrongRequest
from adaptsim.studies.axes import Axis
from adaptsim.studies.designs.refine import next_generation

RANGES = 'rate = { from = 0.01, to = 1.0, spacing = "log" }\nperiod = { from = 5.0, to = 50.0 }\n'


def cells(folder, design):
    return {k: np.array(v) for k, v in folder.load(design, "").design.cells.items()}


def unit(found):
    return np.stack([np.log(found["rate"] / 0.01) / np.log(100), (found["period"] - 5) / 45], 1)


def test_a_grid_has_all_combinations(folder):
    found = cells(folder, 'rate = [0.1, 0.2]\nfault = ["none", "raise", "none2"]')
    assert sorted(zip(found["rate"], found["fault"], strict=True)) == [
        (rate, fault) for rate in (0.1, 0.2) for fault in ("none", "none2", "raise")
    ]


def test_zipped_lists_go_side_by_side(folder):
    found = cells(folder, 'kind = "zip"\nrate = [0.1, 0.2]\nperiod = [5.0, 6.0]')
    assert found["rate"].tolist() == [0.1, 0.2]
    assert found["period"].tolist() == [5.0, 6.0]


def test_a_table_is_its_rows(folder):
    (folder.path / "cells.csv").write_text("rate,fault\n0.1,none\n0.2,raise\n")
    found = cells(folder, 'kind = "table"\nfile = "cells.csv"')
    assert found["rate"].tolist() == [0.1, 0.2]
    assert found["fault"].tolist() == ["none", "raise"]


@pytest.mark.parametrize("kind", ["random", "sobol"])
def test_more_points_keep_those_that_were_there(folder, kind):
    few, many = (
        unit(cells(folder, f'kind = "{kind}"\npoints = {points}\n{RANGES}')) for points in (8, 32)
    )
    assert np.array_equal(few, many[:8])
    assert len(np.unique(many, axis=0)) == 32
    assert many.min() >= 0
    assert many.max() <= 1


def test_a_latin_hypercube_has_one_point_in_each_slice(folder):
    found = unit(cells(folder, f'kind = "latin_hypercube"\npoints = 16\n{RANGES}'))
    assert (np.sort(np.floor(found * 16), axis=0) == np.arange(16)[:, None]).all()


def test_a_sobol_sequence_puts_one_point_in_each_of_sixteen_boxes(folder):
    found = unit(cells(folder, f'kind = "sobol"\npoints = 16\n{RANGES}'))
    boxes = np.floor(found * 4).astype(int)
    assert len({tuple(box) for box in boxes}) == 16


def test_saltelli_has_blocks_of_cells_that_swap_one_parameter(folder):
    pytest.importorskip("SALib")
    found = unit(cells(folder, f'kind = "saltelli"\npoints = 4\n{RANGES}'))
    assert found.shape == (4 * 6, 2)
    for block in found.reshape(4, 6, 2):
        first, last = block[0], block[5]
        assert np.allclose(block[1:3], [[last[0], first[1]], [first[0], last[1]]])


def test_morris_walks_change_one_parameter_at_a_time(folder):
    pytest.importorskip("SALib")
    found = unit(cells(folder, f'kind = "morris"\ntrajectories = 5\n{RANGES}'))
    steps = np.diff(found.reshape(5, 3, 2), axis=1)
    assert (np.sum(np.abs(steps) > 1e-9, axis=2) == 1).all()


def test_fast_has_its_points_for_each_parameter(folder):
    pytest.importorskip("SALib")
    found = unit(cells(folder, f'kind = "fast"\npoints = 65\n{RANGES}'))
    assert found.shape == (130, 2)


def test_words_whole_numbers_and_distributions_are_drawn(folder):
    told = (
        'kind = "random"\npoints = 200\nfault = ["a", "b"]\nsize = { from = 1, to = 4, '
        'whole = true }\nrate = { distribution = "lognorm", s = 0.5, scale = 0.1 }'
    )
    found = cells(folder, told)
    assert set(found["fault"]) == {"a", "b"}
    assert set(found["size"]) == {1, 2, 3, 4}
    spread = np.log(found["rate"] / 0.1)
    assert abs(spread.mean()) < 4 * 0.5 / np.sqrt(200)
    assert abs(spread.std() - 0.5) < 4 * 0.5 / np.sqrt(400)


def test_refinement_halves_the_distance_to_an_edge_each_time():
    axis = Axis("rate", low=0.0, high=1.0)
    found = {"rate": [0.0, 0.25, 0.5, 0.75, 1.0]}
    for _ in range(6):
        above = np.array(found["rate"]) > 0.6180
        found["rate"] += next_generation([axis], found, above, 5)["rate"]
    values = np.sort(found["rate"])
    edge = values[values <= 0.6180].max(), values[values > 0.6180].min()
    assert edge[1] - edge[0] == pytest.approx(0.25 / 2**6)


def test_refinement_in_two_dimensions_stays_near_the_edge():
    axes = [Axis("x", low=0.0, high=1.0), Axis("y", low=0.0, high=1.0)]
    grid = np.linspace(0, 1, 5)
    found = {"x": np.repeat(grid, 5).tolist(), "y": np.tile(grid, 5).tolist()}

    def distance(cells):
        return np.hypot(cells["x"], cells["y"]) - 0.7

    for _ in range(5):
        added = next_generation(axes, found, distance(found) > 0, 40)
        found = {name: found[name] + added[name] for name in found}
    assert len(found["x"]) == len({*zip(found["x"], found["y"], strict=True)})
    assert np.abs(distance(added)).max() < 0.1  # an edge of the grid is 0.25 long


def test_a_refined_study_finds_the_edge_and_computes_nothing_twice(folder):
    told = (
        'kind = "refine"\noutcome = "final"\nthreshold = 0.3\ngenerations = 3\npoints = 4\n'
        "rate = { from = 0.01, to = 1.0, levels = 5 }"
    )
    found = folder.run(told, "")
    rates = np.sort(studies.table(found.store.place)["p_rate"])
    finals = studies.table(found.store.place).sort_values("p_rate")["m_final"].to_numpy()
    assert found.failed == 0
    assert len(rates) == 5 + 3
    crossing = np.flatnonzero(np.diff(finals > 0.3))
    assert len(crossing) == 1
    assert np.diff(rates)[crossing[0]] == pytest.approx(0.99 / 4 / 8)
    before = len(folder.witnessed())
    again = folder.run(told, "")
    assert again.computed == 0
    assert len(folder.witnessed()) == before


WRONG = [
    ('kind = "gird"\nrate = [1.0]', ["kind = 'gird'", "did you mean 'grid'"]),
    ("rate = []", ["design.rate", "at least one value"]),
    ("rate = [0.1, nan]", ["design.rate", "finite"]),
    ("rate = { from = 1, to = 2 }", ["design.rate", "levels = 7"]),
    ("rate = { from = 2, to = 1, levels = 3 }", ["rate.to", "above from"]),
    ('rate = { from = 0, to = 1, levels = 3, spacing = "log" }', ["rate.from", "above 0"]),
    ("rate = { from = 1, to = 2, level = 3 }", ["level", "did you mean 'levels'"]),
    ('kind = "zip"\nrate = [0.1, 0.2]\nperiod = [1.0]', ["one length", "rate has 2"]),
    ('kind = "table"\nfile = "none.csv"', ["'none.csv'", "cannot be read"]),
    ('kind = "sobol"\nrate = { from = 1, to = 2 }', ["points", "is missing"]),
    ('kind = "sobol"\npoints = 0\nrate = { from = 1, to = 2 }', ["points", "got 0"]),
    ('kind = "sobol"\npoints = 8', ["names no parameter"]),
    ('kind = "saltelli"\npoints = 6\nrate = { from = 1, to = 2 }', ["power of two", "got 6"]),
    ('kind = "random"\npoints = 2\nrate = { distribution = "lognrm" }', ["lognrm", "scipy.stats"]),
]


@pytest.mark.parametrize(("design", "words"), WRONG)
def test_a_wrong_design_is_one_clear_message(folder, design, words):
    with pytest.raises(WrongRequest) as told:
        folder.load(design, "")
    for word in ("s.toml: study.design", *words):
        assert word in str(told.value)


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ('{ rat = "1/step" }', ["scenario.units", "rat: no such", "did you mean 'rate'"]),
        ("{ rate = 1 }", ["scenario.units", "rate: must be a text", "got 1"]),
        ('"steps"', ["scenario.units", "must be a table", "got 'steps'"]),
    ],
)
def test_wrong_units_of_an_own_model_are_one_clear_message(folder, units, words):
    with pytest.raises(WrongRequest) as told:
        studies.load(folder.write(), {"scenario.units": tomllib.loads(f"u = {units}")["u"]})
    for word in words:
        assert word in str(told.value)
