from __future__ import annotations

import numpy as np
import pytest

from adaptsim.rules import Adam, Cosine, GradientDescent, WarmUp
from adaptsim.testing import check_rule, check_schedule
from contracts.specimens import everything


@pytest.mark.parametrize("rule", everything("rule"))
def test_keeps_the_contract(rule):
    assert check_rule(rule) is None


@pytest.mark.parametrize("schedule", everything("schedule"))
def test_schedule_keeps_the_contract(schedule):
    assert check_schedule(schedule) is None


@pytest.mark.parametrize(
    "rule",
    [
        GradientDescent(learning_rate=np.array([0.1, 0.4])),
        Adam(learning_rate=WarmUp(then=Cosine(duration=20.0), duration=3.0)),
    ],
)
def test_rule_with_rates_that_differ_keeps_the_contract(rule):
    check_rule(rule)
