"""Predictions: which closed form says what a measure of a system should be.

The formulas are in :mod:`adaptsim.theory`; here stands only which of them applies to which system.
Where none does the prediction is ``None`` and the table's theory column stays empty. Nothing here
looks at a simulation.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any

import numpy as np

from adaptsim import predicted_modes, predicted_neurons, theory
from adaptsim.agents import Forager, Recommender, Synapse, Thermostat, Tracker, Walker
from adaptsim.agents.base import Agent
from adaptsim.environments import (
    Constant,
    Environment,
    PreyCycle,
    Ramp,
    RandomWalk,
    Sinusoid,
    Stack,
    Step,
)
from adaptsim.landscapes import DeepLinear
from adaptsim.rules import GradientDescent, Momentum, Rule


@dataclass(frozen=True)
class LinearTracker:
    """What a kind comes to where it is exactly ``x' = x + g (y - x)``.

    Numbers may be arrays, with one value for each of many systems that differ in nothing else.

    Attributes
    ----------
    g : float
        Gain per step, learning rate times curvature.
    environment : Environment
        How the optimum moves, in units of the trait.
    observation_variance, gradient_variance : float
        Variances of the perceived optimum [trait^2] and of the perceived gradient.
    probability : float
        Chance that the mismatch is felt in a step.
    observation_delay, feedback_delay : int
        Age of what is seen and of what is felt [steps].
    curvature : float
        Of the mismatch.
    mean_square : float or None
        Mean squared error [trait^2], nan if unknown, where the tracker is one in the mean only.
    """

    g: float
    environment: Environment
    observation_variance: float = 0.0
    gradient_variance: float = 0.0
    probability: float = 1.0
    observation_delay: int = 0
    feedback_delay: int = 0
    curvature: float = 1.0
    mean_square: float | None = None

    @property
    def mean_gain(self) -> float:
        """Return the gain per step of the mean over what was and was not felt."""
        return self.g * self.probability

    def noise_variance(self) -> Any:
        """Return the stationary variance that noise alone gives [trait^2]."""
        seen = theory.intermittent.noise_variance(
            self.g, probability=self.probability, observation_variance=self.observation_variance
        )
        if not np.any(self.gradient_variance):
            return seen
        felt = theory.tracker.gradient_noise_variance(
            np.asarray(self.g) / self.curvature,
            curvature=self.curvature,
            gradient_variance=self.gradient_variance,
        )
        known = np.where(np.less(self.probability, 1), math.nan, felt)
        return np.where(np.equal(self.gradient_variance, 0), seen, seen + known)


@singledispatch
def as_linear_tracker(
    kind: Agent, rule: Rule, environment: Environment, variable: str
) -> LinearTracker | None:
    """Return the linear tracker that a kind's variable exactly is, or ``None``.

    Register your own kind with ``as_linear_tracker.register``.
    """
    return None


def _rate(rule: Rule) -> Any:
    """Return the learning rate of plain gradient descent at a constant rate."""
    rate = getattr(rule, "learning_rate", None)
    if type(rule) is not GradientDescent or rate is None or callable(rate):
        return None
    return rate


def _linear(
    kind: Agent, rule: Rule, environment: Environment, curvature: Any, noise: Any
) -> LinearTracker | None:
    rate = _rate(rule)
    if rate is None:
        return None
    return LinearTracker(
        g=rate * curvature,
        environment=environment,
        observation_variance=noise**2,
        gradient_variance=kind.gradient_noise**2,
        probability=kind.observation_probability,
        observation_delay=kind.observation_delay,
        feedback_delay=kind.feedback_delay,
        curvature=curvature,
    )


@as_linear_tracker.register
def _(kind: Tracker, rule: Rule, environment: Environment, variable: str) -> LinearTracker | None:
    if variable != "trait":
        return None
    return _linear(kind, rule, environment, kind.curvature, kind.observation_noise)


@as_linear_tracker.register
def _(kind: Forager, rule: Rule, environment: Environment, variable: str) -> LinearTracker | None:
    if kind.mode != "logit" or variable != "logit":
        return None
    b, cue = kind.matching, environment
    if isinstance(environment, PreyCycle):
        ratio = kind.conversion_1 * kind.attack_1 / (kind.conversion_2 * kind.attack_2)
        mean = b * np.log(ratio)
        cue = Sinusoid(amplitude=b * environment.amplitude, period=environment.period, mean=mean)
    return _linear(kind, rule, cue, 1.0, math.sqrt(2) * b * kind.observation_noise)


@as_linear_tracker.register
def _(
    kind: Thermostat, rule: Rule, environment: Environment, variable: str
) -> LinearTracker | None:
    if variable != "setpoint" or (kind.room and kind.learns_from == "room"):
        return None
    wanted = environment.parts[0] if isinstance(environment, Stack) else environment
    return _linear(kind, rule, wanted, 1.0, kind.observation_noise)


@as_linear_tracker.register
def _(
    kind: Recommender, rule: Rule, environment: Environment, variable: str
) -> LinearTracker | None:
    """Return a tracker in the mean: an item shows a part of the error, another part each time."""
    dimension = environment.rest().size
    curvature = float(kind.power(dimension)) + float(kind.regularisation)
    linear = _linear(kind, rule, _component(environment), curvature, 0.0)
    if linear is None or not variable.startswith("taste_"):
        return None
    return replace(linear, mean_square=_taste_error(kind, linear, dimension))


def _component(environment: Environment) -> Environment:
    """Return how one component of a taste moves, where all move alike."""
    parts = environment.parts if isinstance(environment, Stack) else ()
    alike = len({repr(part) for part in parts}) == 1
    return parts[0] if alike else environment


def _taste_error(kind: Recommender, linear: LinearTracker, dimension: int) -> float:
    """Return the mean squared error of one component of a taste, nan where unknown."""
    world = linear.environment
    law = (0.0, 1.0) if isinstance(world, Constant) else _stationary(world)
    drift = 2 * law[0] * (1 - law[1]) if law else math.nan
    if isinstance(world, RandomWalk):
        law, drift = (math.nan, 1.0), float(world.drift_variance)
    late = kind.observation_delay or kind.feedback_delay
    if law is None or late or kind.regularisation or kind.observation_noise or kind.gradient_noise:
        return math.nan
    square = theory.recommender.deviation(
        linear.g / linear.curvature,
        dimension=dimension,
        drift=drift * dimension,
        rating_variance=float(kind.rating_noise) ** 2,
        item_variance=math.nan if kind.items == "unit" else float(kind.item_variance),
        probability=linear.probability,
        correlation=law[1],
    )
    return float(square) / dimension


def predict(
    kind: Agent,
    rule: Rule,
    environment: Environment,
    variable: str,
    measure: str,
    *,
    period: float | None = None,
) -> float | None:
    """Return what theory says a measure of a system is, ``None`` where it says nothing.

    Parameters
    ----------
    kind, rule, environment
        The system, one individual: all numeric fields scalars.
    variable
        Which of its ``tracking`` is measured.
    measure
        Name of the measure, as in the table.
    period
        At which period [steps] a lag or gain was read; the environment's own if not said.

    Examples
    --------
    >>> rule = GradientDescent(learning_rate=0.1)
    >>> round(predict(Tracker(), rule, Sinusoid(period=50.0), "trait", "phase_lag"), 6)
    7.456342
    >>> predict(Tracker(), Momentum(), Sinusoid(period=50.0), "trait", "phase_lag") is None
    True
    """
    value = _of_kind(kind, rule, environment, variable, measure, period)
    linear = as_linear_tracker(kind, rule, environment, variable)
    if value is None and linear is not None and measure in LINEAR:
        value = LINEAR[measure](linear, period)
    if value is None or not math.isfinite(value):
        return None
    return float(value)


def _period(linear: LinearTracker, period: Any) -> Any:
    own = getattr(linear.environment, "period", None)
    return own if period is None and own is not None else period


def _where_stable(linear: LinearTracker, value: Any) -> Any:
    """Return a value where the mean is stable, nan elsewhere."""
    gain = np.asarray(linear.mean_gain)
    return np.where((gain > 0) & (gain < 2), value, math.nan)


def _response(linear: LinearTracker, period: Any) -> Any:
    """Return the ratio of trait to optimum at a period, or ``None`` with delayed feedback."""
    period = _period(linear, period)
    if period is None or isinstance(linear.environment, Constant) or linear.feedback_delay:
        return None
    omega = 2 * math.pi / np.asarray(period)
    late = np.exp(-1j * omega * linear.observation_delay)
    return _where_stable(linear, theory.tracker.transfer(linear.mean_gain, omega) * late)


def _phase_lag(linear: LinearTracker, period: Any) -> Any:
    period = _period(linear, period)
    if _response(linear, period) is None:
        return None
    lag = theory.tracker.phase_lag(linear.mean_gain, 2 * math.pi / np.asarray(period))
    return _where_stable(linear, lag + linear.observation_delay)


def _gain(linear: LinearTracker, period: Any) -> Any:
    response = _response(linear, period)
    return None if response is None else np.abs(response)


def _mean_lag(linear: LinearTracker, _: Any) -> Any:
    if linear.feedback_delay:
        return None
    lag = theory.tracker.mean_lag(linear.mean_gain)
    return _where_stable(linear, lag + linear.observation_delay)


def _cross_correlation_lag(linear: LinearTracker, _: Any) -> Any:
    law = _stationary(linear.environment)
    if law is None or linear.feedback_delay:
        return None
    lag = theory.cross_correlation.refined_lag(linear.g, correlation=law[1])
    return np.where(np.less(linear.probability, 1), math.nan, lag + linear.observation_delay)


def _stationary(environment: Environment) -> tuple[Any, Any] | None:
    """Return variance and lag-1 correlation of a stationary world of geometric correlation."""
    correlation = getattr(environment, "lag_one_correlation", None)
    if correlation is None:
        return None
    variance = environment.stationary_variance()  # type: ignore[attr-defined]
    return np.asarray(variance), np.asarray(correlation())


def _tracking_mse(linear: LinearTracker, _: Any) -> Any:
    if linear.mean_square is not None:
        return linear.mean_square
    world, noise = linear.environment, linear.noise_variance()
    if linear.feedback_delay:
        return None
    if isinstance(world, Constant):
        return noise
    if isinstance(world, RandomWalk):
        return _walking_mse(linear, world)
    error = _moving_mse(linear, world, noise)
    return None if error is None else np.where(np.less(linear.probability, 1), math.nan, error)


def _moving_mse(linear: LinearTracker, world: Environment, noise: Any) -> Any:
    if isinstance(world, Sinusoid):
        response = _response(linear, None)
        if response is None:
            return None
        return np.asarray(world.amplitude) ** 2 / 2 * np.abs(1 - response) ** 2 + noise
    law = _stationary(world)
    if law is None or linear.observation_delay:
        return None
    seen = theory.autoregressive.tracking_mse(
        linear.g,
        variance=law[0],
        correlation=law[1],
        observation_variance=linear.observation_variance,
    )
    blind = theory.tracker.noise_variance(linear.g, observation_variance=1.0)
    return seen + noise - np.asarray(linear.observation_variance) * blind


def _walking_mse(linear: LinearTracker, world: RandomWalk) -> Any:
    if linear.observation_delay:
        return None
    known = theory.intermittent.tracking_mse(
        linear.g,
        probability=linear.probability,
        drift_variance=world.drift_variance,
        observation_variance=linear.observation_variance,
    )
    return np.where(np.equal(linear.gradient_variance, 0), known, math.nan)


def _stationary_variance(linear: LinearTracker, _: Any) -> Any:
    still = isinstance(linear.environment, Constant) and not linear.feedback_delay
    if still and linear.mean_square is not None:
        return linear.mean_square
    return linear.noise_variance() if still else None


def _around_rest(formula: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a prediction for fluctuations about an optimum that stays."""

    def predicted(linear: LinearTracker, _: Any) -> Any:
        still = isinstance(linear.environment, Constant) and not linear.feedback_delay
        return formula(linear.mean_gain) if still else None

    return predicted


