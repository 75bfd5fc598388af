"""The story of predators that are felt: every number beside theory, and its picture."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scripts import as_a_reader, load

SMALLER = {
    "CONNECTANCE": (0.1, 0.9),
    "WEBS": 4,
    "STEPS": 50,
    "LEARNERS": 300,
    "TRIES": 40,
    "LONG": 300.0,
}
LEFT_OUT = ("coexistence", "behind_a_tone", "exploring", "among_patches")
"""Parts of the story that other fast tests have, or that take long to compile."""

LOOSE = {
    "the same of a step of": 0.03,  # first order in the length of a step
    "change of V in 300: Euler": np.inf,  # shown because it is wrong
    "R1 slow frequency, alpha = 1e6": 1e-6,
    "fixed preference: growth": 1e-6,
    "rate from which": 1e-3,  # the grid's width
    "patches: share": 0.03,
}
"""Relative differences allowed; all other closed forms are met to 1e-6."""

CHANCE = {"softmax", "eps-greedy"}


@cache
def told():
    left_out = dict.fromkeys(LEFT_OUT, list)
    return load("living/predator_community", **SMALLER, **left_out).story()


def assert_agrees(table):
    exact = table[table["theory"].notna()]
    assert len(exact) > 20
    for _, (name, measured, theory, _) in exact.iterrows():
        if name.startswith(tuple(CHANCE)):
            continue
        loose = [most for start, most in LOOSE.items() if name.startswith(start)]
        most = loose[0] if loose else 1e-6
        assert abs(measured - theory) <= most * max(abs(theory), 1), (name, measured, theory)


def test_what_it_measures_is_what_theory_says():
    assert_agrees(told()[0])


def test_the_window_is_the_printed_one():
    table = told()[0].set_index("")["measured"]
    assert table["R3 stable from alpha"] == pytest.approx(0.913582, abs=5e-7)
    assert table["R3 stable to alpha"] == pytest.approx(2.175682, abs=5e-7)
    assert table["R3 most resilient alpha"] == pytest.approx(1.364657, abs=5e-7)
    assert table["R2 capacity from which all cycle"] == pytest.approx(10 / 3, rel=1e-9)
    assert table["steps of 0.02 against 0.01: largest difference [%]"] < 1
    assert table["change of V in 300: Euler, dt 0.01"] == pytest.approx(0.126, abs=5e-4)


def test_its_picture_draws_with_units(tmp_path):
    figure = told()[1]
    figure.savefig(tmp_path / "figure.png")
    assert len(figure.get_axes()) == 6
    for axes in figure.get_axes():
        assert axes.get_xlabel().endswith("]")
        assert axes.get_ylabel().endswith("]")


@pytest.mark.slow
def test_the_whole_story(tmp_path, monkeypatch, capsys):
    left, printed = as_a_reader("living/predator_community", tmp_path, monkeypatch, capsys)
    assert "elsewhere" in printed
    table = left["table"]
    assert_agrees(table)
    elsewhere = table[table["elsewhere"].notna()]
    webs = elsewhere[elsewhere[""].str.startswith("R4")]
    shares = webs[["measured", "elsewhere"]].to_numpy(float)
    error = np.sqrt((shares * (1 - shares)).sum(axis=1) / 200)
    assert (abs(np.diff(shares, axis=1)[:, 0]) < 4 * error).all()
    swings = elsewhere[elsewhere[""].str.startswith("variability")]
    assert np.allclose(swings["measured"], swings["elsewhere"], atol=2e-3)
    chosen = pd.concat([table[table[""].str.startswith(word)] for word in CHANCE])
    error = np.sqrt(0.25 / (2000 * 200))
    assert (abs(chosen["measured"] - chosen["theory"]) < 4 * error).all()
