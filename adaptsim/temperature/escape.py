"""Escape times: how many steps noisy walks take until they first arrive somewhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, nan
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import State, adapt, begin, draw, needs, replicate_key, stream
from adaptsim.agents import Walker
from adaptsim.landscapes import Landscape
from adaptsim.measures.measurement import Measurement
from adaptsim.measures.moments import student_interval
from adaptsim.part import Array
from adaptsim.rules import Rule


@dataclass(frozen=True)
class Beyond:
    """Whether a coordinate has reached a target, seen from where the walk started.

    Examples
    --------
    >>> bool(Beyond(1.0)(jnp.array([1.2]))), bool(Beyond(-1.0, rising=False)(jnp.array([0.0])))
    (True, False)
    """

    target: float
    """What is to be reached [trait]."""
    rising: bool = True
    """Whether it is reached from below."""
    coordinate: int = 0
    """Which coordinate."""

    def __call__(self, theta: Array) -> Array:
        """Return whether a point has arrived."""
        place = theta[self.coordinate]
        return place >= self.target if self.rising else place <= self.target


class EscapeTimes(NamedTuple):
    """When walks arrived.

    Attributes
    ----------
    steps : numpy.ndarray
        Steps until arrival, or until it was given up, shape ``(walks,)``.
    arrived : numpy.ndarray
        Whether it arrived; the others are censored, shape ``(walks,)``.
    most_steps : int
        When it was given up [steps].
    """

    steps: np.ndarray
    arrived: np.ndarray
    most_steps: int

    @property
    def diverged(self) -> np.ndarray:
        """Whether a walk ceased to be a number before it arrived, shape ``(walks,)``."""
        return ~self.arrived & (self.steps < self.most_steps)

    @property
    def survival(self) -> np.ndarray:
        """Share of walks that had not arrived after 0, 1, 2, ... steps, ``(most_steps + 1,)``."""
        counts = np.bincount(self.steps[self.arrived], minlength=self.most_steps + 1)
        share: np.ndarray = 1 - np.cumsum(counts) / self.steps.size
        return share


def escape_times(
    landscape: Landscape,
    rule: Rule,
    *,
    start: Any,
    arrived: Callable[[Array], Array],
    walks: int = 1000,
    most_steps: int = 100_000,
    seed: int = 0,
) -> EscapeTimes:
    """Walk until each walk arrives, all walks in one compiled call.

    Parameters
    ----------
    landscape
        Where to walk; noise comes from `Noisy`, or from the rule.
    rule
        How to walk, schedules included.
    start
        Where all walks start, shape ``(d,)`` or one number for all coordinates.
    arrived
        From a point, shape ``(d,)``, to whether it has arrived: `Beyond`, or any function
        written with ``jax.numpy``.
    walks
        Number of independent walks. A walk's luck does not depend on it.
    most_steps
        When to give up: walks that have not arrived by then are censored.
    seed
        Root seed.

    Returns
    -------
    EscapeTimes

    Examples
    --------
    >>> from adaptsim.landscapes import Bowl
    >>> from adaptsim.rules import GradientDescent
    >>> slow = GradientDescent(learning_rate=0.5)
    >>> there = Beyond(0.2, rising=False)
    >>> escape_times(Bowl(dimension=1), slow, start=1.0, arrived=there, walks=2).steps
    array([3, 3])
    """
    for name, number in {"walks": walks, "most_steps": most_steps}.items():
        if number < 1:
            raise ValueError(f"{name} must be at least 1; got {number}")
    begun = jnp.broadcast_to(jnp.asarray(start, float), (landscape.dimension,))
    keys = jax.vmap(functools.partial(replicate_key, seed))(jnp.arange(walks))
    rule = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), rule)
    kind = Walker(landscape=landscape)
    steps, ended = _all_times(kind, rule, begun, keys, most_steps, arrived=arrived)
    return EscapeTimes(np.asarray(steps), np.asarray(ended), most_steps)


class _Course(NamedTuple):
    """One walk under way: where it is, after how many steps."""

    state: State
    steps: Array


@functools.partial(jax.jit, static_argnames=("arrived",))
def _all_times(
    kind: Walker, rule: Rule, start: Array, keys: Array, most_steps: int, *, arrived: Any
) -> tuple[Array, Array]:
    def one(key: Array) -> tuple[Array, Array]:
        return _time(kind, rule, start, key, most_steps, arrived)

    return jax.vmap(one)(keys)


def _time(
    kind: Walker, rule: Rule, start: Array, key: Array, most_steps: int, arrived: Any
) -> tuple[Array, Array]:
    """Return the steps of one walk, and whether it arrived."""
    cue, wanted = jnp.zeros(1), needs(kind, rule)
    state = begin(kind, rule, cue)._replace(trait=start, memory=rule.transformation().init(start))

    def under_way(course: _Course) -> Array:
        place = course.state.trait
        lost = ~jnp.all(jnp.isfinite(place))
        return ~arrived(place) & ~lost & (course.steps < most_steps)

    def step(course: _Course) -> _Course:
        now = jax.random.fold_in(stream(key, "perception"), course.steps)
        draws = jax.tree.map(lambda drawn: drawn[0], draw(now, wanted, (1, 1, start.size)))
        return _Course(adapt(kind, rule, course.state, cue, draws), course.steps + 1)

    course = jax.lax.while_loop(under_way, step, _Course(state, jnp.asarray(0)))
    return course.steps, arrived(course.state.trait)


def mean_escape_steps(times: EscapeTimes, *, level: float = 0.95) -> Measurement:
    """Measure the mean number of steps until arrival.

    Where all walks arrived it is their mean, with Student's interval. Where some did not, all
    steps over the number of arrivals: the most likely mean *if escape has no memory*, with the
    interval of that law, and a flag. Where none did, only a lower end, by the same law.

    Parameters
    ----------
    times
        What `escape_times` returned.
    level : float
        Coverage of the interval.

    Returns
    -------
    Measurement
        ``mean_escape_steps`` [steps].

    Examples
    --------
    >>> whole = EscapeTimes(np.array([4, 6, 8]), np.array([True, True, True]), 100)
    >>> mean_escape_steps(whole).value
    6.0
    >>> cut = EscapeTimes(np.array([4, 10, 10]), np.array([True, False, False]), 10)
    >>> mean_escape_steps(cut).value, mean_escape_steps(cut).flag
    (24.0, '2 of 3 walks did not arrive')

    References
    ----------
    Cox & Oakes, Analysis of Survival Data, Chapman & Hall 1984, section 3.2 (censored
    exponential times; from memory).
    """
    from scipy.stats import chi2

    n, arrivals, total = times.steps.size, int(times.arrived.sum()), float(times.steps.sum())
    name, unit = "mean_escape_steps", "steps"
    if arrivals == n > 1:
        ends = student_interval(times.steps.astype(float), level)
        how = f"mean of {n} walks; t interval"
        return Measurement(name, total / n, unit, *ends, how, n=n, n_eff=n)
    told = [f"{n - arrivals} of {n} walks did not arrive" if arrivals < n else "one walk"]
    told += [f"{int(times.diverged.sum())} diverged"] if times.diverged.any() else []
    flag, how = "; ".join(told), "all steps over arrivals, if escape has no memory"
    if arrivals == 0:
        least = -total / log((1 - level) / 2)
        return Measurement(name, nan, unit, least, inf, how, flag=flag, n=n, n_eff=0)
    low, high = 2 * total / chi2.isf([(1 - level) / 2, (1 + level) / 2], 2 * arrivals)
    return Measurement(
        name, total / arrivals, unit, float(low), float(high), how, flag=flag, n=n, n_eff=arrivals
    )
