"""The protein in its traps, on a smaller scale; and the table of published minima."""

from functools import cache

import numpy as np
import pytest
from scripts import as_a_reader, assert_told, load

KEPT = ("falling .05", "restarts .1", "basin hopping")


@cache
def told():
    """Return the script with few short walks, and what its story then is."""
    script = load("applications/protein_folding", STARTS=6, STEPS=600, QUENCHED=2, EVERY=10)
    script.RULES = {name: script.RULES[name] for name in KEPT}
    return script, *script.story()


def row(table, name):
    """Return measured, from, to and theory of a row."""
    return table.loc[table[""] == name, ["measured", "from", "to", "theory"]].to_numpy(float)[0]


def test_all_take_as_many_gradients_from_the_same_starts():
    script, _, _ = told()
    found, reached = script.walked()
    for name, one in found.items():
        assert np.max(one.evaluations) == script.STEPS, name
        np.testing.assert_array_equal(one.loss[0, :, 0, 0], found[KEPT[0]].loss[0, :, 0, 0])
        assert reached[name].shape == (script.STARTS,)
        assert (reached[name] >= script.PROTEIN.lowest_energy - script.SAME).all()


def test_the_table_says_how_low_they_came_and_how_sure_that_is():
    script, table, _ = told()
    for name in KEPT:
        lowest, _, _, published = row(table, f"{name}: lowest energy")
        middle, low, high, _ = row(table, f"{name}: median")
        assert published == script.PROTEIN.lowest_energy
        assert lowest <= low <= middle <= high
        assert row(table, f"{name}: barriers crossed")[0] >= 0
    apart, low, high, _ = row(table, "restarts .1: lower than falling .05 by")
    assert low <= apart <= high
    with pytest.raises(IndexError):
        row(table, "falling .05: lower than falling .05 by")


def test_an_interval_of_equal_numbers_is_their_value():
    script, _, _ = told()
    same = np.full(5, 2.0)
    assert script.interval(script.median, same) == (2.0, 2.0, 2.0)
    assert script.interval(script.lower, same, same + 0.5) == (0.5, 0.5, 0.5)


def test_the_picture_has_units_on_every_axis_and_draws(tmp_path):
    _, _, figure = told()
    assert_told(figure, tmp_path / "figure.png")


@pytest.mark.slow
def test_the_table_of_published_minima_finds_small_clusters_and_a_surface(tmp_path):
    script = load(
        "applications/published_minima", ATOMS=(3,), BEADS={13: (2, 200)}, SHORT=600, STARTS=2
    )
    script.CONVENTIONS = ("boskovic_brest",)
    table, figure = script.story()
    known = table[~table[""].str.startswith("AB")]
    assert len(known) == 6
    assert (abs(known["gap"]) < 1e-6).all()
    cluster = table[table[""] == "Lennard-Jones, 3 atoms"].iloc[0]
    assert cluster["reached"] == 2
    assert 0 < cluster["expected"] <= 600
    protein = table[table[""].str.startswith("AB")].iloc[0]
    assert protein["gap"] == protein["measured"] - protein["theory"]
    assert protein["gap"] > 0
    assert protein["reached"] == 0
    assert np.isnan(protein["expected"])
    assert_told(figure, tmp_path / "figure.png")


@pytest.mark.slow
def test_the_whole_story(tmp_path, monkeypatch, capsys):
    """Minutes. The claim: restarts lift the bad tail; only basin hopping finds the fold."""
    left, printed = as_a_reader("applications/protein_folding", tmp_path, monkeypatch, capsys)
    table = left["table"]
    assert "published" not in printed
    tails = [row(table, f"{name}: 90 % quantile") for name in ("restarts .1", "falling .05")]
    assert tails[0][2] < tails[1][1]
    assert row(table, "basin hopping: walks that find the fold")[0] > 0
    assert row(table, "falling .05: walks that find the fold")[0] == 0
