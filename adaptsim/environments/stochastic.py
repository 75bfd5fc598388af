"""Environments whose course is drawn: two seeds give two courses."""

from __future__ import annotations

import numbers
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.environments.base import Environment
from adaptsim.part import Array, WrongField, field

CHANCE = "1/step"


class Stationary(Environment):
    """A random course whose law does not change with time: mean + deviation.

    Subclasses say how the deviation moves on and what its variance and memory are; theory needs
    nothing else of it. The world is the deviation, shape ``(1,)``, and starts from its stationary
    law, so no step is special.
    """

    abstract: ClassVar[bool] = True
    random: ClassVar[bool] = True
    mean: float = field(default=0.0, unit="cue", help="mean of the stationary law")

    def start(self, key: Array) -> Array:
        """Return a deviation drawn from the stationary law (a normal one), shape ``(1,)``."""
        return jnp.sqrt(self.stationary_variance()) * _normal(key)

    def cue(self, world: Array, step: Array) -> Array:
        """Return mean + deviation, shape ``(1,)``."""
        return self.mean + world

    def rest(self) -> Array:
        """Return the mean, shape ``(1,)``."""
        return jnp.asarray([self.mean], dtype=float)

    def stationary_variance(self) -> Array:
        """Return the variance V of the stationary law [cue^2]."""
        raise NotImplementedError(f"{type(self).__name__} must define stationary_variance()")

    def lag_one_correlation(self) -> Array:
        """Return the correlation phi of one step with the next."""
        raise NotImplementedError(f"{type(self).__name__} must define lag_one_correlation()")


def _normal(key: Array) -> Array:
    return jax.random.normal(key, (1,), dtype=float)


def _happens(key: Array, chance: float) -> Array:
    return jax.random.uniform(key, (1,), dtype=float) < chance


class WhiteNoise(Stationary):
    """mean + a normal number of its own at every step.

    Examples
    --------
    >>> noise = WhiteNoise(variance=4.0)
    >>> float(noise.stationary_variance()), float(noise.lag_one_correlation())
    (4.0, 0.0)
    """

    variance: float = field(default=1.0, unit="cue^2", help="variance V", at_least=0)

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return a fresh deviation."""
        return self.start(key)

    def stationary_variance(self) -> Array:
        """Return V."""
        return jnp.asarray(self.variance, dtype=float)

    def lag_one_correlation(self) -> Array:
        """Return 0."""
        return jnp.zeros_like(self.stationary_variance())


class AutoRegressive(Stationary):
    """Autoregression of order one, AR(1): x' = phi x + sqrt(V (1 - phi^2)) * normal.

    ``x`` is the deviation from the mean, ``V`` its variance and ``phi`` its correlation with the
    next step; the cue is correlated with itself ``k`` steps on by ``phi^k``.

    Examples
    --------
    >>> weather = AutoRegressive(variance=2.0, correlation=0.9)
    >>> float(weather.stationary_variance()), float(weather.lag_one_correlation())
    (2.0, 0.9)

    References
    ----------
    Box & Jenkins (1970), Time series analysis. Named from general knowledge, not re-read for this.
    """

    variance: float = field(default=1.0, unit="cue^2", help="variance V", at_least=0)
    correlation: float = field(
        default=0.9, help="correlation phi with the next step, below 1", above=-1, at_most=1
    )

    def __post_init__(self) -> None:
        """Refuse a correlation of one, which has no stationary law."""
        super().__post_init__()
        given = self.correlation
        if isinstance(given, numbers.Real | np.ndarray) and np.any(np.asarray(given) >= 1):
            instead = "for a cue that never forgets use RandomWalk"
            raise WrongField(
                type(self).__name__, "correlation", f"must be below 1 [1]; got 1; {instead}"
            )

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return phi times the deviation and an innovation of variance ``V (1 - phi^2)``."""
        spread = jnp.sqrt(self.variance * (1.0 - self.correlation**2))
        return self.correlation * world + spread * _normal(key)

    def stationary_variance(self) -> Array:
        """Return V."""
        return jnp.asarray(self.variance, dtype=float)

    def lag_one_correlation(self) -> Array:
        """Return phi."""
        return jnp.asarray(self.correlation, dtype=float)


