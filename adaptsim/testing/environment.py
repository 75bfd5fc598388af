"""The contract of an environment."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.environments import Environment
from adaptsim.part import Array
from adaptsim.testing.contract import (
    alike,
    both,
    call,
    is_finite,
    is_real,
    name_of,
    other_form,
    problems_of,
    refuse,
    shows,
)

PROBES = ("rest", "step", "ramp", "tone", "fluctuation")
STEPS, FEW = 200, 20
DRAWS, LATER, ERRORS = 4000, 50, 5.0
"""Courses drawn to see a law, the step at which it is seen again, standard errors allowed."""


def check_environment(environment: Any) -> None:
    """Raise `ContractError` unless an environment is right.

    Checked: the cue is an array of real numbers, always of one shape, that of ``rest``; it stays
    finite for 200 steps (or its ``n_steps``); all can be compiled; the world keeps its form; the
    same seed gives the same course, another seed another one exactly if ``random`` says so. If it
    defines ``stationary_variance`` (and ``lag_one_correlation``), they and ``rest`` must agree
    within 5 standard errors with 4000 courses.

    Examples
    --------
    >>> class Tide(Environment):
    ...     def cue(self, world, step):
    ...         return jnp.cos(step)
    >>> check_environment(Tide)
    Traceback (most recent call last):
        ...
    adaptsim.testing.contract.ContractError: Tide does not keep the contract of an environment:
      1. Tide.cue must return an array of shape (c,); got shape (); write jnp.array([...])
    """
    refuse("an environment", environment, problems_of_environment(environment))


def problems_of_environment(environment: Any) -> list[str]:
    """Return what is wrong with an environment, one sentence each; see `check_environment`.

    Examples
    --------
    >>> from adaptsim import Sinusoid
    >>> problems_of_environment(Sinusoid(period=10.0))
    []
    """
    stages = ([_cue, _probe], [_rest, _advance], [_course], [_law])
    return problems_of(environment, Environment, lambda one: one, *stages)


def _cue(environment: Environment) -> Iterator[str]:
    name = f"{name_of(environment)}.cue"
    world = both(environment, "start", jax.random.key(0))
    shown = [both(environment, "cue", world, jnp.asarray(step)) for step in (0.0, 1.0, 7.0)]
    shapes = [jnp.shape(one) for one in shown]
    if len(shapes[0]) != 1:
        problem = f"must return an array of shape (c,); got shape {shapes[0]}"
        yield f"{name} {problem}; write jnp.array([...])"
    elif len(set(shapes)) > 1:
        yield f"{name} must always have one shape; got {', '.join(map(str, shapes))}"
    elif not is_real(shown[0]):
        hint = "write jnp.array([...], dtype=float)"
        yield f"{name} must return real numbers; got {jnp.result_type(shown[0])}; {hint}"


def _probe(environment: Environment) -> Iterator[str]:
    if environment.probe not in PROBES:
        allowed = ", ".join(map(repr, PROBES))
        yield f"{name_of(environment)}.probe must be one of {allowed}; got {environment.probe!r}"
        return
    worlds = [environment, *getattr(environment, "parts", ())]
    if environment.probe == "tone" and not any(hasattr(world, "period") for world in worlds):
        write = "write period: float = field(50.0, unit='steps', help='...', above=0)"
        yield f"{name_of(environment)}.probe is 'tone', but it has no field period; {write}"


def _rest(environment: Environment) -> Iterator[str]:
    rest = both(environment, "rest")
    world = environment.start(jax.random.key(0))
    shape = jnp.shape(environment.cue(world, jnp.asarray(0.0)))
    if jnp.shape(rest) != shape or not is_finite(rest):
        problem = f"must return finite numbers of the cue's shape, {shape}; got {shows(rest)}"
        yield f"{name_of(environment)}.rest {problem}"


def _advance(environment: Environment) -> Iterator[str]:
    key = jax.random.key(0)
    world = environment.start(key)
    after = both(environment, "advance", world, jnp.asarray(0.0), key)
    if differs := other_form(world, after):
        hint = "return all parts of the world, of the type and shape that start gave them"
        yield f"{name_of(environment)}.advance must keep the form of the world: {differs}; {hint}"


def _shown(environment: Environment, seed: Any, steps: int) -> Array:
    """Return the cues of a run, shape ``(steps, c)``."""
    key = jax.random.key(seed)

    def one(world: Any, step: Array) -> tuple[Any, Array]:
        now = step.astype(float)
        moved = environment.advance(world, now, jax.random.fold_in(key, step))
        return moved, environment.cue(world, now)

    return jax.lax.scan(one, environment.start(key), jnp.arange(steps))[1]


_compiled = jax.jit(_shown, static_argnames=("steps",))


def _course(environment: Environment) -> Iterator[str]:
    name, steps = name_of(environment), min(STEPS, environment.n_steps or STEPS)
    first, other = (
        np.asarray(call(environment, "advance", functools.partial(_compiled, steps=steps), *one))
        for one in ((environment, 0), (environment, 1))
    )
    if not np.isfinite(first).all():
        step = int(np.flatnonzero(~np.isfinite(first).all(axis=1))[0])
        yield f"{name}.cue must be finite; got {shows(first[step])} at step {step}"
        return
    again = _shown(environment, 0, min(FEW, steps))
    if not alike(again, first[: len(again)]):
        hint = "draw from the key that start and advance are given, and from nothing else"
        yield f"{name} must show the same course for the same seed; {hint}"
    elif environment.random and np.array_equal(first, other):
        yield f"{name}.random is True, but two seeds give one course; use the key, or write False"
    elif not environment.random and not np.array_equal(first, other):
        write = "write random: ClassVar[bool] = True"
        yield f"{name}.random is False, but two seeds give two courses; {write}"


def _law(environment: Environment) -> Iterator[str]:
    """Compare the stationary law that an environment claims with courses drawn from it."""
    if not hasattr(environment, "stationary_variance"):
        return
    name, rest = name_of(environment), np.asarray(environment.rest())
    variance = np.asarray(both(environment, "stationary_variance"))
    seeds = jnp.arange(DRAWS)
    drawn = jax.vmap(lambda seed: _compiled(environment, seed, steps=LATER + 2))(seeds)
    apart = np.asarray(drawn) - rest
    for step in (0, LATER):
        yield from _mean(f"{name}.rest", f"step {step}", apart[:, step] + rest, rest)
        yield from _mean(
            f"{name}.stationary_variance", f"step {step}", apart[:, step] ** 2, variance
        )
    if hasattr(environment, "lag_one_correlation") and np.all(variance > 0):
        told = np.asarray(both(environment, "lag_one_correlation"))
        product = apart[:, LATER] * apart[:, LATER + 1] / variance
        yield from _mean(f"{name}.lag_one_correlation", f"step {LATER}", product, told)


def _mean(name: str, where: str, samples: np.ndarray, told: np.ndarray) -> Iterator[str]:
    """Compare the mean of independent samples with what it is said to be."""
    mean, error = samples.mean(axis=0), samples.std(axis=0, ddof=1) / math.sqrt(len(samples))
    if np.any(np.abs(mean - told) > ERRORS * error + 1e-9 * (1 + np.abs(told))):
        got = f"{len(samples)} courses give {shows(mean)} +- {shows(error)} at {where}"
        hint = "start must draw from the stationary law, and advance keep it"
        yield f"{name} says {shows(told)}, but {got}; {hint}"