def _after_step(formula: Callable[[Any], Any], *, timed: bool) -> Callable[..., Any]:
    """Return a prediction for a step of the optimum; times add the age of what is seen."""

    def predicted(linear: LinearTracker, _: Any) -> Any:
        stepped = isinstance(linear.environment, Step)
        if linear.feedback_delay or not (stepped or isinstance(linear.environment, Constant)):
            return None
        late = linear.observation_delay if timed and stepped else 0
        return formula(linear.mean_gain) + late

    return predicted


def _ramp_error(linear: LinearTracker, _: Any) -> Any:
    if not isinstance(linear.environment, Ramp):
        return None
    lag = _mean_lag(linear, None)
    return None if lag is None else linear.environment.slope * lag


LINEAR: dict[str, Callable[[LinearTracker, Any], Any]] = {
    "phase_lag": _phase_lag,
    "linear_phase_lag": _phase_lag,
    "gain": _gain,
    "linear_gain": _gain,
    "mean_lag": _mean_lag,
    "cross_correlation_lag": _cross_correlation_lag,
    "tracking_mse": _tracking_mse,
    "stationary_variance": _stationary_variance,
    "autocorrelation_1": _around_rest(theory.tracker.autocorrelation_1),
    "return_rate": _around_rest(theory.tracker.return_rate),
    "rise_time_63": _after_step(theory.tracker.rise_time_63, timed=True),
    "settling_time": _after_step(theory.tracker.settling_time, timed=True),
    "overshoot": _after_step(theory.tracker.overshoot, timed=False),
    "steady_state_error": _ramp_error,
}


