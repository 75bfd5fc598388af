"""Each rule of the contract of a measure, broken once; and the check of anything."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from adaptsim.measures.base import Measure
from adaptsim.part import Part
from adaptsim.testing import ContractError, check, check_measure


class Right(Measure):
    unit: ClassVar[str] = "trait"

    def of(self, output, target):
        return np.abs(output - target).mean()


class NoOf(Measure):
    pass


class ManyNumbers(Right):
    def of(self, output, target):
        return np.abs(output - target)


class NoReturn(Right):
    def of(self, output, target):
        np.abs(output - target).mean()


class Words(Right):
    def of(self, output, target):
        return "near"


class NoUnit(Right):
    unit = 1


class InPlace(Right):
    def of(self, output, target):
        output -= target
        return np.abs(output).mean()


class Remembering(Right):
    seen: ClassVar[list[float]] = []

    def of(self, output, target):
        self.seen.append(super().of(output, target))
        return max(self.seen)


class HidesNan(Right):
    def of(self, output, target):
        return np.nan_to_num(super().of(output, target))


class RaisesOnNan(Right):
    def of(self, output, target):
        return np.flatnonzero(output > 0)[0]


BROKEN = {
    NoOf: "NoOf.of is missing",
    ManyNumbers: r"of must return one number; got ndarray of shape \(200,\); write .mean\(\), say",
    NoReturn: "of must return one number; got NoneType; write return",
    Words: "of must return one number; got str 'near'",
    NoUnit: "unit must be a text, '1' where there is none; got 1",
    InPlace: "of changes what it is given",
    Remembering: "of must depend on nothing but what it is given",
    HidesNan: "of must return nan where all output is nan",
    RaisesOnNan: "of raises IndexError",
}


@pytest.mark.parametrize(
    ("measure", "words"), BROKEN.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_says_what_is_wrong(measure, words):
    with pytest.raises(ContractError, match=words) as caught:
        check_measure(measure)
    assert len(caught.value.problems) == 1, "one mistake must be told once"


def test_check_chooses_by_what_a_thing_is():
    assert check(Right) is None
    with pytest.raises(ContractError, match="contract of a measure"):
        check(NoOf)
    with pytest.raises(ContractError, match="must be a subclass of Agent, Rule, Env"):
        check(Part)
