"""All families on one axis: their parts on a smaller scale, the picture, and the whole."""

from functools import cache
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scripts import load, run

from adaptsim import GradientDescent, Step, Tracker
from adaptsim.evolution import Evolution, evolve

SMALLER = {"GAINS": (0.1, 0.3), "PERIODS": (60.0,), "EACH": 30, "GENERATIONS": 400}


@cache
def smaller():
    return load("living/one_axis", **SMALLER)


def tables(rows):
    return pd.DataFrame(rows, columns=smaller().COLUMNS)


def test_a_neuron_and_a_population_are_on_the_axis():
    script = smaller()
    table = tables([*script.measured("neuron", script.FAMILIES["neuron"]), *script.population()])
    exact, errors = script.distances(table)
    assert exact < 1e-6
    assert errors < 4
    measures = {"adaptation rate", "lag", "gain", "variance", "stability margin", "recovery time"}
    for _, rows in table[~table["family"].str.contains(",")].groupby("family"):
        assert set(rows["measure"]) == measures
    assert_tells(script, table)


def assert_tells(script, table):
    console = Console(record=True, width=130, file=StringIO())
    script.show(console, table)
    told = console.export_text()
    assert "clones inherit the skew" in told
    assert "6.667" in told


@pytest.mark.parametrize("name", ["thermostat", "neuron"])
def test_who_is_not_of_first_order_has_a_theory_of_its_own(name):
    script = smaller()
    lag, gain = script.ODD[name](60.0)
    omega = 2 * np.pi / 60
    known, usual = script.response(name, omega), script.KNOWN.transfer(script.ODD_GAIN, omega)
    assert gain[0] == pytest.approx(abs(known), rel=1e-6)
    assert lag[0] == pytest.approx(script.late(known, omega), rel=1e-6)
    assert abs(abs(usual) / gain[0] - 1) > 0.1


def test_no_genetic_variance_makes_a_population_unstable():
    """Even a hundredfold of what selection leaves: the mean never passes its optimum for long."""
    evolution = Evolution(
        heritable="agent.start_at", mutates="absolute", mutation=10.0, selection=1.0, life=1,
        inherits="nothing", generations=60,
    )  # fmt: skip
    seen = evolve(
        Tracker(), GradientDescent(learning_rate=0.0), Step(before=0.0, after=5.0, at=30.0),
        evolution, size=2000, replicates=20, seed=1,
    )  # fmt: skip
    gain = 101 / 102  # G = 100 + what was left, P = G
    after = seen.genotype[31:].mean(axis=1)
    drift = (seen.variance[5:].mean() / 2000 / 20) ** 0.5
    assert abs(after[0] - 5.0 * gain) < 6 * drift
    assert (abs(after[1:] - 5.0) < 6 * drift).all()


def test_the_picture_has_units_on_every_axis(tmp_path):
    script = smaller()
    pairs = [("thermostat", 0.1), ("thermostat", 0.3), ("recommender", 0.1), ("recommender", 0.3)]
    told = {"period": 60.0}
    measures = ("lag", "gain", "adaptation rate", "recovery time", "variance", "stability margin")
    table = tables(
        [script.row(f, g, one, "1", (g, 0.9 * g, 1.1 * g), g, **told)
         for f, g in pairs for one in measures]
    )  # fmt: skip
    odd = tables([script.row(f, 0.1, one, "1", (0.1,) * 3, 0.1, **told)
                  for f in ("thermostat", "recommender") for one in ("lag", "gain")])  # fmt: skip
    figure = script.one_axis_figure(table, odd, script.curves(odd))
    figure.set_layout_engine("none")  # which takes seconds
    figure.savefig(tmp_path / "figure.png", dpi=60)
    for axes in figure.get_axes():
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert label.endswith("]"), label


@pytest.mark.slow
def test_the_whole_story(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    left = run("living/one_axis")
    assert left["exact"] < 1e-3  # the predator's swing is small, not infinitely small
    assert left["errors"] < 4
    folder = tmp_path / "outputs" / "living" / "one_axis"
    assert (folder / "figure.png").stat().st_size > 50_000
    assert len(pd.read_csv(folder / "first_order.csv")) == len(left["table"])
    assert "largest distance" in capsys.readouterr().out
