"""Digits below and above the edge of stability: the story's claims, on a smaller network."""

import numpy as np
import pytest
from scripts import as_a_reader, assert_told, load

from adaptsim.landscapes import Digits

pytest.importorskip("sklearn")
NAME = "applications/image_classes"


def rows(table, ending):
    chosen = table[""].str.endswith(ending)
    assert chosen.any(), ending
    return table.loc[chosen, "measured"].to_numpy(float)


@pytest.mark.slow
def test_a_smaller_story(tmp_path):
    script = load(
        NAME,
        DIGITS=Digits(layers=(64, 8, 10), error="squared", samples=100, gain=0.3),
        RATES=(0.05, 0.3, 4.0),
        SHOWN=(0.05, 0.3),
        STEPS=400,
        SETTLE=50,
        AVERAGED=100,
        RIDGE_RATES=(0.3,),
        RIDGE_SETTLE=50,
        RIDGE_AVERAGED=100,
    )
    table, figure = script.story()
    assert_told(figure, tmp_path / "figure.png")
    calm, edge = rows(table, "steps that raise the loss")[:2]
    assert calm == 0 < edge
    gauges = rows(table, "gauge, second half")
    assert gauges[0] < 1
    assert gauges[1] == pytest.approx(1, abs=0.15)
    assert np.isfinite(rows(table, "training is lost at step")).all()


@pytest.mark.slow
def test_as_it_is_read(tmp_path, monkeypatch, capsys):
    left, printed = as_a_reader(NAME, tmp_path, monkeypatch, capsys)
    assert "theory" in printed
    gauges = left["table"][left["table"]["theory"] == 1]["measured"]
    assert (abs(gauges - 1) < 0.05).all()
    assert len(gauges) >= 4
    exponents = rows(left["table"], "exponent per step")[-len(left["RIDGE_RATES"]) :]
    errors = rows(left["table"], "its standard error")
    assert abs(exponents[0]) < 1e-3  # below the limit neighbours stay together
    assert exponents[-1] > 4 * errors[-1]  # far above they part
