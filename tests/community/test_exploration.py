"""Choosing among arms: frequencies beside closed forms, and a reversal."""

import numpy as np
import pytest

from adaptsim import theory
from adaptsim.community.exploration import choose

KNOWN = theory.exploration
MANY = {"steps": 50, "learners": 2000}


@pytest.mark.parametrize("sharpness", [1.0, 2.0])
def test_softmax_of_known_arms_chooses_the_better_as_often_as_theory_says(sharpness):
    found = choose([1.0, 0.0], gain=0.0, sharpness=sharpness, **MANY)
    exact = KNOWN.softmax_best(1.0, sharpness=sharpness)
    error = np.sqrt(exact * (1 - exact) / (50 * 2000))
    assert abs(found.best.mean() - exact) < 4 * error
    assert abs(found.regret.mean() - KNOWN.softmax_regret(1.0, sharpness=sharpness)) < 4 * error


def test_eps_greedy_of_known_arms_forgoes_what_theory_says():
    found = choose([1.0, 0.5, 0.5, 0.5], gain=0.2, exploring=0.2, **MANY)
    exact = KNOWN.greedy_regret(0.5, exploring=0.2, arms=4)
    error = 0.5 * np.sqrt(0.15 * 0.85 / (50 * 2000))
    assert abs(found.regret.mean() - exact) < 4 * error


def test_estimates_that_begin_at_nothing_come_to_the_same():
    found = choose([1.0, 0.0], gain=0.3, sharpness=1.0, known=False, **MANY)
    exact = KNOWN.softmax_best(1.0, sharpness=1.0)
    late = found.best[30:]
    assert abs(found.best[0] - 0.5) < 4 * 0.5 / np.sqrt(2000)
    assert abs(late.mean() - exact) < 4 * np.sqrt(exact * (1 - exact) / (20 * 2000))


def test_a_reversal_is_recovered_from_the_sooner_the_faster_one_learns():
    slow, fast = (
        choose([1.0, 0.0], gain=gain, sharpness=4.0, reversal=20, steps=250, learners=500).recovery(
            20
        )
        for gain in (0.05, 0.2)
    )
    assert slow > 2 * fast > 2
    assert slow > KNOWN.unlearning_time(1.0, 0.0, 0.5, gain=0.05)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"gain": 0.1}, "one of sharpness"),
        ({"gain": 0.1, "sharpness": 1.0, "exploring": 0.1}, "one of sharpness"),
        ({"gain": 2.0, "sharpness": 1.0}, "must lie from 0 to 1"),
        ({"gain": 0.1, "sharpness": 1.0, "steps": 0}, "at least 1"),
    ],
)
def test_refuses_what_cannot_be(asked, told):
    with pytest.raises(ValueError, match=told):
        choose([1.0, 0.0], **asked)
