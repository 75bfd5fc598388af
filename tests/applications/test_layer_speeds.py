"""The story of layers that learn at different speeds: every claim beside its theory."""

from functools import cache

import numpy as np
import pytest
from scripts import as_a_reader, assert_told, load

from adaptsim.figures.layer_speeds import layer_speeds_figure


@cache
def small():
    """Return the script with small networks and few depths, its table and its picture."""
    script = load(
        "applications/layer_speeds", MODES=(5.0, 2.0), DEPTHS=(1, 3), LIMIT_DEPTHS=(2, 3),
        SLOPES=[("tanh", 1.0, 0.05)], LAYERS=14, WIDTH=48, DRAWS=16, INNER=slice(7, 13),
        LED_DEPTHS=(3,), FOLLOWERS=np.geomspace(0.01, 1.0, 3), TRAINED=300, STARTS=2,
        SWEEP=np.array([0.2, 10.0]), ENOUGH=0.01,
    )  # fmt: skip
    table, figure = script.story()
    return script, table.set_index(""), figure


def test_first_at_reads_between_two_steps():
    script = load("applications/layer_speeds")
    assert script.first_at(0.5, np.array([0.0, 0.4, 0.8, 0.1])) == pytest.approx(1.25)


def test_picture_of_made_up_numbers(tmp_path):
    """The figure draws whatever it is given; it simulates nothing."""
    times, depths = np.linspace(0, 1, 5), np.array([1, 2, 3])
    random = {"tanh": (np.exp(np.arange(8.0)).reshape(2, 4), 0.7, 0.1, 0.75)}
    figure = layer_speeds_figure(
        ((2.0,), times, times[None], times[None]), (depths, 1.0 * depths, depths, 1.1 * depths),
        (depths, 1 / depths, depths, 1 / depths), random,
        (np.array([0.1, 1.0]), {2: (np.array([1.0, 2.0]), np.array([1.0, 2.1]))}),
        {"one rate": (np.arange(3), np.array([1.0, 0.1, 0.01]), 2, 0.3)},
    )  # fmt: skip
    assert_told(figure, tmp_path / "layer_speeds.png")


@pytest.mark.slow
def test_modes_and_plateaus_are_within_a_thousandth_of_theory():
    table = small()[1]
    rows = table[table.index.str.contains("half learnt")]
    assert len(rows) == 4
    assert rows["measured"].to_numpy() == pytest.approx(rows["theory"].to_numpy(), rel=1e-3)


@pytest.mark.slow
def test_speed_limits_are_found():
    table = small()[1]
    rows = table[table.index.str.startswith("speed limit")]
    assert rows["measured"].to_numpy() == pytest.approx(rows["theory"].to_numpy(), rel=1e-8)


@pytest.mark.slow
def test_slopes_change_by_chi():
    script = small()[0]
    for squares, factor, error, chi in script.slopes().values():
        assert squares.shape == (script.DRAWS, script.LAYERS)
        assert abs(factor - chi) < 4 * error


@pytest.mark.slow
def test_rates_per_layer_pay():
    table = small()[1]["measured"]
    assert table["waited where one of 3 leads"] < 0.7 * table["waited by 3 layers alike"]
    one, own = (table[f"steps to loss 0.01, {name}"] for name in ("one rate", "a rate per layer"))
    assert own < one / 2


@pytest.mark.slow
def test_theory_of_a_leading_layer():
    """To the two hundredths of a unit that steps of a fiftieth of the limit miss the flow by."""
    table = small()[1]
    rows = table[table.index.str.startswith("waited")]
    assert rows["measured"].to_numpy() == pytest.approx(rows["theory"].to_numpy(), rel=0.01)


@pytest.mark.slow
def test_picture(tmp_path):
    assert_told(small()[2], tmp_path / "layer_speeds.png")


@pytest.mark.slow
def test_as_a_reader_runs_it(tmp_path, monkeypatch, capsys):
    left, told = as_a_reader("applications/layer_speeds", tmp_path, monkeypatch, capsys)
    table = left["table"].set_index("")
    assert "mode 5 half learnt" in told
    exact = table[table.index.str.contains("half learnt|speed limit")]
    assert exact["measured"].to_numpy() == pytest.approx(exact["theory"].to_numpy(), rel=1e-3)
    for name, (_, factor, error, chi) in left["slopes"]().items():
        assert abs(factor - chi) < 4 * error, name
