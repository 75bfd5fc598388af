"""Benna-Fusi: another rule, whose increments sink into a chain of hidden variables."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Rule
from adaptsim.rules.descent import GradientDescent
from adaptsim.rules.wrapping import Wrapping


class Chain(NamedTuple):
    """What a Benna-Fusi rule remembers.

    Attributes
    ----------
    rule : Any
        What the rule itself remembers.
    hidden : Array
        The variables ``u_2 ... u_m`` of each synapse, shape ``(m - 1, d)``.
    naive : Array
        The traits before anything was learnt, from which all are counted, shape ``(d,)``.
    """

    rule: Any
    hidden: Array
    naive: Array


class BennaFusi(Wrapping):
    """A rule whose increments are stored in a chain of ever slower variables: metaplasticity.

    Each trait is the first of ``m`` variables, joined like beakers of water by tubes,

    ``C_k du_k/dt = g_(k-1) (u_(k-1) - u_k) + g_k (u_(k+1) - u_k)``, ``C_k = r^(k-1)``,
    ``g_k = g_1 r^(1-k)``, ``g_0 = 0`` and ``u_(m+1) = 0``,

    with ``r = ratio`` and ``g_1 = coupling``. In each step the chain moves on by one unit of time
    (exactly, by its eigenvectors), then ``learning_rate`` times the increment of the rule is added
    to ``u_1``. What was learnt fades as ``t^(-1/2)`` up to about ``4^m`` steps at the default
    constants, where one variable alone would forget exponentially. All ``u`` are counted from the
    trait at the start, so that where nothing is learnt nothing moves; the last variable leaks to
    it, and old memories fade towards it. With one variable this is a synapse that decays at the
    rate ``coupling``.

    Examples
    --------
    >>> rule = BennaFusi(variables=2, learning_rate=1.0)
    >>> learn = rule.transformation()
    >>> step, memory = learn.update(-jnp.ones(1), learn.init(jnp.zeros(1)), jnp.zeros(1))
    >>> step.tolist(), memory.hidden.tolist()
    ([1.0], [[0.0]])
    >>> step, memory = learn.update(jnp.zeros(1), memory, step)
    >>> step.round(6).tolist(), memory.hidden.round(6).tolist()
    ([-0.114017], [[0.0561]])

    References
    ----------
    Benna & Fusi (2016), Computational principles of synaptic memory consolidation, Nature
    Neuroscience 19:1697. The form of the equations as published; the constants (2, and 1/8)
    quoted at second hand.
    """

    rule: Rule = field(default=GradientDescent(learning_rate=1.0), help="what is stored")
    variables: int = field(default=8, help="m, length of the chain", at_least=1)
    ratio: float = field(default=2.0, help="r, each is so much larger than the one before", above=1)
    coupling: float = field(default=0.125, unit="1/step", help="g_1, of the first two", above=0)
    learning_rate: float = field(
        default=0.1, unit="1/(curvature step)", help="factor of all increments", at_least=0
    )

    def passing(self) -> Array:
        """Return the matrix by which one unit of time moves the chain, shape ``(m, m)``.

        Examples
        --------
        >>> round(float(BennaFusi(variables=1).passing()[0, 0]), 6)  # e^(-1/8)
        0.882497
        """
        power = jnp.arange(self.variables)
        volume, tube = self.ratio ** (power / 2), self.coupling * self.ratio**-power
        diagonal = tube + jnp.concatenate([jnp.zeros(1), tube[:-1]])
        flow = jnp.diag(tube[:-1], 1) + jnp.diag(tube[:-1], -1) - jnp.diag(diagonal)
        rates, modes = jnp.linalg.eigh(flow / jnp.outer(volume, volume))
        symmetric = (modes * jnp.exp(rates)) @ modes.T
        return symmetric * jnp.outer(1 / volume, volume)

    def transformation(self) -> optax.GradientTransformation:
        """Return the rule's transformation, stored in the chain."""
        learn = optax.with_extra_args_support(self.rule.transformation())

        def begin(trait: Array) -> Chain:
            hidden = jnp.zeros((self.variables - 1, *trait.shape))
            return Chain(learn.init(trait), hidden, jnp.asarray(trait, float))

        def update(
            gradient: Array, memory: Chain, trait: Any = None, **told: Any
        ) -> tuple[Array, Chain]:
            increment, after = learn.update(gradient, memory.rule, trait, **told)
            chain = jnp.concatenate([(trait - memory.naive)[None], memory.hidden])
            moved = self.passing() @ chain
            change = moved[0] - chain[0] + self.learning_rate * increment
            return change, Chain(after, moved[1:], memory.naive)

        return optax.GradientTransformationExtraArgs(begin, update)
