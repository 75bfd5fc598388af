"""Evolve: a population lives, is selected and reproduces for many generations, in one call."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import noise
from adaptsim.adaptation import (
    Moment,
    Setting,
    Wanted,
    needs,
    observe,
    populate,
    replicate_key,
    start,
    step,
    stream,
)
from adaptsim.agents.base import Agent
from adaptsim.environments.base import Environment
from adaptsim.evolution.base import Heirs
from adaptsim.evolution.evolution import Evolution
from adaptsim.evolution.heredity import check_heredity, declared_field, express, genotypes
from adaptsim.groups import Groups
from adaptsim.part import Array
from adaptsim.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow

NOISY = MappingProxyType(
    {
        "agent.observation_noise": "cue",
        "agent.gradient_noise": "gradient",
        "agent.observation_probability": "attention",
    }
)
"""Fields that, once they may evolve, ask for random numbers whatever they start from."""

REPORTS = 100
"""About how often progress is told."""


class Population(NamedTuple):
    """Between two generations: the moment, who is what, and in which rows anybody lives."""

    moment: Moment
    genotype: Array
    alive: Array


class Census(NamedTuple):
    """What is known of one generation at the end of its life, over all who live.

    ``genotype`` and ``variance`` are mean and variance (over ``n``, not ``n - 1``) of genotypes,
    ``loss`` the mean excess loss of a life, ``size`` how many live, all ``()``; ``cue`` the mean
    cue over the life, ``(c,)``.
    """

    genotype: Array
    variance: Array
    loss: Array
    size: Array
    cue: Array


@dataclass(frozen=True)
class Evolved:
    """What evolution left behind; arrays are over generations ``G`` and replicates ``r``.

    Attributes
    ----------
    genotype, variance : numpy.ndarray
        Mean and variance of genotypes in each generation, shape ``(G, r)``; nan once extinct.
    loss : numpy.ndarray
        Mean excess loss of a generation's lives [loss], ``(G, r)``.
    size : numpy.ndarray
        How many lived, ``(G, r)``.
    cue : numpy.ndarray
        Mean cue over each life, ``(G, r, c)``.
    genotypes : numpy.ndarray
        Genotypes of the generation that was born last, ``(r, n)``; nan in empty rows.
    life : int
        Steps of a life.
    """

    genotype: np.ndarray
    variance: np.ndarray
    loss: np.ndarray
    size: np.ndarray
    cue: np.ndarray
    genotypes: np.ndarray
    life: int

    def extinct_at(self) -> np.ndarray:
        """Return the first generation in which nobody lived, ``(r,)``; infinite if there is none.

        Examples
        --------
        >>> one = np.ones((2, 1))
        >>> Evolved(one, one, one, np.array([[5], [0]]), one, one, 1).extinct_at()
        array([1.])
        """
        gone = self.size == 0
        return np.where(gone.any(axis=0), gone.argmax(axis=0), np.inf)

    @property
    def groups(self) -> Groups:
        """Everybody, who are one group."""
        size = self.genotypes.shape[-1]
        return Groups("", ("",), np.zeros((1, 0)), np.zeros(size, dtype=int))

    def table(self) -> pyarrow.Table:
        """Return a tidy table: one row per replicate and generation."""
        import pyarrow as pa

        generations, replicates = self.genotype.shape
        columns: dict[str, Any] = {
            "replicate": np.repeat(np.arange(replicates, dtype=np.int32), generations),
            "generation": np.tile(np.arange(generations), replicates),
            "step": np.tile(np.arange(generations) * self.life, replicates),
        }
        for name in ("genotype", "variance", "loss", "size"):
            columns[name] = np.asarray(getattr(self, name)).T.reshape(-1)
        for component in range(self.cue.shape[-1]):
            name = "cue" if self.cue.shape[-1] == 1 else f"cue_{component}"
            columns[name] = self.cue[..., component].T.reshape(-1)
        return pa.table(columns)


def evolve(
    kind: Agent,
    rule: Rule,
    environment: Environment,
    evolution: Evolution,
    *,
    size: int = 400,
    seed: int = 0,
    replicates: int = 1,
    progress: Callable[[int], Any] | None = None,
) -> Evolved:
    """Let a population evolve and return what each generation was like.

    Parameters
    ----------
    kind, rule, environment
        What individuals are, how they learn, where they live. Genotypes start from what the
        heritable field says, one number for all or an array of length ``size``.
    evolution
        What is heritable and how it is selected.
    size
        Individuals in a population, its ceiling where numbers change.
    seed
        Root seed: same seed, same numbers.
    replicates
        Independent repetitions, each with a weather and a luck of its own.
    progress
        Called with the number of generations done since it was last called; it changes no bit.

    Raises
    ------
    WrongField
        Where no numeric field has the name of the heritable one, or limits do not fit it.

    Examples
    --------
    Which of two learning rates survives behind a wandering optimum:

    >>> from adaptsim import AutoRegressive, GradientDescent, Tracker
    >>> evolution = Evolution(generations=30, life=50, mutation=0.0)
    >>> rule = GradientDescent(learning_rate=np.repeat([0.01, 0.6], 50))
    >>> world = AutoRegressive(correlation=0.9)
    >>> float(evolve(Tracker(), rule, world, evolution, size=100).genotype[-1, 0])
    0.6
    """
    if size < 1 or replicates < 1:
        raise ValueError(f"size and replicates must be at least 1; got {size} and {replicates}")
    check_heredity(kind, rule, evolution)
    wanted = needs(kind, rule)
    if evolution.heritable in NOISY:
        wanted = wanted._replace(**{NOISY[evolution.heritable]: True})
    told = jax.tree.map(_as_leaf, (kind, rule, environment, evolution))
    course = _first(*told, seed, size=size, replicates=replicates)
    done, many = 0, evolution.generations
    chunk = max(1, many // REPORTS) if progress else many
    while done < many:
        last = min(done + chunk, many)
        course = _carry_on(*told, course, done, last, wanted=wanted)
        if progress:
            jax.block_until_ready(course)
            progress(last - done)
        done = last
    last, census = course
    seen: Census = jax.tree.map(np.asarray, census)
    final = np.where(np.asarray(last.alive), np.asarray(last.genotype), np.nan)
    return Evolved(**seen._asdict(), genotypes=final, life=evolution.life)


def _as_leaf(leaf: Any) -> Any:
    return jnp.asarray(leaf, dtype=float)


class Course(NamedTuple):
    """What is carried from generation to generation.

    Populations have replicates ``r`` in front. The census has a place for every generation, of
    those to come too, ``(G, r, ...)``.
    """

    population: Population
    census: Census


@functools.partial(jax.jit, static_argnames=("size", "replicates"))
def _first(
    kind: Agent, rule: Rule, environment: Environment, evolution: Evolution, seed: Any, *,
    size: int, replicates: int,
) -> Course:  # fmt: skip
    genotype = genotypes(kind, rule, evolution.heritable, size)
    setting = Setting(*express(kind, rule, evolution.heritable, genotype), environment)

    def one(key: Array) -> Population:
        return Population(start(setting, key, size=size), genotype, jnp.ones(size, dtype=bool))

    keys = jax.vmap(functools.partial(replicate_key, seed))(jnp.arange(replicates))
    places = (evolution.generations, replicates)
    empty, cue = jnp.zeros(places), jnp.zeros((*places, environment.rest().size))
    return Course(jax.vmap(one)(keys), Census(empty, empty, empty, empty.astype(int), cue))


@functools.partial(jax.jit, static_argnames=("wanted",), donate_argnums=4)
def _carry_on(
    kind: Agent, rule: Rule, environment: Environment, evolution: Evolution, course: Course,
    since: int, until: int, *, wanted: Wanted,
) -> Course:  # fmt: skip
    """Return the course some generations on; how many is not compiled in, as in ``move``."""
    setting = Setting(kind, rule, environment)

    def generation(count: Array, course: Course) -> Course:
        population, seen = jax.vmap(
            lambda one: live_and_reproduce(setting, evolution, one, count, wanted)
        )(course.population)
        census = jax.tree.map(lambda kept, new: kept.at[count].set(new), course.census, seen)
        return Course(population, census)

    carried: Course = jax.lax.fori_loop(since, until, generation, course)
    return carried


def live_and_reproduce(
    setting: Setting, evolution: Evolution, population: Population, count: Array, wanted: Wanted
) -> tuple[Population, Census]:
    """Return the next generation and the census of this one: life, selection, mutation, birth."""
    moment, genotype, alive = population
    expressed = _expressing(setting, evolution, genotype)
    if setting.environment.responds:  # empty rows do nothing to the world
        moment = moment._replace(present=alive)
    moment, loss, cue = live(expressed, moment, evolution.life, wanted)
    moment = moment._replace(present=None)
    heirs = evolution.scheme.heirs(
        _key(moment, "selection", count), evolution.log_fitness(loss, genotype), alive
    )
    declared = declared_field(setting.kind, setting.rule, evolution.heritable)
    drawn = noise.normal(_key(moment, "mutation", count), genotype.shape)
    inherited = genotype[heirs.parents]
    mutated = evolution.mutated(inherited, drawn, declared.metadata)
    young = jnp.where(heirs.born, mutated, inherited)
    moment = give_birth(_expressing(setting, evolution, young), moment, heirs, evolution.inherits)
    return Population(moment, young, heirs.alive), _census(genotype, loss, alive, cue)


def _expressing(setting: Setting, evolution: Evolution, genotype: Array) -> Setting:
    grown = express(setting.kind, setting.rule, evolution.heritable, genotype)
    return Setting(*grown, setting.environment)


def _key(moment: Moment, name: str, count: Array) -> Array:
    return jax.random.fold_in(stream(moment.key, name), count)


def live(
    setting: Setting, moment: Moment, steps: int, wanted: Wanted
) -> tuple[Moment, Array, Array]:
    """Return the moment after a life, mean excess loss ``(n,)`` and mean cue ``(c,)`` of it.

    Losses count before each step (the *pre-update* convention), the one at birth too.
    """

    def one(_: Array, so_far: tuple[Moment, Array, Array]) -> tuple[Moment, Array, Array]:
        moment, loss, cues = so_far
        excess = observe(setting, moment)[1]
        return step(setting, moment, wanted), loss + excess, cues + shown(setting, moment)

    nothing = jnp.zeros(len(moment.state.trait)), jnp.zeros_like(shown(setting, moment))
    moment, loss, cues = jax.lax.fori_loop(0, steps, one, (moment, *nothing))
    return moment, loss / steps, cues / steps


def shown(setting: Setting, moment: Moment) -> Array:
    """Return the cue that the environment shows at a moment, ``(c,)``."""
    return setting.environment.cue(moment.world, moment.step.astype(float))


def give_birth(setting: Setting, moment: Moment, heirs: Heirs, inherits: str) -> Moment:
    """Return the moment with newborns in their rows, afresh or as their parents are.

    Counts that a whole population shares begin anew only where all are newborn.
    """
    inherited = jax.tree.map(lambda leaf: leaf[heirs.parents] if leaf.ndim else leaf, moment.state)
    if inherits == "learning":
        return moment._replace(state=inherited)
    fresh = populate(setting.kind, setting.rule, shown(setting, moment), heirs.born.size)

    def chosen(new: Array, old: Array) -> Array:
        born = heirs.born.reshape(-1, *[1] * (new.ndim - 1)) if new.ndim else heirs.born.all()
        return jnp.where(born, new, old)

    return moment._replace(state=jax.tree.map(chosen, fresh, inherited))


def _census(genotype: Array, loss: Array, alive: Array, cue: Array) -> Census:
    size = alive.sum()

    def mean(values: Array) -> Array:
        return jnp.where(alive, values, 0.0).sum() / size

    middle = mean(genotype)
    return Census(middle, mean((genotype - middle) ** 2), mean(loss), size, cue)
