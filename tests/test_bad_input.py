"""What nobody can mean is one line that says where, what was got and what is right."""

import pytest

from adaptsim import from_table, run
from adaptsim.cli import _guarded as adaptsim
from adaptsim.schema import WrongRequest


def told(tmp_path, capsys, *words):
    """Return what the command line says of a request it refuses, having checked its manners."""
    code = adaptsim(["run", *words, "--quiet", "--out", str(tmp_path / "out")])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert not (tmp_path / "out").exists()
    return err


@pytest.mark.parametrize(
    ("scenario", "change", "expected"),
    [
        ("predator_community", "environment.prey_1=-1", "prey_1 must be above 0 [density]; got -1"),
        ("predator_community", "environment.prey_2=nan", "prey_2 must be finite; got nan"),
        ("predator_community", "environment.predators=0", "predators must be above 0"),
        ("predator_community", "environment.floor=10", "floor must be below all densities"),
        ("predator_community", "agent.start_at=1.5", "start_at must be below 1"),
        ("predator_two_prey", "environment.mean=-1", "mean must be above 0 [density]; got -1"),
        ("tracker_tone", "agent.observation_probability=1.2", "must be at most 1"),
        ("tracker_tone", "agent.observation_probability=-0.1", "must be above 0"),
        ("synapse_delta", "rule.methylation=[0.4,1.2]", "must be at most 1 [1]; got 1.2"),
        ("synapse_delta", "rule.spread=0.6", "spread must keep"),
        ("synapse_delta", "agent.correlation=1.2", "must be at most 1"),
        ("recommender_users", "agent.observation_probability=[1.0,2.0,1.0,1.0,1.0]", "at most 1"),
        ("recommender_drift", "environment.drift=5", "drift must be at most 4"),
        ("tracker_jumps", "environment.hazard=1.5", "hazard must be at most 1"),
    ],
)
def test_numbers_that_cannot_be(tmp_path, capsys, scenario, change, expected):
    assert expected in told(tmp_path, capsys, scenario, "--set", change)


RECORDED = """
name = "counted"
steps = 40
[environment]
kind = "Recorded"
path = "prey.csv"
columns = ["a", "b"]
steps_per_row = 10
[agent]
kind = "KIND"
[rule]
kind = "GradientDescent"
"""


@pytest.mark.parametrize("kind", ["Forager", "Predator"])
@pytest.mark.parametrize(
    ("low", "shown"), [("-0.5", "prey 1 = -0.05 at step 7"), ("0", "prey 1 = 0 at step 10")]
)
def test_recorded_densities_that_are_negative_or_none(tmp_path, capsys, kind, low, shown):
    (tmp_path / "prey.csv").write_text(f"a,b\n1.0,2.0\n{low},2.0\n1.0,1.5\n1.2,1.0\n1.1,1.0\n")
    (tmp_path / "scenario.toml").write_text(RECORDED.replace("KIND", kind))
    seen = told(tmp_path, capsys, str(tmp_path / "scenario.toml"))
    assert shown in seen
    assert "must be above 0; environment.floor lifts it" in seen


def test_a_floor_lifts_them(tmp_path):
    (tmp_path / "prey.csv").write_text("a,b\n1.0,2.0\n-0.5,2.0\n1.0,1.5\n1.2,1.0\n1.1,1.0\n")
    (tmp_path / "scenario.toml").write_text(RECORDED.replace("KIND", "Forager"))
    lifted = run(tmp_path / "scenario.toml", {"environment.floor": 0.1})
    assert lifted.trajectory.cue.min() == pytest.approx(0.1)


def test_a_world_of_sines_is_no_world_of_densities():
    world = {"kind": "Stack", "parts": [{"kind": "Sinusoid"}, {"kind": "Constant", "value": 1.0}]}
    with pytest.raises(WrongRequest, match=r"prey 1 = 0 at step 0; .* must be above 0$"):
        run(from_table({"environment": world, "agent": {"kind": "Forager"}, "steps": 60,
                        "rule": {"kind": "GradientDescent"}}))  # fmt: skip
