"""Criteria: when one rule shall give way to another."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.part import Array, Part, field

CLEAR = 100.0
"""Ratios of signal to noise beyond this count as this, so that no step outweighs all others."""


class Criterion(Part):
    """When to switch: subclass it, name the reasons and write ``watch`` (and ``begin``).

    Attributes
    ----------
    reasons : tuple[str, ...]
        Why it may fire, in words. ``watch`` returns 0 for "not yet", else the place of the reason
        in this list, counted from 1.
    counts_together : bool
        Whether it fires in the same step for every individual.
    reading_units : dict[str, str]
        Units of what `readings` tells, by name.

    Examples
    --------
    >>> class LowLoss(Criterion):
    ...     reasons = ("low loss",)
    ...     level: float = 0.1
    ...     def watch(self, memory, gradient, count, *, value, **_):
    ...         return memory, jnp.where(value < self.level, 1, 0)
    >>> _, reason = LowLoss().watch((), jnp.zeros(1), 7, value=0.05)
    >>> int(reason)
    1
    """

    abstract: ClassVar[bool] = True
    reasons: ClassVar[tuple[str, ...]] = ()
    reading_units: ClassVar[dict[str, str]] = {}

    @property
    def counts_together(self) -> bool:
        """Whether it fires in the same step for every individual."""
        return False

    def begin(self, trait: Array) -> Any:
        """Return what is remembered before the first step; nothing unless a subclass says so."""
        return ()

    def watch(self, memory: Any, gradient: Array, count: Array, **told: Any) -> tuple[Any, Array]:
        """Return what is remembered after a step's gradient was seen, and the reason to switch.

        ``count`` steps were taken before this one. ``told`` is what a rule is told beside the
        gradient: ``value`` (the loss), ``value_fn``, ``batch_gradients`` (which makes gradients
        of so many batches, shape ``(b, d)``) and perhaps ``gradients``, such as are ready.
        """
        raise NotImplementedError(f"{type(self).__name__} must define watch()")

    def evaluations(self, memory: Any) -> Array | int:
        """Return how many gradients it took for itself in the step that left this memory."""
        return 0

    def readings(self, memory: Any) -> dict[str, Array]:
        """Return what is worth knowing of a memory, by name, each a scalar; nothing by default."""
        return {}


class AfterSteps(Criterion):
    """Fires when ``steps`` steps were taken.

    Examples
    --------
    >>> when = AfterSteps(steps=3.0)
    >>> [int(when.watch((), jnp.zeros(1), count)[1]) for count in range(5)]
    [0, 0, 0, 1, 1]
    """

    reasons: ClassVar[tuple[str, ...]] = ("steps",)

    steps: float = field(default=1000.0, unit="steps", help="steps before the switch", at_least=0)

    @property
    def counts_together(self) -> bool:
        """Whether it fires in the same step for everybody, which is so if all have one number."""
        return jnp.ndim(self.steps) == 0

    def watch(self, memory: Any, gradient: Array, count: Array, **told: Any) -> tuple[Any, Array]:
        """Return nothing to remember, and whether the steps were taken."""
        return memory, jnp.where(count >= self.steps, 1, 0)


class Signal(NamedTuple):
    """What SignalToNoise remembers.

    Attributes
    ----------
    mean, square : Array
        Running means of the gradient, shape ``(d,)``, and of its squared length, neither corrected
        for the start at 0; unused with batches.
    level : Array
        Running mean of the ratio with batches, not corrected; unused without.
    ratio : Array
        Ratio of signal to noise now.
    was_low, held : Array
        Whether it was ever below ``low``, and for how many steps since then it is above ``high``.
    best, waited : Array
        Loss at the last improvement, and steps since then.
    asked : Array
        Gradients taken for batches in the last step, in gradients of the whole loss.
    """

    mean: Array
    square: Array
    level: Array
    ratio: Array
    was_low: Array
    held: Array
    best: Array
    waited: Array
    asked: Array


class SignalToNoise(Criterion):
    """Fires when the gradient agrees with itself again after a time when it did not.

    The ratio of signal to noise is high while descent is steady ("drift"), low while gradients
    point here and there ("diffusion"), and rises again when they agree ("total diffusion"). The
    criterion fires after the ratio was once below ``low`` and then above ``high`` for ``hold``
    looks in a row: single spikes, as Adam makes at its edge of stability, do not count. It also
    fires when the loss has not fallen by the relative ``tolerance`` for ``plateau_patience`` steps,
    and in any case after ``most_steps``.

    With ``batches`` (or with ``gradients`` of batches told, shape ``(b, d)``) the ratio of a look
    is ``|mean over batches| / |standard deviation over batches|``, and its running mean is taken;
    a look costs one gradient more, so it may be had only ``every`` so many steps. With one gradient
    a step, as usual here, it is ``|mean| / sqrt(mean |gradient - mean|^2)``, both running means
    over time. A running mean keeps ``smoothing`` of what it was and is corrected for
    its start at 0; ratios above 100 count as 100. Over time a gradient that is noise alone reads
    about ``sqrt((1 - smoothing) / (1 + smoothing))``, 0.07 for 0.99 and 0.33 for 0.8: ``low`` must
    be above that. Terms of a loss that all batches share inflate the ratio: a landscape's
    ``batch_gradients`` leave them out.

    Examples
    --------
    Ten steps one way, forty to and fro, then one way again:

    >>> when = SignalToNoise(smoothing=0.8, low=0.5, hold=3)
    >>> memory, fired = when.begin(jnp.zeros(1)), []
    >>> for count in range(80):
    ...     gradient = jnp.array([(-1.0) ** count if 10 <= count < 50 else 1.0])
    ...     memory, reason = when.watch(memory, gradient, count, value=-count)
    ...     fired += [count] * int(reason)
    >>> fired[0], when.reasons[0]
    (57, 'signal to noise')

    References
    ----------
    Anagnostopoulos, Toscano, Stergiopulos & Karniadakis (2024), Learning in PINNs: phase
    transition, total diffusion, and generalization, arXiv 2403.18494 (the ratio and the phases;
    hysteresis, hold and the fallbacks are ours).
    """

    reasons: ClassVar[tuple[str, ...]] = ("signal to noise", "plateau", "most steps")
    reading_units: ClassVar[dict[str, str]] = {"signal_to_noise": "1"}

    low: float = field(default=0.3, help="ratio below which gradients disagree", at_least=0)
    high: float = field(default=1.0, help="ratio above which they agree again", at_least=0)
    smoothing: float = field(
        default=0.99, help="part of a running mean that a look keeps", at_least=0, below=1
    )
    hold: int = field(default=10, unit="looks", help="looks above high in a row", at_least=1)
    batches: int = field(
        default=0, help="batches whose gradients are compared; 0 for one gradient over time",
        at_least=0,
    )  # fmt: skip
    every: int = field(default=1, unit="steps", help="steps from look to look", at_least=1)
    tolerance: float = field(
        default=1e-4, help="relative fall of the loss that counts", at_least=0, at_most=1
    )
    plateau_patience: int = field(
        default=1000, unit="steps", help="steps without such a fall", at_least=1
    )
    most_steps: int = field(
        default=10_000, unit="steps", help="steps before the switch at most", at_least=0
    )

    def begin(self, trait: Array) -> Signal:
        """Return what is remembered before the first step."""
        zero, none = jnp.asarray(0.0), jnp.asarray(0)
        return Signal(
            mean=jnp.zeros_like(trait), square=zero, level=zero, ratio=zero,
            was_low=jnp.asarray(False), held=none, best=jnp.asarray(jnp.inf), waited=none,
            asked=none,
        )  # fmt: skip

    def watch(
        self, memory: Signal, gradient: Array, count: Array, **told: Any
    ) -> tuple[Signal, Array]:
        """Return what is remembered after a step, and the reason to switch, 0 for not yet.

        Raises
        ------
        ValueError
            If batches are to be compared where nobody tells them.
        """
        if self.batches == 1 or (self.batches and told.get("batch_gradients") is None):
            problem = "must be 0, or 2 and more on a landscape of terms"
            raise ValueError(f"SignalToNoise.batches {problem}; got {self.batches}")

        def look() -> Signal:
            return self._agreement(self._look(memory, gradient, count // self.every, told))

        def wait() -> Signal:
            return memory._replace(asked=jnp.zeros_like(memory.asked))

        seen = look() if self.every == 1 else jax.lax.cond(count % self.every == 0, look, wait)
        memory = self._progress(seen, jnp.asarray(told["value"]))
        fired = [
            memory.held >= self.hold,
            memory.waited >= self.plateau_patience,
            count >= self.most_steps,
        ]
        return memory, jnp.select(fired, [1, 2, 3], 0)

    def evaluations(self, memory: Signal) -> Array:
        """Return whether batches were looked at in the last step: as much as one gradient."""
        return memory.asked

    def readings(self, memory: Signal) -> dict[str, Array]:
        """Return the ratio of signal to noise."""
        return {"signal_to_noise": memory.ratio}

    def _look(self, memory: Signal, gradient: Array, looks: Array, told: Any) -> Signal:
        if self.batches:
            gradients = told["batch_gradients"](self.batches)
            memory = memory._replace(asked=jnp.ones_like(memory.asked))
        else:
            gradients = told.get("gradients")
        if gradients is None:
            return self._over_time(memory, gradient, looks)
        return self._over_batches(memory, gradients, looks)

    def _over_time(self, memory: Signal, gradient: Array, looks: Array) -> Signal:
        mean = self._smooth(memory.mean, gradient)
        square = self._smooth(memory.square, jnp.sum(gradient**2))
        seen = 1 - self.smoothing ** (looks + 1)
        signal = jnp.sum((mean / seen) ** 2)
        ratio = _ratio(signal, jnp.maximum(square / seen - signal, 0.0))
        return memory._replace(mean=mean, square=square, ratio=ratio)

    def _over_batches(self, memory: Signal, gradients: Array, looks: Array) -> Signal:
        signal = jnp.sum(gradients.mean(axis=0) ** 2)
        level = self._smooth(memory.level, _ratio(signal, jnp.sum(gradients.var(axis=0))))
        return memory._replace(level=level, ratio=level / (1 - self.smoothing ** (looks + 1)))

    def _smooth(self, mean: Array, new: Array) -> Array:
        return self.smoothing * mean + (1 - self.smoothing) * new

    def _progress(self, memory: Signal, loss: Array) -> Signal:
        least = memory.best - self.tolerance * jnp.abs(memory.best)
        improved = (loss < least) | jnp.isinf(memory.best)
        return memory._replace(
            best=jnp.where(improved, loss, memory.best),
            waited=jnp.where(improved, 0, memory.waited + 1),
        )

    def _agreement(self, memory: Signal) -> Signal:
        was_low = memory.was_low | (memory.ratio < self.low)
        agrees = was_low & (memory.ratio > self.high)
        return memory._replace(was_low=was_low, held=jnp.where(agrees, memory.held + 1, 0))


def _ratio(signal: Array, noise: Array) -> Array:
    """Return the ratio of the roots of two powers; without signal 0, whatever the noise."""
    ratio = jnp.sqrt(signal / jnp.where(signal > 0, noise, 1.0))
    return jnp.minimum(ratio, CLEAR)
