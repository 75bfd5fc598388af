"""Basin hopping: from minimum to minimum, by a displacement, a descent and Metropolis' choice."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Rule
from adaptsim.rules.bounded_quasi_newton import BoundedLBFGS

TINY = float(np.finfo(float).tiny)
MEAN_LUCK = 0.5


class Hopping(NamedTuple):
    """What basin hopping remembers.

    Attributes
    ----------
    local : Any
        Memory of the local rule, new after each hop.
    steps : Array
        Steps of this quench so far.
    place, loss : Array
        The minimum it hops from, shape ``(d,)``, and its loss; inf before the first.
    best_place, best_loss : Array
        The lowest of all minima so far, and its loss.
    hops, accepted : Array
        Displacements made, and those whose minimum was accepted.
    hopped : Array
        Whether the last step was a hop.
    """

    local: Any
    steps: Array
    place: Array
    loss: Array
    best_place: Array
    best_loss: Array
    hops: Array
    accepted: Array
    hopped: Array


class BasinHopping(Rule):
    """Quenches by a local rule, accepts or refuses the minimum, hops from it, and so on.

    A quench is over when no component of the gradient exceeds ``slope``, after ``quench`` steps, or
    where loss or gradient are not finite. Then the minimum, of loss ``f``, is accepted in place of
    the one before with the probability ``min(1, exp(-(f_new - f_before) / temperature))``, and the
    step goes from it (or, if it is refused, from the one before) to a place ``hop`` times standard
    normal numbers away. What is not finite is refused: nothing need be clamped where atoms meet.

    The walk is that of Metropolis over the minima of a landscape, whose barriers are gone. It rests
    as exp(-loss / temperature) over them only if a hop from one basin to another is as likely as
    one back. The loss that walks record is that of the quench under way: the lowest minimum is told
    by ``readings`` as ``best_loss``. A hop takes one gradient, any other step what the local rule
    takes. In a population both are computed in every step, since individuals hop one by one.

    Examples
    --------
    >>> from adaptsim.landscapes import Rastrigin
    >>> from adaptsim.walks import walk
    >>> rule = BasinHopping(temperature=1.0, hop=0.7)
    >>> found = walk(Rastrigin(dimension=2), rule, starts=[3.1, -2.9], steps=600)["BasinHopping"]
    >>> float(found.readings["best_loss"][0, 0, 0, -1].round(6))
    0.0

    References
    ----------
    Wales & Doye (1997), J. Physical Chemistry A 101:5111, arXiv cond-mat/9803344; Li & Scheraga
    (1987), PNAS 84:6611. scipy.optimize.basinhopping is the same but that its displacements are
    uniform and its hop is adapted to the acceptance.
    """

    reading_units: ClassVar[dict[str, str]] = {"best_loss": "loss", "hops": "1", "accepted": "1"}
    counts_together: ClassVar[bool] = False

    local: Rule = field(default=BoundedLBFGS(), help="rule that quenches")
    temperature: float = field(
        default=1.0, unit="loss", help="how much higher a minimum may well be", at_least=0
    )
    hop: float = field(default=0.4, unit="trait", help="size of a displacement", at_least=0)
    moved: str = field(
        default="all", help="which coordinates a hop displaces", choices=("all", "one")
    )
    slope: float = field(
        default=1e-4, unit="loss/trait", help="gradient at which a quench is over", at_least=0
    )
    quench: int = field(default=500, unit="steps", help="longest quench", at_least=1)

    @property
    def randomness(self) -> tuple[str, ...]:
        """Normal numbers to displace, a uniform one to choose, and what ``local`` asks for."""
        return tuple(dict.fromkeys(("normal", "uniform", *self.local.randomness)))

    def evaluations(self, memory: Hopping) -> Array:
        """Return how many gradients the last step took: one for a hop, else the local rule's."""
        return jnp.where(memory.hopped, 1, self.local.evaluations(memory.local))

    def readings(self, memory: Hopping) -> dict[str, Array]:
        """Return the lowest minimum's loss so far, and how many hops were made and accepted."""
        return {
            "best_loss": memory.best_loss,
            "hops": memory.hops.astype(float),
            "accepted": memory.accepted.astype(float),
        }

    def transformation(self) -> optax.GradientTransformation:
        """Return the local rule's transformation, and a hop wherever its quench is over."""
        local = optax.with_extra_args_support(self.local.transformation())

        def begin(trait: Array) -> Hopping:
            none, never = jnp.asarray(0), jnp.asarray(jnp.inf)
            begun = local.init(trait)
            return Hopping(begun, none, trait, never, trait, never, none, none, jnp.asarray(False))

        def update(
            gradient: Array, memory: Hopping, trait: Any = None, *, value: Any, **told: Any
        ) -> tuple[Array, Hopping]:
            finite = jnp.isfinite(value) & jnp.isfinite(gradient).all()
            rests = jnp.max(jnp.abs(gradient)) <= self.slope
            over = ~finite | rests | (memory.steps >= self.quench)

            def descend() -> tuple[Array, Hopping]:
                # Where it is over this is not taken; a slope of 0 ends a line search at once.
                slope = jnp.where(over, 0.0, gradient)
                step, after = local.update(slope, memory.local, trait, value=value, **told)
                steps = memory.steps + 1
                return step, memory._replace(local=after, steps=steps, hopped=jnp.asarray(False))

            def hop() -> tuple[Array, Hopping]:
                loss = jnp.where(finite, value, jnp.inf)
                after, moved = self._chosen(memory, trait, loss, **told)
                there = after.place + moved
                begun = local.init(there)
                return there - trait, after._replace(local=begun, steps=jnp.asarray(0))

            return jax.lax.cond(over, hop, descend)

        return optax.GradientTransformationExtraArgs(begin, update)

    def _chosen(
        self, memory: Hopping, trait: Array, loss: Array, *, normal: Any, uniform: Any, **_: Any
    ) -> tuple[Hopping, Array]:
        """Return the memory with the minimum to hop from, and the displacement, shape ``(d,)``."""
        luck = jnp.asarray(MEAN_LUCK if uniform is None else uniform)
        kick = self.hop * (jnp.zeros_like(trait) if normal is None else normal)
        if self.moved == "one":  # whole part and fraction of a uniform number are independent
            luck = luck * trait.size
            kick = jnp.where(jnp.arange(trait.size) == jnp.floor(luck), kick, 0.0)
            luck = jnp.mod(luck, 1.0)
        least = self.temperature * jnp.log(jnp.maximum(luck, TINY))
        taken = (loss < jnp.inf) & (memory.loss - loss >= least)
        lower = loss < memory.best_loss
        return memory._replace(
            place=jnp.where(taken, trait, memory.place),
            loss=jnp.where(taken, loss, memory.loss),
            best_place=jnp.where(lower, trait, memory.best_place),
            best_loss=jnp.where(lower, loss, memory.best_loss),
            hops=memory.hops + 1,
            accepted=memory.accepted + (taken & (memory.hops > 0)),
            hopped=jnp.asarray(True),
        ), kick
