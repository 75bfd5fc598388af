"""Closed forms of best rates: against printed numbers and direct minimisation; where they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from adaptsim.studies import analysis

AGENT = {
    "kind": "Tracker", "curvature": 1.0, "observation_noise": 1.0, "observation_probability": 1.0,
    "gradient_noise": 0.0, "observation_delay": 0, "feedback_delay": 0,
}  # fmt: skip


def scenario(environment, **agent):
    return {
        "agent": AGENT | agent,
        "rule": {"kind": "GradientDescent"},
        "environment": environment,
    }


def rates(told, **columns):
    """Return exact rates where some parameters of a scenario differ."""
    table = pd.DataFrame({f"p_{name.replace('__', '.')}": one for name, one in columns.items()})
    form = analysis.closed_form_of(told, [name.removeprefix("p_") for name in table])
    return analysis.exact_rates(form, told, table)


def test_behind_a_random_walk_it_is_the_kalman_gain():
    told = scenario({"kind": "RandomWalk", "drift_variance": 0.01})
    found = rates(told, environment__drift_variance=[0.01, 0.04, 1.0])
    assert found == pytest.approx([0.095125, 0.180998, 0.618034], abs=1e-6)
    scaled = rates(told, agent__observation_noise=[0.1, 0.5])  # the ratio counts: 1 and 0.04
    assert scaled == pytest.approx([0.618034, 0.180998], abs=1e-6)


def test_a_steeper_mismatch_needs_a_lower_rate():
    told = scenario({"kind": "RandomWalk", "drift_variance": 0.01})
    assert rates(told, agent__curvature=[1.0, 2.0]) == pytest.approx(
        [0.095125, 0.0475624], abs=1e-6
    )


def test_behind_a_world_that_forgets_it_is_the_closed_form_and_0_below_phi_c():
    told = scenario(
        {"kind": "AutoRegressive", "variance": 1.0, "correlation": 0.5, "mean": 0.0},
        observation_noise=0.5**0.5,
    )
    found = rates(told, environment__correlation=[0.42, 0.95])  # phi_c is 1.5 / 3.5
    assert found == pytest.approx([0.0, 0.318704], abs=1e-6)
    form = analysis.closed_form_of(told, [])
    lines = analysis.exact_lines(
        form, told, pd.DataFrame({"p_environment.correlation": [0.2, 0.9]})
    )
    assert lines["edge"].to_numpy() == pytest.approx(1.5 / 3.5)
    learns = lines["best"] > 0
    assert (lines["p_environment.correlation"] > 1.5 / 3.5).tolist() == learns.tolist()


@pytest.mark.parametrize(("period", "noise"), [(30.0, 0.5), (1000.0, 0.5), (100.0, 2.0)])
def test_behind_a_tone_it_is_the_least_of_lag_and_noise(period, noise):
    omega = 2 * np.pi / period

    def error(g):
        response = g / (np.exp(1j * omega) - (1 - g))
        return 3.0**2 / 2 * abs(1 - response) ** 2 + g * noise**2 / (2 - g)

    least = optimize.minimize_scalar(error, bounds=(1e-4, 1.9), method="bounded").x
    told = scenario({"kind": "Sinusoid", "amplitude": 3.0, "period": 7.0}, observation_noise=noise)
    assert rates(told, environment__period=[period])[0] == pytest.approx(least, rel=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"observation_probability": 0.5},
        {"feedback_delay": 2},
        {"gradient_noise": 0.1},
        {"kind": "X"},
    ],
)
def test_of_other_trackers_none_is_known(change):
    assert analysis.closed_form_of(scenario({"kind": "RandomWalk"}, **change), []) is None
    assert analysis.closed_form_of(scenario({"kind": "Telegraph"}), []) is None
    assert analysis.closed_form_of(None, []) is None
