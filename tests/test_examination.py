"""Examinations: the limit, what lies past it, thresholds and chaos, of anything one may name."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from adaptsim import GradientDescent, Landscape, Momentum, Tracker, Walker, WrongRequest
from adaptsim.examination import examine
from adaptsim.landscapes import CubicWell, DoubleWell, Himmelblau, RobotArm, StrictSaddle
from adaptsim.subjects import find

FEW = {"values": 60}


def value(found, measure, column="value"):
    return found.table.set_index("measure").loc[measure, column]


@pytest.fixture(scope="module")
def well():
    return examine("DoubleWell", values=400)


def test_every_number_of_the_double_well_stands_beside_its_theory(well):
    table = well.table.set_index("measure")
    for place in range(1, 9):
        row = table.loc[f"period_doubling_{place}"]
        assert abs(row["value"] - row["theory"]) < 1e-8
        assert row["ci_low"] <= row["value"] <= row["ci_high"]
    assert table.loc["speed_limit", "value"] == pytest.approx(1.0, rel=1e-12)
    assert table.loc["accumulation", "value"] == pytest.approx(1.3022834627, abs=1e-8)
    assert table.loc["feigenbaum_delta_6", "value"] == pytest.approx(4.66914, abs=1e-5)
    assert table.loc["flip_coefficient", "value"] == pytest.approx(8.0, rel=1e-9)
    assert table.loc["flip_coefficient", "flag"] == "stable oscillation"


def test_where_chaos_begins_and_orbits_leave_is_bracketed(well):
    table = well.table.set_index("measure")
    onset, end = table.loc["onset_of_chaos"], table.loc["diverges_at"]
    assert onset["ci_low"] <= 1.32
    assert onset["ci_high"] > 1.3022834627
    assert end["ci_low"] <= 2.0 <= end["ci_high"]
    assert end["theory"] == 2.0


def test_files_hold_what_was_found(well, tmp_path):
    place = well.write(tmp_path / "out")
    written = sorted(one.name for one in place.iterdir())
    assert written == ["figure.png", "measures.csv", "run.json", "trajectory.parquet"]
    told = json.loads((place / "run.json").read_text())
    assert told["verdict"].startswith("minimum: speed limit 1")
    assert told["stability"]["landscape"] == {"kind": "DoubleWell"}
    orbits = pd.read_parquet(place / "trajectory.parquet")
    assert list(orbits.columns) == ["rule.learning_rate", "step", "trait_0", "lyapunov_exponent"]
    settled = orbits[orbits["rule.learning_rate"] < 0.9]
    np.testing.assert_allclose(settled["trait_0"], 1.0, atol=1e-9)


def test_the_picture_marks_the_thresholds(well):
    top, bottom = well.figure().axes
    assert "[1/curvature]" in bottom.get_xlabel()
    assert "[1/step]" in bottom.get_ylabel()
    marked = {round(line.get_xdata()[0], 6) for line in top.lines[1:]}
    assert {1.0, 1.236068, 1.288032} <= marked


@pytest.mark.parametrize(
    ("landscape", "limit"),
    [(Himmelblau(), 0.0243059818), (RobotArm(), 0.725759142), (CubicWell(), 2.0)],
)
def test_limits_of_the_table(landscape, limit):
    found = examine(landscape, **FEW)
    assert value(found, "speed_limit") == pytest.approx(limit, rel=1e-8)
    assert value(found, "speed_limit", "theory") == pytest.approx(limit, rel=1e-8)


def test_momentum_has_its_own_limit():
    found = examine("CubicWell", "Momentum", changes={"rule.momentum": 0.5}, **FEW)
    assert value(found, "speed_limit") == pytest.approx(3.0, rel=1e-9)
    assert value(found, "period_doubling_1") == pytest.approx(3.0, rel=1e-9)


def test_a_saddle_is_held_by_no_rate():
    found = examine(StrictSaddle(), at=[0.0, 0.0], **FEW)
    assert found.verdict.kind == "saddle"
    assert math.isnan(value(found, "speed_limit"))
    assert value(found, "speed_limit", "flag") == "no rate stabilises this point"
    assert np.abs(found.orbits.positions[0, 0, :, 1]).min() > 0.5  # it has left for a minimum


def test_a_kink_and_a_function_that_returns_nan_are_told_not_raised():
    import jax.numpy as jnp

    kink = Landscape.from_function(lambda x: jnp.sum(jnp.abs(x)), 1, minima=[0.0])
    assert examine(kink, **FEW).verdict.kind == "not smooth"
    torn = Landscape.from_function(lambda x: jnp.sum(jnp.sqrt(x - 5)), 1)
    found = examine(torn, **FEW)
    assert found.verdict.kind == "not smooth"
    assert math.isnan(value(found, "speed_limit"))


def test_an_agent_kind_with_delayed_feedback():
    found = examine(Tracker(feedback_delay=1), **FEW)
    assert value(found, "speed_limit") == pytest.approx(1.0, rel=1e-6)
    assert value(found, "speed_limit", "theory") == pytest.approx(1.0, rel=1e-9)
    assert "its own step, delays and body included, has the speed limit 1;" in found.words
    assert "neimark_sacker" in set(found.table["measure"])


def test_no_theory_is_told_of_what_it_does_not_know():
    """A walker that feels its slope late is held to a limit of its own, not to 2 / curvature."""
    late = Walker(landscape=DoubleWell(), feedback_delay=1)
    found = examine(late, **FEW)
    assert value(found, "speed_limit") == pytest.approx(0.5, rel=1e-6)
    theory = found.table.set_index("measure")["theory"]
    assert theory.drop(theory.filter(like="feigenbaum").index).isna().all()


def test_a_scenario_is_examined_as_it_is():
    subject = find("tracker_tone")
    assert isinstance(subject.kind, Tracker)
    assert isinstance(find("tracker_tone", "Momentum").rule, Momentum)
    assert value(examine("tracker_tone", **FEW), "speed_limit") == pytest.approx(2.0, rel=1e-9)


def test_another_parameter_may_be_turned():
    rule = GradientDescent(learning_rate=1.1)
    landscape = DoubleWell()
    found = examine(landscape, rule, parameter="agent.gradient_noise", low=0.0, high=1.0, **FEW)
    assert found.parameter == "agent.gradient_noise"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"target": "DoubleWel"}, "did you mean 'DoubleWell'?"),
        ({"target": "DoubleWell", "rule": "Adma"}, "did you mean 'Adam'?"),
        (
            {"target": "DoubleWell", "parameter": "lerning_rate"},
            "did you mean 'rule.learning_rate'",
        ),
        ({"target": "DoubleWell", "low": 2.0, "high": 1.0}, "--from must be below --to"),
        ({"target": "DoubleWell", "low": 0.1, "high": math.inf}, "both finite; got 0.1 and inf"),
        ({"target": "DoubleWell", "at": [1.0, 2.0]}, "--at must have 1 numbers; got 2"),
        ({"target": "DoubleWell", "values": 1}, "values must be at least 2; got 1"),
        ({"target": "DoubleWell", "changes": {"rule.learning_rate": -1}}, "at least 0"),
        ({"target": "DoubleWell", "changes": {"depth": 1}}, "--set depth: does not exist"),
        ({"target": "DoubleWell", "parameter": "observation_noise"}, "--from and --to are needed"),
    ],
)
def test_a_wrong_request_is_one_clear_message(told, words):
    with pytest.raises(WrongRequest) as error:
        examine(**told)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("rate", "wanted"), [(0.8, math.log(0.6)), (1.1, -0.857399), (2.0, None)])
def test_the_exponent_at_its_own_rate_stands_beside_theory(rate, wanted):
    found = examine("DoubleWell", changes={"rule.learning_rate": rate}, **FEW)
    row = found.table.set_index("measure").loc["lyapunov_exponent"]
    assert row["group"] == f"{rate:g}"
    if wanted is None:  # chaos: 4 standard errors about ln 3
        half = (row["ci_high"] - row["ci_low"]) / 2
        assert abs(row["value"] - math.log(3)) <= 4 / 1.96 * half
    else:
        assert row["value"] == pytest.approx(wanted, abs=1e-6)
        assert row["theory"] == pytest.approx(wanted, abs=1e-6)
    radius = found.table.set_index("measure").loc["spectral_radius"]
    assert radius["value"] == pytest.approx(abs(1 - 2 * rate))
    assert radius["flag"] == ("" if rate < 1 else "unstable")
