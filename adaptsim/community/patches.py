"""Predators that move among patches of two prey and learn which prey to look for.

The world is a square grid of patches whose edges meet (a torus), each with the inputs of two prey
that fluctuate. One step of one predator:

1. it sees the two prey of its patch and of a neighbouring one, drawn among the eight;
2. it moves there if that patch is worth at least as much to it, else with the ratio of the two
   worths as its chance; a patch is worth ``u v_1 + (1-u) v_2``, ``u`` being its preference;
3. its logit moves by ``gain`` towards ``b ln(v_1/v_2)`` in the patch where it was, the rule of the
   `Forager` of mode ``"logit"``.

Point 2 is Metropolis' rule: where nothing changes and all prefer the same, the chance to be found
in a patch is proportional to its worth, whatever the neighbourhoods. That is exactly *input
matching*, the ideal free distribution of predators that eat up all that comes in. What is measured
is how far learning and moving fall behind it when the patches change.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import noise
from adaptsim.part import Array, Part, field

MOORE = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)])
"""The eight neighbours of a patch."""


class Patches(Part):
    """A grid of patches: what comes in of two prey, and when.

    In a patch of quality ``Q`` the inputs are ``Q exp(+-(amplitude/2) sin(2 pi t/period + phase))``
    of prey 1 and 2; the phase turns round once from one side of the grid to the other if
    ``travels``, else it is the same everywhere. Quality runs from 1 to ``contrast`` and back.

    Examples
    --------
    >>> Patches(side=4, contrast=3.0).quality()[0].round(3).tolist()
    [1.0, 2.0, 3.0, 2.0]
    """

    side: int = field(default=16, help="patches along one side", at_least=3)
    contrast: float = field(default=3.0, help="best patch over worst", at_least=1)
    amplitude: float = field(
        default=1.0, help="amplitude of the log ratio of the two prey", at_least=0
    )
    period: float = field(default=100.0, unit="steps", help="steps per cycle", above=0)
    travels: bool = field(default=False, help="whether cycles run over the grid as a wave")

    def quality(self) -> Array:
        """Return the quality of each patch, shape ``(side, side)``."""
        place = jnp.arange(self.side)
        run = (1 - jnp.cos(2 * jnp.pi * place / self.side)) / 2
        line = 1 + (self.contrast - 1) * run
        return jnp.tile(line, (self.side, 1))

    def prey(self, step: Array) -> Array:
        """Return the inputs of both prey at a step, shape ``(side, side, 2)`` [1/step]."""
        phase = 2 * jnp.pi * jnp.arange(self.side) / self.side * self.travels
        swing = self.amplitude / 2 * jnp.sin(2 * jnp.pi * step / self.period + phase)
        both = jnp.stack([jnp.exp(swing), jnp.exp(-swing)], axis=-1)
        return self.quality()[:, :, None] * both[:, None, :]


class Searchers(Part):
    """How predators look for prey: all numbers the same for all.

    Examples
    --------
    >>> Searchers().target(jnp.array([2.0, 1.0])).round(6).item()
    0.693147
    """

    gain: float = field(
        default=0.1, unit="1/step", help="of the preference's logit", above=0, below=2
    )
    matching: float = field(default=1.0, help="matching exponent b", above=0)
    worth_1: float = field(default=1.0, help="of one of prey 1, e_1 a_1", above=0)
    worth_2: float = field(default=1.0, help="of one of prey 2, e_2 a_2", above=0)
    noise: float = field(
        default=0.0, help="standard deviation of the log densities seen", at_least=0
    )

    def value(self, prey: Array) -> Array:
        """Return what both prey are worth, shape ``(..., 2)``."""
        return prey * jnp.asarray([self.worth_1, self.worth_2], dtype=float)

    def target(self, prey: Array) -> Array:
        """Return the logit of the best preference among prey ``(..., 2)``."""
        value = jnp.log(self.value(prey))
        return self.matching * (value[..., 0] - value[..., 1])

    def attraction(self, logit: Array, prey: Array) -> Array:
        """Return what patches with prey ``(..., 2)`` are worth to one with a preference."""
        share = jax.nn.sigmoid(logit)
        value = self.value(prey)
        return share * value[..., 0] + (1 - share) * value[..., 1]


class Swarm(NamedTuple):
    """Predators between two steps: places ``(n, 2)`` on the grid, logits ``(n,)``, and the step."""

    places: Array
    logits: Array
    step: Array


class Roaming(NamedTuple):
    """What became of predators among patches. ``T`` steps.

    Attributes
    ----------
    logit, target : numpy.ndarray
        Means over predators of the preference's logit and of the best one where they are, ``(T,)``.
    use : numpy.ndarray
        Share of predators in each patch, averaged over the steps kept, shape ``(side, side)``.
    expected : numpy.ndarray
        The same by input matching, of predators that always prefer what is best.
    mismatch : numpy.ndarray
        Half the sum of absolute differences of use from input matching, at each step, ``(T,)``.
    swarm : Swarm
        All after the last step.
    """

    logit: np.ndarray
    target: np.ndarray
    use: np.ndarray
    expected: np.ndarray
    mismatch: np.ndarray
    swarm: Swarm


@functools.partial(jax.jit, static_argnames=("size",))
def _begun(side: int, seed: Array, *, size: int) -> Swarm:
    places = jax.random.randint(jax.random.key(seed), (size, 2), 0, side)
    return Swarm(places, jnp.zeros(size), jnp.asarray(0))


def begin(patches: Patches, size: int, seed: int = 0) -> Swarm:
    """Return predators anywhere on the grid, without a preference.

    Examples
    --------
    >>> begin(Patches(side=4), 3).places.shape
    (3, 2)
    """
    if size < 1:
        raise ValueError(f"size must be at least 1; got {size!r}")
    begun: Swarm = _begun(patches.side, seed, size=size)
    return begun


def move(
    searchers: Searchers, prey: Array, place: Array, logit: Array, draws: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """Return place ``(2,)`` and logit of one predator a step later; see the module's list.

    Parameters
    ----------
    searchers
        How it looks for prey.
    prey
        Of all patches, shape ``(side, side, 2)``.
    place, logit
        Where it is, whole numbers, and what it prefers.
    draws
        Which neighbour (0 to 7), a uniform number and two standard normal ones.
    """
    neighbour, luck, blur = draws
    there = (place + jnp.asarray(MOORE)[neighbour]) % prey.shape[0]
    seen = prey[place[0], place[1]] * jnp.exp(searchers.noise * blur)
    here = searchers.attraction(logit, prey[place[0], place[1]])
    goes = luck * here < searchers.attraction(logit, prey[there[0], there[1]])
    learnt = logit + searchers.gain * (searchers.target(seen) - logit)
    return jnp.where(goes, there, place), learnt


@jax.jit
def step(patches: Patches, searchers: Searchers, swarm: Swarm, key: Array) -> Swarm:
    """Return all predators a step later."""
    size = swarm.logits.size
    where, whether, blur = jax.random.split(jax.random.fold_in(key, swarm.step), 3)
    draws = (
        jax.random.randint(where, (size,), 0, len(MOORE)),
        noise.uniform(whether, (size,)),
        noise.normal(blur, (size, 2)),
    )
    prey = patches.prey(swarm.step)
    moved = jax.vmap(move, in_axes=(None, None, 0, 0, 0))
    places, logits = moved(searchers, prey, swarm.places, swarm.logits, draws)
    return Swarm(places, logits, swarm.step + 1)


@jax.jit
def counts(patches: Patches, swarm: Swarm) -> Array:
    """Return how many predators are in each patch, shape ``(side, side)``."""
    grid = jnp.zeros((patches.side, patches.side))
    return grid.at[swarm.places[:, 0], swarm.places[:, 1]].add(1.0)


@jax.jit
def input_matching(patches: Patches, searchers: Searchers, now: Array) -> Array:
    """Return the ideal free shares of predators in patches at a step, shape ``(side, side)``.

    In proportion to what comes in, weighed by the best preference of each patch. Where prey do not
    change it is exactly where Metropolis' rule leads.

    Examples
    --------
    >>> calm = Patches(side=4, amplitude=0.0)
    >>> (32 * input_matching(calm, Searchers(), jnp.asarray(0)))[0].round(6).tolist()
    [1.0, 2.0, 3.0, 2.0]
    """
    prey = patches.prey(now)
    worth = searchers.attraction(searchers.target(prey), prey)
    return worth / worth.sum()


@jax.jit
def inputs(patches: Patches, now: Array) -> Array:
    """Return the inputs of both prey at a step, compiled; see `Patches.prey`."""
    return patches.prey(now)


def roam(
    patches: Patches,
    searchers: Searchers,
    *,
    size: int = 2000,
    steps: int = 1000,
    burn_in: int = 300,
    seed: int = 0,
) -> Roaming:
    """Return what becomes of predators among patches, in one compiled call.

    Parameters
    ----------
    patches, searchers
        The world, and how predators look for prey.
    size, steps, burn_in, seed
        Predators, steps kept, steps before that, and the root seed.

    Raises
    ------
    ValueError
        For numbers of predators or steps below 1.

    Examples
    --------
    >>> found = roam(Patches(side=4), Searchers(), size=50, steps=20, burn_in=0)
    >>> found.use.shape, round(float(found.use.sum()), 9)
    ((4, 4), 1.0)
    """
    if steps < 1 or burn_in < 0:
        raise ValueError(f"steps must be at least 1 and burn_in 0; got {steps!r} and {burn_in!r}")
    swarm = begin(patches, size, seed)
    told = _roamed(patches, searchers, swarm, jax.random.key(seed), burn_in, steps=steps)
    swarm, (logit, target, mismatch), use, expected = told
    return Roaming(
        logit=np.asarray(logit),
        target=np.asarray(target),
        use=np.asarray(use),
        expected=np.asarray(expected),
        mismatch=np.asarray(mismatch),
        swarm=swarm,
    )


@functools.partial(jax.jit, static_argnames=("steps",))
def _roamed(
    patches: Patches, searchers: Searchers, swarm: Swarm, key: Array, burn_in: Any, *, steps: int
) -> Any:
    swarm = jax.lax.fori_loop(0, burn_in, lambda _, one: step(patches, searchers, one, key), swarm)
    size = swarm.logits.size

    def once(carried: tuple[Swarm, Array, Array], _: None) -> Any:
        swarm, use, expected = carried
        shares = counts(patches, swarm) / size
        ideal = input_matching(patches, searchers, swarm.step)
        prey = patches.prey(swarm.step)
        target = searchers.target(prey[swarm.places[:, 0], swarm.places[:, 1]]).mean()
        kept = swarm.logits.mean(), target, 0.5 * jnp.abs(shares - ideal).sum()
        after = step(patches, searchers, swarm, key)
        return (after, use + shares / steps, expected + ideal / steps), kept

    nothing = jnp.zeros((patches.side, patches.side))
    (swarm, use, expected), kept = jax.lax.scan(once, (swarm, nothing, nothing), None, length=steps)
    return swarm, kept, use, expected
