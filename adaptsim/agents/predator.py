"""Predator: a forager whose prey feel what it eats."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from adaptsim.agents.base import Agent, Tracking
from adaptsim.part import Array, field

CERTAIN = 30.0
"""The logit of a preference that is as good as 1: the share left over is 1e-13."""


class Predator(Agent):
    """A predator that shares its effort between two prey that it can eat up.

    The cue is ``[R_1, R_2, ...]``, what follows the two prey densities is not looked at. With the
    preference ``u``, the share of effort on prey 1, it clears

    ``f_1 = a_1 u / D`` and ``f_2 = a_2 (1-u) / D``,
    ``D = 1 + a_1 u h_1 R_1 + a_2 (1-u) h_2 R_2``

    of prey per predator and time (type II: handling takes the time ``h_i``), and its intake is
    ``W = e_1 f_1 R_1 + e_2 f_2 R_2``. That is what it does to its world: see `deed`.

    Three modes of learning, which are not the same:

    ``"intake"``
        climbs the intake, ``dl/dt = alpha dW/du`` with ``l = ln(u/(1-u))``, so ``du/dt = alpha u
        (1-u) dW/du``; the trait is ``l``. The sign of ``dW/du`` does not depend on ``u``: the best
        is all effort on one prey, and a mixed preference can only rest where both are worth the
        same.
    ``"logit"``
        half the squared mismatch of ``l`` from ``l* = b ln(v_1/v_2)``, ``v_i = e_i a_i R_i``
        (generalised matching); the trait is ``l``.
    ``"preference"``
        half the squared mismatch of ``u`` from its own best; the trait is ``u``.

    With a ``perception_lag`` it does not see the densities themselves but ``S_i``, which follow
    them, ``S_i' = S_i + (1 - exp(-1/lag)) (R_i - S_i)``: the faster it then learns the less stable.

    Examples
    --------
    >>> hunter = Predator(handling_1=1.0, handling_2=1.0, conversion_2=0.5)
    >>> cue = jnp.array([1.0, 1.0])
    >>> hunter.deed(hunter.start(cue), hunter.body(cue), cue).tolist()
    [0.25, 0.25, 0.25, 0.125]

    References
    ----------
    Abrams & Matsuda (2004), Kondoh (2003) for the replicator form; Holling (1959) for type II;
    Baum (1974) for generalised matching. Named from general knowledge, not re-read for this.
    """

    cue_names: ClassVar[tuple[str, ...]] = ("prey 1", "prey 2", "predators")
    cue_label: ClassVar[str] = "density"
    positive_cues: ClassVar[int] = 2
    units: ClassVar[dict[str, str]] = {"preference": "share of effort on prey 1"}

    mode: str = field(
        default="intake", help="what is climbed", choices=("intake", "logit", "preference")
    )
    matching: float = field(
        default=1.0, help="matching exponent b, in modes logit and preference", above=0
    )
    attack_1: float = field(
        default=1.0, unit="1/(density time)", help="attack rate, prey 1", above=0
    )
    attack_2: float = field(
        default=1.0, unit="1/(density time)", help="attack rate, prey 2", above=0
    )
    handling_1: float = field(
        default=0.0, unit="time", help="time to handle one of prey 1", at_least=0
    )
    handling_2: float = field(
        default=0.0, unit="time", help="time to handle one of prey 2", at_least=0
    )
    conversion_1: float = field(default=1.0, help="predators made of one of prey 1", above=0)
    conversion_2: float = field(default=1.0, help="predators made of one of prey 2", above=0)
    perception_lag: float = field(
        default=0.0, unit="steps", help="by how much what is seen trails; 0: not", at_least=0
    )
    start_at: float = field(default=0.5, help="preference before the first step", above=0, below=1)

    def worth(self, prey: Array) -> Array:
        """Return what each prey is worth where none is handled, ``[v_1, v_2]`` [1/time]."""
        return self._pair("conversion") * self._pair("attack") * prey

    def preference(self, trait: Array) -> Array:
        """Return the preference ``u``, a scalar, that traits ``(1,)`` stand for."""
        return trait[0] if self.mode == "preference" else jax.nn.sigmoid(trait[0])

    def clearance(self, preference: Array, prey: Array) -> Array:
        """Return ``[f_1, f_2]`` of a preference, a scalar, among prey ``(2,)``."""
        effort = jnp.stack([self.attack_1 * preference, self.attack_2 * (1 - preference)])
        return effort / self.slowing(preference, prey)

    def slowing(self, preference: Array, prey: Array) -> Array:
        """Return by how much handling slows it down, ``D``, a scalar."""
        first = self.attack_1 * preference * self.handling_1 * prey[0]
        return 1 + first + self.attack_2 * (1 - preference) * self.handling_2 * prey[1]

    def intake(self, preference: Array, prey: Array) -> Array:
        """Return the intake ``W`` of a preference, a scalar, among prey ``(2,)`` [1/time]."""
        first, second = self.clearance(preference, prey)
        return self.conversion_1 * first * prey[0] + self.conversion_2 * second * prey[1]

    def deed(self, trait: Array, body: Any, cue: Array) -> Array:
        """Return what it does to its world, ``[f_1, f_2, e_1 f_1, e_2 f_2]``."""
        cleared = self.clearance(self.preference(trait), _prey(cue))
        return jnp.concatenate([cleared, self._pair("conversion") * cleared])

    def start(self, cue: Array) -> Array:
        """Return the trait of the preference ``start_at``, shape ``(1,)``."""
        preference = jnp.asarray([self.start_at], dtype=float)
        return preference if self.mode == "preference" else jax.scipy.special.logit(preference)

    def optimum(self, cue: Array) -> Array:
        """Return the trait of the best preference, shape ``(1,)``.

        In mode ``"intake"`` a logit of plus or minus 30, all effort on one prey; 0 where both are
        worth the same.
        """
        prey = _prey(cue)
        if self.mode == "intake":
            return CERTAIN * jnp.sign(self._rise(jnp.asarray(0.5), prey))[None]
        worth = self.worth(prey)
        best = self.matching * jnp.log(worth[:1] / worth[1:])
        return jax.nn.sigmoid(best) if self.mode == "preference" else best

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return the intake forgone or, in the other modes, half the squared mismatch."""
        if self.mode != "intake":
            return 0.5 * jnp.sum((trait - self.optimum(cue)) ** 2)
        best, prey = self.preference(self.optimum(cue)), _prey(cue)
        return self.intake(best, prey) - self.intake(self.preference(trait), prey)

    def gradient(self, trait: Array, cue: Array, body: Any) -> Array:
        """Return the slope that is descended, by what it perceives; minus ``dW/du`` of intake."""
        seen = jnp.where(self.perception_lag > 0, body, _prey(cue))
        if self.mode != "intake":
            return super().gradient(trait, seen, body)
        return -self._rise(self.preference(trait), seen)[None]

    def perceive(self, cue: Array, noise: Array) -> Array:
        """Return densities seen with multiplicative noise, so that they stay positive."""
        return cue * jnp.exp(self.observation_noise * noise)

    def body(self, cue: Array) -> Array:
        """Return the densities it perceives before the first step, shape ``(2,)``."""
        return _prey(cue)

    def live(self, body: Array, trait: Array, cue: Array) -> Array:
        """Return the densities it perceives a step later, shape ``(2,)``."""
        late = jnp.maximum(self.perception_lag, 1e-9)
        return body - jnp.expm1(-1 / late) * (_prey(cue) - body)

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return the preference behind the best one and, in mode ``"logit"``, its logit."""
        target = self.optimum(cue)
        best = self.preference(target)
        preference = {"preference": Tracking(self.preference(trait), best, best)}
        if self.mode != "logit":
            return preference
        return {"logit": Tracking(trait[0], target[0], target[0])} | preference

    def _rise(self, preference: Array, prey: Array) -> Array:
        """Return ``dW/du``, a scalar: what the prey differ in worth, over ``D^2``."""
        worth = self.worth(prey)
        apart = self.conversion_1 * self.handling_2 - self.conversion_2 * self.handling_1
        crossed = apart * self.attack_1 * self.attack_2 * prey[0] * prey[1]
        return (worth[0] - worth[1] + crossed) / self.slowing(preference, prey) ** 2

    def _pair(self, name: str) -> Array:
        """Return a field of both prey, shape ``(2,)``."""
        return jnp.stack([jnp.asarray(getattr(self, f"{name}_{i}"), float) for i in (1, 2)])


def _prey(cue: Array) -> Array:
    if cue.shape[0] < 2:
        raise ValueError(
            f"a Predator sees the densities of two prey, a cue of at least 2 numbers; got "
            f"{cue.shape}"
        )
    return cue[:2]
