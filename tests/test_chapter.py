"""The scripts of the chapter: what they measure is what theory says, and their pictures draw.

Each is run with fewer steps, walks and values; as it is, and as a reader would, where it is quick
or (marked slow) where it is not.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scripts import as_a_reader, load

from adaptsim.dynamics import lyapunov
from adaptsim.landscapes import RobotArm
from adaptsim.theory import period_doubling

FOLDER = Path(__file__).parents[1] / "scenarios" / "chapter"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("[1-9]_*.py"))
QUICK = ("1_goldilocks",)
SMALLER = {
    "1_goldilocks": {},
    "2_flatness": {},
    "3_speed_limit": {"PLACES": [RobotArm()], "RATES": (0.4,), "TRAINING": 4000},
    "4_canyon": {"NUMBERS": np.array([1.0, 10.0, 100.0]), "STEPS": 300},
    "5_stiffness": {"NUMBERS": np.array([300.0, 1000.0])},
    "6_period_doubling": {"VALUES": 60, "KEEP": 32, "DOUBLINGS": 4},
    "7_temperature": {"ESCAPE_RATES": (0.2, 0.3), "WALKS": 200, "SEEDS": 16, "CYCLES": 4},
}
AXES = {
    "1_goldilocks": 5,
    "2_flatness": 2,
    "3_speed_limit": 4,
    "4_canyon": 4,
    "5_stiffness": 4,
    "6_period_doubling": 6,
    "7_temperature": 5,
}


@cache
def told(name):
    """Return a script with smaller constants, and what its story then is."""
    script = load(f"chapter/{name}", **SMALLER[name])
    return script, *script.story()


def agrees_1(table, script):
    apart = script.SWEPT[1] - script.SWEPT[0]
    assert_near(table, "best rate", apart)
    assert_near(table, "speed limit", 1.01 * apart)
    assert_near(table, "distance left per step", 1e-3)
    assert_near(table, "steps to", 0)


def agrees_2(table, script):
    assert_near(table, "order of", 1e-3)
    assert_near(table, "error at twice the rate", 1e-3)
    for quantity in ("loss's error", "place's error"):
        _, theory = row(table, quantity)
        assert_near(table, quantity, 1e-4 * theory)


def agrees_3(table, script):
    zoom = (1e2 / 1e-5) ** (79.0**-script.ZOOMS) - 1
    limits = rows(table, "speed limit")
    assert len(limits) == len(script.PLACES)
    assert (abs(limits[:, 0] / limits[:, 1] - 1) < 2 * zoom + 1e-9).all()
    half, expected = row(table, "half-width")
    assert half == pytest.approx(expected, rel=0.02)  # its error is of the order of mu = 0.02
    assert (abs(rows(table, "gauge")[:, 0] - 1) < 0.15).all()


def agrees_4(table, script):
    for rule in ("gradient descent", "momentum"):
        found = rows(table, f"{rule}: steps")
        assert found[:, 0] == pytest.approx(found[:, 1], abs=1e-9)
    assert (rows(table, "", ending="over k = 1")[:, 0] == 1.0).all()
    slower = rows(table, "RMSProp: steps")
    assert slower[1, 0] > 5 * slower[0, 0]


def agrees_5(table, script):
    assert_near(table, "numbers in which", 0)
    assert_near(table, "fewest stable", 0)
    assert_near(table, "order of", 5e-3)
    steps, stable = row(table, "Tsit5: steps, k = 1000")
    assert steps > 0.99 * stable
    assert_near(table, "Tsit5: steps, k = 1000 over", 0.1)
    assert row(table, "Kvaerno5")[0] < 1.2


def agrees_6(table, script):
    wells = rows(table, "double well", ending=("to 2", "to 4", "to 8", "16", "32", "64"))
    assert len(wells) == script.DOUBLINGS
    assert wells[:, 0] == pytest.approx(wells[:, 1], abs=1e-9)
    network = rows(table, "network: ")[: script.DOUBLINGS]
    assert network[0, 0] == pytest.approx(network[0, 1], abs=1e-9)
    published = [1.2052589, 1.5525660, 1.6350864, 1.6535915, 1.6575257, 1.6583698]
    assert network[:, 0] == pytest.approx(published[: script.DOUBLINGS], abs=6e-8)
    grown = lyapunov(script.WELLS, 2.0, n=20_000)
    found, exact = row(table, "double well: exponent")
    assert exact == pytest.approx(np.log(3))
    assert abs(found - exact) < 4 * grown.standard_error[0, 0]


def agrees_7(table, script):
    kept = 1 - script.RATES
    spread = np.sqrt(2 * (1 + kept**2) / (1 - kept**2) / (1000 * script.SEEDS))
    found = rows(table, "variance in a bowl")
    assert (abs(found[:, 0] / found[:, 1] - 1) < 4 * spread).all()
    for rate, (mean, exact) in zip(
        (script.SMALL, script.LARGE), rows(table, "mean square"), strict=True
    ):
        squares = script.in_wells(rate)[0].reshape(2, script.SEEDS, -1) ** 2
        seeds = squares.mean(axis=(0, 2))  # walks of one seed share its luck
        assert abs(mean - exact) < 4 * seeds.std(ddof=1) / script.SEEDS**0.5
    escapes = rows(table, "steps to escape")  # without a memory: as scattered as they are long
    assert (abs(escapes[:, 0] / escapes[:, 1] - 1) < 4 / script.WALKS**0.5).all()
    share, exact = row(table, "escapes while")
    assert abs(share - exact) < 4 * (exact * (1 - exact) / (0.5 * script.WALKS)) ** 0.5


AGREES = dict(
    zip(
        SCRIPTS,
        (agrees_1, agrees_2, agrees_3, agrees_4, agrees_5, agrees_6, agrees_7),
        strict=True,
    )
)


def rows(table, beginning, *, ending=("",)):
    """Return measured and theory of the rows whose name begins and ends so, shape (n, 2)."""
    chosen = table[""].str.startswith(beginning) & table[""].str.endswith(ending)
    assert chosen.any(), beginning
    return table.loc[chosen, ["measured", "theory"]].to_numpy(float)


def row(table, beginning):
    """Return measured and theory of the first such row."""
    return rows(table, beginning)[0]


def assert_near(table, beginning, most):
    found = rows(table, beginning)
    assert (abs(found[:, 0] - found[:, 1]) <= most).all(), found


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_story_measures_is_what_theory_says(name):
    script, table, _ = told(name)
    AGREES[name](table, script)


@pytest.mark.parametrize("name", SCRIPTS)
def test_its_picture_has_units_on_every_axis_and_draws(name, tmp_path):
    figure = told(name)[2]
    figure.savefig(tmp_path / "figure.png")
    drawn = figure.get_axes()
    assert len(drawn) == AXES[name]
    for axes in drawn:
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert not label or label.endswith("]"), label
        assert axes.get_xlabel() or axes.get_ylabel() or axes.get_title()


@pytest.mark.parametrize("name", QUICK)
def test_a_reader_runs_one_script_and_sees_it(name, tmp_path, monkeypatch, capsys):
    left, printed = as_a_reader(f"chapter/{name}", tmp_path, monkeypatch, capsys)
    assert printed.split("\n")[0].split() == ["measured", "theory"]
    assert len(printed.strip("\n").split("\n")) == 1 + len(left["table"])


@pytest.mark.slow
@pytest.mark.parametrize("name", [one for one in SCRIPTS if one not in QUICK])
def test_the_whole_story(name, tmp_path, monkeypatch, capsys):
    left, printed = as_a_reader(f"chapter/{name}", tmp_path, monkeypatch, capsys)
    assert "theory" in printed
    AGREES[name](left["table"], load(f"chapter/{name}"))


@pytest.mark.slow
def test_ratios_of_the_whole_cascades_are_the_known_ones():
    table, _ = load("chapter/6_period_doubling").story()
    assert row(table, "double well: last ratio")[0] == pytest.approx(4.6679, abs=6e-5)
    assert row(table, "network: last ratio")[0] == pytest.approx(4.6604, abs=6e-5)
    chaos = row(table, "double well: chaos from")[0]
    assert chaos == pytest.approx(period_doubling.double_well_accumulation(), abs=1e-6)


def test_there_is_one_script_for_all():
    text = (FOLDER / "all.py").read_text(encoding="utf-8")
    compile(text, "all.py", "exec")
    assert (
        SCRIPTS
        == list(SMALLER)
        == [f"{n}_{name.split('_', 1)[1]}" for n, name in enumerate(SCRIPTS, 1)]
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_says_how_to_run_it(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert f"uv run python scenarios/chapter/{name}.py" in text
    told = (FOLDER.parents[1] / "docs" / "chapter.md").read_text(encoding="utf-8")
    assert f"uv run python scenarios/chapter/{name}.py" in told
