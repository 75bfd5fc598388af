"""Predicted neurons: which closed forms apply to a neuron, its synapses methylated or not.

`adaptsim.predictions` asks here for what belongs to `Synapse`. Nothing here looks at a simulation.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim import theory
from adaptsim.agents import Synapse
from adaptsim.environments import Constant, Environment, Step
from adaptsim.rules import GradientDescent, Methylated, Rule


class Gated(NamedTuple):
    """What a rule comes to at rest: a learning rate, and how much each synapse lets through.

    Attributes
    ----------
    rate : float
        The rule's ``learning_rate``, which a speed limit is a value of.
    gates : array, shape (d,)
        What the rate is multiplied by, synapse by synapse.
    """

    rate: float
    gates: np.ndarray


def gated(kind: Synapse, rule: Rule, *, still: bool = False) -> Gated | None:
    """Return rate and gates of plain descent, methylated or not; ``None`` for any other rule.

    Methylation that is written and erased is taken as it rests, without activity; where it must
    stand ``still`` there is nothing to return.

    Examples
    --------
    >>> gated(Synapse(), Methylated(each=(0.0, 0.75))).gates.tolist()
    [1.0, 0.25]
    """
    rate = getattr(rule, "learning_rate", None)
    if rate is None or callable(rate):
        return None
    if type(rule) is GradientDescent:
        return Gated(float(rate), np.ones(kind.synapses))
    if type(rule) is not Methylated or type(rule.rule) is not GradientDescent:
        return None
    inner: Any = rule.rule.learning_rate
    if callable(inner) or (still and rule.turnover):
        return None
    methylation: Any = rule.begun(kind.synapses)
    if rule.turnover and rule.writing + rule.erasing > 0:
        rest = theory.methylation.equilibrium(rule.writing, rule.erasing)
        methylation = np.full(kind.synapses, rest)
    return Gated(float(rate), float(inner) * np.asarray(rule.gate(methylation)))


def predicted(
    kind: Synapse, rule: Rule, environment: Environment, variable: str, measure: str
) -> float | None:
    """Return what theory says a measure of a neuron is, ``None`` where it says nothing.

    Stability: of the mean step, in any mode. Times: of mode delta, where inputs are averaged and
    uncorrelated and methylation stands still.

    Examples
    --------
    >>> told = (Constant(value=1.0), "synapse_1", "rise_time_63")
    >>> round(predicted(Synapse(), Methylated(each=(0.0, 0.9)), *told), 6)
    99.499162
    """
    if kind.feedback_delay:
        return None
    if measure in ("speed_limit", "gain_margin", "spectral_radius", "lyapunov_exponent"):
        return _stability(kind, rule, environment, measure)
    return _time(kind, rule, environment, variable, measure)


def _stability(kind: Synapse, rule: Rule, environment: Environment, measure: str) -> float | None:
    told = gated(kind, rule)
    if told is None:
        return None
    limit, radius = _limit_and_radius(kind, told, np.asarray(environment.rest(), float))
    if isinstance(rule, Methylated) and rule.turnover:
        settles = math.exp(-float(rule.writing + rule.erasing))
        radius = max(radius, settles)
    if measure == "speed_limit":
        return limit
    if measure == "gain_margin":
        return limit / told.rate if told.rate > 0 else None
    if measure == "spectral_radius":
        return radius
    return math.log(radius) if radius > 0 else None


def _limit_and_radius(kind: Synapse, told: Gated, cue: np.ndarray) -> tuple[float, float]:
    cue = np.broadcast_to(cue, (kind.synapses,))
    if kind.learning == "bcm":
        # The weights move along D x only: across it nothing pulls back.
        power, tau = float(told.gates @ cue**2), float(kind.threshold_time)
        radius = theory.bcm.spectral_radius(told.rate * power, threshold_time=tau)
        across = 1.0 if kind.synapses > 1 or power == 0 else 0.0
        limit = theory.bcm.step_hopf_gain(tau) / power if power > 0 else math.inf
        return float(limit), max(float(radius), across)
    mean = np.zeros(kind.synapses) if kind.learning == "delta" else cue
    form: Any = theory.methylation if kind.learning == "delta" else theory.oja
    moment = np.asarray(kind.moment(jnp.asarray(mean)))
    limit = form.speed_limit(moment, told.gates)
    return float(limit), float(form.spectral_radius(told.rate, moment, told.gates))


LINEAR = {
    "rise_time_63": theory.tracker.rise_time_63,
    "settling_time": theory.tracker.settling_time,
    "overshoot": theory.tracker.overshoot,
}


def _time(
    kind: Synapse, rule: Rule, environment: Environment, variable: str, measure: str
) -> float | None:
    told = gated(kind, rule, still=True)
    noisy = kind.observation_noise or kind.gradient_noise or kind.observation_probability < 1
    alone = kind.learning == "delta" and not kind.chancy and not kind.correlation
    stepped = isinstance(environment, Constant | Step) and not kind.observation_delay
    if told is None or noisy or not alone or not stepped or measure not in LINEAR:
        return None
    place = int(variable.removeprefix("synapse_"))
    power = float(np.asarray(kind.deviations())[place]) ** 2
    return float(LINEAR[measure](told.rate * float(told.gates[place]) * power))
