"""Two prey and the predators that live on them: a world that feels what is eaten."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.environments.base import Environment
from adaptsim.part import Array, WrongField, field
from adaptsim.runge_kutta import runge_kutta


class Densities(NamedTuple):
    """What lives in a community between two steps.

    Attributes
    ----------
    logarithms : Array
        Natural logarithms of the densities of prey 1, prey 2 and predators, shape ``(3,)``.
    floored : Array
        In how many steps each was held at the floor, shape ``(3,)`` [steps].
    """

    logarithms: Array
    floored: Array


class TwoPrey(Environment):
    """Two prey that grow and are eaten, and the predators that grow on them.

    With the prey densities ``R_i`` and the density ``C`` of predators,

    ``dR_i/dt = R_i (growth_i (1 - crowding_i R_i) - f_i C)``,
    ``dC/dt = C (e_1 f_1 R_1 + e_2 f_2 R_2 - mortality)``,

    where the clearance ``f_i`` and what is made of it, ``e_i f_i``, are means over all predators:
    each of ``n`` individuals that were not removed stands for ``C/n``. They are what the
    individuals do (`Agent.deed`): ``[f_1, f_2, e_1 f_1, e_2 f_2]``, held for a step of length
    ``dt`` in which the densities move by the classical Runge-Kutta method in their logarithms, so
    that they stay positive. Traits and densities therefore move in turn (operator splitting), which
    is exact as ``dt`` goes to 0: halve it and see what changes.

    A density that falls below ``floor`` is held there, and the steps in which that happened are
    counted: such a species has died out. The cue is ``[R_1, R_2, C]``.

    Examples
    --------
    Left alone, prey grow to ``1 / crowding`` and predators starve:

    >>> world = TwoPrey(mortality=0.5, dt=0.5)
    >>> densities = world.start(jax.random.key(0))
    >>> advance = jax.jit(world.advance)
    >>> for step in range(200):
    ...     densities = advance(densities, step, None)
    >>> world.cue(densities, 200).round(6).tolist(), int(densities.floored[2])
    ([4.0, 4.0, 0.0], 118)

    References
    ----------
    Abrams & Matsuda, Population Ecology 46 (2004) for adaptive predators of two prey; named from
    general knowledge, not re-read.
    """

    responds: ClassVar[bool] = True

    growth_1: float = field(
        default=1.0, unit="1/time", help="growth rate of prey 1, rare", at_least=0
    )
    growth_2: float = field(
        default=0.5, unit="1/time", help="growth rate of prey 2, rare", at_least=0
    )
    crowding_1: float = field(
        default=0.25, unit="1/density", help="one over the capacity of prey 1; 0: none", at_least=0
    )
    crowding_2: float = field(
        default=0.25, unit="1/density", help="one over the capacity of prey 2; 0: none", at_least=0
    )
    mortality: float = field(default=0.2, unit="1/time", help="of predators", above=0)
    prey_1: float = field(default=0.6, unit="density", help="of prey 1 at step 0", above=0)
    prey_2: float = field(default=0.5, unit="density", help="of prey 2 at step 0", above=0)
    predators: float = field(default=1.0, unit="density", help="of predators at step 0", above=0)
    floor: float = field(
        default=1e-9, unit="density", help="below which a species has died out", above=0
    )
    dt: float = field(default=0.05, unit="time", help="time that passes in a step", above=0)
    substeps: int = field(default=1, help="Runge-Kutta steps in a step", at_least=1)

    def __post_init__(self) -> None:
        """Refuse a floor that is not below all densities at step 0."""
        super().__post_init__()
        begun = (self.prey_1, self.prey_2, self.predators)
        if all(isinstance(one, int | float) for one in (self.floor, *begun)):
            if self.floor >= min(begun):
                least = min(begun)
                raise WrongField(
                    "TwoPrey",
                    "floor",
                    f"must be below all densities at step 0, of which the least is {least:g}; "
                    f"got {self.floor:g}",
                )

    def change(self, logarithms: Array, deed: Array) -> Array:
        """Return the rates at which the logarithms of the densities change, shape ``(3,)``.

        Parameters
        ----------
        logarithms
            Of the densities of prey 1, prey 2 and predators, shape ``(3,)``.
        deed
            Mean over predators of ``[f_1, f_2, e_1 f_1, e_2 f_2]`` [1/(density time)].
        """
        densities = jnp.exp(logarithms)
        prey, predators = densities[:2], densities[2]
        growth = jnp.asarray([self.growth_1, self.growth_2], dtype=float)
        crowding = jnp.asarray([self.crowding_1, self.crowding_2], dtype=float)
        grown = growth * (1 - crowding * prey) - deed[:2] * predators
        return jnp.append(grown, jnp.sum(deed[2:] * prey) - self.mortality)

    def start(self, key: Array) -> Densities:
        """Return the densities before the first step."""
        densities = jnp.asarray([self.prey_1, self.prey_2, self.predators], dtype=float)
        return Densities(jnp.log(densities), jnp.zeros(3, dtype=int))

    def cue(self, world: Densities, step: Array) -> Array:
        """Return the densities of prey 1, prey 2 and predators, shape ``(3,)``."""
        return jnp.exp(world.logarithms)

    def advance(self, world: Densities, step: Array, key: Any) -> Densities:
        """Return the densities after a step in which nobody eats."""
        return self.respond(world, step, key, jnp.zeros((1, 4)), jnp.zeros(1, dtype=bool))

    def respond(
        self, world: Densities, step: Array, key: Any, deeds: Array, present: Array
    ) -> Densities:
        """Return the densities after a step in which each individual did its deed, ``(n, 4)``.

        Where some were removed those left, ``present``, stand for all predators; where nobody is
        left nobody eats.
        """
        # As a product: XLA on a CPU takes many times as long for a mean over rows.
        deed = (present / jnp.maximum(jnp.sum(present), 1)) @ deeds
        dt = self.dt / self.substeps

        def once(_: Any, logarithms: Array) -> Array:
            return runge_kutta(lambda one: self.change(one, deed), logarithms, dt)

        moved = jax.lax.fori_loop(0, self.substeps, once, world.logarithms)
        return held(moved, world.floored, self.floor)

    def rest(self) -> Array:
        """Return the densities at step 0; where they rest depends on who eats them."""
        return jnp.asarray([self.prey_1, self.prey_2, self.predators], dtype=float)


def held(logarithms: Array, floored: Array, floor: Array | float) -> Densities:
    """Return densities held at a floor, and the count of steps in which they were.

    Examples
    --------
    >>> one = held(jnp.log(jnp.array([1.0, 1e-12, 0.5])), jnp.zeros(3, int), 1e-9)
    >>> one.floored.tolist(), round(float(jnp.exp(one.logarithms[1])), 12)
    ([0, 1, 0], 1e-09)
    """
    lowest = jnp.log(floor)
    return Densities(jnp.maximum(logarithms, lowest), floored + (logarithms < lowest))
