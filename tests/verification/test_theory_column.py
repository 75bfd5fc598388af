"""The theory column: what is measured, empty where no closed form applies, never fitted."""

import ast
import dataclasses
import inspect

import numpy as np
import pytest

from adaptsim import predictions, run
from adaptsim.agents import Forager, Thermostat, Tracker
from adaptsim.environments import (
    Constant,
    Jumps,
    PreyCycle,
    RandomWalk,
    Sinusoid,
    SquareWave,
    Stack,
)
from adaptsim.measuring import measure_run
from adaptsim.predictions import predict
from adaptsim.rules import AdaGrad, Adam, GradientDescent, InverseTime, Momentum, RMSProp

FIXED = {
    "tracker_tone": {"population.size": 6},
    "tracker_step": {},
    "tracker_ramp": {},
    "tracker_delay": {},
    "thermostat_story": {},
    "thermostat_rates": {},
    "thermostat_delay": {},
    "thermostat_weather": {},
    "predator_two_prey": {"population.size": 4},
}


@pytest.mark.parametrize("name", FIXED)
def test_where_nothing_is_drawn_measured_is_predicted(name):
    table = run(name, FIXED[name]).table
    both = table[np.isfinite(table["value"]) & np.isfinite(table["theory"])]
    assert len(both) >= 3
    off = np.abs(both["value"] - both["theory"]) > 1e-6 * np.abs(both["theory"]) + 1e-12
    assert both[off].empty, both[off].to_string()


@pytest.mark.parametrize("name", ["predator_voles", "tracker_random_walk"])
def test_stability_is_predicted_whatever_is_drawn(name):
    short = {"steps": 60, "population.size": 4, "rule.learning_rate": 0.3}
    table = run(name, short).table
    jacobian = table[table["measure"].isin(["spectral_radius", "speed_limit", "gain_margin"])]
    assert len(jacobian) == 3
    assert jacobian["value"].to_numpy() == pytest.approx(jacobian["theory"].to_numpy(), rel=1e-6)


TONE, WALK, REST = Sinusoid(), RandomWalk(), Constant(value=1.0)
PLAIN = GradientDescent(learning_rate=0.3)
NO_FORMULA = [
    (Tracker(), Momentum(), TONE, "trait", "phase_lag"),
    (Tracker(), RMSProp(), REST, "trait", "stationary_variance"),
    (Tracker(), Adam(), WALK, "trait", "tracking_mse"),
    (Tracker(), AdaGrad(), REST, "trait", "rise_time_63"),
    (Tracker(), Adam(), REST, "trait", "speed_limit"),
    (Tracker(), RMSProp(), REST, "trait", "spectral_radius"),
    (Tracker(), GradientDescent(learning_rate=InverseTime()), TONE, "trait", "gain"),
    (Tracker(), GradientDescent(learning_rate=InverseTime()), TONE, "trait", "speed_limit"),
    (Tracker(feedback_delay=2), PLAIN, TONE, "trait", "phase_lag"),
    (Tracker(feedback_delay=2), PLAIN, WALK, "trait", "tracking_mse"),
    (Tracker(), GradientDescent(learning_rate=2.5), TONE, "trait", "gain"),
    (Tracker(), GradientDescent(learning_rate=2.5), WALK, "trait", "tracking_mse"),
    (Tracker(), PLAIN, SquareWave(), "trait", "tracking_mse"),
    (Tracker(), PLAIN, WALK, "trait", "cross_correlation_lag"),
    (Tracker(), PLAIN, TONE, "trait", "regret"),
    (Tracker(observation_probability=0.5), PLAIN, Jumps(), "trait", "tracking_mse"),
    (Forager(), PLAIN, PreyCycle(), "preference", "phase_lag"),
    (Forager(mode="preference"), PLAIN, PreyCycle(), "preference", "phase_lag"),
    (Forager(mode="intake", matching=2.0), PLAIN, PreyCycle(), "logit", "phase_lag"),
    (Thermostat(room=True, learns_from="room"), PLAIN, REST, "setpoint", "rise_time_63"),
    (Thermostat(room=True), PLAIN, REST, "room", "phase_lag"),
]


@pytest.mark.parametrize(("kind", "rule", "environment", "variable", "measure"), NO_FORMULA)
def test_theory_is_silent_where_it_does_not_apply(kind, rule, environment, variable, measure):
    assert predict(kind, rule, environment, variable, measure) is None


def test_theory_is_silent_about_a_subclass_that_may_do_anything():
    class Own(GradientDescent):
        pass

    assert predict(Tracker(), Own(), TONE, "trait", "phase_lag") is None


def test_predictions_import_nothing_that_holds_a_trajectory():
    tree = ast.parse(inspect.getsource(predictions))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
    }
    ours = {name for name in modules if name.startswith("adaptsim")}
    allowed = {"adaptsim", "adaptsim.agents", "adaptsim.agents.base"}
    allowed |= {"adaptsim.environments", "adaptsim.landscapes", "adaptsim.rules"}
    assert ours <= allowed
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "adaptsim"
        for alias in node.names
    }
    assert names <= {"predicted_modes", "predicted_neurons", "theory"}


def test_theory_does_not_change_when_the_trajectory_is_another():
    result = run("tracker_tone", {"population.size": 3, "steps": 600})
    true = result.trajectory
    noise = np.random.default_rng(0).normal(size=true.excess.shape)
    followed = {
        name: one._replace(output=one.output + noise) for name, one in true.followed.items()
    }
    false = dataclasses.replace(true, followed=followed)
    other = measure_run(result.scenario, false)
    keys = ["group", "variable", "measure"]
    both = result.table.merge(other, on=keys, suffixes=("", "_other"))
    assert len(both) == len(result.table)
    lag = both[both["measure"] == "phase_lag"]
    assert (lag["value"] != lag["value_other"]).all()
    same = (both["theory"] == both["theory_other"]) | both["theory"].isna()
    assert same.all()


def test_nothing_is_predicted_of_what_was_not_measured():
    """A setpoint at rest beside a wave outdoors has no lag to measure and none to predict."""
    environment = Stack(parts=(Constant(value=20.0), Sinusoid(period=240.0)))
    kind = Thermostat(room=True, start_at=20.0)
    assert predict(kind, PLAIN, environment, "room", "phase_lag", period=240.0) is not None
    assert predict(kind, PLAIN, environment, "setpoint", "phase_lag", period=240.0) is None
