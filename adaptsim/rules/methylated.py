"""Methylated: another rule, each of whose increments a synapse's methylation gates."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim.part import Array, WrongField, field
from adaptsim.rules.base import Rule
from adaptsim.rules.descent import GradientDescent
from adaptsim.rules.gates import Gate, LinearGate
from adaptsim.rules.wrapping import Wrapping

PATTERNS = ("uniform", "gradient", "patches", "random")
FELT_BY = ("synapse", "neuron")
LARGEST = 1e100
"""A power beyond this counts as this: all of the effect of activity is there, to the last digit."""


class Marked(NamedTuple):
    """What a methylated rule remembers.

    Attributes
    ----------
    rule : Any
        What the rule itself remembers.
    methylation : Array
        Methylation ``m`` of each synapse, in [0, 1], shape ``(d,)``.
    """

    rule: Any
    methylation: Array


class Methylated(Wrapping):
    """A rule whose increments are gated, synapse by synapse, by methylation: metaplasticity.

    ``increment_i = learning_rate * phi(m_i) * (increment_i of the rule)``

    with the methylation ``m_i`` in [0, 1] from before the step, and a gate ``phi``: `LinearGate`
    ``1 - m`` by default, or `ExponentialGate`, `HillGate`, `InvertedUGate`, or one of your own.
    With ``rule = GradientDescent(learning_rate=1.0)`` the effective rate of a synapse is
    ``learning_rate * phi(m_i)``.

    **That methylation closes the gate is a hypothesis, not a fact,** and the evidence is mixed.
    Against it: where DNA methyltransferase is blocked, long-term potentiation and memory fail
    (Miller, Campbell & Sweatt 2008), so that methylation would open the gate. For it, in a way: the
    same block makes the synapses of a whole cell stronger (Meadows et al. 2015). Nothing else here
    depends on the sign; put in the gate that you believe in.

    *Which synapse starts how.* Without ``each``, methylation begins by a pattern along the
    synapses: ``"uniform"``, ``methylation`` everywhere; ``"gradient"``, from ``methylation -
    spread`` to ``methylation + spread``; ``"patches"``, those two by turns, ``patch`` synapses
    long; ``"random"``, drawn evenly between them (by ``pattern_seed``; the same for all neurons
    with that seed). ``each`` gives every synapse its own number instead.

    *How it changes.* Not at all unless ``turnover``; it is then what the pattern says, always. With
    ``turnover`` it is written and erased (in vertebrates by DNMT and TET enzymes),

    ``dm/dt = k_w (1 - m) - k_e m``, ``k = k0 + k1 a^n / (a^n + K^n)``,

    ``k0`` being ``writing`` or ``erasing``, ``k1`` ``writing_by_activity`` or
    ``erasing_by_activity``, and the activity ``a`` the size of the gradient: each synapse's own,
    or their mean over the ``"neuron"``. A step takes the exact solution for constant rates,
    ``m' = m* + (m - m*) exp(-(k_w + k_e))`` with ``m* = k_w / (k_w + k_e)``, so that ``m`` stays in
    [0, 1] however fast it is. Where all ``k`` are 0 it stays as it began.

    Examples
    --------
    >>> rule = Methylated(each=(0.0, 0.75), learning_rate=0.5)
    >>> learn = rule.transformation()
    >>> step, memory = learn.update(jnp.ones(2), learn.init(jnp.zeros(2)), jnp.zeros(2))
    >>> step.round(6).tolist(), float(rule.readings(memory)["methylation"])
    ([-0.5, -0.125], 0.375)

    References
    ----------
    Miller, Campbell & Sweatt (2008), DNA methylation and histone acetylation work in concert to
    regulate memory formation and synaptic plasticity; Meadows et al. (2015), DNA methylation
    regulates neuronal glutamatergic synaptic scaling. Both quoted at second hand.
    """

    rule: Rule = field(default=GradientDescent(learning_rate=1.0), help="what is gated")
    gate: Gate = field(default=LinearGate(), help="phi, how much a methylation lets through")
    learning_rate: float = field(
        default=0.1, unit="1/(curvature step)", help="factor of all increments", at_least=0
    )
    methylation: float = field(default=0.5, help="at the start, mean", at_least=0, at_most=1)
    spread: float = field(default=0.0, help="of the pattern about the mean", at_least=-1, at_most=1)
    pattern: str = field(default="uniform", help="along the synapses", choices=PATTERNS)
    patch: int = field(default=8, unit="synapses", help="length of a patch", at_least=1)
    pattern_seed: int = field(default=0, help="of the random pattern")
    each: tuple[float, ...] = field(default=(), help="methylation of each synapse; or a pattern")
    turnover: bool = field(default=False, help="whether methylation is written and erased")
    writing: float = field(default=0.0, unit="1/step", help="k0 of writing", at_least=0)
    erasing: float = field(default=0.0, unit="1/step", help="k0 of erasing", at_least=0)
    writing_by_activity: float = field(default=0.0, unit="1/step", help="k1 of writing", at_least=0)
    erasing_by_activity: float = field(default=0.0, unit="1/step", help="k1 of erasing", at_least=0)
    half_activity: float = field(
        default=1.0, unit="loss/trait", help="K, gradient of half the effect", above=0
    )
    cooperativity: int = field(default=2, help="n, how sharply activity acts", at_least=1)
    activity: str = field(default="synapse", help="whose gradient counts", choices=FELT_BY)

    def __post_init__(self) -> None:
        super().__post_init__()
        for one in self.each:
            if not _is_share(one):
                raise WrongField("Methylated", "each", f"must be between 0 and 1; got {one!r}")
        numbers = (self.methylation, self.spread)
        if self.pattern == "uniform" or any(isinstance(one, jax.core.Tracer) for one in numbers):
            return
        ends = np.asarray(self.methylation)[..., None] + np.multiply.outer(self.spread, [-1, 1])
        if np.min(ends) < 0 or np.max(ends) > 1:
            got = f"from {np.min(ends):g} to {np.max(ends):g}"
            problem = f"must keep methylation - spread and + spread between 0 and 1; got {got}"
            raise WrongField("Methylated", "spread", problem)

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what the rule reads, and of the methylation."""
        return {**super().reading_units, "methylation": "1"}

    def readings(self, memory: Marked) -> dict[str, Array]:
        """Return what the rule reads, and the mean methylation over the synapses."""
        mean = jnp.mean(memory.methylation, axis=-1)
        return {**super().readings(memory), "methylation": mean}

    def begun(self, count: int) -> Array:
        """Return the methylation of ``count`` synapses before the first step, shape ``(d,)``.

        Raises
        ------
        ValueError
            If ``each`` has another number of entries than there are synapses.

        Examples
        --------
        >>> Methylated(pattern="gradient", spread=0.5).begun(3).tolist()
        [0.0, 0.5, 1.0]
        """
        if self.each:
            if len(self.each) != count:
                problem = f"must have {count} numbers, one per trait; got {len(self.each)}"
                raise ValueError(f"Methylated.each {problem}")
            return jnp.stack([jnp.asarray(one, float) for one in self.each])
        return self.methylation + self.spread * self._shape(count)

    def _shape(self, count: int) -> Array:
        """Return the pattern between -1 and 1, shape ``(d,)``."""
        place = np.arange(count)
        if self.pattern == "gradient":
            return jnp.asarray(np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1))
        if self.pattern == "patches":
            return jnp.asarray(np.where(place // self.patch % 2, 1.0, -1.0))
        if self.pattern == "random":
            drawn = np.random.default_rng(self.pattern_seed).uniform(-1.0, 1.0, count)
            return jnp.asarray(drawn)
        return jnp.zeros(count)

    def turned(self, methylation: Array, activity: Array) -> Array:
        """Return methylation ``(d,)`` a step of the enzymes later, by activity ``(d,)`` or ``()``.

        Examples
        --------
        >>> rule = Methylated(turnover=True, writing=2.0, erasing=1.0)
        >>> round(float(rule.turned(jnp.asarray(0.0), 0.0)), 6)  # (2/3) (1 - e^-3)
        0.633475
        """
        driven = _hill(activity / self.half_activity, self.cooperativity)
        written = self.writing + self.writing_by_activity * driven
        both = written + self.erasing + self.erasing_by_activity * driven
        rest = jnp.where(both > 0, written / jnp.where(both > 0, both, 1.0), 0.0)
        kept = jnp.exp(-both)
        return kept * methylation + (1 - kept) * rest

    def transformation(self) -> optax.GradientTransformation:
        """Return the rule's transformation, gated; then the enzymes take their step."""
        learn = optax.with_extra_args_support(self.rule.transformation())

        def begin(trait: Array) -> Marked:
            return Marked(learn.init(trait), self.begun(trait.shape[-1]))

        def update(
            gradient: Array, memory: Marked, trait: Any = None, **told: Any
        ) -> tuple[Array, Marked]:
            increment, after = learn.update(gradient, memory.rule, trait, **told)
            gated = self.learning_rate * self.gate(memory.methylation) * increment
            return gated, Marked(after, self._next(memory.methylation, gradient))

        return optax.GradientTransformationExtraArgs(begin, update)

    def _next(self, methylation: Array, gradient: Array) -> Array:
        if not self.turnover:
            return self.begun(gradient.shape[-1])
        size = jnp.abs(gradient)
        felt = size if self.activity == "synapse" else jnp.mean(size)
        return self.turned(methylation, felt)


def _hill(ratio: Array, power: int) -> Array:
    """Return ``r^n / (1 + r^n)``, however large the ratio."""
    raised = jnp.minimum(ratio**power, LARGEST)
    return raised / (1 + raised)


def _is_share(value: Any) -> bool:
    """Whether something is in [0, 1], or one such per individual, or what JAX puts in its place."""
    if isinstance(value, jax.core.Tracer):
        return True
    if isinstance(value, bool | str):
        return False
    try:
        numbers = np.asarray(value, float)
    except (TypeError, ValueError):
        return False
    return bool((numbers >= 0).all() and (numbers <= 1).all())
