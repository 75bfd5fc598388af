"""Which genotype should evolve: the closed forms that apply to a heritable field.

As in ``predictions``, nothing here looks at a simulation, and where no formula applies the answer
is ``None``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim import theory
from adaptsim.agents import Tracker
from adaptsim.agents.base import Agent
from adaptsim.environments import Environment, Ramp, Sinusoid
from adaptsim.evolution.evolution import Evolution
from adaptsim.evolution.moran import Moran
from adaptsim.predictions import as_linear_tracker, predict
from adaptsim.rules import GradientDescent, Rule

LEAST = 1e-12
"""A learning rate that is as good as none, where formulas divide by it."""
MOST = 2.0
"""No tracker learns faster."""
LAGS = 4096
"""Over how many steps of a life luck is remembered at most."""


class Setup(NamedTuple):
    """What evolves where; the population is of ``size``."""

    kind: Agent
    rule: Rule
    environment: Environment
    evolution: Evolution
    size: int


def predicted_rate(setup: Setup) -> float | None:
    """Return the learning rate that should win, or ``None``.

    Its gain g, rate times curvature, is the least of ``MSE(g) + 2 c g / (s curvature^2)``, with
    the closed form of the squared error of a linear tracker in this environment; of a life from
    birth on if nothing is inherited.

    Examples
    --------
    >>> from adaptsim import AutoRegressive
    >>> kind, world = Tracker(observation_noise=0.5**0.5), AutoRegressive(correlation=0.95)
    >>> setup = Setup(kind, GradientDescent(), world, Evolution(), size=400)
    >>> round(predicted_rate(setup), 6)
    0.318704
    """
    error = _error(setup)
    if error is None:
        return None
    curvature, evolution = _curvature(setup), setup.evolution
    if evolution.selection == 0:
        return None
    price = 2 * evolution.cost / (evolution.selection * curvature**2)
    found = theory.evolution.evolved_gain(error, price=price, most=MOST)
    return float(np.clip(found / curvature, *_ends(evolution))) if math.isfinite(found) else None


def loaded_rate(setup: Setup) -> tuple[float, float] | None:
    """Return mean and variance of learning rates with their mutation load, or ``None``.

    Only where each generation is new and mutations are relative; without drift. The luck of a life
    is included where it is known, else lives count as long.
    """
    evolution, error = setup.evolution, _error(setup)
    if error is None or evolution.mutates != "relative" or isinstance(evolution.scheme, Moran):
        return None
    if not evolution.mutation or not evolution.selection:
        return None
    curvature = _curvature(setup)

    def log_fitness(gains: Any) -> Any:
        told = theory.luck.log_mean_fitness(
            error(gains), variance=_luck(setup, gains), selection=evolution.selection * curvature
        )
        return told - evolution.cost * gains / curvature

    mean, variance = theory.evolution.loaded_gain(
        log_fitness,
        mutation=float(evolution.mutation),
        highest=min(MOST, _ends(evolution)[1] * curvature),
    )
    return mean / curvature, variance / curvature**2


def _luck(setup: Setup, gains: Any) -> Any:
    """Return how squared errors of a life differ among equals of given gains, 0 if not known."""
    kind, world = setup.kind, setup.environment
    special = kind.gradient_noise or kind.observation_delay or kind.observation_probability != 1
    if special or not kind.observation_noise or setup.evolution.inherits == "nothing":
        return 0.0
    life = setup.evolution.life
    lags = np.arange(min(life, LAGS))[:, None]
    shared = _shared_errors(world, gains, lags)
    if shared is None:
        return 0.0
    noise = theory.tracker.noise_variance(
        gains, observation_variance=float(kind.observation_noise) ** 2
    )
    return theory.luck.error_variance(shared, noise * (1 - gains) ** lags, life=life)


def _shared_errors(world: Environment, gains: Any, lags: Any) -> Any:
    """Return covariances of the error that all equals share, ``(lags, gains)``, or ``None``."""
    if isinstance(world, Sinusoid):
        omega = 2 * math.pi / float(world.period)
        error = theory.tracker.tone_mse(gains, omega, amplitude=float(world.amplitude))
        return error * np.cos(omega * lags)
    correlation = getattr(world, "lag_one_correlation", None)
    if correlation is None:
        return None
    variance = float(world.stationary_variance())  # type: ignore[attr-defined]
    told = {"variance": variance, "correlation": float(correlation())}
    return theory.autoregressive.error_covariance(gains, lags, **told)


def predicted_variance(setup: Setup) -> float | None:
    """Return the variance of a trait that only evolves, or ``None`` where that is not what evolves.

    Clones of a tracker that does not learn, selected on where it starts.
    """
    evolution = setup.evolution
    trait = evolution.heritable == "agent.start_at" and type(setup.kind) is Tracker
    learns = not np.all(np.asarray(getattr(setup.rule, "learning_rate", 1.0)) == 0)
    fresh = evolution.inherits == "nothing" and evolution.mutates == "absolute"
    if not trait or learns or not fresh or isinstance(evolution.scheme, Moran):
        return None
    if not evolution.selection:
        return None
    return float(
        theory.quantitative_genetics.genetic_variance(
            mutation_variance=evolution.mutation**2, width=_width(setup), size=setup.size
        )
    )


def predicted_lag(setup: Setup) -> float | None:
    """Return how far an evolving trait stays behind a ramp [trait], or ``None``."""
    variance = predicted_variance(setup)
    if variance is None or not isinstance(setup.environment, Ramp):
        return None
    rate = setup.environment.slope * setup.evolution.life
    lag = theory.quantitative_genetics.lag
    return float(lag(rate, genetic_variance=variance, width=_width(setup)))


def _width(setup: Setup) -> float:
    """Return the width of the fitness function [trait]."""
    curvature = np.asarray(getattr(setup.kind, "curvature", 1.0))
    return float((setup.evolution.selection * curvature) ** -0.5)


def _ends(evolution: Evolution) -> tuple[float, float]:
    lowest = 0.0 if evolution.lowest is None else float(evolution.lowest)
    highest = math.inf if evolution.highest is None else float(evolution.highest)
    return max(lowest, 0.0), highest


def _curvature(setup: Setup) -> float:
    return float(np.asarray(getattr(setup.kind, "curvature", 1.0)))


def _error(setup: Setup) -> Callable[[Any], Any] | None:
    """Return the squared error as a function of gains, ``None`` where no closed form applies."""
    kind, rule, environment = setup.kind, setup.rule, setup.environment
    plain = type(rule) is GradientDescent and not callable(rule.learning_rate)
    if setup.evolution.heritable != "rule.learning_rate" or not plain:
        return None
    if type(kind) is not Tracker or np.ndim(kind.curvature):
        return None
    linear = as_linear_tracker(kind, GradientDescent(learning_rate=1.0), environment, "trait")
    if linear is None:
        return None
    if setup.evolution.inherits == "nothing":
        return _error_of_a_life(setup)

    def one(gain: float) -> float:
        rule = GradientDescent(learning_rate=max(gain, LEAST) / linear.curvature)
        told = predict(kind, rule, environment, "trait", "tracking_mse")
        return math.nan if told is None else told

    return np.vectorize(one, otypes=[float]) if math.isfinite(one(0.5)) else None


def _error_of_a_life(setup: Setup) -> Callable[[Any], Any] | None:
    kind, world = setup.kind, setup.environment
    law = getattr(world, "lag_one_correlation", None)
    special = kind.gradient_noise or kind.observation_delay or kind.feedback_delay
    cue = world.rest()
    at_mean = bool(jnp.all(kind.start(cue) == kind.optimum(cue)))
    if law is None or special or kind.observation_probability != 1 or not at_mean:
        return None

    def error(gain: Any) -> Any:
        return theory.autoregressive.life_limited_mse(
            gain,
            setup.evolution.life,
            variance=float(world.stationary_variance()),  # type: ignore[attr-defined]
            correlation=float(law()),
            observation_variance=float(kind.observation_noise) ** 2,
        )

    return error
