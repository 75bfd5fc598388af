"""Schedules: the learning rate as a function of how many steps were taken."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

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


class Cyclical(Schedule):
    """Rises and falls in triangles between lowest and highest, one triangle per period.

    Examples
    --------
    >>> rate = Cyclical(lowest=0.0, highest=1.0, period=100.0)
    >>> [round(float(rate(count)), 3) for count in (0, 25, 50, 75, 100)]
    [0.0, 0.5, 1.0, 0.5, 0.0]

    References
    ----------
    Smith (2017), Cyclical learning rates for training neural networks (the triangular policy).
    """

    lowest: float = field(
        default=0.01, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    highest: float = field(
        default=0.1, unit=PER_STEP, help="learning rate half a period on", at_least=0
    )
    period: float = field(default=200.0, unit="steps", help="steps from lowest to lowest", above=0)

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        phase = jnp.mod(count / self.period, 1.0)
        return self.lowest + (self.highest - self.lowest) * (1 - jnp.abs(2 * phase - 1))


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
        if isinstance(self.then, ReduceOnPlateau):
            problem = "must be a number or a schedule of the count; got ReduceOnPlateau"
            raise WrongField("WarmUp", "then", f"{problem}, which needs the loss")

    def __call__(self, count: Array) -> Array:
        """Return the learning rate after ``count`` steps."""
        after = jnp.maximum(count - self.duration, 0)
        full: Any = self.then(after) if isinstance(self.then, Schedule) else self.then
        return full * jnp.minimum(count / self.duration, 1.0)


class Plateau(NamedTuple):
    """What ReduceOnPlateau remembers: best loss, steps since then, scale of the rate now."""

    best: Array
    waited: Array
    scale: Array


class ReduceOnPlateau(Schedule):
    """Multiplied by ``factor`` whenever the loss has not improved for ``patience`` steps.

    The same as optax.contrib.reduce_on_plateau (a reduction comes at the ``patience``-th step
    without improvement; torch waits one more), whose factor cannot differ between individuals.
    An improvement is a loss below ``(1 - tolerance)`` times the best so far.

    Examples
    --------
    >>> plateau = ReduceOnPlateau(initial=1.0, patience=2).transformation()
    >>> memory, rates = plateau.init(jnp.zeros(1)), []
    >>> for loss in (1.0, 1.0, 1.0, 1.0):
    ...     step, memory = plateau.update(jnp.ones(1), memory, value=jnp.asarray(loss))
    ...     rates.append(-float(step[0]))
    >>> rates
    [1.0, 1.0, 0.5, 0.5]
    """

    counts_together: ClassVar[bool] = False

    initial: float = field(
        default=0.1, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    factor: float = field(default=0.5, help="what it is multiplied by", above=0, below=1)
    patience: int = field(default=10, unit="steps", help="steps without improvement", at_least=1)
    tolerance: float = field(default=1e-4, help="relative improvement that counts", at_least=0)
    lowest_scale: float = field(
        default=0.0, help="never below this part of the initial rate", at_least=0
    )

    def transformation(self) -> optax.GradientTransformation:
        """Return the optax transformation; it needs the loss as ``value``."""

        def begin(_: Any) -> Plateau:
            return Plateau(jnp.asarray(jnp.inf), jnp.asarray(0), jnp.asarray(1.0))

        def update(
            gradient: Array, memory: Plateau, params: Any = None, *, value: Array, **_: Any
        ) -> tuple[Array, Plateau]:
            memory = self._watch(memory, value)
            return -self.initial * memory.scale * gradient, memory

        return optax.GradientTransformationExtraArgs(begin, update)

    def _watch(self, memory: Plateau, loss: Array) -> Plateau:
        improved = loss < (1 - self.tolerance) * memory.best
        waited = jnp.where(improved, 0, memory.waited + 1)
        reduce = waited == self.patience
        return Plateau(
            best=jnp.where(improved, loss, memory.best),
            waited=jnp.where(reduce, 0, waited),
            scale=jnp.maximum(
                jnp.where(reduce, memory.scale * self.factor, memory.scale), self.lowest_scale
            ),
        )
