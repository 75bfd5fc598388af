"""Closed forms of the best learning rate: what a tracker should learn at, whatever was swept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from adaptsim.measures.measurement import Array
from adaptsim.studies.analysis.best_rates import vertex
from adaptsim.studies.analysis.frame import PARAMETER
from adaptsim.theory import autoregressive, random_walk, tracker

RATE, NOISE, DRIFT = "rule.learning_rate", "agent.observation_noise", "environment.drift_variance"
VARIANCE, MEMORY = "environment.variance", "environment.correlation"
PERIOD, AMPLITUDE = "environment.period", "environment.amplitude"

PLAIN = {
    "agent.kind": "Tracker", "rule.kind": "GradientDescent", "agent.observation_probability": 1.0,
    "agent.gradient_noise": 0.0, "agent.observation_delay": 0, "agent.feedback_delay": 0,
}  # fmt: skip
"""What a scenario must be for the closed forms to hold: the linear tracker that sees each step."""

GAINS = np.geomspace(1e-5, 1.999, 6000)
"""Gains [1] among which the least of an error without a closed minimum is looked for."""

Setting = Callable[[str], Any]
"""From a parameter's dotted name to its value, or values, in some environments."""


class ClosedForm(NamedTuple):
    """The best gain of a linear tracker in one kind of environment.

    Attributes
    ----------
    name : str
        What the line is called.
    gain : callable
        Best gain [1] in environments; 0 where it is best not to learn.
    edge : tuple or None
        A parameter, what its edge is called, and the edge itself: below it, it is best not to
        learn.
    alone : tuple or None
        The one number on which the gain depends, in words, and how it follows from parameters;
        and the gain as a function of it. None where there is no such number.
    """

    name: str
    gain: Callable[[Setting], Any]
    edge: tuple[str, str, Callable[[Setting], Any]] | None = None
    alone: tuple[str, Callable[[Setting], Any], Callable[[Any], Any]] | None = None


def _tone(setting: Setting) -> Array:
    """Return the gains of least error behind a sinusoid seen through noise."""
    told = (setting(PERIOD), setting(AMPLITUDE), setting(NOISE))
    each = np.broadcast_arrays(*(np.asarray(one, float) for one in told))
    found = []
    for period, amplitude, noise in zip(*(one.ravel() for one in each), strict=True):
        error = tracker.tone_mse(GAINS, 2 * np.pi / period, amplitude=amplitude)
        error = error + tracker.noise_variance(GAINS, observation_variance=noise**2)
        found.append(vertex(GAINS, np.asarray(error)))
    return np.nan_to_num(np.array(found)).reshape(each[0].shape)


CLOSED_FORMS = {
    "RandomWalk": ClosedForm(
        "Kalman gain",
        lambda setting: random_walk.kalman_gain(
            drift_variance=setting(DRIFT), observation_variance=setting(NOISE) ** 2
        ),
        alone=(
            "drift variance / noise variance [1/step]",
            lambda setting: setting(DRIFT) / setting(NOISE) ** 2,
            lambda ratio: random_walk.kalman_gain(drift_variance=ratio, observation_variance=1.0),
        ),
    ),
    "AutoRegressive": ClosedForm(
        "closed form",
        lambda setting: autoregressive.best_gain(
            variance=setting(VARIANCE), correlation=setting(MEMORY),
            observation_variance=setting(NOISE) ** 2,
        ),
        edge=(
            MEMORY,
            "$\\phi_c$: below it, do not learn",
            lambda setting: autoregressive.critical_correlation(
                variance=setting(VARIANCE), observation_variance=setting(NOISE) ** 2
            ),
        ),
    ),
    "Sinusoid": ClosedForm("least of the closed form", _tone),
}  # fmt: skip
"""Closed forms, by the environment's kind."""


def closed_form_of(scenario: Mapping[str, Any] | None, varied: Sequence[str]) -> ClosedForm | None:
    """Return the closed form that holds in all environments of a study; None if none does.

    Parameters
    ----------
    scenario : mapping or None
        The resolved scenario.
    varied : sequence of str
        Parameters that differ between cells.

    Examples
    --------
    >>> agent = {"kind": "Tracker", "observation_probability": 1.0, "gradient_noise": 0.0,
    ...          "observation_delay": 0, "feedback_delay": 0}
    >>> scenario = {"agent": agent, "rule": {"kind": "GradientDescent"},
    ...             "environment": {"kind": "RandomWalk"}}
    >>> closed_form_of(scenario, ["rule.learning_rate"]).name
    'Kalman gain'
    >>> closed_form_of(scenario, ["rule.learning_rate", "rule.kind"]) is None
    True
    """
    if scenario is None or {*PLAIN, "agent", "rule", "environment.kind"} & set(varied):
        return None
    if any(_within(scenario, name) != value for name, value in PLAIN.items()):
        return None
    return CLOSED_FORMS.get(str(_within(scenario, "environment.kind")))


def _within(scenario: Mapping[str, Any], name: str) -> Any:
    table, _, key = name.partition(".")
    told = scenario.get(table)
    return told.get(key) if isinstance(told, Mapping) else None


def settings(scenario: Mapping[str, Any], table: pd.DataFrame) -> Setting:
    """Return what looks parameters up, in the columns of a table or else in the scenario.

    Examples
    --------
    >>> told = settings({"agent": {"curvature": 2.0}}, pd.DataFrame({"p_agent.noise": [0.5, 1.0]}))
    >>> told("agent.noise").tolist(), told("agent.curvature")
    ([0.5, 1.0], 2.0)
    """

    def setting(name: str) -> Any:
        column = PARAMETER + name
        return table[column].to_numpy(float) if column in table else _within(scenario, name)

    return setting


def exact_rates(form: ClosedForm, scenario: Mapping[str, Any], table: pd.DataFrame) -> Array:
    """Return the exactly best learning rates in the environments of a table's rows.

    Parameters
    ----------
    form : ClosedForm
        What holds there.
    scenario : mapping
        The resolved scenario.
    table : DataFrame
        Parameters of environments as ``p_*``, such as `best_rates` returns.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        [1/(curvature step)]; 0 where it is best not to learn.
    """
    setting = settings(scenario, table)
    rates = np.asarray(form.gain(setting), float) / setting("agent.curvature")
    return np.broadcast_to(rates, (len(table),)).copy()


def exact_lines(
    form: ClosedForm, scenario: Mapping[str, Any], table: pd.DataFrame, places: int = 200
) -> pd.DataFrame:
    """Return the closed form along the first parameter of a table, for each of its other values.

    Parameters
    ----------
    form, scenario, table
        As `exact_rates` takes them.
    places : int
        Places along the first parameter, from its least to its greatest value.

    Returns
    -------
    DataFrame
        The same ``p_*`` columns, then ``best``, and ``edge`` where the closed form has one along
        the first parameter.
    """
    first, *others = [name for name in map(str, table.columns) if name.startswith(PARAMETER)]
    low, high = table[first].min(), table[first].max()
    space = np.geomspace if low > 0 else np.linspace
    along = pd.DataFrame({first: space(low, high, places)})
    rest = table[others].drop_duplicates()
    lines = along.merge(rest, how="cross") if others else along
    lines = lines.assign(best=exact_rates(form, scenario, lines))
    if form.edge is not None and PARAMETER + form.edge[0] == first:
        lines["edge"] = form.edge[2](settings(scenario, lines))
    return lines