def _of_kind(
    kind: Agent,
    rule: Rule,
    environment: Environment,
    variable: str,
    measure: str,
    period: float | None,
) -> float | None:
    """Return predictions that belong to a kind as a whole, or to a room."""
    if isinstance(kind, Synapse):
        return predicted_neurons.predicted(kind, rule, environment, variable, measure)
    if measure in ("speed_limit", "gain_margin", "spectral_radius", "lyapunov_exponent"):
        return _stability(kind, rule, environment, variable, measure)
    if isinstance(kind, Thermostat) and variable == "room":
        return _room(kind, rule, environment, measure, period)
    if isinstance(kind, Walker) and isinstance(kind.landscape, DeepLinear):
        return predicted_modes.predicted(kind, _rate(rule), environment, variable, measure)
    return None


def _stability(
    kind: Agent, rule: Rule, environment: Environment, variable: str, measure: str
) -> float | None:
    rate = getattr(rule, "learning_rate", None)
    if rate is None or callable(rate):
        return None
    if measure in ("speed_limit", "gain_margin"):
        limit = _speed_limit(kind, rule, environment, variable)
        margin = measure == "gain_margin"
        return limit / rate if limit is not None and margin and rate > 0 else limit
    radius = _spectral_radius(kind, rule, environment, variable)
    if radius is None or measure == "spectral_radius":
        return radius
    return math.log(radius) if radius > 0 else None


