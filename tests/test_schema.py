"""From names and numbers to parts: built, spread, described, and refused with one message."""

import dataclasses
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from adaptsim import Part, WrongField, WrongRequest, field
from adaptsim.schema import FAMILIES, Place, build, catalogue, describe, spread, suggest

NEEDED = {"Noisy": {"landscape": {"kind": "Canyon"}}}
PLACE = Place("here.toml", "rule", Path(), size=6, seed=4)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_catalogue_holds_concrete_parts_only(family):
    for name, part in catalogue(family).items():
        assert part.__name__ == name
        assert not part.abstract


@pytest.mark.parametrize("family", ["agent", "environment", "rule", "schedule"])
def test_every_field_of_every_part_is_documented(family):
    for part in catalogue(family).values():
        for declared in dataclasses.fields(part):
            assert declared.metadata.get("help"), f"{part.__name__}.{declared.name}"
            assert declared.metadata.get("unit"), f"{part.__name__}.{declared.name}"


@pytest.mark.parametrize("family", ["agent", "rule", "schedule", "landscape"])
def test_what_is_described_is_built_again(family):
    apart = {"Bbob"} if find_spec("sklearn") else {"Bbob", "Digits"}
    for name in sorted(catalogue(family).keys() - apart):
        table = {"kind": name} | NEEDED.get(name, {})
        whole = describe(build(family, table, PLACE), table)
        again = build(family, whole, PLACE)
        assert describe(again, whole) == whole
        assert set(whole) == {"kind"} | {
            one.name
            for one in dataclasses.fields(again)
            if one.metadata["unit"] != "internal" and getattr(again, one.name) is not None
        }


def test_schedules_nest():
    table = {
        "kind": "GradientDescent",
        "learning_rate": {
            "kind": "WarmUp",
            "duration": 3,
            "then": {"kind": "Cosine", "initial": 0.4},
        },
    }
    rule = build("rule", table, PLACE)
    assert rule.learning_rate.then.initial == 0.4
    assert describe(rule, table)["learning_rate"]["then"]["kind"] == "Cosine"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"from": 0.0, "to": 1.0}, np.linspace(0, 1, 6)),
        ({"from": 0.01, "to": 1.0, "spacing": "log"}, np.geomspace(0.01, 1, 6)),
        ({"from": 0.0, "to": 1.0, "levels": 3}, [0, 0, 0.5, 0.5, 1, 1]),
        ({"values": [3, 4]}, [3, 3, 3, 4, 4, 4]),
        ([1, 2, 3], [1, 1, 2, 2, 3, 3]),
        ([1, 2, 3, 4], [1, 1, 2, 3, 3, 4]),
    ],
)
def test_values_are_spread_over_individuals(table, expected):
    np.testing.assert_allclose(spread(table, PLACE), expected, rtol=1e-12)


def test_drawn_values_follow_their_distribution_and_their_seed():
    told = {"distribution": "lognorm", "s": 0.5, "scale": 0.1}
    place = PLACE._replace(size=5000)
    drawn = spread(told, place)
    assert stats.kstest(drawn, stats.lognorm(s=0.5, scale=0.1).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(spread(told, place), drawn)
    assert not np.array_equal(spread(told, place._replace(seed=5)), drawn)
    assert not np.array_equal(spread(told, place._replace(table="agent")), drawn)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"from": 0.0, "to": 1.0, "spacing": "log"}, "must be above 0 for spacing = 'log'"),
        ({"from": 0.0, "to": 1.0, "spacing": "lag"}, "did you mean 'log'"),
        ({"from": 0.0, "to": 1.0, "level": 3}, "did you mean 'levels'"),
        ({"from": 0.0, "to": 1.0, "levels": 0}, "at least 1; got 0"),
        ({"from": 0.0}, "must be a number; got None"),
        ({"values": []}, r"must be a list of numbers; got \[\]"),
        ({"values": [1, "two"]}, "must be a list of numbers"),
        ({"values": [1] * 7}, "7 values for a population of 6"),
        ({"distribution": "normal"}, "near: norm"),
        ({"distribution": "norm", "lok": 0}, "lok"),
    ],
)
def test_a_wrong_spread_is_refused(table, words):
    with pytest.raises(WrongRequest, match=words) as caught:
        spread(table, PLACE)
    assert str(caught.value).startswith("here.toml: rule")


def test_worlds_are_not_spread():
    with pytest.raises(WrongRequest, match="must be a single number"):
        spread([1, 2], PLACE._replace(size=0))


def test_a_suggestion_is_the_nearest_name():
    assert suggest("Adan", ["Adam", "AdaGrad"]).startswith("did you mean 'Adam'?")
    assert suggest("adam", ["Adam", "AdaGrad"]).startswith("did you mean 'Adam'?")
    assert suggest("xyz", ["Adam"]) == "Allowed: Adam"


class Spring(Part):
    """A part with one field of each sort."""

    stiffness: float = field(1.0, unit="N/m", help="force", above=0)
    coils: int = field(3, help="number", at_least=1)
    steel: bool = field(default=True, help="or not")
    shape: str = field("round", help="seen from above", choices=("round", "flat"))
    length: float = field(help="required")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stiffness": 0.0}, r"Spring.stiffness must be above 0 \[N/m\]; got 0"),
        ({"stiffness": "stiff"}, "must be a number; got 'stiff'"),
        ({"stiffness": np.array([1.0, np.inf])}, "must be finite; got inf"),
        ({"coils": 0}, "at least 1"),
        ({"coils": True}, "must be a whole number; got True"),
        ({"coils": 2.0}, "must be a whole number; got 2.0"),
        ({"steel": 1}, "must be true or false; got 1"),
        ({"shape": "square"}, "must be one of 'round', 'flat'; got 'square'"),
    ],
)
def test_a_wrong_field_is_refused_by_name(fields, words):
    with pytest.raises(WrongField, match=words):
        Spring(length=1.0, **fields)
    with pytest.raises(WrongField, match=words):
        Spring(length=1.0).replace(**fields)


def test_a_part_without_a_required_field_is_refused():
    with pytest.raises(TypeError, match="length"):
        Spring()
    with pytest.raises(WrongRequest, match=r"environment.parts is missing: Sum needs it"):
        build("environment", {"kind": "Sum"}, PLACE._replace(table="environment"))


def test_a_switch_is_built_from_nested_tables():
    table = {
        "kind": "Switch",
        "first": {"kind": "Adam", "learning_rate": 0.01},
        "then": {"kind": "LBFGS"},
        "criterion": {"kind": "AfterSteps", "steps": 100},
    }
    rule = build("rule", table, PLACE)
    assert type(rule.first).__name__ == "Adam"
    assert type(rule.criterion).__name__ == "AfterSteps"
    assert describe(rule, table)["criterion"] == {"kind": "AfterSteps", "steps": 100}
    wrong = table | {"criterion": {"kind": "AfterStep"}}
    with pytest.raises(WrongRequest, match=r"rule.criterion.kind .* did you mean 'AfterSteps'"):
        build("rule", wrong, PLACE)
