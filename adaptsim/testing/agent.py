"""The contract of an agent kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import row
from adaptsim.agents import Agent, Tracking
from adaptsim.environments import Constant, Environment, Stack
from adaptsim.measures import stability
from adaptsim.part import Array, is_shared
from adaptsim.rules import GradientDescent
from adaptsim.simulation import simulate
from adaptsim.testing.contract import (
    alike,
    both,
    call,
    compiled,
    is_finite,
    is_real,
    name_of,
    other_form,
    problems_of,
    refuse,
    shows,
)

STEPS = 10
RULE = GradientDescent(learning_rate=0.01)
CALM = {"observation_noise": 0.0, "gradient_noise": 0.0, "observation_probability": 1.0}
NEAR, FAR = 0.01, 0.1
"""How far from the optimum the loss is tried, in units of 1 + |optimum|."""


def check_agent(kind: Any, cue: Any = None, environment: Environment | None = None) -> None:
    """Raise `ContractError` unless an agent kind is right.

    Checked: ``loss`` is one finite number, least at ``optimum``, and smooth; ``gradient`` is its
    slope and 0 at the optimum; ``start``, ``perceive``, ``body``, ``live``, ``tracking`` and
    ``tallies`` have the right form; all can be compiled; each field may differ per individual,
    equal individuals stay equal (unless chancy); ten steps run. Of a kind with a ``gradient`` of
    its own, which need not be the slope of its loss, only shape and rest are checked: it must be 0
    at the optimum or, if the kind has a body, in some state in which trait and body stay.

    Parameters
    ----------
    kind
        The kind, or its class.
    cue
        A cue it can live with, shape ``(c,)``; if not given, those of ``environment``, else
        numbers near 1, as many as ``cue_names`` has names.
    environment
        A world it can live in; if not given, one in which the cue stays.

    Examples
    --------
    >>> class Leaf(Agent):
    ...     def loss(self, trait, cue):
    ...         return (trait - cue) ** 2
    ...     def optimum(self, cue):
    ...         return cue
    >>> check_agent(Leaf)
    Traceback (most recent call last):
        ...
    adaptsim.testing.contract.ContractError: Leaf does not keep the contract of an agent kind:
      1. Leaf.loss must return one number, shape (); got shape (1,); write jnp.sum(...) around it
    """
    refuse("an agent kind", kind, problems_of_agent(kind, cue, environment))


def problems_of_agent(
    kind: Any, cue: Any = None, environment: Environment | None = None
) -> list[str]:
    """Return what is wrong with an agent kind, one sentence each; see `check_agent`.

    Examples
    --------
    >>> from adaptsim import Tracker
    >>> problems_of_agent(Tracker(curvature=2.0))
    []
    """

    def prepare(part: Agent) -> _Life:
        one = row(part, 0)
        return _Life(one, _cues(one, cue, environment), environment)

    return problems_of(
        kind,
        Agent,
        prepare,
        [_optimum],
        [_loss, _gradient, _perceive, _body, _tallies, _tracking],
        [_same_again],
        [_least],
        [_slope, _rest],
        [_rows, _derivative],
    )


class _Life(NamedTuple):
    """An agent kind, one individual of it, and what it sees."""

    kind: Agent
    cues: list[Array]
    environment: Environment | None

    @property
    def name(self) -> str:
        return name_of(self.kind)

    @property
    def cue(self) -> Array:
        return self.cues[0]

    def optimum(self) -> Array:
        return jnp.asarray(self.kind.optimum(self.cue), dtype=float)

    def around(self) -> np.ndarray:
        """Return traits near the optimum, on all sides, shape ``(k, d)``."""
        best = np.asarray(self.optimum())
        sides = np.random.default_rng(1).standard_normal((4, best.size))
        scale = 1 + np.abs(best)
        return np.concatenate([best + size * scale * sides for size in (NEAR, FAR)])

    def loss(self, trait: Any) -> float:
        return float(self.kind.loss(jnp.asarray(trait), self.cue))


def _cues(kind: Agent, cue: Any, environment: Environment | None) -> list[Array]:
    if cue is not None:
        return [jnp.atleast_1d(jnp.asarray(cue, dtype=float))]
    if environment is not None:
        world = environment.start(jax.random.key(0))
        return [environment.rest(), *(environment.cue(world, step) for step in jnp.arange(5.0))]
    near = 1.0 + 0.5 * jnp.arange(len(kind.cue_names) or 1)
    return [near, 0.9 * near]


def _optimum(life: _Life) -> Iterator[str]:
    best = both(life.kind, "optimum", life.cue)
    if jnp.ndim(best) != 1:
        problem = f"must return one number per trait, shape (d,); got shape {jnp.shape(best)}"
        yield f"{life.name}.optimum {problem}; write jnp.array([...]), or cue[:1]"
        return
    if not is_finite(best):
        hint = "give check_agent a cue it can live with"
        yield f"{life.name}.optimum is {shows(best)} under the cue {shows(life.cue)}; {hint}"
    begun = both(life.kind, "start", life.cue)
    if jnp.shape(begun) != jnp.shape(best):
        problem = f"must have the shape of optimum, {jnp.shape(best)}; got {jnp.shape(begun)}"
        yield f"{life.name}.start {problem}; write jnp.full_like(self.optimum(cue), value)"


def _loss(life: _Life) -> Iterator[str]:
    loss = both(life.kind, "loss", life.optimum(), life.cue)
    if jnp.shape(loss) != ():
        problem = f"must return one number, shape (); got shape {jnp.shape(loss)}"
        yield f"{life.name}.loss {problem}; write jnp.sum(...) around it"
    elif not is_real(loss):
        problem = f"must return a real number; got {jnp.result_type(loss)}"
        yield f"{life.name}.loss {problem}; compute it from the traits, which are float64"


def _has_own_gradient(kind: Agent) -> bool:
    return type(kind).gradient is not Agent.gradient


def _gradient(life: _Life) -> Iterator[str]:
    if not _has_own_gradient(life.kind):
        return
    best, body = life.optimum(), call(life.kind, "body", life.kind.body, life.cue)
    slope = both(life.kind, "gradient", best, life.cue, body)
    if jnp.shape(slope) != best.shape:
        problem = f"must have the shape of the traits, {best.shape}; got {jnp.shape(slope)}"
        yield f"{life.name}.gradient {problem}; return one slope per trait"


def _perceive(life: _Life) -> Iterator[str]:
    seen = both(life.kind, "perceive", life.cue, jnp.zeros_like(life.cue))
    if jnp.shape(seen) != life.cue.shape:
        problem = f"must have the shape of the cue, {life.cue.shape}; got {jnp.shape(seen)}"
        yield f"{life.name}.perceive {problem}; return the cue as it is seen, all of it"


def _body(life: _Life) -> Iterator[str]:
    before = both(life.kind, "body", life.cue)
    after = both(life.kind, "live", before, life.optimum(), life.cue)
    if differs := other_form(before, after):
        hint = "return all parts of the body, of the type and shape that body gave them"
        yield f"{life.name}.live must keep the form of the body: {differs}; {hint}"


def _tallies(life: _Life) -> Iterator[str]:
    body = call(life.kind, "body", life.kind.body, life.cue)
    for name, tally in call(life.kind, "tallies", life.kind.tallies, body).items():
        if not (isinstance(tally, tuple) and len(tally) == 2 and isinstance(tally[1], str)):
            yield f"{life.name}.tallies[{name!r}] must be a pair (number, unit); got {tally!r}"


def _tracking(life: _Life) -> Iterator[str]:
    kind, name = life.kind, f"{life.name}.tracking"
    body = call(kind, "body", kind.body, life.cue)
    told = [call(kind, "tracking", kind.tracking, life.optimum(), body, cue) for cue in life.cues]
    first = told[0]
    if not isinstance(first, dict) or not first:
        yield f"{name} must return {{'name': Tracking(output, target, drive)}}; got {first!r}"
        return
    if any(set(one) != set(first) for one in told):
        yield f"{name} must always return the same names; got {[sorted(one) for one in told]}"
    for key, one in first.items():
        yield from _tracked(f"{name}[{key!r}]", one)
    both(kind, "tracking", life.optimum(), body, life.cue)


def _tracked(name: str, one: Any) -> Iterator[str]:
    if not isinstance(one, Tracking):
        yield f"{name} must be Tracking(output, target, drive); got {type(one).__name__}"
    elif any(jnp.shape(part) != () for part in one):
        shapes = ", ".join(str(jnp.shape(part)) for part in one)
        yield f"{name} must hold three numbers, shape (); got {shapes}; write trait[0], cue[0], ..."


def _same_again(life: _Life) -> Iterator[str]:
    traits = jnp.asarray(life.around()[0])
    for name, arguments in {"loss": (traits, life.cue), "optimum": (life.cue,)}.items():
        first, second = (getattr(life.kind, name)(*arguments) for _ in range(2))
        if not alike(first, second):
            problem = f"called twice with the same gives {shows(first)}, then {shows(second)}"
            yield f"{life.name}.{name} {problem}; random numbers come as noise, in perceive"


def _least(life: _Life) -> Iterator[str]:
    tried = np.concatenate([[np.asarray(life.optimum())], life.around()])
    losses = np.array([life.loss(one) for one in tried])
    if not np.isfinite(losses).all():
        where = int(np.flatnonzero(~np.isfinite(losses))[0])
        there = f"at the traits {shows(tried[where])}, cue {shows(life.cue)}"
        problem = f"must be finite; got {losses[where]} {there}; look for / 0 and jnp.log of 0"
        yield f"{life.name}.loss {problem}"
        return
    best, least = int(np.argmin(losses)), losses[0]
    if losses[best] < least - 1e-9 * (1 + abs(least)):
        there = f"it is {losses[best]:.6g} at {shows(tried[best])}, cue {shows(life.cue)}"
        problem = f"is not where the loss is least: {least:.6g} at {shows(tried[0])}, but {there}"
        yield f"{life.name}.optimum {problem}; return the traits at which loss(trait, cue) is least"


def _slope(life: _Life) -> Iterator[str]:
    """Compare what JAX takes for the slope of the loss with its differences."""
    if _has_own_gradient(life.kind):
        return
    body = life.kind.body(life.cue)
    for traits in life.around()[::3]:
        arguments = (jnp.asarray(traits), life.cue, body)
        slope = np.asarray(call(life.kind, "gradient", life.kind.gradient, *arguments))
        measured = _differences(life.loss, traits)
        if not np.allclose(slope, measured, rtol=1e-4, atol=1e-6 * (1 + np.abs(measured).max())):
            problem = f"changes by {shows(measured)} per trait, but its derivative is"
            hint = (
                "does it round, jump or stop_gradient? Make it smooth, or write gradient yourself"
            )
            yield f"{life.name}.loss {problem} {shows(slope)} at the traits {shows(traits)}; {hint}"
            return


def _differences(loss: Callable[[Any], float], traits: np.ndarray) -> np.ndarray:
    """Return the slope of a loss by central differences."""
    small = 1e-5 * (1 + np.abs(traits))
    rise = [loss(traits + side) - loss(traits - side) for side in np.diag(small)]
    return np.array(rise) / (2 * small)


def _rest(life: _Life) -> Iterator[str]:
    kind, traits, where = life.kind, life.optimum(), "the optimum"
    body = kind.body(life.cue)
    if _has_own_gradient(kind) and jax.tree.leaves(body):
        rested = stability.resting_state(kind, RULE, life.cue)
        traits, body, where = rested.trait, rested.body, "rest"
    slope = np.asarray(call(kind, "gradient", kind.gradient, traits, life.cue, body))
    beside = np.asarray(kind.gradient(traits + FAR, life.cue, body))
    if not np.all(np.abs(slope) <= 1e-6 * (1 + np.abs(beside).max())):
        problem = f"must be 0 at {where}; got {shows(slope)} at the traits {shows(traits)}"
        hint = "return from optimum the traits where it is 0, or give check_agent a cue in reach"
        yield f"{life.name}.gradient {problem}, cue {shows(life.cue)}; {hint}"


def _rows(life: _Life) -> Iterator[str]:
    """Let equal individuals have a value each in every field: they must stay equal."""
    still = Stack(parts=tuple(Constant(value=float(one)) for one in life.cue))
    kind, world = life.kind.replace(**CALM), life.environment or still

    def three_of(leaf: Any) -> Any:
        return leaf if is_shared(leaf) else jnp.full(3, leaf, dtype=float)

    many = jax.tree.map(three_of, kind, is_leaf=is_shared)

    def run(kind: Agent, size: int) -> Any:
        return simulate(kind, RULE, world, size=size, steps=STEPS).followed

    one = call(kind, f"with {RULE}", run, kind, 1)
    three = call(kind, "with a value per individual in each field", run, many, 3)
    for name, followed in one.items():
        if not is_finite(followed.output):
            yield f"{life.name}: {name} does not stay finite for {STEPS} steps of {RULE}"
        elif not kind.chancy and not alike(followed.output, three[name].output):
            got = shows(three[name].output[-1, 0])
            yield f"{life.name}: equal individuals must stay equal; their {name} became {got}"


def _derivative(life: _Life) -> Iterator[str]:
    """Speed limit and linear response differentiate the whole step, body included."""
    compiled(life.kind, "step, differentiated,", stability.step_jacobian, life.kind, RULE, life.cue)
    if not all(math.isfinite(life.loss(life.kind.start(cue))) for cue in life.cues):
        yield f"{life.name}.loss must be finite at start(cue); begin where the loss can be computed"
