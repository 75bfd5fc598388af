"""Schedules: the learning rate as a function of how many steps were taken."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import optax

from adaptsim.part import Array, Part, WrongField, field

PER_STEP = "1/(curvature step)"


class Schedule(Part):
    """A learning rate that changes: subclass it and write ``__call__(count)``.

    ``counts_together`` says whether it counts the same for every individual.

    Examples
    --------
    >>> class Halve(Schedule):
    ...     initial: float = 0.4
    ...     def __call__(self, count):
    ...         return self.initial * 0.5**count
    >>> float(Halve()(2))
    0.1
    """

    abstract: ClassVar[bool] = True
    counts_together: ClassVar[bool] = True

    @property
    def counts_only(self) -> bool:
        """Whether the rate is a function of the count alone: whether it can be called."""
        return type(self).__call__ is not Schedule.__call__

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(count)")

    def transformation(self) -> optax.GradientTransformation:
        """Return the optax transformation that goes downhill by this schedule."""
        return optax.scale_by_schedule(lambda count: -self(count))


class InverseTime(Schedule):
    """Falls as one over time: initial / (1 + count / half_time).

    Examples
    --------
    >>> float(InverseTime(initial=0.5, half_time=10.0)(10))
    0.25

    References
    ----------
    Robbins & Monro (1951), Annals of Mathematical Statistics 22:400 (sum diverges, squares do not).
    """

    initial: float = field(
        default=0.1, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    half_time: float = field(default=100.0, unit="steps", help="steps until it is halved", above=0)

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        return jnp.asarray(self.initial / (1 + count / self.half_time))


class Exponential(Schedule):
    """Falls by a constant factor per step: initial * exp(-count / time_constant).

    Examples
    --------
    >>> round(float(Exponential(initial=1.0, time_constant=10.0)(10)), 6)
    0.367879
    """

    initial: float = field(
        default=0.1, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    time_constant: float = field(default=100.0, unit="steps", help="steps until it is 1/e", above=0)

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        return self.initial * jnp.exp(-count / self.time_constant)


class Cosine(Schedule):
    """Falls along half a cosine from initial to final in ``duration`` steps, then stays.

    Examples
    --------
    >>> float(Cosine(initial=1.0, final=0.0, duration=100.0)(50))
    0.5

    References
    ----------
    Loshchilov & Hutter (2017), SGDR (form as in optax.cosine_decay_schedule).
    """

    initial: float = field(
        default=0.1, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    final: float = field(default=0.0, unit=PER_STEP, help="learning rate at the end", at_least=0)
    duration: float = field(
        default=1000.0, unit="steps", help="steps from initial to final", above=0
    )

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        done = jnp.minimum(count / self.duration, 1.0)
        return self.final + (self.initial - self.final) * 0.5 * (1 + jnp.cos(jnp.pi * done))


class WarmUp(Schedule):
    """Rises in a straight line from 0 in ``duration`` steps, then follows another schedule.

    Examples
    --------
    >>> rate = WarmUp(then=0.4, duration=4.0)
    >>> [round(float(rate(count)), 3) for count in (0, 2, 4, 9)]
    [0.0, 0.2, 0.4, 0.4]
    """

    then: float | Schedule = field(
        default=0.1, unit=PER_STEP, help="learning rate or schedule that follows", at_least=0
    )
    duration: float = field(default=100.0, unit="steps", help="steps of the rise", above=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.then, Schedule) and not self.then.counts_only:
            problem = f"must be a number or a schedule of the count; got {type(self.then).__name__}"
            raise WrongField("WarmUp", "then", f"{problem}, which needs the loss")

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        after = jnp.maximum(count - self.duration, 0)
        full: Any = self.then(after) if isinstance(self.then, Schedule) else self.then
        return full * jnp.minimum(count / self.duration, 1.0)
