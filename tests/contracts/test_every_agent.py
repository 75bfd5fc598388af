from __future__ import annotations

import numpy as np
import pytest

from adaptsim.agents import Forager, Thermostat
from adaptsim.environments import PreyCycle
from adaptsim.testing import check_agent
from contracts.specimens import CUES, everything


@pytest.mark.parametrize("kind", everything("agent"))
def test_keeps_the_contract(kind):
    assert check_agent(kind, cue=CUES.get(type(kind).__name__)) is None


@pytest.mark.parametrize("order", ["synchronous", "sequential"])
def test_thermostat_that_learns_from_its_room_keeps_the_contract(order):
    kind = Thermostat(room=True, order=order, learns_from="room", sensor_delay=2)
    check_agent(kind, cue=[20.0, 5.0])


def test_kind_with_delays_noise_and_a_field_per_individual_keeps_the_contract():
    kind = Forager(
        matching=np.array([1.0, 2.0]), observation_delay=2, feedback_delay=1, observation_noise=0.5
    )
    check_agent(kind, environment=PreyCycle())
