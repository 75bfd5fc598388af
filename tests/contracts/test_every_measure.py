"""Measures that a scenario may name; those of a run are functions, tested in tests/measures."""

from __future__ import annotations

import pytest

from adaptsim.measures.base import Measure
from adaptsim.schema import catalogue
from adaptsim.testing import check_measure
from contracts.specimens import specimen


class MeanDistance(Measure):
    """Mean distance of output and target."""

    unit = "trait"

    def of(self, output, target):
        return abs(output - target).mean()


def test_every_measure_keeps_the_contract():
    for part in [MeanDistance, *catalogue("measure").values()]:
        check_measure(specimen(part))


@pytest.mark.parametrize("family", ["agent", "environment", "rule", "schedule", "measure"])
def test_every_family_has_a_catalogue(family):
    assert all(not part.abstract for part in catalogue(family).values())