UNIT = GradientDescent(learning_rate=1.0)


def curvature_of(kind: Agent, environment: Environment, variable: str) -> float | None:
    """Return the curvature at rest of a kind without a body, where a formula gives it."""
    linear = as_linear_tracker(kind, UNIT, environment, variable)
    if linear is not None:
        return linear.g
    if isinstance(kind, Walker) and isinstance(kind.landscape, DeepLinear):
        strongest = float(kind.landscape.singular_values[0])
        return 2 / float(theory.deep_linear.speed_limit(strongest, depth=kind.landscape.depth))
    if isinstance(kind, Forager) and kind.mode == "intake":
        worth = np.asarray(kind.worth(environment.rest()))
        return float(
            theory.forager.intake_gradient_rate(
                1.0, worth[0], worth[1], effort_exponent=1 - 1 / kind.matching
            )
        )
    return 1.0 if isinstance(kind, Forager) and kind.mode == "preference" else None


def _room_is_stable(kind: Thermostat) -> bool:
    loop_gain = kind.heater_gain * kind.proportional_gain
    limit = theory.thermostat.loop_gain_limit(_memory(kind), delay=kind.sensor_delay)
    return bool(loop_gain < limit)


def _memory(kind: Thermostat) -> float:
    return float(theory.thermostat.room_memory(kind.time_constant, dt=1.0))


