"""Langevin: descent with heat, which samples a landscape in place of settling in it."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Descent, step_size

TINY = float(np.finfo(float).tiny)


class Heat(NamedTuple):
    """What Langevin remembers: its schedule's memory, steps proposed, steps accepted."""

    pace: Any
    proposed: Array
    accepted: Array

    @property
    def acceptance(self) -> Array:
        """Part of the proposals that were accepted so far; nan before the first."""
        return self.accepted / self.proposed


class Langevin(Descent):
    """trait += -learning_rate * gradient + sqrt(2 * learning_rate * temperature) * normal.

    In small steps traits come to be distributed as exp(-loss / temperature). In larger ones they do
    not, by an error of the order of the learning rate; ``adjusted`` removes it by accepting a step
    (the proposal) with the probability of Metropolis and Hastings and staying put otherwise, at the
    price of a second gradient. The temperature is constant: optax.noisy_sgd cools down, its noise
    having the variance ``eta / (1 + t)**gamma``, and so samples no fixed distribution.

    ``memory.acceptance`` is the part of the proposals accepted (all, if not ``adjusted``). The
    adjustment is exact only if the gradient felt is that of the loss: no noise, no delay. Towards
    temperature 0 ever fewer are, away from a minimum. A proposal whose loss is not a number is
    refused. Where no random numbers are drawn, as in the
    study of a step's stability, the step is the mean one.

    Examples
    --------
    >>> rule = Langevin(learning_rate=0.5, temperature=0.25)
    >>> learn = rule.transformation()
    >>> memory = learn.init(jnp.zeros(1))
    >>> step, memory = learn.update(jnp.array([2.0]), memory, normal=jnp.array([3.0]))
    >>> round(float(step[0]), 9)
    0.5

    References
    ----------
    Parisi (1981), Nuclear Physics B 180:378 (unadjusted);
    Roberts & Tweedie (1996), Bernoulli 2:341 (both; ULA and MALA).
    """

    temperature: float = field(
        default=0.1, unit="loss", help="how high above a minimum it wanders", at_least=0
    )
    adjusted: bool = field(
        default=False, help="accept or refuse each step, so as to sample exactly"
    )

    @property
    def randomness(self) -> tuple[str, ...]:
        """Normal numbers for the kick, and a uniform one where a step may be refused."""
        return ("normal", "uniform") if self.adjusted else ("normal",)

    @property
    def counts_together(self) -> bool:
        """Whether nothing is counted but steps: what is accepted differs between individuals."""
        return not self.adjusted and super().counts_together

    def evaluations(self, memory: Any) -> int:
        """Return how many gradients a step takes: where it is, and where it may go."""
        return 2 if self.adjusted else 1

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient as it is."""
        return optax.identity()

    def transformation(self) -> optax.GradientTransformation:
        """Return the transformation; it asks for ``normal`` and, if adjusted, all else there is."""
        pace = optax.with_extra_args_support(step_size(self.learning_rate))
        one = jnp.asarray(1.0)

        def begin(trait: Array) -> Heat:
            return Heat(pace.init(one), jnp.asarray(0), jnp.asarray(0))

        def update(
            gradient: Array, memory: Heat, trait: Any = None, *, normal: Any = None, **told: Any
        ) -> tuple[Array, Heat]:
            downhill, paced = pace.update(one, memory.pace, None, **told)
            kick = jnp.sqrt(2 * self.temperature) * (0.0 if normal is None else normal)
            step = downhill * gradient + jnp.sqrt(-downhill) * kick
            taken = self._takes(step, kick, -downhill, gradient, trait, told)
            after = Heat(paced, memory.proposed + 1, memory.accepted + taken)
            return jnp.where(taken, step, 0.0), after

        return optax.GradientTransformationExtraArgs(begin, update)

    def _takes(
        self, step: Array, kick: Array, rate: Array, gradient: Array, trait: Any, told: Any
    ) -> Array:
        """Return whether a step is taken; all is in units of the temperature, which may be 0.

        The kick that leads here is ``sqrt(2 * temperature) * normal``; the one that would lead back
        is ``sqrt(rate) * (gradient here + gradient there) - kick``. The logarithm of how probable
        each is, times the temperature, is minus its square over 4.
        """
        if not self.adjusted:
            return jnp.asarray(True)
        there, slope = jax.value_and_grad(told["value_fn"])(trait + step)
        back = jnp.sqrt(rate) * (gradient + slope) - kick
        gain = told["value"] - there + jnp.sum(kick**2 - back**2) / 4
        luck = told.get("uniform")
        least = self.temperature * jnp.log(jnp.maximum(TINY if luck is None else luck, TINY))
        return gain >= least
