"""Forager: a predator that learns which of two prey to prefer."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from adaptsim.agents.base import Agent, Tracking
from adaptsim.part import Array, WrongField, field


class Forager(Agent):
    """A predator whose preference for prey 1 follows two prey densities.

    The cue is the pair of densities ``[R1, R2]``; a prey is worth ``v_i = conversion_i *
    attack_i * R_i``. The preference ``u`` is the share of effort spent on prey 1. The best
    preference follows generalised matching, ``u*/(1-u*) = (v1/v2)^b`` with matching exponent ``b``;
    it is also what maximises the intake ``v1 u^q + v2 (1-u)^q`` with ``q = 1 - 1/b``.

    Three modes of learning, which are not the same:

    ``"logit"``
        gradient of half the squared mismatch of ``l = ln(u/(1-u))``; the trait is ``l``. For prey
        whose log ratio is a sine this is exactly linear.
    ``"preference"``
        gradient of half the squared mismatch of ``u`` itself; the trait is ``u`` (linear in ``u``;
        stepped in ``l`` it would blow up wherever ``u`` is near 0 or 1).
    ``"intake"``
        climbs the intake itself, ``dl/dt = alpha dW/du`` (replicator); the trait is ``l``. Its
        local speed depends on how much there is to eat.

    With noise each perceived density is ``R_i exp(observation_noise * xi)``, so that the perceived
    optimum in ``l`` has the variance ``2 (b * observation_noise)^2``.

    Examples
    --------
    >>> hungry = Forager()
    >>> cue = jnp.array([3.0, 1.0])
    >>> round(float(hungry.optimum(cue)[0]), 6)  # ln 3
    1.098612
    >>> round(float(hungry.preference(hungry.optimum(cue))[0]), 6)
    0.75

    References
    ----------
    Baum (1974) for generalised matching; Murdoch (1969) for switching; Abrams & Matsuda (2004) and
    Kondoh (2003) for the replicator form. Named from general knowledge, not re-read for this.
    """

    cue_names: ClassVar[tuple[str, ...]] = ("prey 1", "prey 2")
    cue_label: ClassVar[str] = "prey density"
    positive_cues: ClassVar[int] = 2
    units: ClassVar[dict[str, str]] = {"preference": "share of effort on prey 1"}

    mode: str = field(
        default="logit", help="what is descended", choices=("logit", "preference", "intake")
    )
    matching: float = field(default=1.0, help="matching exponent b; above 1: switching", above=0)
    attack_1: float = field(
        default=1.0, unit="1/(density step)", help="attack rate, prey 1", above=0
    )
    attack_2: float = field(
        default=1.0, unit="1/(density step)", help="attack rate, prey 2", above=0
    )
    conversion_1: float = field(default=1.0, help="conversion efficiency, prey 1", above=0)
    conversion_2: float = field(default=1.0, help="conversion efficiency, prey 2", above=0)
    start_at: float = field(default=0.5, help="preference before the first step", above=0, below=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        matching = self.matching
        if self.mode == "intake" and isinstance(matching, int | float) and matching <= 1:
            raise WrongField(
                "Forager",
                "matching",
                f"must be above 1 where mode = 'intake' (effort must pay less and less); "
                f"got {matching:g}; try 2",
            )

    def worth(self, cue: Array) -> Array:
        """Return what each prey is worth, ``[v1, v2]`` per effort and step."""
        if cue.shape != (2,):
            raise ValueError(
                f"a Forager sees the densities of two prey, a cue of shape (2,); got {cue.shape}"
            )
        return cue * jnp.asarray(
            [self.conversion_1 * self.attack_1, self.conversion_2 * self.attack_2]
        )

    def preference(self, trait: Array) -> Array:
        """Return the preference ``u`` that traits stand for."""
        return trait if self.mode == "preference" else jax.nn.sigmoid(trait)

    def intake(self, preference: Array, cue: Array) -> Array:
        """Return the intake ``v1 u^q + v2 (1-u)^q``, a scalar."""
        power = 1 - 1 / self.matching
        worth = self.worth(cue)
        share = preference[0]
        return worth[0] * share**power + worth[1] * (1 - share) ** power

    def start(self, cue: Array) -> Array:
        """Return the trait of the preference ``start_at``, shape ``(1,)``."""
        preference = jnp.asarray([self.start_at], dtype=float)
        return preference if self.mode == "preference" else jax.scipy.special.logit(preference)

    def optimum(self, cue: Array) -> Array:
        """Return the trait of the best preference, ``l* = b ln(v1/v2)``, shape ``(1,)``."""
        worth = self.worth(cue)
        best = self.matching * jnp.log(worth[:1] / worth[1:])
        return jax.nn.sigmoid(best) if self.mode == "preference" else best

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return half the squared mismatch or, in mode ``"intake"``, the intake forgone."""
        if self.mode == "intake":
            best = self.intake(self.preference(self.optimum(cue)), cue)
            return best - self.intake(self.preference(trait), cue)
        return 0.5 * jnp.sum((trait - self.optimum(cue)) ** 2)

    def gradient(self, trait: Array, cue: Array, body: Any) -> Array:
        """Return the slope that is descended: of the loss, or minus ``dW/du`` in mode intake."""
        if self.mode != "intake":
            return super().gradient(trait, cue, body)
        return -jax.grad(self.intake)(self.preference(trait), cue)

    def perceive(self, cue: Array, noise: Array) -> Array:
        """Return densities seen with multiplicative noise, so that they stay positive."""
        return cue * jnp.exp(self.observation_noise * noise)

    def attraction(self, trait: Array) -> Array:
        """Return ``[l, 0]``: at an inverse temperature of 1 prey 1 is chosen with chance ``u``."""
        logit = jax.scipy.special.logit(trait) if self.mode == "preference" else trait
        return jnp.append(logit, 0.0)

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return the trait behind its optimum and the preference behind the best preference."""
        target = self.optimum(cue)
        share, best = self.preference(trait)[0], self.preference(target)[0]
        preference = {"preference": Tracking(share, best, best)}
        if self.mode == "preference":
            return preference
        return {"logit": Tracking(trait[0], target[0], target[0])} | preference
