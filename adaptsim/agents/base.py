"""Agent: a landscape whose optimum follows a cue, and how an individual perceives that cue."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.part import Array, Part, field


class Tracking(NamedTuple):
    """One thing that follows another, scalars in one unit.

    ``output`` is what adapts, ``target`` where it should be, and ``drive`` what moves it: lag and
    gain are taken against the drive, errors against the target. Often the two are the same.
    """

    output: Array
    target: Array
    drive: Array


class Agent(Part):
    """A kind of individual: write ``loss`` and ``optimum``, and the rest comes for nothing.

    Everything is written for ONE individual with ``d`` traits, seeing a cue of ``c`` components;
    populations, replicates and sweeps come from ``jax.vmap``.

    ``units`` (of each tracked variable), ``cue_names`` and ``cue_label`` are for axes of figures.
    ``positive_cues`` says how many components of the cue, the first ones, are densities or the
    like: a run in which one of them is not above 0 is refused.
    The fields below say how it perceives; every kind has them. Noise and delay belong to the
    individual, not to the world.

    Examples
    --------
    A leaf that turns towards the light, in full:

    >>> class Leaf(Agent):
    ...     def loss(self, trait, cue):
    ...         return 0.5 * jnp.sum((trait - cue) ** 2)
    ...     def optimum(self, cue):
    ...         return cue
    >>> leaf = Leaf()
    >>> float(leaf.gradient(jnp.array([1.0]), jnp.array([3.0]), ())[0])
    -2.0
    """

    abstract: ClassVar[bool] = True
    units: ClassVar[dict[str, str]] = {}
    cue_names: ClassVar[tuple[str, ...]] = ()
    cue_label: ClassVar[str] = "cue"
    positive_cues: ClassVar[int] = 0

    observation_noise: float = field(
        default=0.0, unit="cue", help="standard deviation of what is seen, per step", at_least=0
    )
    observation_probability: float = field(
        default=1.0, help="chance that the mismatch is felt in a step", above=0, at_most=1
    )
    observation_delay: int = field(
        default=0, unit="steps", help="age of the cue that is seen", at_least=0
    )
    feedback_delay: int = field(
        default=0, unit="steps", help="age of the mismatch that is felt", at_least=0
    )
    gradient_noise: float = field(
        default=0.0, unit="loss/trait", help="standard deviation added to the gradient", at_least=0
    )

    def start(self, cue: Array) -> Array:
        """Return the traits before the first step, shape ``(d,)``; zeros by default."""
        return jnp.zeros_like(self.optimum(cue))

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return the mismatch of traits ``(d,)`` under a cue ``(c,)``, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define loss(trait, cue)")

    def optimum(self, cue: Array) -> Array:
        """Return the traits ``(d,)`` at which the loss is least under a cue ``(c,)``."""
        raise NotImplementedError(f"{type(self).__name__} must define optimum(cue)")

    def perceive(self, cue: Array, noise: Array) -> Array:
        """Return the cue as seen, shape ``(c,)``; ``noise`` is standard normal, shape ``(c,)``."""
        return cue + self.observation_noise * noise

    def gradient(self, trait: Array, cue: Array, body: Any) -> Array:
        """Return the perceived gradient, shape ``(d,)``: by default that of the loss."""
        slope: Array = jax.grad(self.loss)(trait, cue)
        return slope

    @property
    def chancy(self) -> bool:
        """Whether its gradient is felt by chance, by `perceived_gradient` and a random key."""
        return False

    def perceived_gradient(self, trait: Array, cue: Array, body: Any, key: Array) -> Array:
        """Return the gradient as felt by chance, shape ``(d,)``; only of a kind that is chancy."""
        return self.gradient(trait, cue, body)

    def batch_gradients(self, trait: Array, cue: Array, batches: int) -> Array:
        """Return the gradients of several batches, shape ``(b, d)``; only where there are terms."""
        raise NotImplementedError(f"{type(self).__name__} has no terms to make batches of")

    def body(self, cue: Array) -> Any:
        """Return what the individual lives with but does not learn, before the first step."""
        return ()

    def live(self, body: Any, trait: Array, cue: Array) -> Any:
        """Return the body after one step."""
        return body

    def deed(self, trait: Array, body: Any, cue: Array) -> Array:
        """Return what the individual does to a world that responds, ``(k,)``; its traits."""
        return trait

    def attraction(self, trait: Array) -> Array:
        """Return how much each option attracts one who chooses, shape ``(k,)``.

        Traits are what options are worth; a single trait is the first option's advantage over the
        second. Choices follow ``softmax(inverse temperature * attraction)``.
        """
        return trait if trait.size > 1 else jnp.append(trait, 0.0)

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return what follows what, by name; by default each trait follows its optimum."""
        target = self.optimum(cue)
        names = ["trait"] if target.size == 1 else [f"trait_{i}" for i in range(target.size)]
        return {name: Tracking(trait[i], target[i], target[i]) for i, name in enumerate(names)}

    def shown(self) -> str | None:
        """Return which tracked variable a figure shows; ``None`` for the last."""
        return None

    def tallies(self, body: Any) -> dict[str, tuple[Array, str]]:
        """Return what the body counted over the run: name to (number, unit)."""
        return {}
