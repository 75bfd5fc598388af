"""The heart: what one individual's step is, and the compiled run of many.

An agent kind, a rule and an environment are put together here and nowhere else. One step, in order:

1. the cue is shown, and what is recorded of the step is taken (the *pre-update* convention: the
   recorded traits have seen cues up to the step before);
2. each individual perceives the cue, with its noise and its delay;
3. it feels the gradient of its mismatch;
4. its rule turns the gradient into an increment of its traits;
5. its body moves on, from the traits as they were before (a kind whose ``order`` is
   ``"sequential"`` moves its body before step 3 instead, and learns from the new body);
6. the environment moves on; one that *responds* is told what each individual did in the step, by
   the traits and the body as they were before (a closed loop).

Individuals do not see each other within a step, so the order among them cannot matter.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim import noise
from adaptsim.agents.base import Agent, Tracking
from adaptsim.environments.base import Environment
from adaptsim.part import Array, is_shared
from adaptsim.rules.base import Rule


class State(NamedTuple):
    """Everything one individual carries from step to step (a population adds a leading axis ``n``).

    Attributes
    ----------
    trait : Array
        What it adapts, shape ``(d,)``.
    memory : Any
        What its rule keeps.
    body : Any
        What it lives with but does not learn.
    percepts : Array
        Cues on their way to it, oldest first, shape ``(observation_delay, c)``.
    feelings : Array
        Gradients on their way to its rule, oldest first, shape ``(feedback_delay, d)``.
    """

    trait: Array
    memory: Any
    body: Any
    percepts: Array
    feelings: Array


class Draws(NamedTuple):
    """Random numbers of one step; ``None`` where none are needed.

    Shapes for one individual: ``cue`` ``(c,)``, ``gradient`` ``(d,)``, ``attention`` ``()``; for
    its rule ``normal`` ``(d,)`` and ``uniform`` ``()``; ``key`` is a random key of its own, for a
    kind whose gradient is felt by chance.
    """

    cue: Array | None = None
    gradient: Array | None = None
    attention: Array | None = None
    normal: Array | None = None
    uniform: Array | None = None
    key: Array | None = None


class Moment(NamedTuple):
    """A whole simulation between two steps: population, world, clock and random key.

    ``present`` says who is there to do anything to a world that responds, shape ``(n,)``; None if
    nobody was removed.
    """

    state: State
    world: Any
    step: Array
    key: Array
    present: Array | None = None


class Wanted(NamedTuple):
    """Which random numbers are drawn; the names are those of `Draws`."""

    cue: bool = False
    gradient: bool = False
    attention: bool = False
    normal: bool = False
    uniform: bool = False
    key: bool = False


class Setting(NamedTuple):
    """What stays fixed during a run: how individuals are, how they learn, where they live."""

    kind: Agent
    rule: Rule
    environment: Environment


def stream(key: Array, name: str) -> Array:
    """Return the random key of a named stream, so that one stream never shifts another.

    Examples
    --------
    >>> key = jax.random.key(1)
    >>> bool(stream(key, "weather") == stream(key, "weather"))
    True
    """
    return jax.random.fold_in(key, zlib.crc32(name.encode()) & 0x7FFFFFFF)


def replicate_key(seed: Any, replicate: Any = 0) -> Array:
    """Return the random key of one replicate of a run with a root seed."""
    return jax.random.fold_in(jax.random.key(seed), replicate)


def adapt(kind: Agent, rule: Rule, state: State, cue: Array, draws: Draws) -> State:
    """Return one individual after one step (points 2 to 5 of the module's list).

    Parameters
    ----------
    kind, rule
        The individual's kind and rule, all fields scalars.
    state
        The individual, no population axis.
    cue
        What the environment shows, shape ``(c,)``.
    draws
        This step's random numbers.

    Examples
    --------
    >>> from adaptsim.agents import Tracker
    >>> from adaptsim.rules import GradientDescent
    >>> kind, rule, cue = Tracker(), GradientDescent(learning_rate=0.3), jnp.array([10.0])
    >>> adapt(kind, rule, begin(kind, rule, cue), cue, Draws()).trait.tolist()
    [3.0]
    """
    seen = cue if draws.cue is None else kind.perceive(cue, draws.cue)
    seen, percepts = _late(seen, state.percepts)
    moved = kind.live(state.body, state.trait, cue)
    felt = _feel(kind, state.trait, seen, moved if _moves_first(kind) else state.body, draws.key)
    if draws.gradient is not None:
        felt = felt + kind.gradient_noise * draws.gradient
    felt, feelings = _late(felt, state.feelings)
    if draws.attention is not None:
        felt = jnp.where(draws.attention < kind.observation_probability, felt, 0.0)
    learn = optax.with_extra_args_support(rule.transformation()).update
    increment, memory = learn(
        felt,
        state.memory,
        state.trait,
        value=kind.loss(state.trait, seen),
        grad=felt,
        value_fn=lambda trait: kind.loss(trait, seen),
        batch_gradients=lambda batches: kind.batch_gradients(state.trait, seen, batches),
        normal=draws.normal,
        uniform=draws.uniform,
    )
    trait = jnp.asarray(optax.apply_updates(state.trait, increment))
    return State(trait, memory, moved, percepts, feelings)


def _feel(kind: Agent, trait: Array, seen: Array, body: Any, key: Array | None) -> Array:
    if key is None:
        return kind.gradient(trait, seen, body)
    return kind.perceived_gradient(trait, seen, body, key)


def _moves_first(kind: Agent) -> bool:
    """Return whether a kind's body moves before it learns: its field ``order`` says so."""
    return bool(getattr(kind, "order", "synchronous") == "sequential")


def _late(new: Array, queue: Array) -> tuple[Array, Array]:
    """Return the oldest entry of a queue and the queue with the newest appended."""
    waiting = jnp.concatenate([queue, new[None]])
    return waiting[0], waiting[1:]


def begin(kind: Agent, rule: Rule, cue: Array) -> State:
    """Return one individual before its first step, having seen ``cue`` so far.

    Cues on their way are filled with the first one; gradients on their way are zero.
    """
    trait = jnp.asarray(kind.start(cue), dtype=float)
    return State(
        trait=trait,
        memory=rule.transformation().init(trait),
        body=kind.body(cue),
        percepts=jnp.tile(cue, (kind.observation_delay, 1)),
        feelings=jnp.zeros((kind.feedback_delay, trait.size)),
    )


def row_axes(part: Any) -> Any:
    """Return the ``vmap`` axes of a rule or kind: 0 for fields with a value per individual."""

    def axis(leaf: Any) -> int | None:
        return 0 if not is_shared(leaf) and jnp.ndim(leaf) else None

    return jax.tree.map(axis, part, is_leaf=is_shared)


def row(part: Any, index: int) -> Any:
    """Return the rule or kind of the individual at a row: every field a scalar."""

    def of_one(leaf: Any) -> Any:
        return leaf[index] if not is_shared(leaf) and jnp.ndim(leaf) else leaf

    return jax.tree.map(of_one, part, is_leaf=is_shared)


def _state_axes(kind: Agent, rule: Rule, cue: Array) -> State:
    """Return the axes of a population's state: all rows, but for counts that all share."""
    one = jax.eval_shape(lambda: begin(row(kind, 0), row(rule, 0), cue))
    shared = rule.counts_together

    def axis(leaf: Any) -> int | None:
        return None if shared and jnp.issubdtype(leaf.dtype, jnp.integer) else 0

    return State(0, jax.tree.map(axis, one.memory), 0, 0, 0)  # type: ignore[arg-type]


def needs(kind: Agent, rule: Rule) -> Wanted:
    """Return which random numbers a kind and a rule need.

    Where a level is traced (a sweep over noise) the numbers are drawn.
    """

    def differs(value: Any, idle: float) -> bool:
        return isinstance(value, jax.core.Tracer) or bool(np.any(np.asarray(value) != idle))

    return Wanted(
        cue=differs(kind.observation_noise, 0.0),
        gradient=differs(kind.gradient_noise, 0.0),
        attention=differs(kind.observation_probability, 1.0),
        normal="normal" in rule.randomness,
        uniform="uniform" in rule.randomness,
        key=kind.chancy,
    )


def draw(key: Array, wanted: Wanted, shape: tuple[int, int, int]) -> Draws:
    """Draw one step's random numbers for a whole population, one call per kind of number.

    ``shape`` is individuals, components of the cue, traits.
    """
    n, c, d = shape

    def drawn(name: str, of: Callable[..., Array], *shape: int) -> Array | None:
        return of(stream(key, name), shape) if getattr(wanted, name) else None

    return Draws(
        cue=drawn("cue", noise.normal, n, c),
        gradient=drawn("gradient", noise.normal, n, d),
        attention=drawn("attention", noise.uniform, n),
        normal=drawn("normal", noise.normal, n, d),
        uniform=drawn("uniform", noise.uniform, n),
        key=drawn("key", jax.random.split, n),
    )


def populate(kind: Agent, rule: Rule, cue: Array, size: int) -> State:
    """Return ``size`` individuals before their first step, having seen ``cue`` so far."""
    rows = jax.vmap(
        lambda kind, rule, _: begin(kind, rule, cue),
        in_axes=(row_axes(kind), row_axes(rule), 0),
        out_axes=_state_axes(kind, rule, cue),
    )
    born: State = rows(kind, rule, jnp.arange(size))
    return born


@functools.partial(jax.jit, static_argnames=("size",))
def start(setting: Setting, key: Array, *, size: int) -> Moment:
    """Return a population of ``size`` individuals before the first step.

    Examples
    --------
    >>> from adaptsim import Constant, GradientDescent, Tracker
    >>> setting = Setting(Tracker(start_at=5.0), GradientDescent(), Constant(value=10.0))
    >>> start(setting, jax.random.key(0), size=3).state.trait.shape
    (3, 1)
    """
    kind, rule, environment = setting
    world = environment.start(stream(key, "environment"))
    cue = environment.cue(world, jnp.asarray(0.0))
    return Moment(populate(kind, rule, cue, size), world, jnp.asarray(0), key)


def step(setting: Setting, moment: Moment, wanted: Wanted) -> Moment:
    """Return the simulation one step on (points 1 to 6 of the module's list)."""
    kind, rule, environment = setting
    now = moment.step.astype(float)
    cue = environment.cue(moment.world, now)
    axes = _state_axes(kind, rule, cue)
    n, d = moment.state.trait.shape
    perception = jax.random.fold_in(stream(moment.key, "perception"), moment.step)
    draws = draw(perception, wanted, (n, cue.size, d))
    population = jax.vmap(
        adapt, in_axes=(row_axes(kind), row_axes(rule), axes, None, 0), out_axes=axes
    )
    weather = jax.random.fold_in(stream(moment.key, "weather"), moment.step)
    return moment._replace(
        state=population(kind, rule, moment.state, cue, draws),
        world=_moved(setting, moment, cue, weather),
        step=moment.step + 1,
    )


def _moved(setting: Setting, moment: Moment, cue: Array, weather: Array) -> Any:
    """Return the world one step on: open loop, or closed where the environment responds."""
    environment, now = setting.environment, moment.step.astype(float)
    if not environment.responds:
        return environment.advance(moment.world, now, weather)
    done = deeds(setting, moment, cue)
    present = jnp.ones(len(done), dtype=bool) if moment.present is None else moment.present
    return environment.respond(moment.world, now, weather, done, present)


def deeds(setting: Setting, moment: Moment, cue: Array) -> Array:
    """Return what each individual does to its world, removed ones too, shape ``(n, k)``."""
    kind, state = setting.kind, moment.state
    done: Array = jax.vmap(
        lambda kind, trait, body: kind.deed(trait, body, cue), in_axes=(row_axes(kind), 0, 0)
    )(kind, state.trait, state.body)
    return jax.lax.optimization_barrier(done)  # else computed again for each sum over individuals


def observe(setting: Setting, moment: Moment) -> tuple[dict[str, Tracking], Array]:
    """Return what follows what and the excess loss, ``(n,)`` each, one number an individual."""
    kind, _, environment = setting
    cue = environment.cue(moment.world, moment.step.astype(float))

    def one(kind: Agent, trait: Array, body: Any) -> tuple[dict[str, Tracking], Array]:
        excess = kind.loss(trait, cue) - kind.loss(kind.optimum(cue), cue)
        return kind.tracking(trait, body, cue), excess

    rows = jax.vmap(one, in_axes=(row_axes(kind), 0, 0))
    observed: tuple[dict[str, Tracking], Array] = rows(kind, moment.state.trait, moment.state.body)
    # Else XLA nests the sum over traits in whatever sum over individuals follows: ten times slower.
    return jax.lax.optimization_barrier(observed)


@functools.partial(jax.jit, static_argnames=("wanted",))
def move(setting: Setting, moment: Moment, steps: int, *, wanted: Wanted) -> Moment:
    """Return the simulation ``steps`` on.

    The number of steps is not compiled in: any number of them is the same machine code, so that
    one by one and all at once give the same bits. (A loop of known length 1 is not: XLA takes its
    body out of the loop and may there contract a product and a sum that it keeps apart inside.)
    """

    def one(_: Array, moment: Moment) -> Moment:
        return step(setting, moment, wanted)

    moved: Moment = jax.lax.fori_loop(0, steps, one, moment)
    return moved


def advance(
    setting: Setting,
    moment: Moment,
    *,
    steps: int,
    stride: int = 1,
    wanted: Wanted | None = None,
    record: Callable[[Setting, Moment, Any], Any] | None = None,
    using: Any = None,
) -> tuple[Moment, Any]:
    """Return the simulation ``steps`` on and a record of every ``stride``-th step before that.

    ``record(setting, moment, using)`` says what is kept of a moment (nothing if not given).

    This is the one compiled scan that runs everything. Between two records it moves by the loop of
    ``move``, so recording, or how often, changes no bit of the course.
    """
    wanted = wanted or needs(setting.kind, setting.rule)
    if record is None:
        return move(setting, moment, steps, wanted=wanted), None
    return scan(
        setting, moment, using, stride, steps % stride,
        records=steps // stride, wanted=wanted, record=record,
    )  # fmt: skip


@functools.partial(jax.jit, static_argnames=("records", "wanted", "record"))
def scan(
    setting: Setting,
    moment: Moment,
    using: Any,
    stride: int,
    rest: int,
    *,
    records: int,
    wanted: Wanted,
    record: Callable[[Setting, Moment, Any], Any],
) -> tuple[Moment, Any]:
    """Return the simulation ``records * stride + rest`` steps on, and the records."""

    def recorded(moment: Moment, _: None) -> tuple[Moment, Any]:
        kept = record(setting, moment, using)
        state, kept = jax.lax.optimization_barrier((moment.state, kept))
        moment = moment._replace(state=state)
        return move(setting, moment, stride, wanted=wanted), kept

    moment, kept = jax.lax.scan(recorded, moment, None, length=records)
    return move(setting, moment, rest, wanted=wanted), kept
