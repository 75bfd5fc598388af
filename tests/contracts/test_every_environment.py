from __future__ import annotations

import pytest

from adaptsim.environments import Constant, Recorded, Stack, Step, Telegraph, WhiteNoise
from adaptsim.testing import check_environment
from contracts.specimens import SHIPPED, everything


@pytest.mark.parametrize("environment", everything("environment"))
def test_keeps_the_contract(environment):
    assert check_environment(environment) is None


@pytest.mark.parametrize(
    "environment",
    [
        Telegraph(hazard=0.5, amplitude=3.0, mean=-2.0),
        WhiteNoise(variance=0.0).replace(variance=1e-6),
        Stack(parts=(Step(), WhiteNoise(), Constant(value=7.0))),
        Recorded(**SHIPPED, after_end="refuse", steps_per_row=3, floor=10.0),
    ],
    ids=lambda one: type(one).__name__,
)
def test_other_settings_keep_the_contract(environment):
    check_environment(environment)
