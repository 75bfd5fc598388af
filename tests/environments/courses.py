"""How the tests of environments run one: the way a simulation does, without anybody in it."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from adaptsim.environments import Environment

type Numbers = NDArray[Any]


@functools.partial(jax.jit, static_argnames="steps")
def one_course(environment: Environment, key: jax.Array, steps: int) -> jax.Array:
    """Return the cues of a run, shape ``(steps, c)``."""

    def step(world: Any, now: jax.Array) -> tuple[Any, jax.Array]:
        cue = environment.cue(world, now)
        return environment.advance(world, now, jax.random.fold_in(key, now.astype(int))), cue

    first = environment.start(jax.random.fold_in(key, steps))
    return jax.lax.scan(step, first, jnp.arange(steps, dtype=float))[1]


def course(environment: Environment, steps: int, seed: int = 0) -> Numbers:
    """Return the cues of one run, shape ``(steps, c)``."""
    return np.asarray(one_course(environment, jax.random.key(seed), steps))


def courses(environment: Environment, steps: int, replicates: int, seed: int = 0) -> Numbers:
    """Return the cues of independent runs, shape ``(replicates, steps, c)``."""
    keys = jax.random.split(jax.random.key(seed), replicates)
    run: Any = jax.vmap(lambda key: one_course(environment, key, steps))
    return np.asarray(run(keys))


def at(environment: Environment, step: float) -> Any:
    """Return the cue of an environment without a world at a step, shape ``(c,)``."""
    return environment.cue((), jnp.asarray(step, dtype=float))


def agrees(replicates: Numbers, expected: Any) -> bool:
    """Tell whether the mean of independent replicates is within 4 standard errors."""
    standard_error = replicates.std(ddof=1) / np.sqrt(replicates.size)
    return bool(abs(replicates.mean() - expected) <= 4 * standard_error + 1e-12)