def _speed_limit(kind: Agent, rule: Rule, environment: Environment, variable: str) -> float | None:
    if isinstance(kind, Thermostat) and kind.room:
        if not _room_is_stable(kind):
            return None
        if kind.learns_from == "room":
            return _room_learning_limit(kind, rule)
    curvature = curvature_of(kind, environment, variable)
    return None if curvature is None else limit_of(kind, rule, curvature)


def limit_of(kind: Agent, rule: Rule, curvature: Any) -> Any:
    """Return the speed limit of a kind without a body at a curvature; arrays as of `predict`."""
    if type(rule) is Momentum and not rule.nesterov and not kind.feedback_delay:
        return 2 * (1 + rule.momentum) / curvature
    if type(rule) is GradientDescent:
        return theory.delay.speed_limit(kind.feedback_delay) / curvature
    return None


def _room_learning_limit(kind: Thermostat, rule: Rule) -> float | None:
    if type(rule) is not GradientDescent or kind.sensor_delay:
        return None
    return float(
        theory.thermostat.learning_limit(
            _memory(kind),
            float(kind.heater_gain * kind.proportional_gain),
            delay=kind.feedback_delay,
            order=kind.order,  # type: ignore[arg-type]
        )
    )


def _spectral_radius(
    kind: Agent, rule: Rule, environment: Environment, variable: str
) -> float | None:
    rate, curvature = _rate(rule), curvature_of(kind, environment, variable)
    valley = isinstance(kind, Walker)  # along which nothing pulls back
    if rate is None or curvature is None or valley or (isinstance(kind, Thermostat) and kind.room):
        return None
    if kind.feedback_delay:
        return float(theory.delay.spectral_radius(rate * curvature, delay=kind.feedback_delay))
    return abs(1 - rate * curvature)


def _room(
    kind: Thermostat, rule: Rule, environment: Environment, measure: str, period: float | None
) -> float | None:
    """Return how a room with a fixed setpoint answers the weather (or its setpoint's start)."""
    weather = environment.parts[1] if isinstance(environment, Stack) else None
    held = _rate(rule) == 0 or (
        kind.learns_from == "preference"
        and isinstance(environment, Stack)
        and isinstance(environment.parts[0], Constant)
        and float(environment.parts[0].value) == float(kind.start_at)
    )
    period = float(weather.period) if isinstance(weather, Sinusoid) else period
    if weather is None or period is None or not held:
        return None
    response = complex(
        theory.thermostat.sampled_transfer(
            2 * math.pi / period,
            memory=_memory(kind),
            loop_gain=float(kind.heater_gain * kind.proportional_gain),
            delay=kind.sensor_delay,
        )
    )
    if measure in ("phase_lag", "linear_phase_lag"):
        return float((-cmath.phase(response) % (2 * math.pi)) * period / (2 * math.pi))
    return abs(response) if measure in ("gain", "linear_gain") else None