class OrnsteinUhlenbeck(Stationary):
    """Ornstein-Uhlenbeck process seen once per step: dx = -x dt / tau + sqrt(2 V / tau) dW.

    Each step is exact, whatever its length: ``x' = phi x + sqrt(V (1 - phi^2)) * normal`` with
    ``phi = exp(-step_length / tau)``; what is seen is an AR(1) of correlation ``phi``.

    Examples
    --------
    >>> weather = OrnsteinUhlenbeck(correlation_time=10.0, step_length=2.0)
    >>> round(float(weather.lag_one_correlation()), 6)  # exp(-0.2)
    0.818731

    References
    ----------
    Gillespie (1996), Physical Review E 54:2084 (the exact step). Named from general knowledge, not
    re-read for this.
    """

    variance: float = field(default=1.0, unit="cue^2", help="variance V", at_least=0)
    correlation_time: float = field(
        default=10.0, unit="time", help="time tau until the correlation is 1/e", above=0
    )
    step_length: float = field(default=1.0, unit="time", help="time that one step lasts", above=0)

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return the deviation one step length on."""
        lost = -jnp.expm1(-2.0 * self.step_length / self.correlation_time)
        return self.lag_one_correlation() * world + jnp.sqrt(self.variance * lost) * _normal(key)

    def stationary_variance(self) -> Array:
        """Return V."""
        return jnp.asarray(self.variance, dtype=float)

    def lag_one_correlation(self) -> Array:
        """Return exp(-step_length / tau)."""
        return jnp.exp(-jnp.asarray(self.step_length, dtype=float) / self.correlation_time)


class Telegraph(Stationary):
    """mean + amplitude or mean - amplitude; changes sign with the chance ``hazard`` per step.

    The first sign is drawn. The correlation with the next step is ``1 - 2 hazard``: a hazard of
    1/2 forgets at once, a hazard of 1 alternates.

    Examples
    --------
    >>> switch = Telegraph(amplitude=2.0, hazard=0.25)
    >>> float(switch.stationary_variance()), float(switch.lag_one_correlation())
    (4.0, 0.5)

    References
    ----------
    Gardiner (1985), Handbook of stochastic methods (random telegraph). Named from general
    knowledge, not re-read for this.
    """

    amplitude: float = field(
        default=1.0, unit="cue", help="half the distance of the values", at_least=0
    )
    hazard: float = field(
        default=0.05, unit=CHANCE, help="chance h of a change of sign", at_least=0, at_most=1
    )

    def start(self, key: Array) -> Array:
        """Return plus or minus the amplitude, each with the chance 1/2, shape ``(1,)``."""
        return jnp.where(_happens(key, 0.5), 1.0, -1.0) * self.amplitude

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return the deviation, its sign changed or not."""
        return jnp.where(_happens(key, self.hazard), -world, world)

    def stationary_variance(self) -> Array:
        """Return amplitude^2."""
        return jnp.asarray(self.amplitude, dtype=float) ** 2

    def lag_one_correlation(self) -> Array:
        """Return 1 - 2 h."""
        return 1.0 - 2.0 * jnp.asarray(self.hazard, dtype=float)


class Jumps(Stationary):
    """Stays, and with the chance ``hazard`` per step jumps to a fresh normal value.

    A jump ends what came before it, so the correlation with the next step is ``1 - hazard``.

    Examples
    --------
    >>> world = Jumps(hazard=0.25, variance=2.0)
    >>> float(world.stationary_variance()), float(world.lag_one_correlation())
    (2.0, 0.75)
    """

    hazard: float = field(
        default=0.05, unit=CHANCE, help="chance h of a jump", at_least=0, at_most=1
    )
    variance: float = field(default=1.0, unit="cue^2", help="variance V of the values", at_least=0)

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return the same deviation or a fresh one."""
        whether, where = jax.random.split(key)
        return jnp.where(_happens(whether, self.hazard), self.start(where), world)

    def stationary_variance(self) -> Array:
        """Return V."""
        return jnp.asarray(self.variance, dtype=float)

    def lag_one_correlation(self) -> Array:
        """Return 1 - h."""
        return 1.0 - jnp.asarray(self.hazard, dtype=float)


class RandomWalk(Environment):
    """x' = x + sqrt(Q) * normal, from ``start_at``: the variance over seeds grows by Q per step.

    There is no stationary law; stability is judged about ``start_at``, the mean over seeds.

    Examples
    --------
    >>> RandomWalk(drift_variance=0.01, start_at=2.0).rest().tolist()
    [2.0]
    """

    random: ClassVar[bool] = True
    drift_variance: float = field(
        default=0.01, unit="cue^2/step", help="variance Q of one increment", at_least=0
    )
    start_at: float = field(default=0.0, unit="cue", help="the cue at step 0")

    def start(self, key: Array) -> Array:
        """Return ``start_at``, shape ``(1,)``."""
        return jnp.asarray([self.start_at], dtype=float)

    def cue(self, world: Any, step: Array) -> Array:
        """Return where the walk is, shape ``(1,)``."""
        return jnp.asarray(world)

    def advance(self, world: Array, step: Array, key: Array) -> Array:
        """Return the walk one increment on."""
        return world + jnp.sqrt(self.drift_variance) * _normal(key)
